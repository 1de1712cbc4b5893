"""What the pages are given, in memory: each fake keeps the contract of its Protocol in plugin/bootstrap.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from plugin.bootstrap import Services
from plugin.core.errors import MissingClientError, SyncError
from plugin.core.model import Direction
from plugin.sync.ports import CrmUser
from plugin.sync.preview import list_digest
from plugin.sync.views import (
    CALENDAR,
    ConnectionStatus,
    ConnectionView,
    ConnectOutcome,
    OfferedCalendar,
    ParkedView,
    PlannedChange,
    Preferences,
    PreviewView,
    Progress,
    RunStatus,
    RunView,
    SettingsOutcome,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CONSENT_PAGE = "https://accounts.example/consent"


class FakeClock:
    """Stands still until it is told."""

    def __init__(self, now_utc: datetime = NOW) -> None:
        self.now_utc = now_utc

    def __call__(self) -> datetime:
        return self.now_utc

    def advance(self, **duration: float) -> None:
        self.now_utc += timedelta(**duration)


class FakeSessions:
    """Session ids and who is logged in with them; `error` is raised instead when set."""

    def __init__(self) -> None:
        self.user_ids: dict[str, int] = {}
        self.error: Exception | None = None

    def user_id(self, session_id: str) -> int | None:
        if self.error:
            raise self.error
        return self.user_ids.get(session_id)


class FakeUsers:
    """CRM users by id."""

    def __init__(self) -> None:
        self.users: dict[int, CrmUser] = {}
        self.error: Exception | None = None

    def user(self, user_id: int) -> CrmUser | None:
        if self.error:
            raise self.error
        return self.users.get(user_id)


class FakeAccounts:
    """Connections by (user, module). A visit ends with `next_outcome`; `calls` says what was asked."""

    def __init__(self) -> None:
        self.connections: dict[tuple[int, str], ConnectionView] = {}
        self.outcomes: dict[tuple[str, str], ConnectOutcome] = {}
        self.next_outcome = ConnectOutcome.CONNECTED
        self.has_client = True
        self.consent_page = CONSENT_PAGE
        self.error: Exception | None = None
        self.calls: list[tuple[object, ...]] = []

    def begin_connect(self, user: CrmUser, module: str, session_id: str) -> str:
        self.calls.append(("begin", user.user_id, module, session_id))
        if not self.has_client:
            raise MissingClientError
        self.outcomes.pop((session_id, module), None)
        return f"{self.consent_page}?state=s1"

    def complete_connect(
        self, user: CrmUser, session_id: str, parameters: Mapping[str, str]
    ) -> ConnectOutcome:
        self.calls.append(("complete", user.user_id, session_id, dict(parameters)))
        outcome = self.next_outcome
        if parameters.get("state") != "s1":
            outcome = ConnectOutcome.EXPIRED
        if outcome is ConnectOutcome.CONNECTED:
            self.connect(user.user_id)
        self.outcomes[session_id, CALENDAR] = outcome
        return outcome

    def last_outcome(self, user: CrmUser, module: str, session_id: str) -> ConnectOutcome | None:
        return self.outcomes.get((session_id, module))

    def disconnect(self, user: CrmUser, module: str) -> None:
        self.calls.append(("disconnect", user.user_id, module))
        self.connections.pop((user.user_id, module), None)

    def connection(self, user: CrmUser, module: str) -> ConnectionView:
        if self.error:
            raise self.error
        return self.connections.get((user.user_id, module), ConnectionView(ConnectionStatus.NONE))

    def connect(self, user_id: int, **changes: object) -> ConnectionView:
        """Make the user connected, for a test to begin with."""
        view = ConnectionView(
            ConnectionStatus.ACTIVE, pair_id=10 + user_id, email="ana@example.com", collection_name="Ana"
        )
        view = replace(view, **changes)  # type: ignore[arg-type]
        self.connections[user_id, CALENDAR] = view
        return view


class FakeRuns:
    """Runs in order. Each look takes the next state from `script`; when that is empty, a run stays as it is."""

    def __init__(self, clock: FakeClock) -> None:
        self.runs: dict[int, RunView] = {}
        self.clock = clock
        self.error: SyncError | None = None
        self.script: list[RunView] = []

    def request(self, pair_id: int, trigger: str) -> RunView:
        if self.error:
            raise self.error
        latest = self.latest(pair_id)
        if latest and latest.status in (RunStatus.QUEUED, RunStatus.RUNNING):
            return latest
        run = RunView(
            len(self.runs) + 1,
            pair_id,
            CALENDAR,
            trigger,
            RunStatus.QUEUED,
            requested_utc=self.clock(),
            progress=Progress("waiting"),
        )
        self.runs[run.run_id] = run
        return run

    def view(self, run_id: int) -> RunView | None:
        run = self.runs.get(run_id)
        if run and self.script:
            run = self.change(run_id, self.script.pop(0))
        return run

    def latest(self, pair_id: int) -> RunView | None:
        return next((run for run in reversed(self.runs.values()) if run.pair_id == pair_id), None)

    def history(self, crm_user_id: int | None, limit: int) -> Sequence[RunView]:
        newest_first = list(reversed(self.runs.values()))
        return [run for run in newest_first if crm_user_id is None or run.pair_id == 10 + crm_user_id][:limit]

    def change(self, run_id: int, like: RunView) -> RunView:
        """Let a run be like another one, but for its identity."""
        run = self.runs[run_id]
        self.runs[run_id] = replace(
            like, run_id=run_id, pair_id=run.pair_id, module=run.module, requested_utc=run.requested_utc
        )
        return self.runs[run_id]


class FakeReviews:
    """What waits, by pair; approving takes the deletions off the list, as the run that follows would."""

    def __init__(self) -> None:
        self.held_changes: dict[int, list[PlannedChange]] = {}
        self.parked_records: dict[int, list[ParkedView]] = {}
        self.approved: list[int] = []

    def held(self, pair_id: int) -> Sequence[PlannedChange]:
        return self.held_changes.get(pair_id, [])

    def parked(self, pair_id: int) -> Sequence[ParkedView]:
        return self.parked_records.get(pair_id, [])

    def approve(self, pair_id: int, digest: str) -> bool:
        changes = self.held(pair_id)
        if not changes or list_digest(changes) != digest:
            return False
        self.approved.append(pair_id)
        self.held_changes.pop(pair_id)
        return True


class FakePreviews:
    """Previews by pair; a question waits until a test puts the answer in its place."""

    def __init__(self, clock: FakeClock) -> None:
        self.views: dict[int, PreviewView] = {}
        self.clock = clock
        self.error: SyncError | None = None

    def ask(self, pair_id: int) -> PreviewView:
        if self.error:
            raise self.error
        self.views[pair_id] = PreviewView(RunStatus.QUEUED, self.clock())
        return self.views[pair_id]

    def answer(self, pair_id: int) -> PreviewView | None:
        return self.views.get(pair_id)


class FakePreferences:
    """What users chose; `is_taken` makes the collection another user's."""

    def __init__(self) -> None:
        self.kept: dict[int, Preferences] = {}
        self.is_taken = False

    def load(self, pair_id: int) -> Preferences:
        """See the port."""
        return self.kept.get(pair_id, Preferences())

    def save(self, pair_id: int, chosen: Preferences) -> SettingsOutcome:
        """See the port."""
        if self.is_taken and chosen.direction is not Direction.GOOGLE_TO_CRM:
            return SettingsOutcome.TAKEN
        self.kept[pair_id] = chosen
        return SettingsOutcome.KEPT


