"""An installed plugin with a connected user and the real Redis."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.servers import MariaDb
from plugin.crm import planner
from plugin.crm.planner import ENABLED
from plugin.jobs.queue import RunQueue
from tests.installed import Installed, install
from tests.jobs.planned import TASK, change
from tests.simulated_google import SimulatedGoogle, google, simulator

__all__ = ["google", "simulator"]


@pytest.fixture
def installed(
    mariadb: MariaDb, redis_url: str, google: SimulatedGoogle, tmp_path: Path
) -> Iterator[Installed]:
    """A connected user, nothing synced yet."""
    sessions = tmp_path / "sessions"
    sessions.mkdir()
    with_plugin = install(mariadb, google, GSYNC_REDIS_URL=redis_url, GSYNC_CRM_SESSIONS=f"file://{sessions}")
    with_plugin.connect()
    yield with_plugin
    with_plugin.close()


@pytest.fixture
def queue(installed: Installed) -> RunQueue:
    return RunQueue(installed.parts)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "crm"
    (folder / "cron/modules").mkdir(parents=True)
    return folder


@pytest.fixture
def enabled(installed: Installed, root: Path) -> Installed:
    """The row as an administrator enabled it; the CRM's own rows are quiet."""
    installed.execute("DELETE FROM vtiger_cron_task WHERE name = :task", task=TASK)
    installed.execute("UPDATE vtiger_cron_task SET status = 0")
    assert planner.create(installed.parts.engine, TASK, root)
    change(installed, status=ENABLED)
    return installed
