"""A contacts pair's units of work on a private MariaDB, and the CRM's own pages beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import sqlalchemy as sa

from demo.crm.contacts import Contact, create_contact, next_record_number
from demo.crm.records import Saving, create_entity, delete_entity
from demo.crm.rows import insert_row
from demo.servers import MariaDb
from plugin.bootstrap.modules import MEMORY
from plugin.bootstrap.transaction import SqlUnitOfWork
from plugin.core.mapping.contact_mapping import Fields
from plugin.core.mapping.crm_contact import Account
from plugin.crm.contact_numbers import reserve_numbers
from plugin.crm.contact_tables import KEYS, probe_contacts
from plugin.crm.contacts import UserContacts
from tests.builders import USER_ID, a_pair
from tests.person_strategies import MAPPING
from tests.real_stores import RealRig

CUSTOM_FIELDS = {"cf_853": ("varchar(50)", 1), "cf_855": ("varchar(255)", 17)}
BESIDE = ("vtiger_emailslookup", "vtiger_pbxmanager_phonelookup", "vtiger_potential", "vtiger_portalinfo",
          "vtiger_account", "vtiger_accountbillads", "vtiger_accountshipads", "vtiger_accountscf")  # fmt: skip
_STAMPS = {"description", "label", "modifiedtime", "modifiedby", "deleted"}


class RealContactsRig(RealRig):
    """See tests/contract/contacts_contract.py."""

    database = "crm_contact_stores"
    crm: Any

    def __init__(self, mariadb: MariaDb) -> None:
        super().__init__(mariadb)
        self.pair = a_pair(module="Contacts")
        self._add_custom_fields()
        self.contacts = probe_contacts(self.engine)
        self.fields: Fields = self.contacts.fields
        self.owners = self.crm
        self.crm: Any = RealContactHands(self)

    def close(self) -> None:
        self.owners.give_back()
        self.engine.dispose()

    def look_again(self) -> None:
        """Probe the CRM's contact tables anew, as a process does when it starts."""
        self.contacts = probe_contacts(self.engine)

    def unit_of_work(self) -> Any:
        build: Any = self._contacts
        return SqlUnitOfWork(self.engine, self.lock, self.pair.pair_id, build, self._state)

    def reserve_numbers(self, module: str, count: int) -> Sequence[str]:
        return reserve_numbers(self.engine, module, count)

    def count_statements(self) -> list[str]:
        """Return a list that every statement from now on is added to."""
        counted: list[str] = []
        sa.event.listen(self.engine, "before_cursor_execute", partial(_count, counted))
        return counted

    def _contacts(self, connection: sa.Connection) -> UserContacts:
        return UserContacts(
            connection, self.contacts, MEMORY, pair=self.pair, user=self.user, mapping=MAPPING, crm_zone="UTC",
            now_utc=self.now, reserve=self.reserve, reserve_numbers=self.reserve_numbers,
        )  # fmt: skip

    def _add_custom_fields(self) -> None:
        for number, (name, (kind, uitype)) in enumerate(CUSTOM_FIELDS.items(), start=851):
            if not self.rows("SELECT fieldid FROM vtiger_field WHERE fieldname = :name", name=name):
                self.execute(f"ALTER TABLE vtiger_contactscf ADD COLUMN {name} {kind}")
                self.execute(
                    "INSERT INTO vtiger_field (tabid, fieldid, columnname, tablename, uitype, fieldname, fieldlabel,"
                    " readonly, presence) SELECT tabid, :id, :name, 'vtiger_contactscf', :uitype, :name, :name, 1, 2"
                    " FROM vtiger_tab WHERE name = 'Contacts'",
                    id=number, name=name, uitype=uitype,
                )  # fmt: skip

    def _empty(self) -> None:
        super()._empty()
        with self.engine.begin() as connection:
            connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
            for table in (*KEYS, *BESIDE):
                connection.exec_driver_sql(f"DELETE FROM {table}")
            connection.exec_driver_sql(
                "DELETE FROM vtiger_crmentity WHERE setype IN ('Contacts', 'Accounts', 'Potentials')"
            )
            connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 1")


