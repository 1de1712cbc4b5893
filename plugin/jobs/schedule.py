"""The beat of the worker's main process: the planner's row, runs without a job, runs whose worker died, old history."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from plugin.bootstrap import Parts
from plugin.crm import planner
from plugin.jobs.queue import RunQueue
from plugin.state import planner as memory_of
from plugin.state.planner import PlannerMemory
from plugin.state.run_rows import RunResult
from plugin.state.runs import MAX_ATTEMPTS
from plugin.sync.views import RunStatus

log = logging.getLogger(__name__)


def tick(parts: Parts, queue: RunQueue) -> None:
    """Do what is due. Safe to be called by several processes at once. Raises QueueDownError without Redis."""
    tick_planner(parts)
    take_back_abandoned(parts)
    enqueue_due(parts, queue)


def tick_planner(parts: Parts) -> None:
    """Claim the planner's row when it is due, or see that the CRM's cron ran it, and queue the connected users' runs."""
    task, now = parts.settings.planner_task, int(parts.clock().timestamp())
    with parts.engine.begin() as connection:
        row = planner.read(connection, task)
        if row is None:
            return
        memory_of.begin(connection, task, row.laststart)
    with parts.engine.begin() as connection:
        memory = memory_of.lock(connection, task)
        if (row := planner.read(connection, task)) is None:
            return
        memory, begins = _look(parts, connection, row, memory, now)
        memory_of.save(connection, task, memory)
        if begins is not None:
            # Together with the claim: whatever happens next, the pass has its runs, and they get their jobs.
            parts.run_store.request_for_planner(connection, _planned_pairs(parts), begins, parts.clock())


def take_back_abandoned(parts: Parts) -> None:
    """Give every run whose worker died another attempt, or an end."""
    now = parts.clock()
    for run_id, attempts in parts.run_store.abandoned(now, timedelta(seconds=parts.timing.grace_s)):
        log.warning("run %s lost its worker (attempt %s)", run_id, attempts)
        if attempts < MAX_ATTEMPTS:
            parts.run_store.postpone(run_id, attempts, now, timedelta(0))
        else:
            failed = RunResult(RunStatus.FAILED, error_code="lock_lost")
            parts.run_store.finish(run_id, failed, now, attempts)


def enqueue_due(parts: Parts, queue: RunQueue) -> None:
    """Give every run that is due a job, if it has none. Raises QueueDownError; the runs wait in the database."""
    queue.check()
    for run in parts.run_store.due(parts.clock()):
        if not queue.has_job(run.run_id, run.attempts):
            queue.enqueue(run.run_id, run.trigger, run.attempts)


def sweep(parts: Parts) -> None:
    """Forget history older than GSYNC_HISTORY_DAYS."""
    parts.run_store.sweep(parts.clock() - timedelta(days=parts.settings.history_days))


def _planned_pairs(parts: Parts) -> list[int]:
    pairs = parts.pairs.active_pairs()
    # A user who may not work in the CRM any more: nothing is read or written for them (design.md §5).
    active = parts.users.active_ids(sorted(set(pairs.values())))
    return [pair_id for pair_id, user_id in pairs.items() if user_id in active]


def _look(
    parts: Parts, connection: sa.Connection, row: planner.PlannerRow, memory: PlannerMemory, now: int
) -> tuple[PlannerMemory, int | None]:
    """Return what to remember, and the start of the pass that begins, if one does."""
    task = parts.settings.planner_task
    memory = _end_open_pass(parts, connection, task, row, memory, now)
    if row.status == planner.DISABLED:
        return replace(memory, laststart_seen=row.laststart), None
    if row.laststart != memory.laststart_seen:
        # The CRM's cron ran it. Had it raced with our own claim, the two starts would lie closer than a pass.
        is_new = row.laststart - memory.laststart_seen >= row.interval_s
        return replace(memory, laststart_seen=row.laststart), row.laststart if is_new else None
    if row.is_due(now) and planner.claim(connection, task, row, now):
        return PlannerMemory(laststart_seen=now, open_laststart=now), now
    return memory, None


def _end_open_pass(
    parts: Parts,
    connection: sa.Connection,
    task: str,
    row: planner.PlannerRow,
    memory: PlannerMemory,
    now: int,
) -> PlannerMemory:
    opened = memory.open_laststart
    if opened is None:
        return memory
    if row.laststart != opened:
        return replace(memory, open_laststart=None)
    if parts.run_store.open_of_planner(opened) == 0:
        planner.finish(connection, task, opened, now)
        return replace(memory, open_laststart=None)
    return memory
