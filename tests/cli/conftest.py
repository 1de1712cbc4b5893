"""The command line of an installed plugin: `flask --app wsgi google …`, run in this process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from demo.servers import MariaDb
from tests.installed import Installed, install
from tests.simulated_google import SimulatedGoogle, google, simulator

__all__ = ["google", "simulator"]

Command = Callable[..., Result]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def installed(
    mariadb: MariaDb, redis_url: str, google: SimulatedGoogle, tmp_path: Path
) -> Iterator[Installed]:
    """A connected user, nothing synced yet."""
    yield from connected_install(mariadb, redis_url, google, tmp_path)


def connected_install(
    mariadb: MariaDb, redis_url: str, google: SimulatedGoogle, tmp_path: Path, **more: str
) -> Iterator[Installed]:
    """Yield an installation with these settings besides."""
    root = tmp_path / "crm"
    (root / "cron/modules").mkdir(parents=True)
    (root / "sessions").mkdir()
    (root / "config.inc.php").write_text("<?php\n")
    with_plugin = install(
        mariadb,
        google,
        GSYNC_REDIS_URL=redis_url,
        GSYNC_CRM_ROOT=str(root),
        GSYNC_CRM_SESSIONS=f"file://{root / 'sessions'}",
        **more,
    )
    with_plugin.connect()
    yield with_plugin
    with_plugin.close()


@pytest.fixture
def command(installed: Installed) -> Command:
    """Run `flask google <arguments>`."""

    def run(*arguments: str) -> Result:
        return installed.app.test_cli_runner().invoke(args=["google", *arguments])

    return run
