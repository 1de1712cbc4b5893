"""Records that one side refuses: set aside, tried again after a day, and the rest goes on."""

from __future__ import annotations

import pytest

from plugin.core.errors import RefusedError
from plugin.core.model import Side
from tests.builders import a_user, timed_body
from tests.fakes.world import World, counts, is_quiet

UNREADABLE = {"recurrence": ["EXRULE:FREQ=WEEKLY"]}


@pytest.fixture
def linked(world: World) -> World:
    world.google.insert_as_user("google1", summary="Meeting", **timed_body())
    world.sync()
    world.sync()
    return world


def crm_id(world: World) -> int:
    return world.link.crm_id


def refuse_long_subjects(world: World) -> None:
    """Let the CRM's database refuse what the mapping lets through: a column narrower than it was probed."""
    world.refuses_over = 20


def test_record_that_the_crm_refuses_is_parked_and_the_rest_goes_on(world: World) -> None:
    refuse_long_subjects(world)
    world.google.insert_as_user("google1", summary="Too long for this CRM", **timed_body())
    world.google.insert_as_user("google2", summary="Fine", **timed_body())

    tally = world.sync()

    assert (world.crm.subjects(), tally.parked, tally.crm.skipped) == (["Fine"], 1, 1)
    assert world.parked == {("google", "google1"): "refused"}


def test_edit_that_the_crm_refuses_is_parked_where_it_came_from(linked: World) -> None:
    refuse_long_subjects(linked)
    linked.google.edit_as_user("google1", summary="Too long for this CRM")

    tally = linked.sync()

    assert (tally.parked, linked.parked) == (1, {("google", "google1"): "refused"})
    run = linked.run()
    assert is_quiet(linked.sync(run))
    assert linked.database.tables.parked["google", "google1"].attempts == 1


def test_edits_of_both_sides_that_the_crm_refuses_wait_together(linked: World) -> None:
    refuse_long_subjects(linked)
    linked.google.edit_as_user("google1", summary="Too long for this CRM")
    linked.crm.edit(crm_id(linked), location="there")

    linked.sync()

    assert is_quiet(linked.sync())
    parked = linked.database.tables.parked
    assert {key: item.attempts for key, item in parked.items()} == {
        ("google", "google1"): 1,
        ("crm", str(crm_id(linked))): 1,
    }
    assert "location" not in linked.event


def test_record_that_google_refuses_is_parked_and_the_rest_goes_on(world: World) -> None:
    world.crm.add("Refused")
    world.crm.add("Fine")
    world.google.fail("insert", RefusedError("no", "invalid"))

    tally = world.sync()

    assert (world.summaries(), tally.parked, tally.google.skipped) == (["Fine"], 1, 1)
    assert world.database.tables.intents == {}


def test_edit_that_google_refuses_is_parked(linked: World) -> None:
    linked.crm.edit(crm_id(linked), subject="Refused")
    linked.google.fail("patch", RefusedError("no", "invalid"))

    linked.sync()

    assert linked.parked == {("crm", str(crm_id(linked))): "refused"}
    assert counts(linked.sync(), Side.GOOGLE) == (0, 0, 0)


@pytest.mark.parametrize("side", Side)
def test_refused_record_is_tried_again_after_a_day(world: World, side: Side) -> None:
    if side is Side.CRM:
        refuse_long_subjects(world)
        world.google.insert_as_user("google1", summary="Too long for this CRM", **timed_body())
    else:
        world.crm.add("Too long for this CRM")
        world.google.fail("insert", RefusedError("no", "invalid"))
    assert world.sync().parked == 1
    world.refuses_over = 255

    assert is_quiet(world.sync())
    world.wait(days=1)
    tally = world.sync()

    assert world.crm.subjects() == world.summaries() == ["Too long for this CRM"]
    assert (tally.parked, world.parked) == (0, {})


def test_refused_record_that_changes_is_tried_at_once(world: World) -> None:
    refuse_long_subjects(world)
    world.google.insert_as_user("google1", summary="Too long for this CRM", **timed_body())
    world.sync()
    world.google.edit_as_user("google1", summary="Short")

    tally = world.sync()

    assert (world.crm.subjects(), tally.parked) == (["Short"], 0)


def test_full_listing_of_another_kind_lifts_what_was_parked(world: World) -> None:
    refuse_long_subjects(world)
    world.google.insert_as_user("google1", summary="Too long for this CRM", **timed_body())
    world.sync()
    world.refuses_over = 255
    world.google.parameters = "a newer release"

    assert world.sync().parked == 0
    assert world.crm.subjects() == ["Too long for this CRM"]


def test_user_s_settings_do_not_matter_to_what_is_parked(world: World) -> None:
    world.google.insert_as_user("google1", summary="Weekly", **UNREADABLE, **timed_body())
    world.sync()
    world.user = a_user(time_zone="America/New_York")

    assert is_quiet(world.sync())
    assert len(world.parked) == 1
