"""Series and their instances.

https://developers.google.com/workspace/calendar/api/guides/recurringevents

An instance is addressed by `<series id>_<slot>`, the slot being the original start in UTC
(`20261122T090000Z`) or the original day (`20261122`). A slot is kept even when its instance moves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr

from demo.google.errors import invalid
from demo.google.model import Calendar
from demo.google.times import bounds, is_all_day, render_moment
from demo.google.wire import Json

MOST_INSTANCES = 730  # what Google's own pages show of a series (support.google.com/calendar/answer/37115)
_LINE = re.compile(r"^(RRULE|EXRULE|RDATE|EXDATE)((?:;[^:]*)?):(.+)$", re.IGNORECASE)
_ENDLESS = re.compile(r"INTERVAL=0*(;|$)|FREQ=(SECONDLY|MINUTELY)", re.IGNORECASE)
_SLOT = re.compile(r"^(.+)_(\d{8}(?:T\d{6}Z)?)$")


def series_zone(event: Json, calendar_zone: ZoneInfo) -> ZoneInfo:
    name = event["start"].get("timeZone")
    return ZoneInfo(name) if name else calendar_zone


def _first_local(event: Json, zone: ZoneInfo) -> datetime:
    if is_all_day(event):
        return datetime.combine(date.fromisoformat(event["start"]["date"]), time())
    return datetime.fromisoformat(event["start"]["dateTime"]).astimezone(zone).replace(tzinfo=None)


def _local(text: str, options: str, zone: ZoneInfo, *, end_of_day: bool = False) -> datetime:
    """One RDATE, EXDATE or UNTIL value as wall time of the series."""
    if "T" not in text:
        day = datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - wall time on purpose
        return day.replace(hour=23, minute=59, second=59) if end_of_day else day
    moment = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - zone follows
    if text.endswith("Z"):
        return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    named = re.search(r"TZID=([^;:]+)", options, re.IGNORECASE)
    if named:
        return moment.replace(tzinfo=ZoneInfo(named[1])).astimezone(zone).replace(tzinfo=None)
    return moment


def _rule(text: str, first: datetime, zone: ZoneInfo, *, all_day: bool) -> Any:
    def until(match: re.Match[str]) -> str:
        value = match[1].upper()
        if all_day:
            value = value[:8]
        # dateutil wants UNTIL of the same kind as the start: here always wall time
        return "UNTIL=" + _local(value, "", zone, end_of_day=True).strftime("%Y%m%dT%H%M%S")

    if _ENDLESS.search(text):
        raise ValueError("dateutil would never come back from this")
    return rrulestr(re.sub(r"UNTIL=([0-9TZ]+)", until, text, flags=re.IGNORECASE), dtstart=first)


def build_rules(event: Json, calendar_zone: ZoneInfo) -> rruleset:
    """The rule set of a series in wall time; raises ApiError for what Google refuses."""
    zone = series_zone(event, calendar_zone)
    first, rules = _first_local(event, zone), rruleset()
    has_rule = False
    for line in event["recurrence"]:
        match = _LINE.match(line) if isinstance(line, str) else None
        if not match:
            raise invalid("Invalid recurrence rule.")
        kind, options, value = match[1].upper(), match[2], match[3]
        try:
            if kind in ("RRULE", "EXRULE"):
                rule = _rule(value, first, zone, all_day=is_all_day(event))
                (rules.rrule if kind == "RRULE" else rules.exrule)(rule)
                has_rule = has_rule or kind == "RRULE"
            else:
                add = rules.rdate if kind == "RDATE" else rules.exdate
                for text in value.split(","):
                    add(_local(text.strip(), options, zone))
        except (ValueError, KeyError, OSError):
            raise invalid("Invalid recurrence rule.") from None
    if not has_rule:
        rules.rdate(first)
    return rules


def slot_of(original_start: Json) -> str:
    if "date" in original_start:
        return str(original_start["date"]).replace("-", "")
    return datetime.fromisoformat(original_start["dateTime"]).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def split_instance_id(event_id: str) -> tuple[str, str] | None:
    match = _SLOT.match(event_id)
    return (match[1], match[2]) if match else None


def slots(
    event: Json, calendar_zone: ZoneInfo, *, since: datetime | None = None, limit: int = MOST_INSTANCES
) -> Iterator[Json]:
    """Start edges of the instances by the rules alone, in order, from the moment on."""
    zone, all_day = series_zone(event, calendar_zone), is_all_day(event)
    rules = build_rules(event, calendar_zone)
    after = since.astimezone(zone).replace(tzinfo=None) if since else None
    for count, local in enumerate(rules.xafter(after, inc=True) if after else rules):
        if count >= limit:
            return
        if all_day:
            yield {"date": local.date().isoformat()}
        else:
            moment = local.replace(tzinfo=zone)
            yield {"dateTime": render_moment(moment, calendar_zone), "timeZone": zone.key}


def instance_at(series: Json, start: Json, calendar: Calendar) -> Json:
    """The unchanged instance that begins at this slot."""
    instance = {name: value for name, value in series.items() if name != "recurrence"}
    instance["id"] = f"{series['id']}_{slot_of(start)}"
    instance["start"] = start
    instance["end"] = _instance_end(series, start, calendar.zone)
    instance["recurringEventId"] = series["id"]
    instance["originalStartTime"] = start
    return instance


def _instance_end(series: Json, start: Json, zone: ZoneInfo) -> Json:
    if "date" in start:
        length = date.fromisoformat(series["end"]["date"]) - date.fromisoformat(series["start"]["date"])
        return {"date": (date.fromisoformat(start["date"]) + length).isoformat()}
    begin, end = bounds(series, zone)
    moment = datetime.fromisoformat(start["dateTime"]) + (end - begin)
    return {"dateTime": render_moment(moment, zone), "timeZone": series["end"].get("timeZone", zone.key)}


def virtual_instance(calendar: Calendar, event_id: str) -> Json | None:
    """The unchanged instance with this id, if its series has that slot."""
    parts = split_instance_id(event_id)
    series = calendar.events.get(parts[0]) if parts else None
    if parts is None or series is None or not series.get("recurrence") or series["status"] == "cancelled":
        return None
    start = slot_start(series, parts[1], calendar)
    return instance_at(series, start, calendar) if start else None


def slot_start(series: Json, slot: str, calendar: Calendar) -> Json | None:
    """The start edge of a slot, if the rules have it."""
    if ("T" in slot) == is_all_day(series):
        return None
    if "T" in slot:
        since = datetime.strptime(slot, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    else:
        since = datetime.combine(date.fromisoformat(slot), time(), calendar.zone)
    start = next(slots(series, calendar.zone, since=since, limit=1), None)
    return start if start and slot_of(start) == slot else None


def expand(
    series: Json, calendar: Calendar, *, since: datetime | None, until: datetime | None
) -> Iterator[Json]:
    """Instances overlapping the window, exceptions in place of what they replace (cancelled ones too)."""
    stored = {event["id"]: event for event in calendar.exceptions_of(series["id"])}
    begin, end = bounds(series, calendar.zone)
    reach = since - (end - begin) - timedelta(days=1) if since else None
    for start in slots(series, calendar.zone, since=reach):
        instance = instance_at(series, start, calendar)
        if until and bounds(instance, calendar.zone)[0] >= until:
            break
        if instance["id"] not in stored and (not since or bounds(instance, calendar.zone)[1] > since):
            yield instance
    for exception in stored.values():
        if "start" not in exception or overlaps(exception, calendar.zone, since, until):
            yield exception


def overlaps(event: Json, zone: ZoneInfo, since: datetime | None, until: datetime | None) -> bool:
    """timeMin bounds the end, timeMax the start, both exclusive."""
    begin, end = bounds(event, zone)
    return (since is None or end > since) and (until is None or begin < until)


def take_place(calendar: Calendar, since: datetime, until: datetime) -> Iterator[Json]:
    """What people see of the calendar in a window: single events, and series occurrence by occurrence."""
    for event in calendar.events:
        if event["status"] == "cancelled" or "recurringEventId" in event:
            continue
        if event.get("recurrence"):
            instances = expand(event, calendar, since=since, until=until)
            yield from (instance for instance in instances if instance["status"] != "cancelled")
        elif overlaps(event, calendar.zone, since, until):
            yield event
