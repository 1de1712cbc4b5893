"""Notes of writes that may be on their way, and machines whose clocks differ: nothing is taken for lost too early."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plugin.bootstrap.clock import DatabaseClock
from plugin.jobs.tasks import carry_out
from plugin.sync.views import RunView
from tests.installed import Installed


class Killed(BaseException):
    """The process ends here."""


def die(_seconds: float) -> None:
    raise Killed


def start(installed: Installed) -> RunView:
    return installed.parts.run_store.request(installed.pair_id, "manual", installed.parts.clock())[0]


def killed(installed: Installed, sleep: Callable[[float], None] = die) -> None:
    """Carry out a run that dies when it has to wait for Google, and leave no trace of it but its notes."""
    installed.parts = replace(installed.parts, sleep=sleep)
    run = start(installed)
    with pytest.raises(Killed):
        carry_out(installed.parts, run.run_id)
    installed.parts = replace(installed.parts, sleep=lambda _: None)
    installed.execute("UPDATE gsync_runs SET status = 'failed', active_key = NULL")


def go_by(installed: Installed, hours_ahead: float) -> None:
    """Let the next runs be those of a machine whose own clock is wrong."""

    def own_utc() -> datetime:
        return datetime.now(UTC) + timedelta(hours=hours_ahead)

    clock = DatabaseClock(installed.parts.engine, own_utc)
    installed.parts = replace(installed.parts, clock=clock)


def notes(installed: Installed) -> list[datetime]:
    return [row["created_utc"] for row in installed.rows("SELECT created_utc FROM gsync_intents")]


def test_notes_of_a_later_batch_are_as_young_as_its_sending(installed: Installed) -> None:
    for number in range(60):
        installed.add_activity(f"Visita {number:02}")
    installed.google.fault("events.insert", nth=1, status=429, reason="rateLimitExceeded")
    installed.google.fault("events.insert", nth=55, status=429, reason="rateLimitExceeded")
    waits: list[float] = []

    def wait_long_and_die(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            raise Killed
        installed.clock.advance(minutes=5)

    begun = installed.clock().replace(tzinfo=None)
    killed(installed, wait_long_and_die)

    assert len(installed.links()) == 50
    assert notes(installed) == [begun + timedelta(minutes=5)] * 10


@pytest.mark.parametrize(("first", "second"), [(-3, 0), (0, 3), (3, -3), (-3, 3)])
def test_create_that_may_be_on_its_way_is_waited_for_whatever_the_machines_clocks_say(
    installed: Installed, first: float, second: float
) -> None:
    installed.add_activity("Visita")
    installed.google.fault("events.insert", nth=1, status=429, reason="rateLimitExceeded")
    go_by(installed, first)
    killed(installed)

    go_by(installed, second)
    run = start(installed)
    carry_out(installed.parts, run.run_id)

    assert len(notes(installed)) == 1
    assert installed.events() == []
