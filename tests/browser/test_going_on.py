"""After the first sync: edits, deletions, a revoked permission, disconnecting and connecting again."""

from playwright.sync_api import expect

from tests.browser.site import CalendarList, Site, shot


def test_edits_on_both_sides_cross_over(synced: CalendarList, site: Site) -> None:
    google = synced.tab.context.new_page()
    google.goto(site.google_event("Feria del sector")["htmlLink"])
    google.get_by_label("Título").fill("Feria del sector (pabellón 4)")
    google.get_by_role("button", name="Guardar").click()
    expect(google.get_by_role("link", name="pabellón 4").first).to_be_visible()
    synced.row("Médico").get_by_role("link", name="Editar").click()
    synced.tab.get_by_label("Lugar").fill("Centro de salud")
    synced.tab.get_by_role("button", name="Guardar").click()
    synced.open_box()

    synced.click()

    synced.expect_counts("0 1 0 0", "0 1 0 0")
    expect(synced.row("Feria del sector (pabellón 4)")).to_be_visible()
    assert site.google_event("Médico")["location"] == "Centro de salud"
    assert site.google_titles() == site.subjects()


def test_deletions_on_both_sides_cross_over(synced: CalendarList, site: Site) -> None:
    site.edit_google("delete", "seed0feria")
    synced.tab.on("dialog", lambda dialog: dialog.accept())
    synced.row("Tren nocturno").get_by_role("link", name="Eliminar").click()
    expect(synced.row("Tren nocturno")).to_have_count(0)

    synced.click()

    synced.expect_counts("0 0 1 0", "0 0 1 0")
    expect(synced.row("Feria del sector")).to_have_count(0)
    assert site.google_titles() == site.subjects()
    assert len(site.subjects()) == 11


def test_revoked_permission_is_given_again_and_nothing_doubles(synced: CalendarList, site: Site) -> None:
    site.stack.control("POST", "revoke", {"email": "lucia@empresa.example"})

    synced.click()

    synced.expect_problem("vuelva a permitir el acceso")
    shot(synced.tab, "20-revoked")
    synced.connect(account="")
    synced.expect_counts("0 0 0 0", "0 0 0 0")
    assert site.google_titles() == site.subjects()
    assert len(site.subjects()) == 13


def test_disconnecting_and_connecting_again_doubles_nothing(synced: CalendarList, site: Site) -> None:
    synced.tab.once("dialog", lambda dialog: dialog.accept())
    synced.tab.get_by_role("button", name="Eliminar la sincronización").click()
    expect(synced.details).to_contain_text("La sincronización se ha eliminado")
    shot(synced.tab, "21-disconnected")
    synced.expect_idle()
    assert len(site.subjects()) == 13

    synced.connect()

    synced.expect_counts("0 0 0 0", "0 0 0 0")
    assert site.google_titles() == site.subjects()
    assert len(site.subjects()) == 13
