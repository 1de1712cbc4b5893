"""What a user's first sync of contacts has to come to: counted from the tables and from Google, not by the plugin."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demo.stack import Stack
from demo.visitor import Counts, Outcome

CONTACTS = """SELECT d.firstname, d.lastname, d.email, d.secondaryemail, d.phone, d.mobile, s.homephone
              FROM vtiger_contactdetails d JOIN vtiger_crmentity e ON e.crmid = d.contactid
              JOIN vtiger_contactsubdetails s ON s.contactsubscriptionid = d.contactid
              JOIN vtiger_users u ON u.id = e.smownerid
              WHERE e.deleted = 0 AND u.user_name = '{}'"""


@dataclass(frozen=True)
class Person:
    """One contact, the same whichever side it stands on; `name` is empty for a firm without one."""

    name: str
    emails: frozenset[str]
    phones: frozenset[str]


@dataclass(frozen=True)
class AddressBooks:
    crm: Sequence[Person]
    google: Sequence[Person]

    @property
    def common(self) -> int:
        """How many are on both sides: the same name, and an e-mail in common."""
        return sum(
            any(one.name == other.name and one.emails & other.emails for other in self.google)
            for one in self.crm
        )


def read_books(stack: Stack, login: str, email: str) -> AddressBooks:
    """Return whom the user has on both sides now."""
    rows = stack.mariadb.execute(CONTACTS.format(login), database=stack.database)
    people = stack.control("GET", "state")["contacts"][email]["people"]
    return AddressBooks(crm_people(rows), google_people(people))


def crm_people(rows: Iterable[tuple[Any, ...]]) -> list[Person]:
    """Return the persons of the CRM's rows. A last name that the CRM made up of the e-mail is none."""
    found = []
    for first, last, *values in rows:
        mails, numbers = frozenset(v for v in values[:2] if v), frozenset(v for v in values[2:] if v)
        name = f"{first or ''} {last}".strip()
        found.append(Person("" if name in mails else name, mails, numbers))
    return found


def google_people(people: Iterable[Mapping[str, Any]]) -> list[Person]:
    """Return the persons of Google's living contacts."""
    found = []
    for person in people:
        if person.get("metadata", {}).get("deleted"):
            continue
        [name] = person.get("names") or [{}]
        mails, numbers = (
            frozenset(item["value"] for item in person.get(field, ()))
            for field in ("emailAddresses", "phoneNumbers")
        )
        words = f"{name.get('givenName', '')} {name.get('familyName', '')}".strip()
        found.append(Person("" if words in mails else words, mails, numbers))
    return found


def problems_of_contacts(before: AddressBooks, outcome: Outcome, after: AddressBooks) -> list[str]:
    """Return what is wrong with a first sync of contacts, in words; nothing if all is well."""
    found = []
    for name, told, new in (
        ("CRM", outcome.crm, len(before.google) - before.common),
        ("Google", outcome.google, len(before.crm) - before.common),
    ):
        wanted = Counts(created=new, updated=told.updated, deleted=0, skipped=0)
        if told != wanted or told.updated > before.common:
            found.append(f"{name}: {new} new ones were expected, the box says {told}")
    everybody = len(before.crm) + len(before.google) - before.common
    for name, people in (("CRM", after.crm), ("Google", after.google)):
        if len(people) != everybody:
            found.append(f"{name}: {everybody} contacts were expected, there are {len(people)}")
    crm, google = set(after.crm), set(after.google)
    found += [f"only in the CRM like this: {person}" for person in crm - google]
    found += [f"only in Google like this: {person}" for person in google - crm]
    return found
