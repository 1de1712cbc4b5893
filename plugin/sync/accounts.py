"""Connecting a CRM user with Google, and disconnecting: the use case behind the popup.

`state` is single use, expires, and is bound to the CRM session; PKCE S256. Links outlive a disconnect, so that
connecting again doubles nothing.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from plugin.core.errors import MissingClientError, StoreError
from plugin.sync.ports import CrmUser
from plugin.sync.views import ConnectionView, ConnectOutcome

# Long enough to read a consent page, short enough that a leaked link is stale.
STATE_TTL = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Grant:
    """What Google gave: who, for which scopes, and the tokens. `sub` identifies the account for good."""

    google_sub: str
    email: str
    scopes: frozenset[str]
    access_token: str
    expires_utc: datetime
    refresh_token: str | None


@dataclass(frozen=True, slots=True)
class Collection:
    """A Google calendar: its real id (never `primary`), its name."""

    collection_id: str
    name: str


@dataclass(frozen=True, slots=True)
class OpenState:
    """A visit to the consent page that has begun; `session_hash` is the CRM session it belongs to."""

    state_hash: str
    session_hash: str
    crm_user_id: int
    module: str
    verifier: str
    expires_utc: datetime


class SignIn(Protocol):
    """Google's OAuth (plugin/google/oauth.py), for the registered client."""

    def consent_url(
        self, *, module: str, state: str, code_challenge: str, login_hint: str, language: str
    ) -> str:
        """Return the address of the consent page; its redirect URI is the module's."""

    def exchange(self, *, module: str, code: str, verifier: str) -> Grant:
        """Return the grant for a code."""

    def revoke(self, refresh_token: str) -> None:
        """End the grant at Google."""

    def has_needed_scopes(self, module: str, scopes: frozenset[str]) -> bool:
        """Tell whether the user allowed what the module needs."""

    def primary_collection(self, module: str, grant: Grant) -> Collection:
        """Return the collection that the module syncs unless another is chosen."""


class GrantStore(Protocol):
    """Accounts, pairs and open states (plugin/state/grants.py). Every method is a transaction of its own."""

    def save_state(self, state: OpenState, now_utc: datetime) -> None:
        """Remember a visit that begins."""

    def use_state(self, state_hash: str, now_utc: datetime) -> OpenState | None:
        """Return the visit and mark it used; None if it is unknown, used or too old. Only one caller gets it."""

    def save_outcome(self, state_hash: str, outcome: ConnectOutcome) -> None:
        """Remember how a visit ended."""

    def last_outcome(self, session_hash: str, module: str, now_utc: datetime) -> ConnectOutcome | None:
        """Return how the session's latest visit ended; None while it is open, or without one."""

    def connection(self, crm_user_id: int, module: str) -> ConnectionView:
        """Return where the user stands."""

    def current_sub(self, crm_user_id: int, module: str) -> str | None:
        """Return the Google account in use for the module, None if disconnected."""

    def save_grant(
        self, crm_user_id: int, module: str, grant: Grant, collection: Collection, now_utc: datetime
    ) -> bool:
        """Keep the grant (encrypted) and put the module's pair to use. False if another user has the collection."""

    def disconnect(self, crm_user_id: int, module: str) -> Sequence[str]:
        """Rest the pair; return refresh tokens to revoke: those of a Google account that no pair uses any more."""


class ConnectAccounts:
    """The `Accounts` that web and jobs are given."""

    def __init__(
        self, store: GrantStore, sign_in: Callable[[], SignIn | None], now_utc: Callable[[], datetime]
    ) -> None:
        self._store, self._sign_in, self._now_utc = store, sign_in, now_utc

    def begin_connect(self, user: CrmUser, module: str, session_id: str) -> str:
        """Return the address of Google's consent page. Raises MissingClientError if no OAuth client is registered."""
        sign_in = self._sign_in()
        if sign_in is None:
            raise MissingClientError("no OAuth client is registered")
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        now = self._now_utc()
        self._store.save_state(
            OpenState(_hash(state), _hash(session_id), user.user_id, module, verifier, now + STATE_TTL), now
        )
        return sign_in.consent_url(
            module=module,
            state=state,
            code_challenge=_challenge(verifier),
            login_hint=self._store.connection(user.user_id, module).email,
            language=user.language[:2],
        )

    def complete_connect(
        self, user: CrmUser, session_id: str, parameters: Mapping[str, str]
    ) -> ConnectOutcome:
        """Take in what Google sent to the redirect URI (code or error, state); the state is used up by it."""
        opened = self._store.use_state(_hash(parameters.get("state", "")), self._now_utc())
        if opened is None:
            return ConnectOutcome.EXPIRED
        if opened.session_hash != _hash(session_id) or opened.crm_user_id != user.user_id:
            outcome = ConnectOutcome.FOREIGN
        elif "code" not in parameters:
            outcome = _refusal(parameters.get("error", ""))
        else:
            outcome = self._take_grant(user, opened, parameters["code"])
        self._store.save_outcome(opened.state_hash, outcome)
        return outcome

    def last_outcome(self, user: CrmUser, module: str, session_id: str) -> ConnectOutcome | None:
        """Return how this session's latest visit to the consent page ended; None while it is open or never was."""
        del user  # a session belongs to one user
        return self._store.last_outcome(_hash(session_id), module, self._now_utc())

    def disconnect(self, user: CrmUser, module: str) -> None:
        """Forget the grant; links rest. Google is told only if no other pair needs the account (design.md §5)."""
        tokens = self._store.disconnect(user.user_id, module)
        sign_in = self._sign_in()
        if sign_in is None:
            return
        for refresh_token in tokens:
            try:
                sign_in.revoke(refresh_token)
            except StoreError:
                # The grant is forgotten here either way; the user can end it in Google's own account page.
                continue

    def connection(self, user: CrmUser, module: str) -> ConnectionView:
        """Return where the user stands."""
        return self._store.connection(user.user_id, module)

    def _take_grant(self, user: CrmUser, opened: OpenState, code: str) -> ConnectOutcome:
        sign_in = self._sign_in()
        if sign_in is None:
            return ConnectOutcome.NO_CLIENT
        try:
            grant = sign_in.exchange(module=opened.module, code=code, verifier=opened.verifier)
            if not sign_in.has_needed_scopes(opened.module, grant.scopes):
                return ConnectOutcome.MISSING_SCOPE
            if grant.refresh_token is None:
                return ConnectOutcome.NO_REFRESH_TOKEN
            current_sub = self._store.current_sub(user.user_id, opened.module)
            if current_sub not in {None, grant.google_sub}:
                return ConnectOutcome.OTHER_ACCOUNT
            collection = sign_in.primary_collection(opened.module, grant)
        except StoreError:
            return ConnectOutcome.FAILED
        is_free = self._store.save_grant(user.user_id, opened.module, grant, collection, self._now_utc())
        return ConnectOutcome.CONNECTED if is_free else ConnectOutcome.TAKEN


def _refusal(error: str) -> ConnectOutcome:
    return ConnectOutcome.REFUSED if error == "access_denied" else ConnectOutcome.FAILED


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
