"""Between a user's wall clock and the database: the user's zone and formats here, naive UTC there."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def date_pattern(date_format: str) -> str:
    """Turn the CRM's dd-mm-yyyy (in any order, with - . or /) into a strftime pattern."""
    return date_format.replace("dd", "%d").replace("mm", "%m").replace("yyyy", "%Y")


def to_local(moment_utc: datetime, zone: ZoneInfo) -> datetime:
    return moment_utc.replace(tzinfo=UTC).astimezone(zone)


def show_time(moment: datetime, hour_format: str) -> str:
    return moment.strftime("%H:%M" if hour_format == "24" else "%I:%M %p")


def parse_date(typed: str, date_format: str) -> date:
    """Read a date in the user's format, or in the database's own."""
    for pattern in (date_pattern(date_format), "%Y-%m-%d"):
        try:
            return datetime.strptime(typed.strip(), pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError(f"not a date: {typed}")


def parse_time(typed: str) -> time:
    """Read 9:00, 09:00:00 and 9:00 PM."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?", typed.strip())
    if not found:
        raise ValueError(f"not a time: {typed}")
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "pm" else 0)
    return time(hour, minute, second)


def to_utc(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, zone).astimezone(UTC).replace(tzinfo=None)
