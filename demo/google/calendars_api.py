"""Calendar API v3: calendars, the user's calendar list, colours and settings.

https://developers.google.com/workspace/calendar/api/concepts/events-calendars
"""

from __future__ import annotations

import secrets

from demo.google.errors import ApiError, not_found, required
from demo.google.model import ROLES, Calendar
from demo.google.paging import cut_page, page_size
from demo.google.routing import Route, scopes
from demo.google.synctokens import Snapshot, SyncToken, hash_parameters, read_sync_token, write_sync_token
from demo.google.times import parse_zone
from demo.google.wire import Call, Json, Reply

LIST_READ = scopes("calendar calendar.readonly calendar.calendarlist calendar.calendarlist.readonly")
LIST_WRITE = scopes("calendar calendar.calendarlist")
CALENDAR_READ = scopes(
    "calendar calendar.readonly calendar.calendars calendar.calendars.readonly calendar.app.created"
)
CALENDAR_WRITE = scopes("calendar calendar.calendars calendar.app.created")
ANY_READ = LIST_READ | CALENDAR_READ | scopes("calendar.events calendar.settings.readonly")

_COLOURS = """
    #ac725e #d06b64 #f83a22 #fa573c #ff7537 #ffad46 #42d692 #16a765 #7bd148 #b3dc6c #fbe983 #fad165
    #92e1c0 #9fe1e7 #9fc6e7 #4986e7 #9a9cff #b99aff #c2c2c2 #cabdbf #cca6ac #f691b2 #cd74e6 #a47ae2
"""
_EVENT_COLOURS = """
    #a4bdfc #7ae7bf #dbadff #ff887c #fbd75b #ffb878 #46d6db #e1e1e1 #5484ed #51b749 #dc2127
"""
CALENDAR_COLOURS = _COLOURS.split()
EVENT_COLOURS = _EVENT_COLOURS.split()


def entry_resource(call: Call, entry: Json) -> Json:
    """A calendarList entry: the user's own settings on top of the calendar's."""
    calendar = call.world.calendars.get(entry["id"])
    shown: Json = {"kind": "calendar#calendarListEntry", **entry}
    if calendar is None or entry.get("deleted"):
        return {name: shown[name] for name in ("kind", "etag", "id")} | {"deleted": True}
    colour = CALENDAR_COLOURS[(int(entry["colorId"]) - 1) % len(CALENDAR_COLOURS)]
    shown |= {
        "summary": calendar.summary,
        "timeZone": calendar.time_zone,
        "backgroundColor": colour,
        "foregroundColor": "#000000",
        "defaultReminders": calendar.default_reminders if entry["accessRole"] == "owner" else [],
        "dataOwner": calendar.owner,
    }
    if calendar.description:
        shown["description"] = calendar.description
    return shown


def list_calendars(call: Call) -> Json:
    log = call.account.entries
    collection = f"list:{call.account.email}"
    token_text = call.one("syncToken")
    minimum = call.one("minAccessRole")
    if token_text and minimum:
        message = "The sync token cannot be combined with minAccessRole."
        raise ApiError(400, "badRequest", message, location=("parameter", "minAccessRole"))
    token = read_sync_token(call.world, token_text, collection, 0) if token_text else None
    hidden, deleted = call.flag("showHidden"), call.flag("showDeleted")

    def wanted(entry: Json) -> bool:
        if (entry.get("deleted") and not deleted) or (entry.get("hidden") and not hidden):
            return False
        return not minimum or ROLES.index(entry["accessRole"]) >= ROLES.index(minimum)

    def take() -> Snapshot:
        found = log.since(token.position) if token else [entry for entry in log if wanted(entry)]
        return Snapshot(found, log.position, parameters)

    parameters = hash_parameters({"token": token_text, "m": minimum, "h": hidden, "d": deleted})
    page = cut_page(
        call,
        page_size(call, 100, 250),
        parameters,
        take,
        lambda at: write_sync_token(call.world, SyncToken(collection, at, 0, parameters)),
    )
    page["items"] = [entry_resource(call, entry) for entry in page["items"]]
    return page


def calendar_list_list(call: Call) -> Reply:
    minimum = call.one("minAccessRole")
    if minimum and minimum not in ROLES:
        raise ApiError(
            400, "invalidParameter", f"Invalid value '{minimum}'.", location=("parameter", "minAccessRole")
        )
    head = {
        "kind": "calendar#calendarList",
        "etag": f'"p{call.account.entries.position:x}{call.world.epoch}"',
    }
    return Reply(head | list_calendars(call))


def _entry(call: Call) -> Json:
    calendar, _ = call.world.calendar_for(call.account, call.args["calendarId"])
    entry = call.account.entries.get(calendar.id)
    if entry is None or entry.get("deleted"):
        raise not_found()
    return entry


def calendar_list_get(call: Call) -> Reply:
    return Reply(entry_resource(call, _entry(call)))


