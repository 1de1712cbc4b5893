"""An edit of "all" in the CRM is written once, to Google's series; one that the series can't say, occurrence by occurrence."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.core.crm_rules import CrmRule
from plugin.core.errors import RefusedError, UnavailableError, VersionMismatchError
from plugin.core.model import Direction, Side
from plugin.sync.ports import EventPatch
from tests.builders import COLLEAGUE_ID, all_day_body, timed_body
from tests.fakes.world import World, counts
from tests.property.test_crash_points import die_at, run_until_quiet
from tests.sync.test_series_end import begin, settle

WEEKLY = CrmRule("Weekly", 1, "Weekly::2")
TUESDAYS = ["2027-03-02", "2027-03-09", "2027-03-16", "2027-03-23"]


def begin_in_crm(world: World, **columns: Any) -> tuple[list[int], str]:
    """Begin a series of four Tuesdays in the CRM; return its activities and Google's series."""
    ids = world.crm.add_series(WEEKLY, TUESDAYS, "Visit", location="Hall", **columns)
    settle(world)
    [series_id] = [i for i, event in world.google.alive.items() if event.get("recurrence")]
    world.google.operations.clear()
    return ids, series_id


def edit(world: World, crm_ids: list[int], **columns: Any) -> None:
    for crm_id in crm_ids:
        world.crm.edit(crm_id, **columns)


def patched(world: World) -> list[str]:
    """Return the ids of all events that were patched, in order."""
    return [operation.google_id for operation in world.google.operations if isinstance(operation, EventPatch)]


def shown(world: World, series_id: str) -> list[tuple[str, str]]:
    """Return title and start of all that takes place of a series."""
    found = world.google.occurrences(series_id).values()
    return sorted((event["summary"], event["start"].get("dateTime", "")[:16]) for event in found)


def test_title_of_all_is_one_patch_of_the_series(world: World) -> None:
    ids, series_id = begin_in_crm(world)
    edit(world, ids, subject="Renamed", location="Garden")
    tally = world.sync()
    settle(world)
    assert patched(world) == [series_id]
    assert {title for title, _ in shown(world, series_id)} == {"Renamed"}
    assert not [i for i in world.google.alive if "_2027" in i]  # no exceptions
    assert counts(tally, Side.GOOGLE) == (0, 1, 0)
    assert [row.subject for row in world.crm.rows().values()] == ["Renamed"] * 4


def test_what_comes_within_the_horizon_later_is_as_the_crm_s_user_made_all(world: World) -> None:
    edit(world, begin(world), subject="Renamed")
    settle(world)
    world.wait(days=40)
    settle(world)
    subjects = [row.subject for row in world.crm.rows().values()]
    assert len(subjects) > 8
    assert set(subjects) == {"Renamed"}


def test_whole_days_are_renamed_as_one(world: World) -> None:
    edit(world, begin(world, all_day_body()), subject="Renamed")
    settle(world)
    assert patched(world) == ["series1"]


def test_hours_of_all_move_the_series_and_its_end(world: World) -> None:
    ids, series_id = begin_in_crm(world)
    edit(world, ids, time_start="15:00:00", time_end="16:30:00")
    settle(world)
    assert patched(world) == [series_id]
    assert shown(world, series_id) == [
        ("Visit", f"{day}T{16 if day < '2027-03-28' else 17}:00") for day in TUESDAYS
    ]
    assert {link.crm_id for link in world.live_links} == set(ids)
    starts = {link.crm_id: link.google_half.when.start_utc for link in world.live_links}
    assert [f"{starts[crm_id]:%Y-%m-%d %H:%M}" for crm_id in ids] == [f"{day} 15:00" for day in TUESDAYS]
    assert [str(world.crm.row(crm_id).date_start) for crm_id in ids] == TUESDAYS


def test_hours_that_the_rule_cannot_say_make_exceptions(world: World) -> None:
    ids, series_id = begin_in_crm(world)
    edit(world, ids[:3], time_start="15:00:00", time_end="16:30:00")
    edit(world, ids[3:], time_start="16:00:00", time_end="17:30:00")
    settle(world)
    assert series_id not in patched(world)
    assert sorted(set(patched(world))) == sorted(world.google.occurrences(series_id))


