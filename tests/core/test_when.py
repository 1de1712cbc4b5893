"""Instants and whole days: what stands on local midnights in the CRM is recognised again, in every zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.core.when import (
    ALL_DAY_TOLERANCE,
    Timed,
    WholeDays,
    ends_before,
    instants,
    is_in_calendar,
    timed,
    when_from_instants,
)
from tests.builders import MADRID, days, hours, utc
from tests.strategies import spans, whole_days, zones


@given(whole_days(), zones)
def test_whole_days_come_back_from_their_midnights(when: WholeDays, zone: str) -> None:
    assert when_from_instants(instants(when, zone), zone) == when


@given(spans(), zones)
def test_timed_stays_as_it_is(span: Timed, zone: str) -> None:
    assert instants(span, zone) is span
    assert when_from_instants(span, None) is span


@given(whole_days(), zones, st.integers(-3600, 0))
def test_end_a_little_early_is_forgiven(when: WholeDays, zone: str, seconds: int) -> None:
    # The CRM's drag ends a day at 23:59:59; a day of 23 hours that loses another hour is doubtful, so days of 24 only.
    span = instants(when, zone)
    length = span.end_utc - span.start_utc
    if length % timedelta(days=1) == timedelta(0) and span.start_utc == _local_midnight(when, zone):
        moved = Timed(span.start_utc, span.end_utc + timedelta(seconds=seconds))
        assert when_from_instants(moved, zone) == when


def _local_midnight(when: WholeDays, zone: str) -> datetime:
    return instants(WholeDays(when.start_date, when.start_date), zone).start_utc


@pytest.mark.parametrize(
    ("span", "is_whole"),
    [
        (hours("2027-06-01T22:00", "2027-06-02T22:00"), True),
        (hours("2027-06-01T22:00:59", "2027-06-02T22:00:59"), True),
        (hours("2027-06-01T21:00", "2027-06-02T21:00"), True),
        (hours("2027-06-01T23:00", "2027-06-02T23:00"), True),
        (hours("2027-06-01T20:59", "2027-06-02T20:59"), False),
        (hours("2027-06-01T23:01", "2027-06-02T23:01"), False),
        (hours("2027-06-01T22:00", "2027-06-02T21:00"), True),
        (hours("2027-06-01T22:00", "2027-06-02T20:59"), False),
        (hours("2027-06-01T22:00", "2027-06-01T22:00"), False),
        (hours("2027-06-01T22:00", "2027-06-01T22:30"), False),
    ],
    ids=[
        "exact", "seconds later", "an hour early", "an hour late", "too early", "too late",
        "an hour short", "too short", "no length", "half an hour",
    ],
)  # fmt: skip
def test_tolerance_is_one_hour_for_start_and_length(span: Timed, *, is_whole: bool) -> None:
    found = when_from_instants(span, MADRID)

    assert found == (days("2027-06-02", "2027-06-03") if is_whole else span)
    assert timedelta(hours=1) == ALL_DAY_TOLERANCE


@pytest.mark.parametrize(
    ("day", "length_h"), [("2027-03-28", 23), ("2027-10-31", 25)], ids=["spring", "autumn"]
)
def test_day_of_a_dst_change_has_its_own_length(day: str, length_h: int) -> None:
    start = date.fromisoformat(day)
    when = WholeDays(start, start + timedelta(days=1))

    span = instants(when, MADRID)

    assert span.end_utc - span.start_utc == timedelta(hours=length_h)
    assert when_from_instants(span, MADRID) == when


def test_midnight_that_does_not_exist_is_the_first_moment_of_the_day() -> None:
    span = instants(days("2024-09-08", "2024-09-09"), "America/Santiago")

    assert span == hours("2024-09-08T04:00", "2024-09-09T03:00")


def test_end_before_start_is_pulled_up() -> None:
    assert timed(utc("2027-03-02T10:00"), utc("2027-03-02T09:00")) == hours(
        "2027-03-02T10:00", "2027-03-02T10:00"
    )


def test_moments_of_another_zone_become_utc() -> None:
    moment = datetime(2027, 3, 2, 10, tzinfo=timezone(timedelta(hours=1)))

    assert timed(moment, moment).start_utc.tzinfo is UTC


@pytest.mark.parametrize("is_start", [True, False])
def test_moment_without_a_zone_is_refused(*, is_start: bool) -> None:
    aware, naive = utc("2027-03-02T10:00"), datetime(2027, 3, 2, 10)
    with pytest.raises(ValueError, match="zone"):
        Timed(naive if is_start else aware, aware if is_start else naive)


@pytest.mark.parametrize(
    ("when", "is_in"),
    [
        (days("1000-01-01", "1000-01-02"), True),
        (days("0999-12-31", "1000-01-01"), False),
        (days("9998-12-30", "9998-12-31"), True),
        (days("9998-12-31", "9999-01-01"), False),
        (hours("2027-03-02T09:00", "9999-12-31T23:59"), False),
        (hours("0001-01-01T09:00", "2027-03-02T09:00"), False),
        (hours("2027-03-02T09:00", "2027-03-02T10:00"), True),
    ],
    ids=["first day", "day before", "last day", "day after", "never ends", "always was", "tomorrow"],
)
def test_dates_that_no_zone_and_no_column_can_lose(when: Timed | WholeDays, *, is_in: bool) -> None:
    assert is_in_calendar(when) is is_in


@pytest.mark.parametrize(
    ("when", "is_before"),
    [
        (days("2027-02-27", "2027-03-01"), True),
        (days("2027-02-28", "2027-03-02"), False),
        (hours("2027-02-28T21:00", "2027-02-28T23:00"), True),
        (hours("2027-02-28T21:00", "2027-02-28T23:01"), False),
        (hours("2027-02-28T23:00", "2027-02-28T23:00"), False),
    ],
    ids=["days before", "days across", "ends at midnight", "ends after", "no length, at midnight"],
)
def test_limit_begins_at_the_user_s_midnight(when: Timed | WholeDays, *, is_before: bool) -> None:
    assert ends_before(when, date(2027, 3, 1), MADRID) is is_before
