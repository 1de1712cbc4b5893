"""Choosing the Google calendar to be synchronized, from the box to its first sync."""

from playwright.sync_api import expect

from tests.browser.site import EMAIL, CalendarList, Site, shot
from tests.browser.test_together import an_hour

TEAM, BOSS = "team@group.calendar.google.com", "boss@group.calendar.google.com"
MARCO = "marco@empresa.example"


def test_another_calendar_is_chosen_and_synchronized(synced: CalendarList, site: Site) -> None:
    control = site.stack.control
    control("POST", "calendar", {"email": EMAIL, "calendar": TEAM, "summary": "Proyecto Norte"})
    control("POST", "calendar", {"email": MARCO, "calendar": BOSS, "summary": "Dirección"})
    control("POST", "share", {"calendar": BOSS, "email": EMAIL, "role": "reader"})
    body = {"summary": "Del equipo", **an_hour("10:00")}
    control("POST", "edit", {"email": EMAIL, "calendar": TEAM, "operation": "insert", "body": body})
    tab, before = synced.tab, site.google_titles()

    tab.get_by_role("link", name="Ajustes", exact=True).click()
    shot(tab, "60-settings")
    tab.get_by_role("link", name="Elegir otro…").click()
    expect(tab.locator(".gsync-calendars")).to_contain_text("Solo puede leerlo")
    shot(tab, "61-calendars")
    tab.get_by_label("Proyecto Norte").check()
    tab.get_by_role("button", name="Usar este calendario").click()

    expect(tab.locator(".gsync-calendar")).to_contain_text("Proyecto Norte")
    shot(tab, "62-chosen")
    tab.get_by_role("button", name="Sincronizar ahora").click()
    expect(tab.locator("#sync_details")).to_contain_text("Añadidos", timeout=15_000)
    assert "Del equipo" in site.subjects()
    assert site.google_titles() == before


def test_reader_s_calendar_says_why_the_direction_is_fixed(synced: CalendarList, site: Site) -> None:
    control = site.stack.control
    control("POST", "calendar", {"email": MARCO, "calendar": BOSS, "summary": "Dirección"})
    control("POST", "share", {"calendar": BOSS, "email": EMAIL, "role": "reader"})
    tab = synced.tab
    tab.get_by_role("link", name="Ajustes", exact=True).click()
    tab.get_by_role("link", name="Elegir otro…").click()
    tab.get_by_label("Dirección").check()
    tab.get_by_role("button", name="Usar este calendario").click()
    expect(tab.get_by_role("alert")).to_contain_text("solo se puede sincronizar de Google al CRM")
    tab.get_by_role("link", name="Volver a los ajustes").click()
    expect(tab.get_by_label("Sentido")).to_be_disabled()
    shot(tab, "63-reader")
