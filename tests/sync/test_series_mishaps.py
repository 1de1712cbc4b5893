"""Series and bad moments: what the state machine of series found, each as a story of its own."""

from __future__ import annotations

import contextlib

import pytest

from plugin.core.crm_rules import CrmRule
from plugin.core.errors import LockLostError, RefusedError, UnavailableError
from plugin.sync.ports import EventOperation
from plugin.sync.run import run_sync
from plugin.sync.tally import Tally
from tests.builders import timed_body
from tests.fakes.run import CrashError
from tests.fakes.world import World, is_quiet

RULE = CrmRule("Weekly", 1, "Weekly::2")
TUESDAYS = ["2027-03-02", "2027-03-09", "2027-03-16", "2027-03-23"]


def settle(world: World, runs: int = 6) -> None:
    """Sync until nothing happens any more."""
    for _ in range(runs):
        if is_quiet(world.sync()):
            return
    raise AssertionError("it does not come to rest")


def titles(world: World) -> list[str]:
    """Return the titles of all that takes place in Google, sorted."""
    masters = {i: event for i, event in world.google.alive.items() if "recurringEventId" not in event}
    shown = [world.google.occurrences(i) if e.get("recurrence") else {i: e} for i, e in masters.items()]
    return sorted(one["summary"] for of_one in shown for one in of_one.values())


@pytest.mark.parametrize("step", range(1, 12))
def test_edited_row_of_a_new_series_survives_a_death(world: World, step: int) -> None:
    """Once the death is mended nothing is reported any more: the difference has to be remembered as open."""
    ids = world.crm.add_series(RULE, TUESDAYS, "Visit")
    world.crm.edit(ids[2], subject="Visit to the plant")
    run = world.run()
    run.accidents.crash_at = step
    with contextlib.suppress(CrashError):
        world.sync(run)
    settle(world)
    settle(world)
    assert titles(world) == ["Visit", "Visit", "Visit", "Visit to the plant"]


@pytest.mark.parametrize("step", range(1, 10))
def test_activities_deleted_before_the_series_was_laid_out_stay_deleted(world: World, step: int) -> None:
    ids = world.crm.add_series(RULE, TUESDAYS, "Visit")
    run = world.run()
    run.accidents.crash_at = step
    with contextlib.suppress(CrashError):
        world.sync(run)
    for crm_id in ids[1:]:
        world.crm.delete(crm_id)
    settle(world)
    settle(world)
    assert set(world.crm.rows()) == {ids[0]}
    assert titles(world) == ["Visit"]


def test_activity_that_is_repeated_in_google_is_no_stranger_s(world: World) -> None:
    """The series bears the marker that we left in the event."""
    crm_id = world.crm.add("Visit")
    settle(world)
    world.google.edit_as_user(world.google_id, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    settle(world)
    assert world.parked == {}
    assert crm_id in world.crm.rows()
    assert world.crm.subjects() == ["Visit"] * 3


@pytest.fixture
def course(world: World) -> World:
    """Four Tuesdays on both sides; of the second a patch was refused, so that Google was asked for it by its id."""
    world.google.insert_as_user(
        "series1", summary="Course", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], **timed_body()
    )
    settle(world)
    [second] = [i for i, row in world.crm.rows().items() if str(row.date_start) == TUESDAYS[1]]
    world.crm.edit(second, subject="Exam")
    world.google.fail("patch", RefusedError("no", "refused"))
    world.sync()
    return world


def places(world: World) -> list[str]:
    return [row.location for row in world.crm.rows().values()]


def test_asking_for_an_occurrence_and_losing_the_token_does_not_pin_it(course: World) -> None:
    course.google.expire_sync_tokens()
    course.sync()
    course.google.edit_as_user("series1", location="Room 3")
    settle(course)
    assert places(course) == ["Room 3"] * 4


