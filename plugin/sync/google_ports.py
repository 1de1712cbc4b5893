"""What a sync needs of Google: one collection, listed, asked and written to. The other ports are in ports.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from plugin.core.errors import StoreError
from plugin.core.mapping.google_event import Resource


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One page of a listing; `sync_token` only on the last one."""

    resources: Sequence[Resource]
    page_token: str | None
    sync_token: str | None


@dataclass(frozen=True, slots=True)
class EventInsert:
    """Create under an id of our choice."""

    google_id: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventPatch:
    """Change the fields named in `body`, if the event still has this etag."""

    google_id: str
    etag: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventDelete:
    """Delete, if the event still has this etag. An event already gone counts as done."""

    google_id: str
    etag: str


EventOperation = EventInsert | EventPatch | EventDelete


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one operation: the resource as Google holds it now (None after a delete), or the error."""

    google_id: str
    resource: Resource | None = None
    error: StoreError | None = None


class GoogleRecords(Protocol):
    """One collection in Google: a calendar, or an account's contacts.

    A calendar's writes carry sendUpdates=none, and never attendees. Before each request that writes, repeated ones too, the
    run's lock is looked at: what isn't sent because of it has FencedError as its outcome.
    """

    @property
    def max_batch(self) -> int:
        """How many operations one `write` takes."""

    def fetch_changes(self, sync_token: str | None, page_token: str | None) -> ChangePage:
        """Return a page of what changed since `sync_token`, or of everything. Raises SyncTokenExpiredError."""

    def fetch_records(self, google_ids: Sequence[str]) -> Sequence[Outcome]:
        """Return each event as it is now; a cancelled one as its tombstone, an unknown one with NotFoundError."""

    def write(self, operations: Sequence[Any]) -> Sequence[Outcome]:
        """Carry out at most `max_batch` operations on different events and series; one outcome each, in order."""

    @property
    def list_parameters(self) -> str:
        """What a listing asks for, as a stable text: a sync token is only good for the same."""
