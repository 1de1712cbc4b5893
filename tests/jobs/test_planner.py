"""The planner's row: created disabled; once enabled, connected users sync at its frequency, whoever runs it."""

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from demo.crm.cron import run as run_crm_cron
from plugin.core.errors import ConfigError
from plugin.crm import planner
from plugin.crm.planner import DISABLED, ENABLED, RUNNING
from plugin.jobs.queue import RunQueue
from plugin.jobs.schedule import enqueue_due, take_back_abandoned, tick, tick_planner
from plugin.jobs.tasks import carry_out
from tests.installed import USER, Installed

TASK = "SAI GoogleCalSync"
LATER = 900


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


def row_of(installed: Installed) -> Mapping[str, Any]:
    [row] = installed.rows("SELECT * FROM vtiger_cron_task WHERE name = :task", task=TASK)
    return row


def change(installed: Installed, **values: Any) -> None:
    columns = ", ".join(f"{name} = :{name}" for name in values)
    installed.execute(f"UPDATE vtiger_cron_task SET {columns} WHERE name = :task", task=TASK, **values)


def runs_of(installed: Installed) -> list[Mapping[str, Any]]:
    return installed.rows("SELECT * FROM gsync_runs ORDER BY run_id")


def now_s(installed: Installed) -> int:
    return int(installed.clock().timestamp())


def work_off(installed: Installed) -> None:
    for run in runs_of(installed):
        carry_out(installed.parts, run["run_id"])


# --- creation ---


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


# --- our scheduler ---


def test_disabled_row_starts_nothing(enabled: Installed, queue: RunQueue) -> None:
    change(enabled, status=DISABLED)
    tick(enabled.parts, queue)
    assert runs_of(enabled) == []
    assert row_of(enabled)["laststart"] is None


def test_due_row_is_claimed_and_ends_with_its_runs(enabled: Installed, queue: RunQueue) -> None:
    start = now_s(enabled)
    tick(enabled.parts, queue)
    row = row_of(enabled)
    assert (row["status"], row["laststart"], row["lastend"]) == (RUNNING, start, 0)
    [run] = runs_of(enabled)
    assert (run["trigger"], run["planner_start"]) == ("planner", start)
    assert queue.has_job(run["run_id"], 0)

    enabled.clock.advance(seconds=7)
    tick(enabled.parts, queue)
    assert row_of(enabled)["status"] == RUNNING
    work_off(enabled)
    tick(enabled.parts, queue)

    row = row_of(enabled)
    assert (row["status"], row["laststart"], row["lastend"]) == (ENABLED, start, start + 7)


def test_pass_with_nobody_connected_ends_too(enabled: Installed, queue: RunQueue) -> None:
    enabled.parts.grants.disconnect(USER, "Calendar")
    tick(enabled.parts, queue)
    tick(enabled.parts, queue)
    assert row_of(enabled)["status"] == ENABLED
    assert runs_of(enabled) == []


def test_passes_come_at_the_row_s_frequency(enabled: Installed, queue: RunQueue) -> None:
    for seconds, passes in ((0, 1), (800, 1), (60, 2), (100, 2)):
        enabled.clock.advance(seconds=seconds)
        tick(enabled.parts, queue)
        work_off(enabled)
        assert len(runs_of(enabled)) == passes


def test_changed_frequency_is_honoured(enabled: Installed, queue: RunQueue) -> None:
    tick(enabled.parts, queue)
    work_off(enabled)
    change(enabled, frequency=7200)
    enabled.clock.advance(seconds=LATER)
    tick(enabled.parts, queue)
    assert len(runs_of(enabled)) == 1
    change(enabled, frequency=600)
    tick(enabled.parts, queue)
    assert len(runs_of(enabled)) == 2


def test_tiny_frequency_does_not_run_without_a_pause(enabled: Installed, queue: RunQueue) -> None:
    change(enabled, frequency=1)
    for _ in range(5):
        tick(enabled.parts, queue)
        work_off(enabled)
        enabled.clock.advance(seconds=5)
    assert len(runs_of(enabled)) == 1


def test_two_schedulers_at_once_never_run_a_pass_twice(enabled: Installed) -> None:
    for round_number in range(1, 6):
        at_once(enabled, 4)
        assert len(runs_of(enabled)) == round_number
        work_off(enabled)
        at_once(enabled, 4)
        assert len(runs_of(enabled)) == round_number
        assert row_of(enabled)["status"] == ENABLED
        enabled.clock.advance(seconds=LATER)


