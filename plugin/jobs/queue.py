"""Asks for runs and tells about them. The run's row is the truth; an RQ job only says "look at this run".

A job may be lost or come twice: a run starts by a conditional update, so a second job finds nothing to do, and the
scheduler enqueues again what is due without a job (plugin/jobs/schedule.py).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job

from plugin.bootstrap import Parts
from plugin.core.errors import UnavailableError
from plugin.state.run_rows import RunResult
from plugin.sync.views import Progress, RunStatus, RunView

MANUAL, PLANNER = "manual", "planner"
TASK = "plugin.jobs.tasks.sync_pair"
# A first listing of a large calendar takes minutes; a hundred writes seconds.
JOB_TIMEOUT_S = 1800
log = logging.getLogger(__name__)


class QueueDownError(UnavailableError):
    """Redis doesn't answer, so no run can be asked for."""

    code = "redis"


class RunQueue:
    """The `Runs` that pages and jobs are given."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def request(self, pair_id: int, trigger: str) -> RunView:
        """Enqueue a run, or return the one already waiting or running. Raises QueueDownError without Redis."""
        run, is_new = self._parts.run_store.request(pair_id, trigger, self._parts.clock())
        if is_new:
            try:
                self.enqueue(run.run_id, trigger)
            except QueueDownError:
                failed = RunResult(RunStatus.FAILED, error_code=QueueDownError.code)
                self._parts.run_store.finish(run.run_id, failed, self._parts.clock())
                raise
        elif run.status is RunStatus.QUEUED:
            self._hurry(run, trigger)
        return self._with_progress(run)

    def check(self) -> None:
        """Raise QueueDownError if Redis doesn't answer."""
        try:
            self._parts.redis.ping()
        except RedisError as error:
            raise QueueDownError("Redis does not answer") from error

    def enqueue(self, run_id: int, trigger: str, attempts: int = 0) -> None:
        """Put a job for the run's next attempt into Redis. Raises QueueDownError."""
        name = self._queue_name(trigger)
        try:
            Queue(name, connection=self._parts.redis).enqueue(
                TASK,
                args=(run_id,),
                job_id=job_id(run_id, attempts, name),
                job_timeout=JOB_TIMEOUT_S,
                # Outcomes are kept in our own run history; a kept id would only be in the way.
                result_ttl=0,
                failure_ttl=3600,
                description=f"sync run {run_id}",
            )
        except RedisError as error:
            raise QueueDownError("Redis does not answer") from error

    def has_job(self, run_id: int, attempts: int, queues: Sequence[str] = ()) -> bool:
        """Tell whether a job for the run's next attempt waits, or has just been taken. Raises QueueDownError."""
        ids = [job_id(run_id, attempts, name) for name in queues or queue_names(self._parts)]
        try:
            jobs = Job.fetch_many(ids, connection=self._parts.redis)
        except RedisError as error:
            raise QueueDownError("Redis does not answer") from error
        return any(job is not None and self._will_run(job) for job in jobs)

    def _will_run(self, job: Job) -> bool:
        if not job.is_started:
            return not (job.is_failed or job.is_finished or job.is_stopped or job.is_canceled)
        # Its run would be running by now, had its worker not died between the two.
        taken_utc = job.started_at.replace(tzinfo=UTC) if job.started_at else None
        return taken_utc is not None and datetime.now(UTC) - taken_utc < timedelta(
            seconds=self._parts.timing.grace_s
        )

    def _hurry(self, run: RunView, trigger: str) -> None:
        # Somebody waits for it now. The planner's job for it may stay: whichever comes second finds nothing to do.
        attempts = self._parts.run_store.attempts(run.run_id)
        if not self.has_job(run.run_id, attempts, [self._queue_name(trigger)]):
            self.enqueue(run.run_id, trigger, attempts)

    def view(self, run_id: int) -> RunView | None:
        """Return a run with its progress."""
        run = self._parts.run_store.view(run_id)
        return None if run is None else self._with_progress(run)

    def latest(self, pair_id: int) -> RunView | None:
        """Return the newest run of the pair, with its progress."""
        run = self._parts.run_store.latest(pair_id)
        return None if run is None else self._with_progress(run)

    def history(self, crm_user_id: int | None, limit: int) -> Sequence[RunView]:
        """Return the newest runs, of one user or of all."""
        return self._parts.run_store.history(crm_user_id, limit)

    def _with_progress(self, run: RunView) -> RunView:
        if run.status is RunStatus.QUEUED:
            return replace(run, progress=Progress("waiting"))
        if run.status is not RunStatus.RUNNING:
            return run
        return replace(run, progress=load_progress(self._parts, run.run_id))

    def _queue_name(self, trigger: str) -> str:
        manual, planner = queue_names(self._parts)
        return planner if trigger == PLANNER else manual


def job_id(run_id: int, attempts: int, queue: str) -> str:
    """Return the RQ job id of a run's next attempt: never that of an earlier one, whose job may still lie about."""
    return f"{queue}-{run_id}-{attempts}"


def queue_names(parts: Parts) -> tuple[str, str]:
    """Return the queues in order of priority: somebody waits for a manual sync.

    Pairs and runs have the same numbers in every CRM, and several may use one Redis: what is asked for in one must not be
    done, or told, by another.
    """
    namespace = parts.settings.namespace
    return f"gsync-{namespace}-{MANUAL}", f"gsync-{namespace}-{PLANNER}"


def progress_key(parts: Parts, run_id: int) -> str:
    """Return the Redis key under which a run tells how far it is."""
    return f"gsync:{parts.settings.namespace}:progress:{run_id}"


def save_progress(parts: Parts, run_id: int, progress: Progress) -> None:
    """Tell how far the run is, to whoever watches. A Redis that doesn't answer costs the watcher, not the run."""
    values: dict[str | bytes, str | int] = {
        "phase": progress.phase,
        "done": progress.done,
        "total": progress.total,
    }
    try:
        with parts.redis.pipeline() as pipeline:
            key = progress_key(parts, run_id)
            pipeline.hset(key, mapping=values)  # type: ignore[arg-type] # its types want a value of any kind in each
            pipeline.expire(key, JOB_TIMEOUT_S)
            pipeline.execute()
    except RedisError as error:
        log.info("progress could not be told: %s", type(error).__name__)


def load_progress(parts: Parts, run_id: int) -> Progress | None:
    """Return how far the run is, None if nobody knows."""
    try:
        values = parts.redis.hgetall(progress_key(parts, run_id))
    except RedisError:
        return None
    if not values:
        return None
    texts = {key.decode(): value.decode() for key, value in values.items()}  # type: ignore[union-attr]
    return Progress(texts["phase"], int(texts["done"]), int(texts["total"]))
