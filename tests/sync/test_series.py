"""Series: one activity per occurrence in the CRM, whatever is done to the rule, to one occurrence, or on the other side."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from plugin.core.model import Side
from tests.builders import all_day_body, timed_body
from tests.fakes.world import World, counts, is_quiet

WEEKLY = ["RRULE:FREQ=WEEKLY;COUNT=4"]
# 2 March 2027 is a Tuesday; DST begins in Madrid on 28 March.
TUESDAYS = ["2027-03-02", "2027-03-09", "2027-03-16", "2027-03-23"]


@pytest.fixture
def course(world: World) -> World:
    """Four Tuesdays, ten o'clock in Madrid, on both sides."""
    world.google.insert_as_user("series1", summary="Course", recurrence=WEEKLY, **timed_body())
    world.sync()
    return world


def starts(world: World) -> list[str]:
    """Return when the CRM's activities begin, in UTC."""
    return sorted(f"{row.date_start} {row.time_start[:5]}" for row in world.crm.rows().values())


def at(world: World, day: str) -> int:
    """Return the activity of a day."""
    [crm_id] = [i for i, row in world.crm.rows().items() if row.date_start == date.fromisoformat(day)]
    return crm_id


def slot(day: str, hour: str = "09") -> str:
    return f"series1_{day.replace('-', '')}T{hour}0000Z"


def shown(world: World, google_id: str = "series1") -> list[tuple[str, str]]:
    """Return title and start of what Google's pages show of a series."""
    found = world.google.occurrences(google_id).values()
    return sorted(
        (one.get("summary", ""), str(one["start"].get("dateTime", one["start"].get("date")))) for one in found
    )


def settle(world: World, runs: int = 4) -> None:
    """Sync until nothing happens any more."""
    for _ in range(runs):
        if is_quiet(world.sync()):
            return
    raise AssertionError("it does not come to rest")


# --- from Google ---


def test_series_is_one_activity_per_occurrence(course: World) -> None:
    assert starts(course) == [f"{day} 09:00" for day in TUESDAYS]
    assert course.crm.subjects() == ["Course"] * 4
    assert {link.series_id for link in course.links} == {"series1"}
    assert is_quiet(course.sync())


def test_wall_clock_time_is_kept_across_dst(world: World) -> None:
    world.google.insert_as_user("series1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"], **timed_body())
    settle(world)
    assert starts(world)[-2:] == ["2027-03-23 09:00", "2027-03-30 08:00"]


def test_whole_days_repeat_as_whole_days(world: World) -> None:
    world.google.insert_as_user(
        "series1", summary="Fair", recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"], **all_day_body()
    )
    settle(world)
    # midnights of the user's zone, an hour earlier in UTC than in winter
    assert starts(world)[3:] == ["2027-03-22 23:00", "2027-03-29 22:00"]
    assert sorted(link.google_id for link in world.links)[0] == "series1_20270302"
    assert is_quiet(world.sync())


def test_endless_series_is_laid_out_to_the_horizon_and_topped_up_as_days_pass(world: World) -> None:
    world.google.insert_as_user("series1", recurrence=["RRULE:FREQ=WEEKLY"], **timed_body())
    settle(world)
    # 1 March and 30 days, and a week of slack: until 6 April
    assert starts(world)[-1] == "2027-04-06 08:00"
    world.wait(days=3)
    assert is_quiet(world.sync())
    world.wait(days=6)
    assert counts(world.sync(), Side.CRM) == (1, 0, 0)
    assert starts(world)[-1] == "2027-04-13 08:00"


def test_old_occurrences_stay_out_before_thirty_days_ago(world: World) -> None:
    world.google.insert_as_user(
        "series1",
        recurrence=["RRULE:FREQ=WEEKLY"],
        **timed_body("2026-01-06T10:00:00", "2026-01-06T11:00:00"),
    )
    settle(world)
    assert starts(world)[0] == "2027-02-02 09:00"


def test_start_limit_counts_per_occurrence(world: World) -> None:
    world.change_pair(sync_from=date(2027, 3, 16))
    world.google.insert_as_user("series1", recurrence=WEEKLY, **timed_body())
    settle(world)
    assert starts(world) == ["2027-03-16 09:00", "2027-03-23 09:00"]


