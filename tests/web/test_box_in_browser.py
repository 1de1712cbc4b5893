"""The box in a real browser, within a page that has jQuery: every way in, every way out, and never a spinner for ever."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask, make_response, send_from_directory
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from demo.servers import free_port
from plugin import create_app
from plugin.core.model import Side
from plugin.core.reconcile import Reason
from plugin.core.when import WholeDays
from plugin.sync.views import (
    CALENDAR,
    ConnectionStatus,
    ConnectOutcome,
    Deed,
    Hold,
    PlannedChange,
    Preview,
    PreviewView,
    Progress,
    RunStatus,
    RunView,
    SideCounts,
)
from tests.chromium import running_chromium
from tests.fakes.services import NOW, FakeSettings, FakeWorld
from tests.web.browser import ANA, SESSION

CRM_SCRIPTS = Path(__file__).parents[2] / "demo/crm/static"
PAGE = """<!doctype html><meta charset="utf-8"><title>CRM</title><link rel="icon" href="data:,">
<script src="scripts/libraries/jquery/jquery.min.js"></script>
<script>
  window.lists = 0;
  window.Vtiger_List_Js = {{getInstance: function () {{ return {{getListViewRecords: function () {{ lists += 1; }}}}; }}}};
  window.AppConnector = {{request: function (url) {{
    return $.ajax({{type: 'POST', url: 'index.php', dataType: 'html', data: url.split('?')[1] + '&__vtrftk=' + token()}});
  }}}};
  function token() {{ return encodeURIComponent($('#sync_message').data('token')); }}
  {script}
</script><div style="width:230px" id="widget"></div>"""
LOAD_BOX = """$.ajax({url: 'index.php', data: 'module=Google&view=List&sourcemodule=Calendar', dataType: 'html'})
  .done(function (html) { $('#widget').html(html); });"""
# What the CRM's own 6.x script does on a click when the user is connected.
OLD_SCRIPT = """$.ajax({url: 'index.php', data: 'module=Google&view=List&sourcemodule=Calendar', dataType: 'html'})
  .done(function (html) {
    $('#widget').html($('<div>').html($.parseHTML(html)).html());
    $('#sync_button').on('click', function () {
      $('#sync_details').html('wait');
      AppConnector.request($(this).data('url')).then(function (answer) {
        var parsed;
        try { parsed = JSON.parse(answer); } catch (notJson) {}
        if (parsed && parsed.error.code == '401') { $('#firsttime').val('yes'); return; }
        $('#sync_details').html(answer);
        if ($('#norefresh').length === 0) { Vtiger_List_Js.getInstance().getListViewRecords(); }
      });
    });
  });"""
CONSENT = """<a id="allow" href="{0}&code=c&state=s1">Permitir</a>
<a id="deny" href="{0}&error=access_denied&state=s1">Denegar</a>"""
CALLBACK = (
    "/crm/index.php?module=Google&view=List&operation=sync&sourcemodule=Calendar&service=GoogleCalendar"
)

RUNNING = RunView(0, 0, CALENDAR, "manual", RunStatus.RUNNING)
DONE = replace(
    RUNNING, status=RunStatus.DONE, crm=SideCounts(7, has_more=True), google=SideCounts(3), finished_utc=NOW
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


def add_crm_pages(app: Flask) -> None:
    """Put what the CRM and Google would serve beside the plugin."""

    def crm_page(script: str) -> object:
        response = make_response(PAGE.format(script=script))
        response.set_cookie("PHPSESSID", SESSION)
        return response

    def consent(policy: str) -> object:
        return CONSENT.format(CALLBACK), 200, {"Cross-Origin-Opener-Policy": policy}

    app.add_url_rule("/crm/page", "page", lambda: crm_page(LOAD_BOX))
    app.add_url_rule("/crm/old", "old", lambda: crm_page(OLD_SCRIPT))
    app.add_url_rule("/consent", "consent", lambda: consent("unsafe-none"))
    app.add_url_rule("/cutting-consent", "cutting_consent", lambda: consent("same-origin"))
    app.add_url_rule(
        "/crm/scripts/<path:name>", "scripts", lambda name: send_from_directory(CRM_SCRIPTS, name)
    )


@pytest.fixture
def site(world: FakeWorld) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    world.settings = FakeSettings(crm_url=f"{url}/crm/")
    world.accounts.consent_page = f"{url}/consent"
    app = create_app(services=world.services())
    add_crm_pages(app)
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield url
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A page whose box isn't loaded yet."""
    context = browser.new_context(base_url=site)
    made = context.new_page()
    faults: list[str] = []
    made.on("pageerror", lambda error: faults.append(str(error)))
    yield made
    context.close()
    assert faults == []