class RealContactHands:
    """What the CRM's pages write, by the stand-in's measured code and, where a test is exact, by SQL."""

    def __init__(self, rig: RealContactsRig) -> None:
        self._rig = rig

    def add(self, *, owner_id: int = USER_ID, **values: Any) -> int:
        contact = Contact(
            values.pop("lastname", "Ruiz"), owner_id, values.pop("firstname", "Ana"), accountid=0
        )
        with self._rig.engine.begin() as connection:
            saving = self.saving(connection)
            crm_id = create_contact(saving, contact)
            insert_row(connection, "vtiger_portalinfo", id=crm_id, user_name="ana", isactive=1)
            insert_row(
                connection, "vtiger_potential", potentialid=crm_id + 10_000_000, potential_no="POT1",
                potentialname="Obra", contact_id=crm_id,
            )  # fmt: skip
        for sql in (
            "UPDATE vtiger_contactdetails SET department = 'Compras', emailoptout = '1' WHERE contactid = :id",
            "UPDATE vtiger_contactsubdetails SET leadsource = 'Feria', assistant = 'Blas'"
            " WHERE contactsubscriptionid = :id",
            "UPDATE vtiger_customerdetails SET portal = '1', support_start_date = '2027-01-01' WHERE customerid = :id",
            "UPDATE vtiger_crmentity SET viewedtime = '2026-11-01 10:00:00' WHERE crmid = :id",
        ):
            self._rig.execute(sql, id=crm_id)
        self._write(crm_id, values)
        return crm_id

    def add_account(self, name: str) -> Account:
        with self._rig.engine.begin() as connection:
            saving = self.saving(connection)
            account_id = create_entity(saving, "Accounts", name, USER_ID)
            number = next_record_number(saving, "Accounts")
            insert_row(
                connection, "vtiger_account", accountid=account_id, account_no=number, accountname=name
            )
        return Account(account_id, name)

    def delete_account(self, account: Account) -> None:
        self._rig.execute("UPDATE vtiger_crmentity SET deleted = 1 WHERE crmid = :id", id=account.account_id)

    def edit(self, crm_id: int, **values: Any) -> None:
        self._write(crm_id, values)
        now = self._rig.now.replace(tzinfo=None, microsecond=0)
        self._rig.execute(
            "UPDATE vtiger_crmentity SET modifiedtime = :now WHERE crmid = :id", now=now, id=crm_id
        )

    def assign(self, crm_id: int, owner_id: int) -> None:
        self._rig.execute(
            "UPDATE vtiger_crmentity SET smownerid = :owner WHERE crmid = :id", owner=owner_id, id=crm_id
        )

    def transfer(self, owner_id: int, new_owner_id: int) -> None:
        self._rig.owners.transfer(owner_id, new_owner_id)

    def link_elsewhere(self, crm_id: int, user_id: int) -> None:
        self._rig.owners.link_elsewhere(crm_id, user_id)

    def delete(self, crm_id: int) -> None:
        with self._rig.engine.begin() as connection:
            delete_entity(self.saving(connection), crm_id, "Contacts")

    def purge(self, crm_id: int) -> None:
        self._rig.execute("DELETE FROM vtiger_crmentity WHERE crmid = :id", id=crm_id)

    def unmapped(self, crm_id: int) -> Mapping[str, Any]:
        """Return the columns that no update of ours may touch, and what points at the contact."""
        mapped = {
            (field.table, field.column) for field in self._rig.fields.values() if _is_mapped(field.name)
        }
        found: dict[str, Any] = {}
        for table, key in {**KEYS, "vtiger_crmentity": "crmid"}.items():
            [row] = self._rig.rows(f"SELECT * FROM {table} WHERE {key} = :id", id=crm_id)
            found[table] = {
                name: value
                for name, value in row.items()
                if (table, name) not in mapped and not (table == "vtiger_crmentity" and name in _STAMPS)
            }
        for table, key in (("vtiger_potential", "contact_id"), ("vtiger_portalinfo", "id")):
            found[table] = self._rig.rows(f"SELECT * FROM {table} WHERE {key} = :id", id=crm_id)
        return found

    def saving(self, connection: sa.Connection) -> Saving:
        return Saving(connection, USER_ID, self._rig.now.replace(tzinfo=None, microsecond=0))

    def _write(self, crm_id: int, values: Mapping[str, str | date]) -> None:
        for name, value in values.items():
            field = self._rig.fields[name]
            key = {**KEYS, "vtiger_crmentity": "crmid"}[field.table]
            sql = f"UPDATE {field.table} SET {field.column} = :value WHERE {key} = :id"
            self._rig.execute(sql, value=value, id=crm_id)


def _is_mapped(name: str) -> bool:
    return name in MAPPING.crm_fields()


def _count(counted: list[str], conn: object, cursor: object, statement: str, *rest: object) -> None:
    del conn, cursor, rest
    counted.append(statement)


def without_history(rig: RealContactsRig) -> None:
    """Switch the CRM's history of contacts off."""
    rig.contacts = replace(rig.contacts, tracked=frozenset())
