"""The process dies at each step of work on series: the end is the same as undisturbed."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.core.crm_rules import CrmRule
from plugin.core.model import Side
from tests.builders import timed_body
from tests.fakes.run import CrashError
from tests.fakes.series_world import SeriesWorld
from tests.fakes.world import is_quiet

RULE = CrmRule("Weekly", 1, "Weekly::2")
TUESDAYS = ["2027-03-02", "2027-03-09", "2027-03-16", "2027-03-23"]
QUIET_RUNS = 8


def build_world() -> SeriesWorld:
    """Return a world in which a series is to be laid out, one to be made, one to be moved, and occurrences to be written."""
    world = SeriesWorld()
    world.google.max_batch = 3
    for name in ("series1", "series2", "series3"):
        world.google.insert_as_user(
            name, summary=name, description=name, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], **timed_body()
        )
    world.crm.add_series(RULE, TUESDAYS, "Visit", description="crm1")
    for _ in range(3):
        world.sync()
    # One occurrence edited, one deleted, in the CRM and in Google.
    [second, third] = [_activity(world, "series1", day) for day in TUESDAYS[1:3]]
    world.crm.edit(second, subject="Exam")
    world.crm.delete(third)
    world.google.edit_as_user("series2_20270309T090000Z", summary="Oral")
    world.google.delete_as_user("series2_20270316T090000Z")
    # A whole series moved, and one split; new ones on both sides, one with a row that differs.
    world.google.edit_as_user("series3", **timed_body("2027-03-03T12:00:00", "2027-03-03T13:00:00"))
    world.google.insert_as_user(
        "series4",
        summary="series4",
        description="series4",
        recurrence=["RRULE:FREQ=DAILY;COUNT=5"],
        **timed_body(),
    )
    ids = world.crm.add_series(RULE, TUESDAYS, "Review", description="crm2")
    world.crm.edit(ids[2], subject="Great review")
    return world


def _activity(world: SeriesWorld, tag: str, day: str) -> int:
    rows = world.crm.rows().items()
    [found] = [i for i, row in rows if row.description == tag and str(row.date_start) == day]
    return found


def outcome(world: SeriesWorld) -> dict[str, Any]:
    """Return what both sides show, and that nothing is left to do."""
    links = {(link.crm_id in world.crm.rows(), link.series_id is None) for link in world.live_links}
    tables = world.database.tables
    return {
        "crm": world.shown(Side.CRM),
        "google": world.shown(Side.GOOGLE),
        "links": (len(world.live_links), links),
        "left": (tables.inbox, tables.intents, world.parked),
        "waiting": {i: one.is_pending for i, one in tables.series.items() if one.is_pending},
    }


def run_until_quiet(world: SeriesWorld) -> None:
    for _ in range(QUIET_RUNS):
        if is_quiet(world.sync()):
            break
    assert is_quiet(world.sync())


def undisturbed() -> tuple[dict[str, Any], int]:
    """Return the end of an undisturbed course, and in how many steps it got there."""
    world = build_world()
    run = world.run()
    world.sync(run)
    steps = run.accidents.steps
    run_until_quiet(world)
    return outcome(world), steps


EXPECTED, STEPS = undisturbed()


def test_both_sides_agree_in_the_end() -> None:
    assert EXPECTED["crm"] == EXPECTED["google"]
    titles = [title for contents in EXPECTED["crm"].values() for title, _, _ in contents]
    assert (titles.count("Exam"), titles.count("Oral"), titles.count("Great review")) == (1, 1, 1)
    assert len(titles) == 3 + 3 + 4 + 4 + 5 + 4
    assert EXPECTED["left"] == ({}, {}, {})
    assert STEPS > 20


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_death_at_any_step_leads_to_the_same_end(step: int) -> None:
    world = build_world()
    run = world.run()
    run.accidents.crash_at = step
    with pytest.raises(CrashError):
        world.sync(run)
    run_until_quiet(world)
    assert outcome(world) == EXPECTED


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_edit_of_an_occurrence_after_a_death_at_any_step_survives(step: int) -> None:
    world = build_world()
    second = _activity(world, "series1", TUESDAYS[1])
    run = world.run()
    run.accidents.crash_at = step
    with pytest.raises(CrashError):
        world.sync(run)
    world.crm.edit(second, subject="Exam once more")
    run_until_quiet(world)
    left = outcome(world)
    for side in ("crm", "google"):
        titles = [title for contents in left[side].values() for title, _, _ in contents]
        assert (titles.count("Exam"), titles.count("Exam once more")) == (0, 1)
    assert left["left"] == EXPECTED["left"]


@pytest.mark.parametrize("step", range(1, STEPS + 1, 3))
def test_death_just_before_the_next_run_leads_to_the_same_end(step: int) -> None:
    """The next run starts within the time that a request may still be on its way."""
    world = build_world()
    run = world.run()
    run.accidents.crash_at = step
    with pytest.raises(CrashError):
        world.sync(run)
    world.wait(minutes=-15, seconds=5)
    world.sync()
    run_until_quiet(world)
    assert outcome(world) == EXPECTED
