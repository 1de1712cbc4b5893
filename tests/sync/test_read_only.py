"""Events that Gmail makes of mails: they come into the CRM, and what the CRM makes of them stays there."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.core.model import Direction, LinkState, Policy, Side
from plugin.core.reconcile import Reason
from tests.builders import timed_body
from tests.fakes.world import World, counts, is_quiet

FLIGHT: dict[str, Any] = {"summary": "Flight", "eventType": "fromGmail", **timed_body()}


@pytest.fixture
def flight(world: World) -> World:
    """A world whose only record is an event of a mail, on both sides."""
    world.google.insert_as_user("flight", **FLIGHT)
    assert counts(world.sync(), Side.CRM) == (1, 0, 0)
    return world


def test_event_of_a_mail_comes_into_the_crm_and_follows_google(flight: World) -> None:
    assert flight.crm.subjects() == ["Flight"]
    flight.google.edit_as_user("flight", summary="Flight, delayed")

    flight.sync()

    assert flight.crm.subjects() == ["Flight, delayed"]
    assert is_quiet(flight.sync())


@pytest.mark.parametrize("edit", [{"subject": "Mine"}, {"visibility": "Public"}], ids=["refused", "possible"])
def test_edit_of_the_crm_stays_there_and_is_told_as_set_aside(flight: World, edit: dict[str, str]) -> None:
    crm_id = flight.link.crm_id
    flight.crm.edit(crm_id, **edit)
    tally = flight.sync()
    flight.sync()

    assert (counts(tally, Side.GOOGLE), flight.google.operations) == ((0, 0, 0), [])
    assert (tally.parked, flight.parked) == (1, {("crm", str(crm_id)): Reason.READ_ONLY.value})
    assert {name: getattr(flight.crm.row(crm_id), name) for name in edit} == edit
    assert is_quiet(flight.sync())


def test_google_s_change_of_another_field_still_comes(flight: World) -> None:
    crm_id = flight.link.crm_id
    flight.crm.edit(crm_id, subject="Mine")
    flight.sync()

    flight.google.edit_as_user("flight", location="Gate 7")
    flight.sync()
    flight.sync()

    row = flight.crm.row(crm_id)
    assert (row.subject, row.location) == ("Mine", "Gate 7")
    assert flight.google.operations == []
    assert flight.parked == {("crm", str(crm_id)): Reason.READ_ONLY.value}


@pytest.mark.parametrize("policy", Policy)
def test_google_wins_the_same_field_whatever_the_policy(flight: World, policy: Policy) -> None:
    flight.change_pair(policy=policy.value)
    flight.crm.edit(flight.link.crm_id, subject="Mine")
    flight.google.edit_as_user("flight", summary="Cancelled?")

    flight.sync()

    assert flight.crm.subjects() == ["Cancelled?"]
    assert [entry.lost for entry in flight.journal if entry.lost] == [{"subject": "Mine"}]
    assert is_quiet(flight.sync())
    assert flight.parked == {}


def test_edit_taken_back_is_set_aside_no_longer(flight: World) -> None:
    flight.crm.edit(flight.link.crm_id, subject="Mine")
    flight.sync()
    flight.crm.edit(flight.link.crm_id, subject="Flight")

    flight.sync()

    assert flight.parked == {}


def test_deletion_in_the_crm_stays_there(flight: World) -> None:
    crm_id = flight.link.crm_id
    flight.crm.delete(crm_id)

    tally = flight.sync()

    assert (flight.summaries(), flight.crm.subjects()) == (["Flight"], [])
    assert (tally.held, tally.parked) == (0, 1)
    assert is_quiet(flight.sync())
    flight.google.expire_sync_tokens()
    assert is_quiet(flight.sync())
    assert (flight.summaries(), flight.crm.subjects()) == (["Flight"], [])


def test_deletion_in_google_takes_the_activity_along(flight: World) -> None:
    flight.google.delete_as_user("flight")

    flight.sync()

    assert (flight.crm.subjects(), flight.link.state) == ([], LinkState.DEAD)


def test_edited_activity_outlives_its_event_without_a_copy_in_google(flight: World) -> None:
    flight.crm.edit(flight.link.crm_id, subject="Mine")
    flight.sync()
    flight.google.delete_as_user("flight")

    flight.sync()

    assert (flight.crm.subjects(), flight.summaries()) == (["Mine"], [])
    assert is_quiet(flight.sync())


def test_activity_that_was_there_before_is_linked_and_never_pushed(world: World) -> None:
    crm_id = world.crm.add("Flight", visibility="Private")
    world.google.insert_as_user("flight", **FLIGHT)
    world.sync()
    assert world.link.crm_id == crm_id

    world.crm.edit(crm_id, subject="Mine")
    world.sync()

    assert world.google.operations == []


def test_one_way_pair_to_google_neither_takes_nor_sends_it(flight: World) -> None:
    flight.change_pair(direction=Direction.CRM_TO_GOOGLE.value)
    flight.crm.edit(flight.link.crm_id, subject="Mine")
    flight.google.edit_as_user("flight", location="Gate 7")

    assert is_quiet(flight.sync())
    assert is_quiet(flight.sync())
    assert (flight.crm.subjects(), flight.summaries()) == (["Mine"], ["Flight"])
