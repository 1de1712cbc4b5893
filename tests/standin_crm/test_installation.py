"""The stand-in's folder reads like a real CRM's, also to the plugin; a real one's is left alone."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import Engine

from demo.crm.installation import ForeignConfigError, Installation, prepare_installation
from plugin.crm.installation import read_installation

DATABASE_URL = "mysql+pymysql://crm:a%27b%5Cc%40@127.0.0.1:33060/crm"
SITE_URL = "https://crm.example/crm/"
REPOSITORY = Path(__file__).parents[2]


def prepare(folder: Path, **given: str) -> Installation:
    return prepare_installation(SITE_URL, DATABASE_URL, folder / "sessions", root=folder / "root", **given)


def test_plugin_reads_what_the_stand_in_writes(tmp_path: Path) -> None:
    installation = prepare(tmp_path)
    read = read_installation(installation.root)
    assert read.database_url == f"{DATABASE_URL}?charset=utf8mb4"
    assert (read.site_url, read.default_timezone) == (SITE_URL, "UTC")
    assert (read.app_key, read.csrf_secret) == (installation.app_key, installation.csrf_secret)


def test_keys_of_the_last_run_are_kept_unless_given(tmp_path: Path) -> None:
    first = prepare(tmp_path)
    assert prepare(tmp_path) == first
    assert prepare(tmp_path, app_key="0" * 32).app_key == "0" * 32


def test_somebody_elses_configuration_is_not_overwritten(tmp_path: Path) -> None:
    config = tmp_path / "root" / "config.inc.php"
    config.parent.mkdir()
    config.write_text("<?php $site_URL = 'https://real.example/';")
    with pytest.raises(ForeignConfigError):
        prepare(tmp_path)
    assert "real.example" in config.read_text()


def test_command_says_when_it_is_ready(engine: Engine, crm_database: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo.crm", "--port", "0", "--database-url", crm_database]
    command += ["--sessions", str(tmp_path / "sessions"), "--site-url", "http://crm.example/"]
    command += ["--crm-root", str(tmp_path / "root")]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = server.stdout.readline()
            assert line.startswith("CRM ready on http://127.0.0.1:")
            address = line.split()[3]
            request = urllib.request.Request(address, headers={"Host": "crm.example"})
            with urllib.request.urlopen(request) as answer:
                assert b'name="username"' in answer.read()
        finally:
            server.terminate()
    assert (tmp_path / "root/cron/SendReminder.service").exists()


def test_cron_command_runs_the_due_rows(
    engine: Engine, crm_database: str, installation: Installation
) -> None:
    command = [sys.executable, "-m", "demo.crm.cron", "--database-url", crm_database]
    command += ["--crm-root", str(installation.root)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert done.stdout.count("not ready to run") == 4
    assert "[ENDS]" in done.stdout.splitlines()[-1]
