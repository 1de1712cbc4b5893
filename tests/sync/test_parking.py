"""What can't be handled is set aside with its payload, and looked at again when something changes."""

from __future__ import annotations

import pytest

from plugin.core.mapping.google_event import marker_body
from plugin.core.model import Marker
from plugin.core.reconcile import Reason
from tests.builders import timed_body
from tests.fakes.world import World, is_quiet

UNREADABLE = {"recurrence": ["EXRULE:FREQ=WEEKLY"]}


@pytest.fixture
def linked(world: World) -> World:
    world.google.insert_as_user("google1", summary="Meeting", **timed_body())
    world.sync()
    world.sync()
    return world


def crm_id(world: World) -> int:
    return world.link.crm_id


def test_series_that_can_not_be_understood_is_parked_with_its_payload(world: World) -> None:
    world.google.insert_as_user("series1", summary="Weekly", **UNREADABLE, **timed_body())

    tally = world.sync()

    assert (tally.parked, world.parked) == (1, {("google", "series1"): "unreadable"})
    assert world.database.tables.series["series1"].series.master["recurrence"] == UNREADABLE["recurrence"]
    assert is_quiet(world.sync())


def test_parked_series_that_becomes_a_single_event_comes_in(world: World) -> None:
    world.google.insert_as_user("series1", summary="Weekly", **UNREADABLE, **timed_body())
    world.sync()
    world.google.edit_as_user("series1", recurrence=None)

    tally = world.sync()

    assert (world.crm.subjects(), tally.parked, world.database.tables.series) == (["Weekly"], 0, {})


def test_event_of_another_connection_is_never_taken_for_a_new_one(world: World) -> None:
    marker = marker_body(Marker("install-of-a-copy", "key9"))
    world.google.insert_as_user("google1", summary="Theirs", **marker, **timed_body())

    world.sync()

    assert world.parked == {("google", "google1"): Reason.FOREIGN_MARKER.value}
    assert world.crm.rows() == {}


def test_declined_invitation_stays_out_until_it_is_accepted(world: World) -> None:
    me = {"email": "lucia@empresa.example", "self": True}
    world.google.insert_as_user(
        "google1", summary="Party", attendees=[me | {"responseStatus": "declined"}], **timed_body()
    )
    assert is_quiet(world.sync())

    world.google.edit_as_user("google1", attendees=[me | {"responseStatus": "accepted"}])
    world.sync()

    assert world.crm.subjects() == ["Party"]


# --- unreadable ---


def test_unreadable_activity_is_parked_and_the_rest_goes_on(world: World) -> None:
    broken = world.crm.add("Broken", time_start="nine")
    world.crm.add("Fine")

    tally = world.sync()

    assert (world.summaries(), tally.parked) == (["Fine"], 1)
    assert world.parked == {("crm", str(broken)): "unreadable"}


def test_unreadable_event_is_parked_and_the_rest_goes_on(world: World) -> None:
    world.google.insert_as_user("broken", summary="Broken", start={}, end={})
    world.google.insert_as_user("google1", summary="Fine", **timed_body())

    tally = world.sync()

    assert (world.crm.subjects(), tally.parked) == (["Fine"], 1)
    assert world.parked == {("google", "broken"): "unreadable"}


@pytest.mark.parametrize("is_deleted", [True, False], ids=["deleted", "edited"])
def test_unreadable_activity_is_not_overwritten_from_google(linked: World, *, is_deleted: bool) -> None:
    linked.crm.edit(crm_id(linked), subject="Edited in the CRM", time_start="nine")
    if is_deleted:
        linked.google.delete_as_user("google1")
    else:
        linked.google.edit_as_user("google1", summary="Edited in Google")

    assert is_quiet(linked.sync())
    assert linked.crm.subjects() == ["Edited in the CRM"]

    linked.crm.edit(crm_id(linked), time_start="09:00:00")
    linked.sync()
    assert linked.crm.subjects() == linked.summaries()


def test_unreadable_event_is_not_overwritten_from_the_crm(linked: World) -> None:
    times = timed_body()
    linked.google.edit_as_user("google1", start=None, end=None)
    linked.crm.edit(crm_id(linked), subject="Edited in the CRM")

    assert is_quiet(linked.sync())
    assert linked.summaries() == ["Meeting"]

    linked.google.edit_as_user("google1", **times)
    linked.sync()
    assert linked.summaries() == ["Edited in the CRM"]
