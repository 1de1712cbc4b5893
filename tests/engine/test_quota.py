"""A run that needs more of Google's quota than there is: it waits its turn, attempt after attempt, and ends as if it hadn't."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest

from demo.servers import MariaDb
from plugin.google.quota import Limits, RedisQuota
from plugin.jobs.queue import MANUAL, RunQueue
from plugin.jobs.schedule import tick
from plugin.jobs.tasks import carry_out
from plugin.state.runs import MAX_ATTEMPTS
from plugin.sync.views import Progress, RunStatus, RunView
from tests.engine.test_first_sync import timed
from tests.installed import Installed, install
from tests.simulated_google import SimulatedGoogle

# Two batches of inserts and some more, or one of patches.
LIMIT = 160


@pytest.fixture
def installed(mariadb: MariaDb, redis_url: str, google: SimulatedGoogle) -> Iterator[Installed]:
    """A connected user and plenty of quota; the minute is that of the tests' clock."""
    with_plugin = install(mariadb, google, GSYNC_REDIS_URL=redis_url, GSYNC_BATCH_SIZE="500")
    with_plugin.connect()
    yield with_plugin
    with_plugin.close()


def limit_quota(installed: Installed, account: int) -> None:
    quota = partial(RedisQuota, limits=Limits(account), clock=lambda: installed.clock().timestamp())
    installed.parts = replace(installed.parts, build_quota=quota)


def begin(installed: Installed) -> int:
    installed.clock.advance(minutes=15)
    return installed.parts.run_store.request(installed.pair_id, MANUAL, installed.clock())[0].run_id


def seen(installed: Installed, run_id: int) -> RunView:
    run = installed.parts.run_store.view(run_id)
    assert run is not None
    return run


def sync_with_pauses(installed: Installed) -> tuple[RunView, int]:
    """Carry out a run to its end, each attempt when its time has come; return how many it took."""
    run_id = begin(installed)
    for attempt in range(1, 50):
        carry_out(installed.parts, run_id)
        if (run := seen(installed, run_id)).status is not RunStatus.QUEUED:
            return run, attempt
        installed.clock.advance(seconds=80)
    raise AssertionError("the run never ends")


def cost(installed: Installed, run: RunView) -> Mapping[str, Any]:
    [row] = installed.rows(
        "SELECT google_requests, quota_units FROM gsync_runs WHERE run_id = :r", r=run.run_id
    )
    return row


def writes(installed: Installed) -> dict[str, int]:
    return {
        name: n
        for name, n in installed.google.calls().items()
        if name.startswith("events.") and name != "events.list"
    }


def test_hundreds_of_creates_and_edits_go_on_over_many_attempts(installed: Installed) -> None:
    ids = [installed.add_activity(f"Visita {number:03}") for number in range(220)]
    limit_quota(installed, LIMIT)

    created, attempts = sync_with_pauses(installed)

    assert (created.status, created.error_code) == (RunStatus.DONE, "")
    assert (created.google.created, attempts) == (220, 2)
    # Nothing was sent twice or asked for, and the cost of all attempts is known.
    assert writes(installed) == {"events.insert": 220}
    assert cost(installed, created) == {"google_requests": 5 + attempts, "quota_units": 220 + attempts}

    for crm_id in ids:
        installed.edit_activity(crm_id, location="Otra sala")
    edited, attempts = sync_with_pauses(installed)

    assert (edited.status, edited.google.updated) == (RunStatus.DONE, 220)
    assert attempts == 5 > MAX_ATTEMPTS
    assert writes(installed) == {"events.insert": 220, "events.patch": 220}
    assert cost(installed, edited) == {"google_requests": 5 + attempts, "quota_units": 660 + attempts}
    # The same end as without any limit: one event each, and nothing left to do.
    assert [e["summary"] for e in installed.events()] == [f"Visita {number:03}" for number in range(220)]
    assert {e["location"] for e in installed.events()} == {"Otra sala"}
    assert len(installed.links()) == 220
    assert installed.rows("SELECT * FROM gsync_intents") == []
    quiet = installed.sync()
    assert quiet.crm.is_nothing and quiet.google.is_nothing


