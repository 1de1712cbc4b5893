"""What users granted to clients, and the tokens that came of it.

Life and death of refresh tokens: https://developers.google.com/identity/protocols/oauth2#expiration
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from demo.google.clock import Clock, stamp
from demo.google.model import Account, Client
from demo.google.switches import Switches
from demo.google.wire import Json

TESTING_LIFE = timedelta(days=7)
UNUSED_LIFE = timedelta(days=183)


@dataclass
class AuthorizationCode:
    value: str
    account: Account
    client_id: str
    redirect_uri: str
    scopes: list[str]
    offline: bool
    challenge: str
    challenge_method: str
    nonce: str
    issued: datetime


@dataclass
class RefreshToken:
    value: str
    account: Account
    client: Client
    scopes: list[str]
    issued: datetime
    used: datetime


@dataclass
class AccessToken:
    value: str
    account: Account
    client: Client
    scopes: list[str]
    expires: datetime


@dataclass
class GrantBook:
    clock: Clock
    switches: Switches
    codes: dict[str, AuthorizationCode] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    granted: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Scopes by (sub, project): all clients of a project share one grant."""

    def scopes(self, account: Account, client: Client) -> list[str]:
        return self.granted.get((account.sub, client.project), [])

    def grant(self, account: Account, client: Client, scopes: list[str]) -> None:
        known = self.granted.setdefault((account.sub, client.project), [])
        known.extend(scope for scope in scopes if scope not in known)

    def add_code(self, code: AuthorizationCode) -> None:
        self.codes[code.value] = code

    def take_code(self, value: str) -> AuthorizationCode | None:
        """The code, once and in time."""
        code = self.codes.pop(value, None)
        if code is None:
            return None
        age = self.clock.now() - code.issued
        return code if age <= timedelta(seconds=self.switches.code_seconds) else None

    def issue_refresh(self, account: Account, client: Client, scopes: list[str]) -> RefreshToken:
        now = self.clock.now()
        token = RefreshToken(f"1//0sim-{secrets.token_urlsafe(24)}", account, client, list(scopes), now, now)
        self.refresh_tokens[token.value] = token
        own = [
            t
            for t in self.refresh_tokens.values()
            if (t.account, t.client.client_id) == (account, client.client_id)
        ]
        for oldest in own[: -self.switches.refresh_tokens_per_client]:
            del self.refresh_tokens[oldest.value]
        return token

    def issue_access(self, account: Account, client: Client, scopes: list[str]) -> AccessToken:
        expires = self.clock.now() + timedelta(seconds=self.switches.expires_in)
        token = AccessToken(f"ya29.sim-{secrets.token_urlsafe(32)}", account, client, list(scopes), expires)
        self.access_tokens[token.value] = token
        return token

    def living_refresh(self, value: str) -> RefreshToken | None:
        token = self.refresh_tokens.get(value)
        if token is None:
            return None
        now = self.clock.now()
        too_old = self.switches.testing_project and now - token.issued > TESTING_LIFE
        if too_old or now - token.used > UNUSED_LIFE:
            del self.refresh_tokens[value]
            return None
        token.used = now
        return token

    def living_access(self, value: str) -> AccessToken | None:
        token = self.access_tokens.get(value)
        return token if token and token.expires > self.clock.now() else None

    def revoke_token(self, value: str) -> bool:
        """End the whole grant behind an access or refresh token; False for an unknown one."""
        token = self.refresh_tokens.get(value) or self.living_access(value)
        if token is None:
            return False
        self.revoke(token.account, token.client.project)
        return True

    def revoke(self, account: Account, project: str | None = None) -> None:
        """End the account's grants to the project (or to all): every scope, every client, every token."""
        for key in [k for k in self.granted if k[0] == account.sub and project in (None, k[1])]:
            del self.granted[key]

        def stays(token: RefreshToken | AccessToken) -> bool:
            return token.account is not account or project not in (None, token.client.project)

        self.refresh_tokens = {v: token for v, token in self.refresh_tokens.items() if stays(token)}
        self.access_tokens = {v: token for v, token in self.access_tokens.items() if stays(token)}

    def dump(self) -> list[Json]:
        return [
            {
                "sub": sub,
                "project": project,
                "scopes": scopes,
                "refresh_tokens": [
                    {"client_id": t.client.client_id, "issued": stamp(t.issued), "used": stamp(t.used)}
                    for t in self.refresh_tokens.values()
                    if (t.account.sub, t.client.project) == (sub, project)
                ],
                "access_tokens": sum(
                    (t.account.sub, t.client.project) == (sub, project) for t in self.access_tokens.values()
                ),
            }
            for (sub, project), scopes in self.granted.items()
        ]
