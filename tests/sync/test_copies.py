"""Events that bear our marker and aren't linked: copies of ours become records, what another connection made doesn't."""

from __future__ import annotations

import pytest

from plugin.core.errors import UnavailableError
from plugin.core.mapping.google_event import marker_body
from plugin.core.model import Marker
from tests.builders import timed_body
from tests.fakes.world import World
from tests.sync.test_series_mishaps import RULE, TUESDAYS, settle


def test_part_split_off_our_series_and_made_single_before_it_was_listed_comes_into_the_crm(
    world: World,
) -> None:
    world.crm.add_series(RULE, TUESDAYS, "Visit")
    settle(world)
    [master] = [event for event in world.google.alive.values() if event.get("recurrence")]
    ids = sorted(world.google.occurrences(master["id"]))
    world.google.edit_as_user(master["id"], recurrence=["RRULE:FREQ=WEEKLY;UNTIL=20270315T000000Z"])
    marker = {"extendedProperties": master["extendedProperties"]}
    part = f"{master['id']}_R{ids[2].rpartition('_')[2].rstrip('Z')}"
    world.google.insert_as_user(
        part, summary="Split", **marker, **timed_body("2027-03-16T18:00:00", "2027-03-16T19:00:00")
    )

    settle(world)

    assert world.crm.subjects() == ["Split", "Visit", "Visit"]
    assert world.parked == {}


def test_event_of_ours_that_is_repeated_after_its_activity_went_on_with_another_is_no_stranger_s(
    world: World,
) -> None:
    crm_id = world.crm.add("Visit")
    settle(world)
    event = world.event
    # Its first occurrence lies behind the horizon: for the activity, edited meanwhile, the event is gone.
    world.google.edit_as_user(
        event["id"],
        recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"],
        **timed_body("2027-06-01T10:00:00", "2027-06-01T11:00:00"),
    )
    world.crm.edit(crm_id, subject="Visit at nine")
    settle(world)
    assert world.crm.subjects() == ["Visit at nine"]
    world.wait(days=80)
    settle(world)
    assert len(world.crm.rows()) == 3
    assert world.parked == {}


@pytest.mark.parametrize(
    "marker", [Marker("install-of-a-copy", "key9"), Marker("install-1", "key-of-another-pair")]
)
def test_marker_that_is_no_link_s_of_this_pair_stays_a_stranger_s(world: World, marker: Marker) -> None:
    world.google.insert_as_user("theirs", summary="Theirs", **marker_body(marker), **timed_body())
    world.sync()
    assert world.crm.rows() == {}
    assert list(world.parked) == [("google", "theirs")]


def test_marker_of_the_install_that_the_database_was_copied_from_is_a_stranger_s(world: World) -> None:
    """The copy has the original's links, with their keys."""
    world.crm.add("Visit")
    settle(world)
    marker = Marker("the-original", world.link.link_key)
    world.google.insert_as_user("theirs", summary="Theirs", **marker_body(marker), **timed_body())

    world.sync()

    assert world.crm.subjects() == ["Visit"]
    assert list(world.parked) == [("google", "theirs")]


def test_event_whose_create_is_on_its_way_is_no_copy(world: World) -> None:
    """Restored in the CRM, made anew in Google under the same key, and the answer lost: it is that activity's event."""
    crm_id = world.crm.add("Visit")
    settle(world)
    world.crm.delete(crm_id)
    settle(world)
    world.crm.restore(crm_id)
    world.google.fail("insert", UnavailableError("lost"), is_after_commit=True)
    with pytest.raises(UnavailableError):
        world.sync()
    world.google.fail("get", UnavailableError("lost"))
    world.sync()
    settle(world)
    assert world.crm.subjects() == ["Visit"]
    assert world.summaries() == ["Visit"]
    assert world.parked == {}
