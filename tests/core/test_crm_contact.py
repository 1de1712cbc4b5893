"""A CRM contact's fields to and from the neutral contact, and what the columns can't hold."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from plugin.core.contact import Address, Birthday, Contact, changed_slots
from plugin.core.mapping.contact_mapping import (
    DEFAULT_CHOICE,
    FIXED_SLOTS,
    ContactField,
    ContactMapping,
    fields_of,
)
from plugin.core.mapping.crm_contact import (
    Account,
    as_crm_holds,
    contact_from_row,
    is_skipped,
    row_from_contact,
    written_fields,
)
from plugin.core.mapping.stored_contact import contact_from_json, json_from_contact
from tests.contact_builders import (
    MAPPING,
    a_contact,
    a_contact_row,
    a_slot,
    contact_fields,
    full_contact,
    terms,
)

ACME = Account(100, "ACME")


def test_row_says_the_contact_and_back() -> None:
    contact = full_contact()

    row = row_from_contact(11, contact, terms("ACME"))

    assert contact_from_row(row, MAPPING) == contact
    assert (row.account, row.label) == (ACME, "Ana Ruiz")
    assert set(row.values) == set(MAPPING.crm_fields()) - {"otherpobox"}
    assert row.values["birthday"] == date(1980, 3, 5)


def test_contact_that_fits_is_held_as_it_is() -> None:
    assert as_crm_holds(full_contact(), terms("ACME")) == full_contact()


@pytest.mark.parametrize(
    ("field", "value", "held"),
    [
        ("firstname", "x" * 41, "x" * 40),
        ("firstname", "Ana 🎉", "Ana ?"),
        ("firstname", " Ana ", "Ana"),
        ("title", "y" * 49 + " z", "y" * 49),
        ("description", "🎉", "?"),
        ("birthday", Birthday(2, 29, 1980), Birthday(2, 29, 1980)),
        ("mailingaddress", Address("Sol 1", city="c" * 41), Address("Sol 1", city="c" * 40)),
    ],
    ids=[
        "long",
        "emoji",
        "spaces",
        "space at the cut",
        "emoji in a note",
        "birthday",
        "address",
    ],
)
def test_value_is_made_to_fit(field: str, value: Any, held: Any) -> None:
    assert as_crm_holds(a_contact(**{field: value}), terms()) == a_contact(**{field: held})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "x" * 90 + "@empresa.example"),
        ("email", "🎉@empresa.example"),
        ("mobile", "6" * 51),
        ("birthday", Birthday(3, 5)),
        ("birthday", Birthday(2, 29, 1981)),
        ("account_id", "Nobody Ltd"),
        ("mailingaddress", Address()),
    ],
    ids=["long e-mail", "emoji e-mail", "long phone", "no year", "no such day", "no such account", "empty"],
)
def test_value_that_would_become_another_one_is_not_held_at_all(field: str, value: Any) -> None:
    assert as_crm_holds(a_contact(**{field: value}), terms()) == a_contact()


def test_note_is_cut_to_the_bytes_of_its_column_between_characters() -> None:
    fields = {**contact_fields(), "description": ContactField("description", "t", "c", chars=10, octets=10)}

    held = as_crm_holds(a_contact(description="€" * 5), terms(fields=fields))

    assert held == a_contact(description="€" * 3)


@pytest.mark.parametrize(("prefix", "held"), [("dr", "Dr."), ("Dr.", "Dr."), ("Sir", None)])
def test_salutation_is_one_of_the_crm_s(prefix: str, held: str | None) -> None:
    field = ContactField("salutationtype", "t", "salutation", chars=200, octets=600, choices=("Mr.", "Dr."))

    contact = as_crm_holds(
        a_contact(salutationtype=prefix), terms(fields={**contact_fields(), field.name: field})
    )

    assert contact.values.get(a_slot("salutationtype")) == held


def test_hidden_part_of_an_address_is_not_held() -> None:
    contact = a_contact(mailingaddress=Address("Sol 1", "Apdo. 3"))

    held = as_crm_holds(contact, terms(fields=contact_fields(without=("mailingpobox",))))

    assert held == a_contact(mailingaddress=Address("Sol 1"))


def test_full_unicode_is_held_where_the_database_has_room_for_it() -> None:
    contact = a_contact(firstname="Ana 🎉")

    assert as_crm_holds(contact, terms(fields=contact_fields(has_only_bmp=False))) == contact


@pytest.mark.parametrize("name", ["acme", "ACME", " Acme  "])
def test_organisation_is_the_account_of_that_name_whatever_its_case(name: str) -> None:
    assert as_crm_holds(a_contact(account_id=name), terms("ACME")) == a_contact(account_id="ACME")


def test_missing_account_is_named_where_it_may_be_created() -> None:
    contact = a_contact(account_id="o" * 101)

    assert as_crm_holds(contact, terms(creates_accounts=True)) == a_contact(account_id="o" * 100)


@pytest.mark.parametrize(
    ("values", "last"),
    [
        ({"firstname": "Ana", "email": "a@x.example"}, "Ana"),
        ({"email": "a@x.example", "mobile": "600"}, "a@x.example"),
        ({"mobile": "600"}, "Google Contact"),
        ({"mailingaddress": Address("Sol 1")}, "Google Contact"),
    ],
    ids=["first name", "e-mail", "mobile", "street"],
)
def test_contact_without_last_name_is_called_as_the_crm_does(values: dict[str, Any], last: str) -> None:
    contact = Contact({a_slot(name): value for name, value in values.items()})

    assert as_crm_holds(contact, terms()).text("lastname") == last
    assert not is_skipped(contact)


@pytest.mark.parametrize(
    "values", [{}, {"phone": "910"}, {"account_id": "ACME"}, {"mailingaddress": Address(city="Jaén")}]
)
def test_contact_that_nothing_names_is_skipped(values: dict[str, Any]) -> None:
    contact = Contact({a_slot(name): value for name, value in values.items()})

    assert is_skipped(contact)
    assert as_crm_holds(contact, terms()).text("lastname") == "Google Contact"


def test_account_stays_while_its_name_does() -> None:
    other = Account(7, "ACME")
    before = a_contact_row(account_id="ACME", account=other)

    same = row_from_contact(11, a_contact(account_id="ACME"), terms("ACME"), before)
    moved = row_from_contact(11, a_contact(account_id="Beta"), terms("ACME", "Beta"), before)

    assert same.account == other
    assert moved.account == Account(101, "Beta")
    assert row_from_contact(11, a_contact(), terms("ACME"), before).account is None


def test_what_the_crm_stores_for_nothing_is_nothing() -> None:
    row = a_contact_row(salutationtype="--None--", birthday="0000-00-00")

    assert contact_from_row(row, MAPPING) == a_contact()


def test_address_is_written_in_all_its_fields_that_are_shown() -> None:
    slots = [a_slot("mailingaddress"), a_slot("email")]

    assert written_fields(slots, MAPPING, contact_fields(without=("mailingpobox",))) == {
        "mailingstreet", "mailingcity", "mailingstate", "mailingzip", "mailingcountry", "email",
    }  # fmt: skip
    assert written_fields(slots, ContactMapping(FIXED_SLOTS), contact_fields()) == frozenset()


def test_half_comes_back_from_json() -> None:
    contact = full_contact()
    contact = Contact(contact.values, {a_slot("email"): "other"})

    stored = contact_from_json(json_from_contact(contact), MAPPING)

    assert (stored, stored.borrowed) == (contact, contact.borrowed)


def test_half_of_a_birthday_without_a_year_comes_back() -> None:
    contact = a_contact(birthday=Birthday(2, 29))

    assert contact_from_json(json_from_contact(contact), MAPPING) == contact


def test_slot_that_rests_is_not_in_the_half() -> None:
    resting = ContactMapping(tuple(slot for slot in MAPPING.slots if slot.crm_field != "email"))

    half = contact_from_json(json_from_contact(full_contact()), resting)

    assert changed_slots(half, full_contact()) == {a_slot("email")}
    assert fields_of(DEFAULT_CHOICE)[0] == "email"
