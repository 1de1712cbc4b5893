"""An edit of "all" of a series in the CRM on real parts: one request, and everything of the CRM's that isn't mapped stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from demo.crm.activities import Activity
from demo.crm.series import Reach, edit_series
from tests.engine.test_series import (
    TUESDAYS,
    add_visits,
    each_mode,
    in_the_crm,
    march,
    occurrences,
    rename,
    settle,
    shown,
    slot,
    starts,
    subjects,
)
from tests.installed import Installed

__all__ = ["each_mode", "march"]


def later(hours: int) -> Callable[[Activity], Activity]:
    shift = timedelta(hours=hours)
    return lambda a: replace(a, start_utc=a.start_utc + shift, end_utc=a.end_utc + shift)


def patches(installed: Installed) -> int:
    return len(installed.google.requests("events.patch"))


def test_title_of_all_is_one_request(each_mode: Installed) -> None:
    ids = add_visits(each_mode)
    settle(each_mode)
    in_the_crm(each_mode, edit_series, ids[2], rename("Taller"), Reach.ALL)

    run = settle(each_mode)

    assert (patches(each_mode), run.google.updated) == (1, 1)
    [event] = each_mode.events()
    assert event["summary"] == "Taller"
    assert shown(each_mode) == subjects(each_mode) == ["Taller"] * 4


def test_hours_of_all_are_one_request_and_the_same_activities_go_on(march: Installed) -> None:
    ids = add_visits(march)
    settle(march)
    in_the_crm(march, edit_series, ids[0], later(5), Reach.ALL)

    settle(march)

    assert patches(march) == 1
    [event] = march.events()
    assert event["start"]["dateTime"].startswith("2027-03-02T15:00")
    assert starts(march) == [f"{day} 14:00" for day in TUESDAYS[:4]]
    links = {link["crm_id"]: link["google_id"] for link in march.links()}
    assert [links[crm_id] for crm_id in ids] == [slot(event["id"], day, "14") for day in TUESDAYS[:4]]

    # The CRM's own "all" goes on working, and so does Google's rule.
    in_the_crm(march, edit_series, ids[1], rename("Taller"), Reach.ALL)
    settle(march)
    march.google.edit("delete", slot(event["id"], TUESDAYS[3], "14"))
    settle(march)
    assert shown(march) == subjects(march) == ["Taller"] * 3
    assert [row["activityid"] for row in occurrences(march)] == ids[:3]


@pytest.mark.parametrize("reach", [Reach.CURRENT, Reach.FUTURE])
def test_less_than_all_leaves_the_series_as_it_is(march: Installed, reach: Reach) -> None:
    ids = add_visits(march)
    settle(march)
    in_the_crm(march, edit_series, ids[1], rename("Taller"), reach)

    settle(march)

    master = next(event for event in march.events() if event.get("recurrence"))
    assert master["summary"] == "Visita"
    assert shown(march) == subjects(march)
