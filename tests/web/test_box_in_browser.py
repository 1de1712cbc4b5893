"""The box in a real browser, within a page that has jQuery: every way in, every way out, and never a spinner for ever."""

from dataclasses import replace
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from plugin.core.model import Side
from plugin.core.reconcile import Reason
from plugin.core.when import WholeDays
from plugin.sync.views import (
    ConnectionStatus,
    ConnectOutcome,
    Deed,
    Hold,
    PlannedChange,
    Preview,
    PreviewView,
    Progress,
    RunStatus,
)
from tests.fakes.services import NOW, FakeWorld
from tests.web.browser import ANA
from tests.web.crm_page import DONE, RUNNING, click_away, expect_idle, open_box


def test_connect_progress_counts_and_list(page: Page, world: FakeWorld) -> None:
    world.runs.script = [replace(RUNNING, progress=Progress("crm", 5, 7)), replace(RUNNING), DONE]
    open_box(page)
    expect(page.locator("#removeSyncBlock")).to_be_hidden()
    expect(page.get_by_role("button", name="Ver cambios")).to_be_hidden()
    with page.expect_popup() as opened:
        page.click("#sync_button")
    expect(page.locator("#sync_button")).to_be_disabled()
    click_away(opened.value, "#allow")
    expect(page.locator(".gsync-steps")).to_have_text("5 de 7")
    expect(page.locator(".gsync-result")).to_contain_text("Hay más registros por sincronizar en el CRM")
    expect_idle(page)
    expect(page.locator("#removeSyncBlock")).to_be_visible()
    assert page.locator("#firsttime").input_value() == "no"
    expect(page.get_by_role("button", name="Ver cambios")).to_be_enabled()
    expect(page.locator("#gsync_account")).to_have_text("ana@example.com")
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


def test_extension_page_shows_the_settings_once_connected_and_until_disconnected(
    page: Page, world: FakeWorld
) -> None:
    page.goto("/crm/page")
    open_box(page, "/crm/index.php?module=Calendar&view=Extension&extensionModule=Google&extensionView=Index")
    expect(page.get_by_label("Sentido")).to_have_count(0)
    world.runs.script = [DONE]
    with page.expect_popup() as opened:
        page.click("#sync_button")
    click_away(opened.value, "#allow")
    expect(page.get_by_label("Sentido")).to_be_visible()

    page.get_by_label("Sentido").select_option("10")
    world.runs.script = [DONE]
    page.click("#sync_button")
    expect(page.locator(".gsync-runs tbody tr")).to_have_count(2)
    expect(page.get_by_label("Sentido")).to_have_value("10")

    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#remove_sync")
    expect(page.get_by_label("Sentido")).to_have_count(0)


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
