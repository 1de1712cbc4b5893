"""events.list and events.instances: which events, in which state, in which order.

https://developers.google.com/workspace/calendar/api/v3/reference/events/list
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from demo.google.clock import stamp
from demo.google.errors import ApiError, invalid, time_range_empty, updated_min_too_long_ago
from demo.google.model import Calendar
from demo.google.paging import cut_page, page_size
from demo.google.recurrence import expand, overlaps
from demo.google.rendering import render_event
from demo.google.synctokens import (
    Snapshot,
    SyncToken,
    check_same_parameters,
    hash_parameters,
    read_sync_token,
    write_sync_token,
)
from demo.google.times import bounds, parse_parameter
from demo.google.wire import Call, Json

FORBIDDEN_WITH_SYNC_TOKEN = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)
_NOT_HASHED = {"syncToken", "pageToken", "maxResults", "fields", "alt", "key", "prettyPrint", "quotaUser"}


def list_events(call: Call, calendar: Calendar, role: str) -> Json:
    """One page of events.list, without the calendar's own fields."""
    _check(call)
    token_text = call.one("syncToken")
    token = _living_token(call, calendar, token_text) if token_text else None
    frozen = {n: v for n, v in call.params.items() if n not in _NOT_HASHED and not n.startswith("time")}
    parameters = hash_parameters(frozen)
    if token:
        check_same_parameters(call.world, token, parameters)

    def take() -> Snapshot:
        found = _increment(call, calendar, token) if token else _full(call, calendar)
        return Snapshot(
            list(found), calendar.events.position, _page_parameters(call), call.world.switches.empty_pages
        )

    def next_token(position: int) -> str | None:
        if call.one("orderBy"):
            return None
        window = (token.time_min, token.time_max) if token else (call.one("timeMin"), call.one("timeMax"))
        made = SyncToken(calendar.id, position, calendar.token_generation, parameters, *window)
        return write_sync_token(call.world, made)

    page = cut_page(call, page_size(call, 250, 2500), _page_parameters(call), take, next_token)
    page["items"] = [render_event(call, calendar, role, event) for event in page["items"]]
    return page


def list_instances(call: Call, calendar: Calendar, role: str, series: Json) -> Json:
    """One page of the instances of a series."""
    since, until = _window(call)

    def take() -> Snapshot:
        if not series.get("recurrence"):
            raise ApiError(400, "invalid", "Instances can be listed of recurring events only.")
        deleted = call.flag("showDeleted")
        found = [
            event
            for event in expand(series, calendar, since=since, until=until)
            if deleted or event["status"] != "cancelled"
        ]
        wanted = call.one("originalStart")
        if wanted:
            found = [e for e in found if wanted in e["originalStartTime"].values()]
        return Snapshot(sorted(found, key=_by_start(calendar)), 0, _page_parameters(call))

    page = cut_page(call, page_size(call, 250, 2500), _page_parameters(call), take, lambda _: None)
    page["items"] = [render_event(call, calendar, role, event) for event in page["items"]]
    return page


def _page_parameters(call: Call) -> str:
    return hash_parameters({n: v for n, v in call.params.items() if n not in _NOT_HASHED - {"syncToken"}})


def _check(call: Call) -> None:
    if call.one("syncToken"):
        clash = next((name for name in FORBIDDEN_WITH_SYNC_TOKEN if name in call.params), None)
        if clash:
            message = f"The sync token cannot be combined with the parameter {clash}."
            raise ApiError(400, "badRequest", message, location=("parameter", clash))
        if not call.flag("showDeleted", default=True):
            raise invalid("showDeleted cannot be false with a sync token.", "showDeleted")
    order = call.one("orderBy")
    if order not in (None, "startTime", "updated"):
        raise invalid(f"Invalid value for orderBy: {order}", "orderBy")
    if order == "startTime" and not call.flag("singleEvents"):
        message = "The requested ordering is not available for the particular query."
        raise ApiError(400, "badRequest", message, location=("parameter", "orderBy"))
    since, until = _window(call)
    if since and until and until <= since:
        raise time_range_empty()


def _window(call: Call) -> tuple[datetime | None, datetime | None]:
    since, until = call.one("timeMin"), call.one("timeMax")
    return (
        parse_parameter(since, "timeMin") if since else None,
        parse_parameter(until, "timeMax") if until else None,
    )


def _living_token(call: Call, calendar: Calendar, text: str) -> SyncToken:
    return read_sync_token(call.world, text, calendar.id, calendar.token_generation)


