"""Numbers for new contacts and accounts (CON12), from the CRM's own counter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from plugin.crm.contact_tables import numbers

ReserveNumbers = Callable[[int], Sequence[str]]


def reserve_numbers(
    engine: sa.Engine, module: str, taken_in: sa.ColumnClause[str] | None, count: int
) -> Sequence[str]:
    """Return fresh numbers, taken in a transaction of their own: the CRM never waits for us. None where the module has no
    counter.

    The counter keeps its leading zeros (facts §8.3). The CRM raises it without a lock, so a number may already stand in
    `taken_in`; such a one is passed over.
    """
    if count == 0:
        return []
    with engine.begin() as connection:
        row = connection.execute(
            sa.select(numbers)
            .where(numbers.c.semodule == module, numbers.c.active == "1")
            .order_by(numbers.c.num_id)
            .limit(1)
            .with_for_update()
        ).one_or_none()
        if row is None or not str(row.cur_id).isdigit():
            return []
        found: list[str] = []
        following = int(row.cur_id)
        while len(found) < count:
            wanted = range(following, following + count - len(found))
            named = [f"{row.prefix}{str(number).zfill(len(row.cur_id))}" for number in wanted]
            taken = _taken(connection, taken_in, named)
            found += [number for number in named if number not in taken]
            following = wanted.stop
        kept = str(following).zfill(len(row.cur_id))
        connection.execute(sa.update(numbers).where(numbers.c.num_id == row.num_id).values(cur_id=kept))
    return found


def _taken(
    connection: sa.Connection, column: sa.ColumnClause[str] | None, named: Sequence[str]
) -> frozenset[str]:
    if column is None:
        return frozenset()
    return frozenset(connection.execute(sa.select(column).where(column.in_(named))).scalars())
