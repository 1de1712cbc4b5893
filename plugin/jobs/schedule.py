"""The beat of the worker's main process: the planner's row, runs without a job, runs whose worker died, old history."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from plugin.bootstrap import Parts
from plugin.crm import planner
from plugin.jobs.queue import PLANNER, QueueDownError, RunQueue
from plugin.state import planner as memory_of
from plugin.state.planner import PlannerMemory
from plugin.state.runs import MAX_ATTEMPTS, RunResult
from plugin.sync.views import RunStatus

# A run that has only just started may not hold its lock yet.
START_GRACE = timedelta(seconds=10)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Pass:
    """A planner pass that begins: the start it goes by."""

    start: int


def tick(parts: Parts, queue: RunQueue) -> None:
    """Do what is due. Safe to be called by several processes at once."""
    tick_planner(parts, queue)
    requeue_lost(parts, queue)


def tick_planner(parts: Parts, queue: RunQueue) -> None:
    """Claim the planner's row when it is due, or see that the CRM's cron ran it, and ask for the connected users' runs."""
    task, now = parts.settings.planner_task, int(parts.clock().timestamp())
    with parts.engine.begin() as connection:
        begins = _look(parts, connection, task, now)
    if begins is None:
        return
    for pair_id in parts.pairs.active_pair_ids():
        try:
            queue.request(pair_id, PLANNER, begins.start)
        except QueueDownError:
            log.warning("Redis does not answer; the planner's runs wait for its next pass")
            return


def requeue_lost(parts: Parts, queue: RunQueue) -> None:
    """Give every due run a job, and every run whose worker died another attempt, or an end."""
    now = parts.clock()
    for run_id, attempts in parts.run_store.abandoned(now, START_GRACE):
        log.warning("run %s lost its worker (attempt %s)", run_id, attempts)
        if attempts < MAX_ATTEMPTS:
            parts.run_store.postpone(run_id, now, timedelta(0))
        else:
            parts.run_store.finish(run_id, RunResult(RunStatus.FAILED, error_code="lock_lost"), now)
    try:
        for run_id, trigger in parts.run_store.due(now):
            if not queue.has_job(run_id):
                queue.enqueue(run_id, trigger)
    except QueueDownError:
        log.warning("Redis does not answer; waiting runs stay in the database")


def sweep(parts: Parts) -> None:
    """Forget history older than GSYNC_HISTORY_DAYS."""
    parts.run_store.sweep(parts.clock() - timedelta(days=parts.settings.history_days))


def _look(parts: Parts, connection: sa.Connection, task: str, now: int) -> _Pass | None:
    row = planner.read(connection, task)
    if row is None:
        return None
    memory = memory_of.lock(connection, task, row.laststart)
    # Read again under our lock: another scheduler may have claimed the row between the two statements.
    row = planner.read(connection, task) or row
    memory = _end_open_pass(parts, connection, task, row, memory, now)
    begins: _Pass | None = None
    if row.status == planner.DISABLED:
        memory = replace(memory, laststart_seen=row.laststart)
    elif row.laststart != memory.laststart_seen:
        # The CRM's cron ran it. Had it raced with our own claim, the two starts would lie closer than a pass.
        is_new = row.laststart - memory.laststart_seen >= row.frequency - planner.TOLERANCE_S
        begins = _Pass(row.laststart) if is_new else None
        memory = replace(memory, laststart_seen=row.laststart)
    elif row.is_due(now) and planner.claim(connection, task, row, now):
        begins = _Pass(now)
        memory = PlannerMemory(laststart_seen=now, open_laststart=now)
    memory_of.save(connection, task, memory)
    return begins


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
    # A pass that has just been claimed asks for its runs after this transaction.
    if now > opened and parts.run_store.open_of_planner(opened) == 0:
        planner.finish(connection, task, opened, now)
        return replace(memory, open_laststart=None)
    return memory
