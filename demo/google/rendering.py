"""How an event looks to the one who asks: role, time zone, number of attendees."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from demo.google.errors import invalid
from demo.google.model import Calendar
from demo.google.times import in_zone
from demo.google.wire import Call, Json

_ALWAYS = ("kind", "id", "etag", "status")
_TOMBSTONE = (*_ALWAYS, "recurringEventId", "originalStartTime")
_HIDDEN = frozenset(_TOMBSTONE) | frozenset(
    ["start", "end", "recurrence", "visibility", "updated", "created", "iCalUID", "eventType", "sequence"]
)


def render_event(call: Call, calendar: Calendar, role: str, event: Json) -> Json:
    """A copy cut down to what this caller may see; the stored event is never altered."""
    if event["status"] == "cancelled":
        if "start" not in event or call.world.switches.tombstones == "bare":
            return {name: event[name] for name in _TOMBSTONE if name in event}
        return event
    shown = event
    if role == "freeBusyReader":
        shown = {name: event[name] for name in (*_ALWAYS, "start", "end") if name in event}
    elif role in ("reader", "writerWithoutPrivateAccess") and event.get("visibility") in (
        "private",
        "confidential",
    ):
        shown = {name: event[name] for name in _HIDDEN if name in event}
    zone = call.one("timeZone")
    if zone:
        try:
            shown = in_zone(shown, ZoneInfo(zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise invalid("Invalid time zone.", "timeZone") from None
    most = call.number("maxAttendees", 0)
    if most and len(shown.get("attendees", ())) > most:
        own = [person for person in shown["attendees"] if person.get("self")]
        shown = {**shown, "attendees": own or shown["attendees"][:most], "attendeesOmitted": True}
    return shown
