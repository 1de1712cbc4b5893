"""The CRM's contacts in memory, held to the same contract as the real adapter (tests/contract/contacts_contract.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from plugin.core.errors import RefusedError
from plugin.core.mapping.contact_mapping import Fields
from plugin.core.mapping.crm_contact import Account, ContactRow, account_key
from plugin.core.model import LinkState, Presence
from plugin.sync.contact_ports import CrmContacts
from plugin.sync.ports import CrmRecord, CrmUser, CrmWrite
from tests.builders import USER_ID, a_user
from tests.contact_builders import a_contact_row
from tests.fakes.crm import UNSETTLED, crm_time, find_transferred
from tests.fakes.state import FakeState
from tests.fakes.tables import FakeDatabase, Tables


@dataclass(frozen=True, slots=True)
class StoredContact:
    """One contact with all that the sync looks at; `unmapped` stands for every other column and table of the CRM's."""

    row: ContactRow
    owner_id: int
    modified: datetime
    is_deleted: bool = False
    unmapped: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ContactTables(Tables):
    """All that a transaction of a contacts pair sees."""

    contacts: dict[int, StoredContact] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)

    def copy(self) -> ContactTables:
        copied = Tables.copy(self)
        assert isinstance(copied, ContactTables)
        copied.contacts, copied.accounts = dict(self.contacts), dict(self.accounts)
        return copied


