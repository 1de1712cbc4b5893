"""Round trips of persons with every field that Google knows: what isn't mapped goes back as it came, however often."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plugin.core.contact import Contact, Slot, changed_slots, with_slots
from plugin.core.contact_merge import merge_contacts
from plugin.core.mapping.contact_mapping import ContactField, FieldKind, Fields
from plugin.core.mapping.crm_contact import CrmTerms, as_crm_holds, contact_from_row, row_from_contact
from plugin.core.mapping.google_person import contact_from_person, new_contact_from_person
from plugin.core.mapping.person_body import PersonPatch, new_person, patch_person
from plugin.core.mapping.person_items import MEMBERS, TYPED, items_of, placed
from plugin.core.mapping.stored_contact import contact_from_json, json_from_contact
from plugin.core.model import Marker, Side
from tests.person_strategies import MAPPING, contacts, persons, some_slots

Person = dict[str, Any]
READ_ONLY = {"formattedType", "canonicalForm", "displayName", "displayNameLastFirst", "metadata"}


def narrow_fields() -> Fields:
    """A CRM whose columns are all too short, and hold no emoji."""
    return {
        name: ContactField(name, "t", name, kind=FieldKind.TEXT, chars=12, octets=36)
        for name in MAPPING.crm_fields()
    }


def written(person: Person, patch: PersonPatch) -> Person:
    """What Google holds after an update: masked fields replaced whole, those of a profile beside them."""
    after = dict(person)
    for member in patch.fields:
        shown = [
            i
            for i in person.get(member, ())
            if i.get("metadata", {}).get("source", {}).get("type") == "PROFILE"
        ]
        after[member] = [*patch.body[member], *shown]
    return after


def frozen(item: Any) -> str:
    kept = {name: value for name, value in item.items() if name not in READ_ONLY and value != ""}
    return repr(sorted(kept.items(), key=lambda pair: pair[0]))


@given(persons, contacts(), some_slots)
def test_what_is_written_comes_back_and_the_rest_is_as_it_was(
    person: Person, wanted: Contact, slots: frozenset[Slot]
) -> None:
    before = contact_from_person(person, MAPPING)
    wanted = with_slots(before, wanted, slots)

    patch = patch_person(person, MAPPING, before, wanted, slots)
    after = written(person, patch)

    back = contact_from_person(after, MAPPING, wanted)
    emptied = {slot for slot in slots if slot not in wanted.values}
    assert changed_slots(back, wanted) <= emptied  # another one of its type may stand in
    assert patch.fields == {MEMBERS[slot.kind] for slot in slots}
    mapped = placed(person, MAPPING, before)
    for kind in TYPED:
        touched = {index for slot, index in mapped.items() if slot.kind is kind and slot in slots}
        rest = [item for index, item in enumerate(items_of(person, kind)) if index not in touched]
        # An entry without a member says nothing that could be lost.
        said = Counter(text for text in map(frozen, rest) if text != repr([]))
        assert not said - Counter(map(frozen, items_of(after, kind)))


@given(persons)
def test_update_of_nothing_writes_nothing(person: Person) -> None:
    contact = contact_from_person(person, MAPPING)

    assert patch_person(person, MAPPING, contact, contact, ()).fields == frozenset()


@given(persons, st.randoms())
def test_order_of_lists_does_not_matter(person: Person, chance: Any) -> None:
    before = new_contact_from_person(person, MAPPING)
    shuffled = {
        name: chance.sample(value, len(value))
        if isinstance(value, list) and name in MEMBERS.values()
        else value
        for name, value in person.items()
    }

    after = contact_from_person(shuffled, MAPPING, before)

    singles = {slot for slot in MAPPING.slots if slot.kind not in TYPED}
    assert changed_slots(after, before) <= singles  # two jobs of the same name are told apart by nothing


@given(contacts())
def test_new_person_says_the_whole_contact(contact: Contact) -> None:
    body = new_person(contact, MAPPING, Marker("install-1", "key1"))

    assert contact_from_person(body, MAPPING) == contact


@given(contacts())
def test_half_comes_back_from_json(contact: Contact) -> None:
    assert contact_from_json(json_from_contact(contact), MAPPING) == contact


@given(persons, st.integers(1, 3))
def test_narrow_crm_never_writes_its_cuts_into_google(person: Person, rounds: int) -> None:
    """First the person comes into the CRM; then, any number of times, both sides are read again."""
    terms = CrmTerms(MAPPING, narrow_fields())
    google_half = new_contact_from_person(person, MAPPING)
    crm_half = as_crm_holds(google_half, terms)
    for _ in range(rounds):
        crm_now = contact_from_row(row_from_contact(11, crm_half, terms), MAPPING)
        google_now = contact_from_person(person, MAPPING, google_half)
        done = merge_contacts(
            crm_now=crm_now, crm_half=crm_half, google_now=google_now, google_half=google_half,
            winner=Side.CRM, to_crm=lambda contact: as_crm_holds(contact, terms),
        )  # fmt: skip
        assert not done.crm_fields and not done.google_fields
        google_half, crm_half = google_now, crm_now
