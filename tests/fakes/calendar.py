"""A Google calendar in memory, held to the same contract as the real adapter (tests/contract/calendar_contract.py).

Versions, tombstones and sync tokens behave as Google's do: every change gives a new etag and a new place in the change log;
a deleted event stays as a tombstone and keeps its id; an increment is the newest state of whatever changed.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from plugin.core.errors import (
    AlreadyExistsError,
    FencedError,
    NotFoundError,
    RefusedError,
    StoreError,
    SyncError,
    SyncTokenExpiredError,
    VersionMismatchError,
)
from plugin.core.mapping.google_event import body_from_event
from plugin.core.model import Field
from plugin.core.recurrence import occurrences, slot_name
from plugin.core.series import Series, recurrence_of, split_instance_id
from plugin.sync.ports import (
    ChangePage,
    EventDelete,
    EventInsert,
    EventOperation,
    EventPatch,
    GoogleRecords,
    Outcome,
)
from tests.builders import an_event

Json = dict[str, Any]

_LISTED = {"default", "fromGmail"}
_CHANGEABLE_OF_GMAIL = {"colorId", "reminders", "visibility", "transparency", "status", "extendedProperties"}
_GOOGLE_ID = re.compile(r"[a-v0-9]{5,1024}")


@dataclass
class Fault:
    """What shall go wrong: `error` for calls of `kind`, before or after they are carried out, so many times."""

    kind: str
    error: StoreError
    is_after_commit: bool
    times: int


class FakeCalendar(GoogleRecords):
    """See the module. Switches are plain attributes; methods ending in `_as_user` are the user's own edits."""

    max_batch = 50

    def __init__(self, *, before_request: Callable[[], None] | None = None) -> None:
        self.page_size = 2500
        self.has_bare_tombstones = False
        self.parameters = "fake"
        # Stamps what is stored with the time of day, if set.
        self.clock: Callable[[], datetime] | None = None
        self.before_request = before_request
        self.before_write: Callable[[EventOperation], None] | None = None
        self.after_write: Callable[[EventOperation], None] | None = None
        self.operations: list[EventOperation] = []
        self.writes = 0
        self.listings: list[tuple[str | None, str | None]] = []
        self._events: dict[str, Json] = {}
        self._log: list[str] = []
        self._generation = 1
        self._pages: dict[str, tuple[list[Json], int]] = {}
        self._faults: list[Fault] = []
        self._last_version = 0
        self._by_rules_of: dict[str, tuple[str, list[Json]]] = {}

    # --- the port ---

    @property
    def list_parameters(self) -> str:
        """What a listing asks for; set `parameters` to change it."""
        return self.parameters

    def fetch_changes(self, sync_token: str | None, page_token: str | None) -> ChangePage:
        """Return a page of what changed since `sync_token`, or of everything. Raises SyncTokenExpiredError."""
        self.listings.append((sync_token, page_token))
        self._fail("list")
        since = self._position(sync_token)
        if page_token is None:
            page_token = self._new_page_token(self._snapshot(since), 0)
        if page_token not in self._pages:
            raise StoreError("unknown page token")
        snapshot, start = self._pages[page_token]
        end = start + self.page_size
        page = [self._shown(resource) for resource in snapshot[start:end]]
        if end < len(snapshot):
            return ChangePage(page, self._new_page_token(snapshot, end, like=page_token), None)
        return ChangePage(page, None, f"sync-{self._generation}-{page_token.rpartition('-')[2]}")

    def fetch_records(self, google_ids: Sequence[str]) -> Sequence[Outcome]:
        """Return each event as it is now; a cancelled one as its tombstone, an unknown one with NotFoundError."""
        return [
            self._one(google_id, lambda google_id=google_id: self._get(google_id)) for google_id in google_ids
        ]

    def write(self, operations: Sequence[EventOperation]) -> Sequence[Outcome]:
        """Carry out at most `max_batch` operations on different events and series; one outcome each, in order."""
        if len(operations) > self.max_batch:
            raise ValueError("too many operations for one batch")
        ids = [operation.google_id for operation in operations]
        series = [split[0] if (split := split_instance_id(google_id)) else google_id for google_id in ids]
        if len(set(series)) != len(series):
            raise ValueError("two operations on one event or series in one batch")
        if any("attendees" in getattr(operation, "body", {}) for operation in operations):
            raise ValueError("attendees are never written")
        if self.before_request is not None and operations:
            try:
                self.before_request()
            except SyncError as error:
                return [Outcome(op.google_id, error=FencedError(error)) for op in operations]
        return [self._write_one(operation) for operation in operations]

    # --- what tests look at and turn ---

    @property
    def alive(self) -> dict[str, Json]:
        """Events that aren't cancelled, by id."""
        return {i: copy.deepcopy(e) for i, e in self._events.items() if e["status"] != "cancelled"}

    @property
    def cancelled(self) -> list[str]:
        """The ids of deleted events."""
        return sorted(i for i, event in self._events.items() if event["status"] == "cancelled")

    def has_slot(self, google_id: str) -> bool:
        """Tell whether a living series has an occurrence of this id, by its rule."""
        return self._by_rule(google_id) is not None

    def resource(self, google_id: str) -> Json:
        """Return an event or its tombstone, whole."""
        return copy.deepcopy(self._events[google_id])

    def insert_as_user(self, google_id: str, **fields: Any) -> Json:
        """Put an event there, as somebody does in Google's own pages; any field of a resource will do."""
        return self._store({"id": google_id, "status": "confirmed", "eventType": "default", **fields})

    def edit_as_user(self, google_id: str, **fields: Any) -> Json:
        """Change fields; None removes one."""
        changed = self._store(_merged(self._found(google_id), fields))
        for other, event in list(self._events.items()):
            # Without its series, or its slot, an exception is cancelled; of a moved series all are.
            if event.get("recurringEventId") == google_id and event["status"] != "cancelled":
                is_there = changed["status"] != "cancelled" and self._by_rule(other) is not None
                if not is_there:
                    self._store({**event, "status": "cancelled"})
        return changed

    def delete_as_user(self, google_id: str) -> None:
        """Leave a tombstone."""
        self.edit_as_user(google_id, status="cancelled")

    def touch(self, google_id: str) -> Json:
        """Give an event a new etag without changing anything that we read, as a new reminder does."""
        return self._store(self._events[google_id])

    def forget(self, google_id: str) -> None:
        """Make an event unknown, as Google does with old tombstones."""
        del self._events[google_id]

    def expire_sync_tokens(self) -> None:
        """Make every sync token given so far a dead one."""
        self._generation += 1

    def fail(self, kind: str, error: StoreError, *, is_after_commit: bool = False, times: int = 1) -> None:
        """Let the next calls of a kind (list, get, insert, patch, delete) end in `error`."""
        self._faults.append(Fault(kind, error, is_after_commit, times))

    def twin(self) -> FakeCalendar:
        """Return another calendar that holds the same now; nobody watches it, and nothing of it fails."""
        twin = FakeCalendar()
        for name, value in vars(self).items():
            if name not in {"clock", "before_request", "before_write", "after_write", "_faults"}:
                setattr(twin, name, copy.deepcopy(value))
        return twin

    def stop_failing(self) -> None:
        """Forget the faults that have not struck yet."""
        self._faults.clear()

    # --- inside ---

    def _position(self, sync_token: str | None) -> int | None:
        if sync_token is None:
            return None
        _, generation, position = sync_token.split("-")
        if int(generation) != self._generation:
            raise SyncTokenExpiredError("the sync token is dead")
        return int(position)

    def _snapshot(self, since: int | None) -> list[Json]:
        newest = dict.fromkeys(reversed(self._log[since or 0 :]))
        found = [self._events[google_id] for google_id in reversed(newest) if google_id in self._events]
        return [event for event in found if event.get("eventType", "default") in _LISTED]

    def _new_page_token(self, snapshot: list[Json], start: int, like: str | None = None) -> str:
        position = like.rpartition("-")[2] if like else str(len(self._log))
        page_token = f"page-{len(self._pages)}-{position}"
        self._pages[page_token] = (snapshot, start)
        return page_token

    def _shown(self, resource: Json) -> Json:
        if self.has_bare_tombstones and resource["status"] == "cancelled":
            kept = ("id", "status", "etag", "recurringEventId", "originalStartTime")
            return {name: copy.deepcopy(resource[name]) for name in kept if name in resource}
        return copy.deepcopy(resource)

    def _one(self, google_id: str, act: Callable[[], Json | None]) -> Outcome:
        try:
            return Outcome(google_id, resource=act())
        except StoreError as error:
            return Outcome(google_id, error=error)

    def _write_one(self, operation: EventOperation) -> Outcome:
        self.operations.append(operation)
        if self.before_write is not None:
            self.before_write(operation)
        outcome = self._one(operation.google_id, lambda: self._carry_out(operation))
        if self.after_write is not None:
            self.after_write(operation)
        return outcome

    def _carry_out(self, operation: EventOperation) -> Json | None:
        match operation:
            case EventInsert():
                kind, act = "insert", self._insert
            case EventPatch():
                kind, act = "patch", self._patch
            case EventDelete():
                kind, act = "delete", self._delete
        self._fail(kind)
        resource = act(operation)
        self._fail(kind, is_after_commit=True)
        return resource

    def _get(self, google_id: str) -> Json:
        self._fail("get")
        return self._shown(self._found(google_id))

    def _insert(self, operation: EventInsert) -> Json:
        if not _GOOGLE_ID.fullmatch(operation.google_id):
            raise RefusedError("the id has other characters than Google allows", "invalid")
        if operation.google_id in self._events:
            raise AlreadyExistsError(f"the id {operation.google_id} is taken")
        if not {"start", "end"} <= operation.body.keys():
            raise RefusedError("an event needs start and end", "required")
        self.writes += 1
        fresh = {"id": operation.google_id, "status": "confirmed", "eventType": "default"}
        return self._store(_merged(fresh, operation.body))

    def _patch(self, operation: EventPatch) -> Json:
        old = self._checked(operation)
        if old.get("eventType") == "fromGmail" and not operation.body.keys() <= _CHANGEABLE_OF_GMAIL:
            raise RefusedError("made from a mail", "eventTypeRestriction")
        self.writes += 1
        return self._store(_merged(old, operation.body))

    def _delete(self, operation: EventDelete) -> None:
        known = operation.google_id in self._events or self._by_rule(operation.google_id) is not None
        if not known or self._found(operation.google_id)["status"] == "cancelled":
            return
        old = self._checked(operation)
        self.writes += 1
        self._store({**old, "status": "cancelled"})

    def _checked(self, operation: EventPatch | EventDelete) -> Json:
        old = self._found(operation.google_id)
        if old["etag"] != operation.etag:
            raise VersionMismatchError("the event has another etag")
        return old

    def _found(self, google_id: str) -> Json:
        found = self._events.get(google_id) or self._by_rule(google_id)
        if found is None:
            raise NotFoundError(f"no event {google_id}")
        return found

    def _by_rule(self, google_id: str) -> Json | None:
        """Return an occurrence that nobody has touched, with its series' etag; it isn't stored."""
        split = split_instance_id(google_id)
        master = self._events.get(split[0]) if split else None
        if split is None or master is None or master["status"] == "cancelled" or not master.get("recurrence"):
            return None
        return next((one for one in self._by_rules(master) if one["id"] == google_id), None)

    def _by_rules(self, master: Json) -> list[Json]:
        known = self._by_rules_of.get(master["id"])
        if known is not None and known[0] == master["etag"]:
            return copy.deepcopy(known[1])
        found = self._laid_out(master)
        self._by_rules_of[master["id"]] = master["etag"], found
        return copy.deepcopy(found)

    def _laid_out(self, master: Json) -> list[Json]:
        # As far as any test looks.
        span = datetime(2025, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
        series = Series(master["id"], master)
        zone = master["start"].get("timeZone")
        result: list[Json] = []
        for when in occurrences(recurrence_of(series), *span):
            one = {name: value for name, value in copy.deepcopy(master).items() if name != "recurrence"}
            one |= body_from_event(an_event(when=when), [Field.WHEN], zone, is_patch=False)
            one |= {"id": f"{master['id']}_{slot_name(when)}", "recurringEventId": master["id"]}
            result.append(one | {"originalStartTime": one["start"]})
        return result

    def occurrences(self, google_id: str) -> dict[str, Json]:
        """Return all that takes place of a series, by id: as Google's pages would show it."""
        master = self._events[google_id]
        if master["status"] == "cancelled":
            return {}
        by_rule = {one["id"]: one for one in self._by_rules(master)}
        stored = {i: e for i, e in self._events.items() if e.get("recurringEventId") == google_id}
        return {i: copy.deepcopy(e) for i, e in (by_rule | stored).items() if e["status"] != "cancelled"}

    def _store(self, resource: Json) -> Json:
        self._last_version += 1
        stored = copy.deepcopy(resource) | {"etag": f'"{self._last_version}"'}
        if self.clock is not None:
            stored["updated"] = self.clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._events[stored["id"]] = stored
        self._log.append(stored["id"])
        return copy.deepcopy(stored)

    def _fail(self, kind: str, *, is_after_commit: bool = False) -> None:
        for fault in self._faults:
            if fault.kind == kind and fault.is_after_commit == is_after_commit and fault.times > 0:
                fault.times -= 1
                raise fault.error


def _merged(old: Mapping[str, Any], patch: Mapping[str, Any]) -> Json:
    """PATCH as Google does it: objects are merged, null removes, everything else replaces."""
    merged = dict(old)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            known = merged.get(name)
            merged[name] = _merged(known if isinstance(known, Mapping) else {}, value)
        else:
            merged[name] = value
    return copy.deepcopy(merged)
