"""The real processes, as a sysadmin starts them, with settings that are missing or wrong: one list, exit code 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from demo.servers.python import REPOSITORY
from tests.installed import Installed

BIN = Path(sys.executable).parent
STARTS = {
    "flask": [str(BIN / "flask"), "--app", "wsgi", "google", "urls"],
    "upgrade": [str(BIN / "flask"), "--app", "wsgi", "db", "upgrade"],
    "worker": [sys.executable, "worker.py"],
    "gunicorn": [str(BIN / "gunicorn"), "--bind", "127.0.0.1:0", "wsgi:app"],
}


def started(command: list[str], **settings: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "GSYNC_ENV_FILE": os.devnull, **settings}
    return subprocess.run(
        command, cwd=REPOSITORY, env=environ, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.real
@pytest.mark.parametrize("name", STARTS)
def test_process_with_bad_settings_lists_all_problems_and_ends_with_2(name: str) -> None:
    done = started(STARTS[name], GSYNC_BATCH_SIZE="many", GSYNC_TOKEN_KEYS="s3cr3t")
    told = done.stdout + done.stderr
    assert done.returncode == 2
    for variable in ("CRM_URL", "DATABASE_URL", "CRM_APP_KEY", "CRM_CSRF_SECRET", "TOKEN_KEYS", "BATCH_SIZE"):
        assert told.count(f"GSYNC_{variable}:") == 1
    assert "Traceback" not in told
    assert "s3cr3t" not in told


@pytest.mark.real
def test_worker_without_workers_is_bad_usage() -> None:
    assert started([*STARTS["worker"], "--workers", "0"]).returncode == 2


def environ_of(installed: Installed) -> dict[str, str]:
    settings = installed.parts.settings
    return {
        "GSYNC_CRM_URL": settings.crm_url,
        "GSYNC_DATABASE_URL": settings.database_url,
        "GSYNC_CRM_APP_KEY": settings.crm_app_key,
        "GSYNC_CRM_CSRF_SECRET": settings.crm_csrf_secret,
        "GSYNC_TOKEN_KEYS": settings.token_keys[0],
        "GSYNC_GOOGLE_CLIENT_ID": settings.google_client_id or "",
        "GSYNC_GOOGLE_CLIENT_SECRET": settings.google_client_secret or "",
        "GSYNC_GOOGLE_ENDPOINT": settings.google_endpoint or "",
    }


def test_sync_on_the_command_line_works_as_a_process(installed: Installed) -> None:
    installed.add_activity("Visita confidencial")
    command = [str(BIN / "flask"), "--app", "wsgi", "google", "sync", "--user", "lucia", "--json"]

    done = started(command, **environ_of(installed))

    assert done.returncode == 0
    assert '"created": 1' in done.stdout
    assert "confidencial" not in done.stdout + done.stderr
    assert [event["summary"] for event in installed.events()] == ["Visita confidencial"]


def test_upgrade_says_in_a_line_each_what_it_did_and_a_second_one_nothing(installed: Installed) -> None:
    for (table,) in [tuple(row.values()) for row in installed.rows("SHOW TABLES LIKE 'gsync\\_%'")]:
        installed.execute(f"DROP TABLE {table}")

    first, second = (started(STARTS["upgrade"], **environ_of(installed)) for _ in range(2))

    assert (first.returncode, second.returncode) == (0, 0)
    told = [line for line in (first.stdout + first.stderr).splitlines() if line]
    steps = ["Running upgrade  -> 0001, ", "Running upgrade 0001 -> 0002, "]
    assert len(told) == len(steps)
    assert all(step in line for step, line in zip(steps, told, strict=True))
    assert second.stdout + second.stderr == ""


def test_upgrade_without_a_database_is_told_in_a_sentence(installed: Installed) -> None:
    nowhere = environ_of(installed) | {"GSYNC_DATABASE_URL": "mysql+pymysql://crm:s3cr3t@127.0.0.1:1/crm"}
    done = started(STARTS["upgrade"], **nowhere)
    told = done.stdout + done.stderr
    assert done.returncode == 1
    assert "s3cr3t" not in told
    assert "Traceback" not in told
    assert "GSYNC_DATABASE_URL" in told
