"""How a run begins and ends in the database: in few statements, the lock's row first, and safe against late wakers."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from plugin.bootstrap import begin_run, open_run
from plugin.jobs import tasks
from plugin.jobs.queue import MANUAL
from plugin.state import locks
from plugin.state.locks import Lock
from plugin.state.run_rows import RunResult
from plugin.state.turns import TurnRow, begin_turn, end_turn, select_turn
from plugin.sync.views import RunStatus
from tests.installed import Installed
from tests.simulated_google import EMAIL

SUB = f"sub-{EMAIL}"


def request(installed: Installed) -> int:
    return installed.parts.run_store.request(installed.pair_id, MANUAL, installed.clock())[0].run_id


def status(installed: Installed, run_id: int) -> RunStatus:
    run = installed.parts.run_store.view(run_id)
    assert run is not None
    return run.status


def lock_row(installed: Installed) -> Any:
    [row] = installed.rows(
        "SELECT owner, generation, expires_utc <= UTC_TIMESTAMP(6) AS is_over FROM gsync_locks"
    )
    return row


@pytest.fixture
def idle(installed: Installed) -> Installed:
    """Synced, and nothing to do."""
    for _ in range(2):
        installed.sync()
    return installed


def test_idle_run_needs_nine_statements_and_asking_for_it_three(idle: Installed) -> None:
    sent: list[str] = []
    engine = idle.parts.engine

    @sa.event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    for end in ("commit", "rollback"):
        sa.event.listen(engine, end, lambda connection, end=end: sent.append(end))
    run_id = request(idle)
    assert len(sent) == 3, sent
    tasks.carry_out(idle.parts, run_id)
    assert len(sent) == 12, sent


def test_begun_run_holds_the_lock_and_ends_with_it(idle: Installed) -> None:
    run_id = request(idle)
    opening = begin_run(idle.parts, run_id)
    assert opening is not None and opening.lock is not None
    assert (status(idle, run_id), lock_row(idle)["is_over"]) == (RunStatus.RUNNING, 0)

    with open_run(idle.parts, opening, lambda progress: None) as execution:
        execution.result = RunResult(RunStatus.DONE)

    assert (status(idle, run_id), lock_row(idle)["is_over"], lock_row(idle)["owner"]) == (
        RunStatus.DONE,
        1,
        "",
    )


def test_run_is_begun_once(idle: Installed) -> None:
    run_id = request(idle)
    assert begin_run(idle.parts, run_id) is not None
    assert begin_run(idle.parts, run_id) is None
    assert idle.parts.run_store.attempts(run_id) == 1


def test_run_begun_by_many_at_once_is_begun_once(idle: Installed) -> None:
    run_id, start, begun = request(idle), threading.Barrier(4), []

    def begin() -> None:
        start.wait()
        begun.append(begin_run(idle.parts, run_id))

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([opening for opening in begun if opening is not None]) == 1
    assert idle.parts.run_store.attempts(run_id) == 1


def read_turn(installed: Installed, run_id: int) -> TurnRow:
    """Return the run as a worker reads it before it begins."""
    with installed.parts.engine.connect() as connection:
        return TurnRow(connection.execute(select_turn(run_id, installed.clock())).one())


def begin_late(installed: Installed, turn: TurnRow, generation: int | None) -> Lock | None:
    assert generation is not None
    with installed.parts.engine.begin() as connection:
        return begin_turn(connection, turn, generation, "late", 30, installed.clock())


def test_run_whose_account_another_run_took_since_it_was_read_does_not_begin(idle: Installed) -> None:
    """Of the account's other module, say."""
    turn = read_turn(idle, run_id := request(idle))
    locks.acquire(idle.parts.engine, SUB, "another", 30)

    assert begin_late(idle, turn, turn.free_generation) is None
    assert (status(idle, run_id), lock_row(idle)["owner"]) == (RunStatus.QUEUED, "another")


def test_run_that_was_carried_out_since_it_was_read_does_not_begin_again(idle: Installed) -> None:
    turn = read_turn(idle, run_id := request(idle))
    tasks.carry_out(idle.parts, run_id)

    assert begin_late(idle, turn, lock_row(idle)["generation"]) is None
    assert (status(idle, run_id), idle.parts.run_store.attempts(run_id)) == (RunStatus.DONE, 1)


def test_after_a_lock_that_ran_out_the_pair_is_read_again_under_the_lock(idle: Installed) -> None:
    locks.acquire(idle.parts.engine, SUB, "a sleeper", 30)
    idle.execute("UPDATE gsync_locks SET expires_utc = UTC_TIMESTAMP() - INTERVAL 1 SECOND")
    opening = begin_run(idle.parts, request(idle))
    assert opening is not None and opening.lock is None
    # What the sleeper's last transaction brings, after the first look.
    idle.execute("UPDATE gsync_pairs SET sync_token = 'newer'")

    with open_run(idle.parts, opening, lambda progress: None) as execution:
        assert execution.pair.sync_token == "newer"


def test_end_waits_for_the_lock_s_row_before_it_locks_the_run_s(idle: Installed) -> None:
    run_id = request(idle)
    opening = begin_run(idle.parts, run_id)
    assert opening is not None and opening.lock is not None
    ended: list[bool] = []

    def end() -> None:
        done = RunResult(RunStatus.DONE)
        ended.append(end_turn(idle.parts.engine, opening.lock, run_id, 1, done, idle.clock()))  # type: ignore[arg-type]

    thread = threading.Thread(target=end)
    with idle.parts.engine.begin() as connection:
        locks.fence(connection, opening.lock)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
        for table, key in (
            ("gsync_runs", f"run_id = {run_id}"),
            ("gsync_pairs", f"pair_id = {idle.pair_id}"),
        ):
            connection.execute(sa.text(f"SELECT 1 FROM {table} WHERE {key} FOR UPDATE NOWAIT"))
    thread.join()
    assert (ended, status(idle, run_id)) == ([True], RunStatus.DONE)


def test_run_whose_lock_is_taken_over_after_its_last_write_is_done_and_leaves_the_lock(
    idle: Installed,
) -> None:
    run_id = request(idle)
    opening = begin_run(idle.parts, run_id)
    assert opening is not None
    with open_run(idle.parts, opening, lambda progress: None) as execution:
        idle.execute("UPDATE gsync_locks SET generation = generation + 1, owner = 'somebody else'")
        execution.result = RunResult(RunStatus.DONE)

    assert (status(idle, run_id), lock_row(idle)["is_over"]) == (RunStatus.DONE, 0)


def test_attempt_that_ends_late_leaves_the_next_one_alone(idle: Installed) -> None:
    run_id = request(idle)
    opening = begin_run(idle.parts, run_id)
    assert opening is not None
    with open_run(idle.parts, opening, lambda progress: None) as execution:
        idle.execute("UPDATE gsync_runs SET attempts = 2 WHERE run_id = :id", id=run_id)
        execution.result = RunResult(RunStatus.DONE)

    assert (status(idle, run_id), lock_row(idle)["is_over"]) == (RunStatus.RUNNING, 1)
