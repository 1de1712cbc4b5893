"""The CRM user's browser, and how the tests read what it gets."""

import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin import create_app
from plugin.crm.session import CsrfTokens
from tests.fakes.services import FakeWorld

ANA, SESSION = 5, "abc123def456"
INDEX = "/crm/index.php"

Get = Callable[..., TestResponse]


def client_of(world: FakeWorld, *, is_logged_in: bool = True) -> FlaskClient:
    app = create_app(services=world.services())
    app.config["SYNC_WAIT_S"] = 0
    client = app.test_client()
    if is_logged_in:
        client.set_cookie("PHPSESSID", SESSION, domain="localhost")
    return client


def token_for(world: FakeWorld, session_id: str = SESSION) -> str:
    return CsrfTokens(world.settings.crm_csrf_secret).make_token(session_id, world.clock())


def words(response: TestResponse) -> str:
    """Return what a person reads of an HTML answer."""
    html = re.sub(r"<script.*?</script>", " ", response.get_data(as_text=True), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def an_envelope_of(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200
    assert response.content_type == "text/json; charset=UTF-8"
    content: dict[str, Any] = response.get_json(force=True)
    return content
