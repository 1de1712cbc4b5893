"""Google's quota ends a run half way: what is done is remembered, what wasn't sent leaves nothing behind."""

from __future__ import annotations

import pytest

from plugin.core.errors import QuotaPauseError, RateLimitedError, StoreError, UnavailableError
from plugin.sync.ports import EventOperation
from tests.builders import timed_body
from tests.fakes.run import FakeRun
from tests.fakes.world import World, is_quiet


def failing_run(world: World, passed: int, error: StoreError) -> FakeRun:
    """Return a run of which so many creates pass, and no more."""
    run, sent = world.run(), 0

    def count(_operation: EventOperation) -> None:
        nonlocal sent
        sent += 1
        if sent == passed + 1:
            world.google.fail("insert", error, times=50)

    world.google.before_write = count
    return run


@pytest.mark.parametrize("error", [QuotaPauseError("", 40), RateLimitedError()], ids=["pause", "refusal"])
@pytest.mark.parametrize("passed", [0, 50, 60], ids=["first batch", "second batch", "in a batch"])
def test_creates_that_were_not_carried_out_leave_no_intent(
    world: World, error: StoreError, passed: int
) -> None:
    for number in range(95):
        world.crm.add(f"CRM {number:03}")

    with pytest.raises(RateLimitedError):
        world.sync(failing_run(world, passed, error))

    assert len(world.live_links) == len(world.google.alive) == passed
    assert world.database.tables.intents == {}
    world.google._faults.clear()
    assert world.sync().google.created == 95 - passed
    assert len(world.google.alive) == len(world.live_links) == 95
    assert is_quiet(world.sync())


def test_creates_without_an_answer_keep_theirs_and_those_never_sent_don_t(world: World) -> None:
    for number in range(95):
        world.crm.add(f"CRM {number:03}")

    with pytest.raises(UnavailableError):
        world.sync(failing_run(world, 0, UnavailableError("lost")))

    assert len(world.database.tables.intents) == 50
    world.google._faults.clear()
    assert world.sync().google.created == 95
    assert len(world.google.alive) == 95


@pytest.fixture
def limited(world: World) -> World:
    """120 linked events, and a listing that is full and has none of them."""
    for number in range(120):
        world.google.insert_as_user(f"google{number:03}", summary=f"Meeting {number}", **timed_body())
    for _ in range(3):
        world.sync()
    assert len(world.live_links) == 120
    forget_all(world)
    return world


def forget_all(world: World) -> None:
    world.google.expire_sync_tokens()
    for number in range(120):
        world.google.forget(f"google{number:03}")


def sync_until_asked(world: World, room: int) -> int:
    """Run with room for so many batches of questions each; return how many questions it took."""
    asked: list[str] = []
    whole = world.google.fetch_records
    for _ in range(10):
        run, left = world.run(), room

        def fetch(google_ids: list[str]) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise QuotaPauseError("", 40)
            asked.extend(google_ids)
            return whole(google_ids)

        run.google.fetch_records = fetch  # type: ignore[method-assign, assignment]
        try:
            world.sync(run)
        except QuotaPauseError:
            continue
        finally:
            run.google.fetch_records = whole  # type: ignore[method-assign]
        return len(asked)
    raise AssertionError("asked for ever")


def test_missing_ones_are_asked_for_once_over_several_pauses(limited: World) -> None:
    assert sync_until_asked(limited, room=1) == 120

    # All are known to be gone: the brake holds them.
    assert len(limited.crm.rows()) == 120
    assert limited.sync().held == 120


def test_answers_of_an_earlier_token_loss_don_t_count_for_the_next(limited: World) -> None:
    sync_until_asked(limited, room=5)
    limited.sync()
    limited.google.expire_sync_tokens()

    assert sync_until_asked(limited, room=5) == 120
