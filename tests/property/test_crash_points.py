"""The process dies at each step, before and after every commit and remote write: the end is the same as undisturbed."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.core.model import Link, LinkState
from tests.builders import all_day_body, timed_body
from tests.fakes.crm import on
from tests.fakes.run import CrashError
from tests.fakes.world import World, is_quiet

QUIET_RUNS = 6


def build_world() -> World:
    """Return a world in which every kind of write is due on both sides."""
    world = World()
    world.google.max_batch = 3
    for number in range(8):
        world.google.insert_as_user(f"google{number}", summary=f"From Google {number}", **timed_body())
        world.crm.add(f"From the CRM {number}")
    world.google.insert_as_user("allday1", summary="Day off", **all_day_body())
    world.google.insert_as_user("allday2", summary="Holiday", **all_day_body())
    world.sync()
    world.sync()
    ids = {row.subject: crm_id for crm_id, row in world.crm.rows().items()}
    google = {event["summary"]: google_id for google_id, event in world.google.alive.items()}
    # One side only.
    world.google.edit_as_user("google0", summary="Edited in Google")
    world.crm.edit(ids["From the CRM 0"], subject="Edited in the CRM")
    world.google.delete_as_user("google1")
    world.crm.delete(ids["From the CRM 1"])
    world.crm.purge(ids["From the CRM 2"])
    world.crm.edit(ids["Day off"], **on("2027-04-01", "22:00:00", "22:00:00", "2027-04-02"))
    # Both sides: other fields, the same field, delete against edit.
    world.google.edit_as_user("google2", location="of Google")
    world.crm.edit(ids["From Google 2"], description="of CRM")
    world.google.edit_as_user("google3", summary="Google wins", location="of Google")
    world.crm.edit(ids["From Google 3"], subject="CRM loses", description="of CRM")
    world.google.delete_as_user(google["From the CRM 4"])
    world.crm.edit(ids["From the CRM 4"], subject="Survives in the CRM")
    world.crm.delete(ids["From Google 5"])
    world.google.edit_as_user("google5", summary="Survives in Google")
    # An all-day event is made again in Google: its midnights have to be remembered.
    world.google.delete_as_user("allday2")
    world.crm.edit(ids["Holiday"], description="Survives as whole days")
    # New ones.
    world.google.insert_as_user("google8", summary="New in Google", **timed_body())
    world.google.insert_as_user("allday3", summary="New day in Google", **all_day_body())
    world.google.insert_as_user("series1", summary="Series", recurrence=["RRULE"], **timed_body())
    world.crm.add("New in the CRM 1")
    world.crm.add("New in the CRM 2")
    return world


def outcome(world: World) -> dict[str, Any]:
    """Return what matters in the end, by title: ids differ from one course of events to another."""
    events = world.google.alive
    assert len({event["summary"] for event in events.values()}) == len(events)
    kept = ("summary", "description", "location", "start", "end", "visibility")
    return {
        "google": {e["summary"]: {name: e.get(name) for name in kept} for e in events.values()},
        "crm": {row.subject: (row.description, row.location, row.date_start, row.time_start, row.due_date,
                              row.time_end, row.visibility) for row in world.crm.rows().values()},
        "links": {_pair(world, link) for link in world.live_links},
        "inbox": set(world.database.tables.inbox),
        "parked": world.parked,
        "intents": dict(world.database.tables.intents),
    }  # fmt: skip


def _pair(world: World, link: Link) -> tuple[str, str]:
    return world.crm.row(link.crm_id).subject, world.google.alive[link.google_id]["summary"]


def run_until_quiet(world: World) -> None:
    for _ in range(QUIET_RUNS):
        if is_quiet(world.sync()):
            break
    assert is_quiet(world.sync())


def die_at(world: World, step: int) -> None:
    """Begin a run that does not survive this step."""
    run = world.run()
    run.accidents.crash_at = step
    with pytest.raises(CrashError):
        world.sync(run)


def undisturbed() -> tuple[dict[str, Any], int]:
    """Return the end of an undisturbed course, and in how many steps it got there."""
    world = build_world()
    run = world.run()
    world.sync(run)
    steps = run.accidents.steps
    run_until_quiet(world)
    return outcome(world), steps


EXPECTED, STEPS = undisturbed()


def test_scenario_writes_on_both_sides_in_many_steps() -> None:
    assert STEPS > 30
    assert {"Survives in the CRM", "Survives in Google", "Google wins"} <= EXPECTED["google"].keys()
    assert EXPECTED["google"].keys() - EXPECTED["crm"].keys() == {"Series"}
    assert all(mine == theirs for mine, theirs in EXPECTED["links"])
    assert EXPECTED["google"]["Holiday"]["start"] == {"date": "2027-03-02"}


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_death_at_any_step_leads_to_the_same_end(step: int) -> None:
    world = build_world()
    die_at(world, step)
    run_until_quiet(world)

    assert outcome(world) == EXPECTED
    assert {link.state for link in world.links} <= {LinkState.LIVE, LinkState.DEAD}


@pytest.mark.parametrize("step", range(1, STEPS + 1))
@pytest.mark.parametrize("is_soon", [False, True], ids=["later", "within seconds"])
def test_edit_after_a_death_at_any_step_survives(step: int, *, is_soon: bool) -> None:
    """What the dead run had sent is the base of it, no edit of Google's own."""
    world = build_world()
    ids = {row.subject: crm_id for crm_id, row in world.crm.rows().items()}
    alone, both = ids["Edited in the CRM"], ids["From Google 2"]
    die_at(world, step)
    world.crm.edit(alone, subject="Edited once more")
    world.crm.edit(both, description="of CRM once more")
    if is_soon:
        world.wait(minutes=-15, seconds=5)
        world.sync()
    run_until_quiet(world)

    left = outcome(world)
    assert left["google"].pop("Edited once more") == EXPECTED["google"]["Edited in the CRM"] | {
        "summary": "Edited once more"
    }
    assert left["google"].pop("From Google 2") == EXPECTED["google"]["From Google 2"] | {
        "description": "of CRM once more"
    }
    assert world.crm.row(alone).subject == "Edited once more"
    assert world.crm.row(both).description == "of CRM once more"
    assert left["google"].items() <= EXPECTED["google"].items()
    assert (left["intents"], left["inbox"]) == ({}, EXPECTED["inbox"])


@pytest.mark.parametrize("step", range(1, STEPS + 1, 5))
def test_death_while_recovering_from_death_leads_to_the_same_end(step: int) -> None:
    world = build_world()
    for crash_at in (step, 2, 3):
        run = world.run()
        run.accidents.crash_at = crash_at
        with pytest.raises(CrashError):
            world.sync(run)
    run_until_quiet(world)

    assert outcome(world) == EXPECTED


@pytest.mark.parametrize("step", range(1, STEPS + 1, 7))
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
