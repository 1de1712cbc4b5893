"""What the pages are given, as Protocols: tests hand in fakes, `create_app` the real parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from plugin.sync.ports import CrmUser
from plugin.sync.views import (
    ConnectionView,
    ConnectOutcome,
    OfferedCalendar,
    ParkedView,
    PlannedChange,
    Preferences,
    PreviewView,
    RunView,
    SettingsOutcome,
)


class Sessions(Protocol):
    """Who is asking: the CRM's PHP sessions (plugin/crm/session.py)."""

    def user_id(self, session_id: str) -> int | None:
        """Return the logged-in CRM user's id, or None. Raises SessionBusyError, UnavailableError."""


class Users(Protocol):
    """The CRM's users (plugin/crm/users.py)."""

    def user(self, user_id: int) -> CrmUser | None:
        """Return the user, or None if there is no such row or it is deleted."""


class Accounts(Protocol):
    """Connections with Google (plugin/sync/accounts.py)."""

    def begin_connect(self, user: CrmUser, module: str, session_id: str) -> str:
        """Return the address of Google's consent page. Raises MissingClientError if no OAuth client is registered."""

    def complete_connect(
        self, user: CrmUser, session_id: str, parameters: Mapping[str, str]
    ) -> ConnectOutcome:
        """Take in what Google sent to the redirect URI (code or error, state)."""

    def last_outcome(self, user: CrmUser, module: str, session_id: str) -> ConnectOutcome | None:
        """Return how this session's latest visit to the consent page ended; None while it is open or never was."""

    def disconnect(self, user: CrmUser, module: str) -> None:
        """Forget the grant; links rest, so that reconnecting doubles nothing."""

    def connection(self, user: CrmUser, module: str) -> ConnectionView:
        """Return where the user stands."""


class Runs(Protocol):
    """Runs, asked for and told about (plugin/jobs/queue.py)."""

    def request(self, pair_id: int, trigger: str) -> RunView:
        """Enqueue a run, or return the one already waiting or running. Raises UnavailableError without Redis."""

    def view(self, run_id: int) -> RunView | None:
        """Return a run with its progress."""

    def latest(self, pair_id: int) -> RunView | None:
        """Return the newest run of the pair."""

    def history(self, crm_user_id: int | None, limit: int) -> Sequence[RunView]:
        """Return the newest runs, of one user or of all."""


class Reviews(Protocol):
    """What waits for a person (plugin/bootstrap/reviews.py)."""

    def held(self, pair_id: int) -> Sequence[PlannedChange]:
        """Return the deletions that wait for approval."""

    def parked(self, pair_id: int) -> Sequence[ParkedView]:
        """Return the records that are set aside, the latest first."""

    def approve(self, pair_id: int, digest: str) -> bool:
        """Let the deletions of the list go ahead, once; False, and nothing is approved, if others are held by now."""


class Previews(Protocol):
    """What a run would do (plugin/jobs/previews.py)."""

    def ask(self, pair_id: int) -> PreviewView:
        """Have a worker find out, or return the question already waiting. Raises UnavailableError without Redis."""

    def answer(self, pair_id: int) -> PreviewView | None:
        """Return the latest question of the last ten minutes with its answer, if there is one."""


class PreferenceStore(Protocol):
    """What users chose (plugin/state/preferences.py)."""

    def load(self, pair_id: int) -> Preferences:
        """Return what holds for the pair."""

    def save(self, pair_id: int, chosen: Preferences) -> SettingsOutcome:
        """Keep what was chosen, or nothing at all, if it wants to write to a collection that may only be read."""


class Calendars(Protocol):
    """Google's calendars to choose from (plugin/sync/choosing.py). Both raise what asking Google raises."""

    def offered(self, pair_id: int, current_id: str) -> Sequence[OfferedCalendar]:
        """Return the calendars that may be chosen instead of the pair's."""

    def choose(self, pair_id: int, calendar_id: str) -> SettingsOutcome:
        """Sync with this calendar from now on."""


class WebSettings(Protocol):
    """The settings that pages look at; plugin/config.py has all of them."""

    @property
    def crm_url(self) -> str:
        """The CRM's address, ending in a slash."""

    @property
    def crm_timezone(self) -> str: ...

    @property
    def crm_csrf_secret(self) -> str: ...

    @property
    def log_format(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Services:
    """What web, jobs and cli are given.

    `ready` names what is down: database, redis, sessions, worker. `has_client` tells whether an OAuth client is registered.
    """

    settings: WebSettings
    sessions: Sessions
    users: Users
    accounts: Accounts
    runs: Runs
    reviews: Reviews
    previews: Previews
    preferences: PreferenceStore
    calendars: Calendars
    clock: Callable[[], datetime]
    ready: Callable[[], Sequence[str]]
    has_client: Callable[[], bool]
    redis: Any = None