class FakeCalendars:
    """Google's calendars; choosing one makes another pair of it."""

    def __init__(self, accounts: FakeAccounts) -> None:
        self.found: list[OfferedCalendar] = []
        self.error: SyncError | None = None
        self.accounts = accounts
        self.chosen: list[str] = []

    def offered(self, pair_id: int, current_id: str) -> Sequence[OfferedCalendar]:
        """See the port."""
        if self.error:
            raise self.error
        return [replace(found, is_current=found.calendar_id == current_id) for found in self.found]

    def choose(self, pair_id: int, calendar_id: str) -> SettingsOutcome:
        """See the port."""
        for found in self.offered(pair_id, ""):
            if found.calendar_id == calendar_id:
                self.chosen.append(calendar_id)
                self._connect(pair_id, found)
                return SettingsOutcome.KEPT if found.can_write else SettingsOutcome.READ_ONLY
        return SettingsOutcome.UNKNOWN

    def _connect(self, pair_id: int, found: OfferedCalendar) -> None:
        for key, view in self.accounts.connections.items():
            if view.pair_id == pair_id:
                self.accounts.connections[key] = replace(
                    view,
                    status=ConnectionStatus.ACTIVE,
                    pair_id=pair_id + 100,
                    collection_id=found.calendar_id,
                    collection_name=found.name,
                    can_write=found.can_write,
                )


@dataclass(frozen=True)
class FakeSettings:
    """The settings that pages look at."""

    crm_url: str = "https://crm.example/crm/"
    crm_timezone: str = "UTC"
    crm_csrf_secret: str = "0123456789abcdef0123456789abcdef01234567"
    log_format: str = "text"


@dataclass
class FakeWorld:
    """All fakes of one test, and what is down."""

    settings: FakeSettings = field(default_factory=FakeSettings)
    clock: FakeClock = field(default_factory=FakeClock)
    sessions: FakeSessions = field(default_factory=FakeSessions)
    users: FakeUsers = field(default_factory=FakeUsers)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)
    reviews: FakeReviews = field(default_factory=FakeReviews)
    preferences: FakePreferences = field(default_factory=FakePreferences)
    down: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.runs = FakeRuns(self.clock)
        self.previews = FakePreviews(self.clock)
        self.calendars = FakeCalendars(self.accounts)

    def services(self) -> Services:
        return Services(
            settings=self.settings,
            sessions=self.sessions,
            users=self.users,
            accounts=self.accounts,
            runs=self.runs,
            reviews=self.reviews,
            previews=self.previews,
            preferences=self.preferences,
            calendars=self.calendars,
            clock=self.clock,
            ready=lambda: self.down,
            has_client=lambda: self.accounts.has_client,
        )
