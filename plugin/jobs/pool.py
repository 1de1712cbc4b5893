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
from sqlalchemy.exc import SQLAlchemyError

from plugin.bootstrap import Parts
from plugin.bootstrap.transaction import translated
from plugin.core.errors import ConfigError, SyncError
from plugin.crm import planner
from plugin.extensions import connect_redis
from plugin.jobs.forking import ForkSafeWorker, prepare_to_fork
from plugin.jobs.queue import RunQueue, queue_names
from plugin.jobs.schedule import sweep, tick

SWEEP_EVERY_S = timedelta(hours=6).total_seconds()
# RQ's defaults notice a dead worker after minutes only (facts/google_apis.md §F.2).
WORKER_TTL_S = 60
MAINTENANCE_S = 30
PARENT_LOOK_S = 2.0
log = logging.getLogger(__name__)


class WorkerPool:
    """Starts workers, replaces those that die, and does what is due until it is stopped."""

    def __init__(self, parts: Parts, size: int) -> None:
        self._parts, self._size = parts, size
        self._stopping = threading.Event()
        self._children: list[ForkProcess] = []
        self._fork = multiprocessing.get_context("fork")
        self._is_prepared = False
        self._swept_at = -SWEEP_EVERY_S
        self._trouble = ""

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
        while not self._stopping.is_set():
            self._keep_size()
            self._beat(queue)
            self._stopping.wait(self._parts.timing.beat_s)
        for child in self._children:
            child.join()
        return 0

    def _beat(self, queue: RunQueue) -> None:
        try:
            self._is_prepared = self._is_prepared or self._prepare()
            tick(self._parts, queue)
            if time.monotonic() - self._swept_at > SWEEP_EVERY_S:
                sweep(self._parts)
                self._swept_at = time.monotonic()
        except (SQLAlchemyError, RedisError, SyncError) as error:
            # The beat goes on: a database that is being restarted must not end the service.
            self._note(error)
        else:
            if self._trouble:
                log.info("the scheduler works again")
            self._trouble = ""

    def _note(self, error: Exception) -> None:
        cause = str(translated(error) if isinstance(error, SQLAlchemyError) else error)
        # Said once, not with every beat.
        if cause != self._trouble:
            advice = "flask --app wsgi google doctor says what to do"
            log.warning("the scheduler could not do its work, and goes on trying (%s): %s", advice, cause)
            log.debug("the cause", exc_info=True)
        self._trouble = cause

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
            child = self._fork.Process(target=_work, args=(self._parts, os.getpid()), name="gsync-worker")
            child.start()
            self._children.append(child)


def _work(parts: Parts, pool_pid: int) -> None:
    # The pool's handlers belong to the main process; RQ installs its own.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(pool_pid,), daemon=True).start()
    prepare_to_fork(parts)
    try:
        worker = ForkSafeWorker(
            list(queue_names(parts)),
            connection=connect_redis(parts.settings.redis_url, timeout_s=WORKER_TTL_S + 30),
            worker_ttl=WORKER_TTL_S,
            maintenance_interval=MAINTENANCE_S,
            job_monitoring_interval=10,
        )
        worker.work(logging_level="WARNING")
    except RedisError as error:
        # The pool says what is the matter, and starts another with its next beat.
        log.debug("a worker could not begin: %s", type(error).__name__)


def _end_with(pool_pid: int) -> None:
    """Stop this worker, after its job, when its pool is gone: nobody else would."""
    while os.getppid() == pool_pid:
        time.sleep(PARENT_LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)
