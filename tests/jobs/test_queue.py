"""Asking for runs: one at a time for a pair, somebody who waits before the planner, nothing lost with Redis."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rq import Queue, SimpleWorker

from plugin.bootstrap import Parts
from plugin.extensions import connect_redis
from plugin.jobs import tasks
from plugin.jobs.queue import (
    MANUAL,
    PLANNER,
    QueueDownError,
    RunQueue,
    load_progress,
    queue_names,
    save_progress,
)
from plugin.jobs.schedule import enqueue_due, tick
from plugin.sync.views import Progress, RunStatus
from tests.installed import Installed


def waiting(installed: Installed) -> dict[str, int]:
    names = zip(("manual", "planner"), queue_names(installed.parts), strict=True)
    return {kind: len(Queue(name, connection=installed.parts.redis)) for kind, name in names}


def without_redis(installed: Installed) -> Parts:
    """The same parts with a Redis that nobody answers for."""
    parts = replace(installed.parts)
    parts.__dict__["redis"] = connect_redis("redis://127.0.0.1:1/0")
    return parts


def test_request_makes_a_run_with_a_job(installed: Installed, queue: RunQueue) -> None:
    run = queue.request(installed.pair_id, MANUAL)

    assert (run.status, run.progress) == (RunStatus.QUEUED, Progress("waiting"))
    assert waiting(installed) == {"manual": 1, "planner": 0}


def test_second_request_joins_the_waiting_run(installed: Installed, queue: RunQueue) -> None:
    first, second = queue.request(installed.pair_id, MANUAL), queue.request(installed.pair_id, MANUAL)

    assert second.run_id == first.run_id
    assert waiting(installed)["manual"] == 1


def test_second_request_joins_the_running_run(installed: Installed, queue: RunQueue) -> None:
    first = queue.request(installed.pair_id, MANUAL)
    installed.parts.run_store.start(first.run_id, installed.clock())

    second = queue.request(installed.pair_id, MANUAL)

    assert (second.run_id, second.status) == (first.run_id, RunStatus.RUNNING)
    assert waiting(installed)["manual"] == 1


def test_request_without_redis_fails_and_frees_the_pair(installed: Installed, queue: RunQueue) -> None:
    with pytest.raises(QueueDownError):
        RunQueue(without_redis(installed)).request(installed.pair_id, MANUAL)

    failed = queue.latest(installed.pair_id)
    assert failed is not None
    assert (failed.status, failed.error_code) == (RunStatus.FAILED, "redis")
    assert queue.request(installed.pair_id, MANUAL).run_id != failed.run_id


def test_joining_a_waiting_run_without_redis_says_so_and_keeps_it(
    installed: Installed, queue: RunQueue
) -> None:
    first = queue.request(installed.pair_id, MANUAL)

    with pytest.raises(QueueDownError):
        RunQueue(without_redis(installed)).request(installed.pair_id, MANUAL)

    run = queue.view(first.run_id)
    assert run is not None
    assert run.status is RunStatus.QUEUED


def test_click_on_a_run_of_the_planner_s_moves_it_to_the_front(installed: Installed, queue: RunQueue) -> None:
    run, _ = installed.parts.run_store.request(installed.pair_id, PLANNER, installed.clock())
    enqueue_due(installed.parts, queue)

    joined = queue.request(installed.pair_id, MANUAL)
    work_off(installed)

    assert joined.run_id == run.run_id
    assert attempts(installed, run.run_id) == 1
    assert waiting(installed) == {"manual": 0, "planner": 0}


def test_manual_runs_come_before_the_planner_s(installed: Installed, queue: RunQueue) -> None:
    queue.enqueue(41, PLANNER)
    queue.enqueue(42, MANUAL)

    taken = Queue.dequeue_any(
        [Queue(name, connection=installed.parts.redis) for name in queue_names(installed.parts)],
        None,
        installed.parts.redis,
    )

    assert taken is not None
    assert taken[0].args == (42,)


def test_progress_is_read_as_it_was_told(installed: Installed, queue: RunQueue) -> None:
    run = queue.request(installed.pair_id, MANUAL)
    installed.parts.run_store.start(run.run_id, installed.clock())
    save_progress(installed.parts, run.run_id, Progress("google", 7, 60))

    seen = queue.view(run.run_id)

    assert seen is not None
    assert seen.progress == Progress("google", 7, 60)


def test_progress_without_redis_is_unknown_and_stops_nothing(installed: Installed) -> None:
    parts = without_redis(installed)
    save_progress(parts, 1, Progress("crm", 1, 2))
    assert load_progress(parts, 1) is None


def test_job_that_comes_twice_does_nothing_the_second_time(installed: Installed, queue: RunQueue) -> None:
    installed.add_activity("Visita")
    run = queue.request(installed.pair_id, MANUAL)
    tasks.carry_out(installed.parts, run.run_id)
    first = queue.view(run.run_id)

    tasks.carry_out(installed.parts, run.run_id)

    assert first is not None
    assert first.google.created == 1
    assert queue.view(run.run_id) == first
    assert len(installed.events()) == 1


def test_job_of_an_unknown_run_does_nothing(installed: Installed) -> None:
    installed.add_activity("Visita")

    tasks.carry_out(installed.parts, 987654)

    assert installed.rows("SELECT * FROM gsync_runs") == []
    assert installed.rows("SELECT * FROM gsync_locks") == []
    assert installed.events() == []


def test_lost_job_is_enqueued_again(installed: Installed, queue: RunQueue) -> None:
    queue.request(installed.pair_id, MANUAL)
    installed.parts.redis.flushall()

    tick(installed.parts, queue)
    tick(installed.parts, queue)

    assert waiting(installed)["manual"] == 1


def test_job_whose_worker_died_before_the_run_began_is_enqueued_again(
    installed: Installed, queue: RunQueue
) -> None:
    run = queue.request(installed.pair_id, MANUAL)
    taken = Queue.dequeue_any(
        [Queue(queue_names(installed.parts)[0], connection=installed.parts.redis)],
        None,
        installed.parts.redis,
    )
    assert taken is not None
    taken[0].set_status("started")
    taken[0].started_at = installed.clock() - timedelta(minutes=2)
    taken[0].save()

    tick(installed.parts, queue)

    assert queue.has_job(run.run_id, 0)
    assert waiting(installed)["manual"] == 1


def test_real_worker_carries_out_what_was_asked_for(installed: Installed, queue: RunQueue) -> None:
    installed.add_activity("Visita")
    run = queue.request(installed.pair_id, MANUAL)

    work_off(installed)

    done = queue.view(run.run_id)
    assert done is not None
    assert (done.status, done.google.created, done.progress) == (RunStatus.DONE, 1, None)
    # Outcomes are kept in the run history; nothing stays in Redis but the last progress.
    assert not queue.has_job(run.run_id, 0)


def work_off(installed: Installed) -> None:
    tasks.bind(installed.parts)
    queues = [Queue(name, connection=installed.parts.redis) for name in queue_names(installed.parts)]
    SimpleWorker(queues, connection=installed.parts.redis).work(burst=True, logging_level="WARNING")


def attempts(installed: Installed, run_id: int) -> int:
    return installed.parts.run_store.attempts(run_id)
