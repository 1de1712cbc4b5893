"""When a series takes place, by Google's lines (RFC 5545); the CRM's way to say it is in crm_rules.py.

Starts are wall-clock times of the series' zone, so that ten o'clock stays ten o'clock across a DST change.
https://developers.google.com/workspace/calendar/api/guides/recurringevents
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

from plugin.core.errors import MappingError
from plugin.core.when import Timed, When, WholeDays

# No series of any use has more in the time that is laid out; a rule that says "every second" must not hold up a worker.
MOST_OCCURRENCES = 2000

_LINE = re.compile(r"^(RRULE|RDATE|EXDATE)((?:;[^:]*)?):(.+)$", re.IGNORECASE)
_UNTIL = re.compile(r"UNTIL=([0-9]{8})(T[0-9]{6})?(Z?)", re.IGNORECASE)
_TOO_FINE = re.compile(r"FREQ=(SECONDLY|MINUTELY|HOURLY)|INTERVAL=0*(;|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When a series takes place: its first occurrence, Google's lines, and the zone that they are meant in."""

    first: When
    lines: tuple[str, ...]
    zone: str


def occurrences(recurrence: Recurrence, since_utc: datetime, until_utc: datetime) -> list[When]:
    """Return when the series takes place, by its rule alone, of all that end after `since_utc` and start before `until_utc`.

    In order, without doubles. Whole days are taken for midnights of UTC here: ask for a day more on either end.
    Raises MappingError for a rule that can't be understood.
    """
    try:
        rules = _rules(recurrence)
        starts = list(islice(_between(rules, recurrence, since_utc, until_utc), MOST_OCCURRENCES))
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise MappingError("google", "", "recurrence", f"rule can't be read: {error}") from error
    return [_at(recurrence, start) for start in starts]


def slot_name(when: When) -> str:
    """Return how Google names an occurrence that was meant to take place then, in the id of the instance."""
    if isinstance(when, WholeDays):
        return when.start_date.strftime("%Y%m%d")
    return when.start_utc.strftime("%Y%m%dT%H%M%SZ")


