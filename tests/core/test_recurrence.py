"""When a series takes place: RFC 5545 against dateutil, wall-clock time across DST, names of slots."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from plugin.core.errors import MappingError
from plugin.core.recurrence import (
    Recurrence,
    has_end,
    occurrences,
    shortened,
    slot_name,
    slot_start,
    wall_clock,
)
from plugin.core.when import Timed, WholeDays
from tests.builders import MADRID, hours, utc
from tests.strategies import zones

RULES = st.sampled_from(
    (
        "FREQ=DAILY;COUNT=9",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY;BYDAY=MO,WE,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=-1FR;COUNT=12",
        "FREQ=YEARLY",
    )
)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(microsecond=0))
YEAR = timedelta(days=366)


@given(RULES, starts)
def test_in_utc_it_is_what_dateutil_says(rule: str, start: datetime) -> None:
    first = Timed(start.replace(tzinfo=UTC), start.replace(tzinfo=UTC) + timedelta(hours=1))
    found = occurrences(Recurrence(first, (f"RRULE:{rule}",), "UTC"), first.start_utc, first.start_utc + YEAR)
    expected = list(rrulestr(rule, dtstart=start).xafter(start, count=400, inc=True))
    assert [when.start_utc.replace(tzinfo=None) for when in found if isinstance(when, Timed)] == [
        day for day in expected if day < start + YEAR
    ]


@given(RULES, starts, zones)
def test_wall_clock_time_and_length_are_kept_in_every_zone(rule: str, start: datetime, zone: str) -> None:
    begin = start.replace(hour=10).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    recurrence = Recurrence(Timed(begin, begin + timedelta(minutes=90)), (f"RRULE:{rule}",), zone)
    for when in occurrences(recurrence, begin, begin + YEAR):
        assert isinstance(when, Timed)
        assert wall_clock(when, zone).time() == wall_clock(recurrence.first, zone).time()
        assert when.end_utc - when.start_utc == timedelta(minutes=90)


@given(RULES, st.dates(date(2026, 1, 1), date(2027, 12, 31)), zones, st.integers(1, 3))
def test_whole_days_stay_whole_days(rule: str, day: date, zone: str, length: int) -> None:
    first = WholeDays(day, day + timedelta(days=length))
    since = datetime.combine(day, datetime.min.time(), UTC)
    for when in occurrences(Recurrence(first, (f"RRULE:{rule}",), zone), since, since + YEAR):
        assert isinstance(when, WholeDays)
        assert when.end_date - when.start_date == timedelta(days=length)


@given(RULES, starts, zones)
def test_slots_have_a_name_each_that_tells_their_start(rule: str, start: datetime, zone: str) -> None:
    begin = start.replace(tzinfo=UTC)
    recurrence = Recurrence(Timed(begin, begin + timedelta(hours=1)), (f"RRULE:{rule}",), zone)
    found = occurrences(recurrence, begin, begin + YEAR)
    names = [slot_name(when) for when in found]
    assert [slot_start(name) for name in names] == [w.start_utc for w in found if isinstance(w, Timed)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (("RRULE:FREQ=DAILY;UNTIL=20270304T090000Z",), ["02", "03", "04"]),
        (("RRULE:FREQ=DAILY;UNTIL=20270304T085959Z",), ["02", "03"]),
        (("RRULE:FREQ=DAILY;UNTIL=20270304",), ["02", "03", "04"]),
        (("RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Madrid:20270303T100000"), ["02", "04"]),
        (("RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20270302T090000Z,20270303T090000Z"), ["04"]),
        (("RRULE:FREQ=DAILY;COUNT=1", "RDATE:20270306T090000Z"), ["02", "06"]),
        (("RRULE:FREQ=DAILY;COUNT=2", "RDATE:20270303T090000Z"), ["02", "03"]),
    ],
    ids=["until", "until before", "until a day", "exdate", "exdates", "rdate", "rdate twice"],
)
def test_lines_of_all_kinds(lines: tuple[str, ...], days: list[str]) -> None:
    recurrence = Recurrence(hours(), lines, MADRID)
    found = occurrences(recurrence, utc("2027-03-01T00:00"), utc("2027-04-01T00:00"))
    assert [f"{w.start_utc:%d}" for w in found if isinstance(w, Timed)] == days


@pytest.mark.parametrize(
    "line", ["RRULE:FREQ=HOURLY", "RRULE:FREQ=DAILY;INTERVAL=0", "EXRULE:FREQ=DAILY", "RRULE:no"]
)
def test_what_can_not_be_understood_is_said(line: str) -> None:
    with pytest.raises(MappingError):
        occurrences(Recurrence(hours(), (line,), MADRID), utc("2027-03-01T00:00"), utc("2027-04-01T00:00"))


@pytest.mark.parametrize(
    ("lines", "ends"),
    [
        (("RRULE:FREQ=DAILY",), False),
        (("RRULE:FREQ=DAILY;COUNT=2",), True),
        (("RDATE:20270306T090000Z",), True),
    ],
)
def test_end_is_known(lines: tuple[str, ...], ends: bool) -> None:
    assert has_end(Recurrence(hours(), lines, MADRID)) is ends


@given(RULES, starts, zones, st.integers(1, 8))
def test_shortened_takes_place_as_before_up_to_its_end(
    rule: str, start: datetime, zone: str, kept: int
) -> None:
    begin = start.replace(hour=10).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    first = Timed(begin, begin + timedelta(minutes=90))
    extra = f"RDATE;TZID={zone}:{start + timedelta(days=3):%Y%m%d}T174500,{start + timedelta(days=300):%Y%m%d}T174500"
    whole = Recurrence(first, (f"RRULE:{rule}", extra), zone)
    before = occurrences(whole, begin, begin + 2 * YEAR)
    assume(len(before) > kept)
    end = before[kept]
    assert isinstance(end, Timed)
    lines = shortened(whole, end.start_utc)
    assert lines is not None
    assert occurrences(replace(whole, lines=lines), begin, begin + 2 * YEAR) == before[:kept]


def test_whole_days_are_shortened_by_date() -> None:
    days = WholeDays(date(2027, 3, 2), date(2027, 3, 3))
    whole = Recurrence(
        days, ("RRULE:FREQ=WEEKLY;COUNT=9", "EXDATE;VALUE=DATE:20270309", "RDATE;VALUE=DATE:20270401"), "UTC"
    )
    assert shortened(whole, utc("2027-03-23T00:00")) == (
        "RRULE:FREQ=WEEKLY;UNTIL=20270322",
        "EXDATE;VALUE=DATE:20270309",
    )


def test_two_rules_are_not_shortened() -> None:
    first = hours("2027-03-02T09:00")
    assert (
        shortened(Recurrence(first, ("RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"), "UTC"), first.start_utc)
        is None
    )
