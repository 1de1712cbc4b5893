"""Looking before it happens: what a sync would do, and deletions that wait until the user approves them."""

from playwright.sync_api import Page, expect

from tests.browser.site import CalendarList, Site, shot
from tests.browser.test_together import an_hour


def click(tab: Page, name: str) -> None:
    tab.get_by_role("button", name=name, exact=True).click()


def test_changes_are_shown_before_they_are_made(synced: CalendarList, site: Site) -> None:
    site.edit_google("insert", summary="Nuevo", **an_hour("10:00"))
    runs, subjects = site.count("gsync_runs"), site.subjects()

    click(synced.tab, "Ver cambios")

    record = synced.details.locator(".gsync-records li")
    expect(record).to_contain_text("Nuevo")
    expect(record).to_contain_text("Añadir en el CRM: nuevo en Google")
    synced.expect_idle()
    shot(synced.tab, "50-preview")
    assert (site.count("gsync_runs"), site.subjects()) == (runs, subjects)
    synced.click()
    synced.expect_counts("1 0 0 0", "0 0 0 0")


def test_meeting_with_guests_goes_only_after_its_user_approved(synced: CalendarList, site: Site) -> None:
    guests = [{"email": "invitado@otra.example"}]
    site.edit_google("insert", summary="Con invitados", attendees=guests, **an_hour("10:00"))
    synced.click()
    synced.expect_counts("1 0 0 0", "0 0 0 0")
    site.execute(
        "UPDATE vtiger_crmentity e JOIN vtiger_activity a ON a.activityid = e.crmid"
        " SET e.deleted = 1, e.modifiedtime = UTC_TIMESTAMP() WHERE a.subject = 'Con invitados'"
    )
    synced.click()
    expect(synced.details).to_contain_text("1 eliminación espera aprobación")
    shot(synced.tab, "51-held")

    click(synced.tab, "Ver")
    expect(synced.details.locator(".gsync-records li")).to_contain_text("Con invitados")
    expect(synced.details).to_contain_text("el evento tiene invitados")
    shot(synced.tab, "52-held-list")
    assert "Con invitados" in site.google_titles()

    synced.tab.once("dialog", lambda dialog: dialog.accept())
    click(synced.tab, "Aprobar")
    synced.expect_counts("0 0 0 0", "0 0 1 0")
    assert "Con invitados" not in site.google_titles()


def test_extension_page_lists_what_is_set_aside(synced: CalendarList, site: Site) -> None:
    rule = ["RRULE:FREQ=HOURLY;COUNT=3"]
    site.edit_google("insert", summary="Aviso cada hora", recurrence=rule, **an_hour("10:00"))
    synced.click()
    expect(synced.details).to_contain_text("apartado")
    query = "module=Calendar&view=Extension&extensionModule=Google&extensionView=Index"
    synced.tab.goto(f"{site.url}index.php?{query}")
    expect(synced.tab.locator(".gsync-parked")).to_contain_text("Aviso cada hora")
    expect(synced.tab.locator(".gsync-parked")).to_contain_text("cómo se repite")
    shot(synced.tab, "53-set-aside")
