"""What clients may write into an event, and how the server cleans it.

https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

import re
from typing import Any

from demo.google.errors import ApiError, event_type_restriction, invalid, required
from demo.google.model import Calendar
from demo.google.recurrence import build_rules
from demo.google.switches import Switches
from demo.google.times import check_range, is_all_day
from demo.google.wire import Json

_WRITABLE = """
    summary description location colorId start end recurrence attendees status transparency visibility
    reminders extendedProperties guestsCanInviteOthers guestsCanModify guestsCanSeeOtherGuests
    anyoneCanAddSelf source gadget attachments conferenceData sequence eventLabelId
    workingLocationProperties outOfOfficeProperties focusTimeProperties birthdayProperties
"""
_SERVER_OWNED = """
    kind etag id created updated htmlLink creator organizer iCalUID hangoutLink recurringEventId
    originalStartTime eventType endTimeUnspecified locked privateCopy attendeesOmitted sequence
"""
WRITABLE = frozenset(_WRITABLE.split())
SERVER_OWNED = frozenset(_SERVER_OWNED.split())
GUEST_DEFAULTS = {
    "guestsCanInviteOthers": True,
    "guestsCanModify": False,
    "guestsCanSeeOtherGuests": True,
}
# What Google leaves out of its answers because it is the default.
_UNSAID: Json = {
    "transparency": "opaque",
    "visibility": "default",
    "anyoneCanAddSelf": False,
    "summary": "",
    "description": "",
    "location": "",
    "colorId": "",
    "recurrence": [],
    "attendees": [],
    "attachments": [],
    **GUEST_DEFAULTS,
}
_ENUMS = {
    "status": {"confirmed", "tentative", "cancelled"},
    "transparency": {"opaque", "transparent"},
    "visibility": {"default", "public", "private", "confidential"},
    "eventType": {"default", "birthday", "focusTime", "fromGmail", "outOfOffice", "workingLocation"},
}
_SHAPES: dict[str, type] = {
    **dict.fromkeys(("start", "end", "reminders", "extendedProperties"), dict),
    **dict.fromkeys(("attendees", "recurrence", "attachments"), list),
    **dict.fromkeys(("summary", "description", "location", "colorId", "status"), str),
    "sequence": int,
}
_ID = re.compile(r"[a-v0-9]{5,1024}")
# What Google calls the part that "this and following" splits off a series.
_PART_ID = re.compile(r"[a-v0-9]{5,1024}_R[0-9]{8}(T[0-9]{6})?")
_STATUS_EVENT_TYPES = ("outOfOffice", "focusTime", "workingLocation")
_BIRTHDAY_WRITABLE = {"colorId", "summary", "reminders"}
_GMAIL_WRITABLE = {
    "colorId", "reminders", "visibility", "transparency", "status", "attendees", "extendedProperties"
}  # fmt: skip


def check_client_id(event_id: Any, *, is_google: bool = False) -> str:
    if is_google and isinstance(event_id, str) and _PART_ID.fullmatch(event_id):
        return event_id
    if not isinstance(event_id, str) or not _ID.fullmatch(event_id):
        raise invalid("Invalid resource id value.")
    return event_id


def merged(old: Json, patch: Json) -> Json:
    """PATCH semantics: objects merge, null deletes, everything else (arrays too) replaces."""
    result = dict(old)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            known = result.get(name)
            result[name] = merged(known if isinstance(known, dict) else {}, value)
        else:
            result[name] = value
    return result


def _check_shapes(body: Json) -> None:
    """What JSON type each field has; null is always allowed."""
    for name, kind in _SHAPES.items():
        if body.get(name) is not None and not isinstance(body[name], kind):
            raise invalid(f"Invalid value for: {name}")
    inner = [*(body.get("extendedProperties") or {}).values(), *(body.get("attendees") or ())]
    inner += (body.get("reminders") or {}).get("overrides") or []
    if not all(value is None or isinstance(value, dict) for value in inner):
        raise invalid("Invalid value: an object was expected.")


def written(body: Json, *, conference: bool, attachments: bool) -> Json:
    """The part of a request's body that counts."""
    _check_shapes(body)
    kept = {name: value for name, value in body.items() if name in WRITABLE}
    if not conference:
        kept.pop("conferenceData", None)
    if not attachments:
        kept.pop("attachments", None)
    return kept


