"""What a sync needs from the outside, as Protocols. tests/contract holds each implementation, fakes included, to them.

Here: the CRM and the run itself. Google is in google_ports.py, our own memory in memory_ports.py.

Words: a *unit of work* is one database transaction over the CRM's tables and ours, fenced by the run's lock: leaving it
without `commit()` rolls back. `now_utc` everywhere is aware UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from plugin.core.crm_rules import CrmRule
from plugin.core.model import CrmLimits, Presence, Side, Visibility
from plugin.sync.google_ports import (
    ChangePage,
    EventDelete,
    EventInsert,
    EventOperation,
    EventPatch,
    GoogleRecords,
    Outcome,
)
from plugin.sync.memory_ports import Pair, State

if TYPE_CHECKING:
    from plugin.sync.module import Module

__all__ = [
    "ChangePage",
    "CrmEvents",
    "CrmRecord",
    "CrmRecords",
    "CrmRepeat",
    "CrmUser",
    "CrmWrite",
    "EventDelete",
    "EventInsert",
    "EventOperation",
    "EventPatch",
    "GoogleRecords",
    "JoinedSeries",
    "Outcome",
    "Run",
    "UnitOfWork",
]

# --- the CRM ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CrmUser:
    """A CRM user as the sync and the pages need it. `language` as the CRM spells it (`es_es`)."""

    user_id: int
    login: str
    is_active: bool
    is_admin: bool
    language: str
    time_zone: str
    date_format: str = "dd-mm-yyyy"
    hour_format: str = "24"
    default_visibility: Visibility = Visibility.PRIVATE


@dataclass(frozen=True, slots=True)
class CrmRecord:
    """One record as the CRM holds it now. `row` is None when it is gone for good; `version` is opaque.

    `is_owned`: it belongs to the pair's user, deleted or not. `modified_utc`: when the CRM says that it was last saved.
    `is_transferred`: see `CrmRecords.find_transferred`, which alone knows.
    """

    crm_id: int
    presence: Presence
    version: str
    row: Any
    link_id: int | None = None
    repeats: bool = False
    is_settled: bool = True
    is_owned: bool = True
    modified_utc: datetime | None = None
    is_transferred: bool = False


@dataclass(frozen=True, slots=True)
class CrmWrite:
    """One record to be updated: of `row` only `fields` are written; `before` is what the columns held under lock.

    `fields` are `Field`s of an activity, and the CRM's own names of a contact's.
    """

    row: Any
    before: Any
    fields: frozenset[Any]


@dataclass(frozen=True, slots=True)
class CrmRepeat:
    """A series as the CRM keeps it: its first activity's id names it, even when that one is gone.

    `crm_ids`: all its living activities of the pair's user from the start limit on, linked or not.
    """

    head_id: int
    kind: str
    interval: int
    crm_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class JoinedSeries:
    """What the CRM is to say of a series: its activities in order, and the rule in its own words (None: it can't).

    `is_new_rule`: what it says now is to be replaced; `moves_end`: at least its last day.
    """

    head_id: int
    crm_ids: Sequence[int]
    rule: CrmRule | None
    is_new_rule: bool
    first_date: date
    last_date: date
    moves_end: bool


class CrmRecords(Protocol):
    """The CRM's records of one user, inside a unit of work."""

    def read_changes(self, limit: int) -> Sequence[CrmRecord]:
        """Return owned records without a link, or whose version isn't their link's, or that are unsettled; and linked ones
        that left the set. Parked ones of an unchanged version are left out."""

    def read_unlinked(self) -> Sequence[CrmRecord]:
        """Return all owned records without a link, from the start limit on."""

    def read_legacy_mapping(self) -> Mapping[str, int]:
        """Return google_id → crm_id as the CRM's own Google module remembered it; empty where it never ran."""

    def read_records(self, crm_ids: Sequence[int]) -> Mapping[int, CrmRecord]:
        """Return the records as they are now; an id that is gone for good stands with `Presence.GONE` and no row."""

    def lock_records(self, crm_ids: Sequence[int]) -> Mapping[int, CrmRecord]:
        """The same, locked against change until the unit of work ends."""

    def create(self, rows: Sequence[Any], now_utc: datetime) -> None:
        """Insert records under the reserved ids that the rows carry, with all the rows the CRM itself would write."""

    def update(self, writes: Sequence[CrmWrite], now_utc: datetime) -> None:
        """Update the mapped columns and the entity's modified stamp; nothing else of the record changes."""

    def revive(self, rows: Sequence[Any], now_utc: datetime) -> None:
        """Take records out of the CRM's bin, with these values."""

    def delete(self, crm_ids: Sequence[int], now_utc: datetime) -> None:
        """Put records into the CRM's bin, as the CRM does."""

    def find_transferred(self, records: Sequence[CrmRecord]) -> frozenset[int]:
        """Return the ids of those that the CRM's delete-user transfer moved, the user's deletion done or still to come.

        Away from this user; or to this user, from one whose pair has a link with them, and not saved since.
        """


class CrmEvents(CrmRecords, Protocol):
    """The CRM's activities: what they have beyond other records."""

    def read_repeats(self, crm_ids: Sequence[int]) -> Sequence[CrmRepeat]:
        """Return the CRM's series that these activities are part of; where it keeps none (before 7.0), nothing."""

    def join_repeats(self, series: Sequence[JoinedSeries]) -> None:
        """Make activities of one Google series one of the CRM's too, or part them where its form can't say the rule.

        The CRM's rows about repeats are written; the activities' own columns but `recurringtype`, and their version, stay.
        """

    def relate_contacts(self, guests: Mapping[int, Collection[str]]) -> None:
        """Relate activities to the living contacts that have these addresses (lower case) and that the user may see.

        What is missing is added; nothing is removed, nobody is invited, and the activity's version stays. Asks nothing of the
        database if there are no guests.
        """


# --- a run ----------------------------------------------------------------------------------------------------------


class UnitOfWork(Protocol):
    """One fenced transaction."""

    @property
    def crm(self) -> CrmRecords: ...

    @property
    def state(self) -> State: ...

    def __enter__(self) -> UnitOfWork: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def commit(self) -> None:
        """Make everything done in it permanent, together."""


class Run(Protocol):
    """What one execution is given: its pair, its lock, its parts. Built by bootstrap."""

    @property
    def pair(self) -> Pair: ...

    @property
    def user(self) -> CrmUser: ...

    @property
    def google(self) -> GoogleRecords: ...

    @property
    def module(self) -> Module: ...

    @property
    def limits(self) -> CrmLimits: ...

    @property
    def crm_zone(self) -> str: ...

    @property
    def install_id(self) -> str: ...

    @property
    def batch_size(self) -> int: ...

    @property
    def horizon_days(self) -> int: ...

    def unit_of_work(self, *, is_memory_only: bool = False) -> UnitOfWork:
        """Open a transaction; raises LockLostError if the run no longer holds the pair, DisconnectedError if nobody uses it.

        `is_memory_only`: what was sent is remembered even then; nothing but our own tables may be written.
        """

    def reserve_crm_ids(self, count: int) -> Sequence[int]:
        """Return fresh CRM ids, taken in a transaction of their own so that the CRM never waits for us."""

    def now_utc(self) -> datetime:
        """Return the present moment."""

    def new_key(self) -> str:
        """Return a random key (32 hex digits): link keys and Google event ids."""

    def report(self, phase: str, side: Side | None = None, done: int = 0, total: int = 0) -> None:
        """Tell whoever watches how far the run is."""
