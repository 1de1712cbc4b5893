"""The calendars that an account sees in Google.

https://developers.google.com/workspace/calendar/api/v3/reference/calendarList
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plugin.google.answers import Operation
from plugin.google.transport import Call, Transport

# Who writes without private access reads private events as "busy" only: nothing to be written back from.
WRITERS = frozenset({"owner", "writer"})
READERS = frozenset({"reader", "writerWithoutPrivateAccess"})
PAGE_SIZE = 250  # the largest that calendarList.list knows
_FIELDS = "id,summary,summaryOverride,timeZone,accessRole,primary"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A calendar of the account's list; see `WRITERS` and `READERS` for `access_role`."""

    calendar_id: str
    name: str
    time_zone: str
    access_role: str
    is_primary: bool

    @property
    def can_write(self) -> bool:
        """Tell whether events may be written, and read whole."""
        return self.access_role in WRITERS


def resolve_collection(transport: Transport, calendar_id: str = "primary") -> CalendarEntry:
    """Return the calendar behind an id or `primary`, under its real id. Raises CollectionLostError."""
    request = transport.service.calendarList().get(calendarId=calendar_id, fields=_FIELDS)
    return _entry(transport.fetch(Call(Operation.COLLECTION, request)))


def list_calendars(transport: Transport) -> Sequence[CalendarEntry]:
    """Return the calendars whose events the account may read, the primary one first, then by name."""
    entries: list[CalendarEntry] = []
    page_token: str | None = None
    while True:
        request = transport.service.calendarList().list(
            minAccessRole="reader",
            maxResults=PAGE_SIZE,
            pageToken=page_token,
            fields=f"items({_FIELDS}),nextPageToken",
        )
        answer = transport.fetch(Call(Operation.COLLECTION, request))
        entries += [_entry(item) for item in answer.get("items", ())]
        page_token = answer.get("nextPageToken")
        if page_token is None:
            break
    readable = [entry for entry in entries if entry.access_role in WRITERS | READERS]
    return sorted(readable, key=lambda entry: (not entry.is_primary, entry.name.casefold()))


def _entry(found: Mapping[str, Any]) -> CalendarEntry:
    return CalendarEntry(
        calendar_id=found["id"],
        name=found.get("summaryOverride") or found.get("summary", ""),
        time_zone=found.get("timeZone", "UTC"),
        access_role=found.get("accessRole", ""),
        is_primary=bool(found.get("primary")),
    )
