"""A Google account's consent: asking for it, exchanging the code, refreshing, revoking.

https://developers.google.com/identity/protocols/oauth2/web-server

The redirect back, its `state` and the code verifier between the two requests are plugin/sync/accounts.py's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from google.oauth2.credentials import Credentials
from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session

from plugin.core.errors import StoreError, UnavailableError
from plugin.google.connection import TimedCredentials
from plugin.google.token_errors import error_from_oauth
from plugin.sync.account_ports import Grant
from plugin.sync.views import CALENDAR, CONTACTS

TIMEOUT_S = 10.0

# Full names: Google answers with them, and a shorter `email` would count as another scope.
IDENTITY_SCOPES = ("openid", "https://www.googleapis.com/auth/userinfo.email")
CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar"
CONTACTS_SCOPE = "https://www.googleapis.com/auth/contacts"
SCOPES = {
    CALENDAR: (*IDENTITY_SCOPES, CALENDAR_SCOPE),
    CONTACTS: (*IDENTITY_SCOPES, CONTACTS_SCOPE),
}

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the four OAuth addresses are."""

    authorize: str
    token: str
    revoke: str
    userinfo: str


GOOGLE = Endpoints(
    authorize="https://accounts.google.com/o/oauth2/v2/auth",
    token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    revoke="https://oauth2.googleapis.com/revoke",
    userinfo="https://openidconnect.googleapis.com/v1/userinfo",
)


def build_endpoints(endpoint: str | None) -> Endpoints:
    """Return Google's own addresses, or the same paths under one root."""
    if endpoint is None:
        return GOOGLE
    root = endpoint.rstrip("/")
    _allow_loopback(root)
    return Endpoints(
        *(
            root + urlsplit(url).path
            for url in (GOOGLE.authorize, GOOGLE.token, GOOGLE.revoke, GOOGLE.userinfo)
        )
    )


def is_reachable(endpoint: str | None, timeout_s: float = 5.0) -> bool:
    """Tell whether Google (or the stand-in at `endpoint`) answers at all; whatever it answers will do."""
    try:
        requests.get(build_endpoints(endpoint).token, timeout=timeout_s)
    except requests.RequestException:
        return False
    return True


def _allow_loopback(root: str) -> None:
    # oauthlib refuses http:// unless this process-wide switch is set; nothing but this machine may have it
    parts = urlsplit(root)
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """This install's client as registered with Google. `redirect_uri` is compared byte for byte, query included."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    endpoints: Endpoints = GOOGLE


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A new access token; `refresh_token` is the one to keep from now on."""

    access_token: str = field(repr=False)
    expires_utc: datetime
    refresh_token: str = field(repr=False)


def authorization_url(
    client: OAuthClient,
    scopes: Sequence[str],
    *,
    state: str,
    code_challenge: str,
    login_hint: str | None = None,
    language: str | None = None,
) -> str:
    """Return the address of Google's consent page; it always asks, because only a consent brings a refresh token."""
    wanted = {
        "access_type": "offline",
        "prompt": "consent",
        "include_granted_scopes": "true",
        "code_challenge": code_challenge,
        "code_challenge_method": "S256",
        "login_hint": login_hint,
        "hl": language,
    }
    session = OAuth2Session(client.client_id, redirect_uri=client.redirect_uri, scope=list(scopes))
    given = {name: value for name, value in wanted.items() if value}
    url, _ = session.authorization_url(client.endpoints.authorize, state=state, **given)
    return str(url)


def exchange_code(client: OAuthClient, code: str, verifier: str) -> Grant:
    """Return the grant behind a code. Raises CredentialsRevokedError for a code that is used, old or not ours.

    The scopes may be fewer or more than asked, and without a new consent there is no refresh token.
    """
    # without a scope of its own the session takes what was granted, which may be less than was asked
    with OAuth2Session(client.client_id, redirect_uri=client.redirect_uri) as session:
        answer = _asked(
            lambda: session.fetch_token(
                client.endpoints.token,
                code=code,
                code_verifier=verifier,
                client_secret=client.client_secret,
                include_client_id=True,
                timeout=TIMEOUT_S,
            )
        )
        person = _asked(lambda: _json(session.get(client.endpoints.userinfo, timeout=TIMEOUT_S)))
    if not person.get("sub"):
        raise UnavailableError("userinfo: no sub in the answer")
    return Grant(
        google_sub=str(person["sub"]),
        email=str(person.get("email", "")),
        scopes=_scopes(answer.get("scope")),
        refresh_token=answer.get("refresh_token"),
        access_token=answer["access_token"],
        expires_utc=_expiry(answer),
    )


def refresh(client: OAuthClient, refresh_token: str) -> Refreshed:
    """Return a new access token. Raises CredentialsRevokedError when the user has to connect again."""
    with OAuth2Session(client.client_id) as session:
        answer = _asked(
            lambda: session.refresh_token(
                client.endpoints.token,
                refresh_token=refresh_token,
                client_id=client.client_id,
                client_secret=client.client_secret,
                timeout=TIMEOUT_S,
            )
        )
    return Refreshed(answer["access_token"], _expiry(answer), answer.get("refresh_token") or refresh_token)


def revoke(client: OAuthClient, token: str) -> None:
    """End the whole grant, all scopes of the Google project; one that is already dead is fine. Takes either token."""

    def send() -> None:
        answer = requests.post(client.endpoints.revoke, data={"token": token}, timeout=TIMEOUT_S)
        if not answer.ok and answer.json().get("error") not in ("invalid_token", "invalid_grant"):
            raise ValueError("neither revoked nor unknown")

    _asked(send)


def build_credentials(
    client: OAuthClient,
    refresh_token: str,
    access_token: str | None = None,
    expires_utc: datetime | None = None,
) -> Credentials:
    """Return credentials that refresh themselves; without scopes, as asking for one that wasn't granted is refused."""
    return TimedCredentials(  # type: ignore[no-untyped-call]
        token=access_token,
        refresh_token=refresh_token,
        token_uri=client.endpoints.token,
        client_id=client.client_id,
        client_secret=client.client_secret,
        # the library compares with a naive UTC time
        expiry=expires_utc.astimezone(UTC).replace(tzinfo=None) if expires_utc else None,
    )


def _asked(send: Callable[[], Any]) -> Any:
    try:
        return send()
    except OAuth2Error as error:
        raise _translated(error) from error
    except (requests.RequestException, ValueError, KeyError) as error:
        raise UnavailableError(f"OAuth: {type(error).__name__}") from error


def _translated(error: OAuth2Error) -> StoreError:
    return error_from_oauth(str(error.error or ""))


def _json(answer: requests.Response) -> dict[str, Any]:
    answer.raise_for_status()
    body = answer.json()
    if not isinstance(body, dict):
        raise ValueError("not an object")  # noqa: TRY004 - about what was sent, not about our types
    return body


def _scopes(scope: Any) -> frozenset[str]:
    return frozenset(scope.split() if isinstance(scope, str) else scope or ())


def _expiry(answer: dict[str, Any]) -> datetime:
    # without a lifetime in the answer the token counts as stale, and is refreshed before its first use
    return datetime.fromtimestamp(answer.get("expires_at", 0), UTC)
