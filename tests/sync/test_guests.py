"""Guests of Google's events who are contacts of the CRM: related to the activity, once, and nothing comes back of it."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.core.model import Direction
from tests.builders import timed_body
from tests.fakes.world import World, is_quiet

PILAR, BLAS = "pilar@olivares.example", "blas@bisiesto.example"


def guests(*addresses: str) -> list[dict[str, Any]]:
    me = {"email": "lucia@empresa.example", "self": True, "responseStatus": "accepted"}
    room = {"email": "room@resource.example", "resource": True}
    return [me, room, *({"email": address, "responseStatus": "needsAction"} for address in addresses)]


def meet(world: World, *addresses: str) -> int:
    """Bring an event with these guests into the CRM."""
    world.google.insert_as_user("google1", summary="Meeting", attendees=guests(*addresses), **timed_body())
    world.sync()
    return world.link.crm_id


def test_guest_who_is_a_contact_is_related_to_the_new_activity(world: World) -> None:
    pilar, _ = world.crm.add_contact(PILAR), world.crm.add_contact(BLAS)

    crm_id = meet(world, PILAR.upper(), "stranger@else.example")

    assert world.crm.contacts_of(crm_id) == [pilar]


def test_contact_with_the_user_s_own_or_a_room_s_address_is_not(world: World) -> None:
    world.crm.add_contact("lucia@empresa.example")
    world.crm.add_contact("room@resource.example")

    assert world.crm.contacts_of(meet(world)) == []


@pytest.mark.parametrize("also", [{}, {"summary": "Bigger meeting"}], ids=["alone", "with an edit"])
def test_guest_who_comes_later_is_added_and_the_others_stay(world: World, also: dict[str, Any]) -> None:
    pilar, blas = world.crm.add_contact(PILAR), world.crm.add_contact(BLAS)
    crm_id = meet(world, PILAR)

    world.google.edit_as_user("google1", attendees=guests(BLAS), **also)
    world.sync()

    assert world.crm.contacts_of(crm_id) == [pilar, blas]
    assert is_quiet(world.sync())


def test_new_guest_alone_writes_nothing_else(world: World) -> None:
    crm_id, blas = meet(world, PILAR), world.crm.add_contact(BLAS)
    modified, writes = world.crm.stored(crm_id).modified, world.google.writes

    world.google.edit_as_user("google1", attendees=guests(PILAR, BLAS))

    assert is_quiet(world.sync())
    assert world.crm.contacts_of(crm_id) == [blas]
    assert (world.crm.stored(crm_id).modified, world.google.writes) == (modified, writes)
    assert world.database.tables.inbox == {}


def test_contact_whom_a_user_took_off_is_not_put_back(world: World) -> None:
    pilar = world.crm.add_contact(PILAR)
    crm_id = meet(world, PILAR)
    world.crm.take_off(crm_id, pilar)
    world.sync()

    world.google.edit_as_user("google1", summary="Moved")
    world.sync()

    assert (world.crm.subjects(), world.crm.contacts_of(crm_id)) == (["Moved"], [])


def test_guest_who_comes_while_the_crm_edits_is_added_with_the_next_report(world: World) -> None:
    crm_id, blas = meet(world, PILAR), world.crm.add_contact(BLAS)
    world.crm.edit(crm_id, subject="Moved")
    world.google.edit_as_user("google1", attendees=guests(BLAS))

    world.sync()
    assert world.summaries() == ["Moved"]
    world.sync()

    assert world.crm.contacts_of(crm_id) == [blas]
    assert is_quiet(world.sync())


def test_guests_of_an_event_that_the_crm_made_are_related_too(world: World) -> None:
    crm_id, pilar = world.crm.add("Meeting"), world.crm.add_contact(PILAR)
    world.sync()

    world.google.edit_as_user(world.google_id, attendees=guests(PILAR))

    assert is_quiet(world.sync())
    assert world.crm.contacts_of(crm_id) == [pilar]


def test_guests_of_an_event_that_was_on_both_sides_are_related(world: World) -> None:
    crm_id, pilar = world.crm.add("Meeting"), world.crm.add_contact(PILAR)

    assert meet(world, PILAR) == crm_id
    assert world.crm.contacts_of(crm_id) == [pilar]


def test_restored_activity_has_its_guests_again(world: World) -> None:
    pilar = world.crm.add_contact(PILAR)
    crm_id = meet(world, PILAR)
    world.crm.take_off(crm_id, pilar)
    world.sync()
    world.crm.delete(crm_id)
    world.google.edit_as_user("google1", summary="Still on")

    world.sync()

    assert (world.crm.subjects(), world.crm.contacts_of(crm_id)) == (["Still on"], [pilar])


def test_nobody_is_related_while_the_crm_is_not_written_to(world: World) -> None:
    crm_id, pilar = world.crm.add("Meeting"), world.crm.add_contact(PILAR)
    world.change_pair(direction=Direction.CRM_TO_GOOGLE.value)
    world.sync()
    world.google.edit_as_user(world.google_id, attendees=guests(PILAR))
    world.sync()
    assert world.crm.contacts_of(crm_id) == []

    world.change_pair(direction=Direction.BOTH.value)
    world.sync()

    assert world.crm.contacts_of(crm_id) == [pilar]


def test_link_keeps_no_address(world: World) -> None:
    meet(world, PILAR)

    assert world.link.guest_keys
    assert PILAR not in str(world.links) + str(world.journal)
