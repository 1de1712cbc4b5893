"""The same sync in English, from the extension page, with the CRM's unchanged 6.x script, and under a path."""

from playwright.sync_api import BrowserContext, Route, expect

from demo.crm.front import STATIC
from demo.stack import Stack
from tests.browser.conftest import LogIn
from tests.browser.site import Box, CalendarList, Site, choose_account, click_away, shot

HELEN_ID, HELEN = 7, "helen@empresa.example"
POPOVER = STATIC / "libraries/bootstrap/js/bootstrap-popover.js"
OLD_SCRIPT = STATIC / "layouts/vlayout/modules/Google/resources/List.js"


def test_english_user_reads_english_on_both_sides(log_in: LogIn, site: Site) -> None:
    account = {"email": HELEN, "name": "Helen", "time_zone": "Pacific/Auckland", "locale": "en"}
    site.stack.control("POST", "account", account)
    helen = log_in("helen")
    expect(helen.button).to_have_text("Synchronize Now")

    helen.connect("Helen", "Allow")

    helen.expect_counts("0 0 0 0", "2 0 0 0", "Synchronize Now")
    expect(helen.details).to_contain_text("Updates in Google")
    shot(helen.tab, "40-english")
    assert site.google_titles(HELEN) == site.subjects(HELEN_ID)


def test_extension_page_connects_and_syncs(lucia: CalendarList, site: Site) -> None:
    lucia.tab.get_by_role("link", name="Google", exact=True).click()
    page = Box(lucia.tab)
    expect(page.tab.get_by_role("heading", name="Sincronización con Google")).to_be_visible()
    shot(page.tab, "41-extension-before")

    page.connect()

    page.expect_counts("4 0 0 0", "9 0 0 0")
    expect(page.tab.locator("#gsync_runs")).to_contain_text("Terminada")
    shot(page.tab, "42-extension")
    assert site.google_titles() == site.subjects()


def test_unchanged_6x_script_connects_and_syncs(context: BrowserContext, log_in: LogIn, site: Site) -> None:
    """The script that customers' pages already have, in the place of ours."""
    script = POPOVER.read_text() + OLD_SCRIPT.read_text()

    def answer(route: Route) -> None:
        route.fulfill(body=script, content_type="text/javascript")

    context.route("**/google-sync/static/box.js*", answer)
    lucia = log_in()
    consent = choose_account(lucia.open_popup(), "Lucía")
    click_away(consent.get_by_role("button", name="Permitir"))

    expect(lucia.details.locator(".gsync-side")).to_have_count(2)
    expect(lucia.row("Feria del sector")).to_be_visible()
    assert site.google_titles() == site.subjects()

    expect(lucia.button).to_be_enabled()
    lucia.click()
    expect(lucia.details.locator("dd").nth(0)).to_have_text("0")
    expect(lucia.button).to_have_text("Sincronizar ahora")
    shot(lucia.tab, "43-old-script")
    assert len(site.subjects()) == 13


def test_crm_under_a_path_connects_and_syncs(log_in: LogIn, stack_under_path: Stack, template: str) -> None:
    with Site(stack_under_path, template) as elsewhere:
        lucia = log_in(at=elsewhere)

        lucia.connect()

        lucia.expect_counts("4 0 0 0", "9 0 0 0")
        assert lucia.tab.url.startswith(elsewhere.url)
        assert elsewhere.google_titles() == elsewhere.subjects()