def test_cap_counts_activities_and_the_series_goes_on_in_the_next_run(world: World) -> None:
    world.batch_size = 3
    world.google.insert_as_user("series1", recurrence=WEEKLY, **timed_body())
    first = world.sync()
    assert (counts(first, Side.CRM), first.crm.has_more) == ((3, 0, 0), True)
    assert counts(world.sync(), Side.CRM) == (1, 0, 0)
    assert is_quiet(world.sync())


@pytest.mark.parametrize(
    ("rules", "days"),
    [
        (["RRULE:FREQ=WEEKLY;UNTIL=20270316T090000Z"], TUESDAYS[:3]),
        ([*WEEKLY, "EXDATE;TZID=Europe/Madrid:20270309T100000"], [TUESDAYS[0], *TUESDAYS[2:]]),
        (
            ["RRULE:FREQ=WEEKLY;COUNT=2", "RDATE;TZID=Europe/Madrid:20270311T100000"],
            [*TUESDAYS[:2], "2027-03-11"],
        ),
        (["RDATE;TZID=Europe/Madrid:20270311T100000"], [TUESDAYS[0], "2027-03-11"]),
        (["RRULE:FREQ=MONTHLY;BYDAY=1TU;COUNT=2"], ["2027-03-02", "2027-04-06"]),
    ],
    ids=["until", "exdate", "rdate", "rdates alone", "first tuesday"],
)
def test_rules_of_all_kinds(world: World, rules: list[str], days: list[str]) -> None:
    world.google.insert_as_user("series1", recurrence=rules, **timed_body())
    settle(world)
    assert [start[:10] for start in starts(world)] == sorted(days)


def test_title_of_the_series_changes_everywhere(course: World) -> None:
    course.google.edit_as_user("series1", summary="Workshop")
    assert counts(course.sync(), Side.CRM) == (0, 4, 0)
    assert course.crm.subjects() == ["Workshop"] * 4
    assert is_quiet(course.sync())


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (
            "2027-03-02T12:00:00",
            "2027-03-02T13:30:00",
            ["03-02 11:00", "03-09 11:00", "03-16 11:00", "03-23 11:00"],
        ),
        (
            "2027-03-03T10:00:00",
            "2027-03-03T11:30:00",
            ["03-03 09:00", "03-10 09:00", "03-17 09:00", "03-24 09:00"],
        ),
    ],
    ids=["later", "wednesdays"],
)
def test_moved_series_moves_its_activities(course: World, start: str, end: str, expected: list[str]) -> None:
    before = {i: course.crm.unmapped(i) for i in course.crm.rows()}
    course.google.edit_as_user("series1", **timed_body(start, end))
    settle(course)
    assert [start[5:] for start in starts(course)] == expected
    # the same activities: what hangs on them stayed
    assert {i: course.crm.unmapped(i) for i in course.crm.rows()} == before


def test_rule_changed_from_weekly_to_daily_keeps_what_still_takes_place(course: World) -> None:
    before = {day: at(course, day) for day in TUESDAYS[:2]}
    course.google.edit_as_user("series1", recurrence=["RRULE:FREQ=DAILY;COUNT=8"])
    settle(course)
    assert len(starts(course)) == 8
    assert {day: at(course, day) for day in TUESDAYS[:2]} == before


def test_one_occurrence_moved_and_renamed_in_google(course: World) -> None:
    moved = at(course, TUESDAYS[1])
    course.google.edit_as_user(
        slot(TUESDAYS[1]), summary="Exam", **timed_body("2027-03-11T16:00:00", "2027-03-11T17:00:00")
    )
    assert counts(course.sync(), Side.CRM) == (0, 1, 0)
    row = course.crm.row(moved)
    assert (row.subject, str(row.date_start), row.time_start) == ("Exam", "2027-03-11", "15:00:00")
    course.google.edit_as_user("series1", summary="Workshop")
    settle(course)
    assert course.crm.subjects() == ["Exam", *["Workshop"] * 3]


