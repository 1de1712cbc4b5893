"""An update of a contact whose answer never came: lists lag behind, but whoever asks for the person gets the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from plugin.core.errors import UnavailableError
from plugin.core.mapping.crm_contact import ContactRow
from plugin.sync.modules.contacts import ContactsModule
from plugin.sync.modules.people import PersonRecords
from plugin.sync.run import run_sync
from plugin.sync.tally import Tally
from tests.builders import NOW, a_pair
from tests.contact_builders import MAPPING, contact_fields
from tests.fakes.contacts import ContactTables, FakeContactHands, FakeContactsUnitOfWork
from tests.fakes.people import FakePeople
from tests.fakes.run import FakeRun, all_keys
from tests.fakes.tables import FakeDatabase


class ContactsRun(FakeRun):
    """A run of a pair of contacts; it has no accidents but Google's."""

    def unit_of_work(self, *, is_memory_only: bool = False) -> FakeContactsUnitOfWork:  # type: ignore[override]
        """See the port."""
        del is_memory_only
        return FakeContactsUnitOfWork(self.database, contact_fields(), self.now_utc())


@dataclass
class People:
    """The CRM's contacts, an account's people, and the pair between them."""

    database: FakeDatabase = field(
        default_factory=lambda: FakeDatabase(ContactTables(a_pair(module="Contacts")))
    )
    google: FakePeople = field(default_factory=FakePeople)
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.crm = FakeContactHands(self.database, lambda: self.now)
        self.keys = all_keys()
        self.crm_id = self.crm.add(firstname="Ana", phone="1")
        self.sync()
        self.sync()

    def sync(self, **later: float) -> Tally:
        self.now += timedelta(**(later or {"minutes": 20}))
        tally = Tally()
        records = PersonRecords(self.google, MAPPING, None)
        run = ContactsRun(
            self.database,
            records,  # type: ignore[arg-type]
            lambda: self.now,
            self.keys,
            module=ContactsModule(MAPPING, contact_fields()),  # type: ignore[arg-type]
        )
        run_sync(run, tally)
        return tally

    def lose_the_answer(self, *, is_done: bool, **values: str) -> None:
        self.crm.edit(self.crm_id, **values)
        self.google.fail("update", UnavailableError("lost"), is_after_commit=is_done)
        with pytest.raises(UnavailableError):
            self.sync()
        assert len(self.database.tables.intents) == 1

    @property
    def row(self) -> ContactRow:
        """Return the contact in the CRM."""
        tables = self.database.tables
        assert isinstance(tables, ContactTables)
        return tables.contacts[self.crm_id].row

    @property
    def names(self) -> tuple[str, str]:
        """Return the first name in the CRM and in Google."""
        [person] = self.google.alive.values()
        return self.row.values["firstname"], person["names"][0]["givenName"]


@pytest.fixture
def people() -> People:
    return People()


@pytest.mark.parametrize("lists_lag", [False, True], ids=["listed at once", "listed later"])
@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
def test_newer_edit_in_the_crm_survives_an_update_without_an_answer(
    people: People, *, is_done: bool, lists_lag: bool
) -> None:
    people.google.lists_lag = lists_lag
    people.lose_the_answer(is_done=is_done, firstname="Eva")
    people.crm.edit(people.crm_id, firstname="Isabel")

    people.sync()
    people.google.catch_up()
    people.sync()

    assert people.names == ("Isabel", "Isabel")
    assert people.database.tables.intents == {}


def test_newer_edits_of_different_fields_both_survive_an_update_without_an_answer(people: People) -> None:
    people.lose_the_answer(is_done=True, firstname="Eva")
    [google_id] = people.google.alive
    people.google.edit_as_user(google_id, names=[{"givenName": "Eva", "familyName": "Gil"}])
    people.crm.edit(people.crm_id, firstname="Isabel")

    people.sync()
    people.sync()

    [person] = people.google.alive.values()
    assert people.names == ("Isabel", "Isabel")
    assert person["names"][0]["familyName"] == people.row.values["lastname"] == "Gil"
    assert people.database.tables.intents == {}


def test_update_that_google_may_not_show_yet_is_waited_for(people: People) -> None:
    people.lose_the_answer(is_done=False, firstname="Eva")

    assert people.sync(minutes=10).google.updated == 0
    assert len(people.database.tables.intents) == 1

    people.sync(minutes=10)
    assert people.names == ("Eva", "Eva")
