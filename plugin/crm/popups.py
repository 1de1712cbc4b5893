"""The rows that the CRM's reminder pop-ups come from (facts/crm_google_module.md §8.4, crm_repeats.md §7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

import sqlalchemy as sa

from plugin.core.mapping.crm_event import ActivityRow
from plugin.crm import tables as t
from plugin.crm.records import by_id


def add_popups(
    connection: sa.Connection, schema: t.CrmSchema, rows: Sequence[ActivityRow], now: datetime
) -> None:
    """Make the pop-ups of activities that have none: for what is still to come only, as the CRM does from 7.1 on."""
    coming = [_values(row) for row in rows if starts(row) > now]
    if coming and schema.has(t.reminder_popup):
        connection.execute(sa.insert(t.reminder_popup), coming)


def move_popups(
    connection: sa.Connection, schema: t.CrmSchema, rows: Sequence[ActivityRow], now: datetime
) -> None:
    """Let the pop-ups follow activities whose start has moved, or the CRM would remind of the old time."""
    if not rows or not schema.has(t.reminder_popup):
        return
    row_of = {row.crm_id: row for row in rows}
    popup = t.reminder_popup
    # The table has no index but its key: an UPDATE by activity would lock every row of it, and the CRM's saves would
    # wait or deadlock. An activity may have two, one for each way in which the CRM saves it.
    found = connection.execute(
        sa.select(popup.c.reminderid, popup.c.recordid).where(popup.c.recordid.in_(row_of))
    )
    of_popup = {popup_id: row_of[crm_id] for popup_id, crm_id in found}
    if of_popup:
        values: dict[str, dict[int, object]] = {
            "date_start": {i: row.date_start for i, row in of_popup.items()},
            "time_start": {i: row.time_start for i, row in of_popup.items()},
            # 1 means "shown", which a past start is.
            "status": {i: int(starts(row) <= now) for i, row in of_popup.items()},
        }
        key = popup.c.reminderid
        connection.execute(
            sa.update(popup)
            .with_hint(t.BY_KEY)
            .where(key.in_(of_popup))
            .values({name: by_id(popup.c[name], key, of) for name, of in values.items()})
        )
    have = {row.crm_id for row in of_popup.values()}
    add_popups(connection, schema, [row for row in rows if row.crm_id not in have], now)


def starts(row: ActivityRow) -> datetime:
    """Return when the activity starts, in the CRM's own zone."""
    return datetime.combine(row.date_start, time.fromisoformat(row.time_start))


def _values(row: ActivityRow) -> dict[str, object]:
    return {
        "semodule": "Events",
        "recordid": row.crm_id,
        "date_start": row.date_start,
        "time_start": row.time_start,
        "status": 0,
    }
