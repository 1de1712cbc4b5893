"""Writes activities as the CRM itself does (facts §8.3, §8.4, measured rows): set-based, and only what is ours to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from plugin.core.mapping.crm_event import ActivityRow, duration
from plugin.core.model import Field
from plugin.crm import tables as t
from plugin.crm.popups import add_popups, move_popups
from plugin.crm.records import HistoryEntry, HistoryStatus, ReserveIds, add_history, by_id, crm_time
from plugin.crm.repeats import NO_REPEAT
from plugin.sync.ports import CrmUser, CrmWrite

# What the CRM's own Google sync gave a new event (facts §4.2, §8.3).
ACTIVITY_TYPE, EVENT_STATUS, SOURCE = "Meeting", "Planned", "GOOGLE"

_ACTIVITY_COLUMNS: Mapping[Field, Mapping[str, Callable[[ActivityRow], object]]] = {
    Field.SUBJECT: {"subject": lambda row: row.subject},
    Field.LOCATION: {"location": lambda row: row.location},
    Field.VISIBILITY: {"visibility": lambda row: row.visibility},
    Field.WHEN: {
        "date_start": lambda row: row.date_start,
        "time_start": lambda row: row.time_start,
        "due_date": lambda row: row.due_date,
        "time_end": lambda row: row.time_end,
        "duration_hours": lambda row: duration(row)[0],
        "duration_minutes": lambda row: duration(row)[1],
    },
}
_ENTITY_COLUMNS: Mapping[Field, Mapping[str, Callable[[ActivityRow], object]]] = {
    Field.SUBJECT: {"label": lambda row: row.subject},
    Field.DESCRIPTION: {"description": lambda row: row.description},
}
_TRACKED = (
    "subject",
    "description",
    "location",
    "date_start",
    "time_start",
    "due_date",
    "time_end",
    "visibility",
)


class EventWriter:
    """Inserts, updates, bins and restores activities."""

    def __init__(
        self,
        connection: sa.Connection,
        schema: t.CrmSchema,
        *,
        user: CrmUser,
        crm_zone: str,
        reserve: ReserveIds,
    ) -> None:
        self._connection, self._schema = connection, schema
        self._user_id, self._crm_zone, self._reserve = user.user_id, crm_zone, reserve

    def insert(self, rows: Sequence[ActivityRow], now_utc: datetime) -> None:
        """Insert activities with every row that the CRM writes for one; no reminder, since none was asked for."""
        if not rows:
            return
        now = crm_time(now_utc, self._crm_zone)
        self._insert(t.entity, [self._entity_values(row, now) for row in rows])
        self._insert(t.activity, [_activity_values(row) for row in rows])
        self._insert(t.activity_cf, [{"activityid": row.crm_id} for row in rows])
        self._insert(t.owner_relation, [{"smid": self._user_id, "activityid": row.crm_id} for row in rows])
        starred = [{"recordid": row.crm_id, "userid": self._user_id, "starred": "0"} for row in rows]
        self._insert(t.user_field, starred)
        add_popups(self._connection, self._schema, rows, now)
        entries = [
            HistoryEntry(row.crm_id, HistoryStatus.CREATED, self._first_values(row, now)) for row in rows
        ]
        self._track(entries, now)

    def update(self, writes: Sequence[CrmWrite], now_utc: datetime) -> None:
        """Write each record's own fields, in one statement per table whatever their number."""
        if not writes:
            return
        now = crm_time(now_utc, self._crm_zone)
        rows = {write.row.crm_id: write for write in writes}
        activity_values = _values_by_id(t.activity, t.activity.c.activityid, _ACTIVITY_COLUMNS, rows)
        if activity_values:
            self._connection.execute(
                sa.update(t.activity)
                .with_hint(t.BY_KEY)
                .where(t.activity.c.activityid.in_(rows))
                .values(**activity_values)
            )
        entity_values = _values_by_id(t.entity, t.entity.c.crmid, _ENTITY_COLUMNS, rows)
        self._stamp(list(rows), now, **entity_values)
        move_popups(self._connection, self._schema, [w.row for w in writes if _moves_start(w)], now)
        entries = [
            HistoryEntry(write.row.crm_id, HistoryStatus.UPDATED, _differences(write)) for write in writes
        ]
        self._track(entries, now)

    def revive(self, rows: Sequence[ActivityRow], now_utc: datetime) -> None:
        """Take records out of the CRM's bin, with all mapped values of `rows`."""
        if not rows:
            return
        now = crm_time(now_utc, self._crm_zone)
        by_crm_id = {row.crm_id: CrmWrite(row, row, frozenset(Field)) for row in rows}
        values = _values_by_id(t.activity, t.activity.c.activityid, _ACTIVITY_COLUMNS, by_crm_id)
        # Its rows about repeats went with the delete; without them the CRM would ask for a series that isn't there.
        kind = t.activity.c.recurringtype
        values["recurringtype"] = sa.case((kind.not_in(["", NO_REPEAT]), NO_REPEAT), else_=kind)
        self._connection.execute(
            sa.update(t.activity)
            .with_hint(t.BY_KEY)
            .where(t.activity.c.activityid.in_(by_crm_id))
            .values(**values)
        )
        entity_values = _values_by_id(t.entity, t.entity.c.crmid, _ENTITY_COLUMNS, by_crm_id)
        self._stamp(list(by_crm_id), now, deleted=0, **entity_values)
        move_popups(self._connection, self._schema, rows, now)
        self._track([HistoryEntry(row.crm_id, HistoryStatus.RESTORED, {}) for row in rows], now)

    def delete(self, crm_ids: Sequence[int], now_utc: datetime) -> None:
        """Put records into the CRM's bin. Their other rows stay, so that a restore from there is complete."""
        if not crm_ids:
            return
        now = crm_time(now_utc, self._crm_zone)
        self._track([HistoryEntry(crm_id, HistoryStatus.DELETED, {}) for crm_id in crm_ids], now)
        self._stamp(crm_ids, now, deleted=1)

    def _insert(self, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
        if rows and self._schema.has(table):
            self._connection.execute(
                sa.insert(table), [self._schema.only_existing(table, row) for row in rows]
            )

    def _stamp(self, crm_ids: Sequence[int], now: datetime, **values: Any) -> None:
        known = self._schema.only_existing(t.entity, values)
        self._connection.execute(
            sa.update(t.entity)
            .with_hint(t.BY_KEY)
            .where(t.entity.c.crmid.in_(crm_ids))
            .values(modifiedtime=now, modifiedby=self._user_id, **known)
        )

    def _track(self, entries: Sequence[HistoryEntry], now: datetime) -> None:
        if self._schema.tracks_events:
            add_history(
                self._connection,
                entries,
                module="Events",
                user_id=self._user_id,
                changed_on=now,
                reserve=self._reserve,
            )

    def _entity_values(self, row: ActivityRow, now: datetime) -> dict[str, object]:
        return {
            "crmid": row.crm_id,
            "smcreatorid": self._user_id,
            "smownerid": self._user_id,
            "modifiedby": self._user_id,
            "smgroupid": 0,
            "setype": "Calendar",
            "description": row.description,
            "createdtime": now,
            "modifiedtime": now,
            "version": 0,
            "presence": 1,
            "deleted": 0,
            "source": SOURCE,
            "label": row.subject,
        }

    def _first_values(self, row: ActivityRow, now: datetime) -> Mapping[str, tuple[str, str]]:
        hours, minutes = duration(row)
        values: dict[str, object] = {name: getattr(row, name) for name in _TRACKED} | {
            "label": row.subject,
            "assigned_user_id": self._user_id,
            "activitytype": ACTIVITY_TYPE,
            "eventstatus": EVENT_STATUS,
            "duration_hours": hours,
            "duration_minutes": minutes,
            "createdtime": now,
            "modifiedby": self._user_id,
            "source": SOURCE,
            "record_id": row.crm_id,
            "record_module": "Events",
        }
        return {name: ("", str(value)) for name, value in values.items() if value not in {"", None}}


def _activity_values(row: ActivityRow) -> dict[str, object]:
    hours, minutes = duration(row)
    return {
        "activityid": row.crm_id,
        "subject": row.subject,
        "activitytype": ACTIVITY_TYPE,
        "eventstatus": EVENT_STATUS,
        "date_start": row.date_start,
        "time_start": row.time_start,
        "due_date": row.due_date,
        "time_end": row.time_end,
        "duration_hours": hours,
        "duration_minutes": minutes,
        "location": row.location,
        "visibility": row.visibility,
        "sendnotification": "0",
        "notime": "0",
    }


def _values_by_id(
    table: sa.Table,
    id_column: sa.Column[Any],
    columns: Mapping[Field, Mapping[str, Callable[[ActivityRow], object]]],
    writes: Mapping[int, CrmWrite],
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field, of_field in columns.items():
        changed = {crm_id: write.row for crm_id, write in writes.items() if field in write.fields}
        for name, value in of_field.items() if changed else ():
            values[name] = by_id(table.c[name], id_column, {i: value(row) for i, row in changed.items()})
    return values


def _moves_start(write: CrmWrite) -> bool:
    before, row = write.before, write.row
    has_moved = (before.date_start, before.time_start) != (row.date_start, row.time_start)
    return Field.WHEN in write.fields and has_moved


def _differences(write: CrmWrite) -> Mapping[str, tuple[str, str]]:
    # Of the columns that are written: the others may be spelt otherwise in the CRM (a time without seconds), and stay so.
    columns = {
        name: value
        for field in Field
        if field in write.fields
        for of_field in (_ACTIVITY_COLUMNS, _ENTITY_COLUMNS)
        for name, value in of_field.get(field, {}).items()
    }
    changes = {
        name: (str(value(write.before) or ""), str(value(write.row) or "")) for name, value in columns.items()
    }
    return {name: (before, after) for name, (before, after) in changes.items() if before != after}