def test_cap_holds_for_the_run_and_not_for_each_attempt(
    mariadb: MariaDb, redis_url: str, google: SimulatedGoogle
) -> None:
    installed = install(mariadb, google, GSYNC_REDIS_URL=redis_url, GSYNC_BATCH_SIZE="70")
    installed.connect()
    for number in range(90):
        installed.add_activity(f"Visita {number:03}")
    limit_quota(installed, 60)

    run, attempts = sync_with_pauses(installed)

    assert (run.google.created, run.google.has_more, attempts) == (70, True, 2)
    installed.close()


def test_google_is_never_asked_for_more_than_the_limit(installed: Installed) -> None:
    for number in range(120):
        installed.add_activity(f"Visita {number:03}")
    limit_quota(installed, 60)
    # Should ours let too much through, Google would refuse.
    run_id = begin(installed)
    carry_out(installed.parts, run_id)

    assert len(installed.events()) == 50
    assert cost(installed, seen(installed, run_id)) == {"google_requests": 2, "quota_units": 51}


def test_user_who_clicks_meanwhile_sees_the_run_waiting(installed: Installed) -> None:
    for number in range(60):
        installed.add_activity(f"Visita {number:03}")
    limit_quota(installed, 55)
    queue = RunQueue(installed.parts)
    installed.clock.advance(minutes=15)
    run_id = queue.request(installed.pair_id, MANUAL).run_id
    carry_out(installed.parts, run_id)

    clicked = queue.request(installed.pair_id, MANUAL)

    assert (clicked.run_id, clicked.status) == (run_id, RunStatus.QUEUED)
    assert clicked.progress == Progress("waiting")
    assert (clicked.google.created, clicked.error_code) == (50, "")
    # Its job comes too early and finds nothing to do; the worker's beat takes the run up when there is quota again.
    carry_out(installed.parts, run_id)
    assert seen(installed, run_id).status is RunStatus.QUEUED
    installed.clock.advance(seconds=80)
    tick(installed.parts, queue)
    assert queue.has_job(run_id, installed.parts.run_store.attempts(run_id))
    carry_out(installed.parts, run_id)
    assert seen(installed, run_id).google.created == 60


def test_pause_between_the_questions_after_a_moved_limit_loses_no_answer(installed: Installed) -> None:
    for number in range(120):
        installed.google.edit("insert", body=timed(f"Cita {number:03}"))
    installed.sync()
    installed.execute("UPDATE gsync_pairs SET sync_from = :day", day=date(2028, 1, 1))
    limit_quota(installed, 60)

    run, attempts = sync_with_pauses(installed)

    assert (run.status, attempts) == (RunStatus.DONE, 3)
    assert writes(installed) == {"events.get": 120}
    assert run.crm.is_nothing and len(installed.activities()) == 120


def test_refusals_by_google_end_a_run_that_gets_nothing_done_but_not_one_that_does(
    installed: Installed,
) -> None:
    for number in range(120):
        installed.add_activity(f"Visita {number:03}")
    limit_quota(installed, 600)
    # Others use the quota too: Google itself refuses, again and again.
    installed.google.fault("events.insert", nth=60, times=1000, status=429, retry_after=20)

    run_id = begin(installed)
    carry_out(installed.parts, run_id)

    run = seen(installed, run_id)
    assert (run.status, run.google.created) == (RunStatus.QUEUED, 59)
    assert installed.parts.run_store.attempts(run_id) == 0
    for _ in range(MAX_ATTEMPTS):
        installed.clock.advance(seconds=80)
        carry_out(installed.parts, run_id)
    run = seen(installed, run_id)
    assert (run.status, run.error_code, run.google.created) == (RunStatus.FAILED, "rate_limited", 59)
    assert len(installed.events()) == 59
    # Nothing is doubled when there is quota again.
    installed.google.control("DELETE", "faults")
    assert installed.sync().google.created == 61
    assert len(installed.events()) == len(installed.links()) == 120


def test_abuse_guard_keeps_the_account_from_asking_for_an_hour(installed: Installed) -> None:
    limit_quota(installed, 600)
    installed.google.fault("events.list", status=403, reason="quotaExceeded", times=1)

    first = installed.sync()
    asked = len(installed.google.requests("events.list"))
    second = installed.sync()

    assert [run.error_code for run in (first, second)] == ["long_pause"] * 2
    assert len(installed.google.requests("events.list")) == asked
    installed.clock.advance(hours=1)
    assert installed.sync().status is RunStatus.DONE
