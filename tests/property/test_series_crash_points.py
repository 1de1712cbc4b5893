"""The process dies at each step while series of both sides are laid out: the end is the same as undisturbed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import timed_body
from tests.fakes.crm import on
from tests.fakes.world import World
from tests.property.test_crash_points import die_at, run_until_quiet
from tests.sync.test_series import TUESDAYS, WEEKLY, at
from tests.sync.test_series_from_crm import RULE


def build_world() -> World:
    """Return a world in which every kind of write to a series is due."""
    world = World()
    world.google.max_batch = 2
    world.google.insert_as_user("series1", summary="Course", recurrence=WEEKLY, **timed_body())
    run_until_quiet(world)
    world.crm.edit(at(world, TUESDAYS[1]), subject="Exam")
    world.crm.edit(at(world, TUESDAYS[2]), subject="Oral")
    world.crm.delete(at(world, TUESDAYS[3]))
    longer = ["RRULE:FREQ=WEEKLY;COUNT=6"]
    world.google.edit_as_user("series1", location="Room 3", recurrence=longer)
    world.crm.add_series(RULE, TUESDAYS, "Visit", **_without_day())
    # The CRM has saved all of them.
    world.wait(minutes=1)
    return world


def _without_day() -> dict[str, Any]:
    times = on(TUESDAYS[0], "15:00:00", "16:00:00")
    return {name: times[name] for name in ("time_start", "time_end")}


def outcome(world: World) -> dict[str, Any]:
    """Return what matters in the end; ids differ from one course of events to another."""
    masters = [google_id for google_id, event in world.google.alive.items() if event.get("recurrence")]
    shown = [one for google_id in masters for one in world.google.occurrences(google_id).values()]
    rows = world.crm.rows()
    return {
        "google": sorted((e["summary"], e["start"]["dateTime"][:16], e.get("location", "")) for e in shown),
        "crm": sorted((r.subject, r.date_start, r.time_start, r.location) for r in rows.values()),
        "tied": sorted((rows[i].subject, world.crm.repeat(i)[1:]) for i in rows if world.crm.repeat(i)[0]),
        "links": sorted(rows[link.crm_id].subject for link in world.live_links),
        "parked": world.parked,
        "intents": dict(world.database.tables.intents),
    }


def undisturbed() -> tuple[dict[str, Any], int]:
    """Return the end of an undisturbed course, and in how many steps it got there."""
    world = build_world()
    run = world.run()
    world.sync(run)
    run_until_quiet(world)
    return outcome(world), run.accidents.steps


EXPECTED, STEPS = undisturbed()


def test_scenario_ends_as_it_should() -> None:
    assert STEPS > 20
    assert (
        len(EXPECTED["google"])
        == len(EXPECTED["crm"])
        == len(EXPECTED["tied"])
        == len(EXPECTED["links"])
        == 10
    )
    assert {subject for subject, *_ in EXPECTED["google"]} == {"Course", "Exam", "Oral", "Visit"}


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_death_at_any_step_leads_to_the_same_end(step: int) -> None:
    world = build_world()
    die_at(world, step)
    run_until_quiet(world)

    assert outcome(world) == EXPECTED
