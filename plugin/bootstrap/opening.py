"""A run's beginning: all that it stands on, read at once, and its account's lock."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import sqlalchemy as sa

from plugin.bootstrap.execution import Execution, Footing, TellProgress, execute, with_default_limit
from plugin.bootstrap.parts import Parts
from plugin.crm import tables
from plugin.state import locks, models
from plugin.state.locks import Lock
from plugin.state.tokens import AccountTokens
from plugin.state.turns import TurnRow, begin_turn, select_turn
from plugin.sync.memory_ports import Pair
from plugin.sync.ports import CrmUser
from plugin.sync.views import ConnectionStatus, RunView


@dataclass(frozen=True, slots=True)
class Opening:
    """A run that has been started. Without a lock, somebody else may hold it: `open_run` finds out."""

    run: RunView
    attempt: int
    pair: Pair
    user: CrmUser | None
    problem: str
    turn: TurnRow
    lock: Lock | None = None


def begin_run(parts: Parts, run_id: int) -> Opening | None:
    """Start a queued run whose time has come, and take its account's lock; None if there is none such.

    A pair that can't be synced now gets no lock: `Opening.problem` says why.
    """
    now_utc = parts.clock()
    with parts.engine.connect() as connection:
        opening = _read(parts, connection, run_id)
        if opening is None:
            return None
        generation = opening.turn.free_generation
        if generation is not None and not opening.problem:
            owner, ttl_s = _owner(run_id), parts.timing.lock_ttl_s
            lock = begin_turn(connection, opening.turn, generation, owner, ttl_s, now_utc)
            connection.commit()
            if lock is not None:
                return replace(opening, attempt=opening.turn.attempts + 1, lock=lock)
    attempt = parts.run_store.start(run_id, now_utc)
    return None if attempt is None else replace(opening, attempt=attempt)


@contextmanager
def open_run(parts: Parts, opening: Opening, tell: TellProgress) -> Iterator[Execution]:
    """Hold the account's lock while the run goes on. A run given its `result` ends in the moment that frees the lock.

    Raises LockBusyError, CredentialsRevokedError, MissingClientError, ForeignInstallError, SchemaError.
    """
    run_id, lock = opening.run.run_id, opening.lock
    if lock is None:
        owner, ttl_s = _owner(run_id), parts.timing.lock_ttl_s
        pair = opening.pair
        lock = locks.acquire(parts.engine, pair.google_sub, owner, ttl_s, pair.pair_id)

    def footing() -> Footing:
        now = opening
        if opening.lock is None:
            # What was read before may be what another run has changed since.
            with parts.engine.connect() as connection:
                now = _read(parts, connection, run_id) or opening
        if now.user is None:
            raise LookupError(f"run {run_id} has no user")
        return Footing(now.pair, now.user, *_registered(parts, now.turn))

    with execute(parts, lock, footing, tell, run_id, opening.attempt) as execution:
        yield execution


def obstacle(user: CrmUser | None, status: ConnectionStatus, code: str) -> str:
    """Return the code of what keeps the pair from being synced, '' if nothing does."""
    if user is None:
        return "frozen"
    if status is not ConnectionStatus.ACTIVE:
        return code or ("not_connected" if status is ConnectionStatus.NONE else status.value)
    return "" if user.is_active else "frozen"


def _read(parts: Parts, connection: sa.Connection, run_id: int) -> Opening | None:
    query = select_turn(run_id, parts.clock()).add_columns(*tables.users.c)
    is_user = sa.and_(tables.users.c.id == models.pairs.c.crm_user_id, tables.users.c.deleted == 0)
    row = connection.execute(query.outerjoin(tables.users, is_user)).one_or_none()
    if row is None:
        return None
    turn = TurnRow(row)
    user_row = turn.part(tables.users)
    user = parts.users.user_from_row(user_row) if user_row is not None else None
    problem = obstacle(user, *turn.status)
    return Opening(turn.run, turn.attempts, with_default_limit(parts, turn.pair), user, problem, turn)


def _registered(parts: Parts, turn: TurnRow) -> tuple[str, AccountTokens, tuple[str, str] | None]:
    install = turn.install
    return (
        parts.install.id_from_row(install) if install is not None else parts.install.check(),
        parts.tokens.tokens_from_row(turn.part(models.accounts)),
        parts.oauth_client(lambda: parts.tokens.client_from_row(turn.oauth_client)),
    )


def _owner(run_id: int) -> str:
    return f"run-{run_id}-{secrets.token_hex(8)}"