def open_box(page: Page, path: str = "/crm/page") -> None:
    page.goto(path)
    expect(page.locator("#sync_button")).to_be_visible()


def click_away(popup: Page, selector: str) -> None:
    """Click what ends the window: it may be gone before an ordinary click has reported back."""
    popup.wait_for_selector(selector)
    popup.evaluate(
        "(selector) => { setTimeout(() => document.querySelector(selector).click(), 20); }", selector
    )


def expect_idle(page: Page) -> None:
    expect(page.locator("#sync_button")).to_be_enabled()
    expect(page.locator("#sync_button b")).to_have_text("Sincronizar ahora")
    expect(page.locator(".gsync-wait, .gsync-progress")).to_have_count(0)


def test_connect_progress_counts_and_list(page: Page, world: FakeWorld) -> None:
    world.runs.script = [replace(RUNNING, progress=Progress("crm", 5, 7)), replace(RUNNING), DONE]
    open_box(page)
    expect(page.locator("#removeSyncBlock")).to_be_hidden()
    with page.expect_popup() as opened:
        page.click("#sync_button")
    expect(page.locator("#sync_button")).to_be_disabled()
    click_away(opened.value, "#allow")
    expect(page.locator(".gsync-steps")).to_have_text("5 de 7")
    expect(page.locator(".gsync-result")).to_contain_text("Hay más registros por sincronizar en el CRM")
    expect_idle(page)
    expect(page.locator("#removeSyncBlock")).to_be_visible()
    assert page.locator("#firsttime").input_value() == "no"
    assert page.evaluate("lists") == 1
    assert opened.value.is_closed()
    assert len(world.runs.runs) == 1


def test_consent_page_that_cuts_its_opener_connects_all_the_same(
    page: Page, site: str, world: FakeWorld
) -> None:  # fmt: skip
    world.accounts.consent_page = f"{site}/cutting-consent"
    world.runs.script = [DONE]
    open_box(page)
    with page.expect_popup() as opened:
        page.click("#sync_button")
    click_away(opened.value, "#allow")
    expect(page.locator(".gsync-result")).to_be_visible(timeout=15_000)
    expect_idle(page)
    assert len(world.runs.runs) == 1


def test_refusal_is_told_in_box_and_popup(page: Page, world: FakeWorld) -> None:
    world.accounts.next_outcome = ConnectOutcome.REFUSED
    open_box(page)
    with page.expect_popup() as opened:
        page.click("#sync_button")
    click_away(opened.value, "#deny")
    expect(page.locator("#sync_details")).to_contain_text("No ha permitido el acceso")
    expect(opened.value.locator("main")).to_contain_text("No ha permitido el acceso")
    expect_idle(page)
    with opened.value.expect_event("close"):
        click_away(opened.value, "#close_window")
    assert not world.runs.runs


def test_closed_popup_gives_the_button_back(page: Page) -> None:
    open_box(page)
    with page.expect_popup() as opened:
        page.click("#sync_button")
    opened.value.wait_for_selector("#deny")
    opened.value.close()
    expect(page.locator("#sync_details")).to_contain_text(
        "La ventana de Google se ha cerrado", timeout=10_000
    )
    expect_idle(page)


def test_blocked_popup_says_what_to_allow(page: Page) -> None:
    open_box(page)
    page.evaluate("window.open = function () { return null; }")
    page.click("#sync_button")
    expect(page.locator("#sync_details")).to_contain_text("Permita las ventanas emergentes")
    expect_idle(page)