class FakeCrmContacts(CrmContacts):
    """One user's contacts inside a transaction; a value longer than its column is refused, as by a strict server."""

    def __init__(
        self, tables: ContactTables, user: CrmUser, fields: Fields, now_utc: datetime,
        reserve: Callable[[int], Sequence[int]],
    ) -> None:  # fmt: skip
        self._tables, self._user, self._fields, self._now_utc = tables, user, fields, now_utc
        self._reserve = reserve

    def read_changes(self, limit: int) -> Sequence[CrmRecord]:
        """See the port."""
        links = {link.crm_id: link for link in self._tables.links.values()}
        changed = []
        for crm_id in sorted(self._tables.contacts):
            record, link = self._record(crm_id), links.get(crm_id)
            is_quiet = (
                link is not None
                and link.state is LinkState.LIVE
                and link.is_settled
                and link.crm_version == record.version
            )
            if record.presence is Presence.ALIVE and not is_quiet and not self._is_parked(record):
                changed.append(crm_id)
        left = [
            link.crm_id
            for link in links.values()
            if link.state is LinkState.LIVE
            and self._record(link.crm_id).presence is not Presence.ALIVE
            and not self._is_parked(self._record(link.crm_id))
        ]
        records = self.read_records([*changed[:limit], *left]).values()
        return [replace(r, link_id=links[r.crm_id].link_id) if r.crm_id in links else r for r in records]

    def read_unlinked(self) -> Sequence[CrmRecord]:
        """See the port."""
        linked = {link.crm_id for link in self._tables.links.values()}
        records = [self._record(crm_id) for crm_id in sorted(self._tables.contacts) if crm_id not in linked]
        return [record for record in records if record.presence is Presence.ALIVE]

    def read_legacy_mapping(self) -> Mapping[str, int]:
        """See the port."""
        return self._tables.legacy_mapping

    def read_records(self, crm_ids: Sequence[int]) -> Mapping[int, CrmRecord]:
        """See the port."""
        return {crm_id: self._record(crm_id) for crm_id in crm_ids}

    def lock_records(self, crm_ids: Sequence[int]) -> Mapping[int, CrmRecord]:
        """See the port. Nothing else runs while a transaction is open."""
        return self.read_records(crm_ids)

    def find_accounts(self, names: Sequence[str]) -> Mapping[str, Account]:
        """See the port."""
        wanted, found = {account_key(name) for name in names}, {}
        for _, account in sorted(self._tables.accounts.items(), reverse=True):
            if account_key(account.name) in wanted:
                found[account_key(account.name)] = account
        return found

    def create_accounts(self, names: Sequence[str], now_utc: datetime) -> Mapping[str, Account]:
        """See the port."""
        found: dict[str, Account] = {}
        for name in names:
            if name.strip() and account_key(name) not in found:
                [account_id] = self._reserve(1)
                found[account_key(name)] = self._tables.accounts[account_id] = Account(
                    account_id, name.strip()
                )
        return found

    def create(self, rows: Sequence[ContactRow], now_utc: datetime) -> None:
        """See the port."""
        for row in rows:
            if row.crm_id in self._tables.contacts:
                raise RefusedError("two records of one id", "duplicate")
            self._put(StoredContact(self._fitting(row), self._user.user_id, crm_time(now_utc)))

    def update(self, writes: Sequence[CrmWrite], now_utc: datetime) -> None:
        """See the port."""
        for write in writes:
            stored = self._tables.contacts[write.row.crm_id]
            values = {**stored.row.values, **{name: write.row.values.get(name, "") for name in write.fields}}
            account = write.row.account if "account_id" in write.fields else stored.row.account
            row = ContactRow(write.row.crm_id, {name: v for name, v in values.items() if v != ""}, account)
            self._put(replace(stored, row=self._fitting(row), modified=crm_time(now_utc)))

    def revive(self, rows: Sequence[ContactRow], now_utc: datetime) -> None:
        """See the port."""
        for row in rows:
            stored = self._tables.contacts[row.crm_id]
            self._put(replace(stored, row=self._fitting(row), is_deleted=False, modified=crm_time(now_utc)))

    def delete(self, crm_ids: Sequence[int], now_utc: datetime) -> None:
        """See the port."""
        for crm_id in crm_ids:
            stored = self._tables.contacts[crm_id]
            self._put(replace(stored, is_deleted=True, modified=crm_time(now_utc)))

    def find_transferred(self, records: Sequence[CrmRecord]) -> frozenset[int]:
        """See the port."""
        return find_transferred(self._tables, self._user, records)

    # --- inside ---

    def _is_parked(self, record: CrmRecord) -> bool:
        parked = self._tables.parked.get(("crm", str(record.crm_id)))
        if parked is None or parked.item.version != record.version:
            return False
        return parked.item.retry_at_utc is None or parked.item.retry_at_utc > self._now_utc

    def _record(self, crm_id: int) -> CrmRecord:
        stored = self._tables.contacts.get(crm_id)
        if stored is None:
            return CrmRecord(crm_id, Presence.GONE, "", None)
        is_owned = stored.owner_id == self._user.user_id
        presence = Presence.LEFT if not is_owned else Presence.GONE if stored.is_deleted else Presence.ALIVE
        return CrmRecord(
            crm_id=crm_id,
            presence=presence,
            version=stored.modified.isoformat(" "),
            row=self._shown(stored.row),
            is_settled=crm_time(self._now_utc) - stored.modified > UNSETTLED,
            is_owned=is_owned,
            modified_utc=stored.modified.replace(tzinfo=UTC),
        )

    def _shown(self, row: ContactRow) -> ContactRow:
        if row.account is None or row.account.account_id in self._tables.accounts:
            return row
        values = {name: value for name, value in row.values.items() if name != "account_id"}
        return ContactRow(row.crm_id, values)

    def _fitting(self, row: ContactRow) -> ContactRow:
        for name, value in row.values.items():
            chars = self._fields[name].chars
            if isinstance(value, str) and chars and len(value) > chars:
                raise RefusedError("data too long", "database error 1406")
        return row

    def _put(self, stored: StoredContact) -> None:
        self._tables.contacts[stored.row.crm_id] = stored


