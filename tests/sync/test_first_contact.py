"""What is on both sides before the first sync: the same record is linked, and what only looks the same isn't."""

from __future__ import annotations

from datetime import date

import pytest

from plugin.core.mapping.google_event import marker_body
from plugin.core.model import LinkState, Marker, Side
from tests.builders import COLLEAGUE_ID, timed_body
from tests.fakes.crm import on
from tests.fakes.world import World, counts, is_quiet

# Of an activity of the same title: the CRM's are at nine by UTC.
AT_NINE = {
    "summary": "Meeting",
    "visibility": "private",
    **timed_body("2027-03-02T10:00:00", "2027-03-02T11:30:00"),
}
DECLINED = [{"email": "lucia@empresa.example", "self": True, "responseStatus": "declined"}]


def add(world: World, day: str = "2027-03-02") -> int:
    return world.crm.add("Meeting", visibility="Private", **on(day))


def test_same_title_and_time_are_one_record_and_nothing_is_written(world: World) -> None:
    crm_id = add(world)
    world.google.insert_as_user("google1", **AT_NINE)

    assert is_quiet(world.sync())
    assert (world.link.crm_id, world.link.google_id) == (crm_id, "google1")


@pytest.mark.parametrize(
    "about",
    [{"attendees": DECLINED}, marker_body(Marker("install-of-a-copy", "key9")), {"visibility": "private", "summary": "Other"}],
    ids=["declined", "another connection's", "another title"],
)  # fmt: skip
def test_what_only_looks_the_same_is_left_alone(world: World, about: dict[str, object]) -> None:
    crm_id = add(world)
    world.google.insert_as_user("theirs", **{**AT_NINE, **about})
    before = world.google.resource("theirs")

    world.sync()
    world.crm.edit(crm_id, location="here")
    world.sync()

    [link] = [link for link in world.links if link.crm_id == crm_id]
    assert link.google_id != "theirs"
    assert world.google.resource("theirs") == before


def test_records_before_the_start_limit_are_not_linked(world: World) -> None:
    world.change_pair(sync_from=date(2027, 4, 1))
    add(world)
    world.google.insert_as_user("google1", **AT_NINE)

    assert is_quiet(world.sync())
    assert world.links == []


def test_event_that_was_there_before_stays_when_its_activity_is_given_to_a_colleague(world: World) -> None:
    """The CRM never made it."""
    crm_id = add(world)
    world.google.insert_as_user("google1", **AT_NINE)
    world.sync()

    world.crm.assign(crm_id, COLLEAGUE_ID)
    tally = world.sync()

    assert (counts(tally, Side.GOOGLE), world.summaries()) == ((0, 0, 0), ["Meeting"])
    assert world.link.state is LinkState.RELEASED


def test_what_comes_up_with_a_full_list_is_linked_as_well(world: World) -> None:
    """Written on both sides while nobody looked, and Google has forgotten the token."""
    world.sync()
    crm_id = add(world)
    world.google.insert_as_user("google1", **AT_NINE)
    world.google.expire_sync_tokens()

    assert is_quiet(world.sync())
    assert (world.link.crm_id, world.link.google_id) == (crm_id, "google1")
