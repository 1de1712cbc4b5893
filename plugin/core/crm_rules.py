"""A rule in the CRM's words, "every N days, weeks, months, years", to and from Google's lines (facts/crm_repeats.md §2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plugin.core.recurrence import Recurrence, occurrences, wall_clock
from plugin.core.when import Timed, WholeDays

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCY_OF_CRM = {"Daily": "DAILY", "Weekly": "WEEKLY", "Monthly": "MONTHLY", "Yearly": "YEARLY"}
_CRM_OF_FREQUENCY = {google: crm for crm, google in _FREQUENCY_OF_CRM.items()}
MOST_INTERVAL = 14  # what the CRM's form offers (facts/crm_repeats.md §1)


@dataclass(frozen=True, slots=True)
class CrmRule:
    """A rule as the CRM's form says it: `kind` Daily, Weekly, Monthly or Yearly, `detail` like `Weekly::1::3`."""

    kind: str
    interval: int
    detail: str


def crm_rule(recurrence: Recurrence, user_zone: str, crm_zone: str) -> CrmRule | None:
    """Return the rule in the CRM's words; None for what its form can't say (facts/crm_repeats.md §2.2).

    Whole days are midnights in `user_zone` there; the CRM counts a month's days in `crm_zone`, that of its columns (§2.3).
    """
    rules = [line for line in recurrence.lines if line.upper().startswith("RRULE:")]
    if len(rules) != 1 or any(line.upper().startswith("RDATE") for line in recurrence.lines):
        return None
    parts = dict(part.upper().split("=", 1) for part in rules[0][len("RRULE:") :].split(";") if "=" in part)
    kind, interval = _CRM_OF_FREQUENCY.get(parts.pop("FREQ", "")), int(parts.pop("INTERVAL", "1"))
    for name in ("COUNT", "UNTIL"):
        parts.pop(name, None)
    # The CRM's weeks begin on Sunday: whose Sunday it is matters where weeks are left out.
    days = parts.get("BYDAY", "").split(",")
    has_other_weeks = parts.pop("WKST", "MO") != "SU" and interval > 1 and "SU" in days and len(days) > 1
    start = wall_clock(recurrence.first, recurrence.zone)
    detail = _detail(kind, parts, start) if kind and not has_other_weeks else None
    zone = user_zone if isinstance(recurrence.first, WholeDays) else recurrence.zone
    if _counts_days(kind, start) and _is_on_another_day(start, zone, crm_zone):
        return None
    return CrmRule(kind, interval, detail) if kind and detail and interval <= MOST_INTERVAL else None


def _detail(kind: str, parts: dict[str, str], start: datetime) -> str | None:
    by_day = parts.pop("BYDAY", "")
    by_month_day = parts.pop("BYMONTHDAY", "")
    by_month = parts.pop("BYMONTH", "")
    if parts or (by_month and (kind != "Yearly" or by_month != str(start.month))):
        return None
    match kind:
        case "Weekly" if not by_month_day:
            return _weekly(by_day, start)
        case "Monthly" if by_day and not by_month_day:
            return _monthly_day(by_day)
        case "Monthly" if not by_day and by_month_day in {"", str(start.day)} and start.day <= 28:
            return f"Monthly::date::{start.day}"
        case "Daily" if not by_day and not by_month_day:
            return "Daily"
        # A year without 29 February has 1 March in the CRM, and from there on every year.
        case "Yearly" if not by_day and by_month_day in {"", str(start.day)} and not _is_leap_day(start):
            return "Yearly"
    return None


def _counts_days(kind: str | None, start: datetime) -> bool:
    # The last of February is another day in another year, and so is the day beside it.
    return kind == "Monthly" or (kind == "Yearly" and (start.month, start.day) in {(2, 28), (3, 1)})


def _is_on_another_day(start: datetime, zone: str, crm_zone: str) -> bool:
    """Tell whether it begins on another day of the CRM's columns than its own, in summer or in winter."""
    seasons = (start.replace(month=month, day=15, tzinfo=ZoneInfo(zone)) for month in (1, 7))
    return any(moment.astimezone(ZoneInfo(crm_zone)).day != moment.day for moment in seasons)


def _is_leap_day(start: datetime) -> bool:
    return (start.month, start.day) == (2, 29)


def _weekly(by_day: str, start: datetime) -> str | None:
    names = by_day.split(",") if by_day else [_DAYS[start.weekday()]]
    if any(name not in _DAYS for name in names):
        return None
    # the CRM counts from Sunday = 0
    return "::".join(["Weekly", *sorted(str((_DAYS.index(name) + 1) % 7) for name in names)])


def _monthly_day(by_day: str) -> str | None:
    match = re.fullmatch(r"\+?(1|-1)([A-Z]{2})", by_day)
    if match is None or match[2] not in _DAYS:
        return None
    which = "first" if match[1] == "1" else "last"
    return f"Monthly::day::{which}::{(_DAYS.index(match[2]) + 1) % 7}"


def recurrence_of_rows(
    kind: str, interval: int, spans: Sequence[Timed], zones: Sequence[str]
) -> Recurrence | None:
    """Return a Google recurrence that takes place exactly when the CRM's rows do, in the first of `zones` that allows it.

    `spans` in order. Rows that were deleted since become EXDATEs, as long as most are there; None if no rule says it: the CRM
    keeps the time of day of its database's zone, and lets 31 February be 3 March (facts/crm_repeats.md §2).
    """
    frequency = _FREQUENCY_OF_CRM.get(kind)
    if frequency is None or len(spans) < 2:
        return None
    for zone in zones:
        for rule in _candidates(frequency, interval, [wall_clock(span, zone) for span in spans]):
            last = spans[-1].start_utc
            recurrence = Recurrence(spans[0], (f"RRULE:{rule};UNTIL={last:%Y%m%dT%H%M%SZ}",), zone)
            if found := _with_exceptions(recurrence, spans):
                return found
    return None


def _candidates(frequency: str, interval: int, starts: Sequence[datetime]) -> Iterator[str]:
    rule, first = f"FREQ={frequency};INTERVAL={interval}", starts[0]
    match frequency:
        case "WEEKLY":
            days = ",".join(_DAYS[day] for day in sorted({start.weekday() for start in starts}))
            yield f"{rule};BYDAY={days}"
            yield f"{rule};BYDAY={days};WKST=SU"
        case "MONTHLY":
            yield f"{rule};BYMONTHDAY={first.day}"
            yield f"{rule};BYDAY=1{_DAYS[first.weekday()]}"
            yield f"{rule};BYDAY=-1{_DAYS[first.weekday()]}"
        case _:
            yield rule


def _with_exceptions(recurrence: Recurrence, spans: Sequence[Timed]) -> Recurrence | None:
    end = spans[-1].start_utc + timedelta(seconds=1)
    expected = {
        when.start_utc for when in occurrences(recurrence, spans[0].start_utc, end) if isinstance(when, Timed)
    }
    there = {span.start_utc for span in spans}
    if not there <= expected or len(expected) >= 2 * len(there):
        return None
    missing = ",".join(f"{start:%Y%m%dT%H%M%SZ}" for start in sorted(expected - there))
    lines = (*recurrence.lines, f"EXDATE:{missing}") if missing else recurrence.lines
    return Recurrence(recurrence.first, lines, recurrence.zone)
