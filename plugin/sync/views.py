"""What pages and the command line are told about connections and runs: plain values, no text.

Sentences are made from `code`s where they are shown (plugin/sentences.py), in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from plugin.core.contact import Slot
from plugin.core.model import Direction, Policy, Side
from plugin.core.reconcile import Reason
from plugin.core.when import When

CALENDAR = "Calendar"
CONTACTS = "Contacts"
MODULES = (CALENDAR, CONTACTS)
# The collection of an account's whole address book; the People API calls its owner so. Others are its labels.
ALL_CONTACTS = "people/me"


class ConnectionStatus(Enum):
    """Where a CRM user stands with one module.

    NONE never connected, or disconnected; RECONNECT Google no longer accepts the grant; PAUSED the calendar was lost;
    FROZEN the CRM user is inactive.
    """

    NONE = "none"
    ACTIVE = "active"
    RECONNECT = "reconnect"
    PAUSED = "paused"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A user's connection for one module; `problem_code` names the sentence that says why it isn't working."""

    status: ConnectionStatus
    pair_id: int | None = None
    email: str = ""
    collection_name: str = ""
    collection_id: str = ""
    # False: Google lets the account only read the collection.
    can_write: bool = True
    last_sync_utc: datetime | None = None
    problem_code: str = ""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a user chose for a pair; without a `sync_from` of its own the install's start date holds.

    Of contacts only: `field_choice`, None for the CRM's own field mapping; `creates_accounts`: organisations it lacks.
    """

    direction: Direction = Direction.BOTH
    policy: Policy = Policy.GOOGLE_WINS
    sync_from: date | None = None
    field_choice: tuple[Slot, ...] | None = None
    creates_accounts: bool = False


@dataclass(frozen=True, slots=True)
class OfferedCalendar:
    """A calendar that a user may choose. One that is another CRM user's, or only readable, is synced to the CRM only."""

    calendar_id: str
    name: str
    is_primary: bool = False
    is_current: bool = False
    can_write: bool = True
    is_taken: bool = False


@dataclass(frozen=True, slots=True)
class OfferedLabel:
    """A label of Google's contacts that a user may choose, or all contacts (`group_id` ALL_CONTACTS, without a name)."""

    group_id: str
    name: str = ""
    member_count: int = 0
    is_current: bool = False
    is_taken: bool = False


class SettingsOutcome(Enum):
    """What became of settings that were chosen.

    A calendar is taken up in each case but the last; a direction that writes to it is only in the first.
    """

    KEPT = "kept"
    TAKEN = "calendar_taken"  # another CRM user writes to it: this one reads
    READ_ONLY = "calendar_read_only"  # Google lets the account only read it
    UNKNOWN = "calendar_unknown"  # not among those that are offered


class ConnectOutcome(Enum):
    """How a visit to Google's consent page ended."""

    CONNECTED = "connected"
    ALREADY = "already_connected"
    REFUSED = "refused"
    MISSING_SCOPE = "missing_scope"
    EXPIRED = "expired"  # state unknown, used before, too old
    FOREIGN = "foreign"  # begun in another CRM session
    NO_REFRESH_TOKEN = "no_refresh_token"  # noqa: S105 - the name of an outcome
    TAKEN = "collection_taken"  # another CRM user syncs this calendar both ways
    OTHER_ACCOUNT = "other_account"  # the user was connected with another Google account
    NO_CLIENT = "no_client"  # the administrator hasn't registered the OAuth client
    FAILED = "failed"  # Google did not answer, or not sensibly


class RunStatus(Enum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SideCounts:
    """What a run did on one side. `skipped`: refused, parked or changed meanwhile."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    skipped: int = 0
    has_more: bool = False

    @property
    def is_nothing(self) -> bool:
        """Tell whether the side was left as it was."""
        return not (self.created or self.updated or self.deleted)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `phase` is one of waiting, fetching, comparing, crm, google; `total` 0 means unknown."""

    phase: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class RunView:
    """One run as told to people.

    `held` deletes wait for approval; `parked` records are set aside; `cut` records didn't fit wholly into the CRM's columns.
    """

    run_id: int
    pair_id: int
    module: str
    trigger: str
    status: RunStatus
    crm: SideCounts = field(default_factory=SideCounts)
    google: SideCounts = field(default_factory=SideCounts)
    held: int = 0
    parked: int = 0
    cut: int = 0
    error_code: str = ""
    error_details: Mapping[str, str] = field(default_factory=dict)
    requested_utc: datetime | None = None
    started_utc: datetime | None = None
    finished_utc: datetime | None = None
    progress: Progress | None = None


class Deed(Enum):
    """What a run would do to one record on one side; to a series as a whole, whose records may not even be in the CRM yet."""

    CREATE = "create"
    UPDATE = "update"
    UPDATE_SERIES = "update_series"
    END_SERIES = "end_series"
    DELETE = "delete"
    RESTORE = "restore"
    SET_ASIDE = "set_aside"
    RELEASE = "release"


class Hold(Enum):
    """Why a deletion waits for approval."""

    NONE = ""
    BRAKE = "brake"  # too many at once
    GUESTS = "guests"  # Google would cancel the meeting for all of them


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One record of a plan as told to people: what happens to it on `side`, and why.

    An update names its `fields`, and those whose change on this side is `overwritten`; `cut` fields won't fit wholly there.
    `approval_key` where it is held.
    """

    deed: Deed
    side: Side
    reason: Reason
    subject: str = ""
    when: When | None = None
    crm_id: int | None = None
    google_id: str | None = None
    hold: Hold = Hold.NONE
    cut: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    overwritten: tuple[str, ...] = ()
    approval_key: str = ""


@dataclass(frozen=True, slots=True)
class ParkedView:
    """One record that is set aside: since when, and when it is tried again (None: not before it changes)."""

    side: Side
    item_id: str
    reason: str
    attempts: int
    since_utc: datetime
    retry_at_utc: datetime | None = None
    subject: str = ""
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would do now, in the run's order; `held` deletions it would not do; `has_more`: the cap leaves some over."""

    changes: Sequence[PlannedChange] = ()
    held: Sequence[PlannedChange] = ()
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class PreviewView:
    """A preview somebody asked for: `status` as a run's, never RUNNING; `preview` once it is DONE."""

    status: RunStatus
    asked_utc: datetime
    preview: Preview | None = None
    error_code: str = ""
