"""The CRM's own cron runs the planner's row: seen, and never run twice."""

import threading
import time
from pathlib import Path

from demo.crm.cron import run as run_crm_cron
from plugin.crm.planner import DISABLED, ENABLED
from plugin.jobs.queue import RunQueue
from plugin.jobs.schedule import enqueue_due, tick, tick_planner
from tests.installed import Installed
from tests.jobs.planned import at_once, change, now_s, row_of, runs_of, work_off


def crm_cron(installed: Installed, root: Path) -> None:
    """Run the CRM's cron. It has a clock of its own, which ours follows."""
    installed.clock.now = installed.clock.now.fromtimestamp(int(time.time()), installed.clock.now.tzinfo)
    assert run_crm_cron(installed.parts.engine, root) == 0


def test_row_that_the_crm_s_cron_ran_is_seen_once(enabled: Installed, queue: RunQueue, root: Path) -> None:
    change(enabled, status=DISABLED)
    tick(enabled.parts, queue)  # we know the row from before
    change(enabled, status=ENABLED)
    crm_cron(enabled, root)
    row = row_of(enabled)

    for _ in range(3):
        tick(enabled.parts, queue)

    assert len(runs_of(enabled)) == 1
    assert row_of(enabled) == row  # what the CRM wrote stays
    work_off(enabled)
    tick(enabled.parts, queue)
    assert row_of(enabled) == row


def test_both_kinds_at_once_never_run_a_pass_twice(enabled: Installed, queue: RunQueue, root: Path) -> None:
    change(enabled, status=DISABLED)
    tick(enabled.parts, queue)  # we know the row from before
    change(enabled, status=ENABLED)
    crons = [threading.Thread(target=crm_cron, args=(enabled, root)) for _ in range(2)]
    enabled.clock.now = enabled.clock.now.fromtimestamp(int(time.time()), enabled.clock.now.tzinfo)
    for thread in crons:
        thread.start()
    at_once(enabled, 3)
    for thread in crons:
        thread.join()

    for _ in range(3):
        tick(enabled.parts, queue)
        work_off(enabled)
        enabled.clock.advance(seconds=5)
    tick(enabled.parts, queue)

    assert len(runs_of(enabled)) == 1
    assert row_of(enabled)["status"] == ENABLED


def test_cron_a_moment_after_our_claim_adds_no_pass(enabled: Installed, queue: RunQueue) -> None:
    tick(enabled.parts, queue)
    work_off(enabled)
    # The CRM had read the row before we claimed it.
    change(enabled, status=ENABLED, laststart=now_s(enabled) + 2, lastend=now_s(enabled) + 2)
    enabled.clock.advance(seconds=5)
    tick(enabled.parts, queue)
    assert len(runs_of(enabled)) == 1


def test_first_sight_of_a_recent_start_begins_nothing(enabled: Installed, queue: RunQueue) -> None:
    change(enabled, laststart=now_s(enabled) - 100, lastend=now_s(enabled) - 90)
    tick(enabled.parts, queue)
    assert runs_of(enabled) == []


def test_first_sight_of_an_old_start_is_one_due_pass(enabled: Installed, queue: RunQueue) -> None:
    change(enabled, laststart=now_s(enabled) - 100_000, lastend=now_s(enabled) - 99_000)
    for _ in range(3):
        tick(enabled.parts, queue)
        work_off(enabled)
        enabled.clock.advance(seconds=5)
    assert len(runs_of(enabled)) == 1


def test_row_set_back_by_hand_is_due_again(enabled: Installed, queue: RunQueue) -> None:
    tick(enabled.parts, queue)
    work_off(enabled)
    tick(enabled.parts, queue)
    change(enabled, laststart=0, lastend=0)
    for _ in range(3):
        tick(enabled.parts, queue)
        work_off(enabled)
    assert len(runs_of(enabled)) == 2


def test_redis_down_keeps_the_pass_s_runs_for_later(enabled: Installed, queue: RunQueue) -> None:
    tick_planner(enabled.parts)
    enabled.parts.redis.flushall()
    enqueue_due(enabled.parts, queue)
    [run] = runs_of(enabled)
    assert queue.has_job(run["run_id"], 0)
