"""A CRM with Ana (Spanish, logged in) and the app in front of fakes."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin import create_app
from plugin.crm.session import CsrfTokens
from plugin.sync.ports import CrmUser
from tests.fakes.services import FakeWorld

ANA, SESSION = 5, "abc123def456"
INDEX = "/crm/index.php"

Get = Callable[..., TestResponse]


@pytest.fixture
def world() -> FakeWorld:
    made = FakeWorld()
    made.users.users[ANA] = CrmUser(ANA, "ana", True, False, "es_es", "Europe/Madrid")
    made.sessions.user_ids[SESSION] = ANA
    return made


@pytest.fixture
def client(world: FakeWorld) -> FlaskClient:
    return client_of(world)


def client_of(world: FakeWorld, *, is_logged_in: bool = True) -> FlaskClient:
    app = create_app(services=world.services())
    app.config["SYNC_WAIT_S"] = 0
    client = app.test_client()
    if is_logged_in:
        client.set_cookie("PHPSESSID", SESSION, domain="localhost")
    return client


def token_for(world: FakeWorld, session_id: str = SESSION) -> str:
    return CsrfTokens(world.settings.crm_csrf_secret).make_token(session_id, world.clock())


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


def words(response: TestResponse) -> str:
    """Return what a person reads of an HTML answer."""
    html = re.sub(r"<script.*?</script>", " ", response.get_data(as_text=True), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def an_envelope_of(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200
    assert response.content_type == "text/json; charset=UTF-8"
    content: dict[str, Any] = response.get_json(force=True)
    return content
