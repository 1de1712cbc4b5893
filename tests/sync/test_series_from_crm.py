"""Series and the CRM: what it is told of Google's, what its users do to one occurrence, and the series that they make."""

from __future__ import annotations

import pytest

from plugin.core.crm_rules import CrmRule
from plugin.core.model import LinkState, Side
from plugin.sync.ports import EventPatch
from tests.builders import timed_body
from tests.fakes.crm import on
from tests.fakes.world import World, counts, is_quiet
from tests.sync.test_series import TUESDAYS, WEEKLY, at, course, settle, shown, slot, starts

__all__ = ["course"]


# --- what the CRM says of it ---


def test_crm_is_told_the_rule_where_its_form_can_say_it(course: World) -> None:
    ids = sorted(course.crm.rows())
    stored = [course.crm.stored(i) for i in ids]
    assert {s.rule for s in stored} == {CrmRule("Weekly", 1, "Weekly::2")}
    assert ({s.head_id for s in stored}, {s.recurring_type for s in stored}) == ({ids[0]}, {"Weekly"})


def test_rule_that_the_crm_can_not_say_leaves_single_activities(course: World) -> None:
    course.google.edit_as_user("series1", recurrence=["RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=2"])
    settle(course)
    assert {course.crm.stored(i).recurring_type for i in course.crm.rows()} == {"--None--"}


# --- from the CRM ---


def test_one_occurrence_edited_in_the_crm_changes_that_one_only(course: World) -> None:
    course.crm.edit(at(course, TUESDAYS[1]), subject="Exam")
    settle(course)
    assert [title for title, _ in shown(course)] == ["Course", "Course", "Course", "Exam"]
    assert course.google.resource("series1")["summary"] == "Course"
    patches = [op for op in course.google.operations if isinstance(op, EventPatch)]
    assert [patch.google_id for patch in patches] == [slot(TUESDAYS[1])]


def test_one_occurrence_deleted_in_the_crm_and_restored(course: World) -> None:
    gone = at(course, TUESDAYS[1])
    course.crm.delete(gone)
    settle(course)
    assert len(shown(course)) == 3
    assert "recurrence" in course.google.resource("series1")
    course.crm.restore(gone)
    settle(course)
    assert len(shown(course)) + len(world_singles(course)) == 4


def world_singles(world: World) -> list[str]:
    alive = world.google.alive.items()
    return [i for i, event in alive if "recurringEventId" not in event and not event.get("recurrence")]


def test_both_sides_edit_other_fields_of_one_occurrence(course: World) -> None:
    course.crm.edit(at(course, TUESDAYS[1]), location="Room 3")
    course.google.edit_as_user("series1", summary="Workshop")
    settle(course)
    [moved] = [
        one for one in course.google.occurrences("series1").values() if one.get("location") == "Room 3"
    ]
    assert (moved["id"], moved["summary"]) == (slot(TUESDAYS[1]), "Workshop")
    assert course.crm.subjects() == ["Workshop"] * 4


def test_asking_for_an_occurrence_does_not_pin_it(course: World) -> None:
    """What was asked for is no exception: Google will not list it when its series changes."""
    course.crm.edit(at(course, TUESDAYS[1]), subject="Exam")
    course.sync()
    course.crm.edit(at(course, TUESDAYS[2]), subject="Oral")
    run = course.run()
    run.google.fail("patch", _refusal(), times=1)
    course.sync(run)
    course.google.edit_as_user("series1", location="Room 3")
    settle(course)
    assert [row.location for row in course.crm.rows().values()].count("Room 3") == 3


def _refusal() -> Exception:
    from plugin.core.errors import RefusedError

    return RefusedError("no", "refused")


def test_reassigned_occurrence_is_released(course: World) -> None:
    course.crm.assign(at(course, TUESDAYS[1]), 6)
    course.sync()
    assert [link.state for link in course.links].count(LinkState.RELEASED) == 1
    assert len(shown(course)) == 4


# --- a series of the CRM's ---

RULE = CrmRule("Weekly", 1, "Weekly::2")


def test_crm_series_becomes_one_google_series(world: World) -> None:
    ids = world.crm.add_series(RULE, TUESDAYS, "Visit")
    settle(world)
    [master] = [event for event in world.google.alive.values() if event.get("recurrence")]
    assert master["recurrence"] == ["RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;UNTIL=20270323T090000Z"]
    assert master["start"]["timeZone"] == "Europe/Madrid"
    assert len(world.google.alive) == 1
    assert {link.crm_id for link in world.live_links} == set(ids)
    assert {link.series_id for link in world.links} == {master["id"]}
    assert set(world.crm.rows()) == set(ids)


