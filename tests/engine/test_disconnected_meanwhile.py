"""Disconnecting, or choosing another calendar, while a run goes on: it stops at its next step and loses nothing it did."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from plugin.state import locks
from plugin.sync.views import CALENDAR, ConnectionStatus, RunStatus
from tests.engine.test_first_sync import timed
from tests.engine.test_thirteen_faults import is_quiet
from tests.installed import USER, Installed

TEAM = "team@group.calendar.google.com"
# One batch of inserts goes out whole; the second one doesn't go out any more.
MANY, BATCH = 70, 50


class Interrupting:
    """A `Quota` that has room for everything; before the request of that number, something happens."""

    def __init__(self, number: int, act: Callable[[], object]) -> None:
        self._left, self._act = number, act

    def take(self, units: int) -> float:
        del units
        self._left -= 1
        if self._left == 0:
            self._act()
        return 0.0

    def close(self, seconds: float) -> None:
        """See the port."""


def before_request(installed: Installed, number: int, act: Callable[[], object]) -> None:
    quota = Interrupting(number, act)
    installed.parts = replace(installed.parts, build_quota=lambda *_: quota)


def disconnect(installed: Installed) -> None:
    installed.parts.grants.disconnect(USER, CALENDAR)


def google_titles(installed: Installed) -> list[str]:
    return [event["summary"] for event in installed.events()]


def test_push_stops_before_the_next_batch_and_goes_on_after_reconnecting(installed: Installed) -> None:
    titles = sorted(f"Cita {number:02}" for number in range(MANY))
    for title in titles:
        installed.add_activity(title)
    # The listing is the first request, the batch that goes out the second.
    before_request(installed, 3, lambda: disconnect(installed))

    run = installed.sync()

    assert (run.status, run.error_code, run.google.created) == (RunStatus.FAILED, "disconnected", BATCH)
    assert len(installed.events()) == BATCH
    assert installed.parts.grants.connection(USER, CALENDAR).status is ConnectionStatus.NONE

    installed.connect()
    # At once: what was noted and never sent isn't asked about, and keeps nothing waiting.
    assert installed.sync(after_minutes=0).google.created == MANY - BATCH
    assert google_titles(installed) == titles
    assert is_quiet(installed.sync())


@pytest.mark.parametrize("number", [1, 2])
def test_whatever_step_it_stops_at_nothing_is_doubled_or_lost(installed: Installed, number: int) -> None:
    for title in ("Una", "Dos"):
        installed.add_activity(title)
    installed.google.edit("insert", body=timed("Tres"))
    installed.sync()
    installed.edit_activity(installed.activities()["Una"]["activityid"], location="Sala 2")
    installed.delete_activity(installed.activities()["Dos"]["activityid"])
    installed.google.edit("insert", body=timed("Cuatro"))
    installed.add_activity("Cinco")
    calm = installed.parts
    before_request(installed, number, lambda: disconnect(installed))

    assert installed.sync().error_code == "disconnected"
    installed.parts = calm
    installed.connect()
    installed.sync()

    wanted = sorted(["Una", "Tres", "Cuatro", "Cinco"])
    assert (google_titles(installed), sorted(installed.activities())) == (wanted, wanted)
    assert [event.get("location") for event in installed.events() if event["summary"] == "Una"] == ["Sala 2"]
    assert is_quiet(installed.sync())


def test_run_of_the_calendar_before_stops_when_another_is_chosen(installed: Installed) -> None:
    installed.google.add_calendar(TEAM, "Team")
    for number in range(MANY):
        installed.add_activity(f"Cita {number:02}")
    first = installed.pair_id
    before_request(installed, 3, lambda: installed.choose(TEAM))

    run = installed.sync()
    assert (run.pair_id, run.error_code) == (first, "disconnected")
    installed.sync()

    # What the first run brought to the old calendar rests there, the others go to the new one.
    assert (len(installed.events()), len(installed.events(TEAM))) == (BATCH, MANY - BATCH)


def test_pair_that_is_lost_and_out_of_use_stays_out_of_use(installed: Installed) -> None:
    installed.google.fault("events.list", status=404)
    before_request(installed, 1, lambda: disconnect(installed))
    assert installed.sync().error_code == "disconnected"
    assert installed.parts.grants.connection(USER, CALENDAR).status is ConnectionStatus.NONE


def test_lock_of_another_pair_of_the_account_holds(installed: Installed) -> None:
    lock = locks.acquire(installed.parts.engine, "sub", "one", 30, pair_id=installed.pair_id + 1)
    disconnect(installed)
    locks.check(installed.parts.engine, lock)
    with installed.parts.engine.begin() as connection:
        locks.fence(connection, lock)
