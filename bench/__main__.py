"""`make bench`: a table on the screen, the numbers in bench/results.json. `--only NAME` runs scenarios that begin so."""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.aims import Aim, aims_of
from bench.installation import BenchGoogle, Installation, google_server
from bench.measure import Measured
from bench.scenarios import all_scenarios
from demo.servers import MariaDb, Redis, temporary_folder

RESULTS = Path(__file__).parent / "results.json"
LATENCY_MS, PART_LATENCY_MS = 100, 2
BUFFER_POOL_MB = 512
COLUMNS = ("scenario", "wall s", "cpu s", "requests", "units", "sql", "peak MB", "CRM", "Google", "aims")


def main() -> int:
    parser = argparse.ArgumentParser(description="Benchmarks of the synchronization.")
    parser.add_argument("--only", default="", metavar="NAME", help="scenarios whose name begins so")
    only = parser.parse_args().only
    os.environ["NO_PROXY"] = "*"
    # Between the rows of a table nobody wants to read that our tables were created.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    _tell(COLUMNS)
    results: dict[str, Measured] = {}
    aims: dict[str, list[Aim]] = {}
    for done in _measure(only):
        aims[done.scenario] = list(aims_of(done, results))
        results[done.scenario] = done
        _tell(_row(done, aims[done.scenario]))
        for name, cost in sorted(done.people_costs.items()):
            print(f"  {name}: {cost}", flush=True)
    _keep(results, aims)
    missed = [f"{name}: {aim.text}" for name, of in aims.items() for aim in of if not aim.is_met]
    print("\nMissed:", *missed, sep="\n  ") if missed else print("\nEvery aim is met.")
    return 0


def _measure(only: str) -> Iterator[Measured]:
    with temporary_folder("gsync-bench-") as folder:
        server, url = google_server(folder / "google", LATENCY_MS, PART_LATENCY_MS)
        with MariaDb(folder / "mariadb") as mariadb, Redis(folder / "redis") as redis, server:
            # As a CRM with 100,000 activities has it; 64 MB, the tests' own, would measure the disk.
            mariadb.execute(f"SET GLOBAL innodb_buffer_pool_size = {BUFFER_POOL_MB * 1024 * 1024}")
            google = BenchGoogle(url)
            for name, scenario in all_scenarios():
                if name.startswith(only):
                    there = Installation(folder, mariadb, redis, google)
                    yield scenario(there)
                    there.parts.engine.dispose()


def _keep(results: Mapping[str, Measured], aims: Mapping[str, Sequence[Aim]]) -> None:
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    measured = {
        "measured": datetime.now(UTC).isoformat(),
        "machine": machine,
        "results": [
            done.as_json() | {"aims": [str(aim) for aim in aims[name]]} for name, done in results.items()
        ],
    }
    RESULTS.write_text(json.dumps(measured, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _row(done: Measured, aims: Sequence[Aim]) -> tuple[str, ...]:
    numbers = (
        done.wall_s,
        done.cpu_s,
        done.requests,
        done.quota_units,
        done.sql,
        done.peak_mb,
        done.crm,
        done.google,
    )
    return (done.scenario, *map(str, numbers), "; ".join(map(str, aims)))


def _tell(row: tuple[str, ...]) -> None:
    first, *middle, last = row
    print(f"{first:<18}" + "".join(f"{value:>10}" for value in middle) + f"  {last}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
