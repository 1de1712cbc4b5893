"""The fake of the CRM's contacts keeps the contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from tests.builders import NOW, a_pair
from tests.contact_builders import contact_fields
from tests.contract.contacts_contract import ContactsContract
from tests.contract.contacts_rig import refuse_too_long
from tests.contract.transfers_contract import TransfersContract
from tests.fakes.contacts import ContactTables, FakeContactHands, FakeContactsUnitOfWork
from tests.fakes.tables import FakeDatabase


class FakeContactsRig:
    """See tests/contract/contacts_contract.py."""

    def __init__(self) -> None:
        self.now = NOW
        self.fields = contact_fields()
        self.database = FakeDatabase(ContactTables(a_pair(module="Contacts")))
        self.crm = FakeContactHands(self.database, self.clock)

    def clock(self) -> datetime:
        return self.now

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    def unit_of_work(self) -> FakeContactsUnitOfWork:
        return FakeContactsUnitOfWork(self.database, self.fields, self.now)

    def reserve_crm_ids(self, count: int) -> Sequence[int]:
        return self.database.sequences.reserve_crm_ids(count)


@pytest.fixture
def rig() -> FakeContactsRig:
    return FakeContactsRig()


class TestFakeCrmContacts(ContactsContract):
    pass


class TestFakeTransfers(TransfersContract):
    saved = ("lastname", "Mine now")


def test_row_that_does_not_fit_is_refused(rig: FakeContactsRig) -> None:
    refuse_too_long(rig)
