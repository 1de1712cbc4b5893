"""Codes, tokens, refresh and revocation."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request as AuthRequest
from google.oauth2.credentials import Credentials
from oauthlib.oauth2 import InvalidGrantError

from tests.simulator.walk import (
    CALENDAR,
    CONTACTS,
    LUCIA,
    MARCO,
    REDIRECT,
    Person,
    connect,
    finish,
    post,
    start,
)


@pytest.mark.parametrize("method", ["S256", "plain"])
def test_pkce_is_checked(person: Person, url: str, method: str) -> None:
    address, state, verifier = start(url)
    if method == "plain":
        address = re.sub(r"code_challenge=[^&]+", f"code_challenge={verifier}", address)
        address = address.replace("code_challenge_method=S256", "code_challenge_method=plain")
    with pytest.raises(InvalidGrantError):
        finish(url, person.consent(address), state, "w" * 43)
    with pytest.raises(InvalidGrantError):
        finish(url, person.consent(address), state, "")
    assert finish(url, person.consent(address), state, verifier)["access_token"]


def test_a_code_works_once_for_its_client_and_address_and_for_ten_minutes(
    person: Person, url: str, sim: Any
) -> None:
    sim.post("clients", client_id="other", client_secret="s", redirect_uris=[REDIRECT])
    address, state, verifier = start(url)
    callback = person.consent(address)
    finish(url, callback, state, verifier)
    with pytest.raises(InvalidGrantError):
        finish(url, callback, state, verifier)
    code = parse_qs(urlsplit(person.consent(address)).query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": verifier,
    }
    stolen = post(url, "/token", client_id="other", client_secret="s", **form)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    form["code"] = parse_qs(urlsplit(person.consent(address)).query)["code"][0]
    form["redirect_uri"] = REDIRECT + "&x=1"
    moved = post(url, "/token", client_id="demo-client", client_secret="demo-secret", **form)
    assert moved.status_code == 400
    callback = person.consent(address)
    sim.post("clock", advance_s=601)
    with pytest.raises(InvalidGrantError):
        finish(url, callback, state, verifier)


def test_clients_authenticate_by_post_or_basic(person: Person, url: str) -> None:
    refresh = connect(person)["refresh_token"]
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


def test_refresh_with_a_foreign_scope_is_refused(person: Person, url: str) -> None:
    address, state, verifier = start(url)
    token = finish(url, person.consent(address, ticked=(CALENDAR,)), state, verifier)
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
def test_revoking_either_token_ends_the_whole_grant(person: Person, url: str, which: str) -> None:
    first, second, other = connect(person), connect(person), connect(person, MARCO)
    answer = requests.post(f"{url}/revoke", params={"token": first[which]}, timeout=10)
    assert answer.status_code == 200
    assert_dead(url, second["refresh_token"])
    headers = {"Authorization": f"Bearer {second['access_token']}"}
    assert requests.get(f"{url}/v1/userinfo", headers=headers, timeout=10).status_code == 401
    refresh(refreshing(url, other["refresh_token"]))
    again = post(url, "/revoke", token=first[which])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")
    assert person.open(start(url, login_hint=LUCIA, prompt="")[0]).status_code == 200


def test_refresh_tokens_die_of_testing_of_age_and_of_too_many(person: Person, url: str, sim: Any) -> None:
    token = connect(person)["refresh_token"]
    sim.post("clock", advance_s=8 * 86400)
    refresh(refreshing(url, token))
    sim.post("switches", testing_project=True)
    assert_dead(url, token)
    sim.post("switches", testing_project=False, refresh_tokens_per_client=2)
    tokens = [connect(person)["refresh_token"] for _ in range(3)]
    assert_dead(url, tokens[0])
    refresh(refreshing(url, tokens[1]))
    sim.post("clock", advance_s=184 * 86400)
    assert_dead(url, tokens[2])


def test_access_tokens_expire_on_the_simulators_clock(person: Person, url: str, sim: Any) -> None:
    sim.post("switches", expires_in=300)
    token = connect(person)
    assert token["expires_in"] == 300
    sim.post("clock", advance_s=301)
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    answer = requests.get(f"{url}/calendar/v3/calendars/primary/events", headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (401, "authError")


def test_a_user_can_take_everything_back(person: Person, url: str, sim: Any) -> None:
    token = connect(person)["refresh_token"]
    sim.post("revoke", email=LUCIA)
    assert_dead(url, token)
