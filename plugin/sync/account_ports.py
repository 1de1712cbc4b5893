"""What connecting needs from the outside: Google's sign-in, and a memory of accounts and visits to the consent page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from plugin.core.contact import Slot
from plugin.sync.views import ConnectionView, ConnectOutcome


@dataclass(frozen=True, slots=True)
class Grant:
    """What Google gave: who, for which scopes, and the tokens. `sub` identifies the account for good."""

    google_sub: str
    email: str
    scopes: frozenset[str]
    access_token: str = field(repr=False)
    expires_utc: datetime
    refresh_token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Collection:
    """A Google calendar: its real id (never `primary`), its name, and whether the account may write to it.

    Or a label of an account's contacts, or all of them (ALL_CONTACTS).
    """

    collection_id: str
    name: str
    can_write: bool = True
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class OpenState:
    """A visit to the consent page that has begun; `session_hash` is the CRM session it belongs to."""

    state_hash: str
    session_hash: str
    crm_user_id: int
    module: str
    verifier: str = field(repr=False)
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
        self,
        crm_user_id: int,
        module: str,
        grant: Grant,
        collection: Collection,
        now_utc: datetime,
        not_allowed: Sequence[str] = (),
        field_choice: Sequence[Slot] | None = None,
    ) -> bool:
        """Keep the grant (encrypted) and put the module's pair to use. False if another user has the collection.

        The pair is the one that the account used last, if its collection wasn't lost; else that of `collection`. The grant is
        the account's, for all modules; those of `not_allowed` it doesn't hold for, so their pairs ask to be connected again.
        A pair that is new begins with `field_choice`.
        """

    def disconnect(self, crm_user_id: int, module: str) -> Sequence[str]:
        """Rest the pair; return refresh tokens to revoke: those of a Google account that no pair uses any more."""
