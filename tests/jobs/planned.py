"""What the tests of the planner look at and do."""

import threading
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from plugin.jobs.schedule import tick_planner
from plugin.jobs.tasks import carry_out
from tests.installed import Installed

TASK = "SAI GoogleCalSync"
LATER = 900


def row_of(installed: Installed) -> Mapping[str, Any]:
    [row] = installed.rows("SELECT * FROM vtiger_cron_task WHERE name = :task", task=TASK)
    return row


def change(installed: Installed, **values: Any) -> None:
    columns = ", ".join(f"{name} = :{name}" for name in values)
    installed.execute(f"UPDATE vtiger_cron_task SET {columns} WHERE name = :task", task=TASK, **values)


def runs_of(installed: Installed) -> list[Mapping[str, Any]]:
    return installed.rows("SELECT * FROM gsync_runs ORDER BY run_id")


def now_s(installed: Installed) -> int:
    return int(installed.clock().timestamp())


def work_off(installed: Installed) -> None:
    for run in runs_of(installed):
        carry_out(installed.parts, run["run_id"])


def at_once(installed: Installed, count: int) -> None:
    """Let several schedulers look at the row at the same moment."""
    start, errors = threading.Barrier(count), []

    def look() -> None:
        start.wait()
        try:
            tick_planner(installed.parts)
        except sa.exc.SQLAlchemyError as error:
            errors.append(error)

    threads = [threading.Thread(target=look) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
