"""A CRM user's contacts, on a connection that somebody else opened: the `CrmContacts` port.

A contact is a row of vtiger_crmentity (setype Contacts) and of five tables beside it; only the columns of the mapping in force
are read and, on an update, written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from plugin.core.mapping.contact_mapping import ORGANISATION, ContactField, ContactMapping
from plugin.core.mapping.crm_contact import Account, ContactRow, account_key
from plugin.core.model import Presence
from plugin.crm import contact_tables as ct
from plugin.crm import tables as t
from plugin.crm.accounts import AccountWriter, find_accounts, named_accounts
from plugin.crm.contact_numbers import ReserveNumbers
from plugin.crm.contact_rows import ContactWriter
from plugin.crm.events import UNSETTLED, MemoryTables
from plugin.crm.legacy import read_mapping
from plugin.crm.records import ReserveIds, crm_time, moment_of
from plugin.crm.transfers import find_transferred
from plugin.sync.memory_ports import Pair
from plugin.sync.ports import CrmRecord, CrmUser, CrmWrite

LEGACY_NAME = "Vtiger_GoogleContacts"
# Read whatever is mapped.
_ALWAYS = {ct.DETAILS: ("accountid",)}


class UserContacts:
    """The `CrmContacts` port over the CRM's own tables, for the user of one pair."""

    def __init__(
        self,
        connection: sa.Connection,
        schema: ct.ContactSchema,
        memory: MemoryTables,
        *,
        pair: Pair,
        user: CrmUser,
        mapping: ContactMapping,
        crm_zone: str,
        now_utc: datetime,
        reserve: ReserveIds,
        reserve_numbers: ReserveNumbers,
    ) -> None:
        self._connection, self._memory = connection, memory
        self._pair, self._user = pair, user
        self._crm_zone, self._now, self._now_utc = crm_zone, crm_time(now_utc, crm_zone), now_utc
        self._fields = [schema.fields[name] for name in mapping.crm_fields() if name in schema.fields]
        about: dict[str, Any] = {
            "user": user,
            "crm_zone": crm_zone,
            "reserve": reserve,
            "reserve_numbers": reserve_numbers,
        }
        self._writer = ContactWriter(connection, schema, fields=self._fields, **about)
        self._account_writer = AccountWriter(connection, schema, **about)
        self._tables = {
            name: ct.contact_table(name, *_columns_of(self._fields, name), *_ALWAYS.get(name, ()))
            for name in ct.KEYS
            if name == ct.DETAILS or any(field.table == name for field in self._fields)
        }

    def read_changes(self, limit: int) -> Sequence[CrmRecord]:
        """See the port."""
        changed = self._connection.execute(self._changed().limit(limit)).all()
        left = self._connection.execute(self._left()).all()
        return self._records([*changed, *left])

    def read_unlinked(self) -> Sequence[CrmRecord]:
        """See the port."""
        links = self._memory.links
        is_linked = sa.and_(links.c.pair_id == self._pair.pair_id, links.c.crm_id == t.entity.c.crmid)
        query = (
            self._select()
            .outerjoin(links, is_linked)
            .where(self._is_in_set(), links.c.link_id.is_(None))
            .order_by(t.entity.c.crmid)
        )
        return self._records(self._connection.execute(query).all())

    def read_legacy_mapping(self) -> Mapping[str, int]:
        """See the port. The old module kept the address of the contact's feed entry, which ends in its source id."""
        found = read_mapping(self._connection, self._user.user_id, LEGACY_NAME)
        return {google_id.rpartition("/")[2]: crm_id for google_id, crm_id in found.items()}

    def read_records(self, crm_ids: Sequence[int]) -> Mapping[int, CrmRecord]:
        """See the port."""
        return self._by_id(crm_ids, self._select().where(t.entity.c.crmid.in_(crm_ids)))

    def lock_records(self, crm_ids: Sequence[int]) -> Mapping[int, CrmRecord]:
        """See the port. One statement in id order, so that two lockers never wait for each other; accounts stay free."""
        # Each contact's rows in the order in which the CRM saves them: the other way round, both would wait for ever.
        query = self._select().where(t.entity.c.crmid.in_(crm_ids)).order_by(t.entity.c.crmid)
        in_order = query.prefix_with("STRAIGHT_JOIN").with_hint(t.entity, t.BY_KEY)
        return self._by_id(crm_ids, in_order.with_for_update())

    def find_accounts(self, names: Sequence[str]) -> Mapping[str, Account]:
        """See the port."""
        # As it is written, and with single blanks: that is all the same name.
        wanted = sorted({form for name in names for form in (name.strip().lower(), account_key(name))} - {""})
        is_named = sa.func.lower(ct.account.c.accountname).in_(wanted)
        return named_accounts(find_accounts(self._connection, is_named)) if wanted else {}

    def create_accounts(self, names: Sequence[str], now_utc: datetime) -> Mapping[str, Account]:
        """See the port."""
        missing = {account_key(name): name.strip() for name in reversed(names) if name.strip()}
        return named_accounts(self._account_writer.insert([*reversed(missing.values())], now_utc))

    def create(self, rows: Sequence[ContactRow], now_utc: datetime) -> None:
        """See the port."""
        self._writer.insert(rows, now_utc)

    def update(self, writes: Sequence[CrmWrite], now_utc: datetime) -> None:
        """See the port."""
        self._writer.update(writes, now_utc)

    def revive(self, rows: Sequence[ContactRow], now_utc: datetime) -> None:
        """See the port."""
        self._writer.revive(rows, now_utc)

    def delete(self, crm_ids: Sequence[int], now_utc: datetime) -> None:
        """See the port."""
        self._writer.delete(crm_ids, now_utc)

    def find_transferred(self, records: Sequence[CrmRecord]) -> frozenset[int]:
        """See the port."""
        links, pairs = self._memory.links, self._memory.pairs
        return find_transferred(self._connection, links, pairs, self._user.user_id, records)

    # --- queries ---

    def _columns(self) -> list[sa.ColumnElement[Any]]:
        mapped = [
            (t.entity.c if field.table == t.entity.name else self._tables[field.table].c)[field.column].label(
                f"f_{field.name}"
            )
            for field in self._fields
        ]
        details = self._tables[ct.DETAILS].c
        version = t.VERSION.label("modifiedtime")
        stamps = (t.entity.c.crmid, t.entity.c.smownerid, t.entity.c.deleted, version)
        return [*stamps, details.contactid, details.accountid, *mapped]

    def _select(self) -> sa.Select[Any]:
        return self._beside(self._bare(), t.entity.c.crmid)

    def _bare(self) -> sa.Select[Any]:
        is_of = self._is_of(ct.DETAILS, t.entity.c.crmid)
        return sa.select(*self._columns()).join_from(t.entity, self._tables[ct.DETAILS], is_of)

    def _beside(self, query: sa.Select[Any], crm_id: sa.ColumnElement[Any]) -> sa.Select[Any]:
        # The CRM lives with contacts that lack a row beside (measured): they are contacts all the same.
        for name, table in self._tables.items():
            if name != ct.DETAILS:
                query = query.outerjoin(table, self._is_of(name, crm_id))
        return query

    def _is_of(self, name: str, crm_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return self._tables[name].c[ct.KEYS[name]] == crm_id

    def _changed(self) -> sa.Select[Any]:
        links, parked = self._memory.links, self._memory.parked
        is_linked = sa.and_(links.c.pair_id == self._pair.pair_id, links.c.crm_id == t.entity.c.crmid)
        # Our tables come first: they leave few rows to look up beside.
        query = (
            self._bare()
            .add_columns(links.c.link_id)
            .outerjoin(links, is_linked)
            .outerjoin(parked, self._is_parked(t.entity.c.crmid))
        )
        return (
            self._beside(query, t.entity.c.crmid)
            .where(
                self._is_in_set(),
                parked.c.parked_id.is_(None),
                sa.or_(
                    links.c.link_id.is_(None),
                    links.c.state != "live",
                    links.c.crm_version.is_distinct_from(t.VERSION),
                    sa.not_(links.c.is_settled),
                ),
            )
            .order_by(t.entity.c.crmid)
        )

    def _is_in_set(self) -> sa.ColumnElement[bool]:
        is_owned = t.entity.c.smownerid == self._user.user_id
        return sa.and_(is_owned, t.entity.c.deleted == 0, t.entity.c.setype == ct.MODULE)

    def _is_parked(self, crm_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        parked, now = self._memory.parked, self._now_utc.replace(tzinfo=None)
        return sa.and_(
            parked.c.pair_id == self._pair.pair_id,
            parked.c.crm_id == crm_id,
            # A row that is gone for good has no version, and is parked by none.
            parked.c.crm_version.is_not_distinct_from(t.VERSION),
            sa.or_(parked.c.retry_at_utc.is_(None), parked.c.retry_at_utc > now),
        )

    def _left(self) -> sa.Select[Any]:
        links, parked = self._memory.links, self._memory.parked
        details = self._tables[ct.DETAILS]
        query = (
            sa.select(*self._columns(), links.c.link_id, links.c.crm_id)
            .select_from(links)
            .outerjoin(t.entity, t.entity.c.crmid == links.c.crm_id)
            .outerjoin(details, self._is_of(ct.DETAILS, links.c.crm_id))
            .outerjoin(parked, self._is_parked(links.c.crm_id))
        )
        return self._beside(query, links.c.crm_id).where(
            links.c.pair_id == self._pair.pair_id,
            parked.c.parked_id.is_(None),
            links.c.state == "live",
            sa.or_(
                t.entity.c.crmid.is_(None),
                details.c.contactid.is_(None),
                t.entity.c.deleted != 0,
                t.entity.c.smownerid != self._user.user_id,
            ),
        )

    # --- rows to values ---

    def _by_id(self, crm_ids: Sequence[int], query: sa.Select[Any]) -> Mapping[int, CrmRecord]:
        found = self._records(self._connection.execute(query).all()) if crm_ids else []
        by_id = {record.crm_id: record for record in found}
        gone = {i: CrmRecord(i, Presence.GONE, "", None) for i in crm_ids if i not in by_id}
        return {**by_id, **gone}

    def _records(self, rows: Sequence[Any]) -> list[CrmRecord]:
        ids = sorted({row.accountid for row in rows if row.accountid})
        found = find_accounts(self._connection, ct.account.c.accountid.in_(ids)) if ids else ()
        accounts = {account.account_id: account for account in found}
        return [self._record(row, accounts) for row in rows]

    def _record(self, row: Any, accounts: Mapping[int, Account]) -> CrmRecord:
        link_id = getattr(row, "link_id", None)
        if row.crmid is None or row.contactid is None:
            return CrmRecord(row.crm_id, Presence.GONE, "", None, link_id)
        is_owned = row.smownerid == self._user.user_id
        # What a colleague deletes after it was handed over has left this user's contacts; it wasn't the user's to delete.
        presence = Presence.LEFT if not is_owned else Presence.GONE if row.deleted else Presence.ALIVE
        return CrmRecord(
            crm_id=row.crmid,
            presence=presence,
            version=row.modifiedtime.isoformat(" "),
            row=self._contact_row(row, accounts.get(row.accountid or 0)),
            link_id=link_id,
            is_settled=self._now - row.modifiedtime > UNSETTLED,
            is_owned=is_owned,
            modified_utc=moment_of(row.modifiedtime, self._crm_zone),
        )

    def _contact_row(self, row: Any, account: Account | None) -> ContactRow:
        values = {field.name: getattr(row, f"f_{field.name}") for field in self._fields}
        values[ORGANISATION] = account.name if account else ""
        held = {
            name: v if isinstance(v, date) else str(v) for name, v in values.items() if v not in ("", None)
        }
        return ContactRow(row.crmid, held, account if ORGANISATION in held else None)


def _columns_of(fields: Iterable[ContactField], table: str) -> list[str]:
    return [field.column for field in fields if field.table == table]
