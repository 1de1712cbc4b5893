"""The CRM's rules, measured row by row (facts: the table of rules seen), and Google's in its words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule
from hypothesis import event, given
from hypothesis import strategies as st

from plugin.core.crm_rules import CrmRule, crm_rule, recurrence_of_rows
from plugin.core.recurrence import Recurrence, occurrences
from plugin.core.when import Timed, WholeDays
from tests.builders import MADRID, utc
from tests.strategies import zones


def rows(days: Sequence[str], clock: str = "09:00") -> list[Timed]:
    """Return what the CRM holds: the same UTC time each day."""
    begin = [utc(f"{day}T{clock}") for day in days]
    return [Timed(moment, moment + timedelta(hours=1)) for moment in begin]


def days_of(recurrence: Recurrence, spans: Sequence[Timed]) -> list[Timed]:
    end = spans[-1].start_utc + timedelta(days=400)
    return [w for w in occurrences(recurrence, spans[0].start_utc, end) if isinstance(w, Timed)]


FREQUENCIES = {"Daily": DAILY, "Weekly": WEEKLY, "Monthly": MONTHLY, "Yearly": YEARLY}
SAYABLE = [
    ("Daily", 2, ["2026-11-30", "2026-12-02", "2026-12-04", "2026-12-06", "2026-12-08"]),
    ("Weekly", 1, ["2026-11-30", "2026-12-02", "2026-12-07", "2026-12-09", "2026-12-14", "2026-12-16"]),
    ("Weekly", 1, ["2026-12-02", "2026-12-07", "2026-12-09", "2026-12-14", "2026-12-16"]),
    ("Weekly", 1, ["2026-11-30", "2026-12-06", "2026-12-07", "2026-12-13", "2026-12-14"]),
    ("Weekly", 2, ["2026-11-30", "2026-12-14", "2026-12-28", "2027-01-11"]),
    ("Weekly", 2, ["2026-11-30", "2026-12-02", "2026-12-14", "2026-12-16", "2026-12-28", "2026-12-30"]),
    ("Monthly", 1, ["2026-12-15", "2027-01-15", "2027-02-15", "2027-03-15"]),
    ("Monthly", 1, ["2026-12-01", "2027-01-05", "2027-02-02", "2027-03-02", "2027-04-06"]),
    ("Monthly", 1, ["2026-12-25", "2027-01-29", "2027-02-26", "2027-03-26", "2027-04-30"]),
    ("Monthly", 2, ["2026-12-01", "2027-02-02", "2027-04-06", "2027-06-01"]),
    ("Yearly", 1, ["2026-11-30", "2027-11-30", "2028-11-30", "2029-11-30"]),
]


@pytest.mark.parametrize(("kind", "interval", "days"), SAYABLE)
def test_rows_of_a_sayable_rule_become_exactly_that_series(kind: str, interval: int, days: list[str]) -> None:
    spans = rows(days)
    recurrence = recurrence_of_rows(kind, interval, spans, [MADRID, "UTC"])
    assert recurrence is not None
    assert days_of(recurrence, spans) == spans


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        ("Monthly", ["2026-12-31", "2027-01-31", "2027-03-03", "2027-03-31", "2027-05-01"]),
        ("Monthly", ["2026-12-10", "2026-12-15", "2027-01-15"]),
        ("Yearly", ["2028-02-29", "2029-03-01", "2030-03-01"]),
        ("Daily", ["2026-12-10"]),
        ("--None--", ["2026-12-10", "2026-12-11"]),
    ],
    ids=["overflow", "start beside the rule", "29 February", "only one", "no rule"],
)
def test_rows_that_no_rule_says_are_no_series(kind: str, days: list[str]) -> None:
    assert recurrence_of_rows(kind, 1, rows(days), [MADRID, "UTC"]) is None


@st.composite
def rows_beside_a_rule(draw: st.DrawFn) -> tuple[str, int, list[date]]:
    """A rule's days as the CRM may hold them by now: some deleted, one perhaps moved."""
    kind, interval = draw(st.sampled_from(tuple(FREQUENCIES))), draw(st.integers(1, 14))
    first = draw(st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31))).date()
    begin = datetime.combine(first, datetime.min.time())
    by_rule = list(rrule(FREQUENCIES[kind], begin, interval, count=draw(st.integers(2, 10))))
    gone = draw(st.sets(st.integers(0, len(by_rule) - 1), max_size=3))
    days = {day.date() for number, day in enumerate(by_rule) if number not in gone}
    moved = draw(st.sets(st.dates(first, first + timedelta(days=60)), max_size=1))
    return kind, interval, sorted(days | moved)


