"""Start and end of events: `{date}` or `{dateTime, timeZone}`.

https://developers.google.com/workspace/calendar/api/concepts/events-calendars
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from demo.google.errors import ApiError, invalid, required, time_range_empty
from demo.google.wire import Json


def parse_zone(name: str, what: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid(f"Invalid time zone definition for {what} time.") from None


def parse_moment(text: Any, zone: tzinfo | None = None) -> datetime:
    """An aware moment; without an offset the zone counts. Raises ValueError."""
    if not isinstance(text, str) or "T" not in text.upper():
        raise ValueError("not a date-time")
    moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is None:
        if zone is None:
            raise ValueError("offset missing")
        moment = moment.replace(tzinfo=zone)
    return moment


def parse_parameter(text: str, name: str) -> datetime:
    """timeMin, timeMax, updatedMin: an offset is mandatory."""
    try:
        return parse_moment(text)
    except ValueError:
        raise ApiError(400, "badRequest", "Bad Request", location=("parameter", name)) from None


def render_moment(moment: datetime, zone: tzinfo) -> str:
    """RFC 3339 in the zone, to the second; UTC is written Z."""
    # by way of UTC, so that a wall time the clocks skip becomes a real one
    text = moment.astimezone(UTC).astimezone(zone).isoformat(timespec="seconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def normal_edge(edge: Json, what: str, calendar_zone: ZoneInfo) -> Json:
    """One edge as Google stores and echoes it: in the calendar's zone, with a timeZone."""
    day, moment_text = edge.get("date"), edge.get("dateTime")
    if (day is None) == (moment_text is None):
        raise invalid(f"Invalid {what} time.")
    if day is not None:
        try:
            return {"date": date.fromisoformat(day).isoformat()}
        except (TypeError, ValueError):
            raise invalid(f"Invalid value for: Invalid format: {day!r}") from None
    zone = parse_zone(edge["timeZone"], what) if edge.get("timeZone") else calendar_zone
    try:
        moment = parse_moment(moment_text, zone)
    except (TypeError, ValueError):
        raise invalid(f"Invalid value for: Invalid format: {moment_text!r}") from None
    return {"dateTime": render_moment(moment, calendar_zone), "timeZone": zone.key}


def check_range(event: Json, calendar_zone: ZoneInfo) -> None:
    """Both edges there, of one kind, and in order; brings them into normal form."""
    for what in ("start", "end"):
        if not isinstance(event.get(what), dict):
            raise required(f"Missing {what} time.")
    if event.get("recurrence"):
        for what in ("start", "end"):
            if event[what].get("dateTime") and not event[what].get("timeZone"):
                raise required(f"Missing time zone definition for {what} time.")
    for what in ("start", "end"):
        event[what] = normal_edge(event[what], what, calendar_zone)
    if ("date" in event["start"]) != ("date" in event["end"]):
        raise invalid("Invalid start time: start and end must both be date or both be dateTime.")
    begin, end = bounds(event, calendar_zone)
    if end < begin or (end == begin and is_all_day(event)):
        raise time_range_empty()


def is_all_day(event: Json) -> bool:
    return "date" in event["start"]


def edge_moment(edge: Json, calendar_zone: tzinfo) -> datetime:
    if "date" in edge:
        return datetime.combine(date.fromisoformat(edge["date"]), time(), calendar_zone).astimezone(UTC)
    return datetime.fromisoformat(edge["dateTime"]).astimezone(UTC)


def bounds(event: Json, calendar_zone: tzinfo) -> tuple[datetime, datetime]:
    """Start and end as moments; whole days are those of the calendar's zone."""
    return edge_moment(event["start"], calendar_zone), edge_moment(event["end"], calendar_zone)


def in_zone(event: Json, zone: ZoneInfo) -> Json:
    """The event rendered for the `timeZone` parameter: same moments, other offsets."""
    rendered = dict(event)
    for name in ("start", "end", "originalStartTime"):
        edge = event.get(name)
        if edge and "dateTime" in edge:
            moment = datetime.fromisoformat(edge["dateTime"])
            rendered[name] = {**edge, "dateTime": render_moment(moment, zone)}
    return rendered
