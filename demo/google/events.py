"""Writing events: insert, import, update, patch, delete, on single events, series and instances."""

from __future__ import annotations

import base64
import copy
import secrets
from dataclasses import dataclass

from demo.google.attendees import (
    answer_back,
    check_shared_properties,
    event_link,
    is_organizer_copy,
    mark_people,
    notify,
    spread,
)
from demo.google.errors import (
    condition_not_met,
    duplicate,
    event_type_restriction,
    gone,
    invalid,
    not_found,
    required,
)
from demo.google.eventbody import SERVER_OWNED, check_client_id, check_event_type, clean, merged, written
from demo.google.model import Account, Calendar
from demo.google.recurrence import slot_of, slot_start, split_instance_id, virtual_instance
from demo.google.wire import Json
from demo.google.world import World


@dataclass(frozen=True)
class Writer:
    """Who writes where, and with which options of the request."""

    world: World
    account: Account
    calendar: Calendar
    send_updates: str = "none"
    conference: bool = False
    attachments: bool = False
    in_batch: bool = False
    if_match: str | None = None
    privileged: bool = False
    """May create what Google alone can: events from Gmail, the other part of a series that was split."""

    def insert(self, body: Json) -> Json:
        event_id = check_client_id(body["id"], is_google=self.privileged) if body.get("id") else new_id()
        own_uid = f"{event_id}@google.com"
        if body.get("id") and body.get("iCalUID", own_uid) != own_uid:
            raise invalid("Either id or iCalUID may be given, not both.")
        if self.calendar.events.get(event_id) is not None:
            raise duplicate()
        uid = body.get("iCalUID") or own_uid
        if uid != own_uid and any(event.get("iCalUID") == uid for event in self.calendar.events):
            raise duplicate()
        organizer: Json = {"email": self.calendar.id}
        if not self.calendar.is_primary:
            organizer["displayName"] = self.calendar.summary
        event = self._fresh(event_id, uid, organizer, body)
        event |= copy.deepcopy(written(body, conference=self.conference, attachments=self.attachments))
        event["status"] = body.get("status") or "confirmed"
        return self._store(None, event, body)

    def import_(self, body: Json) -> Json:
        """A private copy of an event from elsewhere: nobody is told, the organizer stays who it was."""
        uid = body.get("iCalUID")
        if not uid:
            raise required("Missing iCalUID.")
        if body.get("eventType", "default") != "default":
            raise event_type_restriction("Only default events can be imported.")
        known = next((e for e in self.calendar.events if e.get("iCalUID") == uid), None)
        event_id = (
            known["id"] if known else "_" + base64.b32hexencode(uid.encode()).decode().lower().rstrip("=")
        )
        event = self._fresh(event_id, uid, body.get("organizer") or {"email": self.calendar.id}, body)
        event |= copy.deepcopy(written(body, conference=self.conference, attachments=self.attachments))
        event["status"] = body.get("status") or "confirmed"
        if known:
            event["created"] = known["created"]
        return self._store(known, event, body, private=True)

    def patch(self, event_id: str, body: Json) -> Json:
        old = self._existing(event_id)
        changes = written(body, conference=self.conference, attachments=self.attachments)
        base = old if "start" in old else self._restored(old)
        return self._store(old, copy.deepcopy(merged(base, changes)), body)

    def update(self, event_id: str, body: Json) -> Json:
        old = self._existing(event_id)
        base = old if "start" in old else self._restored(old)
        event = {name: value for name, value in base.items() if name in SERVER_OWNED}
        event |= copy.deepcopy(written(body, conference=self.conference, attachments=self.attachments))
        event["status"] = body.get("status") or "confirmed"
        return self._store(old, event, body)

    def delete(self, event_id: str) -> None:
        old = self._existing(event_id)
        if old["status"] == "cancelled":
            raise gone()
        self._cancel(old)

    def move(self, event_id: str, destination: Writer) -> Json:
        """To another calendar, which becomes the organizer; a stub with only the id stays behind."""
        event = self._existing(event_id)
        if event["status"] == "cancelled" or event.get("recurringEventId"):
            raise invalid("Only living events and whole series can be moved.")
        if event.get("eventType", "default") != "default":
            raise event_type_restriction("Only default events can be moved.")
        if destination.calendar.events.get(event_id) is not None:
            raise duplicate()
        moved = {**event, "organizer": {"email": destination.calendar.id}}
        moved["htmlLink"] = event_link(self.world, destination.calendar, event_id)
        moved = destination._store(None, copy.deepcopy(moved), moved)
        stone = {"kind": event["kind"], "id": event_id, "status": "cancelled"}
        self.calendar.put(stone | {"etag": self.world.new_etag(), "updated": self.world.now_stamp()})
        return moved

    def _existing(self, event_id: str) -> Json:
        event = find(self.calendar, event_id)
        if event is None:
            raise not_found()
        if self.if_match not in (None, "*", event["etag"]):
            raise condition_not_met()
        return event

    def _restored(self, exception: Json) -> Json:
        """The instance that a cancelled exception took away."""
        series = self.calendar.events.get(exception.get("recurringEventId", ""))
        restored = virtual_instance(self.calendar, exception["id"]) if series else None
        if restored is None:
            raise gone()
        return {**restored, "status": "cancelled"}

    def _fresh(self, event_id: str, uid: str, organizer: Json, body: Json) -> Json:
        return {
            "kind": "calendar#event",
            "id": event_id,
            "created": self.world.now_stamp(),
            "iCalUID": uid,
            "creator": {"email": self.account.email},
            "organizer": organizer,
            "sequence": body.get("sequence") or 0,
            "eventType": body.get("eventType") or "default",
            "htmlLink": event_link(self.world, self.calendar, event_id),
        }

    def _store(self, old: Json | None, event: Json, body: Json, *, private: bool = False) -> Json:
        """Check the new state, stamp it, store it, and tell the other copies."""
        if event.get("status") == "cancelled" and old is not None:
            if old["status"] != "cancelled":
                return self._cancel(old)
            return old
        event = clean(event, self.calendar, self.world.switches)
        if not self.privileged:
            check_event_type(old, event, self.calendar, body, in_batch=self.in_batch)
        if old is not None:
            check_shared_properties(old, event)
            event["sequence"] = self._sequence(old, event, body)
        mark_people(event, self.calendar)
        event["etag"] = self.world.new_etag()
        event["updated"] = self.world.now_stamp()
        if old is not None and _only_reminders_differ(old, event):
            event["updated"] = old["updated"]
        self.calendar.put(event)
        if event.get("recurrence") or (old or {}).get("recurrence"):
            self._drop_lost_exceptions(event)
        if not private:
            self._tell(old, event)
        return event

    def _tell(self, old: Json | None, event: Json) -> None:
        if is_organizer_copy(event):
            spread(self.world, self.calendar, old, event)
            notify(self.world, "update" if old else "invitation", event, self.account, self.send_updates)
        elif answer_back(self.world, self.calendar, old, event) and self.send_updates == "all":
            self.world.outbox.record("response", event["organizer"]["email"], event, actor=self.account.email)

    def _sequence(self, old: Json, event: Json, body: Json) -> int:
        before = old.get("sequence", 0)
        policy = self.world.switches.sequence
        moved = any(old.get(name) != event.get(name) for name in ("start", "end", "recurrence"))
        raised = before + 1 if policy == "always" or (policy == "time" and moved) else before
        return max(int(raised), int(body.get("sequence") or 0))

    def _cancel(self, old: Json) -> Json:
        """Leave a tombstone; the organizer's also cancels the guests' copies, a series its exceptions."""
        if old.get("recurringEventId"):
            names = (
                "kind",
                "id",
                "recurringEventId",
                "originalStartTime",
                "iCalUID",
                "organizer",
                "attendees",
            )
            stone = {name: old[name] for name in names if name in old}
        else:
            stone = dict(old)
        stone |= {"status": "cancelled", "etag": self.world.new_etag(), "updated": self.world.now_stamp()}
        self.calendar.put(stone)
        for exception in self.calendar.exceptions_of(old["id"]):
            self._bury(exception)
        if self.calendar.id == old.get("organizer", {}).get("email"):
            spread(self.world, self.calendar, old, {**old, "status": "cancelled"})
            notify(self.world, "cancellation", old, self.account, self.send_updates)
        elif answer_back(self.world, self.calendar, old, stone) and self.send_updates == "all":
            self.world.outbox.record("response", old["organizer"]["email"], old, actor=self.account.email)
        return stone

    def _bury(self, exception: Json) -> None:
        if exception["status"] != "cancelled":
            stamp = {"etag": self.world.new_etag(), "updated": self.world.now_stamp()}
            self.calendar.put({**exception, "status": "cancelled", **stamp})

    def _drop_lost_exceptions(self, series: Json) -> None:
        """Exceptions whose slot the changed series no longer has are cancelled."""
        for exception in self.calendar.exceptions_of(series["id"]):
            slot = slot_of(exception["originalStartTime"])
            if not series.get("recurrence") or slot_start(series, slot, self.calendar) is None:
                self._bury(exception)


def new_id() -> str:
    """26 characters of base32hex, like Google's own."""
    return base64.b32hexencode(secrets.token_bytes(17)).decode().lower()[:26]


def find(calendar: Calendar, event_id: str) -> Json | None:
    """A stored event (tombstones too) or an unchanged instance of a series."""
    event = calendar.events.get(event_id)
    if event is None and split_instance_id(event_id):
        event = virtual_instance(calendar, event_id)
    return event


def _only_reminders_differ(old: Json, new: Json) -> bool:
    """Reminders are the one thing that changes the etag but not `updated`."""
    other = (old.keys() | new.keys()) - {"reminders", "etag", "updated"}
    return old.get("reminders") != new.get("reminders") and all(old.get(n) == new.get(n) for n in other)
