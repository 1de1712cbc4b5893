"""Walking through consent as a person and an application would, for the tests of OAuth."""

from __future__ import annotations

import base64
import json
import re
from html import unescape
from typing import Any

import requests
from requests_oauthlib import OAuth2Session

LUCIA, MARCO = "lucia@empresa.example", "marco@empresa.example"
REDIRECT = "https://crm.empresa.example/index.php?module=Google&view=Authenticate&service=Calendar"
CALENDAR = "https://www.googleapis.com/auth/calendar"
CONTACTS = "https://www.googleapis.com/auth/contacts"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
SCOPES = ["openid", EMAIL, CALENDAR, CONTACTS]


class Person:
    """Follows the pages as a person would, up to the redirect to the application."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def open(self, address: str, **headers: str) -> requests.Response:
        return self.session.get(address, headers=headers, allow_redirects=False, timeout=10)

    def click(self, page: requests.Response, **fields: Any) -> requests.Response:
        key = re.search(r'name="request" value="([^"]+)"', page.text)
        assert key, page.text
        data = {"request": unescape(key[1]), **fields}
        address = f"{self.url}/o/oauth2/v2/consent"
        return self.session.post(address, data=data, allow_redirects=False, timeout=10)

    def consent(
        self, address: str, email: str = LUCIA, ticked: tuple[str, ...] = (CALENDAR, CONTACTS)
    ) -> str:
        """Choose the account if asked, tick, allow; the address of the redirect."""
        page = self.open(address)
        if 'value="choose"' in page.text:
            page = self.click(page, account=email, decision="choose")
        if page.status_code == 200:
            page = self.click(page, account=email, decision="allow", scope=list(ticked))
        assert page.status_code == 302
        return page.headers["Location"]


def start(url: str, scopes: list[str] | None = None, **extra: str) -> tuple[str, str, str]:
    """Authorization address, state and PKCE verifier."""
    session = OAuth2Session("demo-client", redirect_uri=REDIRECT, scope=scopes or SCOPES, pkce="S256")
    options = {"access_type": "offline", "prompt": "consent"} | extra
    address, state = session.authorization_url(f"{url}/o/oauth2/v2/auth", **options)
    verifier = session._code_verifier
    session.close()
    return address, state, verifier


def finish(url: str, callback: str, state: str, verifier: str, **options: Any) -> dict[str, Any]:
    with OAuth2Session("demo-client", redirect_uri=REDIRECT, state=state) as session:
        arguments = {"include_client_id": True, "code_verifier": verifier, "timeout": 10} | options
        token = session.fetch_token(
            f"{url}/token", authorization_response=callback, client_secret="demo-secret", **arguments
        )
    return dict(token)


def connect(person: Person, email: str = LUCIA, **extra: str) -> dict[str, Any]:
    address, state, verifier = start(person.url, **extra)
    return finish(person.url, person.consent(address, email), state, verifier)


def claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def post(url: str, path: str, **form: str) -> requests.Response:
    return requests.post(f"{url}{path}", data=form, timeout=10)
