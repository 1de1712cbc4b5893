"""Choosing the Google calendar that a CRM user's activities are synced with, and which of Google's contacts.

Another calendar is another pair: the old one rests with its links, and comes back with them when it is chosen again
(docs/adr/0007). A label of contacts narrows the same pair (docs/adr/0012).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from plugin.sync.account_ports import Collection
from plugin.sync.people_ports import ContactGroup
from plugin.sync.views import ALL_CONTACTS, OfferedCalendar, OfferedLabel, SettingsOutcome

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


class LabelList(Protocol):
    """The labels of a pair's account in Google (plugin/bootstrap/calendars.py)."""

    def load(self, pair_id: int) -> Sequence[ContactGroup]:
        """Return all labels, Google's own included. Raises StoreError."""


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


class ChooseLabel:
    """The `Labels` that pages and the command line are given."""

    def __init__(self, labels: LabelList, store: CollectionStore, now_utc: Callable[[], datetime]) -> None:
        self._labels, self._store, self._now_utc = labels, store, now_utc

    def offered(self, pair_id: int, current_id: str) -> Sequence[OfferedLabel]:
        """Return all contacts and the account's own labels, by name. Raises what asking Google raises."""
        found = self._own_labels(pair_id)
        taken = self._store.taken(pair_id, [ALL_CONTACTS, *(label.group_id for label in found)])
        everybody = OfferedLabel(
            ALL_CONTACTS, is_current=current_id == ALL_CONTACTS, is_taken=ALL_CONTACTS in taken
        )
        return [
            everybody,
            *(
                OfferedLabel(
                    group_id=label.group_id,
                    name=label.name,
                    member_count=label.member_count,
                    is_current=label.group_id == current_id,
                    is_taken=label.group_id in taken,
                )
                for label in found
            ),
        ]

    def choose(self, pair_id: int, group_id: str) -> SettingsOutcome:
        """Sync with this label from now on, or with ALL_CONTACTS. Raises what asking Google raises."""
        if group_id == ALL_CONTACTS:
            return self._store.take_up(pair_id, Collection(ALL_CONTACTS, ""), self._now_utc())
        for label in self._own_labels(pair_id):
            if label.group_id == group_id:
                return self._store.take_up(pair_id, Collection(group_id, label.name), self._now_utc())
        return SettingsOutcome.UNKNOWN

    def _own_labels(self, pair_id: int) -> list[ContactGroup]:
        # Google's own (starred, blocked, …) aren't shown as labels there.
        own = [label for label in self._labels.load(pair_id) if not label.is_system]
        return sorted(own, key=lambda label: label.name.casefold())
