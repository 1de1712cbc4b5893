"""Writes contacts as the CRM itself does (facts §8.3 to §8.6, measured rows): set-based, and only what is ours to write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from plugin.core.mapping.contact_mapping import BIRTHDAY, FIRST_NAME, LAST_NAME, ORGANISATION, ContactField
from plugin.core.mapping.crm_contact import ContactRow
from plugin.crm import contact_tables as ct
from plugin.crm import tables as t
from plugin.crm.contact_lookups import Lookups
from plugin.crm.contact_numbers import ReserveNumbers
from plugin.crm.records import HistoryEntry, HistoryStatus, ReserveIds, add_history, by_id, crm_time
from plugin.sync.ports import CrmUser, CrmWrite

SOURCE = "GOOGLE"
_NAMES = frozenset({FIRST_NAME, LAST_NAME})


class ContactWriter:
    """Inserts, updates, bins and restores contacts."""

    def __init__(
        self,
        connection: sa.Connection,
        schema: ct.ContactSchema,
        *,
        fields: Sequence[ContactField],
        user: CrmUser,
        crm_zone: str,
        reserve: ReserveIds,
        reserve_numbers: ReserveNumbers,
    ) -> None:
        self._connection, self._schema, self._fields = connection, schema, fields
        self._user_id, self._crm_zone = user.user_id, crm_zone
        self._reserve, self._reserve_numbers = reserve, reserve_numbers
        self._lookups = Lookups(connection, schema)

    def insert(self, rows: Sequence[ContactRow], now_utc: datetime) -> None:
        """Insert contacts with every row that the CRM writes for one."""
        if not rows:
            return
        now = crm_time(now_utc, self._crm_zone)
        numbers = self._reserve_numbers(ct.MODULE, len(rows))
        # A CRM without a counter for contacts: the record's own number is as good as any, and nobody else's.
        given = [*numbers, *(f"CON{row.crm_id}" for row in rows[len(numbers) :])]
        self._insert(t.entity.name, [self._entity_values(row, now) for row in rows])
        for table in ct.KEYS:
            self._insert(
                table, [self._new_values(table, row, no) for row, no in zip(rows, given, strict=True)]
            )
        starred = [{"recordid": row.crm_id, "userid": self._user_id, "starred": "0"} for row in rows]
        self._insert(t.user_field.name, starred)
        self._lookups.write([row.crm_id for row in rows], None)
        self._track([self._first_entry(row, number) for row, number in zip(rows, given, strict=True)], now)

    def update(self, writes: Sequence[CrmWrite], now_utc: datetime) -> None:
        """Write each record's own fields, in one statement per table whatever their number."""
        if not writes:
            return
        now = crm_time(now_utc, self._crm_zone)
        changed = self._write_fields(writes)
        self._stamp(writes, now)
        self._lookups.write([write.row.crm_id for write in writes], changed)
        entries = [
            HistoryEntry(write.row.crm_id, HistoryStatus.UPDATED, _differences(write)) for write in writes
        ]
        self._track(entries, now)

    def revive(self, rows: Sequence[ContactRow], now_utc: datetime) -> None:
        """Take records out of the CRM's bin, with all mapped values of `rows`."""
        if not rows:
            return
        now = crm_time(now_utc, self._crm_zone)
        mapped = frozenset(field.name for field in self._fields)
        writes = [CrmWrite(row, row, mapped) for row in rows]
        self._write_fields(writes)
        self._stamp(writes, now, deleted=0)
        self._lookups.write([row.crm_id for row in rows], None)
        self._track([HistoryEntry(row.crm_id, HistoryStatus.RESTORED, {}) for row in rows], now)

    def delete(self, crm_ids: Sequence[int], now_utc: datetime) -> None:
        """Put records into the CRM's bin. Their other rows stay, so that a restore from there is complete."""
        if not crm_ids:
            return
        now = crm_time(now_utc, self._crm_zone)
        self._track([HistoryEntry(crm_id, HistoryStatus.DELETED, {}) for crm_id in crm_ids], now)
        self._lookups.forget_emails(crm_ids)
        self._connection.execute(
            sa.update(t.entity)
            .with_hint(t.BY_KEY)
            .where(t.entity.c.crmid.in_(crm_ids))
            .values(modifiedtime=now, modifiedby=self._user_id, deleted=1)
        )

    # --- statements ---

    def _insert(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        if rows and self._schema.has(table):
            known = [self._schema.only_existing(table, row) for row in rows]
            target = sa.table(table, *(sa.column(name) for name in known[0]))
            self._connection.execute(sa.insert(target), known)

    def _write_fields(self, writes: Sequence[CrmWrite]) -> frozenset[str]:
        """Update the contact tables and return the fields written; names that stand in the entity's label go with it."""
        changed = frozenset(name for write in writes for name in write.fields)
        for name, key in ct.KEYS.items():
            fields = [field for field in self._fields if field.table == name and field.name in changed]
            if not fields:
                continue
            table = ct.contact_table(name, *(field.column for field in fields))
            of_field = {field: [w for w in writes if field.name in w.fields] for field in fields}
            ids = sorted({write.row.crm_id for of_one in of_field.values() for write in of_one})
            self._fill_gaps(name, ids)
            values = {
                field.column: by_id(
                    table.c[field.column],
                    table.c[key],
                    {w.row.crm_id: _stored(w.row, field.name) for w in of_one},
                )
                for field, of_one in of_field.items()
            }
            self._connection.execute(
                sa.update(table).with_hint(t.BY_KEY).where(table.c[key].in_(ids)).values(**values)
            )
        return changed

    def _fill_gaps(self, table: str, crm_ids: Sequence[int]) -> None:
        # The CRM makes rows that lack at its next save (measured); without them an update would write nowhere.
        key: sa.ColumnClause[Any] = sa.column(ct.KEYS[table])
        there = self._connection.execute(sa.select(key).select_from(sa.table(table)).where(key.in_(crm_ids)))
        missing = set(crm_ids) - set(there.scalars())
        self._insert(table, [{ct.KEYS[table]: crm_id} for crm_id in sorted(missing)])

    def _stamp(self, writes: Sequence[CrmWrite], now: datetime, **values: Any) -> None:
        labels = {w.row.crm_id: _after(w).label for w in writes if w.fields & _NAMES}
        notes = {w.row.crm_id: _stored(w.row, "description") for w in writes if "description" in w.fields}
        if labels:
            values["label"] = by_id(t.entity.c.label, t.entity.c.crmid, labels)
        if notes:
            values["description"] = by_id(t.entity.c.description, t.entity.c.crmid, notes)
        known = self._schema.only_existing(t.entity.name, values)
        self._connection.execute(
            sa.update(t.entity)
            .with_hint(t.BY_KEY)
            .where(t.entity.c.crmid.in_([write.row.crm_id for write in writes]))
            .values(modifiedtime=now, modifiedby=self._user_id, **known)
        )

    def _track(self, entries: Sequence[HistoryEntry], now: datetime) -> None:
        if ct.MODULE in self._schema.tracked:
            add_history(
                self._connection, entries, module=ct.MODULE, user_id=self._user_id, changed_on=now, reserve=self._reserve
            )  # fmt: skip

    # --- values ---

    def _entity_values(self, row: ContactRow, now: datetime) -> dict[str, object]:
        return {
            "crmid": row.crm_id,
            "smcreatorid": self._user_id,
            "smownerid": self._user_id,
            "modifiedby": self._user_id,
            "smgroupid": 0,
            "setype": ct.MODULE,
            "description": _stored(row, "description"),
            "createdtime": now,
            "modifiedtime": now,
            "version": 0,
            "presence": 1,
            "deleted": 0,
            "source": SOURCE,
            "label": row.label,
        }

    def _new_values(self, table: str, row: ContactRow, number: str) -> dict[str, object]:
        # What isn't mapped keeps the database's default; a mapped field that is empty is stored as the CRM's form does.
        always: dict[str, dict[str, object]] = {
            ct.DETAILS: {"contact_no": number, "accountid": 0},
            ct.CUSTOMER: {"portal": "0"},
        }
        mapped = {f.column: _stored(row, f.name) for f in self._fields if f.table == table}
        return {ct.KEYS[table]: row.crm_id, **always.get(table, {}), **mapped}

    def _first_entry(self, row: ContactRow, number: str) -> HistoryEntry:
        values: dict[str, object] = {
            **{name: _stored(row, name) for name in row.values},
            "label": row.label,
            "contact_no": number,
            "assigned_user_id": self._user_id,
            "source": SOURCE,
            "record_id": row.crm_id,
            "record_module": ct.MODULE,
        }
        changes = {name: ("", str(value)) for name, value in values.items() if value not in ("", None)}
        return HistoryEntry(row.crm_id, HistoryStatus.CREATED, changes)


def _stored(row: ContactRow, name: str) -> str | date | int | None:
    # Empty values as the CRM stores them: no date, no account, no text (facts §8.3).
    if name == ORGANISATION:
        return row.account.account_id if row.account else 0
    return row.values.get(name) or (None if name == BIRTHDAY else "")


def _after(write: CrmWrite) -> ContactRow:
    # Of the row only the named fields are written; the label is made of what then stands there.
    written = {name: value for name, value in write.row.values.items() if name in write.fields}
    kept = {name: value for name, value in write.before.values.items() if name not in write.fields}
    return ContactRow(write.row.crm_id, {**kept, **written})


def _differences(write: CrmWrite) -> Mapping[str, tuple[str, str]]:
    changed = {
        name: (_shown(_stored(write.before, name)), _shown(_stored(write.row, name)))
        for name in sorted(write.fields)
    }
    label = (write.before.label, _after(write).label)
    both = changed | ({"label": label} if write.fields & _NAMES else {})
    return {name: values for name, values in both.items() if values[0] != values[1]}


def _shown(value: str | date | int | None) -> str:
    return "" if value is None else str(value)
