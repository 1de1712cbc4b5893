"""A pair that goes one way: the other side is never written, nothing of it is lost, and both ways sync it later."""

from __future__ import annotations

import pytest

from plugin.core.model import Direction, LinkState, Side
from tests.builders import COLLEAGUE_ID, all_day_body, timed_body
from tests.fakes.world import World, counts, is_quiet

TO_CRM, TO_GOOGLE = Direction.GOOGLE_TO_CRM, Direction.CRM_TO_GOOGLE


@pytest.fixture
def linked(world: World) -> World:
    world.google.insert_as_user("google1", summary="Meeting", location="here", **timed_body())
    world.sync()
    world.sync()
    return world


def turn(world: World, direction: Direction) -> None:
    world.change_pair(direction=direction.value)
    world.sync()


def settle(world: World) -> None:
    for _ in range(3):
        world.sync()


def crm_id(world: World) -> int:
    return world.link.crm_id


def assert_nothing_is_written(world: World) -> None:
    """One run more: neither side, no link, nothing set aside anew."""
    tables = world.database.tables
    before = dict(tables.links), dict(tables.parked), dict(tables.inbox), len(tables.journal)
    operations = len(world.google.operations)
    assert is_quiet(world.sync())
    tables = world.database.tables
    assert (dict(tables.links), dict(tables.parked), dict(tables.inbox), len(tables.journal)) == before
    assert len(world.google.operations) == operations


def test_edit_in_the_crm_stays_there_and_travels_once_both_ways_are_wanted(linked: World) -> None:
    turn(linked, TO_CRM)
    linked.crm.edit(crm_id(linked), subject="of CRM")

    assert is_quiet(linked.sync())
    assert (linked.crm.subjects(), linked.summaries()) == (["of CRM"], ["Meeting"])
    assert_nothing_is_written(linked)

    turn(linked, Direction.BOTH)
    assert (linked.crm.subjects(), linked.summaries()) == (["of CRM"], ["of CRM"])
    assert is_quiet(linked.sync())


def test_edit_in_google_stays_there_and_travels_once_both_ways_are_wanted(linked: World) -> None:
    turn(linked, TO_GOOGLE)
    linked.google.edit_as_user("google1", summary="of Google")

    assert is_quiet(linked.sync())
    assert (linked.crm.subjects(), linked.summaries()) == (["Meeting"], ["of Google"])
    assert_nothing_is_written(linked)

    turn(linked, Direction.BOTH)
    assert (linked.crm.subjects(), linked.summaries()) == (["of Google"], ["of Google"])
    assert is_quiet(linked.sync())


def test_google_s_edit_is_not_forgotten_by_a_push_of_another_field(linked: World) -> None:
    turn(linked, TO_GOOGLE)
    linked.google.edit_as_user("google1", summary="of Google")
    linked.sync()
    linked.crm.edit(crm_id(linked), location="of CRM")
    settle(linked)
    linked.crm.edit(crm_id(linked), description="of CRM")
    settle(linked)

    assert (linked.event["summary"], linked.event["location"], linked.event["description"]) == (
        "of Google",
        "of CRM",
        "of CRM",
    )
    assert linked.crm.subjects() == ["Meeting"]
    assert_nothing_is_written(linked)
    turn(linked, Direction.BOTH)
    assert linked.crm.subjects() == linked.summaries() == ["of Google"]


def test_the_crm_s_edit_is_not_forgotten_by_a_write_of_another_field(linked: World) -> None:
    turn(linked, TO_CRM)
    linked.crm.edit(crm_id(linked), subject="of CRM")
    linked.sync()
    for place in ("first", "second"):
        linked.google.edit_as_user("google1", location=place)
        settle(linked)

    assert (linked.crm.row(crm_id(linked)).subject, linked.crm.row(crm_id(linked)).location) == (
        "of CRM",
        "second",
    )
    assert linked.summaries() == ["Meeting"]
    assert_nothing_is_written(linked)
    turn(linked, Direction.BOTH)
    assert linked.crm.subjects() == linked.summaries() == ["of CRM"]


@pytest.mark.parametrize(
    ("direction", "winner", "loser"),
    [(TO_CRM, "of Google", "of CRM"), (TO_GOOGLE, "of CRM", "of Google")],
    ids=["Google to CRM", "CRM to Google"],
)
def test_conflict_is_won_by_the_side_that_is_read_and_the_loser_is_journalled(
    linked: World, direction: Direction, winner: str, loser: str
) -> None:
    turn(linked, direction)
    linked.google.edit_as_user("google1", summary="of Google")
    linked.crm.edit(crm_id(linked), subject="of CRM")
    settle(linked)

    assert linked.crm.subjects() == linked.summaries() == [winner]
    assert {"subject": loser} in [entry.lost for entry in linked.journal]


