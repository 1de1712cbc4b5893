"""The planner's row: created disabled and last, with its handler file, or not at all."""

from pathlib import Path

import pytest

from plugin.core.errors import ConfigError
from plugin.crm import planner
from plugin.crm.planner import DISABLED, ENABLED
from tests.installed import Installed
from tests.jobs.planned import TASK, change, row_of


def without_row(installed: Installed) -> None:
    installed.execute("DELETE FROM vtiger_cron_task WHERE name = :task", task=TASK)


def test_row_is_created_disabled_and_last_with_its_handler_file(installed: Installed, root: Path) -> None:
    without_row(installed)
    [before] = installed.rows("SELECT MAX(sequence) AS last FROM vtiger_cron_task")

    assert planner.create(installed.parts.engine, TASK, root)

    row = row_of(installed)
    assert (row["status"], row["sequence"], row["frequency"]) == (DISABLED, before["last"] + 1, 900)
    assert (root / row["handler_file"]).read_text().startswith("<?php")
    assert (root / row["handler_file"]).stat().st_mode & 0o044 == 0o044


def test_row_is_not_created_without_the_crm_s_folder(installed: Installed) -> None:
    without_row(installed)
    assert not planner.create(installed.parts.engine, TASK, None)
    assert installed.rows("SELECT id FROM vtiger_cron_task WHERE name = :task", task=TASK) == []


def test_folder_that_can_t_be_written_is_said_and_there_is_no_row(installed: Installed, root: Path) -> None:
    without_row(installed)
    # A file where a folder has to be refuses everybody, root too.
    (root / "cron/modules/GoogleSync").write_text("")

    with pytest.raises(ConfigError, match=r"GoogleCalSync\.service can't be written .* create it by hand"):
        planner.create(installed.parts.engine, TASK, root)

    assert installed.rows("SELECT id FROM vtiger_cron_task WHERE name = :task", task=TASK) == []


def test_row_of_that_name_is_left_alone(installed: Installed, root: Path) -> None:
    without_row(installed)
    planner.create(installed.parts.engine, TASK, root)
    change(installed, status=ENABLED, frequency=3600, sequence=1, handler_file="cron/own.service")
    before = row_of(installed)

    assert planner.create(installed.parts.engine, TASK, root)

    assert row_of(installed) == before


def test_handler_file_in_another_row_is_said(installed: Installed, root: Path) -> None:
    without_row(installed)
    planner.create(installed.parts.engine, TASK, root)
    with pytest.raises(ConfigError, match=r"“SAI GoogleCalSync”.*GSYNC_PLANNER_TASK"):
        planner.create(installed.parts.engine, "Another name", root)