def test_revoked_grant_leads_to_the_popup_with_the_next_click(page: Page, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    open_box(page)
    world.accounts.connect(ANA, status=ConnectionStatus.RECONNECT, problem_code="reconnect")
    page.click("#sync_button")
    expect(page.locator("#sync_details")).to_contain_text("Google ya no acepta el permiso")
    expect_idle(page)
    with page.expect_popup():
        page.click("#sync_button")


def test_second_tab_joins_the_run(page: Page, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    world.runs.request(10 + ANA, "manual")
    open_box(page)
    expect(page.locator(".gsync-progress")).to_be_visible()
    expect(page.locator("#sync_button")).to_be_disabled()
    world.runs.script = [DONE]
    expect(page.locator(".gsync-result")).to_be_visible()
    expect_idle(page)


@pytest.mark.parametrize("answer", ["broken", "gone", "login", "stale"])
def test_whatever_the_server_answers_the_box_says_a_sentence(
    page: Page, world: FakeWorld, answer: str
) -> None:  # fmt: skip
    world.accounts.connect(ANA)
    open_box(page)
    if answer == "login":
        world.sessions.user_ids.clear()
    elif answer == "stale":
        page.evaluate("document.querySelector('#sync_message').dataset.token = 'sid:0,1'")
    elif answer == "broken":
        page.route(
            "**/index.php*operation=sync*", lambda route: route.fulfill(status=500, body="<h1>no</h1>")
        )
    else:
        page.route("**/index.php*operation=sync*", lambda route: route.abort())
    page.click("#sync_button")
    expected = {
        "broken": "El CRM no responde",
        "gone": "El CRM no responde",
        "login": "Su sesión del CRM ha terminado",
        "stale": "Esta página no está actualizada",
    }
    expect(page.locator("#sync_details")).to_contain_text(expected[answer])
    expect_idle(page)


def test_remove_asks_first(page: Page, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    open_box(page)
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.click("#remove_sync")
    assert world.accounts.calls == []
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#remove_sync")
    expect(page.locator("#sync_details")).to_contain_text("La sincronización se ha eliminado")
    expect(page.locator("#removeSyncBlock")).to_be_hidden()
    assert page.locator("#firsttime").input_value() == "yes"


def test_crms_own_script_follows_the_run_through_the_answer(page: Page, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    world.runs.script = [replace(RUNNING, progress=Progress("google", 1, 3)), DONE]
    open_box(page, "/crm/old")
    assert page.evaluate("typeof window.GoogleSync") == "undefined"
    page.click("#sync_button")
    expect(page.locator(".gsync-steps")).to_have_text("1 de 3")
    assert page.evaluate("lists") == 0
    expect(page.locator(".gsync-result")).to_be_visible()
    assert page.evaluate("lists") == 1


def test_extension_page_keeps_its_own_policy_and_refreshes_its_table(page: Page, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    page.goto("/crm/page")
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    open_box(page, "/crm/index.php?module=Calendar&view=Extension&extensionModule=Google&extensionView=Index")
    expect(page.locator("#gsync_runs")).to_contain_text("Todavía no ha sincronizado")
    world.runs.script = [DONE]
    page.click("#sync_button")
    expect(page.locator(".gsync-runs tbody tr")).to_have_count(1)
    assert refused == []


def test_held_deletions_are_seen_and_approved_from_the_box(page: Page, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    world.runs.request(10 + ANA, "manual")
    world.runs.change(1, replace(DONE, held=1))
    start = WholeDays(date(2026, 12, 3), date(2026, 12, 4))
    world.reviews.held_changes[10 + ANA] = [
        PlannedChange(
            Deed.DELETE, Side.GOOGLE, Reason.DELETED_IN_CRM, "Feria <i>", start, 7, "g7", Hold.GUESTS
        )
    ]
    open_box(page)
    page.get_by_role("button", name="Ver", exact=True).click()
    expect(page.locator(".gsync-records li")).to_contain_text("Feria <i> 03-12-2026")

    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Aprobar").click()
    assert world.reviews.approved == []

    world.runs.script = [DONE]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Aprobar").click()
    expect(page.locator(".gsync-result")).to_contain_text("Actualizaciones en el CRM")
    expect_idle(page)
    assert world.reviews.approved == [10 + ANA]
    expect(page.get_by_role("button", name="Aprobar")).to_have_count(0)


def test_changes_are_viewed_from_the_box(page: Page, world: FakeWorld) -> None:
    world.accounts.connect(ANA, last_sync_utc=NOW)
    open_box(page)
    page.get_by_role("button", name="Ver cambios").click()
    expect(page.locator(".gsync-progress")).to_contain_text("Buscando qué ha cambiado…")
    expect(page.locator("#sync_button")).to_be_disabled()

    days = WholeDays(date(2026, 12, 3), date(2026, 12, 4))
    new = PlannedChange(Deed.CREATE, Side.CRM, Reason.NEW_IN_GOOGLE, "Feria", days)
    world.previews.views[10 + ANA] = PreviewView(RunStatus.DONE, NOW, Preview(changes=(new,)))

    expect(page.locator(".gsync-records li")).to_contain_text("Feria 03-12-2026")
    expect(page.locator(".gsync-why")).to_have_text("Añadir en el CRM: nuevo en Google")
    expect_idle(page)
    expect(page.get_by_role("button", name="Ver cambios")).to_be_enabled()
    assert page.evaluate("lists") == 0
    assert world.runs.runs == {}
