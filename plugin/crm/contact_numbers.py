"""Numbers for new contacts and accounts (CON12, ACC3), from the CRM's own counters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from plugin.crm.contact_tables import DETAILS, MODULE, numbers

ACCOUNTS = "Accounts"
# A module's name and how many.
ReserveNumbers = Callable[[str, int], Sequence[str]]

_HELD_IN = {MODULE: (DETAILS, "contact_no"), ACCOUNTS: ("vtiger_account", "account_no")}


def reserve_numbers(engine: sa.Engine, module: str, count: int) -> Sequence[str]:
    """Return fresh numbers, taken in a transaction of their own: the CRM never waits for us. None if there is no counter.

    The counter keeps its leading zeros (facts §8.3). The CRM raises it without a lock, so a number may already be in use: such
    a one is passed over.
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
            taken = _taken(connection, module, named)
            found += [number for number in named if number not in taken]
            following = wanted.stop
        kept = str(following).zfill(len(row.cur_id))
        connection.execute(sa.update(numbers).where(numbers.c.num_id == row.num_id).values(cur_id=kept))
    return found


def _taken(connection: sa.Connection, module: str, named: Sequence[str]) -> frozenset[str]:
    table, name = _HELD_IN[module]
    column: sa.ColumnClause[str] = sa.column(name)
    query = sa.select(column).select_from(sa.table(table)).where(column.in_(named))
    return frozenset(connection.execute(query).scalars())
