"""The lock is lost, the CRM changes under our hands, the process dies."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from plugin.core.errors import (
    LockLostError,
)
from tests.builders import timed_body
from tests.fakes.run import CrashError, FakeRun
from tests.fakes.world import World


@pytest.fixture
def linked(world: World) -> World:
    world.crm.add("Meeting")
    world.sync()
    world.sync()
    return world


def while_crm_is_written(world: World, act: Callable[[], object]) -> FakeRun:
    """Let somebody act between gather and the transaction that writes the CRM."""
    run = world.run()
    transactions: list[int] = []

    def hook() -> None:
        transactions.append(1)
        if len(transactions) == 2:  # after the one that takes the listing in and gathers
            act()

    run.before_transaction.append(hook)
    return run


# --- the lock ---


@pytest.mark.parametrize("step", range(1, 14))
def test_nothing_is_written_once_the_lock_is_lost(world: World, step: int) -> None:
    world.google.insert_as_user("google1", summary="From Google", **timed_body())
    world.crm.add("From the CRM")
    run = world.run()
    run.accidents.lose_lock_at = step
    at_refusal: list[object] = []
    run.accidents.before_refusal.append(lambda: at_refusal.append((world.crm.rows(), world.google.alive)))

    with contextlib.suppress(LockLostError):
        world.sync(run)

    assert all(at_that_time == (world.crm.rows(), world.google.alive) for at_that_time in at_refusal)
    world.sync()
    world.sync()
    assert world.crm.subjects() == world.summaries() == ["From Google", "From the CRM"]


def test_lock_lost_before_a_batch_stops_it(world: World) -> None:
    world.crm.add("Meeting")
    run = world.run()
    checks: list[int] = []

    def lose() -> None:
        checks.append(1)
        run.accidents.has_lock = False
        run.accidents.check()

    run.google.before_request = lose
    with pytest.raises(LockLostError):
        world.sync(run)

    assert (checks, world.google.operations) == ([1], [])


# --- the CRM changes meanwhile ---


@pytest.mark.parametrize("is_same_second", [True, False])
def test_activity_saved_between_look_and_write_is_not_overwritten(
    linked: World, *, is_same_second: bool
) -> None:
    crm_id, google_id = linked.link.crm_id, linked.google_id
    linked.google.edit_as_user(google_id, location="there")
    run = linked.run()
    if is_same_second:
        linked.wait(minutes=15)
        linked.crm.edit(crm_id, description="first")
        linked.wait(minutes=-15)
    run = while_crm_is_written(linked, lambda: linked.crm.edit(crm_id, subject="Saved just now"))

    tally = linked.sync(run)
    assert tally.crm.skipped == 1
    assert linked.crm.row(crm_id).location == ""

    linked.sync()
    assert (linked.event["summary"], linked.event["location"]) == ("Saved just now", "there")
    assert (linked.crm.row(crm_id).subject, linked.crm.row(crm_id).location) == ("Saved just now", "there")


def test_merge_of_both_sides_waits_as_a_whole_when_the_activity_was_saved_meanwhile(linked: World) -> None:
    crm_id, google_id = linked.link.crm_id, linked.google_id
    linked.google.edit_as_user(google_id, location="of Google")
    linked.crm.edit(crm_id, description="of CRM")
    run = while_crm_is_written(linked, lambda: linked.crm.edit(crm_id, subject="Saved just now"))

    linked.sync(run)
    linked.sync()

    row = linked.crm.row(crm_id)
    assert (row.subject, row.description, row.location) == ("Saved just now", "of CRM", "of Google")
    assert linked.event["location"] == "of Google"
    assert linked.event["description"] == "of CRM"


def test_activity_deleted_between_look_and_write_is_left_alone(linked: World) -> None:
    crm_id, google_id = linked.link.crm_id, linked.google_id
    linked.google.edit_as_user(google_id, location="there")
    run = while_crm_is_written(linked, lambda: linked.crm.delete(crm_id))

    linked.sync(run)
    linked.sync()

    assert linked.crm.row(crm_id).location == "there"
    assert linked.crm.subjects() == linked.summaries() == ["Meeting"]


# --- death ---


def test_death_leaves_no_half_transaction(world: World) -> None:
    world.google.insert_as_user("google1", summary="From Google", **timed_body())
    run = world.run()
    run.accidents.crash_at = 1
    with pytest.raises(CrashError):
        world.sync(run)

    assert (world.database.tables.inbox, world.links, world.crm.rows()) == ({}, [], {})


def test_in_flight_is_longer_than_a_request_may_take() -> None:
    from plugin.sync.recovered_updates import IN_FLIGHT

    assert timedelta(seconds=30) < IN_FLIGHT
