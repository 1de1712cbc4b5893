"""Authorization, tokens and identity, walked by requests-oauthlib as an application would."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request as AuthRequest
from google.oauth2.credentials import Credentials
from oauthlib.oauth2 import AccessDeniedError, InvalidGrantError
from requests_oauthlib import OAuth2Session

LUCIA, MARCO = "lucia@empresa.example", "marco@empresa.example"
REDIRECT = "https://crm.empresa.example/index.php?module=Google&view=Authenticate&service=Calendar"
CALENDAR = "https://www.googleapis.com/auth/calendar"
CONTACTS = "https://www.googleapis.com/auth/contacts"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
SCOPES = ["openid", EMAIL, CALENDAR, CONTACTS]


class Browser:
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


@pytest.fixture
def browser(url: str, sim: Any) -> Iterator[Browser]:
    browser = Browser(url)
    yield browser
    browser.session.close()


@pytest.fixture(autouse=True)
def plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


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


def connect(browser: Browser, email: str = LUCIA, **extra: str) -> dict[str, Any]:
    address, state, verifier = start(browser.url, **extra)
    return finish(browser.url, browser.consent(address, email), state, verifier)


def claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def post(url: str, path: str, **form: str) -> requests.Response:
    return requests.post(f"{url}{path}", data=form, timeout=10)


def test_the_whole_way_from_consent_to_an_api_call(browser: Browser, url: str, sim: Any) -> None:
    address, state, verifier = start(url)
    callback = browser.consent(address)
    assert callback.startswith(REDIRECT + "&state=")
    query = parse_qs(urlsplit(callback).query)
    assert (query["module"], query["state"], query["authuser"]) == (["Google"], [state], ["0"])
    token = finish(url, callback, state, verifier)
    assert token["scope"] == SCOPES
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3599)
    assert token["refresh_token"]
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert (
        requests.get(f"{url}/calendar/v3/calendars/primary", headers=headers, timeout=10).json()["id"]
        == LUCIA
    )


def test_id_token_and_userinfo_name_the_same_person(browser: Browser, url: str) -> None:
    token = connect(browser, MARCO)
    said = claims(token["id_token"])
    assert (said["email"], said["aud"], said["iss"]) == (MARCO, "demo-client", "https://accounts.google.com")
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    info = requests.get(f"{url}/v1/userinfo", headers=headers, timeout=10).json()
    assert (info["sub"], info["email"], info["email_verified"]) == (said["sub"], MARCO, True)
    for version in ("v1", "v2"):
        info = requests.get(f"{url}/oauth2/{version}/userinfo", headers=headers, timeout=10).json()
        assert (info["id"], info["email"], info["verified_email"]) == (said["sub"], MARCO, True)
    assert requests.get(f"{url}/v1/userinfo", timeout=10).status_code == 401


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (("client_id=demo-client", "client_id=other"), 401, "invalid_client"),
        (("service%3DCalendar", "service%3DContacts"), 400, "redirect_uri_mismatch"),
        (("crm.empresa", "CRM.empresa"), 400, "redirect_uri_mismatch"),
        (("response_type=code", "response_type=token"), 400, "unsupported_response_type"),
        (("prompt=consent", "prompt=none+consent"), 400, "invalid_request"),
    ],
)
def test_a_wrong_request_gets_an_error_page_and_no_redirect(
    browser: Browser, url: str, change: tuple[str, str], status: int, code: str
) -> None:
    address = start(url)[0]
    assert change[0] in address
    page = browser.open(address.replace(*change))
    assert (page.status_code, "Location" in page.headers) == (status, False)
    assert code in page.text


def test_deny_comes_back_as_access_denied_with_the_state(browser: Browser, url: str) -> None:
    address, state, verifier = start(url, login_hint=LUCIA)
    answer = browser.click(browser.open(address), account=LUCIA, decision="deny")
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["state"] == [state]
    with pytest.raises(AccessDeniedError):
        finish(url, answer.headers["Location"], state, verifier)


def test_unticked_scopes_are_not_granted(browser: Browser, url: str) -> None:
    address, state, verifier = start(url)
    token = finish(url, browser.consent(address, ticked=(CALENDAR,)), state, verifier)
    assert token["scope"] == ["openid", EMAIL, CALENDAR]


def test_the_account_chooser_honours_the_hint(browser: Browser, url: str) -> None:
    chooser = browser.open(start(url)[0])
    assert LUCIA in chooser.text
    assert MARCO in chooser.text
    sub = claims(connect(browser, MARCO)["id_token"])["sub"]
    for hint in (MARCO, sub):
        page = browser.open(start(url, login_hint=hint)[0])
        assert MARCO in page.text
        assert LUCIA not in page.text
        assert 'type="checkbox"' in page.text
    assert 'value="choose"' in browser.open(start(url, login_hint="nadie@fuera.example")[0]).text


def test_pages_speak_spanish_or_english(browser: Browser, url: str) -> None:
    address = start(url, login_hint=LUCIA)[0]
    assert "Permitir" in browser.open(address, **{"Accept-Language": "es-ES,es;q=0.9"}).text
    assert "Allow" in browser.open(address, **{"Accept-Language": "en-GB,es;q=0.5"}).text
    assert "Denegar" in browser.open(address + "&hl=es", **{"Accept-Language": "en"}).text


def test_a_remembered_consent_asks_nothing_and_brings_no_refresh_token(browser: Browser, url: str) -> None:
    connect(browser)
    address, state, verifier = start(url, login_hint=LUCIA, prompt="")
    answer = browser.open(address)
    assert answer.status_code == 302
    token = finish(url, answer.headers["Location"], state, verifier)
    assert "refresh_token" not in token
    answer = browser.open(start(url, login_hint=MARCO, prompt="none")[0])
    assert "error=interaction_required" in answer.headers["Location"]


def test_online_access_brings_no_refresh_token(browser: Browser) -> None:
    assert "refresh_token" not in connect(browser, access_type="online")


def test_earlier_grants_are_included_on_request(browser: Browser, url: str) -> None:
    connect(browser)
    address, state, verifier = start(url, ["openid", EMAIL], include_granted_scopes="true")
    token = finish(url, browser.consent(address), state, verifier)
    assert set(token["scope"]) == set(SCOPES)
    address, state, verifier = start(url, ["openid", EMAIL])
    assert finish(url, browser.consent(address), state, verifier)["scope"] == ["openid", EMAIL]


@pytest.mark.parametrize("method", ["S256", "plain"])
def test_pkce_is_checked(browser: Browser, url: str, method: str) -> None:
    address, state, verifier = start(url)
    if method == "plain":
        address = re.sub(r"code_challenge=[^&]+", f"code_challenge={verifier}", address)
        address = address.replace("code_challenge_method=S256", "code_challenge_method=plain")
    with pytest.raises(InvalidGrantError):
        finish(url, browser.consent(address), state, "w" * 43)
    with pytest.raises(InvalidGrantError):
        finish(url, browser.consent(address), state, "")
    assert finish(url, browser.consent(address), state, verifier)["access_token"]


def test_a_code_works_once_for_its_client_and_address_and_for_ten_minutes(
    browser: Browser, url: str, sim: Any
) -> None:
    sim.post("clients", client_id="other", client_secret="s", redirect_uris=[REDIRECT])
    address, state, verifier = start(url)
    callback = browser.consent(address)
    finish(url, callback, state, verifier)
    with pytest.raises(InvalidGrantError):
        finish(url, callback, state, verifier)
    code = parse_qs(urlsplit(browser.consent(address)).query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": verifier,
    }
    stolen = post(url, "/token", client_id="other", client_secret="s", **form)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    form["code"] = parse_qs(urlsplit(browser.consent(address)).query)["code"][0]
    form["redirect_uri"] = REDIRECT + "&x=1"
    moved = post(url, "/token", client_id="demo-client", client_secret="demo-secret", **form)
    assert moved.status_code == 400
    callback = browser.consent(address)
    sim.post("clock", advance_s=601)
    with pytest.raises(InvalidGrantError):
        finish(url, callback, state, verifier)


def test_clients_authenticate_by_post_or_basic(browser: Browser, url: str) -> None:
    refresh = connect(browser)["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    good = requests.post(f"{url}/token", data=form, auth=("demo-client", "demo-secret"), timeout=10)
    assert good.status_code == 200
    assert "refresh_token" not in good.json()
    for identity in ({"client_id": "demo-client", "client_secret": "bad"}, {"client_id": "nobody"}, {}):
        bad = post(url, "/token", **form, **identity)
        assert (bad.status_code, bad.json()["error"]) == (401, "invalid_client")
    odd = requests.post(
        f"{url}/token", data={"grant_type": "password"}, auth=("demo-client", "demo-secret"), timeout=10
    )
    assert (odd.status_code, odd.json()["error"]) == (400, "unsupported_grant_type")


def refreshing(url: str, refresh_token: str, scopes: list[str] | None = None) -> Credentials:
    return Credentials(
        None,
        refresh_token=refresh_token,
        token_uri=f"{url}/token",
        client_id="demo-client",
        client_secret="demo-secret",
        scopes=scopes,
    )


def refresh(credentials: Credentials) -> None:
    with requests.Session() as session:
        credentials.refresh(AuthRequest(session))


def test_refresh_with_a_foreign_scope_is_refused(browser: Browser, url: str) -> None:
    address, state, verifier = start(url)
    token = finish(url, browser.consent(address, ticked=(CALENDAR,)), state, verifier)
    refresh(refreshing(url, token["refresh_token"], [CALENDAR]))
    with pytest.raises(RefreshError) as error:
        refresh(refreshing(url, token["refresh_token"], [CALENDAR, CONTACTS]))
    assert error.value.args[1]["error"] == "invalid_scope"


def assert_dead(url: str, refresh_token: str) -> None:
    with pytest.raises(RefreshError) as error:
        refresh(refreshing(url, refresh_token))
    assert error.value.args[1] == {
        "error": "invalid_grant",
        "error_description": "Token has been expired or revoked.",
    }


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_the_whole_grant(browser: Browser, url: str, which: str) -> None:
    first, second, other = connect(browser), connect(browser), connect(browser, MARCO)
    answer = requests.post(f"{url}/revoke", params={"token": first[which]}, timeout=10)
    assert answer.status_code == 200
    assert_dead(url, second["refresh_token"])
    headers = {"Authorization": f"Bearer {second['access_token']}"}
    assert requests.get(f"{url}/v1/userinfo", headers=headers, timeout=10).status_code == 401
    refresh(refreshing(url, other["refresh_token"]))
    again = post(url, "/revoke", token=first[which])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")
    assert browser.open(start(url, login_hint=LUCIA, prompt="")[0]).status_code == 200


def test_refresh_tokens_die_of_testing_of_age_and_of_too_many(browser: Browser, url: str, sim: Any) -> None:
    token = connect(browser)["refresh_token"]
    sim.post("clock", advance_s=8 * 86400)
    refresh(refreshing(url, token))
    sim.post("switches", testing_project=True)
    assert_dead(url, token)
    sim.post("switches", testing_project=False, refresh_tokens_per_client=2)
    tokens = [connect(browser)["refresh_token"] for _ in range(3)]
    assert_dead(url, tokens[0])
    refresh(refreshing(url, tokens[1]))
    sim.post("clock", advance_s=184 * 86400)
    assert_dead(url, tokens[2])


def test_access_tokens_expire_on_the_simulators_clock(browser: Browser, url: str, sim: Any) -> None:
    sim.post("switches", expires_in=300)
    token = connect(browser)
    assert token["expires_in"] == 300
    sim.post("clock", advance_s=301)
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    answer = requests.get(f"{url}/calendar/v3/calendars/primary/events", headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (401, "authError")


def test_a_user_can_take_everything_back(browser: Browser, url: str, sim: Any) -> None:
    token = connect(browser)["refresh_token"]
    sim.post("revoke", email=LUCIA)
    assert_dead(url, token)


def test_a_page_that_is_out_of_date_says_so(browser: Browser, url: str) -> None:
    answer = post(url, "/o/oauth2/v2/consent", request="old", decision="allow", account=LUCIA)
    assert answer.status_code == 400


def test_texts_from_outside_are_escaped(browser: Browser, url: str) -> None:
    address = start(url)[0].replace(quote(REDIRECT, safe=""), quote("https://x.example/<script>", safe=""))
    assert "<script>" not in browser.open(address).text
