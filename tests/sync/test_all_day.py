"""All-day events stay all-day, across DST and moves, in both directions; timed ones keep their zone."""

from __future__ import annotations

import pytest

from tests.builders import a_user, all_day_body, timed_body
from tests.fakes.crm import on
from tests.fakes.world import World, is_quiet


def add_all_day(world: World, start: str = "2027-03-02", end: str = "2027-03-03", **fields: object) -> None:
    world.google.insert_as_user("google1", summary="Day off", **fields, **all_day_body(start, end))
    world.sync()
    world.sync()


def times(world: World) -> tuple[str, str]:
    row = world.crm.row(world.link.crm_id)
    return f"{row.date_start} {row.time_start}", f"{row.due_date} {row.time_end}"


# --- all-day ---


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2027-03-02", "2027-03-03", ("2027-03-01 23:00:00", "2027-03-02 23:00:00")),
        ("2027-03-28", "2027-03-29", ("2027-03-27 23:00:00", "2027-03-28 22:00:00")),
        ("2027-10-31", "2027-11-01", ("2027-10-30 22:00:00", "2027-10-31 23:00:00")),
        ("2027-03-26", "2027-04-02", ("2027-03-25 23:00:00", "2027-04-01 22:00:00")),
    ],
    ids=["one day", "spring", "autumn", "across spring"],
)
def test_all_day_event_stands_on_the_user_s_midnights(
    world: World, start: str, end: str, expected: tuple[str, str]
) -> None:
    add_all_day(world, start, end)

    assert times(world) == expected
    assert is_quiet(world.sync())


@pytest.mark.parametrize(
    ("columns", "start", "end"),
    [
        (on("2027-03-27", "23:00:00", "22:00:00", "2027-03-28"), "2027-03-28", "2027-03-29"),
        (on("2027-03-29", "23:00:00", "23:00:00", "2027-03-30"), "2027-03-30", "2027-03-31"),
        (on("2027-03-04", "23:00:59", "23:00:59", "2027-03-05"), "2027-03-05", "2027-03-06"),
        (on("2027-03-01", "23:00:00", "23:00:00", "2027-03-04"), "2027-03-02", "2027-03-05"),
    ],
    ids=["onto spring", "dragged across spring", "dragged with seconds", "longer"],
)
def test_all_day_event_moved_in_the_crm_stays_all_day(
    world: World, columns: dict[str, object], start: str, end: str
) -> None:
    add_all_day(world)
    world.crm.edit(world.link.crm_id, **columns)

    world.sync()

    assert (world.event["start"], world.event["end"]) == ({"date": start}, {"date": end})
    assert is_quiet(world.sync())
    assert world.crm.row(world.link.crm_id).time_start == columns["time_start"]


def test_all_day_event_moved_in_google_stays_on_midnights(world: World) -> None:
    add_all_day(world)
    world.google.edit_as_user("google1", **all_day_body("2027-07-01", "2027-07-02"))

    world.sync()

    assert times(world) == ("2027-06-30 22:00:00", "2027-07-01 22:00:00")
    assert is_quiet(world.sync())


@pytest.mark.parametrize("is_in_crm", [True, False], ids=["in the CRM", "in Google"])
def test_all_day_event_is_deleted_either_way(world: World, *, is_in_crm: bool) -> None:
    add_all_day(world)
    if is_in_crm:
        world.crm.delete(world.link.crm_id)
    else:
        world.google.delete_as_user("google1")

    world.sync()

    assert (world.crm.rows(), world.google.alive) == ({}, {})


def test_other_edit_of_an_all_day_event_leaves_its_days_alone(world: World) -> None:
    add_all_day(world)
    world.crm.edit(world.link.crm_id, subject="Holiday")

    world.sync()

    assert dict(world.google.operations[-1].body) == {"summary": "Holiday"}  # type: ignore[union-attr]


def test_user_who_moves_to_another_zone_rewrites_nothing(world: World) -> None:
    add_all_day(world)
    world.user = a_user(time_zone="America/New_York")
    world.google.touch("google1")
    world.crm.touch(world.link.crm_id)

    assert is_quiet(world.sync())
    world.crm.edit(world.link.crm_id, subject="Holiday")
    world.sync()
    assert (world.event["start"], world.event["summary"]) == ({"date": "2027-03-02"}, "Holiday")


def test_all_day_event_made_again_after_a_move_keeps_its_midnights(world: World) -> None:
    add_all_day(world)
    world.user = a_user(time_zone="America/New_York")
    world.google.delete_as_user("google1")
    world.crm.edit(world.link.crm_id, subject="Still off")

    world.sync()

    assert world.event["start"] == {"date": "2027-03-02"}
    assert is_quiet(world.sync())
    assert is_quiet(world.sync())


# --- timed ↔ all-day ---


def test_timed_event_made_all_day_in_google_moves_to_midnights(world: World) -> None:
    world.crm.add("Meeting")
    world.sync()
    world.google.edit_as_user(
        world.google_id, start={"date": "2027-03-02", "dateTime": None, "timeZone": None},
        end={"date": "2027-03-03", "dateTime": None, "timeZone": None},
    )  # fmt: skip

    world.sync()

    assert times(world) == ("2027-03-01 23:00:00", "2027-03-02 23:00:00")
    assert is_quiet(world.sync())
    assert world.link.all_day_zone == "Europe/Madrid"


def test_all_day_event_given_a_time_in_google_gets_it_in_the_crm(world: World) -> None:
    add_all_day(world)
    body = timed_body()
    world.google.edit_as_user(
        "google1", start={**body["start"], "date": None}, end={**body["end"], "date": None}
    )

    world.sync()

    assert times(world) == ("2027-03-02 09:00:00", "2027-03-02 10:30:00")
    assert is_quiet(world.sync())
    assert world.link.all_day_zone is None


def test_all_day_event_given_a_time_in_the_crm_gets_it_in_google(world: World) -> None:
    add_all_day(world)
    world.crm.edit(world.link.crm_id, **on("2027-03-02", "09:00:00", "10:30:00"))

    world.sync()

    assert world.event["start"]["dateTime"] == "2027-03-02T10:00:00+01:00"
    assert "date" not in world.event["start"]
    assert is_quiet(world.sync())


def test_timed_event_keeps_its_own_zone(world: World) -> None:
    new_york = timed_body("2027-03-02T10:00:00", "2027-03-02T11:00:00", "America/New_York")
    world.google.insert_as_user("google1", summary="Call", **new_york)
    world.sync()
    world.crm.edit(world.link.crm_id, **on("2027-03-15", "14:00:00", "15:00:00"))

    world.sync()

    assert world.event["start"] == {
        "dateTime": "2027-03-15T10:00:00-04:00", "timeZone": "America/New_York",
    }  # fmt: skip
