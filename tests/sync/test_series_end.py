"""The end that the CRM's user puts to a series by deleting its last activities, and what is not taken for one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from plugin.core.errors import RefusedError, StoreError, UnavailableError, VersionMismatchError
from plugin.core.model import Direction, Side
from plugin.sync.ports import EventDelete, EventPatch
from tests.builders import all_day_body, timed_body
from tests.fakes.world import World, counts, is_quiet
from tests.property.test_crash_points import die_at, run_until_quiet

ENDLESS = ["RRULE:FREQ=WEEKLY"]
GUESTS = [{"email": "ada@example.com"}]


def settle(world: World, runs: int = 6) -> None:
    """Sync until nothing happens any more."""
    for _ in range(runs):
        if is_quiet(world.sync()):
            return
    raise AssertionError("it does not come to rest")


def begin(world: World, body: dict[str, Any] | None = None, **fields: Any) -> list[int]:
    """Begin an endless series in Google and return its activities: six Tuesdays."""
    world.google.insert_as_user("series1", **{"recurrence": ENDLESS, **fields}, **(body or timed_body()))
    settle(world)
    return sorted(world.crm.rows())


def delete(world: World, crm_ids: list[int]) -> None:
    for crm_id in crm_ids:
        world.crm.delete(crm_id)


def rule(world: World) -> list[str] | None:
    """Return the rule that Google has now; None if the series is gone."""
    event = world.google.alive.get("series1")
    return event["recurrence"] if event else None


def test_future_deleted_in_the_crm_ends_the_series_in_google(world: World) -> None:
    ids = begin(world)
    delete(world, ids[2:])
    settle(world)
    assert rule(world) == ["RRULE:FREQ=WEEKLY;UNTIL=20270316T085959Z"]
    assert len(world.google.occurrences("series1")) == 2
    world.wait(days=40)
    settle(world)
    assert sorted(world.crm.rows()) == ids[:2]


def test_all_deleted_in_the_crm_deletes_the_series_in_google(world: World) -> None:
    delete(world, begin(world))
    settle(world)
    assert rule(world) is None
    world.wait(days=40)
    settle(world)
    assert world.crm.rows() == {}


def test_all_deleted_of_an_old_series_leaves_what_was_before_the_window(world: World) -> None:
    ids = begin(world, timed_body("2026-01-06T10:00:00", "2026-01-06T11:00:00"))
    delete(world, ids)
    settle(world)
    # the first one that the CRM held was on 2 February
    assert rule(world) == ["RRULE:FREQ=WEEKLY;UNTIL=20270202T085959Z"]


def test_whole_days_end_by_their_date(world: World) -> None:
    delete(world, begin(world, all_day_body())[2:])
    settle(world)
    assert rule(world) == ["RRULE:FREQ=WEEKLY;UNTIL=20270315"]


def test_two_called_off_at_the_far_end_are_just_two(world: World) -> None:
    ids = begin(world)
    delete(world, ids[4:])
    settle(world)
    world.wait(days=40)
    settle(world)
    assert rule(world) == ENDLESS
    assert ids[:4] == sorted(world.crm.rows())[:4]
    assert len(world.crm.rows()) > 8


def test_last_one_deleted_in_the_crm_is_just_one(world: World) -> None:
    ids = begin(world)
    delete(world, ids[-1:])
    settle(world)
    world.wait(days=14)
    settle(world)
    assert len(world.crm.rows()) == len(ids) + 1


def test_series_ended_in_the_crm_goes_on_with_another_rule_of_google_s(world: World) -> None:
    ids = begin(world)
    delete(world, ids[2:])
    settle(world)
    world.google.edit_as_user("series1", recurrence=["RRULE:FREQ=WEEKLY;BYDAY=TU,TH"])
    settle(world)
    assert len(world.crm.rows()) > len(ids[:2])


def test_rule_changed_in_google_meanwhile_is_not_shortened(world: World) -> None:
    ids = begin(world)
    delete(world, ids[2:])
    run = world.run()
    world.google.after_write = lambda operation: (
        world.google.edit_as_user("series1", recurrence=["RRULE:FREQ=WEEKLY;INTERVAL=2"])
        if rule(world) == ENDLESS
        else None
    )
    world.sync(run)
    settle(world)
    assert rule(world) == ["RRULE:FREQ=WEEKLY;INTERVAL=2"]


def test_series_with_guests_is_never_ended_by_itself(world: World) -> None:
    delete(world, begin(world, attendees=GUESTS)[2:])
    settle(world)
    world.approve()
    settle(world)
    assert rule(world) == ENDLESS
    world.wait(days=40)
    settle(world)
    assert len(world.crm.rows()) == 2


def test_occurrence_edited_behind_the_end_keeps_the_rule(world: World) -> None:
    ids = begin(world)
    world.google.edit_as_user("series1_20270601T080000Z", summary="Kept")
    delete(world, ids[2:])
    settle(world)
    assert rule(world) == ENDLESS
    assert world.google.alive["series1_20270601T080000Z"]["summary"] == "Kept"


def test_occurrence_edited_in_google_meanwhile_survives(world: World) -> None:
    ids = begin(world)
    delete(world, ids[2:])
    world.google.edit_as_user("series1_20270330T080000Z", summary="Kept")
    settle(world)
    assert "Kept" in {row.subject for row in world.crm.rows().values()}
    assert "Kept" in {event.get("summary") for event in world.google.alive.values()}


def test_series_with_an_end_is_left_to_its_end(world: World) -> None:
    """What was deleted are its last ones: nothing comes after them."""
    delete(world, begin(world, recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"])[2:])
    settle(world)
    assert rule(world) == ["RRULE:FREQ=WEEKLY;COUNT=5"]
    assert len(world.google.occurrences("series1")) == 2


def test_nothing_is_left_in_google_of_a_series_with_an_end_that_was_deleted_whole(world: World) -> None:
    delete(world, begin(world, recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"]))
    settle(world)
    assert rule(world) is None
    assert world.crm.rows() == {}


def test_one_way_from_google_ends_nothing_there(world: World) -> None:
    ids = begin(world)
    delete(world, ids[2:])
    world.change_pair(direction=Direction.GOOGLE_TO_CRM.value)
    settle(world)
    assert rule(world) == ENDLESS


@pytest.mark.parametrize("error", [RefusedError("no", "forbidden"), VersionMismatchError("changed")])
def test_refusal_leaves_the_rule_and_stops_nothing(world: World, error: StoreError) -> None:
    ids = begin(world)
    delete(world, ids[2:])
    world.sync()
    world.google.fail("patch", error)
    settle(world)
    assert sorted(world.crm.rows()) == ids[:2]
    assert world.parked == {}


def test_lost_answer_shortens_once(world: World) -> None:
    ids = begin(world)
    delete(world, ids[2:])
    world.google.fail("patch", UnavailableError("lost"), is_after_commit=True)
    for _ in range(2):
        try:
            world.sync()
        except UnavailableError:
            break
    settle(world)
    ends = [o for o in world.google.operations if isinstance(o, EventPatch) and "recurrence" in o.body]
    assert len(ends) == 1
    assert rule(world) == ["RRULE:FREQ=WEEKLY;UNTIL=20270316T085959Z"]


@pytest.mark.parametrize("step", range(1, 26))
@pytest.mark.parametrize("kept", [0, 2])
def test_death_at_any_step_leads_to_the_same_end(kept: int, step: int) -> None:
    world = World()
    ids = begin(world)
    delete(world, ids[kept:])
    die_at(world, step)
    run_until_quiet(world)
    assert rule(world) == (["RRULE:FREQ=WEEKLY;UNTIL=20270316T085959Z"] if kept else None)
    assert sorted(world.crm.rows()) == ids[:kept]
    assert not world.database.tables.intents


def test_series_deleted_whole_counts_its_occurrences_and_stands_in_the_journal(world: World) -> None:
    delete(world, begin(world))
    tallies = [world.sync(), world.sync()]
    deleted = sum(isinstance(operation, EventDelete) for operation in world.google.operations)
    assert (deleted, world.google.operations[-1].google_id) == (7, "series1")
    assert sum(counts(tally, Side.GOOGLE)[2] for tally in tallies) == 6
    assert [entry.google_id for entry in world.journal][-1] == "series1"
    assert world.now - world.database.tables.journal[-1][0] < timedelta(hours=1)