def at_once(installed: Installed, count: int) -> None:
    """Let several schedulers look at the row at the same moment."""
    start, errors = threading.Barrier(count), []

    def look() -> None:
        start.wait()
        try:
            tick_planner(installed.parts)
        except sa.exc.SQLAlchemyError as error:
            errors.append(error)

    threads = [threading.Thread(target=look) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_disabled_while_it_runs_stays_disabled(enabled: Installed, queue: RunQueue) -> None:
    tick(enabled.parts, queue)
    change(enabled, status=DISABLED)
    work_off(enabled)
    enabled.clock.advance(seconds=LATER)
    tick(enabled.parts, queue)
    assert row_of(enabled)["status"] == DISABLED
    assert len(runs_of(enabled)) == 1


def test_users_who_never_connected_or_left_are_left_alone(enabled: Installed, queue: RunQueue) -> None:
    enabled.google.control("POST", "account", {"email": "luis@empresa.example"})
    enabled.connect(user_id=6, email="luis@empresa.example")
    enabled.execute("UPDATE vtiger_users SET status = 'Inactive' WHERE id = 6")

    tick(enabled.parts, queue)

    assert [run["crm_user_id"] for run in runs_of(enabled)] == [USER]


def test_pair_that_syncs_already_is_not_asked_twice(enabled: Installed, queue: RunQueue) -> None:
    queue.request(enabled.parts.pair_of(USER) or 0, "manual")
    tick(enabled.parts, queue)
    assert [run["trigger"] for run in runs_of(enabled)] == ["manual"]


def test_crash_between_claim_and_enqueue_loses_neither_row_nor_runs(
    enabled: Installed, queue: RunQueue
) -> None:
    tick_planner(enabled.parts)  # and the process dies here

    enabled.clock.advance(seconds=10)
    tick(enabled.parts, queue)
    [run] = runs_of(enabled)
    assert queue.has_job(run["run_id"], 0)
    work_off(enabled)
    tick(enabled.parts, queue)

    assert row_of(enabled)["status"] == ENABLED
    assert len(runs_of(enabled)) == 1


def test_run_whose_worker_died_does_not_keep_the_row_running_for_ever(
    enabled: Installed, queue: RunQueue
) -> None:
    tick(enabled.parts, queue)
    [run] = runs_of(enabled)
    for _ in range(3):
        assert enabled.parts.run_store.start(run["run_id"], enabled.clock())
        enabled.clock.advance(minutes=1)
        take_back_abandoned(enabled.parts)
    tick(enabled.parts, queue)
    assert row_of(enabled)["status"] == ENABLED
    assert runs_of(enabled)[0]["error_code"] == "lock_lost"


# --- the CRM's cron ---


def crm_cron(installed: Installed, root: Path) -> None:
    """Run the CRM's cron. It has a clock of its own, which ours follows."""
    installed.clock.now = installed.clock.now.fromtimestamp(int(time.time()), installed.clock.now.tzinfo)
    assert run_crm_cron(installed.parts.engine, root) == 0


def test_row_that_the_crm_s_cron_ran_is_seen_once(enabled: Installed, queue: RunQueue, root: Path) -> None:
    change(enabled, status=DISABLED)
    tick(enabled.parts, queue)  # we know the row from before
    change(enabled, status=ENABLED)
    crm_cron(enabled, root)
    row = row_of(enabled)

    for _ in range(3):
        tick(enabled.parts, queue)

    assert len(runs_of(enabled)) == 1
    assert row_of(enabled) == row  # what the CRM wrote stays
    work_off(enabled)
    tick(enabled.parts, queue)
    assert row_of(enabled) == row


def test_both_kinds_at_once_never_run_a_pass_twice(enabled: Installed, queue: RunQueue, root: Path) -> None:
    change(enabled, status=DISABLED)
    tick(enabled.parts, queue)  # we know the row from before
    change(enabled, status=ENABLED)
    crons = [threading.Thread(target=crm_cron, args=(enabled, root)) for _ in range(2)]
    enabled.clock.now = enabled.clock.now.fromtimestamp(int(time.time()), enabled.clock.now.tzinfo)
    for thread in crons:
        thread.start()
    at_once(enabled, 3)
    for thread in crons:
        thread.join()

    for _ in range(3):
        tick(enabled.parts, queue)
        work_off(enabled)
        enabled.clock.advance(seconds=5)
    tick(enabled.parts, queue)

    assert len(runs_of(enabled)) == 1
    assert row_of(enabled)["status"] == ENABLED


def test_cron_a_moment_after_our_claim_adds_no_pass(enabled: Installed, queue: RunQueue) -> None:
    tick(enabled.parts, queue)
    work_off(enabled)
    # The CRM had read the row before we claimed it.
    change(enabled, status=ENABLED, laststart=now_s(enabled) + 2, lastend=now_s(enabled) + 2)
    enabled.clock.advance(seconds=5)
    tick(enabled.parts, queue)
    assert len(runs_of(enabled)) == 1


def test_first_sight_of_a_recent_start_begins_nothing(enabled: Installed, queue: RunQueue) -> None:
    change(enabled, laststart=now_s(enabled) - 100, lastend=now_s(enabled) - 90)
    tick(enabled.parts, queue)
    assert runs_of(enabled) == []


def test_first_sight_of_an_old_start_is_one_due_pass(enabled: Installed, queue: RunQueue) -> None:
    change(enabled, laststart=now_s(enabled) - 100_000, lastend=now_s(enabled) - 99_000)
    for _ in range(3):
        tick(enabled.parts, queue)
        work_off(enabled)
        enabled.clock.advance(seconds=5)
    assert len(runs_of(enabled)) == 1


def test_row_set_back_by_hand_is_due_again(enabled: Installed, queue: RunQueue) -> None:
    tick(enabled.parts, queue)
    work_off(enabled)
    tick(enabled.parts, queue)
    change(enabled, laststart=0, lastend=0)
    for _ in range(3):
        tick(enabled.parts, queue)
        work_off(enabled)
    assert len(runs_of(enabled)) == 2


def test_redis_down_keeps_the_pass_s_runs_for_later(enabled: Installed, queue: RunQueue) -> None:
    tick_planner(enabled.parts)
    enabled.parts.redis.flushall()
    enqueue_due(enabled.parts, queue)
    [run] = runs_of(enabled)
    assert queue.has_job(run["run_id"], 0)
