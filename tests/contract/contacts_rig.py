"""What the contract of contacts is tried on: a pair's units of work, and the CRM's own pages in the hands of its users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

import pytest

from plugin.core.errors import RefusedError
from plugin.core.mapping.contact_mapping import Fields
from plugin.core.mapping.crm_contact import (
    Account,
    ContactRow,
    CrmTerms,
    account_key,
    as_crm_holds,
    row_from_contact,
)
from plugin.core.model import Presence
from plugin.sync.contact_ports import ContactWrite, CrmContactRecord, CrmContacts
from plugin.sync.memory_ports import LinkDraft, State
from tests.builders import a_draft
from tests.contact_builders import a_contact_row, full_contact
from tests.person_strategies import MAPPING


class ContactsUnitOfWork(Protocol):
    """A unit of work over contacts."""

    crm: CrmContacts
    state: State

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def commit(self) -> None: ...


class ContactHands(Protocol):
    """What users do in the CRM, at once and for all to see; values by the CRM's field names."""

    def add(self, *, owner_id: int = ..., **values: Any) -> int: ...

    def add_account(self, name: str) -> Account: ...

    def delete_account(self, account: Account) -> None: ...

    def edit(self, crm_id: int, **values: Any) -> None: ...

    def assign(self, crm_id: int, owner_id: int) -> None: ...

    def delete(self, crm_id: int) -> None: ...

    def purge(self, crm_id: int) -> None: ...

    def unmapped(self, crm_id: int) -> Mapping[str, Any]: ...


class ContactsRig(Protocol):
    """A pair over one database."""

    crm: ContactHands
    fields: Fields

    def unit_of_work(self) -> ContactsUnitOfWork: ...

    def reserve_crm_ids(self, count: int) -> Sequence[int]: ...

    def clock(self) -> datetime: ...

    def wait(self, **duration: float) -> None: ...


def changes(rig: ContactsRig, limit: int = 100) -> dict[int, CrmContactRecord]:
    with rig.unit_of_work() as uow:
        return {record.crm_id: record for record in uow.crm.read_changes(limit)}


def record(rig: ContactsRig, crm_id: int) -> CrmContactRecord:
    with rig.unit_of_work() as uow:
        return uow.crm.read_records([crm_id])[crm_id]


def link(rig: ContactsRig, crm_id: int, **fields: Any) -> LinkDraft:
    """Remember the record as it is now."""
    draft = a_draft(crm_id=crm_id, google_id=f"people/c{crm_id}", crm_version=record(rig, crm_id).version)
    with rig.unit_of_work() as uow:
        uow.state.save_links([replace(draft, **fields)])
        uow.commit()
    return draft


def create(rig: ContactsRig, **values: Any) -> int:
    [crm_id] = rig.reserve_crm_ids(1)
    with rig.unit_of_work() as uow:
        uow.crm.create([a_contact_row(crm_id, **values)], rig.clock())
        uow.commit()
    return crm_id


def update(rig: ContactsRig, crm_id: int, account: Account | None = None, **values: Any) -> None:
    """Write these fields, and nothing else of a row that differs everywhere."""
    with rig.unit_of_work() as uow:
        before = uow.crm.lock_records([crm_id])[crm_id].row
        assert before is not None
        other = dict.fromkeys(("firstname", "email", "mobile", "mailingcity", "description"), "unlike")
        row = ContactRow(crm_id, {**before.values, **other, **values}, account)
        uow.crm.update([ContactWrite(row, before, frozenset(values))], rig.clock())
        uow.commit()


def delete(rig: ContactsRig, crm_id: int) -> None:
    with rig.unit_of_work() as uow:
        uow.crm.delete([crm_id], rig.clock())
        uow.commit()


def full_row(rig: ContactsRig, crm_id: int) -> ContactRow:
    """Return a value in every field, custom ones too."""
    acme = rig.crm.add_account("ACME")
    terms = CrmTerms(MAPPING, rig.fields, {account_key("ACME"): acme})
    row = row_from_contact(crm_id, as_crm_holds(full_contact(), terms), terms)
    custom = {"fax": "+34 953 000 009", "cf_855": "https://ana.example", "cf_853": "Anita"}
    return replace(row, values={**row.values, **custom})


def refuse_too_long(rig: ContactsRig) -> None:
    """Assert that a row which doesn't fit is refused, and nothing of its transaction stays."""
    [first, second] = rig.reserve_crm_ids(2)
    with pytest.raises(RefusedError), rig.unit_of_work() as uow:
        uow.crm.create([a_contact_row(first), a_contact_row(second, title="x" * 51)], rig.clock())
        uow.commit()

    assert record(rig, first).presence is Presence.GONE
