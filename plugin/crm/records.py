"""What all CRM records share: ids from the CRM's sequences, the entity row's stamps, the change history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from plugin.core.errors import SchemaError
from plugin.crm import tables as t

ReserveIds = Callable[[str, int], Sequence[int]]


def reserve_ids(engine: sa.Engine, sequence: str, count: int) -> Sequence[int]:
    """Return `count` fresh ids, in a transaction of their own: the CRM never waits for us.

    Ids that end unused leave a gap, as the CRM's own failed saves do. Raises SchemaError if the sequence is empty.
    """
    if count == 0:
        return []
    with engine.begin() as connection:
        # LAST_INSERT_ID(x) hands the new value to this connection alone (facts §8.2).
        row = sa.table(sequence, sa.column("id", sa.Integer))
        counted = connection.execute(sa.update(row).values(id=sa.func.last_insert_id(row.c.id + count)))
        if counted.rowcount != 1:
            # The connection would answer with the ids of its last reservation.
            raise SchemaError(f"{sequence} must hold one row: the CRM's ids come from there")
        last = int(connection.execute(sa.text("SELECT LAST_INSERT_ID()")).scalar_one())
    return range(last - count + 1, last + 1)


def crm_time(moment_utc: datetime, crm_zone: str) -> datetime:
    """Return the moment as the CRM's datetime columns hold it: its default zone, whole seconds, no zone."""
    return moment_utc.astimezone(ZoneInfo(crm_zone)).replace(tzinfo=None, microsecond=0)


def moment_of(value: datetime, crm_zone: str) -> datetime:
    """Return the moment that the CRM's datetime columns mean."""
    return value.replace(tzinfo=ZoneInfo(crm_zone)).astimezone(UTC)


def by_id(
    column: sa.ColumnElement[Any], id_column: sa.ColumnElement[Any], values: Mapping[int, object]
) -> sa.ColumnElement[object]:
    """Return an expression that gives each row its own value, and rows that aren't named what they had."""
    return sa.case(dict(values), value=id_column, else_=column)


class HistoryStatus(IntEnum):
    """The kinds of entry in the CRM's history (facts §8.6)."""

    UPDATED = 0
    DELETED = 1
    CREATED = 2
    RESTORED = 3


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One record's change: field name → (before, after)."""

    crm_id: int
    status: HistoryStatus
    changes: Mapping[str, tuple[str, str]]


def add_history(
    connection: sa.Connection,
    entries: Sequence[HistoryEntry],
    *,
    module: str,
    user_id: int,
    changed_on: datetime,
    reserve: ReserveIds,
) -> None:
    """Write the CRM's change history, as its ModTracker does; the caller knows that it is on."""
    if not entries:
        return
    ids = reserve(t.HISTORY_SEQUENCE, len(entries))
    basics = [
        {
            "id": history_id,
            "crmid": entry.crm_id,
            "module": module,
            "whodid": user_id,
            "changedon": changed_on,
            "status": int(entry.status),
        }
        for history_id, entry in zip(ids, entries, strict=True)
    ]
    details = [
        {"id": history_id, "fieldname": name, "prevalue": before, "postvalue": after}
        for history_id, entry in zip(ids, entries, strict=True)
        for name, (before, after) in entry.changes.items()
    ]
    connection.execute(sa.insert(t.history), basics)
    if details:
        connection.execute(sa.insert(t.history_detail), details)
