"""Worker processes and the forks that carry out their jobs: what is found out before the first fork, every fork inherits."""

from __future__ import annotations

import gc
import logging

from rq import Queue, Worker
from rq.job import Job
from sqlalchemy.exc import SQLAlchemyError

from plugin.bootstrap import Parts, begin_run, open_rehearsal
from plugin.bootstrap.transaction import translated
from plugin.core.errors import SyncError
from plugin.google.connection import discovery_document, tls_context
from plugin.jobs import tasks
from plugin.sync.memory_ports import Pair
from plugin.sync.ports import CrmUser
from plugin.sync.run import plan_run
from plugin.sync.views import CALENDAR

# Nothing has this id.
_NONE = -1
_NOBODY = CrmUser(_NONE, "", is_active=False, is_admin=False, language="", time_zone="UTC")
_NOBODYS_PAIR = Pair(_NONE, _NONE, _NONE, "", CALENDAR, "")
log = logging.getLogger(__name__)


def prepare_to_fork(parts: Parts) -> None:
    """Give a new process its parts, and let it have ready what jobs need: on a quiet machine, 40 ms of each."""
    # A connection of the parent, used from two processes, would mix up answers (facts §F.3).
    parts.engine.dispose(close=False)
    tasks.bind(parts)
    try:
        _rehearse(parts)
    except (SQLAlchemyError, SyncError) as error:
        known = translated(error) if isinstance(error, SQLAlchemyError) else error
        log.warning("the CRM's tables can't be looked at yet (%s); each job will try again", known)
    parts.engine.dispose()
    # Else the garbage collector of each fork would go through all that is here, and copy it: 130 ms, 30 MB.
    gc.collect()
    gc.freeze()


def _rehearse(parts: Parts) -> None:
    """Look at the CRM's tables, read what Google's client needs, and compile SQL, by a run of nobody's that writes nothing."""
    tls_context()
    discovery_document("calendar", "v3")
    discovery_document("people", "v1")
    with open_rehearsal(parts, _NOBODYS_PAIR, _NOBODY) as run:
        plan_run(run)
    begin_run(parts, _NONE)


class ForkSafeWorker(Worker):
    """RQ's worker; its work horse begins with connections of its own."""

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Fork the process that runs the job; it inherits what time it is."""
        tasks.bound().clock()
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run the job in the forked process."""
        tasks.forget_connections()
        super().main_work_horse(job, queue)
