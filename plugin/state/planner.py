"""What we have seen of the planner's row: by it, two schedulers and the CRM's cron never run a pass twice."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import insert

from plugin.state import models as m


@dataclass(frozen=True, slots=True)
class PlannerMemory:
    """The last start we know of; `open_laststart` is that of a pass we claimed and have yet to end."""

    laststart_seen: int
    open_laststart: int | None


def begin(connection: sa.Connection, task: str, laststart: int) -> None:
    """Begin to remember, from this start; nothing if we remember already.

    In a transaction before the one that locks: two that insert and then lock in one would wait for each other for ever.
    """
    known = sa.select(m.planner.c.task_name).where(m.planner.c.task_name == task)
    if connection.execute(known).one_or_none() is None:
        first = {"task_name": task, "laststart_seen": laststart, "open_laststart": None}
        connection.execute(insert(m.planner).values(**first).prefix_with("IGNORE"))


def lock(connection: sa.Connection, task: str) -> PlannerMemory:
    """Return what we remember, locked until the transaction ends.

    Has to be the transaction's first statement: what it reads afterwards is then as new as the lock.
    """
    row = connection.execute(
        sa.select(m.planner).where(m.planner.c.task_name == task).with_for_update()
    ).one()
    return PlannerMemory(row.laststart_seen, row.open_laststart)


def save(connection: sa.Connection, task: str, memory: PlannerMemory) -> None:
    """Remember this from now on."""
    connection.execute(
        sa.update(m.planner)
        .where(m.planner.c.task_name == task)
        .values(laststart_seen=memory.laststart_seen, open_laststart=memory.open_laststart)
    )
