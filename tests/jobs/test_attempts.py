"""Runs that are disturbed: a busy account, dead workers, and what stops one user but not the others."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from plugin.bootstrap import Parts
from plugin.jobs import tasks
from plugin.jobs.queue import MANUAL, RunQueue
from plugin.jobs.schedule import take_back_abandoned, tick
from plugin.state import locks
from plugin.state.runs import MAX_ATTEMPTS
from plugin.sync.views import ConnectionStatus, RunStatus, RunView
from tests.engine.test_first_sync import timed
from tests.installed import USER, Installed
from tests.simulated_google import EMAIL

SUB = f"sub-{EMAIL}"


def begin(installed: Installed) -> int:
    return installed.parts.run_store.request(installed.pair_id, MANUAL, installed.clock())[0].run_id


def seen(installed: Installed, run_id: int) -> RunView:
    run = installed.parts.run_store.view(run_id)
    assert run is not None
    return run


def start_and_die(installed: Installed, run_id: int) -> None:
    """Leave the run as a worker does that is killed: running, and its lock runs out."""
    assert installed.parts.run_store.start(run_id, installed.clock())
    lock = locks.acquire(installed.parts.engine, SUB, f"run-{run_id}-dead", 30)
    installed.execute(
        "UPDATE gsync_locks SET expires_utc = UTC_TIMESTAMP() - INTERVAL 1 MINUTE WHERE lock_key = :key",
        key=lock.lock_key,
    )
    installed.clock.advance(minutes=1)


def test_busy_account_postpones_the_run_and_tick_takes_it_up_again(
    installed: Installed, queue: RunQueue
) -> None:
    lock = locks.acquire(installed.parts.engine, SUB, "another run", 30)
    run_id = begin(installed)
    for _ in range(MAX_ATTEMPTS + 2):
        tasks.carry_out(installed.parts, run_id)
        assert seen(installed, run_id).status is RunStatus.QUEUED
        installed.clock.advance(seconds=5)
    # Waiting is no attempt.
    assert installed.parts.run_store.attempts(run_id) == 0
    locks.release(installed.parts.engine, lock)

    tick(installed.parts, queue)
    assert queue.has_job(run_id, 0)
    tasks.carry_out(installed.parts, run_id)

    assert seen(installed, run_id).status is RunStatus.DONE


def test_postponed_run_does_not_start_before_its_time(installed: Installed) -> None:
    with_lock = locks.acquire(installed.parts.engine, SUB, "another run", 30)
    run_id = begin(installed)
    tasks.carry_out(installed.parts, run_id)
    locks.release(installed.parts.engine, with_lock)

    tasks.carry_out(installed.parts, run_id)

    assert seen(installed, run_id).status is RunStatus.QUEUED


def test_run_whose_worker_died_is_taken_up_again_some_times_and_then_fails(
    installed: Installed, queue: RunQueue
) -> None:
    run_id = begin(installed)
    for _ in range(MAX_ATTEMPTS):
        assert seen(installed, run_id).status is RunStatus.QUEUED
        start_and_die(installed, run_id)
        tick(installed.parts, queue)

    run = seen(installed, run_id)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "lock_lost")
    assert begin(installed) != run_id


@pytest.mark.parametrize("number", [1020, 1205, 1213], ids=["changed since", "waited too long", "deadlock"])
def test_run_that_the_database_gave_up_on_for_somebody_else_is_tried_again(
    installed: Installed, number: int
) -> None:
    installed.google.edit("insert", body=timed("Reunión"))
    installed.alter(
        "CREATE TRIGGER busy BEFORE INSERT ON vtiger_activity FOR EACH ROW"
        f" SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = {number}, MESSAGE_TEXT = 'try restarting transaction'"
    )
    run_id = begin(installed)
    tasks.carry_out(installed.parts, run_id)
    assert seen(installed, run_id).status is RunStatus.QUEUED
    installed.alter("DROP TRIGGER busy")
    installed.clock.advance(seconds=5)

    tasks.carry_out(installed.parts, run_id)

    run = seen(installed, run_id)
    assert (run.status, run.crm.created) == (RunStatus.DONE, 1)
    assert len(installed.activities()) == 1


def test_run_that_the_database_gives_up_on_again_and_again_fails(installed: Installed) -> None:
    installed.google.edit("insert", body=timed("Reunión"))
    installed.alter(
        "CREATE TRIGGER busy BEFORE INSERT ON vtiger_activity FOR EACH ROW"
        " SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'try restarting transaction'"
    )
    run_id = begin(installed)
    for _ in range(MAX_ATTEMPTS):
        tasks.carry_out(installed.parts, run_id)
        installed.clock.advance(seconds=5)

    run = seen(installed, run_id)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "database")
    assert installed.activities() == {}


def test_run_that_has_only_just_started_is_not_taken_for_abandoned(installed: Installed) -> None:
    run_id = begin(installed)
    installed.parts.run_store.start(run_id, installed.clock())
    take_back_abandoned(installed.parts)
    assert seen(installed, run_id).status is RunStatus.RUNNING


def test_run_that_has_just_let_its_lock_go_is_not_taken_for_abandoned(installed: Installed) -> None:
    run_id = begin(installed)
    installed.parts.run_store.start(run_id, installed.clock())
    lock = locks.acquire(installed.parts.engine, SUB, f"run-{run_id}", 30)
    installed.clock.advance(minutes=5)
    locks.release(installed.parts.engine, lock)

    take_back_abandoned(installed.parts)

    assert seen(installed, run_id).status is RunStatus.RUNNING


def test_attempt_that_woke_up_late_changes_nothing_about_the_next_one(installed: Installed) -> None:
    run_id = begin(installed)
    store = installed.parts.run_store
    first = store.start(run_id, installed.clock())
    assert first is not None
    store.postpone(run_id, first, installed.clock(), timedelta(0))
    second = store.start(run_id, installed.clock())

    store.postpone(run_id, first, installed.clock(), timedelta(0))
    store.finish(run_id, tasks.RunResult(RunStatus.FAILED), installed.clock(), first)

    assert (second, seen(installed, run_id).status) == (2, RunStatus.RUNNING)


def test_lock_taken_over_in_the_middle_postpones_the_run(installed: Installed) -> None:
    installed.add_activity("Visita")
    run_id = begin(installed)

    @sa.event.listens_for(installed.parts.engine, "before_cursor_execute")
    def take_over(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "INSERT INTO gsync_intents" in statement:
            cursor.execute("UPDATE gsync_locks SET generation = generation + 1, owner = 'somebody else'")

    tasks.carry_out(installed.parts, run_id)

    assert seen(installed, run_id).status is RunStatus.QUEUED
    assert installed.parts.run_store.attempts(run_id) == 1
    assert installed.events() == []


@pytest.mark.parametrize("count", [1, 2], ids=["single", "batch"])
def test_worker_whose_lock_was_taken_over_while_it_paused_sends_nothing_again(
    installed: Installed, count: int
) -> None:
    for number in range(count):
        installed.add_activity(f"Visita {number}")
    installed.google.fault("events.insert", status=403, reason="userRateLimitExceeded", times=count)
    calm = installed.parts

    def take_over(_seconds: float) -> None:
        installed.execute("UPDATE gsync_locks SET generation = generation + 1, owner = 'somebody else'")

    run_id = begin(installed)
    tasks.carry_out(replace(calm, sleep=take_over), run_id)

    assert len(installed.google.requests("events.insert")) == count
    assert seen(installed, run_id).status is RunStatus.QUEUED


def test_revoked_grant_asks_to_reconnect_and_the_others_go_on(installed: Installed) -> None:
    other = "luis@empresa.example"
    installed.google.control("POST", "account", {"email": other, "time_zone": "Europe/Madrid"})
    ana = installed.pair_id
    luis = installed.connect(user_id=6, email=other)
    installed.execute("UPDATE gsync_accounts SET access_expires_utc = '2020-01-01' WHERE crm_user_id = 5")
    installed.google.control("POST", "revoke", {"email": EMAIL})

    run, of_luis = installed.sync(ana), installed.sync(luis)

    assert (run.status, run.error_code) == (RunStatus.FAILED, "reconnect")
    assert installed.parts.grants.connection(USER, "Calendar").status is ConnectionStatus.RECONNECT
    assert of_luis.status is RunStatus.DONE
    assert list(installed.parts.pairs.active_pairs()) == [luis]


def test_lost_calendar_pauses_the_pair(installed: Installed) -> None:
    installed.execute("UPDATE gsync_pairs SET collection_id = 'gone@group.calendar.google.com'")

    run = installed.sync()

    assert (run.status, run.error_code) == (RunStatus.FAILED, "collection_lost")
    view = installed.parts.grants.connection(USER, "Calendar")
    assert (view.status, view.problem_code) == (ConnectionStatus.PAUSED, "collection_lost")
    assert installed.sync().error_code == "collection_lost"


@pytest.mark.parametrize("gone", ["status = 'Inactive'", "deleted = 1"])
def test_user_who_left_is_frozen_and_nothing_is_written(installed: Installed, gone: str) -> None:
    installed.add_activity("Visita")
    installed.google.edit("insert", body=_timed("Cena"))
    installed.execute(f"UPDATE vtiger_users SET {gone} WHERE id = :user", user=USER)
    before = installed.google.calls()

    run = installed.sync()

    assert (run.status, run.error_code) == (RunStatus.FAILED, "frozen")
    assert list(installed.activities()) == ["Visita"]
    assert installed.google.calls() == before


def test_another_crm_s_tables_stop_everything(installed: Installed) -> None:
    installed.parts.install.check()
    installed.execute("UPDATE gsync_install SET app_key_hash = 'another'")
    installed.add_activity("Visita")

    run = installed.sync()

    assert (run.status, run.error_code) == (RunStatus.FAILED, "foreign_install")
    assert installed.events() == []


def test_missing_oauth_client_is_said(installed: Installed) -> None:
    no_client = replace(
        installed.parts,
        settings=replace(installed.parts.settings, google_client_id=None, google_client_secret=None),
    )
    assert carried_out(installed, no_client).error_code == "no_client"


def test_client_whose_key_is_lost_is_asked_of_the_administrator_not_of_every_user(
    installed: Installed,
) -> None:
    settings = replace(installed.parts.settings, google_client_id=None, google_client_secret=None)
    without = replace(installed.parts, settings=settings)
    without.tokens.save_client("the-client", "the-secret", installed.clock())
    installed.execute("UPDATE gsync_oauth_client SET client_secret_encrypted = 'by a key that is gone'")

    assert carried_out(installed, without).error_code == "no_client"
    assert installed.parts.grants.connection(USER, "Calendar").status is ConnectionStatus.ACTIVE


def test_grant_whose_key_is_missing_waits_for_the_administrator(installed: Installed) -> None:
    other_key = replace(installed.parts.settings, token_keys=(Fernet.generate_key().decode(),))

    assert carried_out(installed, replace(installed.parts, settings=other_key)).error_code == "key_missing"

    assert installed.parts.grants.connection(USER, "Calendar").status is ConnectionStatus.ACTIVE
    assert installed.sync().status is RunStatus.DONE


def test_unforeseen_exception_fails_the_run_and_is_raised(installed: Installed) -> None:
    broken = replace(installed.parts)
    broken.__dict__["install"] = Broken()
    run_id = begin(installed)

    with pytest.raises(ZeroDivisionError):
        tasks.carry_out(broken, run_id)

    run = seen(installed, run_id)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "unexpected")


def test_database_error_fails_the_run_with_its_own_sentence(installed: Installed) -> None:
    run_id = begin(installed)
    installed.execute("DROP TABLE gsync_install")

    tasks.carry_out(installed.parts, run_id)

    run = seen(installed, run_id)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "database")


def test_google_asking_for_a_pause_postpones_the_run(installed: Installed) -> None:
    installed.google.fault("events.list", status=403, reason="rateLimitExceeded", times=50, retry_after=20)
    run_id = begin(installed)

    tasks.carry_out(installed.parts, run_id)

    assert seen(installed, run_id).status is RunStatus.QUEUED
    assert installed.parts.run_store.due(installed.clock()) == []


class Broken:
    def check(self) -> str:
        raise ZeroDivisionError


def carried_out(installed: Installed, parts: Parts) -> RunView:
    run_id = begin(installed)
    tasks.carry_out(parts, run_id)
    return seen(installed, run_id)


def _timed(summary: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "start": {"dateTime": "2027-03-02T10:00:00+01:00"},
        "end": {"dateTime": "2027-03-02T11:00:00+01:00"},
    }
