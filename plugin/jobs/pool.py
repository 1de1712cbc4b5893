"""A pool of RQ worker processes under one main process that keeps the scheduler's beat."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from datetime import timedelta
from multiprocessing.context import ForkProcess

from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job
from sqlalchemy.exc import SQLAlchemyError

from plugin.bootstrap import Parts
from plugin.core.errors import ConfigError, SyncError
from plugin.crm import planner
from plugin.extensions import connect_redis
from plugin.jobs import tasks
from plugin.jobs.queue import QUEUES, RunQueue
from plugin.jobs.schedule import sweep, tick

BEAT_S = 5.0
SWEEP_EVERY_S = timedelta(hours=6).total_seconds()
# RQ's defaults notice a dead worker after minutes only (facts/google_apis.md §F.2).
WORKER_TTL_S = 60
MAINTENANCE_S = 30
log = logging.getLogger(__name__)


class WorkerPool:
    """Starts workers, replaces those that die, and does what is due until it is stopped."""

    def __init__(self, parts: Parts, size: int) -> None:
        self._parts, self._size = parts, size
        self._stopping = threading.Event()
        self._children: list[ForkProcess] = []
        self._fork = multiprocessing.get_context("fork")

    def stop(self) -> None:
        """Let running jobs finish; asked a second time, end them."""
        number = signal.SIGTERM
        self._stopping.set()
        for child in self._children:
            if child.pid is not None and child.is_alive():
                os.kill(child.pid, number)

    def run(self) -> int:
        """Work until stopped; return the exit code."""
        queue = RunQueue(self._parts)
        last_sweep = 0.0
        is_prepared = False
        while not self._stopping.is_set():
            self._keep_size()
            try:
                is_prepared = is_prepared or self._prepare()
                tick(self._parts, queue)
                if time.monotonic() - last_sweep > SWEEP_EVERY_S:
                    last_sweep = time.monotonic()
                    sweep(self._parts)
            except (SQLAlchemyError, RedisError, SyncError) as error:
                # The beat goes on: a database that is being restarted must not end the service.
                log.warning("the scheduler could not do its work: %s", type(error).__name__, exc_info=True)
            self._stopping.wait(BEAT_S)
        for child in self._children:
            child.join()
        return 0

    def _prepare(self) -> bool:
        try:
            created = planner.create(
                self._parts.engine, self._parts.settings.planner_task, self._parts.settings.crm_root
            )
        except ConfigError as error:
            log.warning("the planner's task can't be created: %s", error)
            return True
        if not created:
            log.info("no planner task: give GSYNC_CRM_ROOT to have it created")
        return True

    def _keep_size(self) -> None:
        self._children = [child for child in self._children if child.is_alive()]
        while len(self._children) < self._size and not self._stopping.is_set():
            child = self._fork.Process(target=_work, args=(self._parts,), name="gsync-worker")
            child.start()
            self._children.append(child)


def _work(parts: Parts) -> None:
    # The pool's handlers belong to the main process; RQ installs its own.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    # A connection of the parent, used from two processes, would mix up answers (facts §F.3).
    parts.engine.dispose(close=False)
    tasks.bind(parts)
    try:
        # Looked at here once, not by each job anew.
        log.debug("the CRM's tables: %s", parts.schema)
    except (SQLAlchemyError, SyncError):
        log.warning("the CRM's tables can't be looked at yet; each job will try again")
    worker = ForkSafeWorker(
        list(QUEUES),
        connection=connect_redis(parts.settings.redis_url, timeout_s=WORKER_TTL_S + 30),
        worker_ttl=WORKER_TTL_S,
        maintenance_interval=MAINTENANCE_S,
        job_monitoring_interval=10,
    )
    worker.work(logging_level="WARNING")


class ForkSafeWorker(Worker):
    """RQ's worker; its work horse begins with connections of its own."""

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run the job in the forked process."""
        tasks.forget_connections()
        super().main_work_horse(job, queue)
