"""One Google calendar, as the port `Calendar` wants it.

https://developers.google.com/workspace/calendar/api/v3/reference/events and .../guides/sync
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from plugin.core.errors import (
    CollectionLostError,
    NotFoundError,
    StoreError,
    UnavailableError,
    VersionMismatchError,
    WriteAccessLostError,
)
from plugin.core.mapping.google_event import RESOURCE_FIELDS
from plugin.core.series import split_instance_id
from plugin.google.answers import Operation
from plugin.google.calendar_list import READERS, WRITERS
from plugin.google.transport import MAX_BATCH, Answer, Call, Transport
from plugin.sync.ports import ChangePage, EventDelete, EventOperation, EventPatch, Outcome

PAGE_SIZE = 2500  # the largest that events.list knows

# Series stay series; birthdays, focus times, absences and working locations stay out, what Gmail made of a mail comes in.
# A sync token holds for these and no others.
_LISTING: dict[str, Any] = {
    "maxResults": PAGE_SIZE,
    "showDeleted": True,
    "singleEvents": False,
    "eventTypes": ["default", "fromGmail"],
    "fields": f"items({RESOURCE_FIELDS}),nextPageToken,nextSyncToken,timeZone,accessRole",
}
# No event has it. An empty If-Match would name no version at all, and Google might write over whatever there is.
_NO_ETAG = '"none"'
_NO_MAIL: dict[str, Any] = {"sendUpdates": "none", "fields": RESOURCE_FIELDS}


class GoogleCalendar:
    """Events of one calendar. `time_min_utc` keeps events that end before it out of full listings, not out of changes.

    `is_written`: the pair writes to it, so being allowed to read is not enough. `before_request` raises what forbids to write.
    """

    max_batch = MAX_BATCH

    def __init__(
        self,
        transport: Transport,
        calendar_id: str,
        *,
        time_min_utc: datetime | None = None,
        is_written: bool = True,
        before_request: Callable[[], None] | None = None,
    ) -> None:
        self._transport = transport
        self._calendar_id = calendar_id
        self._time_min = time_min_utc.isoformat() if time_min_utc else None
        self._is_written, self._before_request = is_written, before_request
        self._events = transport.service.events()

    @property
    def list_parameters(self) -> str:
        """What a listing asks for, as a stable text: a sync token is only good for the same."""
        return json.dumps(_LISTING | {"timeMin": self._time_min}, sort_keys=True)

    def fetch_changes(self, sync_token: str | None, page_token: str | None) -> ChangePage:
        """Return a page of what changed since `sync_token`, or of everything.

        Raises SyncTokenExpiredError, CollectionLostError.
        """
        asked = dict(_LISTING)
        if sync_token is not None:
            operation = Operation.LIST_CHANGES
            asked["syncToken"] = sync_token  # on each page, next to the page token
        else:
            operation = Operation.LIST_ALL
            if self._time_min is not None:
                asked["timeMin"] = self._time_min
        if page_token is not None:
            asked["pageToken"] = page_token
        request = self._events.list(calendarId=self._calendar_id, **asked)
        answer = self._transport.fetch(Call(operation, request))
        self._check_access(answer.get("accessRole"))
        page = ChangePage(answer.get("items", ()), answer.get("nextPageToken"), answer.get("nextSyncToken"))
        if (page.page_token is None) == (page.sync_token is None):
            # one of the two says whether the listing is complete; without it nothing may be concluded
            raise UnavailableError(f"{operation.value}: the answer doesn't say whether it is complete")
        return page

    def _check_access(self, role: str | None) -> None:
        if role is None:
            return
        # Who sees "busy" only gets every event without its fields: that would be taken for edits.
        if role not in WRITERS | READERS:
            raise CollectionLostError(f"the events may not be read as {role}")
        if self._is_written and role not in WRITERS:
            raise WriteAccessLostError(f"the calendar may not be written to as {role}")

    def fetch_records(self, google_ids: Sequence[str]) -> Sequence[Outcome]:
        """Return each event as it is now; a cancelled one as its tombstone, an unknown one with NotFoundError."""
        outcomes: list[Outcome] = []
        for start in range(0, len(google_ids), MAX_BATCH):
            chunk = google_ids[start : start + MAX_BATCH]
            answers = self._run([self._get(google_id) for google_id in chunk])
            outcomes += [
                _outcome(google_id, answer) for google_id, answer in zip(chunk, answers, strict=True)
            ]
        return outcomes

    def write(self, operations: Sequence[EventOperation]) -> Sequence[Outcome]:
        """Carry out at most `max_batch` operations on different events and series; one outcome each, in order."""
        ids = [operation.google_id for operation in operations]
        series = [split[0] for google_id in ids if (split := split_instance_id(google_id))]
        if len(set(ids)) != len(ids) or len(set(series)) != len(series):
            raise ValueError("two operations on one event or series in one batch")
        answers = self._run([self._call(op) for op in operations], self._before_request)
        outcomes = [_outcome(google_id, answer) for google_id, answer in zip(ids, answers, strict=True)]
        self._settle_deletes(operations, outcomes)
        return outcomes

    def _run(self, calls: Sequence[Call], before_send: Callable[[], None] | None = None) -> list[Answer]:
        answers = self._transport.run(calls, before_send)
        if not any(isinstance(answer, NotFoundError) for answer in answers):
            return answers
        # a calendar that was taken away answers "not found" for each of its events: none of them was deleted
        look = self._events.list(calendarId=self._calendar_id, maxResults=1, fields="timeZone")
        [seen] = self._transport.run([Call(Operation.LIST_ALL, look)])
        if not isinstance(seen, StoreError):
            return answers
        return [seen if isinstance(answer, NotFoundError) else answer for answer in answers]

    def _settle_deletes(self, operations: Sequence[EventOperation], outcomes: list[Outcome]) -> None:
        """What is gone counts as deleted, also where Google complains about the tombstone's etag first."""
        deletes = [i for i, operation in enumerate(operations) if isinstance(operation, EventDelete)]
        changed = [i for i in deletes if isinstance(outcomes[i].error, VersionMismatchError)]
        now = self.fetch_records([outcomes[i].google_id for i in changed])
        gone = {i for i, outcome in zip(changed, now, strict=True) if _is_gone(outcome)}
        gone |= {i for i in deletes if _is_gone(outcomes[i])}
        for i in gone:
            outcomes[i] = Outcome(outcomes[i].google_id)

    def _get(self, google_id: str) -> Call:
        request = self._events.get(calendarId=self._calendar_id, eventId=google_id, fields=RESOURCE_FIELDS)
        return Call(Operation.FETCH, request)

    def _call(self, operation: EventOperation) -> Call:
        target = {"calendarId": self._calendar_id} | _NO_MAIL
        if isinstance(operation, EventDelete):
            del target["fields"]
            request = self._events.delete(eventId=operation.google_id, **target)
            request.headers["If-Match"] = operation.etag or _NO_ETAG
            return Call(Operation.DELETE, request)
        if "attendees" in operation.body:
            raise ValueError("attendees are never written")
        if isinstance(operation, EventPatch):
            request = self._events.patch(eventId=operation.google_id, body=dict(operation.body), **target)
            request.headers["If-Match"] = operation.etag or _NO_ETAG
            return Call(Operation.PATCH, request)
        body = {**operation.body, "id": operation.google_id}
        return Call(Operation.INSERT, self._events.insert(body=body, **target))


def _outcome(google_id: str, answer: Answer) -> Outcome:
    if isinstance(answer, StoreError):
        return Outcome(google_id, error=answer)
    return Outcome(google_id, resource=answer or None)


def _is_gone(outcome: Outcome) -> bool:
    cancelled = outcome.resource is not None and outcome.resource.get("status") == "cancelled"
    return cancelled or isinstance(outcome.error, NotFoundError)
