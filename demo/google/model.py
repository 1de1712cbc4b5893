"""What the simulated Google holds: accounts, clients, calendars and their change logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from demo.google.wire import Json

ROLES = ("none", "freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")


class ChangeLog:
    """Items by id, ordered by their last change; every change takes the next position.

    An item is never altered in place: a change puts a new object, so a list taken
    earlier stays what it was.
    """

    def __init__(self) -> None:
        self.position = 0
        self._items: dict[str, tuple[int, Json]] = {}

    def put(self, key: str, item: Json) -> None:
        self.position += 1
        self._items.pop(key, None)
        self._items[key] = (self.position, item)

    def get(self, key: str) -> Json | None:
        entry = self._items.get(key)
        return entry[1] if entry else None

    def drop(self, key: str) -> None:
        self._items.pop(key, None)

    def copy(self) -> ChangeLog:
        made = ChangeLog()
        made.position, made._items = self.position, dict(self._items)
        return made

    def __iter__(self) -> Iterator[Json]:
        return (item for _, item in self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def since(self, position: int) -> list[Json]:
        """Last state of every item changed after the position, oldest change first."""
        found = []
        for at, item in reversed(self._items.values()):
            if at <= position:
                break
            found.append(item)
        return found[::-1]


@dataclass
class Account:
    email: str
    sub: str
    name: str
    locale: str = "es"
    entries: ChangeLog = field(default_factory=ChangeLog)
    """The calendar list: id, accessRole, colorId, selected; primary, hidden, deleted, summaryOverride."""


@dataclass
class Client:
    client_id: str
    client_secret: str
    redirect_uris: list[str]
    project: str = "demo"


@dataclass
class Calendar:
    id: str
    summary: str
    time_zone: str
    owner: str
    description: str = ""
    roles: dict[str, str] = field(default_factory=dict)
    events: ChangeLog = field(default_factory=ChangeLog)
    exceptions: dict[str, set[str]] = field(default_factory=dict)
    """Ids of the stored exceptions of each series."""
    token_generation: int = 0
    """Raised when all sync tokens of this calendar die."""
    etag: str = '"1"'
    default_reminders: list[Json] = field(default_factory=lambda: [{"method": "popup", "minutes": 10}])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def is_primary(self) -> bool:
        return self.id == self.owner

    def put(self, event: Json) -> None:
        series = event.get("recurringEventId")
        if series:
            self.exceptions.setdefault(series, set()).add(event["id"])
        self.events.put(event["id"], event)

    def exceptions_of(self, series: str) -> list[Json]:
        found = (self.events.get(event_id) for event_id in self.exceptions.get(series, ()))
        return [event for event in found if event is not None]