def test_series_restored_in_google_keeps_its_cancelled_days_out(world: World) -> None:
    """Google lists the series then, and not what was cancelled long before."""
    course = world
    course.google.insert_as_user("series1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], **timed_body())
    settle(course)
    course.google.delete_as_user("series1_20270316T090000Z")
    settle(course)
    course.google.edit_as_user("series1", status="cancelled")
    settle(course)
    assert course.crm.rows() == {}
    course.google.edit_as_user("series1", status="confirmed")
    settle(course)
    assert sorted(str(row.date_start) for row in course.crm.rows().values()) == [
        TUESDAYS[0],
        TUESDAYS[1],
        TUESDAYS[3],
    ]


def test_series_changed_while_an_occurrence_is_sent_does_not_pin_it(course: World) -> None:
    """Its version is another then, and it is asked for once more; that attempt is refused as well."""
    course.wait(days=2)  # what was refused is tried again
    run, sent = course.run(), []

    def meanwhile(operation: EventOperation) -> None:
        sent.append(operation)
        if len(sent) == 1:
            course.google.edit_as_user("series1", location="Room 3")
        else:
            course.google.fail("patch", RefusedError("no", "refused"))

    course.google.before_write = meanwhile
    course.sync(run)
    assert len(sent) == 2
    course.google.edit_as_user("series1", location="Room 4")
    settle(course)
    assert places(course) == ["Room 4"] * 4


def test_activity_edited_while_its_event_becomes_a_series_again_is_its_first_occurrence(world: World) -> None:
    world.google.insert_as_user("series1", summary="Course", **timed_body())
    settle(world)
    [first] = world.crm.rows()
    world.google.edit_as_user("series1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    world.crm.edit(first, subject="Renamed")
    settle(world)
    assert (world.parked, len(world.crm.rows())) == ({}, 3)
    assert {link.series_id for link in world.live_links} == {"series1"}


def test_day_cancelled_in_google_stays_out_when_its_event_is_repeated_again(world: World) -> None:
    """Google tells it once, and goes on knowing it while the event isn't repeated."""
    world.google.insert_as_user("series1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"], **timed_body())
    settle(world)
    world.google.delete_as_user("series1_20270309T090000Z")
    world.google.edit_as_user("series1", recurrence=None)
    settle(world)
    world.google.edit_as_user("series1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    settle(world)
    assert sorted(str(row.date_start) for row in world.crm.rows().values()) == [TUESDAYS[0], TUESDAYS[2]]


def test_day_cancelled_between_two_listings_of_a_single_event_stays_out(world: World) -> None:
    world.google.insert_as_user("series1", **timed_body())
    settle(world)
    world.google.edit_as_user("series1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    world.google.delete_as_user("series1_20270309T090000Z")
    world.google.edit_as_user("series1", recurrence=None)
    settle(world)
    world.google.edit_as_user("series1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    settle(world)
    assert sorted(str(row.date_start) for row in world.crm.rows().values()) == [TUESDAYS[0], TUESDAYS[2]]


def test_day_added_on_both_sides_keeps_what_was_edited_in_google(world: World) -> None:
    ids = world.crm.add_series(RULE, TUESDAYS, "Visit", location="Hall")
    settle(world)
    [master] = [event for event in world.google.alive.values() if event.get("recurrence")]
    longer = [line.replace("20270323", "20270330") for line in master["recurrence"]]
    world.google.edit_as_user(master["id"], recurrence=longer)
    day = next(i for i in world.google.occurrences(master["id"]) if "_20270330" in i)
    world.google.edit_as_user(day, summary="Farewell")
    [added] = world.crm.add_series(RULE, ["2027-03-30"], "Visit", location="Hall")
    world.crm.put_into_series(added, ids[0])
    settle(world)
    assert world.crm.row(added).subject == "Farewell"
    assert titles(world) == ["Farewell", "Visit", "Visit", "Visit", "Visit"]


def test_delete_without_an_answer_counts_for_its_series(world: World) -> None:
    """For the deletion brake a series is one, also if one of its deletes is only found out about later."""
    ids = world.crm.add_series(RULE, TUESDAYS, "Visit")
    settle(world)
    for crm_id in ids[2:]:
        world.crm.delete(crm_id)
    world.google.fail("delete", UnavailableError("lost"), is_after_commit=True)
    with pytest.raises(UnavailableError):
        world.sync()
    settle(world)
    with world.run().unit_of_work() as uow:
        assert uow.state.count_deletions(world.now).recent == 1


def test_repeat_that_the_crm_may_still_be_saving_is_said_to_be_left(world: World) -> None:
    """Nothing at all would read as if both sides were the same."""
    world.crm.add_series(RULE, TUESDAYS, "Visit")
    tally = Tally()
    run_sync(world.run(), tally)
    assert (tally.google.created, tally.google.has_more, tally.crm.has_more) == (0, True, False)
    settle(world)
    assert not world.sync().google.has_more
    assert len(world.live_links) == len(TUESDAYS)


def test_event_that_is_repeated_while_its_single_state_waits_is_decided_about_as_a_series_only(
    world: World,
) -> None:
    """Listed anew by a run that went no further: what was listed then is over once its series is listed."""
    crm_id = world.crm.add("Visit")
    settle(world)
    world.google.expire_sync_tokens()
    run = world.run()
    run.accidents.lose_lock_at = 1
    with pytest.raises(LockLostError):
        world.sync(run)
    world.google.edit_as_user(
        world.google_id, recurrence=["RRULE:FREQ=WEEKLY;BYDAY=TH;COUNT=2"], **timed_body()
    )
    world.crm.edit(crm_id, subject="Visit to the plant")

    settle(world)

    assert titles(world) == world.crm.subjects() == ["Visit", "Visit to the plant"]
    assert "delete in CRM" not in {entry.action for entry in world.journal}