def check_event_type(old: Json | None, new: Json, calendar: Calendar, body: Json, *, in_batch: bool) -> None:
    """The rules of the special kinds of events."""
    kind = new["eventType"]
    if body.get("eventType", kind) != kind:
        raise event_type_restriction("The event type of an event cannot be changed.")
    if old is None and kind == "fromGmail":
        raise event_type_restriction("Events of type fromGmail cannot be created.")
    if kind in _STATUS_EVENT_TYPES and not calendar.is_primary:
        raise event_type_restriction(f"Events of type {kind} live on primary calendars only.")
    if kind == "workingLocation" and in_batch:
        raise event_type_restriction("Working locations cannot be written in a batch.")
    if kind in ("outOfOffice", "focusTime") and is_all_day(new):
        raise event_type_restriction(f"Events of type {kind} must be timed.")
    if old is not None and kind in ("birthday", "fromGmail"):
        allowed = _BIRTHDAY_WRITABLE if kind == "birthday" else _GMAIL_WRITABLE
        changed = {name for name in WRITABLE if old.get(name) != new.get(name)}
        if changed - allowed - {"sequence"}:
            raise event_type_restriction(f"Events of type {kind} do not allow changing {sorted(changed)[0]}.")


def clean(event: Json, calendar: Calendar, switches: Switches) -> Json:
    """Check a whole event and bring it into the form Google stores; raises ApiError."""
    for name, allowed in _ENUMS.items():
        if name in event and event[name] not in allowed:
            raise invalid(f"Invalid value for: {event[name]} is not a valid value for {name}")
    check_range(event, calendar.zone)
    if event.get("recurrence"):
        if event.get("recurringEventId"):
            raise invalid("Recurrence can't be set on an instance of a recurring event.")
        if not isinstance(event["recurrence"], list):
            raise invalid("Invalid recurrence rule.")
        build_rules(event, calendar.zone)
    event["attendees"] = _clean_attendees(event.get("attendees") or [])
    event["reminders"] = _clean_reminders(event.get("reminders") or {"useDefault": True})
    properties = _clean_properties(event.pop("extendedProperties", None) or {})
    if properties:
        event["extendedProperties"] = properties
    if switches.html_descriptions and event.get("description"):
        event["description"] = event["description"].replace("\n", "<br>")
    return {n: v for n, v in event.items() if v is not None and not (n in _UNSAID and v == _UNSAID[n])}


def _clean_attendees(attendees: Any) -> list[Json]:
    if not isinstance(attendees, list):
        raise invalid("Invalid attendees.")
    cleaned = []
    for attendee in attendees:
        email = attendee.get("email") if isinstance(attendee, dict) else None
        if not email:
            raise required("Missing attendee email.")
        if "@" not in email:
            raise invalid("Invalid attendee email.")
        entry = {name: value for name, value in attendee.items() if name not in ("self", "organizer")}
        answer = entry.setdefault("responseStatus", "needsAction")
        if answer not in ("needsAction", "declined", "tentative", "accepted"):
            raise invalid("Invalid value for: responseStatus")
        cleaned.append(entry)
    return cleaned


def _clean_reminders(reminders: Any) -> Json:
    overrides = reminders.get("overrides") or []
    if reminders.get("useDefault") and overrides:
        raise ApiError(
            400,
            "cannotUseDefaultRemindersAndSpecifyOverride",
            "Cannot specify both default reminders and overrides at the same time.",
            domain="calendar",
        )
    if len(overrides) > 5:
        raise invalid("Too many reminders: at most 5 overrides are allowed.")
    for override in overrides:
        if override.get("method") not in ("email", "popup"):
            raise invalid("Invalid reminder method.")
        minutes = override.get("minutes")
        if not isinstance(minutes, int) or not 0 <= minutes <= 40320:
            raise invalid("Invalid reminder minutes.")
    cleaned: Json = {"useDefault": bool(reminders.get("useDefault", False))}
    if overrides:
        cleaned["overrides"] = [{"method": o["method"], "minutes": o["minutes"]} for o in overrides]
    return cleaned


def _clean_properties(properties: Json) -> Json:
    """Long keys are dropped, long values cut, too many refused.

    https://developers.google.com/workspace/calendar/api/guides/extended-properties
    """
    cleaned: Json = {}
    count = size = 0
    for kind in ("private", "shared"):
        kept = {
            key: str(value)[:1024]
            for key, value in (properties.get(kind) or {}).items()
            if value is not None and len(key) <= 44
        }
        count += len(kept)
        size += sum(len(key) + len(value) for key, value in kept.items())
        if kept:
            cleaned[kind] = kept
    if count > 300 or size > 32 * 1024:
        raise invalid("The extended properties exceed 300 entries or 32 kB.")
    return cleaned
