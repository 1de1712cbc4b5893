"""When an event takes place: a span of instants, or whole days.

The CRM has no all-day: an all-day event stands there on local midnights. A link remembers which zone's, and
`when_from_instants` recognises it again after an edit: the CRM's drag adds seconds, across a DST change an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

ALL_DAY_TOLERANCE = timedelta(hours=1)
# What the CRM's DATE columns hold for certain, a year short of the end of Python's calendar: midnights of all zones exist.
YEARS = range(1000, 9999)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timed:
    """From one instant to another, both aware UTC; the end is never before the start."""

    start_utc: datetime
    end_utc: datetime

    def __post_init__(self) -> None:
        if self.start_utc.tzinfo is None or self.end_utc.tzinfo is None:
            raise ValueError("instants must carry a zone")


@dataclass(frozen=True, slots=True)
class WholeDays:
    """Whole days; `end_date` is exclusive, as Google's is."""

    start_date: date
    end_date: date


When = Timed | WholeDays


def timed(start_utc: datetime, end_utc: datetime) -> Timed:
    """Return the span in UTC, its end pulled up to its start: the CRM stores ends before starts and ignores them."""
    start = start_utc.astimezone(UTC)
    return Timed(start, max(start, end_utc.astimezone(UTC)))


def is_in_calendar(when: When) -> bool:
    """Tell whether both sides and every zone have the dates of `when`."""
    if isinstance(when, WholeDays):
        return when.start_date.year in YEARS and when.end_date.year in YEARS
    return when.start_utc.year in YEARS and when.end_utc.year in YEARS


def instants(when: When, zone: str) -> Timed:
    """Return the instants that the CRM stores for `when`: whole days run from midnight to midnight in `zone`."""
    if isinstance(when, Timed):
        return when
    return Timed(_midnight_utc(when.start_date, zone), _midnight_utc(when.end_date, zone))


def when_from_instants(span: Timed, all_day_zone: str | None) -> When:
    """Return whole days if the link says all-day and the span still stands on that zone's midnights, else the span.

    Start within an hour of a local midnight, length within an hour of whole days; the nearest date wins.
    """
    if all_day_zone is None:
        return span
    wall = span.start_utc.astimezone(ZoneInfo(all_day_zone)).replace(tzinfo=None)
    nearest = (wall + _DAY / 2).date()
    length = span.end_utc - span.start_utc
    days = round(length / _DAY)
    is_on_midnight = abs(wall - datetime.combine(nearest, time_of_day())) <= ALL_DAY_TOLERANCE
    is_whole = days >= 1 and abs(length - days * _DAY) <= ALL_DAY_TOLERANCE
    return WholeDays(nearest, nearest + timedelta(days=days)) if is_on_midnight and is_whole else span


def ends_before(when: When, limit: date, zone: str) -> bool:
    """Tell whether `when` is over before `limit` begins in `zone`: such an event lies before the start limit."""
    if isinstance(when, WholeDays):
        return when.end_date <= limit
    return when.end_utc <= _midnight_utc(limit, zone) and when.start_utc < _midnight_utc(limit, zone)


def _midnight_utc(day: date, zone: str) -> datetime:
    return datetime.combine(day, time_of_day(), ZoneInfo(zone)).astimezone(UTC)
