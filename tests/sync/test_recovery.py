"""A create whose answer never came: neither lost nor doubled."""

from __future__ import annotations

import pytest

from plugin.core.errors import (
    NotFoundError,
    UnavailableError,
)
from tests.builders import timed_body
from tests.fakes.world import World, is_quiet


@pytest.fixture
def linked(world: World) -> World:
    world.crm.add("Meeting")
    world.sync()
    world.sync()
    return world


# --- answers that never came ---


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("kind", ["insert", "patch", "delete"])
def test_write_whose_answer_is_lost_is_neither_lost_nor_doubled(
    linked: World, kind: str, *, is_done: bool
) -> None:
    crm_id = linked.link.crm_id
    expected = {"insert": ["Meeting", "New"], "patch": ["Edited"], "delete": []}[kind]
    if kind == "insert":
        linked.crm.add("New")
    elif kind == "patch":
        linked.crm.edit(crm_id, subject="Edited")
    else:
        linked.crm.delete(crm_id)
    linked.google.fail(kind, UnavailableError("lost"), is_after_commit=is_done)

    with pytest.raises(UnavailableError):
        linked.sync()
    linked.sync()
    linked.sync()

    assert linked.summaries() == linked.crm.subjects() == expected


def test_create_that_may_still_be_on_its_way_is_not_sent_again(world: World) -> None:
    world.crm.add("Meeting")
    world.google.fail("insert", UnavailableError("lost"))
    with pytest.raises(UnavailableError):
        world.sync()
    world.wait(minutes=-15, seconds=30)

    world.sync()
    assert (world.summaries(), len(world.database.tables.intents)) == ([], 1)

    world.sync()
    assert world.summaries() == ["Meeting"]


def test_recreate_on_its_way_does_not_cost_the_edit_it_saves(linked: World) -> None:
    """The old event's tombstone is still in the inbox, and the CRM's side isn't looked at: that is no delete."""
    linked.crm.edit(linked.link.crm_id, subject="Still needed")
    linked.google.delete_as_user(linked.google_id)
    linked.google.fail("insert", UnavailableError("lost"))
    with pytest.raises(UnavailableError):
        linked.sync()
    linked.wait(minutes=-15, seconds=30)

    assert is_quiet(linked.sync())
    linked.sync()

    assert linked.crm.subjects() == linked.summaries() == ["Still needed"]


def test_create_that_can_t_be_asked_about_waits(world: World) -> None:
    world.crm.add("Meeting")
    world.google.fail("insert", UnavailableError("lost"), is_after_commit=True)
    with pytest.raises(UnavailableError):
        world.sync()
    world.google.fail("get", UnavailableError("lost again"))

    assert is_quiet(world.sync())
    world.sync()

    assert (world.summaries(), len(world.live_links)) == (["Meeting"], 1)


def lose_the_answer_of_a_create(world: World) -> None:
    world.google.fail("insert", UnavailableError("lost"), is_after_commit=True)
    with pytest.raises(UnavailableError):
        world.sync()


def test_edit_of_an_event_whose_create_was_never_answered_comes_into_the_crm(world: World) -> None:
    world.crm.add("Meeting")
    lose_the_answer_of_a_create(world)
    world.google.edit_as_user(world.google_id, summary="Edited in Google")

    world.sync()

    assert world.crm.subjects() == ["Edited in Google"]
    assert is_quiet(world.sync())


def test_delete_of_an_event_whose_create_was_never_answered_comes_into_the_crm(world: World) -> None:
    world.crm.add("Meeting")
    lose_the_answer_of_a_create(world)
    world.google.delete_as_user(world.google_id)

    world.sync()

    assert (world.crm.rows(), world.google.alive) == ({}, {})


def test_create_listed_before_it_is_recovered_is_no_stranger_for_good(world: World) -> None:
    world.crm.add("Meeting")
    lose_the_answer_of_a_create(world)
    world.wait(minutes=-15, seconds=10)
    world.google.fail("get", NotFoundError("not yet to be seen"))
    assert world.sync().parked == 1

    assert world.sync().parked == 0
    assert (len(world.live_links), world.database.tables.inbox) == (1, {})


def test_first_contact_leaves_alone_what_is_being_created(world: World) -> None:
    world.crm.add("Meeting")
    lose_the_answer_of_a_create(world)
    world.wait(minutes=-15, seconds=10)
    world.google.fail("get", NotFoundError("not yet to be seen"))
    world.google.insert_as_user("google1", summary="Meeting", **timed_body())
    world.google.expire_sync_tokens()
    world.sync()

    world.sync()

    assert len(world.live_links) == 2
    assert len(world.crm.rows()) == len(world.google.alive) == 2


def test_activity_restored_after_a_delete_nobody_heard_of_stays_and_gets_a_new_event(linked: World) -> None:
    """Our own tombstone is no wish of the user's."""
    crm_id, google_id = linked.link.crm_id, linked.google_id
    linked.crm.delete(crm_id)
    linked.google.fail("delete", UnavailableError("lost"), is_after_commit=True)
    with pytest.raises(UnavailableError):
        linked.sync()
    linked.crm.restore(crm_id)

    linked.sync()
    linked.sync()

    assert linked.summaries() == linked.crm.subjects() == ["Meeting"]
    assert linked.google_id != google_id
    assert linked.database.tables.intents == {}
