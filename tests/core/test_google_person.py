"""A Google person to and from the neutral contact."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from plugin.core.contact import Address, Birthday, Contact, PersonChange, with_slots
from plugin.core.mapping.google_person import (
    PERSON_FIELDS,
    as_google_holds,
    change_from_person,
    contact_beside,
    contact_from_person,
    new_contact_from_person,
)
from plugin.core.mapping.person_body import PersonPatch, new_person, patch_person, with_marker
from plugin.core.model import Marker, Presence
from tests.contact_builders import MAPPING, a_contact, a_slot, full_contact

EMAIL, WORK_EMAIL = a_slot("email"), a_slot("secondaryemail")
MARKER = Marker("install-1", "key1")


def a_person(**members: Any) -> dict[str, Any]:
    """Return Ana Ruiz as People lists her."""
    return {
        "resourceName": "people/c1",
        "etag": "%E1",
        "metadata": {
            "sources": [
                {"type": "CONTACT", "id": "1a", "etag": "#e1", "updateTime": "2027-03-01T08:00:00.5Z"},
                {"type": "PROFILE", "id": "9", "etag": "#p"},
            ]
        },
        "names": [{"givenName": "Ana", "familyName": "Ruiz", "displayName": "Ana Ruiz"}],
        **members,
    }


def emails(*items: tuple[str, str]) -> dict[str, Any]:
    return {"emailAddresses": [{"type": kind, "value": value} for kind, value in items]}


def read(person: dict[str, Any], half: Contact | None = None) -> Contact:
    return contact_from_person(person, MAPPING, half)


def patched(person: dict[str, Any], half: Contact | None = None, **values: Any) -> PersonPatch:
    """Return the update that a change of these CRM fields makes."""
    now = read(person, half)
    slots = {a_slot(name) for name in values}
    wanted = with_slots(now, a_contact(**values), slots)
    return patch_person(person, MAPPING, now, wanted, slots)


# --- reading ---


def test_person_is_read_by_type_not_by_position() -> None:
    person = a_person(
        **emails(("other", "o@x"), ("work", "w@x"), ("Home", "h@x")),
        phoneNumbers=[{"type": "workMobile", "value": "3"}, {"type": "mobile", "value": "1"}],
    )

    contact = read(person)

    assert contact == a_contact(email="h@x", secondaryemail="w@x", mobile="1")
    assert contact.borrowed == {}


def test_change_carries_what_the_decision_needs() -> None:
    groups = [
        {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/vip"}},
        {"domainMembership": {}},
    ]
    change = change_from_person(a_person(memberships=groups), MAPPING)

    assert change == PersonChange(
        "people/c1", Presence.ALIVE, "1a #e1", a_contact(), groups=frozenset({"contactGroups/vip"}),
        updated_utc=datetime(2027, 3, 1, 8, 0, 0, 500_000, tzinfo=UTC),
    )  # fmt: skip
    assert not change.is_merged


@pytest.mark.parametrize("stamp", [None, "yesterday", "2027-03-01T08:00:00"])
def test_moment_that_can_t_be_read_is_unknown(stamp: str | None) -> None:
    source = {"type": "CONTACT"} | ({"updateTime": stamp} if stamp else {})

    assert change_from_person(a_person(metadata={"sources": [source]}), MAPPING).updated_utc is None


def test_deleted_and_renamed_persons_are_known_as_such() -> None:
    gone = {
        "resourceName": "people/c2",
        "metadata": {"deleted": True, "previousResourceNames": ["people/c1"]},
    }

    change = change_from_person(gone, MAPPING)

    assert (change.presence, change.contact, change.etag) == (Presence.GONE, None, "")
    assert change.previous_ids == ("people/c1",)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ({"date": {"year": 1980, "month": 3, "day": 5}}, Birthday(3, 5, 1980)),
        ({"date": {"month": 3, "day": 5}}, Birthday(3, 5)),
        ({"date": {"year": 0, "month": 3, "day": 5}}, Birthday(3, 5)),
        ({"date": {"year": 1980}}, None),
        ({"text": "in March"}, None),
    ],
    ids=["whole", "no year", "year nought", "year alone", "words"],
)
def test_birthday_is_read_with_or_without_its_year(day: dict[str, Any], expected: Birthday | None) -> None:
    assert read(a_person(birthdays=[day])).values.get(a_slot("birthday")) == expected


@pytest.mark.parametrize(
    ("bio", "text"),
    [
        ({"value": "a <b>c</b>", "contentType": "TEXT_HTML"}, "a c"),
        ({"value": "a <b>c</b>", "contentType": "TEXT_PLAIN"}, "a <b>c</b>"),
        ({"value": "a <b>c</b>"}, "a <b>c</b>"),
    ],
)
def test_note_is_read_as_text(bio: dict[str, str], text: str) -> None:
    assert read(a_person(biographies=[bio])).text("description") == text


@pytest.mark.parametrize(
    ("item", "address"),
    [
        ({"formattedValue": "Sol 1\nJaén"}, Address("Sol 1\nJaén")),
        ({"formattedValue": "Jaén", "city": "Jaén"}, Address(city="Jaén")),
        ({"formattedValue": "2º B", "extendedAddress": "2º B"}, None),
    ],
    ids=["never taken apart", "in parts", "nothing that the CRM has"],
)
def test_address_that_nobody_took_apart_is_all_street(item: dict[str, str], address: Address | None) -> None:
    person = a_person(addresses=[{"type": "home", **item}])

    assert read(person).values.get(a_slot("mailingaddress")) == address


def test_title_and_name_are_of_one_job_and_stay_with_it() -> None:
    jobs = [{"name": "ACME", "title": "Gerente"}, {"name": "Beta"}]
    before = read(a_person(organizations=jobs))

    assert before == a_contact(account_id="ACME", title="Gerente")
    assert read(a_person(organizations=jobs[::-1]), before) == before
    assert read(a_person(organizations=jobs[1:]), before) == a_contact(account_id="Beta")


def test_somebody_s_profile_is_not_the_user_s_contact() -> None:
    profile = {"type": "home", "value": "own@x", "metadata": {"source": {"type": "PROFILE"}}}
    person = a_person(emailAddresses=[profile])

    assert read(person) == a_contact()
    assert patched(person, email="new@x").body["emailAddresses"] == [{"type": "home", "value": "new@x"}]


# --- several of a type, and types that nobody mapped ---


def test_one_of_several_of_a_type_stays_the_one_it_was() -> None:
    before = read(a_person(**emails(("home", "1@x"), ("home", "2@x"))))

    assert before.text("email") == "1@x"
    assert read(a_person(**emails(("home", "2@x"), ("home", "1@x"))), before) == before
    assert read(a_person(**emails(("home", "2@x"), ("home", "3@x"))), before).text("email") == "2@x"


def test_types_that_nobody_mapped_fill_free_fields_on_create_only() -> None:
    person = a_person(
        **emails(("other", "o@x"), ("", "n@x"), ("work", "w@x")),
        phoneNumbers=[
            {"type": "main", "value": "1"},
            {"value": "2"},
            {"type": "home", "value": "3"},
            {"value": "4"},
        ],
        addresses=[{"type": "other", "city": "Jaén"}],
    )

    contact = new_contact_from_person(person, MAPPING)

    assert contact == a_contact(
        email="o@x", secondaryemail="w@x", mobile="1", phone="2", homephone="3", mailingaddress=Address(city="Jaén")
    )  # fmt: skip
    assert contact.borrowed == {
        EMAIL: "other", a_slot("mobile"): "main", a_slot("phone"): "", a_slot("mailingaddress"): "other",
    }  # fmt: skip
    assert read(person).text("email") == ""


def test_borrowed_item_is_edited_in_place_and_keeps_its_type() -> None:
    person = a_person(**emails(("other", "o@x"), ("other", "p@x")))
    half = new_contact_from_person(person, MAPPING)

    body = patched(person, half, email="new@x").body

    assert body["emailAddresses"] == emails(("other", "new@x"), ("other", "p@x"))["emailAddresses"]


def test_borrowed_item_that_changes_in_google_is_still_the_field_s() -> None:
    half = new_contact_from_person(a_person(**emails(("other", "o@x"))), MAPPING)

    edited = read(a_person(**emails(("other", "new@x"))), half)
    retyped = read(a_person(**emails(("home", "o@x"))), half)
    gone = read(a_person(), half)

    assert (edited.text("email"), edited.borrowed) == ("new@x", {EMAIL: "other"})
    assert (retyped, retyped.borrowed) == (half, {})
    assert gone == a_contact()


def test_real_type_that_comes_later_takes_its_field() -> None:
    half = new_contact_from_person(a_person(**emails(("other", "o@x"))), MAPPING)

    both = read(a_person(**emails(("other", "p@x"), ("home", "h@x"))), half)

    assert (both.text("email"), both.text("secondaryemail"), both.borrowed) == ("h@x", "", {})


def test_first_contact_takes_an_item_that_says_the_same_whatever_its_type() -> None:
    person = a_person(
        **emails(("work", "Ana@X"), ("other", "b@x")),
        phoneNumbers=[{"type": "other", "value": "+34 600-000-001"}],
    )
    crm = a_contact(email="ana@x", mobile="+34600000001", phone="910")

    contact = contact_beside(person, MAPPING, crm)

    assert contact == a_contact(email="Ana@X", mobile="+34 600-000-001")
    assert contact.borrowed == {EMAIL: "work", a_slot("mobile"): "other"}


def test_first_contact_knows_an_address_by_its_parts() -> None:
    person = a_person(addresses=[{"type": "other", "streetAddress": "sol  1", "city": "Jaén"}])

    contact = contact_beside(person, MAPPING, a_contact(mailingaddress=Address("Sol 1", city="JAÉN")))

    assert contact.borrowed == {a_slot("mailingaddress"): "other"}


def test_first_contact_leaves_an_item_to_the_field_that_it_is_for() -> None:
    person = a_person(**emails(("work", "a@x")))
    crm = a_contact(email="a@x", secondaryemail="a@x")

    contact = contact_beside(person, MAPPING, crm)

    assert (contact, contact.borrowed) == (a_contact(secondaryemail="a@x"), {})


# --- keys ---


def test_our_key_is_left_in_a_new_person_and_read_back() -> None:
    body = new_person(as_google_holds(full_contact()), MAPPING, MARKER, ["contactGroups/vip"])

    change = change_from_person({"resourceName": "people/c1", **body}, MAPPING)

    assert (change.markers, change.groups) == ((MARKER,), {"contactGroups/vip"})
    assert change.contact == full_contact()


def test_two_keys_say_that_two_contacts_were_merged() -> None:
    other = Marker("install-1", "key2")
    person = with_marker(a_person(clientData=[{"key": "x", "value": "y"}]), MARKER).body
    merged = with_marker({**a_person(), **person}, other).body

    change = change_from_person({**a_person(), **merged}, MAPPING)
    same = change_from_person({**a_person(), "clientData": [merged["clientData"][1]] * 2}, MAPPING)

    assert change.markers == (MARKER, other) and change.is_merged
    assert same.markers == (MARKER,) and not same.is_merged
    assert merged["clientData"][0] == {"key": "x", "value": "y"}


@pytest.mark.parametrize(
    "datum", [{"key": "gsync"}, {"key": "gsync", "value": "x"}, {"key": "a", "value": "i:k"}]
)
def test_what_is_not_our_key_is_none(datum: dict[str, str]) -> None:
    assert change_from_person(a_person(clientData=[datum]), MAPPING).markers == ()


# --- writing ---


def test_update_names_only_the_fields_that_change() -> None:
    patch = patched(a_person(**emails(("home", "h@x"))), title="Gerente")

    assert patch == PersonPatch(frozenset({"organizations"}), {"organizations": [{"title": "Gerente"}]})
    assert patched(a_person()).fields == frozenset()


def test_name_keeps_what_the_crm_does_not_have_and_loses_what_google_derives() -> None:
    name = {
        "givenName": "Ana", "middleName": "Mª", "familyName": "Ruiz", "displayName": "Ana Mª Ruiz",
        "unstructuredName": "Ana Mª Ruiz", "metadata": {"primary": True, "source": {"type": "CONTACT", "id": "1a"}},
    }  # fmt: skip

    body = patched(a_person(names=[name]), firstname="Eva").body

    assert body["names"] == [{"givenName": "Eva", "middleName": "Mª", "familyName": "Ruiz"}]


def test_address_loses_what_google_derived_from_the_old_one() -> None:
    item = {
        "type": "home", "streetAddress": "Sol 1", "extendedAddress": "2º", "country": "España", "countryCode": "ES",
        "formattedValue": "Sol 1\n2º\nEspaña", "formattedType": "Casa",
    }  # fmt: skip
    person = a_person(addresses=[item])

    moved = patched(person, mailingaddress=Address("Rua 5", country="España")).body["addresses"]
    abroad = patched(person, mailingaddress=Address("Rua 5", country="Portugal")).body["addresses"]
    emptied = patched(person, mailingaddress=Address()).body["addresses"]

    kept = {"type": "home", "extendedAddress": "2º"}
    assert moved == [{**kept, "streetAddress": "Rua 5", "country": "España", "countryCode": "ES"}]
    assert abroad == [{**kept, "streetAddress": "Rua 5", "country": "Portugal"}]
    assert emptied == [kept]


def test_job_goes_only_when_nothing_is_left_of_it() -> None:
    alone = [{"name": "ACME", "current": True}]
    more = [{"name": "ACME", "department": "Ventas"}, {"name": "Beta"}]

    assert patched(a_person(organizations=alone), account_id="").body["organizations"] == []
    assert patched(a_person(organizations=more), account_id="").body["organizations"] == [
        {"department": "Ventas"}, {"name": "Beta"},
    ]  # fmt: skip


def test_default_of_several_stays_the_default() -> None:
    item = {
        "type": "home",
        "value": "h@x",
        "formattedType": "Casa",
        "metadata": {"sourcePrimary": True, "verified": True},
    }
    person = a_person(emailAddresses=[item, {"type": "other", "value": "o@x"}])

    assert patched(person, email="new@x").body["emailAddresses"] == [
        {"type": "home", "value": "new@x", "metadata": {"sourcePrimary": True}}, {"type": "other", "value": "o@x"},
    ]  # fmt: skip


def test_listing_asks_for_all_that_is_mapped() -> None:
    assert {"names", "emailAddresses", "userDefined", "clientData", "memberships", "metadata"} < set(
        PERSON_FIELDS.split(",")
    )
