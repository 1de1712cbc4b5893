"""Old visits, runs and journal lines are forgotten, and nobody who is writing meanwhile is kept waiting or waited for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from plugin.state import models as m
from plugin.state.rows import stored
from plugin.state.run_rows import RunResult
from plugin.sync.account_ports import OpenState
from plugin.sync.views import RunStatus
from tests.installed import USER, Installed


@pytest.fixture
def impatient(installed: Installed) -> Installed:
    """Whoever has to wait for a row gives up after a second."""

    def give_up_soon(connection: sa.Connection) -> None:
        connection.exec_driver_sql("SET SESSION innodb_lock_wait_timeout = 1")

    sa.event.listen(installed.parts.engine, "begin", give_up_soon)
    installed.connect(USER)
    return installed


@contextmanager
def written_meanwhile(installed: Installed, table: sa.Table, **values: object) -> Iterator[None]:
    """Somebody else has written a row, and the transaction isn't over."""
    with installed.parts.engine.connect() as other:
        other.execute(sa.insert(table).values(**values))
        yield
        other.commit()


def visit(installed: Installed, name: str) -> OpenState:
    return OpenState(name * 64, "s" * 64, USER, "Calendar", "v", installed.clock() + timedelta(minutes=10))


def test_two_users_connect_at_the_same_time(impatient: Installed) -> None:
    grants, now = impatient.parts.grants, impatient.clock()
    grants.save_state(visit(impatient, "a"), now - timedelta(days=2))
    impatient.clock.advance(days=2)
    values = {"state_hash": "b" * 64, "session_hash": "t" * 64, "crm_user_id": 6, "module": "Calendar"}
    moments = {"created_utc": stored(now), "expires_utc": stored(impatient.clock())}
    with written_meanwhile(impatient, m.oauth_states, verifier_encrypted="", **values, **moments):
        grants.save_state(visit(impatient, "c"), impatient.clock())

    found = impatient.rows("SELECT state_hash FROM gsync_oauth_states ORDER BY state_hash")
    assert [row["state_hash"][0] for row in found] == ["b", "c"]


def test_old_history_is_forgotten_while_runs_go_on(impatient: Installed) -> None:
    store = impatient.parts.run_store
    for _ in range(5):
        run, _ = store.request(impatient.pair_id, "manual", impatient.clock())
        store.finish(run.run_id, RunResult(RunStatus.DONE), impatient.clock())
        line = {
            "pair_id": impatient.pair_id,
            "run_id": run.run_id,
            "action": "update",
            "reason": "",
            "side": "crm",
        }
        with impatient.parts.engine.begin() as connection:
            connection.execute(sa.insert(m.journal).values(**line, at_utc=stored(impatient.clock())))
    impatient.clock.advance(days=100)
    young, _ = store.request(impatient.pair_id, "manual", impatient.clock())
    with written_meanwhile(impatient, m.journal, **line, at_utc=stored(impatient.clock())):
        store.sweep(impatient.clock() - timedelta(days=90), at_once=2)

    assert [row["run_id"] for row in impatient.rows("SELECT run_id FROM gsync_runs")] == [young.run_id]
    assert len(impatient.rows("SELECT journal_id FROM gsync_journal")) == 1
