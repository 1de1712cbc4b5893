"""The fenced lock: one run at a time per Google account, over all workers and machines (design.md §4.1).

A row holds owner, generation and expiry, by the database's clock alone. Each takeover raises the generation, so a worker
that woke up late finds that its generation is no longer the row's, and can't write.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import insert

from plugin.core.errors import LockBusyError, LockLostError
from plugin.state import models as m

# A dead worker's account is free again after this; the heartbeat renews three times as often.
LOCK_TTL_S = 30

_NOW = sa.text("UTC_TIMESTAMP(6)")
_EXPIRY = sa.text(f"UTC_TIMESTAMP(6) + INTERVAL {LOCK_TTL_S} SECOND")


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock as it was taken."""

    lock_key: str
    owner: str
    generation: int


def acquire(engine: sa.Engine, lock_key: str, owner: str) -> Lock:
    """Return the lock; raises LockBusyError while another run holds it."""
    with engine.begin() as connection:
        row = {"lock_key": lock_key, "owner": "", "generation": 0, "expires_utc": _NOW}
        connection.execute(insert(m.locks).values(**row).prefix_with("IGNORE"))
        taken = connection.execute(
            sa.update(m.locks)
            .where(m.locks.c.lock_key == lock_key, m.locks.c.expires_utc <= _NOW)
            .values(owner=owner, generation=m.locks.c.generation + 1, expires_utc=_EXPIRY)
        )
        if taken.rowcount != 1:
            raise LockBusyError(f"another run works for {lock_key}")
        generation = connection.execute(
            sa.select(m.locks.c.generation).where(m.locks.c.lock_key == lock_key)
        ).scalar_one()
    return Lock(lock_key, owner, generation)


def renew(engine: sa.Engine, lock: Lock) -> bool:
    """Push the expiry on; tell whether the lock is still ours."""
    with engine.begin() as connection:
        renewed = connection.execute(
            sa.update(m.locks).where(*_is(lock), m.locks.c.expires_utc > _NOW).values(expires_utc=_EXPIRY)
        )
        return renewed.rowcount == 1


def release(engine: sa.Engine, lock: Lock) -> None:
    """Free the lock, if it is still ours."""
    with engine.begin() as connection:
        connection.execute(sa.update(m.locks).where(*_is(lock)).values(expires_utc=_NOW))


def fence(connection: sa.Connection, lock: Lock) -> None:
    """Lock the row for this transaction; raises LockLostError if the generation isn't ours or its time has run out."""
    row = connection.execute(
        sa.select(m.locks.c.generation, (m.locks.c.expires_utc > _NOW).label("is_valid"))
        .where(m.locks.c.lock_key == lock.lock_key)
        .with_for_update()
    ).one_or_none()
    if row is None or row.generation != lock.generation or not row.is_valid:
        raise LockLostError(f"lock of {lock.lock_key} was taken over")


def check(engine: sa.Engine, lock: Lock) -> None:
    """Raise LockLostError if the lock isn't ours now."""
    with engine.connect() as connection:
        row = connection.execute(
            sa.select(m.locks.c.lock_key).where(*_is(lock), m.locks.c.expires_utc > _NOW)
        ).one_or_none()
    if row is None:
        raise LockLostError(f"lock of {lock.lock_key} was taken over")


def _is(lock: Lock) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        m.locks.c.lock_key == lock.lock_key,
        m.locks.c.owner == lock.owner,
        m.locks.c.generation == lock.generation,
    )
