"""Calendar API v3: the events resource.

https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

from demo.google.errors import ApiError, invalid, not_found, writer_required
from demo.google.eventbody import SERVER_OWNED, WRITABLE
from demo.google.events import Writer, find
from demo.google.listing import list_events, list_instances
from demo.google.model import Calendar
from demo.google.partial import Known
from demo.google.rendering import render_event
from demo.google.routing import Route, scopes
from demo.google.wire import Call, Json, Reply

READ_SCOPES = scopes(
    "calendar calendar.readonly calendar.events calendar.events.readonly calendar.app.created"
    " calendar.events.owned calendar.events.owned.readonly"
)
WRITE_SCOPES = scopes("calendar calendar.events calendar.app.created calendar.events.owned")
EVENT_FIELDS: Known = dict.fromkeys(WRITABLE | SERVER_OWNED)
LIST_FIELDS: Known = {
    **dict.fromkeys(("kind", "etag", "summary", "description", "updated", "timeZone", "accessRole")),
    **dict.fromkeys(("defaultReminders", "nextPageToken", "nextSyncToken", "eventLabelVersion")),
    "items": frozenset(EVENT_FIELDS),
}
WRITER_ROLES = ("owner", "writer", "writerWithoutPrivateAccess")


def _open(call: Call) -> tuple[Calendar, str]:
    return call.world.calendar_for(call.account, call.args["calendarId"])


def _writer(call: Call, calendar_id: str = "") -> tuple[Writer, str]:
    calendar, role = call.world.calendar_for(call.account, calendar_id or call.args["calendarId"])
    if role not in WRITER_ROLES:
        raise writer_required()
    unsaid = "all" if call.flag("sendNotifications") or call.world.switches.mails_unasked else "none"
    send_updates = call.one("sendUpdates") or unsaid
    if send_updates not in ("all", "externalOnly", "none"):
        raise invalid(f"Invalid value for: {send_updates} is not a valid value", "sendUpdates")
    writer = Writer(
        call.world,
        call.account,
        calendar,
        send_updates=send_updates,
        conference=call.number("conferenceDataVersion", 0) >= 1,
        attachments=call.flag("supportsAttachments"),
        in_batch=call.in_batch,
        # An empty header names no version; what Google makes of it isn't documented, so the worse is assumed.
        if_match=call.headers.get("if-match") or None,
    )
    return writer, role


def _event_reply(call: Call, calendar: Calendar, role: str, event: Json, status: int = 200) -> Reply:
    return Reply(render_event(call, calendar, role, event), status, {"ETag": event["etag"]})


def events_list(call: Call) -> Reply:
    calendar, role = _open(call)
    page = list_events(call, calendar, role)
    return Reply(_collection(call, calendar, role) | page)


def events_instances(call: Call) -> Reply:
    calendar, role = _open(call)
    series = find(calendar, call.args["eventId"])
    if series is None:
        raise not_found()
    return Reply(_collection(call, calendar, role) | list_instances(call, calendar, role, series))


def _collection(call: Call, calendar: Calendar, role: str) -> Json:
    return {
        "kind": "calendar#events",
        "etag": f'"p{calendar.events.position:x}{call.world.epoch}"',
        "summary": calendar.summary,
        "description": calendar.description,
        "updated": call.world.now_stamp(),
        "timeZone": call.one("timeZone") or calendar.time_zone,
        "accessRole": role,
        "defaultReminders": calendar.default_reminders if role == "owner" else [],
    }


def events_get(call: Call) -> Reply:
    calendar, role = _open(call)
    event = find(calendar, call.args["eventId"])
    if event is None:
        raise not_found()
    if call.headers.get("if-none-match") == event["etag"]:
        return Reply(None, 304, {"ETag": event["etag"]})
    return _event_reply(call, calendar, role, event)


def events_insert(call: Call) -> Reply:
    writer, role = _writer(call)
    return _event_reply(call, writer.calendar, role, writer.insert(call.body))


def events_import(call: Call) -> Reply:
    writer, role = _writer(call)
    return _event_reply(call, writer.calendar, role, writer.import_(call.body))


def events_patch(call: Call) -> Reply:
    writer, role = _writer(call)
    return _event_reply(call, writer.calendar, role, writer.patch(call.args["eventId"], call.body))


def events_update(call: Call) -> Reply:
    writer, role = _writer(call)
    return _event_reply(call, writer.calendar, role, writer.update(call.args["eventId"], call.body))


def events_delete(call: Call) -> Reply:
    writer, _ = _writer(call)
    writer.delete(call.args["eventId"])
    return Reply(None, 204)


def events_move(call: Call) -> Reply:
    writer, _ = _writer(call)
    destination, role = _writer(call, call.one("destination") or "primary")
    event = writer.move(call.args["eventId"], destination)
    return _event_reply(call, destination.calendar, role, event)


def calendars_clear(call: Call) -> Reply:
    """Delete all events of a primary calendar."""
    writer, role = _writer(call)
    if role != "owner" or not writer.calendar.is_primary:
        raise ApiError(400, "invalid", "Only primary calendars can be cleared.")
    for event in list(writer.calendar.events):
        if event["status"] != "cancelled" and "recurringEventId" not in event:
            writer.delete(event["id"])
    return Reply(None, 204)


_EVENTS = "/calendar/v3/calendars/{calendarId}/events"
_EVENT = _EVENTS + "/{eventId}"
# The order matters: "import" would also match {eventId}, though only for other methods.
ROUTES = [
    Route("events.list", "GET", _EVENTS, READ_SCOPES, events_list, fields=LIST_FIELDS),
    Route("events.get", "GET", _EVENT, READ_SCOPES, events_get, fields=EVENT_FIELDS),
    Route(
        "events.instances", "GET", _EVENT + "/instances", READ_SCOPES, events_instances, fields=LIST_FIELDS
    ),
    Route("events.import", "POST", _EVENTS + "/import", WRITE_SCOPES, events_import, fields=EVENT_FIELDS),
    Route("events.move", "POST", _EVENT + "/move", WRITE_SCOPES, events_move, fields=EVENT_FIELDS),
    Route("events.insert", "POST", _EVENTS, WRITE_SCOPES, events_insert, fields=EVENT_FIELDS),
    Route("events.patch", "PATCH", _EVENT, WRITE_SCOPES, events_patch, units=3, fields=EVENT_FIELDS),
    Route("events.update", "PUT", _EVENT, WRITE_SCOPES, events_update, fields=EVENT_FIELDS),
    Route("events.delete", "DELETE", _EVENT, WRITE_SCOPES, events_delete),
    Route(
        "calendars.clear",
        "POST",
        "/calendar/v3/calendars/{calendarId}/clear",
        scopes("calendar"),
        calendars_clear,
    ),
]
