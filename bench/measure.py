"""Measures one run as a user would feel it: from the request until the worker has committed everything."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.installation import Installation
from plugin.sync.views import RunStatus

# What a connection says before it works for the run: the drivers' and SQLAlchemy's set-up.
_SET_UP = re.compile(
    r"^(SET NAMES|SET AUTOCOMMIT|SET SESSION sql_mode|SELECT VERSION\(\)|SELECT DATABASE\(\)|SELECT @@|SHOW VARIABLES"
    r"|SET GLOBAL|SELECT CONNECTION_ID)",
    re.IGNORECASE,
)
_CONNECT = re.compile(r"^(?:\d{6}\s+[\d:]+)?\s*(\d+) Connect\t")
_QUERY = re.compile(r"^(?:\d{6}\s+[\d:]+)?\s*(\d+) Query\t(.*)$")
_PATIENCE_S = 900


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run took. `sql` counts the statements of the run's connections, less connection set-up.

    `cpu_s` is that of the worker and its fork, from the request on. `quota_units` are Calendar's; contacts have several quotas,
    of which `people_costs` tells. `serial_s` is what a serial client took for the same, where one was run beside.
    """

    scenario: str
    wall_s: float
    cpu_s: float
    requests: int
    quota_units: int
    sql: int
    peak_mb: float
    crm: int
    google: int
    people_costs: Mapping[str, int] = field(default_factory=dict)
    serial_s: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def measure(installation: Installation, scenario: str) -> Measured:
    """Carry out one run in a waiting worker and return what it took; raises RuntimeError if it fails."""
    worker = installation.start_worker()
    installation.google.forget_log()
    log = installation.start_query_log()
    begun_s = _cpu_s(worker)
    started = time.perf_counter()
    run = installation.request_run()
    watcher = installation.watch_until_ended(run.run_id, _PATIENCE_S)
    wall_s = time.perf_counter() - started
    installation.stop_query_log()
    done = installation.run(run.run_id)
    _, _, usage = os.wait4(worker, 0)
    if done.status is not RunStatus.DONE:
        raise RuntimeError(f"{scenario}: the run ended {done.status.value} ({done.error_code})")
    counters = installation.google.counters()
    return Measured(
        scenario=scenario,
        wall_s=round(wall_s, 3),
        cpu_s=round(usage.ru_utime + usage.ru_stime - begun_s, 3),
        requests=counters["requests"],
        quota_units=counters["units"],
        sql=_count(log, watcher),
        peak_mb=round(usage.ru_maxrss / 1024, 1),
        crm=done.crm.created + done.crm.updated + done.crm.deleted,
        google=done.google.created + done.google.updated + done.google.deleted,
        people_costs=counters["costs"],
    )


def _cpu_s(process: int) -> float:
    """Return what a process has used so far; its first field counts nanoseconds."""
    return int(Path(f"/proc/{process}/schedstat").read_text("ascii").split()[0]) / 1e9


def _count(log: Path, watcher: int) -> int:
    lines = log.read_text("utf-8", errors="replace").splitlines()
    # Connections older than the log are the benchmark's own.
    of_run = {int(found.group(1)) for line in lines if (found := _CONNECT.match(line))} - {watcher}
    queries = [found for line in lines if (found := _QUERY.match(line)) and int(found.group(1)) in of_run]
    return sum(1 for found in queries if not _SET_UP.match(found.group(2)))
