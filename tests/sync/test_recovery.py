"""A write whose answer never came: neither lost nor doubled, nor taken for somebody's edit."""

from __future__ import annotations

import contextlib
import itertools

import pytest

from plugin.core.errors import (
    NotFoundError,
    RateLimitedError,
    RefusedError,
    StoreError,
    UnavailableError,
    VersionMismatchError,
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


def test_delete_that_arrives_late_costs_no_activity_that_was_restored_meanwhile(linked: World) -> None:
    crm_id, google_id = linked.link.crm_id, linked.google_id
    linked.crm.delete(crm_id)
    linked.google.fail("delete", UnavailableError("lost"))
    with pytest.raises(UnavailableError):
        linked.sync()
    linked.wait(minutes=-15, seconds=30)
    linked.crm.restore(crm_id)
    assert is_quiet(linked.sync())
    linked.google.delete_as_user(google_id)

    linked.sync()
    linked.sync()

    assert linked.crm.subjects() == linked.summaries() == ["Meeting"]
    assert list(linked.crm.rows()) == [crm_id]


def test_delete_that_can_t_be_asked_about_costs_no_activity_that_was_restored_meanwhile(
    linked: World,
) -> None:
    linked.crm.delete(linked.link.crm_id)
    linked.google.fail("delete", UnavailableError("lost"), is_after_commit=True)
    with pytest.raises(UnavailableError):
        linked.sync()
    linked.crm.restore(linked.link.crm_id)
    linked.google.fail("get", UnavailableError("lost again"))

    assert is_quiet(linked.sync())
    linked.sync()
    linked.sync()

    assert linked.crm.subjects() == linked.summaries() == ["Meeting"]


def test_update_that_never_arrived_is_journalled_once_it_is_made(linked: World) -> None:
    linked.crm.edit(linked.link.crm_id, subject="Edited")
    linked.google.fail("patch", UnavailableError("lost"))
    with pytest.raises(UnavailableError):
        linked.sync()
    linked.google.edit_as_user(linked.google_id, location="there")

    linked.sync()
    linked.sync()

    assert (linked.event["summary"], linked.event["location"]) == ("Edited", "there")
    assert [entry.side for entry in linked.journal if entry.action == "update"] == ["crm", "google"]


def test_write_counts_as_on_its_way_from_its_own_sending_on(world: World) -> None:
    """Notes are made before the first batch; the last may go out much later."""
    for number in range(world.google.max_batch + 1):
        world.crm.add(f"Meeting {number}")
    run, sent = world.run(), itertools.count(1)

    def lose_the_second() -> None:
        if next(sent) == 2:
            world.wait(minutes=5)
            world.google.fail("insert", UnavailableError("lost"))

    run.google.before_request = lose_the_second
    with pytest.raises(UnavailableError):
        world.sync(run)
    world.wait(minutes=-15, seconds=30)

    world.sync()
    assert (len(world.google.alive), len(world.database.tables.intents)) == (50, 1)

    world.sync()
    assert len(world.google.alive) == 51


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


def test_create_listed_before_it_is_recovered_waits_and_is_no_stranger(world: World) -> None:
    world.crm.add("Meeting")
    lose_the_answer_of_a_create(world)
    world.wait(minutes=-15, seconds=10)
    world.google.fail("get", NotFoundError("not yet to be seen"))
    assert (world.sync().parked, len(world.crm.rows()), len(world.links)) == (0, 1, 0)

    world.sync()
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


# --- updates ---


def lose_the_answer_of_a_patch(world: World, *, is_done: bool = True, **fields: str) -> None:
    world.crm.edit(world.link.crm_id, **fields)
    world.google.fail("patch", UnavailableError("lost"), is_after_commit=is_done)
    with pytest.raises(UnavailableError):
        world.sync()
    assert len(world.database.tables.intents) == 1


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
def test_newer_edit_in_the_crm_survives_an_update_without_an_answer(linked: World, *, is_done: bool) -> None:
    """Google wins, but nobody edited there: what it holds is our own."""
    lose_the_answer_of_a_patch(linked, is_done=is_done, subject="Edited")
    linked.crm.edit(linked.link.crm_id, subject="Edited again")

    linked.sync()

    assert linked.crm.subjects() == linked.summaries() == ["Edited again"]
    assert [entry for entry in linked.journal if entry.lost] == []
    assert is_quiet(linked.sync())
    assert linked.database.tables.intents == {}


def test_newer_edit_in_google_survives_an_update_without_an_answer(linked: World) -> None:
    lose_the_answer_of_a_patch(linked, subject="Edited")
    linked.google.edit_as_user(linked.google_id, summary="Edited in Google")

    linked.sync()

    assert linked.crm.subjects() == linked.summaries() == ["Edited in Google"]
    assert is_quiet(linked.sync())


def test_newer_edits_on_both_sides_go_by_the_policy_after_an_update_without_an_answer(linked: World) -> None:
    lose_the_answer_of_a_patch(linked, subject="Edited", location="Room 1")
    linked.google.edit_as_user(linked.google_id, summary="Edited in Google")
    linked.crm.edit(linked.link.crm_id, subject="Edited again", location="Room 2")

    linked.sync()

    assert linked.crm.subjects() == linked.summaries() == ["Edited in Google"]
    assert linked.event["location"] == linked.crm.row(linked.link.crm_id).location == "Room 2"
    assert is_quiet(linked.sync())


def test_newer_edit_survives_when_the_crm_s_side_of_a_merge_was_written(linked: World) -> None:
    linked.google.edit_as_user(linked.google_id, location="of Google")
    lose_the_answer_of_a_patch(linked, subject="Edited")
    linked.crm.edit(linked.link.crm_id, subject="Edited again")

    linked.sync()

    row = linked.crm.row(linked.link.crm_id)
    assert (row.subject, row.location) == ("Edited again", "of Google")
    assert (linked.event["summary"], linked.event["location"]) == ("Edited again", "of Google")
    assert is_quiet(linked.sync())


def test_update_that_may_still_be_on_its_way_is_not_sent_again(linked: World) -> None:
    lose_the_answer_of_a_patch(linked, is_done=False, subject="Edited")
    linked.wait(minutes=-15, seconds=30)

    assert is_quiet(linked.sync())
    assert len(linked.database.tables.intents) == 1

    linked.sync()
    assert linked.summaries() == ["Edited"]


def test_update_that_can_t_be_asked_about_waits(linked: World) -> None:
    lose_the_answer_of_a_patch(linked, subject="Edited")
    linked.crm.edit(linked.link.crm_id, subject="Edited again")
    linked.google.fail("get", UnavailableError("lost again"))

    assert is_quiet(linked.sync())
    linked.sync()

    assert linked.crm.subjects() == linked.summaries() == ["Edited again"]


def test_event_deleted_after_an_update_without_an_answer_is_made_again_for_the_newer_edit(
    linked: World,
) -> None:
    lose_the_answer_of_a_patch(linked, subject="Edited")
    linked.google.delete_as_user(linked.google_id)
    linked.crm.edit(linked.link.crm_id, subject="Edited again")

    linked.sync()

    assert linked.crm.subjects() == linked.summaries() == ["Edited again"]
    assert linked.database.tables.intents == {}


def test_activity_deleted_after_an_update_without_an_answer_goes_from_google(linked: World) -> None:
    lose_the_answer_of_a_patch(linked, subject="Edited")
    linked.crm.delete(linked.link.crm_id)

    linked.sync()

    assert (linked.summaries(), linked.database.tables.intents) == ([], {})


def test_note_of_an_update_goes_with_its_link(linked: World) -> None:
    lose_the_answer_of_a_patch(linked, subject="Edited")
    linked.database.tables.links.clear()

    linked.sync()

    assert linked.database.tables.intents == {}


def test_event_that_can_t_be_read_any_more_is_set_aside_and_not_waited_for(linked: World) -> None:
    lose_the_answer_of_a_patch(linked, subject="Edited")
    linked.google.edit_as_user(linked.google_id, start={"dateTime": "some day"})

    linked.sync()

    assert set(linked.parked.values()) == {"unreadable"}
    assert linked.database.tables.intents == {}


@pytest.mark.parametrize(
    "error", [RateLimitedError("slow down"), VersionMismatchError("changed"), RefusedError("no", "no")]
)
def test_update_that_was_certainly_not_done_leaves_no_note(linked: World, error: StoreError) -> None:
    linked.crm.edit(linked.link.crm_id, subject="Edited")
    linked.google.fail("patch", error)

    with contextlib.suppress(RateLimitedError):
        linked.sync()

    assert linked.database.tables.intents == {}