@given(rows_beside_a_rule(), st.times(), zones)
def test_whatever_the_rows_are_google_gets_them_and_no_other(
    known: tuple[str, int, list[date]], clock: object, zone: str
) -> None:
    kind, interval, days = known
    spans = rows([day.isoformat() for day in days], str(clock)[:5])
    recurrence = recurrence_of_rows(kind, interval, spans, [zone, "UTC"])
    event("said" if recurrence else "not said")
    if recurrence is not None:
        assert days_of(recurrence, spans) == spans


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("FREQ=DAILY;INTERVAL=2", CrmRule("Daily", 2, "Daily")),
        ("FREQ=WEEKLY", CrmRule("Weekly", 1, "Weekly::2")),
        ("FREQ=WEEKLY;BYDAY=SU,MO;COUNT=4", CrmRule("Weekly", 1, "Weekly::0::1")),
        ("FREQ=MONTHLY", CrmRule("Monthly", 1, "Monthly::date::2")),
        ("FREQ=MONTHLY;BYDAY=1TU", CrmRule("Monthly", 1, "Monthly::day::first::2")),
        ("FREQ=MONTHLY;BYDAY=-1FR", CrmRule("Monthly", 1, "Monthly::day::last::5")),
        ("FREQ=YEARLY;UNTIL=20300101", CrmRule("Yearly", 1, "Yearly")),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", CrmRule("Weekly", 2, "Weekly::0::2")),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", CrmRule("Weekly", 2, "Weekly::0")),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU", None),
        ("FREQ=MONTHLY;BYDAY=2TU", None),
        ("FREQ=WEEKLY;INTERVAL=15", None),
        ("FREQ=DAILY;BYDAY=MO", None),
        ("FREQ=YEARLY;BYMONTH=5", None),
    ],
)
def test_google_s_rule_in_the_crm_s_words(line: str, rule: CrmRule | None) -> None:
    [first] = rows(["2027-03-02"])
    assert crm_rule(Recurrence(first, (f"RRULE:{line}",), MADRID), MADRID, "UTC") == rule


def test_every_29_february_is_no_rule_of_the_crm() -> None:
    [first] = rows(["2028-02-29"])
    assert crm_rule(Recurrence(first, ("RRULE:FREQ=YEARLY",), MADRID), MADRID, "UTC") is None


@pytest.mark.parametrize(
    ("line", "start", "crm_zone", "detail"),
    [
        ("FREQ=MONTHLY", "2027-02-28T23:30", "UTC", None),  # 1 March in Madrid: the CRM would repeat the 28th
        ("FREQ=MONTHLY;BYDAY=1MO", "2027-02-28T23:30", "UTC", None),
        ("FREQ=MONTHLY", "2027-03-02T00:30", "UTC", None),  # from April on a day earlier
        ("FREQ=MONTHLY", "2027-03-02T02:30", "UTC", "Monthly::date::2"),
        ("FREQ=MONTHLY", "2027-02-28T23:30", MADRID, "Monthly::date::1"),
        (
            "FREQ=WEEKLY",
            "2027-02-28T23:30",
            "UTC",
            "Weekly::1",
        ),  # the form says the user's weekday (facts §2.3)
        ("FREQ=YEARLY", "2027-02-28T23:30", "UTC", None),  # 29 February in leap years
        ("FREQ=YEARLY", "2027-04-30T22:30", "UTC", "Yearly"),
    ],
)
def test_days_of_a_month_are_counted_where_the_crm_s_columns_are(
    line: str, start: str, crm_zone: str, detail: str | None
) -> None:
    first = Timed(utc(start), utc(start) + timedelta(hours=1))
    rule = crm_rule(Recurrence(first, (f"RRULE:{line}",), MADRID), MADRID, crm_zone)
    assert (rule.detail if rule else None) == detail


def test_whole_days_are_counted_by_the_user_s_midnights() -> None:
    recurrence = Recurrence(WholeDays(date(2027, 3, 2), date(2027, 3, 3)), ("RRULE:FREQ=MONTHLY",), "UTC")
    assert crm_rule(recurrence, MADRID, "UTC") is None
    assert crm_rule(recurrence, "UTC", "UTC") == CrmRule("Monthly", 1, "Monthly::date::2")


@given(st.sampled_from(SAYABLE), zones)
def test_rule_goes_to_google_and_back(known: tuple[str, int, list[str]], zone: str) -> None:
    kind, interval, days = known
    recurrence = recurrence_of_rows(kind, interval, rows(days), [zone, "UTC"])
    rule = crm_rule(recurrence, "UTC", "UTC") if recurrence else None
    event("said" if rule else "not said")
    # Near midnight the day in the zone is another than in UTC: then no rule says it, or another.
    assert rule is None or (rule.kind, rule.interval) == (kind, interval)


def test_dates_beside_the_rule_are_beyond_the_crm() -> None:
    [first] = rows(["2027-03-02"])
    lines = ("RRULE:FREQ=WEEKLY", f"RDATE:{datetime(2027, 3, 4, 9):%Y%m%dT%H%M%SZ}")
    assert crm_rule(Recurrence(first, lines, MADRID), MADRID, "UTC") is None
