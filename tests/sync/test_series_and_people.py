"""Series and who they concern: guests who are contacts, texts that don't fit, users who are being deleted."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.core.reconcile import Reason
from tests.builders import COLLEAGUE_ID, USER_ID, timed_body
from tests.fakes.world import World, is_quiet
from tests.sync.test_guests import BLAS, PILAR, guests
from tests.sync.test_series import TUESDAYS, settle
from tests.sync.test_series_from_crm import RULE

WEEKLY = ["RRULE:FREQ=WEEKLY;COUNT=4"]


def course(world: World, **fields: Any) -> list[int]:
    """Bring a series into the CRM and return its activities."""
    about = {"summary": "Course", "recurrence": WEEKLY, **fields}
    world.google.insert_as_user("series1", **about, **timed_body())
    world.sync()
    return sorted(world.crm.rows())


def test_guests_of_a_series_are_related_to_every_activity(world: World) -> None:
    pilar, blas = world.crm.add_contact(PILAR), world.crm.add_contact(BLAS)
    ids = course(world, attendees=guests(PILAR))
    assert [world.crm.contacts_of(crm_id) for crm_id in ids] == [[pilar]] * 4

    world.google.edit_as_user("series1", attendees=guests(PILAR, BLAS))

    assert is_quiet(world.sync())
    assert [world.crm.contacts_of(crm_id) for crm_id in ids] == [[pilar, blas]] * 4
    assert is_quiet(world.sync())


def test_guest_of_one_occurrence_is_related_to_that_one(world: World) -> None:
    ids, blas = course(world), world.crm.add_contact(BLAS)

    world.google.edit_as_user("series1_20270309T090000Z", attendees=guests(BLAS))
    world.sync()

    assert sorted(world.crm.contacts_of(crm_id) for crm_id in ids) == [[], [], [], [blas]]
    assert is_quiet(world.sync())


def test_every_activity_that_does_not_fit_is_counted(world: World) -> None:
    world.google.insert_as_user("series1", summary="🎉", recurrence=WEEKLY, **timed_body())

    assert world.sync().cut == 4
    assert world.sync().cut == 0


def test_transfer_of_series_changes_nothing_in_the_old_owner_s_google(world: World) -> None:
    course(world)
    world.crm.add_series(RULE, TUESDAYS, "Visit")
    settle(world)
    before = world.google.alive
    world.crm.transfer(USER_ID, COLLEAGUE_ID)

    assert is_quiet(world.sync())
    assert is_quiet(world.sync())
    assert world.google.alive == before


def test_transferred_series_stays_out_of_the_new_owner_s_google_until_saved(world: World) -> None:
    ids = world.crm.add_series(RULE, TUESDAYS, "Visit", owner_id=COLLEAGUE_ID)
    for crm_id in ids:
        world.crm.link_elsewhere(crm_id, COLLEAGUE_ID)
    world.crm.transfer(COLLEAGUE_ID, USER_ID)
    world.sync()
    assert (world.google.alive, set(world.parked.values())) == ({}, {Reason.TRANSFERRED.value})

    world.crm.edit(ids[0], subject="My visit")
    settle(world)

    assert world.summaries() == ["My visit"]


@pytest.mark.parametrize("is_away", [True, False], ids=["while away", "as it leaves"])
def test_edit_in_google_meets_an_occurrence_s_activity_when_it_comes_back(
    world: World, *, is_away: bool
) -> None:
    ids = course(world)
    world.crm.assign(ids[0], COLLEAGUE_ID)
    if is_away:
        settle(world)
    world.google.edit_as_user("series1_20270302T090000Z", summary="Course, first day")
    settle(world)
    assert world.crm.subjects(COLLEAGUE_ID) == ["Course"]

    world.crm.assign(ids[0], USER_ID)
    settle(world)

    assert world.crm.subjects() == ["Course", "Course", "Course", "Course, first day"]
    assert is_quiet(world.sync())


def test_rule_changed_while_an_occurrence_s_activity_was_away_moves_it_when_it_comes_back(
    world: World,
) -> None:
    ids = course(world)
    world.crm.assign(ids[0], COLLEAGUE_ID)
    settle(world)
    world.google.edit_as_user("series1", summary="Evening course")
    settle(world)

    world.crm.assign(ids[0], USER_ID)
    settle(world)

    assert world.crm.subjects() == ["Evening course"] * 4


def test_occurrence_that_vanishes_while_its_activity_is_away_is_made_again_when_it_comes_back(
    world: World,
) -> None:
    ids = course(world)
    world.crm.assign(ids[3], COLLEAGUE_ID)
    settle(world)
    world.google.edit_as_user("series1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    settle(world)
    world.crm.assign(ids[3], USER_ID)
    settle(world)
    alone = {i for i, event in world.google.alive.items() if not event.get("recurrence")}
    assert {link.google_id for link in world.live_links} == set(world.google.occurrences("series1")) | alone
    assert len(world.crm.rows()) == 4


def test_activity_is_given_away_as_its_occurrence_moves(world: World) -> None:
    """What is left of the series is this user's; the activity goes on without an event, and gets one when it is back."""
    ids = course(world)
    for crm_id in ids:
        world.crm.assign(crm_id, COLLEAGUE_ID)
    world.google.edit_as_user("series1", recurrence=None)
    settle(world)
    assert world.crm.subjects() == ["Course"]

    world.crm.assign(ids[0], USER_ID)
    settle(world)

    assert {link.google_id for link in world.live_links} == set(world.google.alive)
    assert len(world.crm.rows()) == len(world.google.alive) == 2