def slot_start(name: str) -> datetime | None:
    """Return the start that a slot's name says, whole days as midnight UTC; None if it is none."""
    for pattern in ("%Y%m%dT%H%M%SZ", "%Y%m%d"):
        try:
            return datetime.strptime(name, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def has_end(recurrence: Recurrence) -> bool:
    """Tell whether the series ends by itself."""
    rules = [line for line in recurrence.lines if line.upper().startswith("RRULE")]
    return all(re.search(r"(COUNT|UNTIL)=", line, re.IGNORECASE) for line in rules)


def shortened(recurrence: Recurrence, end_utc: datetime) -> tuple[str, ...] | None:
    """Return the lines that say the same but for all that takes place from that moment on; None where that can't be said.

    `end_utc` is when one of its occurrences begins, whole days at midnight UTC.
    """
    rules = [line for line in recurrence.lines if line.upper().startswith("RRULE")]
    if len(rules) != 1:
        return None
    is_whole_day = isinstance(recurrence.first, WholeDays)
    before = end_utc - (timedelta(days=1) if is_whole_day else timedelta(seconds=1))
    until = f"UNTIL={before:%Y%m%d}" if is_whole_day else f"UNTIL={before:%Y%m%dT%H%M%SZ}"
    kept: list[str] = []
    for line in recurrence.lines:
        name, _, value = line.partition(":")
        if line == rules[0]:
            parts = [p for p in value.split(";") if not p.upper().startswith(("COUNT=", "UNTIL="))]
            kept.append(f"{name}:{';'.join([*parts, until])}")
        elif name.upper().startswith("RDATE"):
            options = name.partition(";")[2]
            dates = [d for d in value.split(",") if _is_before(d.strip(), options, recurrence, end_utc)]
            kept.extend([f"{name}:{','.join(dates)}"] if dates else [])
        else:
            kept.append(line)
    return tuple(kept)


def postponed(recurrence: Recurrence, delta: timedelta) -> Recurrence:
    """Return the recurrence with an end that is that much later, where it names a moment; its first occurrence stays."""

    def later(match: re.Match[str]) -> str:
        day, clock, is_utc = match[1], match[2], match[3]
        if clock is None or not is_utc:
            return match[0]
        moment = datetime.strptime(day + clock, "%Y%m%dT%H%M%S").replace(tzinfo=UTC) + delta
        return f"UNTIL={moment:%Y%m%dT%H%M%SZ}"

    return replace(recurrence, lines=tuple(_UNTIL.sub(later, line) for line in recurrence.lines))


def _is_before(text: str, options: str, recurrence: Recurrence, end_utc: datetime) -> bool:
    return _moment(text, f";{options}", recurrence) < _wall_of(end_utc, recurrence)


def _rules(recurrence: Recurrence) -> rruleset:
    first, rules, has_rule = wall_clock(recurrence.first, recurrence.zone), rruleset(cache=True), False
    for line in recurrence.lines:
        match = _LINE.match(line)
        if match is None:
            raise ValueError(f"unknown line {line[:40]!r}")
        kind, options, value = match[1].upper(), match[2], match[3]
        if kind == "RRULE":
            if _TOO_FINE.search(value):
                raise ValueError("repeats within a day")
            rule = rrulestr(_with_wall_until(value, recurrence), dtstart=first)
            if not isinstance(rule, rrule):
                raise ValueError("several rules in one line")
            rules.rrule(rule)
            has_rule = True
        else:
            add = rules.rdate if kind == "RDATE" else rules.exdate
            for text in value.split(","):
                add(_moment(text.strip(), options, recurrence))
    if not has_rule:
        rules.rdate(first)
    return rules


def _between(
    rules: rruleset, recurrence: Recurrence, since_utc: datetime, until_utc: datetime
) -> Iterator[datetime]:
    reach = since_utc - _length(recurrence.first) - timedelta(days=1)
    after, before = (_wall_of(moment, recurrence) for moment in (reach, until_utc))
    for start in rules.xafter(after, inc=True):
        if start >= before:
            return
        span = _at(recurrence, start)
        end = span.end_utc if isinstance(span, Timed) else _midnight(span.end_date)
        if end > since_utc or _length(recurrence.first) == timedelta():
            yield start


def _at(recurrence: Recurrence, start: datetime) -> When:
    """Return the occurrence that begins at this wall-clock time; its length in elapsed time is the first one's."""
    first = recurrence.first
    if isinstance(first, WholeDays):
        return WholeDays(start.date(), start.date() + (first.end_date - first.start_date))
    begin = start.replace(tzinfo=ZoneInfo(recurrence.zone)).astimezone(UTC)
    return Timed(begin, begin + (first.end_utc - first.start_utc))


def wall_clock(when: When, zone: str) -> datetime:
    """Return the start as the clocks of the zone show it, without a zone."""
    if isinstance(when, WholeDays):
        return datetime.combine(when.start_date, time())
    return when.start_utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _wall_of(moment: datetime, recurrence: Recurrence) -> datetime:
    zone = UTC if isinstance(recurrence.first, WholeDays) else ZoneInfo(recurrence.zone)
    return moment.astimezone(zone).replace(tzinfo=None)


def _length(when: When) -> timedelta:
    return when.end_date - when.start_date if isinstance(when, WholeDays) else when.end_utc - when.start_utc


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _with_wall_until(value: str, recurrence: Recurrence) -> str:
    # dateutil wants UNTIL of the start's kind; here all is wall-clock. UNTIL itself still takes place.
    def wall(match: re.Match[str]) -> str:
        day, clock, is_utc = match[1], match[2], match[3]
        if clock is None or isinstance(recurrence.first, WholeDays):
            return f"UNTIL={day}T235959"
        if not is_utc:
            return f"UNTIL={day}{clock}"
        moment = datetime.strptime(day + clock, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        return "UNTIL=" + _wall_of(moment, recurrence).strftime("%Y%m%dT%H%M%S")

    return _UNTIL.sub(wall, value)


def _moment(text: str, options: str, recurrence: Recurrence) -> datetime:
    """Return an RDATE or EXDATE value as wall-clock time of the series."""
    start = text.partition("/")[0]  # of a period only the start is kept, as for any other occurrence
    if "T" not in start:
        day = datetime.strptime(start, "%Y%m%d")  # noqa: DTZ007 - wall-clock on purpose
        clock = wall_clock(recurrence.first, recurrence.zone).time()
        return datetime.combine(day, clock)
    moment = datetime.strptime(start.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - its zone follows
    if isinstance(recurrence.first, WholeDays):
        return datetime.combine(moment, time())
    if start.endswith("Z"):
        return _wall_of(moment.replace(tzinfo=UTC), recurrence)
    named = re.search(r"TZID=([^;:]+)", options, re.IGNORECASE)
    return _wall_of(moment.replace(tzinfo=ZoneInfo(named[1])), recurrence) if named else moment
