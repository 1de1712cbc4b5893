"""`make bench`: a table on the screen, the numbers in bench/results.json. `--only NAME` runs scenarios that begin so."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.installation import BenchGoogle, Installation, google_server
from bench.measure import Measured
from bench.scenarios import AIMS, Aim, all_scenarios
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
    _tell(COLUMNS)
    results: list[Measured] = []
    with temporary_folder("gsync-bench-") as folder:
        server, url = google_server(folder / "google", LATENCY_MS, PART_LATENCY_MS)
        with MariaDb(folder / "mariadb") as mariadb, Redis(folder / "redis") as redis, server:
            # As a CRM with 100,000 activities has it; 64 MB, the tests' own, would measure the disk.
            mariadb.execute(f"SET GLOBAL innodb_buffer_pool_size = {BUFFER_POOL_MB * 1024 * 1024}")
            google = BenchGoogle(url)
            for name, scenario in all_scenarios():
                if name.startswith(only):
                    google.control(
                        "POST", "latency", {"latency_ms": LATENCY_MS, "part_latency_ms": PART_LATENCY_MS}
                    )
                    there = Installation(folder, mariadb, redis, google)
                    results.append(scenario(there))
                    there.parts.engine.dispose()
                    _tell(_row(results[-1]))
                    for name, cost in sorted(results[-1].people_costs.items()):
                        print(f"  {name}: {cost}", flush=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    measured = {
        "measured": datetime.now(UTC).isoformat(),
        "machine": machine,
        "results": [r.as_json() for r in results],
    }
    RESULTS.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    return 0


def _row(done: Measured) -> tuple[str, ...]:
    values = (
        done.wall_s,
        done.cpu_s,
        done.requests,
        done.quota_units,
        done.sql,
        done.peak_mb,
        done.crm,
        done.google,
    )
    return (done.scenario, *(str(value) for value in values), _missed(done, AIMS.get(done.scenario, Aim())))


def _missed(done: Measured, aim: Aim) -> str:
    pairs = (("wall", done.wall_s, aim.wall_s), ("requests", done.requests, aim.requests))
    pairs += (("sql", done.sql, aim.sql), ("MB", done.peak_mb, aim.peak_mb))
    missed = [f"{name} > {limit}" for name, value, limit in pairs if limit is not None and value > limit]
    has_aim = any(limit is not None for _, _, limit in pairs)
    return ", ".join(missed) or ("met" if has_aim else "")


def _tell(row: tuple[str, ...]) -> None:
    first, *middle, last = row
    print(f"{first:<18}" + "".join(f"{value:>10}" for value in middle) + f"  {last}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