def test_one_occurrence_cancelled_and_restored_in_google(course: World) -> None:
    gone = at(course, TUESDAYS[1])
    course.google.delete_as_user(slot(TUESDAYS[1]))
    assert counts(course.sync(), Side.CRM) == (0, 0, 1)
    assert gone not in course.crm.rows()
    course.google.edit_as_user(slot(TUESDAYS[1]), status="confirmed")
    settle(course)
    assert gone in course.crm.rows()


def test_date_taken_out_of_the_rule(course: World) -> None:
    course.google.edit_as_user("series1", recurrence=[*WEEKLY, "EXDATE;TZID=Europe/Madrid:20270309T100000"])
    assert counts(course.sync(), Side.CRM) == (0, 0, 1)
    assert [start[:10] for start in starts(course)] == [TUESDAYS[0], *TUESDAYS[2:]]


def test_this_and_following_keeps_the_activities(course: World) -> None:
    ids = set(course.crm.rows())
    course.google.edit_as_user("series1", recurrence=["RRULE:FREQ=WEEKLY;UNTIL=20270309T090000Z"])
    course.google.insert_as_user(
        "series1_R20270316T090000",
        summary="Workshop",
        recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"],
        **timed_body("2027-03-16T12:00:00", "2027-03-16T13:00:00"),
    )
    settle(course)
    assert [start[5:] for start in starts(course)] == [
        "03-02 09:00",
        "03-09 09:00",
        "03-16 11:00",
        "03-23 11:00",
    ]
    assert set(course.crm.rows()) == ids
    assert course.crm.subjects() == ["Course", "Course", "Workshop", "Workshop"]


def test_deleted_series_counts_as_one_deletion(world: World) -> None:
    world.google.insert_as_user("series1", recurrence=["RRULE:FREQ=DAILY;COUNT=15"], **timed_body())
    for n in range(5):
        world.google.insert_as_user(f"single{n}", **timed_body())
    settle(world)
    world.google.delete_as_user("series1")
    done = world.sync()
    assert (counts(done, Side.CRM), done.held) == ((0, 0, 15), 0)
    assert len(starts(world)) == 5
    assert is_quiet(world.sync())


def test_series_restored_from_google_s_trash_brings_its_activities_back(course: World) -> None:
    ids = set(course.crm.rows())
    course.google.delete_as_user("series1")
    course.sync()
    course.google.edit_as_user("series1", status="confirmed")
    settle(course)
    assert set(course.crm.rows()) == ids


def test_single_event_becomes_a_series_and_single_again(world: World) -> None:
    world.google.insert_as_user("series1", summary="Course", **timed_body())
    settle(world)
    [first] = world.crm.rows()
    world.google.edit_as_user("series1", recurrence=WEEKLY)
    settle(world)
    assert (len(starts(world)), at(world, TUESDAYS[0])) == (4, first)
    world.google.edit_as_user("series1", recurrence=None)
    settle(world)
    assert list(world.crm.rows()) == [first]
    assert [link.google_id for link in world.live_links] == ["series1"]
    assert world.crm.stored(first).recurring_type == "--None--"


def test_single_invitation_to_one_occurrence_is_an_event_like_any_other(world: World) -> None:
    one: dict[str, Any] = {"recurringEventId": "series1", "originalStartTime": timed_body()["start"]}
    world.google.insert_as_user(slot(TUESDAYS[0]), summary="Course", **one, **timed_body())
    settle(world)
    [only] = world.crm.rows()
    world.google.insert_as_user("series1", summary="Course", recurrence=WEEKLY, **timed_body())
    settle(world)
    assert (len(starts(world)), at(world, TUESDAYS[0])) == (4, only)


def test_declined_series_is_not_brought_in(world: World) -> None:
    me = {"email": "lucia@empresa.example", "self": True, "responseStatus": "declined"}
    world.google.insert_as_user("series1", recurrence=WEEKLY, attendees=[me], **timed_body())
    assert is_quiet(world.sync())


def test_token_loss_changes_nothing(course: World) -> None:
    course.google.edit_as_user(slot(TUESDAYS[1]), summary="Exam")
    settle(course)
    course.google.expire_sync_tokens()
    assert is_quiet(course.sync())
    course.google.expire_sync_tokens()
    course.google.forget("series1")
    assert counts(course.sync(), Side.CRM) == (0, 0, 4)
