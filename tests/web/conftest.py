"""A CRM with Ana (Spanish, logged in) and the app in front of fakes."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin.sync.ports import CrmUser
from tests.fakes.services import FakeWorld
from tests.web.browser import ANA, INDEX, SESSION, Get, client_of, token_for


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
