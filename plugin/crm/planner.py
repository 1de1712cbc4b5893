"""Our row in the CRM's planner (vtiger_cron_task), read and claimed as the CRM's own cron does (facts §10, crm_measured.md).

Status 0 is disabled, 1 enabled, 2 running; times are unix seconds. `due`: at least `frequency - 60` since the last start.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from plugin.core.errors import ConfigError
from plugin.crm import tables as t

DISABLED, ENABLED, RUNNING = 0, 1, 2
FREQUENCY_S = 900
TOLERANCE_S = 60
# Under the CRM's root; its cron refuses, and dies of, a file that is missing or elsewhere.
HANDLER_FILE = "cron/modules/GoogleSync/GoogleCalSync.service"
HANDLER_TEXT = """<?php
// The CRM's cron runs this file when the task is due. There is nothing for PHP to do here: the synchronization service
// sees in the planner that the task was started, and syncs the connected users.
"""


@dataclass(frozen=True, slots=True)
class PlannerRow:
    """The task as it stands; never started is 0."""

    status: int
    laststart: int
    frequency: int
    handler_file: str

    @property
    def interval_s(self) -> int:
        """How far two passes are apart at least; the CRM's cron itself comes once a minute at most."""
        return max(self.frequency - TOLERANCE_S, TOLERANCE_S)

    def is_due(self, now: int) -> bool:
        """Tell whether the CRM's own cron would run it now."""
        return self.status != DISABLED and now - self.laststart >= self.interval_s


def read(connection: sa.Connection, task: str) -> PlannerRow | None:
    """Return the task's row, None if there is none."""
    row = connection.execute(sa.select(t.cron_task).where(t.cron_task.c.name == task)).one_or_none()
    return None if row is None else _row(row)


def claim(connection: sa.Connection, task: str, seen: PlannerRow, now: int) -> bool:
    """Start the task as the CRM's cron would, unless somebody else did since `seen`; tell whether it was us."""
    claimed = connection.execute(
        sa.update(t.cron_task)
        .where(
            t.cron_task.c.name == task,
            t.cron_task.c.status != DISABLED,
            sa.func.coalesce(t.cron_task.c.laststart, 0) == seen.laststart,
        )
        .values(status=RUNNING, laststart=now, lastend=0)
    )
    return claimed.rowcount == 1


def finish(connection: sa.Connection, task: str, laststart: int, now: int) -> None:
    """End a pass that we claimed; an admin who disabled the task meanwhile has the last word."""
    connection.execute(
        sa.update(t.cron_task)
        .where(
            t.cron_task.c.name == task,
            t.cron_task.c.laststart == laststart,
            t.cron_task.c.status == RUNNING,
        )
        .values(status=ENABLED, lastend=now)
    )


def create(engine: sa.Engine, task: str, crm_root: Path | None) -> bool:
    """Put the task into the planner, disabled and last in sequence, with its handler file; tell whether it is there now.

    Without the CRM's root there is no file, so there is no row either. Raises ConfigError if the file can't be written.
    """
    with engine.connect() as connection:
        if read(connection, task) is not None:
            return True
    if crm_root is None:
        return False
    _write_handler(crm_root / HANDLER_FILE)
    last = sa.select(sa.func.coalesce(sa.func.max(t.cron_task.c.sequence), 0) + 1).scalar_subquery()
    values = {
        "name": task,
        "handler_file": HANDLER_FILE,
        "frequency": FREQUENCY_S,
        "status": DISABLED,
        "module": "Google",
        "description": "Recommended frequency for Google Calendar sync is 15 mins",
    }
    try:
        with engine.begin() as connection:
            sequence = connection.execute(sa.select(last)).scalar_one()
            connection.execute(sa.insert(t.cron_task).values(sequence=sequence, **values))
    except IntegrityError:
        # Another process of ours was first, or the task had another name before: name and handler file are unique.
        with engine.connect() as connection:
            if read(connection, task) is None:
                raise ConfigError([_other_name(connection, task)]) from None
    return True


def _other_name(connection: sa.Connection, task: str) -> str:
    query = sa.select(t.cron_task.c.name).where(t.cron_task.c.handler_file == HANDLER_FILE)
    name = connection.execute(query).scalar_one_or_none()
    return f"the planner knows our task as “{name}”, not “{task}”: set GSYNC_PLANNER_TASK to that name, or rename the row"


def can_have_handler(crm_root: Path) -> bool:
    """Tell whether the handler file is there or could be written."""
    path = crm_root / HANDLER_FILE
    if path.exists():
        return path.is_file()
    nearest = next(folder for folder in path.parents if folder.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK)


def _write_handler(path: Path) -> None:
    if path.is_file():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HANDLER_TEXT, encoding="utf-8")
        # PHP reads it as another user, whatever our umask is.
        path.parent.chmod(0o755)
        path.chmod(0o644)
    except OSError as error:
        raise ConfigError(
            [
                f"{path} can't be written ({error.strerror}): create it by hand, or let this service write there"
            ]
        ) from error


def _row(row: Any) -> PlannerRow:
    return PlannerRow(
        row.status or 0, row.laststart or 0, row.frequency or FREQUENCY_S, row.handler_file or ""
    )
