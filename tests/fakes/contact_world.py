"""A CRM's contacts, a Google account's and a pair between them, in memory; tests edit either side and call `sync`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

from plugin.core.contact import Contact
from plugin.core.mapping.contact_mapping import ContactMapping, Fields
from plugin.core.mapping.crm_contact import ContactRow
from plugin.core.mapping.stored_contact import contact_from_json, json_from_contact
from plugin.core.model import Link
from plugin.sync.modules.contacts import ContactsModule
from plugin.sync.modules.people import PersonRecords
from tests.builders import a_pair
from tests.contact_builders import MAPPING, contact_fields
from tests.fakes.contacts import ContactTables, FakeContactHands, FakeCrmContacts
from tests.fakes.people import FakePeople
from tests.fakes.run import FakeRun, FakeUnitOfWork
from tests.fakes.state import FakeState
from tests.fakes.world import AnyWorld

Person = dict[str, Any]


class ContactState(FakeState):
    """The memory of a contacts pair. As in the database, halves are read in the light of the mapping in force."""

    mapping: ContactMapping = MAPPING

    def load_links(self, **ids: Any) -> Sequence[Link]:
        """See the port."""
        return [self._read(link) for link in super().load_links(**ids)]

    def _read(self, link: Link) -> Link:
        return replace(link, crm_half=self._half(link.crm_half), google_half=self._half(link.google_half))

    def _half(self, contact: Contact) -> Contact:
        return contact_from_json(json_from_contact(contact), self.mapping)


class ContactUnitOfWork(FakeUnitOfWork):
    """A transaction of a contacts pair."""

    def __enter__(self) -> ContactUnitOfWork:
        super().__enter__()
        run = self._run
        assert isinstance(run, ContactRun) and isinstance(self._tables, ContactTables)
        self.crm = FakeCrmContacts(  # type: ignore[assignment]
            self._tables, run.user, run.contacts_module.fields, run.now_utc(), run.reserve_crm_ids
        )
        self.state = ContactState(self._tables, run.database.sequences)
        self.state.mapping = run.contacts_module.mapping
        return self


@dataclass
class ContactRun(FakeRun):
    """A run of a contacts pair; `people` is the account behind `google`."""

    people: FakePeople = field(default_factory=FakePeople)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.people.before_request = self.accidents.check
        self.people.before_write = self.people.after_write = lambda operation: self.accidents.step()

    @property
    def contacts_module(self) -> ContactsModule:
        return cast(ContactsModule, self.module)

    def unit_of_work(self, *, is_memory_only: bool = False) -> ContactUnitOfWork:
        """See the port."""
        del is_memory_only
        return ContactUnitOfWork(self)


class ContactWorld(AnyWorld):
    """See the module. `label` narrows the pair to who is under it."""

    def __init__(self, **pair: Any) -> None:
        super().__init__(ContactTables(a_pair(**pair)))
        self.crm = FakeContactHands(self.database, self.clock)
        self.google = FakePeople()
        self.google.clock = self.clock
        self.mapping: ContactMapping = MAPPING
        self.fields: Fields = contact_fields()
        self.creates_accounts = False
        self.label: str | None = None
        # How long lists lag behind writes; None: as `google.lists_lag` and `google.catch_up` say.
        self.lag: timedelta | None = None

    def wait(self, **duration: float) -> None:
        super().wait(**duration)
        if self.lag is not None:
            self.google.catch_up(self.now - self.lag)

    def run(self) -> ContactRun:
        """See AnyWorld."""
        return ContactRun(
            database=self.database,
            google=PersonRecords(self.google, self.mapping, self.label),  # type: ignore[arg-type]
            clock=self.clock,
            keys=self._keys,
            user=self.user,
            batch_size=self.batch_size,
            module=ContactsModule(self.mapping, self.fields, self.creates_accounts, self.label),
            people=self.google,
        )

    # --- looking ---

    @property
    def person(self) -> Person:
        """Return the only living person in Google."""
        [person] = self.google.alive.values()
        return person

    @property
    def google_id(self) -> str:
        return str(self.person["resourceName"])

    @property
    def row(self) -> Mapping[str, Any]:
        """Return the values of the only living contact of the CRM."""
        [row] = self.crm.rows().values()
        return row.values

    @property
    def crm_id(self) -> int:
        [crm_id] = self.crm.rows()
        return crm_id

    def stored(self, crm_id: int) -> ContactRow:
        return self.crm.rows()[crm_id]

    def names(self) -> list[str]:
        """Return the names of Google's living people, sorted."""
        return sorted(name_of(person) for person in self.google.alive.values())

    def labels(self) -> list[str]:
        """Return the names of the CRM's living contacts, sorted."""
        return sorted(row.label for row in self.crm.rows().values())


def name_of(person: Mapping[str, Any]) -> str:
    """Return a person's first and last name."""
    name = (person.get("names") or [{}])[0]
    return f"{name.get('givenName', '')} {name.get('familyName', '')}".strip()


def named(first: str, last: str = "Ruiz", **member: str) -> list[dict[str, str]]:
    """Return the names of a person."""
    return [{"givenName": first, "familyName": last, **member}]


def mail(value: str, kind: str = "home") -> dict[str, str]:
    """Return an e-mail or phone item."""
    return {"value": value, "type": kind}
