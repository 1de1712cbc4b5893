"""The sidebar's box in a real browser: the loader's ways, and the 6.x script's contract with its answers.

The plugin's place is taken by the browser's own request interception; nothing of the plugin runs here.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from werkzeug.serving import make_server

from demo.crm.front import create_app
from demo.crm.installation import Installation
from demo.servers import free_port
from tests.chromium import running_chromium

pytestmark = pytest.mark.browser

BOX = """<script src="libraries/bootstrap/js/bootstrap-popover.js"></script>
<script src="layouts/vlayout/modules/Google/resources/List.js"></script>
<div id="sync_message"><input type="hidden" id="firsttime" value="{first_time}">
<div id="sync_details"><p id="synctime">You have not synchronized yet</p></div>
<button id="sync_button" data-url="index.php?module=Google&view=List&operation=sync&sourcemodule=Calendar">
<b>Synchronize Now</b></button>
<a id="syncSetting" href="#" data-sourcemodule="Contacts">settings</a>
<div id="removeSyncBlock" class="hide"><button id="remove_sync"
 data-url="index.php?module=Google&view=List&operation=removeSync&sourcemodule=Calendar">Remove</button></div></div>"""
SETTINGS = """<form name="contactsyncsettings"><input type="hidden" name="module" value="Google">
<input type="hidden" name="action" value="SaveSettings"><input type="hidden" name="sourcemodule" value="Contacts">
<input type="hidden" id="user_field_mapping" name="fieldmapping">
<select name="sync_direction"><option value="11">both</option></select>
<table id="googlesyncfieldmapping"><tr><th>CRM</th><th>Google</th></tr>
<tr><td><input class="vtiger_field_name" value="email"></td><td><input class="google_field_name" value="gd:email">
<input class="google-type" value="home"></td></tr></table><button type="submit">Save</button></form>"""
POPUP = "<script>window.opener.sync(); window.close();</script>"
DONE = "<p>Updates in CRM</p>"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def site(installation: Installation) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/crm/"
    app = create_app(replace(installation, site_url=url))
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield url
    server.shutdown()
    server.server_close()
    app.extensions["crm_engine"].dispose()


@pytest.fixture
def page(chromium: Browser, site: str) -> Iterator[Page]:
    """Lucía's calendar list."""
    context = chromium.new_context(base_url=site)
    page = context.new_page()
    page.goto(site)
    page.fill("#username", "lucia")
    page.fill("#password", "lucia-demo")
    page.click("button[type=submit]")
    expect(page.locator(".quickWidgetHeader")).to_be_visible()
    yield page
    context.close()