def test_hours_beside_a_cancelled_occurrence_do_not_bring_it_back(world: World) -> None:
    ids, series_id = begin_in_crm(world)
    world.google.delete_as_user(next(i for i in world.google.occurrences(series_id) if "_20270309" in i))
    settle(world)
    edit(world, [ids[0], *ids[2:]], time_start="15:00:00", time_end="16:30:00")
    settle(world)
    assert series_id not in patched(world)
    assert len(shown(world, series_id)) == len(world.crm.rows()) == 3


def test_exception_keeps_its_hours_and_gets_the_title_too(world: World) -> None:
    ids, series_id = begin_in_crm(world)
    edit(world, ids[1:2], time_start="15:00:00", time_end="16:30:00")
    settle(world)
    world.google.operations.clear()
    edit(world, ids, subject="Renamed")
    settle(world)
    assert patched(world)[0] == series_id
    assert len(patched(world)) <= 2
    assert {title for title, _ in shown(world, series_id)} == {"Renamed"}
    assert ("Renamed", "2027-03-09T16:00") in shown(world, series_id)


def test_exception_that_google_changes_along_is_not_written_again(world: World) -> None:
    """Nobody has written down whether an exception gets what is changed of its series: both is fine."""
    ids, series_id = begin_in_crm(world)
    edit(world, ids[1:2], time_start="15:00:00", time_end="16:30:00")
    settle(world)
    [exception] = [i for i in world.google.alive if i.startswith(f"{series_id}_")]
    world.google.operations.clear()
    edit(world, ids, subject="Renamed")
    run = world.run()

    def change_along(operation: object) -> None:
        run.google.after_write = None
        world.google.edit_as_user(exception, summary="Renamed")

    run.google.after_write = change_along
    world.sync(run)
    settle(world)
    assert patched(world) == [
        series_id,
        exception,
    ]  # refused for its version, and then found to be as it should
    assert len(shown(world, series_id)) == 4
    assert {title for title, _ in shown(world, series_id)} == {"Renamed"}


def test_title_of_some_makes_exceptions(world: World) -> None:
    ids, series_id = begin_in_crm(world)
    edit(world, ids[1:], subject="Renamed")
    settle(world)
    assert series_id not in patched(world)
    assert [title for title, _ in shown(world, series_id)] == ["Renamed"] * 3 + ["Visit"]


def test_occurrences_that_the_crm_does_not_hold_are_not_renamed(world: World) -> None:
    """The series is older than what was laid out."""
    ids = begin(world, timed_body("2026-01-06T10:00:00", "2026-01-06T11:00:00"), summary="Weekly")
    edit(world, ids, subject="Renamed")
    settle(world)
    assert "series1" not in patched(world)
    titles = {i: event["summary"] for i, event in world.google.occurrences("series1").items()}
    assert titles["series1_20260106T090000Z"] == "Weekly"


def test_occurrence_of_a_colleague_keeps_the_series_from_being_patched(world: World) -> None:
    ids, series_id = begin_in_crm(world)
    world.crm.assign(ids[1], COLLEAGUE_ID)
    world.google.edit_as_user(series_id, attendees=[{"email": "ada@example.com"}])  # so its event stays
    settle(world)
    world.google.operations.clear()
    edit(world, [ids[0], *ids[2:]], subject="Renamed")
    settle(world)
    assert series_id not in patched(world)
    assert sorted({title for title, _ in shown(world, series_id)}) == ["Renamed", "Visit"]


def test_edit_of_the_series_in_google_meanwhile_survives(world: World) -> None:
    ids, series_id = begin_in_crm(world)
    edit(world, ids, subject="Renamed")
    run = world.run()

    def edit_first(operation: object) -> None:
        run.google.before_write = None
        world.google.edit_as_user(series_id, location="Roof")

    run.google.before_write = edit_first
    world.sync(run)
    settle(world)
    assert {(row.subject, row.location) for row in world.crm.rows().values()} == {("Renamed", "Roof")}
    assert {(e["summary"], e["location"]) for e in world.google.occurrences(series_id).values()} == {
        ("Renamed", "Roof")
    }