class FakeContactHands:
    """The CRM's own pages: what users do there. Each call is committed at once."""

    def __init__(self, database: FakeDatabase, now_utc: Callable[[], datetime]) -> None:
        self._database, self._now_utc = database, now_utc

    @property
    def _tables(self) -> ContactTables:
        tables = self._database.tables
        assert isinstance(tables, ContactTables)
        return tables

    def add(self, *, owner_id: int = USER_ID, **values: Any) -> int:
        """Create a contact (Ana Ruiz unless said otherwise) and return its id."""
        [crm_id] = self._database.sequences.reserve_crm_ids(1)
        unmapped = {"potential": crm_id, "department": f"department of {crm_id}"}
        self._put(StoredContact(a_contact_row(crm_id, **values), owner_id, self._now, unmapped=unmapped))
        return crm_id

    def add_account(self, name: str) -> Account:
        """Create an account."""
        [account_id] = self._database.sequences.reserve_crm_ids(1)
        self._tables.accounts[account_id] = Account(account_id, name)
        return self._tables.accounts[account_id]

    def delete_account(self, account: Account) -> None:
        """Put an account into the bin."""
        del self._tables.accounts[account.account_id]

    def edit(self, crm_id: int, **values: Any) -> None:
        """Save a contact with other values."""
        stored = self._tables.contacts[crm_id]
        account = values.pop("account", stored.row.account)
        row = replace(stored.row, values={**stored.row.values, **values}, account=account)
        self._put(replace(stored, row=row, modified=self._now))

    def assign(self, crm_id: int, owner_id: int) -> None:
        """Give a contact to another user, without a trace in its modified time."""
        self._put(replace(self._tables.contacts[crm_id], owner_id=owner_id))

    def transfer(self, owner_id: int, new_owner_id: int) -> None:
        """Give all that a user owns to another one, as the CRM does before it marks the user as deleted."""
        for crm_id, stored in self._tables.contacts.items():
            if stored.owner_id == owner_id:
                self.assign(crm_id, new_owner_id)
        self._tables.emptied_users |= {owner_id}

    def link_elsewhere(self, crm_id: int, user_id: int) -> None:
        """Let the pair of another user have a link with the contact as it is now."""
        version = self._tables.contacts[crm_id].modified.isoformat(" ")
        self._tables.linked_elsewhere[crm_id] = (user_id, version)

    def delete(self, crm_id: int) -> None:
        """Put a contact into the bin."""
        self._put(replace(self._tables.contacts[crm_id], is_deleted=True, modified=self._now))

    def restore(self, crm_id: int) -> None:
        """Take a contact out of the bin."""
        self._put(replace(self._tables.contacts[crm_id], is_deleted=False, modified=self._now))

    def rows(self) -> dict[int, ContactRow]:
        """Return the living contacts' fields by id."""
        return {i: stored.row for i, stored in self._tables.contacts.items() if not stored.is_deleted}

    def purge(self, crm_id: int) -> None:
        """Empty the bin of this one."""
        del self._tables.contacts[crm_id]

    def unmapped(self, crm_id: int) -> Mapping[str, Any]:
        """Return all that isn't ours to write."""
        return self._tables.contacts[crm_id].unmapped

    @property
    def _now(self) -> datetime:
        return crm_time(self._now_utc())

    def _put(self, stored: StoredContact) -> None:
        self._tables.contacts[stored.row.crm_id] = stored


class FakeContactsUnitOfWork:
    """A transaction over a copy: nobody sees it before `commit`."""

    crm: FakeCrmContacts
    state: FakeState

    def __init__(self, database: FakeDatabase, fields: Fields, now_utc: datetime) -> None:
        self._database, self._fields, self._now_utc = database, fields, now_utc

    def __enter__(self) -> FakeContactsUnitOfWork:
        self._tables = self._database.tables.copy()
        assert isinstance(self._tables, ContactTables)
        reserve = self._database.sequences.reserve_crm_ids
        self.crm = FakeCrmContacts(self._tables, a_user(), self._fields, self._now_utc, reserve)
        self.state = FakeState(self._tables, self._database.sequences)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace

    def commit(self) -> None:
        """Make everything done in it permanent, together."""
        self._database.tables = self._tables
        self._tables = self._tables.copy()
