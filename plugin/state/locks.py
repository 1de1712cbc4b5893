"""The fenced lock: one run at a time per Google account, over all workers and machines (design.md §4.1).

A row holds owner, generation and expiry, by the database's clock alone. Each takeover raises the generation, so a worker
that woke up late finds that its generation is no longer the row's, and can't write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import insert

from plugin.core.errors import DisconnectedError, LockBusyError, LockLostError
from plugin.state import models as m
from plugin.state.pairs import OFF

NOW = sa.text("UTC_TIMESTAMP(6)")


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock as it was taken, and the pair it was taken for: once that is out of use, the lock is worth nothing."""

    lock_key: str
    owner: str
    generation: int
    ttl_s: float
    pair_id: int | None = None


def acquire(engine: sa.Engine, lock_key: str, owner: str, ttl_s: float, pair_id: int | None = None) -> Lock:
    """Return the lock; raises LockBusyError while another run holds it."""
    with engine.connect() as connection:
        # Looked at without locking first: the holder's transactions keep the row locked, and nobody should wait for them.
        is_held = connection.execute(
            sa.select(m.locks.c.expires_utc > NOW).where(m.locks.c.lock_key == lock_key)
        ).scalar_one_or_none()
    if is_held is None:
        # In a transaction of its own: two that insert and then update in one would wait for each other for ever.
        with engine.begin() as connection:
            row = {"lock_key": lock_key, "owner": "", "generation": 0, "expires_utc": NOW}
            connection.execute(insert(m.locks).values(**row).prefix_with("IGNORE"))
    generation = None if is_held else _take(engine, lock_key, owner, ttl_s)
    if generation is None:
        raise LockBusyError(f"another run works for {lock_key}")
    return Lock(lock_key, owner, generation, ttl_s, pair_id)


def _take(engine: sa.Engine, lock_key: str, owner: str, ttl_s: float) -> int | None:
    with engine.begin() as connection:
        taken = connection.execute(
            sa.update(m.locks)
            .where(m.locks.c.lock_key == lock_key, m.locks.c.expires_utc <= NOW)
            .values(owner=owner, generation=m.locks.c.generation + 1, expires_utc=expiry(ttl_s))
        )
        if taken.rowcount != 1:
            return None
        query = sa.select(m.locks.c.generation).where(m.locks.c.lock_key == lock_key)
        return int(connection.execute(query).scalar_one())


def renew(engine: sa.Engine, lock: Lock) -> bool:
    """Push the expiry on; tell whether the lock is still ours. One that ran out is ours until somebody else takes it."""
    with engine.begin() as connection:
        renewed = connection.execute(
            sa.update(m.locks).where(*is_ours(lock)).values(expires_utc=expiry(lock.ttl_s))
        )
        return renewed.rowcount == 1


def release(engine: sa.Engine, lock: Lock) -> None:
    """Free the lock, if it is still ours. Without an owner: whoever takes it next knows that nobody is left behind."""
    with engine.begin() as connection:
        connection.execute(sa.update(m.locks).where(*is_ours(lock)).values(owner="", expires_utc=NOW))


def fence(connection: sa.Connection, lock: Lock, also: Sequence[sa.ColumnElement[Any]] = ()) -> sa.Row[Any]:
    """Lock the row for this transaction, and return it with the columns in `also`.

    Raises LockLostError if the generation isn't ours or its time has run out, DisconnectedError if the pair is out of use.
    """
    is_valid = (m.locks.c.expires_utc > NOW).label("is_valid")
    row = connection.execute(
        sa.select(m.locks.c.generation, is_valid, _pair_status(lock), *also)
        .where(m.locks.c.lock_key == lock.lock_key)
        .with_for_update()
    ).one_or_none()
    if row is None or row.generation != lock.generation or not row.is_valid:
        raise LockLostError(f"lock of {lock.lock_key} was taken over")
    _check_pair(row)
    return row


def check(engine: sa.Engine, lock: Lock) -> None:
    """Raise what `fence` raises, without locking anything."""
    with engine.connect() as connection:
        row = connection.execute(
            sa.select(_pair_status(lock)).where(*is_ours(lock), m.locks.c.expires_utc > NOW)
        ).one_or_none()
    if row is None:
        raise LockLostError(f"lock of {lock.lock_key} was taken over")
    _check_pair(row)


def _pair_status(lock: Lock) -> sa.ColumnElement[Any]:
    query = sa.select(m.pairs.c.status).where(m.pairs.c.pair_id == lock.pair_id)
    return query.scalar_subquery().label("pair_status")


def _check_pair(row: Any) -> None:
    if row.pair_status == OFF:
        raise DisconnectedError("the pair was put out of use")


def is_ours(lock: Lock) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions under which the row is still as it was taken."""
    return (
        m.locks.c.lock_key == lock.lock_key,
        m.locks.c.owner == lock.owner,
        m.locks.c.generation == lock.generation,
    )


def expiry(ttl_s: float) -> sa.ColumnElement[Any]:
    """Return the moment at which a lock taken now runs out, by the database's clock."""
    return sa.func.timestampadd(sa.text("MICROSECOND"), int(ttl_s * 1_000_000), NOW)
