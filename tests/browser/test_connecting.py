"""The manual's first sync: the button, Google's window, the counts; and every other way that window can end."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import LogIn
from tests.browser.site import CalendarList, Site, choose_account, shot


def test_first_sync_brings_each_side_the_others_events(lucia: CalendarList, site: Site) -> None:
    expect(lucia.tab.locator("#synctime")).to_have_text("Todavía no ha sincronizado")
    shot(lucia.tab, "1-before")
    site.slow_google(300)

    lucia.connect()

    expect(lucia.progress).to_be_visible()
    shot(lucia.tab, "2-progress")
    lucia.expect_counts("4 0 0 0", "9 0 0 0")
    expect(lucia.row("Feria del sector")).to_be_visible()
    shot(lucia.tab, "3-counts")
    assert {"Visita a Olivares", "Demostración en casa del cliente"} <= set(site.subjects())
    assert site.google_titles() == site.subjects()


def test_exported_event_is_on_googles_page_and_says_the_same(synced: CalendarList, site: Site) -> None:
    google = synced.tab.context.new_page()
    google.goto(site.google_event("Visita a Olivares")["htmlLink"])
    expect(google.get_by_label("Título")).to_have_value("Visita a Olivares")
    expect(google.get_by_label("Lugar")).to_have_value("Calle Mayor 12, Jaén")
    shot(google, "4-google-page")


def test_second_sync_needs_no_window_and_changes_nothing(lucia: CalendarList, site: Site) -> None:
    lucia.connect()
    lucia.expect_counts("4 0 0 0", "9 0 0 0")

    lucia.tab.reload()
    lucia.open_box()
    expect(lucia.tab.locator("#synctime")).to_contain_text(re.compile("Sincronizado: .*hace"))
    shot(lucia.tab, "5-box-when-connected")
    lucia.click()

    lucia.expect_counts("0 0 0 0", "0 0 0 0")
    assert len(site.subjects()) == 13


def test_refused_is_told_and_the_button_works_again(lucia: CalendarList, site: Site) -> None:
    lucia.connect(decision="Denegar")
    lucia.expect_problem("No ha permitido el acceso")
    shot(lucia.tab, "6-refused")

    lucia.connect()

    lucia.expect_counts("4 0 0 0", "9 0 0 0")


def test_missing_tick_is_told(lucia: CalendarList, site: Site) -> None:
    lucia.connect(untick="todos los calendarios")

    lucia.expect_problem("Falta el permiso")
    shot(lucia.tab, "7-missing-scope")
    assert site.count("gsync_pairs") == 0


def test_closed_window_is_told(lucia: CalendarList) -> None:
    popup = lucia.open_popup()
    expect(popup.get_by_role("button", name="Lucía")).to_be_visible()
    shot(popup, "8-account-chooser")
    expect(lucia.details).to_contain_text("Permita el acceso en la ventana")
    shot(lucia.tab, "8-waiting-for-consent")

    popup.close()

    lucia.expect_problem("La ventana de Google")
    shot(lucia.tab, "9-window-closed")


def test_two_windows_are_two_visits_and_one_connection(
    lucia: CalendarList, log_in: LogIn, site: Site
) -> None:
    """Two tabs ask for the access at once; the second answer finds the user connected and connects nobody twice."""
    other = CalendarList(lucia.tab.context.new_page())
    other.tab.goto(site.url)
    other.open_box()
    waiting = choose_account(lucia.open_popup(), "Lucía")
    other.connect()
    other.expect_counts("4 0 0 0", "9 0 0 0")

    waiting.close()

    lucia.expect_idle()
    assert site.count("gsync_pairs") == 1
    assert len(site.subjects()) == 13


def test_another_users_calendar_is_refused(synced: CalendarList, log_in: LogIn, site: Site) -> None:
    synced.tab.get_by_role("link", name="Salir").click()

    marco = log_in("marco")
    marco.connect("Lucía")

    marco.expect_problem("Otro usuario del CRM ya sincroniza este calendario")


def test_ended_crm_session_is_told(synced: CalendarList, site: Site) -> None:
    elsewhere = synced.tab.context.new_page()
    elsewhere.goto(site.url)
    elsewhere.get_by_role("link", name="Salir").click()

    synced.click()

    synced.expect_problem("Su sesión del CRM ha terminado")
