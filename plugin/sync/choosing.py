"""Choosing the Google calendar that a CRM user's activities are synced with (docs/adr/0007).

Another calendar is another pair: the old one rests with its links, and comes back with them when it is chosen again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from plugin.sync.account_ports import Collection
from plugin.sync.views import OfferedCalendar, SettingsOutcome

PRIMARY = "primary"


class CalendarList(Protocol):
    """The calendars of a pair's account in Google (plugin/bootstrap/calendars.py)."""

    def load(self, pair_id: int) -> Sequence[Collection]:
        """Return those whose events may be read, the primary one first. Raises StoreError."""


class CollectionStore(Protocol):
    """Which collection is in use (plugin/state/collections.py)."""

    def taken(self, pair_id: int, collection_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the collections that another CRM user's pair writes to."""

    def take_up(self, pair_id: int, collection: Collection, now_utc: datetime) -> SettingsOutcome:
        """Put the collection's pair to use instead of this one; say whether it writes to Google, or why not."""


class ChooseCalendar:
    """The `Calendars` that pages and the command line are given."""

    def __init__(
        self, calendars: CalendarList, store: CollectionStore, now_utc: Callable[[], datetime]
    ) -> None:
        self._calendars, self._store, self._now_utc = calendars, store, now_utc

    def offered(self, pair_id: int, current_id: str) -> Sequence[OfferedCalendar]:
        """Return the calendars that may be chosen instead of the pair's. Raises what asking Google raises."""
        found = self._calendars.load(pair_id)
        taken = self._store.taken(pair_id, [collection.collection_id for collection in found])
        return [
            OfferedCalendar(
                calendar_id=collection.collection_id,
                name=collection.name,
                is_primary=collection.is_primary,
                is_current=collection.collection_id == current_id,
                can_write=collection.can_write,
                is_taken=collection.collection_id in taken,
            )
            for collection in found
        ]

    def choose(self, pair_id: int, calendar_id: str) -> SettingsOutcome:
        """Sync with this calendar from now on; `primary` is the account's own. Raises what asking Google raises."""
        for collection in self._calendars.load(pair_id):
            if calendar_id == collection.collection_id or (calendar_id == PRIMARY and collection.is_primary):
                return self._store.take_up(pair_id, collection, self._now_utc())
        return SettingsOutcome.UNKNOWN
