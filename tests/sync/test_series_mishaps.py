"""Series and bad moments: what the state machine of series found, each as a story of its own."""

from __future__ import annotations

import contextlib

import pytest

from plugin.core.crm_rules import CrmRule
from plugin.core.model import Side
from tests.builders import timed_body
from tests.fakes.run import CrashError
from tests.fakes.world import World, counts, is_quiet

RULE = CrmRule("Weekly", 1, "Weekly::2")
TUESDAYS = ["2027-03-02", "2027-03-09", "2027-03-16", "2027-03-23"]


def settle(world: World, runs: int = 6) -> None:
    """Sync until nothing happens any more."""
    for _ in range(runs):
        if is_quiet(world.sync()):
            return
    raise AssertionError("it does not come to rest")


def titles(world: World) -> list[str]:
    """Return the titles of all that takes place in Google, sorted."""
    series = [i for i, event in world.google.alive.items() if event.get("recurrence")]
    return sorted(one["summary"] for i in series for one in world.google.occurrences(i).values())


@pytest.mark.parametrize("step", range(1, 12))
def test_edited_row_of_a_new_series_survives_a_death(world: World, step: int) -> None:
    """Once the death is mended nothing is reported any more: the difference has to be remembered as open."""
    ids = world.crm.add_series(RULE, TUESDAYS, "Visit")
    world.crm.edit(ids[2], subject="Visit to the plant")
    run = world.run()
    run.accidents.crash_at = step
    with contextlib.suppress(CrashError):
        world.sync(run)
    settle(world)
    settle(world)
    assert titles(world) == ["Visit", "Visit", "Visit", "Visit to the plant"]
