"""A browser without a screen: cookies, the csrf token of its session, and the requests that tests send."""

import json
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from demo.crm import csrf
from demo.crm.installation import Installation
from demo.crm.sessions import COOKIE, decode_session

SITE_URL = "http://crm.example:8080/crm/"


def json_of(answer: TestResponse) -> Any:
    """Read the answer whatever it calls itself: the CRM says text/json."""
    return json.loads(answer.text)


class Browser:
    def __init__(self, app: Flask, installation: Installation) -> None:
        self.client = app.test_client()
        self.installation = installation

    def log_in(self, name: str, password: str | None = None) -> "Browser":
        form = {
            "module": "Users",
            "action": "Login",
            "username": name,
            "password": password or f"{name}-demo",
        }
        self.client.post("/crm/index.php", base_url="http://crm.example:8080", data=form)
        return self

    @property
    def session_id(self) -> str:
        cookie = self.client.get_cookie(COOKIE, domain="crm.example")
        return cookie.value if cookie else ""

    @property
    def session(self) -> dict[str, Any]:
        return decode_session((self.installation.sessions / f"sess_{self.session_id}").read_bytes())

    @property
    def token(self) -> str:
        return csrf.make_token(self.installation.csrf_secret, self.session_id)

    def open(self, query: str = "", host: str = "crm.example:8080", **headers: str) -> TestResponse:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(f"/crm/index.php?{query}", base_url=f"http://{host}", headers=names)

    def send(self, data: dict[str, Any], query: str = "", token: str | None = None) -> TestResponse:
        """Send a form with a good csrf token, or with the one given; an empty one is left out."""
        token = self.token if token is None else token
        body = {csrf.FIELD: token, **data} if token else data
        return self.client.post(f"/crm/index.php?{query}", base_url="http://crm.example:8080", data=body)
