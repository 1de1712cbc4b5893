"""From the consent page to a revoked grant, against the simulator."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from plugin.core.errors import (
    ClientRejectedError,
    CollectionLostError,
    CredentialsRevokedError,
    StoreError,
    UnavailableError,
)
from plugin.google import oauth
from plugin.google.oauth import CALENDAR_SCOPE, CONTACTS_SCOPE, IDENTITY_SCOPES
from plugin.google.sign_in import GoogleSignIn
from plugin.sync.account_ports import Grant, SignIn
from plugin.sync.views import ALL_CONTACTS, CALENDAR, CONTACTS
from tests.simulated_google import CLIENT, EMAIL, REDIRECT_URI, SimulatedGoogle

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def sign_in(google: SimulatedGoogle) -> GoogleSignIn:
    return build_sign_in(google.url)


def build_sign_in(endpoint: str | None, secret: str = CLIENT.client_secret) -> GoogleSignIn:
    redirect_uris = {CALENDAR: REDIRECT_URI, CONTACTS: REDIRECT_URI}
    return GoogleSignIn(CLIENT.client_id, secret, redirect_uris, endpoint)


def consent_url(sign_in: SignIn, module: str = CALENDAR) -> str:
    return sign_in.consent_url(
        module=module, state="the-state", code_challenge=CHALLENGE, login_hint=EMAIL, language="es"
    )


def answer_consent(
    google: SimulatedGoogle, url: str, decision: str = "allow", without: str | None = None
) -> dict[str, str]:
    """Click through the consent page; return what the redirect brings."""
    page = requests.get(url, timeout=10).text
    key = re.search(r'name="request" value="([^"]+)"', page)
    assert key is not None
    scopes = [s for s in re.findall(r'name="scope" value="([^"]+)"', page) if s != without]
    form: dict[str, Any] = {"request": key[1], "account": EMAIL, "decision": decision, "scope": scopes}
    answer = requests.post(f"{google.url}/o/oauth2/v2/consent", data=form, allow_redirects=False, timeout=10)
    location = answer.headers["Location"]
    assert location.startswith(REDIRECT_URI + "&")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def connect(google: SimulatedGoogle, sign_in: SignIn, module: str = CALENDAR) -> Grant:
    code = answer_consent(google, consent_url(sign_in, module))["code"]
    return sign_in.exchange(module=module, code=code, verifier=VERIFIER)


def test_consent_url_asks_for_everything_a_sync_needs() -> None:
    url = consent_url(build_sign_in(None))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}

    assert url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    assert asked == {
        "client_id": CLIENT.client_id,
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": " ".join((*IDENTITY_SCOPES, CALENDAR_SCOPE)),
        "access_type": "offline",
        "prompt": "consent",
        "include_granted_scopes": "true",
        "state": "the-state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "login_hint": EMAIL,
        "hl": "es",
    }


def test_round_trip_brings_who_what_and_both_tokens(google: SimulatedGoogle, sign_in: GoogleSignIn) -> None:
    redirected = answer_consent(google, consent_url(sign_in))
    grant = sign_in.exchange(module=CALENDAR, code=redirected["code"], verifier=VERIFIER)

    assert redirected["state"] == "the-state"
    assert grant.email == EMAIL
    assert grant.google_sub == google.tokens()["sub"]
    assert grant.scopes == {*IDENTITY_SCOPES, CALENDAR_SCOPE}
    assert grant.access_token
    assert grant.refresh_token
    assert timedelta(minutes=55) < grant.expires_utc - datetime.now(UTC) <= timedelta(hours=1)


def test_refusal_comes_back_as_a_parameter(google: SimulatedGoogle, sign_in: GoogleSignIn) -> None:
    redirected = answer_consent(google, consent_url(sign_in), "deny")

    assert redirected["error"] == "access_denied"
    assert redirected["state"] == "the-state"


def test_scope_taken_off_is_missing_from_the_grant(google: SimulatedGoogle, sign_in: GoogleSignIn) -> None:
    redirected = answer_consent(google, consent_url(sign_in), without=CALENDAR_SCOPE)
    grant = sign_in.exchange(module=CALENDAR, code=redirected["code"], verifier=VERIFIER)

    assert CALENDAR_SCOPE not in grant.scopes
    assert not sign_in.has_needed_scopes(CALENDAR, grant.scopes)


def test_second_module_widens_the_grant(google: SimulatedGoogle, sign_in: GoogleSignIn) -> None:
    first = connect(google, sign_in)
    second = connect(google, sign_in, CONTACTS)

    assert sign_in.has_needed_scopes(CALENDAR, first.scopes)
    assert not sign_in.has_needed_scopes(CONTACTS, first.scopes)
    assert second.scopes >= {CALENDAR_SCOPE, CONTACTS_SCOPE}
    assert second.google_sub == first.google_sub


def test_primary_calendar_is_known_by_its_real_id(google: SimulatedGoogle, sign_in: GoogleSignIn) -> None:
    grant = connect(google, sign_in)

    assert sign_in.primary_collection(CALENDAR, grant).collection_id == EMAIL
    assert sign_in.primary_collection(CONTACTS, grant).collection_id == ALL_CONTACTS


def test_primary_calendar_that_is_not_there_is_lost(google: SimulatedGoogle, sign_in: GoogleSignIn) -> None:
    grant = connect(google, sign_in)
    google.fault("calendarList.get", status=404)

    with pytest.raises(CollectionLostError):
        sign_in.primary_collection(CALENDAR, grant)


def test_code_is_good_for_one_exchange(google: SimulatedGoogle, sign_in: GoogleSignIn) -> None:
    code = answer_consent(google, consent_url(sign_in))["code"]
    sign_in.exchange(module=CALENDAR, code=code, verifier=VERIFIER)

    with pytest.raises(CredentialsRevokedError):
        sign_in.exchange(module=CALENDAR, code=code, verifier=VERIFIER)


def test_code_is_worth_nothing_without_the_verifier(google: SimulatedGoogle, sign_in: GoogleSignIn) -> None:
    code = answer_consent(google, consent_url(sign_in))["code"]

    with pytest.raises(CredentialsRevokedError):
        sign_in.exchange(module=CALENDAR, code=code, verifier="w" * 64)


def test_wrong_secret_is_the_administrators_business(google: SimulatedGoogle, sign_in: GoogleSignIn) -> None:
    code = answer_consent(google, consent_url(sign_in))["code"]

    with pytest.raises(ClientRejectedError):
        build_sign_in(google.url, "another secret").exchange(module=CALENDAR, code=code, verifier=VERIFIER)


@pytest.mark.parametrize("route", ["oauth.token", "oauth.userinfo"])
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 503, "body": "html"},
        {"status": 200, "body": "truncated"},
        {"reset": "before"},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
def test_google_out_of_order_is_unavailable(
    google: SimulatedGoogle, sign_in: GoogleSignIn, route: str, fault: dict[str, Any]
) -> None:
    code = answer_consent(google, consent_url(sign_in))["code"]
    google.fault(route, **fault)

    with pytest.raises(UnavailableError):
        sign_in.exchange(module=CALENDAR, code=code, verifier=VERIFIER)


def test_refresh_brings_a_new_access_token_and_keeps_the_refresh_token(
    google: SimulatedGoogle, sign_in: GoogleSignIn
) -> None:
    grant = connect(google, sign_in)
    assert grant.refresh_token is not None

    refreshed = oauth.refresh(google.client(), grant.refresh_token)

    assert refreshed.access_token != grant.access_token
    assert refreshed.refresh_token == grant.refresh_token
    assert refreshed.expires_utc > datetime.now(UTC)
    assert grant.refresh_token not in repr(refreshed)


def test_revoked_grant_can_not_be_refreshed(google: SimulatedGoogle, sign_in: GoogleSignIn) -> None:
    grant = connect(google, sign_in)
    assert grant.refresh_token is not None

    sign_in.revoke(grant.refresh_token)

    with pytest.raises(CredentialsRevokedError):
        oauth.refresh(google.client(), grant.refresh_token)
    sign_in.revoke(grant.refresh_token)  # once more does no harm


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"status": 502, "body": "html"}, {"reset": "before"}], ids=str
)
def test_failed_revocation_is_told(
    google: SimulatedGoogle, sign_in: GoogleSignIn, fault: dict[str, Any]
) -> None:
    google.fault("oauth.revoke", **fault)

    with pytest.raises(UnavailableError):
        sign_in.revoke(google.tokens()["refresh_token"])


def test_errors_do_not_hold_the_tokens(google: SimulatedGoogle, sign_in: GoogleSignIn) -> None:
    refresh_token = google.tokens()["refresh_token"]
    google.fault("oauth.revoke", reset="before")
    google.fault("oauth.token", reset="before")

    for ask in (sign_in.revoke, lambda token: oauth.refresh(google.client(), token)):
        with pytest.raises(StoreError) as caught:
            ask(refresh_token)
        assert refresh_token not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize(
    "endpoint",
    ["http://google.example", "http://10.0.0.7:8000"],
)
def test_plain_http_is_for_this_machine_only(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OAUTHLIB_INSECURE_TRANSPORT", raising=False)

    with pytest.raises(StoreError):
        build_sign_in(endpoint).exchange(module=CALENDAR, code="c", verifier=VERIFIER)
