"""Google's event isn't what we took it for: 412, 404, 409; rate limits and outages in the middle."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plugin.core.errors import (
    AlreadyExistsError,
    NotFoundError,
    RateLimitedError,
    StoreError,
    UnavailableError,
)
from plugin.core.model import Side
from tests.fakes.run import FakeRun
from tests.fakes.world import World, counts, is_quiet


@pytest.fixture
def linked(world: World) -> World:
    world.crm.add("Meeting")
    world.sync()
    world.sync()
    return world


def once(act: Callable[[], object]) -> Callable[[], None]:
    """Return a hook that acts the first time it is called."""
    acts = [act]

    def hook() -> None:
        if acts:
            acts.pop()()

    return hook


def just_before_google_is_written(world: World, act: Callable[[], object]) -> FakeRun:
    run = world.run()
    run.google.before_request = once(act)
    return run


# --- 412, 404, 409 ---


def test_event_edited_meanwhile_is_fetched_and_merged_in_the_same_run(linked: World) -> None:
    linked.crm.edit(linked.link.crm_id, subject="Edited in the CRM")
    google_id = linked.google_id
    run = just_before_google_is_written(
        linked, lambda: linked.google.edit_as_user(google_id, location="there")
    )

    linked.sync(run)

    assert (linked.event["summary"], linked.event["location"]) == ("Edited in the CRM", "there")
    assert linked.crm.row(linked.link.crm_id).location == "there"
    assert is_quiet(linked.sync())


def test_event_that_is_gone_at_the_patch_is_made_again(linked: World) -> None:
    linked.crm.edit(linked.link.crm_id, subject="Edited in the CRM")
    old_id = linked.google_id
    run = just_before_google_is_written(linked, lambda: linked.google.forget(old_id))

    linked.sync(run)

    assert linked.summaries() == ["Edited in the CRM"]
    assert linked.link.google_id == linked.google_id != old_id
    assert is_quiet(linked.sync())


def test_event_that_is_gone_at_the_delete_is_done(linked: World) -> None:
    linked.crm.delete(linked.link.crm_id)
    google_id = linked.google_id
    run = just_before_google_is_written(linked, lambda: linked.google.delete_as_user(google_id))

    assert counts(linked.sync(run), Side.GOOGLE) == (0, 0, 1)
    assert is_quiet(linked.sync())


def test_event_edited_meanwhile_that_can_t_be_fetched_waits(linked: World) -> None:
    linked.crm.edit(linked.link.crm_id, subject="Edited in the CRM")
    linked.google.fail("patch", NotFoundError("404"))
    linked.google.fail("get", UnavailableError("503"))

    with pytest.raises(UnavailableError):
        linked.sync()
    linked.sync()

    assert linked.summaries() == ["Edited in the CRM"]


def test_event_that_google_won_t_show_for_itself_alone_waits(linked: World) -> None:
    linked.crm.edit(linked.link.crm_id, subject="Edited in the CRM")
    linked.google.fail("patch", NotFoundError("404"))
    linked.google.fail("get", AlreadyExistsError("odd, but of one item only"))

    linked.sync()
    linked.sync()

    assert linked.summaries() == ["Edited in the CRM"]


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
def test_id_that_is_taken_is_asked_for_next_time(world: World, *, is_done: bool) -> None:
    world.crm.add("Meeting")
    world.google.fail("insert", AlreadyExistsError("409"), is_after_commit=is_done)

    assert counts(world.sync(), Side.GOOGLE) == (0, 0, 0)
    world.sync()

    assert (world.summaries(), len(world.links)) == (["Meeting"], 1)
    assert world.database.tables.intents == {}


# --- rate limits and outages in the middle ---


@pytest.mark.parametrize(
    "error", [RateLimitedError("429", 12), UnavailableError("503")], ids=["rate limit", "outage"]
)
def test_what_was_done_before_a_stop_is_remembered_and_the_rest_comes_next_time(
    world: World, error: StoreError
) -> None:
    world.google.max_batch = 10
    for number in range(35):
        world.crm.add(f"Meeting {number:02}")
    run = world.run()
    run.google.before_request = lambda: (
        world.google.fail("insert", error, times=1) if world.google.writes == 10 else None
    )

    with pytest.raises(type(error)):
        world.sync(run)
    assert len(world.live_links) == len(world.google.alive) == 19

    tally = world.sync()
    assert tally.google.created == 16
    assert len(world.google.alive) == len(world.live_links) == 35


def test_rate_limited_creates_are_sent_again_at_once(world: World) -> None:
    world.google.max_batch = 2
    for number in range(5):
        world.crm.add(f"Meeting {number}")
    world.google.fail("insert", RateLimitedError("429", 12), times=2)
    with pytest.raises(RateLimitedError):
        world.sync()
    world.wait(minutes=-15, seconds=12)

    assert world.sync().google.created == 5
