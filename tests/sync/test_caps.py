"""At most so many records per direction and run; what is left says so and comes next time."""

from __future__ import annotations

from plugin.core.model import Side
from plugin.sync import gather
from tests.builders import timed_body
from tests.fakes.world import World, counts, is_quiet


def fill(world: World, crm: int, google: int) -> None:
    for number in range(crm):
        world.crm.add(f"CRM {number:03}")
    for number in range(google):
        world.google.insert_as_user(f"google{number:03}", summary=f"Google {number:03}", **timed_body())


def test_more_than_a_hundred_on_both_sides_take_several_runs(world: World) -> None:
    fill(world, 130, 205)

    tallies = [world.sync() for _ in range(4)]

    assert [(t.crm.created, t.google.created) for t in tallies] == [(100, 100), (100, 30), (5, 0), (0, 0)]
    assert [(t.crm.has_more, t.google.has_more) for t in tallies] == [
        (True, True), (True, False), (False, False), (False, False),
    ]  # fmt: skip
    assert len(world.crm.rows()) == len(world.google.alive) == len(world.live_links) == 335


def test_exactly_a_hundred_leave_nothing(world: World) -> None:
    fill(world, 100, 100)

    tally = world.sync()

    assert (tally.crm.created, tally.google.created) == (100, 100)
    assert (tally.crm.has_more, tally.google.has_more) == (False, False)


def test_more_records_than_a_pass_looks_at_are_all_done(world: World) -> None:
    world.batch_size = 10_000
    fill(world, 3, gather.CHUNK + 50)

    tally = world.sync()

    assert counts(tally, Side.CRM)[0] == gather.CHUNK + 50
    assert not tally.crm.has_more
    assert is_quiet(world.sync())


def test_inbox_longer_than_a_pass_is_drained_run_by_run(world: World) -> None:
    world.batch_size = 1_000
    fill(world, 0, gather.CHUNK + 50)

    first, second = world.sync(), world.sync()

    assert (first.crm.created, first.crm.has_more) == (1_000, True)
    assert (second.crm.created, second.crm.has_more) == (50, False)
    assert len(world.google.listings) == 2


def test_edits_behind_more_held_deletions_than_a_pass_looks_at_still_flow(world: World) -> None:
    world.batch_size = 10_000
    fill(world, 0, gather.CHUNK + 50)
    world.sync()
    world.sync()
    for number in range(gather.CHUNK + 20):
        world.google.delete_as_user(f"google{number:03}")
    world.google.edit_as_user(f"google{gather.CHUNK + 40}", summary="Edited behind them")

    tally = world.sync()

    assert tally.held == gather.CHUNK + 20
    assert counts(tally, Side.CRM) == (0, 1, 0)
    assert "Edited behind them" in world.crm.subjects()


def test_calendar_larger_than_a_run_takes_is_looked_at_once(world: World) -> None:
    fill(world, 3, gather.CHUNK + 200)
    world.sync()
    run = world.run()

    tally = world.sync(run)

    assert (tally.crm.created, tally.crm.has_more, tally.google.has_more) == (100, True, False)
    assert [phase for phase, _, _ in run.reports].count("comparing") == 1
