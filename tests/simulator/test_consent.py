"""The authorization endpoint and its pages, up to the first tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from oauthlib.oauth2 import AccessDeniedError

from tests.simulator.walk import (
    CALENDAR,
    EMAIL,
    LUCIA,
    MARCO,
    REDIRECT,
    SCOPES,
    Person,
    claims,
    connect,
    finish,
    post,
    start,
)


def test_the_whole_way_from_consent_to_an_api_call(person: Person, url: str, sim: Any) -> None:
    address, state, verifier = start(url)
    callback = person.consent(address)
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


def test_id_token_and_userinfo_name_the_same_person(person: Person, url: str) -> None:
    token = connect(person, MARCO)
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
    person: Person, url: str, change: tuple[str, str], status: int, code: str
) -> None:
    address = start(url)[0]
    assert change[0] in address
    page = person.open(address.replace(*change))
    assert (page.status_code, "Location" in page.headers) == (status, False)
    assert code in page.text


def test_deny_comes_back_as_access_denied_with_the_state(person: Person, url: str) -> None:
    address, state, verifier = start(url, login_hint=LUCIA)
    answer = person.click(person.open(address), account=LUCIA, decision="deny")
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["state"] == [state]
    with pytest.raises(AccessDeniedError):
        finish(url, answer.headers["Location"], state, verifier)


def test_unticked_scopes_are_not_granted(person: Person, url: str) -> None:
    address, state, verifier = start(url)
    token = finish(url, person.consent(address, ticked=(CALENDAR,)), state, verifier)
    assert token["scope"] == ["openid", EMAIL, CALENDAR]


def test_the_account_chooser_honours_the_hint(person: Person, url: str) -> None:
    chooser = person.open(start(url)[0])
    assert LUCIA in chooser.text
    assert MARCO in chooser.text
    sub = claims(connect(person, MARCO)["id_token"])["sub"]
    for hint in (MARCO, sub):
        page = person.open(start(url, login_hint=hint)[0])
        assert MARCO in page.text
        assert LUCIA not in page.text
        assert 'type="checkbox"' in page.text
    assert 'value="choose"' in person.open(start(url, login_hint="nadie@fuera.example")[0]).text


def test_pages_speak_spanish_or_english(person: Person, url: str) -> None:
    address = start(url, login_hint=LUCIA)[0]
    assert "Permitir" in person.open(address, **{"Accept-Language": "es-ES,es;q=0.9"}).text
    assert "Allow" in person.open(address, **{"Accept-Language": "en-GB,es;q=0.5"}).text
    assert "Denegar" in person.open(address + "&hl=es", **{"Accept-Language": "en"}).text


def test_a_remembered_consent_asks_nothing_and_brings_no_refresh_token(person: Person, url: str) -> None:
    connect(person)
    address, state, verifier = start(url, login_hint=LUCIA, prompt="")
    answer = person.open(address)
    assert answer.status_code == 302
    token = finish(url, answer.headers["Location"], state, verifier)
    assert "refresh_token" not in token
    answer = person.open(start(url, login_hint=MARCO, prompt="none")[0])
    assert "error=interaction_required" in answer.headers["Location"]


def test_online_access_brings_no_refresh_token(person: Person) -> None:
    assert "refresh_token" not in connect(person, access_type="online")


def test_earlier_grants_are_included_on_request(person: Person, url: str) -> None:
    connect(person)
    address, state, verifier = start(url, ["openid", EMAIL], include_granted_scopes="true")
    token = finish(url, person.consent(address), state, verifier)
    assert set(token["scope"]) == set(SCOPES)
    address, state, verifier = start(url, ["openid", EMAIL])
    assert finish(url, person.consent(address), state, verifier)["scope"] == ["openid", EMAIL]


def test_a_page_that_is_out_of_date_says_so(person: Person, url: str) -> None:
    answer = post(url, "/o/oauth2/v2/consent", request="old", decision="allow", account=LUCIA)
    assert answer.status_code == 400


def test_texts_from_outside_are_escaped(person: Person, url: str) -> None:
    address = start(url)[0].replace(quote(REDIRECT, safe=""), quote("https://x.example/<script>", safe=""))
    assert "<script>" not in person.open(address).text