def answer_google(page: Page, first_time: str, sync: Callable[[Route], None]) -> list[str]:
    """Answer the module's requests in the plugin's place and return the list that notes them."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        request = route.request
        what = (request.post_data or "") + request.url.partition("?")[2]
        if "module=Google" not in what:
            route.fallback()
            return
        asked.append(f"{request.method} {what}")
        if "operation=sync" in what and request.method == "GET":
            route.fulfill(body=POPUP, content_type="text/html")
        elif "operation=sync" in what:
            sync(route)
        elif "view=Setting" in what:
            route.fulfill(body=SETTINGS, content_type="text/html")
        elif "operation=removeSync" in what or "SaveSettings" in what:
            route.fulfill(body="")
        else:
            route.fulfill(body=BOX.format(first_time=first_time), content_type="text/html")

    page.context.route("**/index.php*", answer)
    return asked


def answer_done(route: Route) -> None:
    """Take longer than the popup takes to close, whose end the script still reports as "not synchronized"."""
    time.sleep(0.3)
    route.fulfill(body=DONE, content_type="text/html")


def count_list_requests(page: Page) -> list[str]:
    seen: list[str] = []
    page.on(
        "request",
        lambda request: seen.append(request.url) if "module=Calendar&view=List" in request.url else None,
    )
    return seen


def test_box_is_loaded_on_first_opening_and_again_on_the_next_page(page: Page) -> None:
    asked = answer_google(page, "no", answer_done)
    box = page.locator("#Calendar_sideBar_Google_Calendar")
    assert box.get_attribute("data-url") == "module=Google&view=List&sourcemodule=Calendar"
    assert asked == []
    page.click(".quickWidgetHeader")
    expect(page.locator("#sync_button")).to_be_visible()
    page.click(".quickWidgetHeader")
    expect(box).to_be_hidden()
    page.click(".quickWidgetHeader")
    assert asked == ["GET module=Google&view=List&sourcemodule=Calendar"]
    page.reload()
    expect(page.locator("#sync_button")).to_be_visible()
    assert len(asked) == 2


def test_error_answer_leaves_the_spinner(page: Page) -> None:
    page.context.route("**/index.php?module=Google*", lambda route: route.fulfill(status=500, body="no"))
    page.click(".quickWidgetHeader")
    page.wait_for_timeout(300)
    expect(page.locator(".widgetContainer .spinner")).to_be_visible()


def test_loaded_event_is_triggered_with_the_boxs_label(page: Page) -> None:
    answer_google(page, "no", answer_done)
    page.evaluate(
        "$('.bodyContents').on('Vtiger.Widget.Load.Google_Calendar', () => { window.loaded = true; })"
    )
    page.click(".quickWidgetHeader")
    page.wait_for_function("window.loaded === true")


def test_direct_sync_shows_the_answer_and_refreshes_the_list(page: Page) -> None:
    asked = answer_google(page, "no", answer_done)
    page.click(".quickWidgetHeader")
    lists = count_list_requests(page)
    page.click("#sync_button")
    expect(page.locator("#sync_details")).to_have_text("Updates in CRM")
    expect(page.locator("#sync_button b")).to_have_text("Synchronize Now")
    expect(page.locator("#removeSyncBlock")).to_be_visible()
    page.wait_for_function("$.active === 0")
    assert len(lists) == 1
    assert page.locator("tr.listViewEntries").count() > 5
    method, _, body = asked[-1].partition(" ")
    assert method == "POST"
    assert body.startswith("__vtrftk=sid:")
    assert "&module=Google&view=List&operation=sync&sourcemodule=Calendar" in body


def test_norefresh_leaves_the_list_alone(page: Page) -> None:
    html = f'{DONE}<input type="hidden" id="norefresh" value="yes">'
    answer_google(page, "no", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.click(".quickWidgetHeader")
    lists = count_list_requests(page)
    page.click("#sync_button")
    expect(page.locator("#sync_details")).to_have_text("Updates in CRM")
    page.wait_for_timeout(200)
    assert lists == []


def test_first_time_opens_the_popup_which_starts_the_sync(page: Page) -> None:
    asked = answer_google(page, "yes", answer_done)
    page.click(".quickWidgetHeader")
    page.click("#sync_button")
    expect(page.locator("#sync_details")).to_have_text("Updates in CRM")
    assert page.locator("#firsttime").input_value() == "no"
    assert [line.partition(" ")[0] for line in asked] == ["GET", "GET", "POST"]


def test_json_401_falls_back_to_the_popup(page: Page) -> None:
    refusals = ['{"success":false,"error":{"code":401,"message":"x"}}']

    def refuse_once(route: Route) -> None:
        if refusals:
            route.fulfill(body=refusals.pop(), content_type="text/json")
        else:
            answer_done(route)

    asked = answer_google(page, "no", refuse_once)
    page.click(".quickWidgetHeader")
    page.click("#sync_button")
    expect(page.locator("#firsttime")).to_have_value("no")
    expect(page.locator("#sync_details")).to_have_text("Updates in CRM")
    assert [line.partition(" ")[0] for line in asked] == ["GET", "POST", "GET", "POST"]


def test_remove_sync_hides_its_block(page: Page) -> None:
    answer_google(page, "no", answer_done)
    page.click(".quickWidgetHeader")
    page.click("#sync_button")
    expect(page.locator("#remove_sync")).to_be_visible()
    page.click("#remove_sync")
    expect(page.locator("#removeSyncBlock")).to_be_hidden()
    assert page.locator("#firsttime").input_value() == "yes"


def test_settings_are_saved_with_the_mapping_as_json(page: Page) -> None:
    asked = answer_google(page, "no", answer_done)
    page.click(".quickWidgetHeader")
    page.click("#syncSetting")
    page.click("form[name=contactsyncsettings] button")
    expect(page.locator("#globalmodal")).to_have_count(0)
    sent = parse_qs(asked[-1].partition(" ")[2])
    assert sent["action"] == ["SaveSettings"]
    assert json.loads(sent["fieldmapping"][0]) == {
        "0": {
            "vtiger_field_name": "email",
            "google_field_name": "gd:email",
            "google_field_type": "home",
            "google_custom_label": "",
        }
    }
