"""Persons written again and again through the adapter, with items that stand in for fields that were free."""

from __future__ import annotations

from typing import Any

from plugin.core.contact import Address, Birthday, with_slots
from plugin.core.mapping.google_person import contact_from_person, new_contact_from_person
from plugin.core.mapping.person_body import patch_person
from plugin.core.mapping.person_items import version_of
from plugin.sync.people_ports import PersonUpdate
from tests.contact_builders import MAPPING, a_contact, a_slot
from tests.simulated_google import EMAIL, SimulatedGoogle

DERIVED = {
    "metadata",
    "formattedType",
    "canonicalForm",
    "displayName",
    "displayNameLastFirst",
    "unstructuredName",
    "formattedValue",
}
RICH: dict[str, Any] = {
    "names": [
        {"givenName": "Ana", "middleName": "María", "familyName": "Ruiz", "honorificSuffix": "PhD", "phoneticGivenName": "A"}
    ],
    "nicknames": [{"value": "Anita"}],
    "emailAddresses": [
        {"type": "other", "value": "o@x.example", "displayName": "Ana"},
        {"type": "home", "value": "h@x.example"},
        {"type": "home", "value": "h2@x.example"},
        {"type": "Verano", "value": "v@x.example"},
    ],
    "phoneNumbers": [{"type": "main", "value": "1"}, {"type": "mobile", "value": "2"}, {"type": "pager", "value": "3"}],
    "addresses": [
        {"type": "home", "streetAddress": "Sol 1", "extendedAddress": "2º", "city": "Jaén", "country": "España"},
        {"type": "other", "city": "Cádiz"},
    ],
    "organizations": [
        {"name": "ACME", "title": "Gerente", "department": "Ventas", "type": "work"}, {"name": "Beta", "jobDescription": "x"}
    ],
    "birthdays": [{"date": {"month": 2, "day": 29}}],
    "biographies": [{"value": "Viene los martes", "contentType": "TEXT_PLAIN"}],
    "urls": [{"value": "https://ana.example", "type": "blog"}],
    "relations": [{"person": "Blas", "type": "brother"}],
    "events": [{"date": {"month": 6, "day": 1}, "type": "anniversary"}],
    "imClients": [{"username": "ana", "protocol": "jabber"}],
    "userDefined": [{"key": "Talla", "value": "M"}],
    "externalIds": [{"value": "42", "type": "customer"}],
    "clientData": [{"key": "other", "value": "program"}],
}  # fmt: skip
ROUNDS: list[dict[str, Any]] = [
    {"firstname": "Eva", "email": "new@x.example", "title": "Jefa"},
    {"mailingaddress": Address("Sol 2", city="Jaén", country="España"), "mobile": ""},
    {"birthday": Birthday(2, 29, 1980), "description": "Ya no viene", "mobile": "22", "homephone": "44"},
    {"account_id": "Gamma", "secondaryemail": "w@x.example"},
]


def kept(person: dict[str, Any], member: str) -> list[dict[str, Any]]:
    return [{n: v for n, v in item.items() if n not in DERIVED} for item in person.get(member, ())]


def stored(google: SimulatedGoogle) -> dict[str, Any]:
    [person] = google.control("GET", "state")["contacts"][EMAIL]["people"]
    return dict(person)


def test_unmapped_fields_are_the_same_after_any_number_of_updates(google: SimulatedGoogle) -> None:
    contacts = google.contacts()
    before = google.edit_person("create", body=RICH)
    half = None
    for values in ROUNDS:
        [found] = contacts.fetch_people([before["resourceName"]])
        assert found.resource is not None
        person = found.resource
        now = contact_from_person(person, MAPPING, half) if half else new_contact_from_person(person, MAPPING)
        slots = {a_slot(name) for name in values}
        wanted = with_slots(now, a_contact(**values), slots)
        patch = patch_person(person, MAPPING, now, wanted, slots)
        [done] = contacts.write(
            [PersonUpdate(person["resourceName"], version_of(person), patch.body, patch.fields)]
        )
        assert done.error is None and done.resource is not None
        half = contact_from_person(done.resource, MAPPING, wanted)
        assert half == wanted

    [found] = contacts.fetch_people([before["resourceName"]])
    after: Any = found.resource
    assert kept(after, "names") == [{**RICH["names"][0], "givenName": "Eva"}]
    # "other" and "pager" stand in for fields that were free, and keep their types.
    assert kept(after, "emailAddresses") == [
        {"type": "other", "value": "w@x.example"}, {"type": "home", "value": "new@x.example"}, *RICH["emailAddresses"][2:],
    ]  # fmt: skip
    assert after["emailAddresses"][0]["displayName"] == "Ana"
    assert kept(after, "phoneNumbers") == [
        {"type": "main", "value": "1"}, {"type": "pager", "value": "44"}, {"type": "mobile", "value": "22"},
    ]  # fmt: skip
    assert kept(after, "addresses") == [
        {**RICH["addresses"][0], "streetAddress": "Sol 2"},
        RICH["addresses"][1],
    ]
    assert kept(after, "organizations") == [
        {**RICH["organizations"][0], "name": "Gamma", "title": "Jefa"},
        RICH["organizations"][1],
    ]
    for member in (
        "nicknames",
        "urls",
        "relations",
        "events",
        "imClients",
        "userDefined",
        "externalIds",
        "clientData",
    ):
        assert kept(stored(google), member) == RICH[member]
