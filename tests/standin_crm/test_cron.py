"""The planner's page and its runner, with the oddities that were measured on the real one."""

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from demo.crm.cron import run
from demo.crm.installation import Installation, write_planner_files
from tests.standin_crm.browser import Browser, json_of


@pytest.fixture
def root(engine: Engine, installation: Installation) -> Path:
    """A CRM folder with all handler files and a planner of three due rows: one, two, off."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM vtiger_cron_task"))
        for sequence, (name, status) in enumerate((("one", 1), ("two", 1), ("off", 0)), start=1):
            connection.execute(
                text(
                    """INSERT INTO vtiger_cron_task (name, handler_file, frequency, status, sequence)
                       VALUES (:name, :file, 900, :status, :sequence)"""
                ),
                {"name": name, "file": f"cron/{name}.service", "status": status, "sequence": sequence},
            )
        write_planner_files(connection, installation.root)
    return installation.root


def task(engine: Engine, name: str) -> dict[str, Any]:
    with engine.connect() as connection:
        sql = "SELECT status, laststart, lastend FROM vtiger_cron_task WHERE name = :name"
        return dict(connection.execute(text(sql), {"name": name}).mappings().one())


def set_task(engine: Engine, name: str, **values: Any) -> None:
    with engine.begin() as connection:
        changes = ", ".join(f"{column} = :{column}" for column in values)
        connection.execute(
            text(f"UPDATE vtiger_cron_task SET {changes} WHERE name = :name"), {**values, "name": name}
        )


def test_due_rows_run_and_the_disabled_one_does_not(engine: Engine, root: Path, capsys) -> None:
    assert run(engine, root) == 0
    for name in ("one", "two"):
        row = task(engine, name)
        assert row["status"] == 1
        assert 0 <= row["lastend"] - row["laststart"] < 5
    assert task(engine, "off") == {"status": 0, "laststart": None, "lastend": None}
    out = capsys.readouterr().out
    assert ",one," in out
    assert "Instance" in out.splitlines()[-1]
    assert out.splitlines()[-1].endswith("[ENDS]")


@pytest.mark.parametrize(
    ("ago_s", "runs"), [(850, True), (700, False)], ids=["within tolerance", "too early"]
)
def test_due_is_counted_from_the_last_start(
    engine: Engine, root: Path, ago_s: int, runs: bool, capsys
) -> None:
    started = int(time.time()) - ago_s
    set_task(engine, "one", laststart=started, lastend=started + 5)
    run(engine, root)
    assert (task(engine, "one")["laststart"] != started) is runs
    assert ("not ready to run" in capsys.readouterr().out) is not runs


def test_running_status_holds_nothing_back(engine: Engine, root: Path) -> None:
    set_task(engine, "one", status=2, laststart=int(time.time()) - 2000, lastend=0)
    run(engine, root)
    assert task(engine, "one")["status"] == 1


def test_missing_handler_file_ends_the_run_with_success(engine: Engine, root: Path, capsys) -> None:
    (root / "cron/one.service").unlink()
    assert run(engine, root) == 0
    row = task(engine, "one")
    assert (row["status"], row["lastend"]) == (2, 0)
    assert task(engine, "two")["laststart"] is None
    assert "restricted file" in capsys.readouterr().out
    assert (root / "logs/fileMissing.log").exists()
    assert run(engine, root) == 0
    assert task(engine, "two")["status"] == 1
    assert task(engine, "two")["laststart"] is not None


def test_handler_outside_the_root_counts_as_missing(engine: Engine, root: Path, tmp_path: Path) -> None:
    (tmp_path / "other.service").write_text("<?php\n")
    set_task(engine, "one", handler_file="../other.service")
    assert run(engine, root) == 0
    assert task(engine, "one")["status"] == 2


@pytest.mark.parametrize(
    ("code", "exit_code", "next_runs"),
    [("throw new Exception('no');", 0, True), ("throw new Error('no');", 255, False), ("exit(3);", 3, False)],
    ids=["exception", "error", "exit"],
)
def test_handler_that_ends_badly(
    engine: Engine, root: Path, code: str, exit_code: int, next_runs: bool
) -> None:
    (root / "cron/one.service").write_text(f"<?php {code}\n")
    assert run(engine, root) == exit_code
    row = task(engine, "one")
    assert (row["status"], row["lastend"]) == (2, 0)
    assert (task(engine, "two")["laststart"] is not None) is next_runs


def test_planner_page_is_for_administrators(lucia: Browser, admin: Browser) -> None:
    query = "module=CronTasks&parent=Settings&view=List"
    assert "Permiso denegado" in lucia.open(query).text
    page = admin.open(query).text
    assert page.count('class="cronTask"') == 9
    assert "5 minutos" in page
    assert "1 años" in page


def test_planner_saves_frequency_and_status_only(admin: Browser, engine: Engine) -> None:
    with engine.connect() as connection:
        sql = "SELECT id FROM vtiger_cron_task WHERE name = 'MailScanner'"
        record = connection.execute(text(sql)).scalar_one()
    form = {"module": "CronTasks", "parent": "Settings", "action": "SaveAjax", "record": record, "status": 1}
    assert json_of(admin.send({**form, "frequency": 60}))["success"] is False
    assert json_of(admin.send({**form, "frequency": 1800}))["success"] is True
    assert task(engine, "MailScanner")["status"] == 1