def test_crm_series_across_dst_keeps_the_crm_s_own_times(world: World) -> None:
    """The CRM repeats the UTC time of day: 10:00 becomes 11:00 in summer. Google has to show the same."""
    days = [*TUESDAYS, "2027-03-30"]
    world.crm.add_series(RULE, days, "Visit")
    settle(world)
    [master] = [event for event in world.google.alive.values() if event.get("recurrence")]
    assert master["start"]["timeZone"] == "UTC"
    assert starts(world) == [f"{day} 09:00" for day in days]


def test_deleted_rows_of_a_crm_series_are_left_out(world: World) -> None:
    ids = world.crm.add_series(RULE, TUESDAYS, "Visit")
    world.crm.delete(ids[1])
    settle(world)
    [master] = [event for event in world.google.alive.values() if event.get("recurrence")]
    assert "EXDATE:20270309T090000Z" in master["recurrence"]
    assert len(starts(world)) == 3


def test_edited_row_of_a_crm_series_is_an_exception(world: World) -> None:
    ids = world.crm.add_series(RULE, TUESDAYS, "Visit")
    world.crm.edit(ids[2], subject="Visit to the plant")
    settle(world)
    [master] = [i for i, event in world.google.alive.items() if event.get("recurrence")]
    assert [title for title, _ in shown(world, master)] == ["Visit", "Visit", "Visit", "Visit to the plant"]
    assert world.crm.row(ids[2]).subject == "Visit to the plant"


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (CrmRule("Monthly", 1, "Monthly::date::31"), ["2027-03-31", "2027-05-01", "2027-05-31"]),
        (CrmRule("Weekly", 1, "Weekly::4"), ["2027-03-02"]),
    ],
    ids=["overflowing months", "one"],
)
def test_crm_series_that_no_rule_says_goes_as_single_events(
    world: World, rule: CrmRule, days: list[str]
) -> None:
    world.crm.add_series(rule, days, "Visit")
    settle(world)
    assert len(world_singles(world)) == len(world.google.alive) == len(days)


def test_crm_series_that_is_still_being_saved_waits(world: World) -> None:
    world.wait(minutes=15)
    world.crm.add_series(RULE, TUESDAYS, "Visit")
    world.wait(minutes=-15)
    assert is_quiet(world.sync())
    settle(world)
    assert len([event for event in world.google.alive.values() if event.get("recurrence")]) == 1


def test_series_that_the_crm_s_user_made_longer_meets_what_google_has_there(world: World) -> None:
    """Google's series goes on for ever, the CRM's was laid out to the horizon; its user then adds two more by hand."""
    world.google.insert_as_user("series1", summary="Course", recurrence=["RRULE:FREQ=WEEKLY"], **timed_body())
    settle(world)
    head = min(world.crm.rows())
    [new] = world.crm.add_series(RULE, ["2027-04-13"], "Course", time_start="08:00:00", time_end="09:30:00")
    world.crm.put_into_series(new, head)
    settle(world)
    assert len(world.google.alive) == 1
    world.wait(days=30)
    settle(world)
    assert len(set(starts(world))) == len(starts(world))


def test_first_contact_links_occurrences_with_activities_of_the_same_time_and_title(world: World) -> None:
    ids = [world.crm.add("Course", **on(day)) for day in TUESDAYS]
    world.google.insert_as_user("series1", summary="Course", recurrence=WEEKLY, **timed_body())
    settle(world)
    assert sorted(world.crm.rows()) == ids
    assert len(world.google.alive) == 1


def test_part_split_off_a_series_that_we_made_stays_ours(world: World) -> None:
    """ "This and following" copies our marker to the new series."""
    ids = world.crm.add_series(RULE, TUESDAYS, "Visit")
    settle(world)
    [master] = [event for event in world.google.alive.values() if event.get("recurrence")]
    world.google.edit_as_user(master["id"], recurrence=["RRULE:FREQ=WEEKLY;UNTIL=20270309T090000Z"])
    copied = {"extendedProperties": master["extendedProperties"], "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"]}
    times = timed_body("2027-03-16T12:00:00", "2027-03-16T13:00:00")
    world.google.insert_as_user(f"{master['id']}_R20270316T090000", summary="Visit", **copied, **times)
    settle(world)
    assert len(starts(world)) == 5
    assert set(ids) <= set(world.crm.rows())
    assert world.parked == {}


def test_occurrence_edited_in_the_crm_and_cancelled_in_google_goes_on_as_a_single_event(
    course: World,
) -> None:
    edited = at(course, TUESDAYS[1])
    course.crm.edit(edited, subject="Exam")
    course.google.delete_as_user(slot(TUESDAYS[1]))
    first = course.sync()
    assert (counts(first, Side.CRM), counts(first, Side.GOOGLE)) == ((0, 0, 0), (1, 0, 0))
    assert is_quiet(course.sync())
    course.google.edit_as_user("series1", location="Room 3")
    settle(course)
    [link] = [link for link in course.links if link.crm_id == edited]
    assert (link.series_id, link.state) == (None, LinkState.LIVE)
    assert (course.crm.row(edited).subject, course.crm.row(edited).location) == ("Exam", "")
