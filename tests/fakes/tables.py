"""The database in memory: the CRM's activities and our own tables, with transactions.

All values are immutable, so a transaction works on a copy of the dictionaries and `commit` puts them in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from plugin.core.crm_rules import CrmRule
from plugin.core.mapping.crm_event import ActivityRow
from plugin.core.mapping.google_event import Resource
from plugin.core.model import Link
from plugin.core.series import Series
from plugin.sync.memory_ports import Intent, JournalEntry, Pair, ParkedItem


@dataclass(frozen=True, slots=True)
class StoredActivity:
    """One activity with all that the sync looks at; `unmapped` stands for every other column and table of the CRM's."""

    row: ActivityRow
    owner_id: int
    modified: datetime
    is_deleted: bool = False
    activity_type: str = "Meeting"
    recurring_type: str = "--None--"
    # The CRM's series that it is in (its head's id), and that series' rule as it stands with this activity.
    head_id: int | None = None
    rule: CrmRule | None = None
    unmapped: Mapping[str, Any] = field(default_factory=dict)
    contact_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class StoredContact:
    """A contact of the CRM, as far as guests are concerned."""

    contact_id: int
    email: str
    secondary_email: str = ""
    owner_id: int = 0
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Parked:
    """One record set aside."""

    item: ParkedItem
    attempts: int


@dataclass(frozen=True, slots=True)
class KeptSeries:
    """One series, and whether it waits to be laid out."""

    series: Series
    is_pending: bool


@dataclass(slots=True)
class Tables:
    """All that a transaction sees."""

    pair: Pair
    legacy_mapping: Mapping[str, int] = field(default_factory=dict)
    activities: dict[int, StoredActivity] = field(default_factory=dict)
    contacts: dict[int, StoredContact] = field(default_factory=dict)
    are_contacts_private: bool = False
    # Users who own nothing any more, and what other users' pairs have linked: crm_id → (user, version).
    emptied_users: frozenset[int] = frozenset()
    linked_elsewhere: dict[int, tuple[int, str]] = field(default_factory=dict)
    links: dict[int, Link] = field(default_factory=dict)
    inbox: dict[str, Resource] = field(default_factory=dict)
    series: dict[str, KeptSeries] = field(default_factory=dict)
    intents: dict[str, Intent] = field(default_factory=dict)
    parked: dict[tuple[str, str], Parked] = field(default_factory=dict)
    journal: list[tuple[datetime, JournalEntry]] = field(default_factory=list)
    # Linked, alive, in a pair of the same account that rests.
    linked_in_resting: frozenset[int] = frozenset()

    def copy(self) -> Tables:
        """Return tables that can be changed without these noticing."""
        return replace(
            self,
            activities=dict(self.activities),
            contacts=dict(self.contacts),
            links=dict(self.links),
            inbox=dict(self.inbox),
            series=dict(self.series),
            intents=dict(self.intents),
            parked=dict(self.parked),
            journal=list(self.journal),
        )


@dataclass(slots=True)
class Sequences:
    """Ids given out; they outlive a rollback, as a database's do."""

    last_crm_id: int = 0
    last_link_id: int = 0

    def next_link_id(self) -> int:
        self.last_link_id += 1
        return self.last_link_id

    def reserve_crm_ids(self, count: int) -> list[int]:
        first = self.last_crm_id + 1
        self.last_crm_id += count
        return list(range(first, first + count))


@dataclass(slots=True)
class FakeDatabase:
    """What is committed."""

    tables: Tables
    sequences: Sequences = field(default_factory=Sequences)
