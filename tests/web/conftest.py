"""A CRM with Ana (Spanish, logged in) and the app in front of fakes; for some tests behind a real browser."""

import threading
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from demo.servers import free_port
from plugin import create_app
from plugin.sync.ports import CrmUser
from tests.chromium import running_chromium
from tests.fakes.services import FakeSettings, FakeWorld
from tests.web.browser import ANA, INDEX, SESSION, Get, client_of, token_for
from tests.web.crm_page import add_crm_pages


@pytest.fixture
def world() -> FakeWorld:
    made = FakeWorld()
    made.users.users[ANA] = CrmUser(ANA, "ana", True, False, "es_es", "Europe/Madrid")
    made.sessions.user_ids[SESSION] = ANA
    return made


@pytest.fixture
def client(world: FakeWorld) -> FlaskClient:
    return client_of(world)


@pytest.fixture
def get(client: FlaskClient) -> Get:
    """GET a call of the CRM's Google module by its parameters."""

    def call(_path: str = INDEX, headers: dict[str, str] | None = None, **parameters: str) -> TestResponse:
        return client.get(_path, query_string={"module": "Google", **parameters}, headers=headers)

    return call


@pytest.fixture
def post(client: FlaskClient, world: FakeWorld) -> Get:
    """POST one, all parameters in the body and the csrf token in front, as the CRM's scripts do."""

    def call(_path: str = INDEX, headers: dict[str, str] | None = None, **parameters: str) -> TestResponse:
        body = {"__vtrftk": token_for(world), "module": "Google", **parameters}
        return client.post(_path, data=body, headers=headers)

    return call


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


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