def calendar_list_patch(call: Call) -> Reply:
    own: Json = {
        n: call.body[n] for n in ("summaryOverride", "colorId", "selected", "hidden") if n in call.body
    }
    entry = {**_entry(call), **own, "etag": call.world.new_etag()}
    entry = {
        name: value
        for name, value in entry.items()
        if value is not None and (name, value) != ("hidden", False)
    }
    call.account.entries.put(entry["id"], entry)
    return Reply(entry_resource(call, entry))


def calendar_resource(calendar: Calendar) -> Json:
    shown = {
        "kind": "calendar#calendar",
        "etag": calendar.etag,
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.time_zone,
        "dataOwner": calendar.owner,
    }
    return shown | ({"description": calendar.description} if calendar.description else {})


def calendars_get(call: Call) -> Reply:
    return Reply(calendar_resource(call.world.calendar_for(call.account, call.args["calendarId"])[0]))


def calendars_insert(call: Call) -> Reply:
    summary = call.body.get("summary")
    if not summary:
        raise required("Missing summary.")
    home = call.world.calendars[call.account.email]
    zone = parse_zone(call.body.get("timeZone") or home.time_zone, "calendar").key
    calendar_id = f"c_{secrets.token_hex(16)}@group.calendar.google.com"
    calendar = call.world.add_calendar(call.account, calendar_id, summary, zone)
    calendar.description = call.body.get("description") or ""
    return Reply(calendar_resource(calendar))


def _owned(call: Call) -> Calendar:
    calendar, role = call.world.calendar_for(call.account, call.args["calendarId"])
    if role != "owner":
        raise ApiError(403, "forbidden", "Forbidden")
    return calendar


def calendars_patch(call: Call) -> Reply:
    calendar = _owned(call)
    if call.body.get("timeZone"):
        calendar.time_zone = parse_zone(call.body["timeZone"], "calendar").key
    calendar.summary = call.body.get("summary") or calendar.summary
    if "description" in call.body:
        calendar.description = call.body["description"] or ""
    calendar.etag = call.world.new_etag()
    for account in call.world.accounts.values():
        entry = account.entries.get(calendar.id)
        if entry and not entry.get("deleted"):
            account.entries.put(calendar.id, {**entry, "etag": calendar.etag})
    return Reply(calendar_resource(calendar))


def calendars_delete(call: Call) -> Reply:
    calendar = _owned(call)
    if calendar.is_primary:
        raise ApiError(
            403, "cannotDeletePrimaryCalendar", "The primary calendar cannot be deleted.", domain="calendar"
        )
    if calendar.owner != call.account.email:
        raise ApiError(403, "forbidden", "Only the data owner can delete a calendar.")
    for account in call.world.accounts.values():
        if account.email in calendar.roles:
            call.world.share(calendar, account, None)
    del call.world.calendars[calendar.id]
    return Reply(None, 204)


def colors_get(_call: Call) -> Reply:
    def palette(values: list[str]) -> Json:
        return {str(i): {"background": v, "foreground": "#1d1d1d"} for i, v in enumerate(values, 1)}

    return Reply(
        {
            "kind": "calendar#colors",
            "updated": "2012-02-14T00:00:00.000Z",
            "calendar": palette(CALENDAR_COLOURS),
            "event": palette(EVENT_COLOURS),
        }
    )


def _settings(call: Call) -> dict[str, str]:
    zone = call.world.calendars[call.account.email].time_zone
    return {"timezone": zone, "locale": call.account.locale, "weekStart": "1", "format24HourTime": "true"}


def settings_get(call: Call) -> Reply:
    name = call.args["setting"]
    value = _settings(call).get(name)
    if value is None:
        raise not_found()
    return Reply({"kind": "calendar#setting", "etag": '"1"', "id": name, "value": value})


def settings_list(call: Call) -> Reply:
    items = [
        {"kind": "calendar#setting", "etag": '"1"', "id": n, "value": v} for n, v in _settings(call).items()
    ]
    return Reply({"kind": "calendar#settings", "etag": '"1"', "items": items})


_LIST = "/calendar/v3/users/me/calendarList"
_CALENDAR = "/calendar/v3/calendars/{calendarId}"
ROUTES = [
    Route("calendarList.list", "GET", _LIST, LIST_READ, calendar_list_list),
    Route("calendarList.get", "GET", _LIST + "/{calendarId}", LIST_READ, calendar_list_get),
    Route("calendarList.patch", "PATCH", _LIST + "/{calendarId}", LIST_WRITE, calendar_list_patch, units=3),
    Route("calendars.get", "GET", _CALENDAR, CALENDAR_READ, calendars_get),
    Route("calendars.insert", "POST", "/calendar/v3/calendars", CALENDAR_WRITE, calendars_insert),
    Route("calendars.patch", "PATCH", _CALENDAR, CALENDAR_WRITE, calendars_patch, units=3),
    Route("calendars.delete", "DELETE", _CALENDAR, CALENDAR_WRITE, calendars_delete),
    Route("colors.get", "GET", "/calendar/v3/colors", ANY_READ, colors_get),
    Route("settings.list", "GET", "/calendar/v3/users/me/settings", ANY_READ, settings_list),
    Route("settings.get", "GET", "/calendar/v3/users/me/settings/{setting}", ANY_READ, settings_get),
]
