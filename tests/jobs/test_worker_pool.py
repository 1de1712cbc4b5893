"""The real pool of worker processes, left in peace, asked to end, and killed in the middle of a sync."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rq import Worker

from demo.servers import PythonServer
from plugin.jobs.queue import MANUAL, RunQueue
from plugin.sync.views import RunStatus, RunView
from tests.installed import Installed

MANY = 60  # on each side: more than one batch
PATIENCE_S = 40.0


@contextmanager
def pool_of(installed: Installed, folder: Path, *arguments: str) -> Iterator[PythonServer]:
    with PythonServer(
        folder, arguments or ["-m", "tests.jobs.impatient_worker"], environ=_environ(installed)
    ) as pool:
        wait_for(lambda: Worker.count(connection=installed.parts.redis) > 0, pool)
        yield pool


def wait_for(is_so: Callable[[], Any], pool: PythonServer, patience_s: float = PATIENCE_S) -> Any:
    """Return what `is_so` says once it is something."""
    deadline = time.monotonic() + patience_s
    while not (answer := is_so()):
        if time.monotonic() > deadline:
            raise pool.failure(f"did not come so far within {patience_s:.0f} s")
        time.sleep(0.05)
    return answer


def ended(queue: RunQueue, run_id: int, pool: PythonServer) -> RunView:
    def run() -> RunView:
        found = queue.view(run_id)
        assert found is not None
        return found

    wait_for(lambda: run().status in {RunStatus.DONE, RunStatus.FAILED}, pool)
    return run()


def busy_horse(installed: Installed) -> int | None:
    """Return the process that carries the job out."""
    for worker in Worker.all(connection=installed.parts.redis):
        job = worker.get_current_job()
        if job is not None and worker.pid is not None:
            children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
            return int(children[0]) if children else None
    return None


def fill_both_sides(installed: Installed) -> None:
    """Put so much on both sides that the run can be met in its middle."""
    for number in range(MANY):
        installed.add_activity(f"CRM {number:02}")
        day = f"2027-03-{number % 28 + 1:02}"
        body = {
            "summary": f"Google {number:02}",
            "start": {"dateTime": f"{day}T10:00:00+01:00"},
            "end": {"dateTime": f"{day}T11:00:00+01:00"},
        }
        installed.google.edit("insert", body=body)


def assert_all_arrived_once(installed: Installed) -> None:
    """Whatever is still in doubt is settled by runs a quarter of an hour later; then both sides hold all, once."""
    for _ in range(2):
        assert installed.sync().status is RunStatus.DONE
    wanted = sorted(f"{side} {number:02}" for side in ("CRM", "Google") for number in range(MANY))
    assert sorted(event["summary"] for event in installed.events()) == wanted
    assert sorted(installed.activities()) == wanted  # which itself refuses doubles
    assert len(installed.links()) == len(wanted)
    assert installed.rows("SELECT * FROM gsync_intents") == []


def count(installed: Installed, table: str) -> int:
    [row] = installed.rows(f"SELECT COUNT(*) AS found FROM {table}")
    found: int = row["found"]
    return found


def slow(installed: Installed, part_latency_ms: float) -> None:
    installed.google.control("POST", "latency", {"part_latency_ms": part_latency_ms})


@pytest.fixture(autouse=True)
def quick_again(installed: Installed) -> Iterator[None]:
    yield
    slow(installed, 0)


def test_pool_carries_out_a_click_and_ends_when_asked(
    installed: Installed, queue: RunQueue, tmp_path: Path
) -> None:
    installed.add_activity("Visita")
    with pool_of(installed, tmp_path / "pool", "worker.py", "--workers", "1") as pool:
        done = ended(queue, queue.request(installed.pair_id, MANUAL).run_id, pool)
        assert (done.status, done.google.created) == (RunStatus.DONE, 1)

        assert pool.process is not None
        pool.process.send_signal(signal.SIGTERM)
        assert pool.process.wait(10) == 0
    assert Worker.count(connection=installed.parts.redis) == 0
    assert "Traceback" not in pool.log_tail(1000)


def test_asked_to_end_the_pool_lets_its_job_finish(
    installed: Installed, queue: RunQueue, tmp_path: Path
) -> None:
    fill_both_sides(installed)
    slow(installed, 40)
    with pool_of(installed, tmp_path / "pool") as pool:
        run_id = queue.request(installed.pair_id, MANUAL).run_id
        wait_for(lambda: count(installed, "gsync_intents"), pool)
        assert pool.process is not None
        pool.process.send_signal(signal.SIGTERM)
        assert pool.process.wait(PATIENCE_S) == 0

    run = queue.view(run_id)
    assert run is not None
    assert (run.status, run.crm.created, run.google.created) == (RunStatus.DONE, MANY, MANY)


def test_killed_work_horse_s_run_is_taken_up_again(
    installed: Installed, queue: RunQueue, tmp_path: Path
) -> None:
    fill_both_sides(installed)
    slow(installed, 40)
    with pool_of(installed, tmp_path / "pool") as pool:
        run_id = queue.request(installed.pair_id, MANUAL).run_id
        horse = wait_for(lambda: busy_horse(installed), pool)
        # The batch is on its way: Google gets it, its sender doesn't hear of it.
        wait_for(lambda: count(installed, "gsync_intents"), pool)
        os.kill(horse, signal.SIGKILL)
        slow(installed, 0)

        assert ended(queue, run_id, pool).status is RunStatus.DONE
        assert installed.parts.run_store.attempts(run_id) == 2
    assert_all_arrived_once(installed)


def test_killed_pool_s_run_is_taken_up_by_a_new_pool(
    installed: Installed, queue: RunQueue, tmp_path: Path
) -> None:
    fill_both_sides(installed)
    slow(installed, 40)
    with pool_of(installed, tmp_path / "first") as pool:
        run_id = queue.request(installed.pair_id, MANUAL).run_id
        horse = wait_for(lambda: busy_horse(installed), pool)
        # One batch is remembered, the next is on its way.
        wait_for(lambda: MANY < count(installed, "gsync_links") < 2 * MANY, pool)
        os.kill(horse, signal.SIGKILL)  # a group of its own
        pool.kill()
    slow(installed, 0)

    with pool_of(installed, tmp_path / "second") as pool:
        assert ended(queue, run_id, pool).status is RunStatus.DONE
    assert_all_arrived_once(installed)


def test_workers_end_with_their_pool(installed: Installed, tmp_path: Path) -> None:
    with pool_of(installed, tmp_path / "pool") as pool:
        wait_for(lambda: Worker.count(connection=installed.parts.redis) == 2, pool)
        assert pool.process is not None
        os.kill(pool.process.pid, signal.SIGKILL)
        wait_for(lambda: Worker.count(connection=installed.parts.redis) == 0, pool, 15)


def test_pool_without_redis_says_so_once_and_goes_on(installed: Installed, tmp_path: Path) -> None:
    environ_only = PythonServer(
        tmp_path / "pool",
        ["-m", "tests.jobs.impatient_worker"],
        environ=_environ(installed) | {"GSYNC_REDIS_URL": "redis://127.0.0.1:1/0"},
        ready_line="goes on trying",
    )
    with environ_only as pool:
        time.sleep(3)
        log = pool.log.read_text()
        assert log.count("goes on trying") == 1
        assert "Process gsync-worker" not in log


def _environ(installed: Installed) -> dict[str, str | None]:
    settings = installed.parts.settings
    return {
        "GSYNC_CRM_URL": settings.crm_url,
        "GSYNC_DATABASE_URL": settings.database_url,
        "GSYNC_CRM_APP_KEY": settings.crm_app_key,
        "GSYNC_CRM_CSRF_SECRET": settings.crm_csrf_secret,
        "GSYNC_TOKEN_KEYS": ",".join(settings.token_keys),
        "GSYNC_GOOGLE_CLIENT_ID": settings.google_client_id,
        "GSYNC_GOOGLE_CLIENT_SECRET": settings.google_client_secret,
        "GSYNC_GOOGLE_ENDPOINT": settings.google_endpoint,
        "GSYNC_REDIS_URL": settings.redis_url,
        "GSYNC_CRM_SESSIONS": settings.crm_sessions,
    }
