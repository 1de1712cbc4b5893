"""The whole demo behind a real browser: each test finds the sample company and Google as they were on the first day.

With SCREENSHOTS=folder in the environment the tests leave pictures of what they saw.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from demo.crm.database import create_database
from demo.crm.sample import LOGINS
from demo.servers import MariaDb
from demo.stack import Stack
from demo.visitor import Visitor
from tests.browser.site import EMAIL, CalendarList, Site
from tests.chromium import PATIENCE_MS, running_chromium

TEMPLATE = "browser_template"
LogIn = Callable[..., CalendarList]


@pytest.fixture(scope="session")
def template(mariadb: MariaDb) -> str:
    """A database with the sample company, to copy from."""
    create_database(mariadb.url(TEMPLATE))
    return TEMPLATE


@pytest.fixture(scope="session")
def stack(server_folder: Path, mariadb: MariaDb) -> Iterator[Stack]:
    with Stack(server_folder / "demo", mariadb=mariadb, database="browser") as stack:
        yield stack


@pytest.fixture(scope="session")
def stack_under_path(server_folder: Path, mariadb: MariaDb) -> Iterator[Stack]:
    with Stack(server_folder / "demo-path", "/crm/", mariadb=mariadb, database="browser_path") as stack:
        yield stack


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def site(stack: Stack, template: str) -> Iterator[Site]:
    with Site(stack, template) as site:
        yield site


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of its own, in which no page may throw."""
    faults: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="es-ES")
    context.set_default_timeout(PATIENCE_MS)
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield context
    context.close()
    assert faults == []


@pytest.fixture
def log_in(context: BrowserContext, site: Site) -> LogIn:
    """Logs a sample user in, in a new tab; answers the Calendar's list with its Google box open."""

    def log_in(name: str = "lucia", *, at: Site | None = None) -> CalendarList:
        tab = context.new_page()
        tab.goto((at or site).url)
        tab.fill("#username", name)
        tab.fill("#password", LOGINS[name])
        tab.click("button[type=submit]")
        return CalendarList(tab).open_box()

    return log_in


@pytest.fixture
def lucia(log_in: LogIn) -> CalendarList:
    """Lucía's list; she has never been connected."""
    return log_in()


@pytest.fixture
def synced(log_in: LogIn, site: Site) -> CalendarList:
    """Lucía's list after her first sync, which she did without this browser: that is quicker."""
    visitor = Visitor(site.url)
    visitor.log_in("lucia", LOGINS["lucia"])
    visitor.connect(EMAIL)
    visitor.sync()
    visitor.close()
    return log_in()