def test_edits_of_both_sides_meet_field_by_field(world: World) -> None:
    ids, series_id = begin_in_crm(world)
    edit(world, ids, subject="Renamed")
    world.google.edit_as_user(series_id, location="Roof")
    settle(world)
    assert {(row.subject, row.location) for row in world.crm.rows().values()} == {("Renamed", "Roof")}
    assert {e["summary"] for e in world.google.occurrences(series_id).values()} == {"Renamed"}


def test_one_way_from_google_writes_nothing_there(world: World) -> None:
    ids, _ = begin_in_crm(world)
    world.change_pair(direction=Direction.GOOGLE_TO_CRM.value)
    edit(world, ids, subject="Renamed")
    settle(world)
    assert patched(world) == []


def test_refusal_sets_each_occurrence_aside(world: World) -> None:
    ids, _ = begin_in_crm(world)
    edit(world, ids, subject="Renamed")
    world.google.fail("patch", RefusedError("no", "forbidden"))
    world.sync()
    assert {("crm", str(crm_id)) for crm_id in ids} <= set(world.parked)
    settle(world)
    assert patched(world).count(patched(world)[0]) == 1
    world.wait(days=2)
    settle(world)
    assert world.parked == {}


def test_more_occurrences_than_a_run_may_write_are_still_one_edit(world: World) -> None:
    ids, series_id = begin_in_crm(world)
    world.batch_size = 2
    edit(world, ids, subject="Renamed")
    settle(world)
    assert patched(world) == [series_id]


@pytest.mark.parametrize(
    "columns", [{"subject": "Renamed"}, {"time_start": "15:00:00", "time_end": "16:30:00"}]
)
def test_lost_answer_and_another_edit_keep_the_last_word(world: World, columns: dict[str, str]) -> None:
    """Our own write, met unexpectedly, must not pass for Google's edit: Google wins."""
    ids, series_id = begin_in_crm(world)
    edit(world, ids, **columns)
    world.google.fail("patch", UnavailableError("lost"), is_after_commit=True)
    with pytest.raises(UnavailableError):
        world.sync()
    last = (
        {"subject": "Last word"}
        if "subject" in columns
        else {"time_start": "18:00:00", "time_end": "19:00:00"}
    )
    edit(world, ids, **last)
    settle(world)
    for crm_id in ids:
        assert {name: getattr(world.crm.row(crm_id), name) for name in last} == last
    titles = {title for title, _ in shown(world, series_id)}
    assert titles == {last.get("subject", "Visit")}
    assert len(shown(world, series_id)) == 4


def test_edit_that_never_arrived_is_sent_again(world: World) -> None:
    ids, series_id = begin_in_crm(world)
    edit(world, ids, subject="Renamed")
    world.google.fail("patch", UnavailableError("lost"))
    with pytest.raises(UnavailableError):
        world.sync()
    settle(world)
    assert patched(world) == [series_id, series_id]
    assert {title for title, _ in shown(world, series_id)} == {"Renamed"}


def test_version_that_changed_meanwhile_is_looked_at_and_tried_again(world: World) -> None:
    ids, series_id = begin_in_crm(world)
    edit(world, ids, subject="Renamed")
    world.google.fail("patch", VersionMismatchError("changed"))
    settle(world)
    assert {title for title, _ in shown(world, series_id)} == {"Renamed"}


@pytest.mark.parametrize("step", range(1, 11))
@pytest.mark.parametrize("hours", [False, True])
def test_death_at_any_step_leads_to_the_same_end(step: int, *, hours: bool) -> None:
    world = World()
    ids, series_id = begin_in_crm(world)
    columns = {"time_start": "15:00:00", "time_end": "16:30:00"} if hours else {"subject": "Renamed"}
    edit(world, ids, **columns)
    die_at(world, step)
    world.wait(minutes=2)
    run_until_quiet(world)
    assert sorted(world.crm.rows()) == sorted(ids)
    assert {link.crm_id for link in world.live_links} == set(ids)
    assert len(shown(world, series_id)) == 4
    assert {title for title, _ in shown(world, series_id)} == {"Visit" if hours else "Renamed"}
    assert not [i for i in world.google.alive if "_2027" in i]
    assert not world.database.tables.intents
