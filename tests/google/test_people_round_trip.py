"""Mapping and adapter together, facing the simulator: what isn't mapped is in Google as before, however often we write."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.core.contact import Birthday, Contact, Kind, Slot, with_slots
from plugin.core.mapping.google_person import change_from_person, contact_from_person
from plugin.core.mapping.person_body import new_person, patch_person, with_marker
from plugin.core.model import Marker
from plugin.sync.people_ports import PersonCreate, PersonUpdate, version_of
from plugin.sync.ports import Outcome
from tests.contract.people_contract import now
from tests.person_strategies import MAPPING
from tests.simulated_google import EMAIL, SimulatedGoogle

Person = dict[str, Any]

MARKER = Marker("install", "link")
# A second item of everything that there may be several of, with types that nobody maps, and fields that we never read.
EVERYTHING: Person = {
    "names": [
        {
            "honorificPrefix": "Dra.",
            "givenName": "Ana",
            "middleName": "M.",
            "familyName": "Gil",
            "honorificSuffix": "PhD",
        }
    ],
    "nicknames": [{"value": "Anita"}],
    "emailAddresses": [
        {"value": "a@b.example", "type": "other", "displayName": "Ana"},
        {"value": "c@d.example", "type": "Oficina"},
    ],
    "phoneNumbers": [
        {"value": "612 345 678", "type": "mobile"},
        {"value": "+49 30 1234567", "type": "workFax", "metadata": {"sourcePrimary": True}},
        {"value": "3", "type": "pager"},
    ],
    "addresses": [
        {
            "streetAddress": "Mayor 1",
            "extendedAddress": "3º B",
            "city": "León",
            "country": "España",
            "type": "home",
        },
        {"formattedValue": "Anywhere\nat all", "type": "other"},
    ],
    "organizations": [
        {"name": "Acme", "title": "CTO", "department": "I+D", "symbol": "ACM", "startDate": {"year": 2020}},
        {"name": "Otra", "title": "Vocal"},
    ],
    "birthdays": [{"date": {"month": 2, "day": 29}}],
    "biographies": [{"value": "Línea\ny otra", "contentType": "TEXT_PLAIN"}],
    "urls": [{"value": "https://a.example", "type": "blog"}],
    "userDefined": [{"key": "Talla", "value": "M"}, {"key": "Talla", "value": "L"}],
    "externalIds": [{"value": "77", "type": "account"}],
    "clientData": [{"key": "theirs", "value": "1"}],
    "events": [{"date": {"year": 2001, "month": 6, "day": 1}, "type": "anniversary"}],
    "relations": [{"person": "Uxía", "type": "sister"}],
    "imClients": [{"username": "ana", "protocol": "jabber"}],
    "sipAddresses": [{"value": "sip:a@b.example"}],
    "interests": [{"value": "vela"}],
    "locales": [{"value": "es-ES"}],
    "occupations": [{"value": "física"}],
    "photos": [{"url": "https://photos.example/1"}],
}
EVERY_SLOT = {
    Slot("firstname", Kind.NAME, "givenName"): "Ada",
    Slot("title", Kind.ORGANISATION, "title"): "CEO",
    Slot("birthday", Kind.BIRTHDAY): Birthday(5, 17, 1975),
    Slot("mobile", Kind.PHONE, "mobile"): "699 000 000",
    Slot("description", Kind.NOTE): "Otra nota",
}


def whole(google: SimulatedGoogle, google_id: str) -> Person:
    """All that Google holds, without what every write changes."""
    people = google.control("GET", "state")["contacts"][EMAIL]["people"]
    [person] = [dict(found) for found in people if found["resourceName"] == google_id]
    del person["metadata"]
    return person


def done(outcome: Outcome) -> Person:
    assert outcome.error is None
    assert outcome.resource is not None
    return dict(outcome.resource)


def write(google: SimulatedGoogle, person: Person, wanted: Contact, slots: frozenset[Slot]) -> Person:
    patch = patch_person(person, MAPPING, contact_from_person(person, MAPPING), wanted, slots)
    operation = PersonUpdate(person["resourceName"], version_of(person), patch.body, patch.fields)
    return done(*google.contacts().write([operation]))


def test_update_of_all_fields_with_what_they_hold_changes_nothing(google: SimulatedGoogle) -> None:
    google_id = google.edit_person("create", body=EVERYTHING)["resourceName"]
    before = whole(google, google_id)

    for _ in range(3):
        person = dict(now(google.contacts(), google_id))
        write(google, person, contact_from_person(person, MAPPING), frozenset(MAPPING.slots))

    assert whole(google, google_id) == before


@pytest.mark.parametrize("slot", EVERY_SLOT, ids=lambda slot: slot.crm_field)
def test_update_of_one_field_leaves_all_others(google: SimulatedGoogle, slot: Slot) -> None:
    google_id = google.edit_person("create", body=EVERYTHING)["resourceName"]
    before = whole(google, google_id)
    person = dict(now(google.contacts(), google_id))
    wanted = with_slots(
        contact_from_person(person, MAPPING), Contact({slot: EVERY_SLOT[slot]}), frozenset({slot})
    )

    after = write(google, person, wanted, frozenset({slot}))

    assert contact_from_person(after, MAPPING).values[slot] == EVERY_SLOT[slot]
    now_there = whole(google, google_id)
    changed = {name for name in before if before[name] != now_there[name]}
    assert (
        changed
        == {
            Kind.NAME: {"names"},
            Kind.ORGANISATION: {"organizations"},
            Kind.BIRTHDAY: {"birthdays"},
            Kind.PHONE: {"phoneNumbers"},
            Kind.NOTE: {"biographies"},
        }[slot.kind]
    )
    [field] = changed
    assert now_there[field][1:] == before[field][1:]


def test_created_contact_is_read_back_as_it_was_meant_with_our_key(google: SimulatedGoogle) -> None:
    person = google.edit_person("create", body=EVERYTHING)
    contact = contact_from_person(person, MAPPING)

    made = done(*google.contacts().write([PersonCreate(new_person(contact, MAPPING, MARKER))]))

    change = change_from_person(made, MAPPING)
    assert change.markers == (MARKER,)
    assert {s: v for s, v in (change.contact or Contact()).values.items() if v} == {
        slot: value for slot, value in contact.values.items() if value
    }


def test_our_key_is_put_beside_what_other_programs_left(google: SimulatedGoogle) -> None:
    person = dict(google.edit_person("create", body=EVERYTHING))
    patch = with_marker(person, MARKER)
    operation = PersonUpdate(person["resourceName"], version_of(person), patch.body, patch.fields)

    after = done(*google.contacts().write([operation]))

    assert [datum["key"] for datum in after["clientData"]] == ["theirs", "gsync"]
    assert change_from_person(after, MAPPING).markers == (MARKER,)
