"""Contacts in a browser: connecting from their own list, the settings window, and a second window for the calendar's grant."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LogIn
from tests.browser.site import CalendarList, Site, shot


class ContactList(CalendarList):
    """The CRM's contacts as a list, with the box in its sidebar."""


@pytest.fixture
def contacts(log_in: LogIn, site: Site) -> ContactList:
    """Lucía's contacts; she has never been connected."""
    tab = log_in().tab
    tab.goto(f"{site.url}index.php?module=Contacts&view=List")
    return ContactList(tab).open_box()


def connected(contacts: ContactList, account: str = "Lucía") -> ContactList:
    contacts.connect(account)
    expect(contacts.tab.locator("#removeSyncBlock")).to_be_visible()
    contacts.expect_idle()
    return contacts


def test_contacts_are_connected_in_their_own_list(contacts: ContactList, site: Site) -> None:
    expect(contacts.tab.locator("#synctime")).to_have_text("Todavía no ha sincronizado")
    shot(contacts.tab, "70-contacts-before")

    connected(contacts)

    assert site.count("gsync_pairs WHERE module = 'Contacts' AND collection_id = 'people/me'") == 1
    shot(contacts.tab, "71-contacts-connected")


def test_contacts_are_synchronized_and_counted(contacts: ContactList, site: Site) -> None:
    connected(contacts)
    before = site.count("vtiger_crmentity WHERE setype = 'Contacts' AND deleted = 0 AND smownerid = 5")
    told = contacts.details.inner_text()
    shot(contacts.tab, "76-contacts-synced")
    assert site.count("gsync_links WHERE state = 'live'") == before > 0
    assert "apartado" not in told

    site.execute(
        "UPDATE vtiger_crmentity SET deleted = 1, modifiedtime = NOW() WHERE setype = 'Contacts' AND smownerid = 5 LIMIT 1"
    )
    contacts.click()
    contacts.expect_idle()
    assert site.count("gsync_journal WHERE action = 'delete in Google'") == 1


def test_missing_permission_for_contacts_is_told(contacts: ContactList, site: Site) -> None:
    contacts.connect(untick="contactos")
    contacts.expect_problem("Falta el permiso para administrar sus contactos")
    assert site.count("gsync_pairs") == 0


def test_calendar_goes_on_beside_contacts(synced: CalendarList, site: Site) -> None:
    tab = synced.tab
    tab.goto(f"{site.url}index.php?module=Contacts&view=List")
    contacts = ContactList(tab).open_box()

    connected(contacts, account="")  # Google is told which account the calendar uses

    assert site.count("gsync_accounts") == 1
    tab.goto(f"{site.url}index.php?module=Calendar&view=List")
    calendar = CalendarList(tab).open_box()
    calendar.click()
    calendar.expect_counts("0 0 0 0", "0 0 0 0")


def test_settings_window_chooses_label_and_fields(contacts: ContactList, site: Site) -> None:
    tab = connected(contacts).tab
    tab.get_by_role("link", name="Ajustes", exact=True).click()
    expect(tab.get_by_role("heading", name="Sincronización de contactos: ajustes")).to_be_visible()
    shot(tab, "72-contact-settings")

    tab.get_by_label("Contactos de Google").select_option(label="Clientes (2)")
    tab.get_by_label("Sentido").select_option("10")
    tab.get_by_label("Crear las organizaciones").check()
    row = tab.locator(".gsync-row").last
    expect(row.get_by_label("Su propia etiqueta")).to_be_hidden()
    row.get_by_label("Campo del CRM").select_option("fax")
    row.get_by_label("Lugar en Google").select_option("phone:workFax")
    tab.get_by_role("button", name="Añadir una fila").click()
    added = tab.locator(".gsync-row").last
    added.get_by_label("Campo del CRM").select_option("department")
    added.get_by_label("Lugar en Google").select_option("custom:")
    tab.get_by_role("button", name="Guardar", exact=True).click()

    expect(tab.get_by_role("alert")).to_contain_text("Elija un tipo o escriba una etiqueta")
    shot(tab, "73-contact-settings-refused")
    named = tab.locator(".gsync-row", has=tab.locator("option[value=department]:checked"))
    named.get_by_label("Su propia etiqueta").fill("Departamento")
    tab.get_by_role("button", name="Guardar", exact=True).click()

    summary = tab.locator("#gsync_preferences")
    expect(summary).to_contain_text("Clientes")
    expect(summary).to_contain_text("Solo de Google al CRM")
    expect(summary).to_contain_text("se crean")
    shot(tab, "74-contacts-extension")
    assert site.count("gsync_pairs WHERE INSTR(field_choice, 'Departamento') AND creates_accounts") == 1

    site.execute("UPDATE vtiger_field SET presence = 1 WHERE fieldname = 'fax'")
    try:
        summary.get_by_role("link", name="Cambiar…").click()
        expect(tab.locator(".gsync-more")).to_contain_text("El CRM ya no tiene el campo «fax»")
        shot(tab, "75-field-gone")
    finally:
        site.execute("UPDATE vtiger_field SET presence = 2 WHERE fieldname = 'fax'")


def test_contacts_are_disconnected(contacts: ContactList, site: Site) -> None:
    tab = connected(contacts).tab
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Eliminar la sincronización").click()
    expect(contacts.details).to_contain_text("La sincronización se ha eliminado")
    assert site.count("gsync_pairs WHERE module = 'Contacts' AND status = 'off'") == 1
