"""How a run's turn begins and ends: its row and its account's lock change in one statement, the lock's row first.

What a run begins with is read in one statement as well. Where something is unusual (the account is busy, its lock was never
made or ran out instead of being freed), the run takes the longer way: plugin/state/runs.py, plugin/state/locks.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from plugin.state import locks
from plugin.state import models as m
from plugin.state.locks import Lock
from plugin.state.pairs import status_of_pair, synced_columns
from plugin.state.rows import pair_from_row, stored
from plugin.state.run_rows import RunResult, end_columns, view_from_row
from plugin.sync.memory_ports import Pair
from plugin.sync.views import ConnectionStatus, RunStatus, RunView


def select_turn(run_id: int, now_utc: datetime) -> sa.Select[Any]:
    """Select a run with its pair, its account, what is registered, and its lock."""
    due = sa.and_(m.parked.c.pair_id == m.pairs.c.pair_id, m.parked.c.retry_at_utc <= stored(now_utc))
    has_questions = sa.or_(
        sa.exists().where(m.intents.c.pair_id == m.pairs.c.pair_id),
        sa.exists().where(due, m.parked.c.google_id.is_not(None)),
    )
    # A lock that ran out may belong to a sleeper whose last transaction isn't over: what is read now could be old.
    is_free = sa.and_(m.locks.c.expires_utc <= locks.NOW, m.locks.c.owner == "")
    return (
        sa.select(m.runs, m.pairs, m.accounts, m.locks.c.generation)
        .add_columns(is_free.label("is_free"), has_questions.label("has_questions"))
        .add_columns(*_only_row(m.install), *_only_row(m.oauth_client))
        .join(m.pairs, m.pairs.c.pair_id == m.runs.c.pair_id)
        .join(m.accounts, m.accounts.c.account_id == m.pairs.c.account_id)
        .outerjoin(m.locks, m.locks.c.lock_key == m.pairs.c.google_sub)
        .where(m.runs.c.run_id == run_id)
    )


class TurnRow:
    """One row of `select_turn`; more tables may have been joined to it."""

    def __init__(self, row: sa.Row[Any]) -> None:
        self._row = row

    def part(self, table: sa.Table) -> Any:
        """Return what one table of the join gave, under its own column names; None where it had no row."""
        row = self._row._mapping
        return _namespace({c.name: row[c] for c in table.c})

    @property
    def install(self) -> Any:
        """The row that ties our tables to one CRM; None before there is one."""
        return self._only_row(m.install)

    @property
    def oauth_client(self) -> Any:
        """The registered OAuth client; None if there is none."""
        return self._only_row(m.oauth_client)

    @property
    def run(self) -> RunView:
        """The run."""
        return view_from_row(self.part(m.runs))

    @property
    def attempts(self) -> int:
        """How often it was started."""
        return int(self.part(m.runs).attempts)

    @property
    def pair(self) -> Pair:
        """Its pair."""
        return replace(pair_from_row(self._joined), has_questions=bool(self._row.has_questions))

    @property
    def status(self) -> tuple[ConnectionStatus, str]:
        """Where the pair stands, and the code of its problem."""
        return status_of_pair(self._joined)

    @property
    def _joined(self) -> Any:
        # As plugin/state/pairs.py joins a pair and its account.
        pair, account = self.part(m.pairs), self.part(m.accounts)
        pair.account_status, pair.account_problem = account.status, account.problem_code
        pair.email, pair.connected_utc = account.email, account.connected_utc
        return pair

    @property
    def free_generation(self) -> int | None:
        """The generation of the account's lock, if that is free to be taken at once."""
        return int(self._row.generation) if self._row.is_free else None

    def _only_row(self, table: sa.Table) -> Any:
        return _namespace({c.name: getattr(self._row, _label(c)) for c in table.c})


def _only_row(table: sa.Table) -> list[sa.ColumnElement[Any]]:
    # These tables have one row at most, so there is nothing to join them by.
    return [sa.select(c).scalar_subquery().label(_label(c)) for c in table.c]


def _label(column: sa.Column[Any]) -> str:
    return f"{column.table.name}_{column.name}"


def _namespace(values: dict[str, Any]) -> Any:
    return SimpleNamespace(**values) if any(v is not None for v in values.values()) else None


def begin_turn(
    connection: sa.Connection, turn: TurnRow, generation: int, owner: str, ttl_s: float, now_utc: datetime
) -> Lock | None:
    """Take the lock and start the run; None, and nothing is changed, if one of them isn't as it was read."""
    lock_key, run_id = turn.pair.google_sub, turn.run.run_id
    lock, run = m.locks.c, m.runs.c
    begun = connection.execute(
        sa.update(m.locks)
        .where(
            lock.generation == generation,
            lock.expires_utc <= locks.NOW,
            *_is_locked_by(lock_key, run_id),
            run.status == RunStatus.QUEUED.value,
            run.attempts == turn.attempts,
            run.not_before_utc <= stored(now_utc),
        )
        .values(
            {
                lock.owner: owner,
                lock.generation: generation + 1,
                lock.expires_utc: locks.expiry(ttl_s),
                run.status: RunStatus.RUNNING.value,
                run.started_utc: stored(now_utc),
                run.attempts: turn.attempts + 1,
            }
        )
    )
    return Lock(lock_key, owner, generation + 1, ttl_s, turn.pair.pair_id) if begun.rowcount else None


def end_turn(
    engine: sa.Engine,
    lock: Lock,
    run_id: int,
    attempt: int,
    result: RunResult,
    now_utc: datetime,
    used_up_utc: datetime | None = None,
) -> bool:
    """Free the lock, write down how the run ended, and that its pair was synced; `used_up_utc` as in `SqlPairs.mark_synced`.

    False, and nothing is changed, if the lock or the run has become somebody else's.
    """
    run = m.runs.c
    ended = {run[name]: value for name, value in end_columns(result, now_utc).items()}
    synced = {m.pairs.c[name]: value for name, value in synced_columns(now_utc, used_up_utc).items()}
    with engine.begin() as connection:
        done = connection.execute(
            sa.update(m.locks)
            .where(
                *locks.is_ours(lock),
                *_is_locked_by(lock.lock_key, run_id),
                run.attempts == attempt,
                run.active_key.is_not(None),
            )
            .values(
                {
                    m.locks.c.owner: "",
                    m.locks.c.expires_utc: locks.NOW,
                    **ended,
                    **synced,
                }
            )
        )
        return bool(done.rowcount)


def _is_locked_by(lock_key: str, run_id: int) -> Sequence[sa.ColumnElement[bool]]:
    # Rows named by their keys are locked in the order of the statement's tables: the lock's first (design.md §4.1).
    return (
        m.runs.c.run_id == run_id,
        m.pairs.c.pair_id == m.runs.c.pair_id,
        m.pairs.c.google_sub == m.locks.c.lock_key,
        m.locks.c.lock_key == lock_key,
    )
