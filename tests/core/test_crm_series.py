"""Series of the CRM's: one in Google, or single events; never an activity in two places, never one forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plugin.core.crm_series import CrmSeries, decide_known_series, decide_new_series
from plugin.core.model import CrmChange, GoogleChange
from plugin.core.reconcile import Action
from plugin.core.when import Timed
from tests.builders import MADRID, a_crm_change, a_google_change, an_event, utc

KINDS = ("Daily", "Weekly", "Monthly", "Yearly")
some_days = st.lists(st.dates(date(2027, 1, 1), date(2027, 6, 30)), min_size=1, max_size=7, unique=True)


def at(day: date, clock: str = "09:00") -> Timed:
    start = utc(f"{day}T{clock}")
    return Timed(start, start + timedelta(hours=1))


def members(days: Sequence[date], clock: str = "09:00") -> list[CrmChange]:
    return [a_crm_change(an_event(when=at(day, clock)), crm_id=n) for n, day in enumerate(days, 1)]


@given(st.sampled_from(KINDS), st.integers(1, 3), some_days, st.booleans())
def test_new_series_takes_all_activities_once(
    kind: str, interval: int, days: list[date], is_whole: bool
) -> None:
    decisions = decide_new_series(CrmSeries(1, kind, interval, members(days), is_whole), [MADRID, "UTC"])
    ids = [
        i
        for d in decisions
        for i in (d.series.crm_ids.values() if d.series else [d.crm.crm_id if d.crm else 0])
    ]
    assert sorted(ids) == list(range(1, len(days) + 1))
    assert is_whole or all(d.action is Action.CREATE_GOOGLE for d in decisions)


@given(some_days, some_days, st.sampled_from(("09:00", "15:00")))
def test_known_series_links_each_occurrence_once(there: list[date], days: list[date], clock: str) -> None:
    googles: list[GoogleChange] = [
        a_google_change(an_event(when=at(day)), google_id=f"series1_{day:%Y%m%d}T090000Z") for day in there
    ]
    decisions = decide_known_series(CrmSeries(1, "Daily", 1, members(days, clock), True), googles, MADRID)
    assert sorted(d.crm.crm_id for d in decisions if d.crm) == list(range(1, len(days) + 1))
    linked = [d.google.google_id for d in decisions if d.google]
    assert len(set(linked)) == len(linked) == len(set(there) & set(days))