def test_edit_that_google_keeps_loses_to_a_later_one_of_the_crm_not_in_silence(linked: World) -> None:
    turn(linked, TO_GOOGLE)
    linked.google.edit_as_user("google1", summary="of Google")
    linked.sync()
    linked.crm.edit(crm_id(linked), subject="of CRM")
    settle(linked)

    assert linked.summaries() == ["of CRM"]
    assert {"subject": "of Google"} in [entry.lost for entry in linked.journal]


@pytest.mark.parametrize("is_purged", [False, True], ids=["in the bin", "gone for good"])
def test_delete_in_the_crm_travels_only_once_both_ways_are_wanted(linked: World, is_purged: bool) -> None:
    turn(linked, TO_CRM)
    record = crm_id(linked)
    linked.crm.delete(record)
    if is_purged:
        linked.crm.purge(record)

    assert is_quiet(linked.sync())
    assert linked.summaries() == ["Meeting"]
    assert_nothing_is_written(linked)

    turn(linked, Direction.BOTH)
    assert linked.summaries() == []


def test_delete_in_google_travels_only_once_both_ways_are_wanted(linked: World) -> None:
    turn(linked, TO_GOOGLE)
    linked.google.delete_as_user("google1")

    assert is_quiet(linked.sync())
    assert linked.crm.subjects() == ["Meeting"]
    assert_nothing_is_written(linked)

    turn(linked, Direction.BOTH)
    assert linked.crm.subjects() == []


def test_deletes_travel_in_the_direction(linked: World) -> None:
    linked.crm.add("Of the CRM")
    settle(linked)
    turn(linked, TO_CRM)
    linked.google.delete_as_user("google1")
    linked.sync()
    assert linked.crm.subjects() == ["Of the CRM"]

    turn(linked, TO_GOOGLE)
    linked.crm.delete(next(iter(linked.crm.rows())))
    linked.sync()
    assert linked.summaries() == []


def test_record_deleted_in_google_is_made_again_by_an_edit_in_the_crm(linked: World) -> None:
    turn(linked, TO_GOOGLE)
    linked.google.delete_as_user("google1")
    linked.sync()
    linked.crm.edit(crm_id(linked), subject="of CRM")
    settle(linked)

    assert linked.summaries() == ["of CRM"]


def test_many_deletes_kept_in_google_hold_no_delete_of_the_crm_s(world: World) -> None:
    for number in range(30):
        world.crm.add(f"Meeting {number}")
    settle(world)
    turn(world, TO_GOOGLE)
    for google_id in list(world.google.alive)[:20]:
        world.google.delete_as_user(google_id)
    world.sync()
    world.crm.delete(next(link.crm_id for link in world.links if link.google_id in world.google.alive))

    tally = world.sync()

    assert (tally.held, counts(tally, Side.GOOGLE)) == (0, (0, 0, 1))
    assert len(world.crm.rows()) == 29


@pytest.mark.parametrize("direction", [TO_CRM, TO_GOOGLE], ids=["Google to CRM", "CRM to Google"])
def test_first_sync_creates_one_way_and_the_rest_comes_later_undoubled(
    world: World, direction: Direction
) -> None:
    world.change_pair(direction=direction.value)
    world.crm.add("Of the CRM")
    world.crm.add("On both")
    world.google.insert_as_user("google1", summary="Of Google", **timed_body())
    world.google.insert_as_user("google2", summary="On both", **timed_body())
    settle(world)

    both = ["Of Google", "Of the CRM", "On both"]
    assert world.crm.subjects() == (both if direction is TO_CRM else ["Of the CRM", "On both"])
    assert world.summaries() == (both if direction is TO_GOOGLE else ["Of Google", "On both"])
    assert world.sync().parked == 0
    assert_nothing_is_written(world)

    turn(world, Direction.BOTH)
    assert world.crm.subjects() == world.summaries() == both


def test_whole_days_that_google_keeps_do_not_change_how_the_crm_is_read(linked: World) -> None:
    turn(linked, TO_GOOGLE)
    linked.google.edit_as_user("google1", **all_day_body())
    linked.sync()
    linked.crm.edit(crm_id(linked), location="of CRM")
    settle(linked)

    assert "date" in linked.event["start"]
    assert linked.event["location"] == "of CRM"
    assert_nothing_is_written(linked)


def test_activity_that_left_the_set_deletes_nothing_in_google_against_the_direction(world: World) -> None:
    record = world.crm.add("Handed over")
    settle(world)
    turn(world, TO_CRM)
    world.crm.assign(record, COLLEAGUE_ID)

    assert is_quiet(world.sync())
    assert (world.summaries(), world.link.state) == (["Handed over"], LinkState.RELEASED)