def _increment(call: Call, calendar: Calendar, token: SyncToken) -> Iterator[Json]:
    """Last state of everything changed since the token, tombstones included."""
    since = until = None
    if call.world.switches.filtered_increments:
        since = parse_parameter(token.time_min, "timeMin") if token.time_min else None
        until = parse_parameter(token.time_max, "timeMax") if token.time_max else None
    for event in calendar.events.since(token.position):
        if not _has_type(call, event):
            continue
        if event["status"] == "cancelled" or _in_window(event, calendar, since, until):
            yield from _single(call, calendar, event, since, until)


def _single(
    call: Call, calendar: Calendar, event: Json, since: datetime | None, until: datetime | None
) -> Iterable[Json]:
    """With singleEvents a series stands for its instances."""
    if not call.flag("singleEvents") or not event.get("recurrence") or event["status"] == "cancelled":
        return (event,)
    return (instance for instance in expand(event, calendar, since=since, until=until))


def _full(call: Call, calendar: Calendar) -> list[Json]:
    since, until = _window(call)
    updated_min = _updated_min(call)
    singles, deleted = call.flag("singleEvents"), call.flag("showDeleted")
    found: list[Json] = []
    for event in _living(call, calendar):
        if updated_min and event["updated"] < updated_min:
            continue
        cancelled = event["status"] == "cancelled"
        if cancelled and not (deleted or updated_min or (not singles and _series_lives(calendar, event))):
            continue
        if not _matches(call, event) or (singles and "recurringEventId" in event and not cancelled):
            continue
        if singles and event.get("recurrence") and not cancelled:
            instances = expand(event, calendar, since=since, until=until)
            found.extend(i for i in instances if i["status"] != "cancelled")
        elif "start" not in event or _in_window(event, calendar, since, until):
            found.append(event)
    order = call.one("orderBy")
    if order == "startTime":
        found.sort(key=_by_start(calendar))
    elif order == "updated":
        found.sort(key=lambda event: event["updated"])
    return found


def _living(call: Call, calendar: Calendar) -> Iterator[Json]:
    """All events; tombstones older than the switch allows are forgotten on the way."""
    days = call.world.switches.tombstone_days
    if days is not None:
        limit = (call.world.clock.now() - timedelta(days=days)).isoformat()[:23] + "Z"
        for event in [e for e in calendar.events if e["status"] == "cancelled" and e["updated"] < limit]:
            if "recurringEventId" not in event:
                calendar.events.drop(event["id"])
    return iter(calendar.events)


def _updated_min(call: Call) -> str | None:
    text = call.one("updatedMin")
    if not text:
        return None
    moment = parse_parameter(text, "updatedMin")
    if call.world.clock.now() - moment > timedelta(days=call.world.switches.updated_min_days):
        raise updated_min_too_long_ago()
    return stamp(moment)


def _in_window(event: Json, calendar: Calendar, since: datetime | None, until: datetime | None) -> bool:
    if since is None and until is None:
        return True
    if event.get("recurrence"):
        return any(i["status"] != "cancelled" for i in expand(event, calendar, since=since, until=until))
    return overlaps(event, calendar.zone, since, until)


def _series_lives(calendar: Calendar, event: Json) -> bool:
    series = calendar.events.get(event.get("recurringEventId", ""))
    return series is not None and series["status"] != "cancelled"


def _has_type(call: Call, event: Json) -> bool:
    wanted = call.many("eventTypes")
    return not wanted or event.get("eventType", "default") in wanted


def _matches(call: Call, event: Json) -> bool:
    if not _has_type(call, event):
        return False
    if call.one("iCalUID") and event.get("iCalUID") != call.one("iCalUID"):
        return False
    for kind in ("private", "shared"):
        pairs = call.many(f"{kind}ExtendedProperty")
        known = event.get("extendedProperties", {}).get(kind, {})
        if pairs and not any(known.get(p.partition("=")[0]) == p.partition("=")[2] for p in pairs):
            return False
    words = (call.one("q") or "").lower().split()
    if not words:
        return True
    people = " ".join(a["email"] + " " + a.get("displayName", "") for a in event.get("attendees", ()))
    text = " ".join((*(event.get(n, "") for n in ("summary", "description", "location")), people)).lower()
    return all(word in text for word in words)


def _by_start(calendar: Calendar) -> Callable[[Json], tuple[float, str]]:
    def key(event: Json) -> tuple[float, str]:
        edge = (
            event
            if "start" in event
            else {"start": event["originalStartTime"], "end": event["originalStartTime"]}
        )
        return bounds(edge, calendar.zone)[0].timestamp(), event["id"]

    return key
