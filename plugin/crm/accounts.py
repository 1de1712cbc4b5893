"""Accounts for contacts' organisations: found by name and, where an administrator allows it, made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from plugin.core.mapping.crm_contact import Account, account_key
from plugin.crm import contact_tables as ct
from plugin.crm import tables as t
from plugin.crm.contact_numbers import ACCOUNTS, ReserveNumbers
from plugin.crm.records import HistoryEntry, HistoryStatus, ReserveIds, add_history, crm_time
from plugin.sync.ports import CrmUser

SOURCE = "GOOGLE"
# The rows that the CRM writes beside an account, each by the column that names it.
_BESIDE = {
    "vtiger_accountbillads": "accountaddressid",
    "vtiger_accountshipads": "accountaddressid",
    "vtiger_accountscf": "accountid",
}


def named_accounts(accounts: Sequence[Account]) -> dict[str, Account]:
    """Return accounts, given in the order of their ids, by name; of several the oldest."""
    found: dict[str, Account] = {}
    for account in accounts:
        found.setdefault(account_key(account.name), account)
    return found


def find_accounts(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Account]:
    """Return the accounts that these conditions on `contact_tables.account` name, oldest first; deleted ones are none."""
    is_there = sa.and_(t.entity.c.crmid == ct.account.c.accountid, t.entity.c.deleted == 0)
    query = sa.select(ct.account).join_from(ct.account, t.entity, is_there).where(*where)
    found = connection.execute(query.order_by(ct.account.c.accountid))
    return [Account(row.accountid, row.accountname) for row in found]


class AccountWriter:
    """Inserts accounts that have a name and nothing else yet."""

    def __init__(
        self, connection: sa.Connection, schema: ct.ContactSchema, *, user: CrmUser, crm_zone: str,
        reserve: ReserveIds, reserve_numbers: ReserveNumbers,
    ) -> None:  # fmt: skip
        self._connection, self._schema, self._user_id = connection, schema, user.user_id
        self._crm_zone, self._reserve, self._reserve_numbers = crm_zone, reserve, reserve_numbers

    def insert(self, names: Sequence[str], now_utc: datetime) -> list[Account]:
        """Insert accounts with every row that the CRM writes for one, owned by the user."""
        if not names:
            return []
        now = crm_time(now_utc, self._crm_zone)
        ids = self._reserve(t.ENTITY_SEQUENCE, len(names))
        accounts = [Account(account_id, name) for account_id, name in zip(ids, names, strict=True)]
        numbers = self._reserve_numbers(ACCOUNTS, len(names))
        given = [*numbers, *(f"ACC{account.account_id}" for account in accounts[len(numbers) :])]
        self._insert(t.entity.name, [self._entity_values(account, now) for account in accounts])
        self._insert(
            ct.account.name,
            [
                {"accountid": account.account_id, "account_no": number, "accountname": account.name}
                for account, number in zip(accounts, given, strict=True)
            ],
        )
        for table, key in _BESIDE.items():
            self._insert(table, [{key: account.account_id} for account in accounts])
        starred = [{"recordid": a.account_id, "userid": self._user_id, "starred": "0"} for a in accounts]
        self._insert(t.user_field.name, starred)
        self._track(accounts, given, now)
        return accounts

    def _insert(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        if self._schema.has(table):
            known = [self._schema.only_existing(table, row) for row in rows]
            target = sa.table(table, *(sa.column(name) for name in known[0]))
            self._connection.execute(sa.insert(target), known)

    def _entity_values(self, account: Account, now: datetime) -> dict[str, object]:
        return {
            "crmid": account.account_id,
            "smcreatorid": self._user_id,
            "smownerid": self._user_id,
            "modifiedby": self._user_id,
            "smgroupid": 0,
            "setype": ACCOUNTS,
            "description": "",
            "createdtime": now,
            "modifiedtime": now,
            "version": 0,
            "presence": 1,
            "deleted": 0,
            "source": SOURCE,
            "label": account.name,
        }

    def _track(self, accounts: Sequence[Account], numbers: Sequence[str], now: datetime) -> None:
        if ACCOUNTS not in self._schema.tracked:
            return
        entries = [
            HistoryEntry(
                account.account_id,
                HistoryStatus.CREATED,
                {
                    "accountname": ("", account.name),
                    "account_no": ("", number),
                    "assigned_user_id": ("", str(self._user_id)),
                    "source": ("", SOURCE),
                    "label": ("", account.name),
                },
            )
            for account, number in zip(accounts, numbers, strict=True)
        ]
        add_history(
            self._connection, entries, module=ACCOUNTS, user_id=self._user_id, changed_on=now, reserve=self._reserve
        )  # fmt: skip
