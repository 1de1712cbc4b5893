"""The box without a mouse: where the focus is at each step, and what is said again to those who only hear it."""

import re
from dataclasses import replace
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from plugin.core.model import Side
from plugin.core.reconcile import Reason
from plugin.core.when import WholeDays
from plugin.sync.views import Deed, Hold, PlannedChange, Preview, PreviewView, Progress, RunStatus
from tests.fakes.services import NOW, FakeWorld
from tests.web.browser import ANA
from tests.web.crm_page import DONE, RUNNING, click_away, expect_idle, open_box

DAYS = WholeDays(date(2026, 12, 3), date(2026, 12, 4))
FAIR = PlannedChange(
    Deed.DELETE, Side.GOOGLE, Reason.DELETED_IN_CRM, "Feria", DAYS, 7, "g7", Hold.GUESTS, approval_key="k7"
)


def press(page: Page, selector: str, key: str = "Enter") -> None:
    page.locator(selector).focus()
    page.keyboard.press(key)


def test_focus_stays_on_the_button_through_consent_and_sync(page: Page, world: FakeWorld) -> None:
    world.runs.script = [replace(RUNNING, progress=Progress("crm", 5, 7)), DONE]
    open_box(page)
    with page.expect_popup() as opened:
        press(page, "#sync_button")
    click_away(opened.value, "#allow")
    expect(page.locator(".gsync-result")).to_be_visible()
    expect_idle(page)
    expect(page.locator("#sync_button")).to_be_focused()


def test_key_pressed_again_meanwhile_asks_for_nothing(page: Page, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    open_box(page)
    press(page, "#sync_button")
    expect(page.locator(".gsync-progress")).to_be_visible()
    page.keyboard.press("Enter")
    press(page, "#sync_preview")
    expect(page.locator(".gsync-progress")).to_have_attribute("data-url", re.compile("operation=progress"))
    assert (len(world.runs.runs), world.previews.views) == (1, {})


def test_list_and_its_approval_are_the_next_stops_of_the_tab_key(page: Page, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    world.runs.request(10 + ANA, "manual")
    world.runs.change(1, replace(DONE, held=1))
    world.reviews.held_changes[10 + ANA] = [FAIR]
    open_box(page)

    press(page, "[data-gsync-show]")
    expect(page.locator(".gsync-records li")).to_contain_text("Feria")
    expect(page.locator("#sync_details")).to_be_focused()
    while page.evaluate("document.activeElement.hasAttribute('data-gsync-approve')") is False:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#sync_details') !== null")

    world.runs.script = [DONE]
    page.once("dialog", lambda dialog: dialog.accept())
    page.keyboard.press("Enter")
    expect_idle(page)
    expect(page.locator("#sync_details")).to_be_focused()
    assert world.reviews.approved == [10 + ANA]


def test_focus_stays_with_what_went_wrong(page: Page, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    world.runs.request(10 + ANA, "manual")
    world.runs.change(1, replace(DONE, held=1))
    open_box(page)
    page.route("**/index.php*operation=held*", lambda route: route.abort())
    press(page, "[data-gsync-show]")
    expect(page.locator(".gsync-problem")).to_contain_text("El CRM no responde")
    expect(page.locator("#sync_details")).to_be_focused()


def test_focus_after_viewing_changes_and_after_disconnecting(page: Page, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    open_box(page)
    press(page, "#sync_preview")
    expect(page.locator(".gsync-progress")).to_be_visible()
    world.previews.views[10 + ANA] = PreviewView(RunStatus.DONE, NOW, Preview())
    expect_idle(page)
    expect(page.locator("#sync_preview")).to_be_focused()

    page.once("dialog", lambda dialog: dialog.accept())
    press(page, "#remove_sync")
    expect(page.locator("#sync_details")).to_contain_text("La sincronización se ha eliminado")
    expect(page.locator("#sync_button")).to_be_focused()


def test_escape_closes_what_was_opened(page: Page, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    open_box(page)
    press(page, "#popid")
    expect(page.locator("#mappingTable")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#mappingTable")).to_be_hidden()
    expect(page.locator("#popid")).to_be_focused()
    expect(page.locator("#popid")).to_have_attribute("aria-expanded", "false")

    with page.expect_popup() as opened:
        page.evaluate(
            "window.open('index.php?module=Google&view=List&operation=changeUser', '', 'width=600')"
        )
    expect(opened.value.get_by_role("button", name="Cerrar")).to_be_visible()
    with opened.value.expect_event("close"):
        opened.value.evaluate(
            "setTimeout(() => document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'})), 20)"
        )


def test_phase_is_said_once_while_records_are_counted(page: Page, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    world.runs.request(10 + ANA, "manual")
    world.runs.change(1, replace(RUNNING, progress=Progress("crm", 5, 70)))
    open_box(page)
    phase = page.locator(".gsync-phase").element_handle()
    expect(page.locator(".gsync-steps")).to_have_text("5 de 70")
    world.runs.change(1, replace(RUNNING, progress=Progress("crm", 30, 70)))
    expect(page.locator(".gsync-steps")).to_have_text("30 de 70")
    assert phase is not None
    assert phase.evaluate("(element) => element.isConnected")


@pytest.mark.parametrize("width", [320, 360])
def test_nothing_is_wider_than_a_narrow_window(page: Page, world: FakeWorld, width: int) -> None:
    world.accounts.connect(ANA)
    world.accounts.connect(ANA, "Contacts")
    page.goto("/crm/page")
    page.set_viewport_size({"width": width, "height": 700})
    extension = "view=Extension&extensionModule=Google&extensionView=Index"
    for address in (
        f"module=Calendar&{extension}", f"module=Contacts&{extension}",
        "module=Google&view=Setting&sourcemodule=Contacts",
        "module=Google&view=List&operation=calendars&sourcemodule=Calendar",
    ):  # fmt: skip
        page.goto(f"/crm/index.php?{address}")
        expect(page.locator("main")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
