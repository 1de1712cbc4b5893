"""Fields of contacts: what the CRM lacks stays as it is, organisations are accounts, mappings may change."""

from __future__ import annotations

import copy

import pytest

from plugin.core.contact import Kind, Slot
from plugin.core.mapping.contact_mapping import DEFAULT_CHOICE, FIXED_SLOTS, ContactMapping
from tests.contact_builders import contact_fields
from tests.fakes.contact_world import ContactWorld, mail, named
from tests.fakes.world import is_quiet


@pytest.fixture
def contacts() -> ContactWorld:
    return ContactWorld()


@pytest.fixture
def linked(contacts: ContactWorld) -> ContactWorld:
    """Ana, made in Google, on both sides."""
    contacts.google.create_as_user(names=named("Ana"), emailAddresses=[mail("ana@casa.example")])
    contacts.sync()
    assert is_quiet(contacts.sync())
    return contacts


# --- what the CRM hasn't ---

RICH = {
    "names": [{"givenName": "Ana", "familyName": "Ruiz", "middleName": "María", "honorificSuffix": "PhD"}],
    "emailAddresses": [mail("ana@casa.example"), mail("a2@casa.example"), mail("ana@otra.example", "other")],
    "phoneNumbers": [mail("1", "pager"), mail("2", "mobile"), mail("3", "mobile"), mail("4", "workFax")],
    "addresses": [
        {"type": "home", "streetAddress": "Sol 1", "extendedAddress": "2º", "countryCode": "ES"},
        {"type": "other", "streetAddress": "Luna 3"},
    ],
    "organizations": [
        {"name": "ACME", "title": "Gerente", "department": "Ventas", "location": "B"},
        {"name": "Old one", "title": "Clerk"},
    ],
    "birthdays": [{"date": {"month": 3, "day": 5}}],
    "biographies": [{"value": "Viene", "contentType": "TEXT_PLAIN"}],
    "urls": [{"value": "https://a.example", "type": "blog"}],
    "relations": [{"person": "Luis", "type": "spouse"}],
    "userDefined": [{"key": "Talla", "value": "M"}],
    "clientData": [{"key": "other app", "value": "x"}],
    "photos": [{"url": "https://p.example"}],
    "events": [{"date": {"month": 6, "day": 1}, "type": "anniversary"}],
}


def test_what_the_crm_has_no_field_for_stays_as_it_is(contacts: ContactWorld) -> None:
    before = contacts.google.create_as_user(**copy.deepcopy(RICH))
    contacts.sync()
    crm_id = contacts.crm_id

    for number in range(3):
        contacts.crm.edit(crm_id, firstname=f"Ana {number}", mobile=f"{number}", title=f"T{number}")
        contacts.crm.edit(crm_id, email=f"{number}@casa.example", mailingstreet=f"Sol {number}")
        contacts.sync()
        assert is_quiet(contacts.sync())

    after = contacts.person
    assert after["names"][0] == {**RICH["names"][0], "givenName": "Ana 2"}
    assert after["emailAddresses"] == [mail("2@casa.example"), *RICH["emailAddresses"][1:]]
    assert [item["value"] for item in after["phoneNumbers"]] == ["1", "2", "3", "4"]
    assert after["addresses"] == [{**RICH["addresses"][0], "streetAddress": "Sol 2"}, RICH["addresses"][1]]
    assert after["organizations"] == [{**RICH["organizations"][0], "title": "T2"}, RICH["organizations"][1]]
    for name in before.keys() - {
        "names", "emailAddresses", "phoneNumbers", "addresses", "organizations", "etag", "metadata",
    }:  # fmt: skip
        assert after[name] == before[name], name


def test_birthday_without_a_year_is_no_news_and_stays(contacts: ContactWorld) -> None:
    contacts.google.create_as_user(names=named("Ana"), birthdays=[{"date": {"month": 3, "day": 5}}])
    contacts.sync()
    contacts.crm.edit(contacts.crm_id, firstname="Eva")

    contacts.sync()

    assert contacts.person["birthdays"] == [{"date": {"month": 3, "day": 5}}]
    assert "birthday" not in contacts.row


# --- organisation ---


def test_organisation_is_linked_to_the_account_of_that_name(contacts: ContactWorld) -> None:
    account = contacts.crm.add_account("Acme S.A.")
    contacts.google.create_as_user(names=named("Ana"), organizations=[{"name": "ACME s.a."}])

    contacts.sync()

    assert contacts.stored(contacts.crm_id).account == account
    assert is_quiet(contacts.sync())
    assert contacts.google.writes == 0


@pytest.mark.parametrize("creates", [False, True])
def test_missing_organisation_is_created_only_if_allowed(contacts: ContactWorld, *, creates: bool) -> None:
    contacts.creates_accounts = creates
    for first in ("Ana", "Eva"):
        contacts.google.create_as_user(names=named(first), organizations=[{"name": "ACME"}])

    contacts.sync()
    assert is_quiet(contacts.sync())

    accounts = [row.account.name if row.account else None for row in contacts.crm.rows().values()]
    assert accounts == (["ACME", "ACME"] if creates else [None, None])
    assert len(contacts.database.tables.accounts) == int(creates)  # type: ignore[attr-defined]
    assert contacts.google.writes == 0


# --- the mapping ---

FAX = Slot("fax", Kind.PHONE, "workFax")


def test_newly_mapped_field_takes_its_value_from_whoever_has_one(contacts: ContactWorld) -> None:
    ana = contacts.google.create_as_user(names=named("Ana"))
    contacts.google.create_as_user(names=named("Eva"))
    contacts.sync()
    contacts.google.edit_as_user(ana["resourceName"], phoneNumbers=[mail("910", "workFax")])
    ids = {row.label: i for i, row in contacts.crm.rows().items()}
    contacts.crm.edit(ids["Eva Ruiz"], fax="920")
    contacts.sync()
    contacts.mapping = ContactMapping((*FIXED_SLOTS, *DEFAULT_CHOICE, FAX))

    contacts.sync()
    contacts.sync()

    assert contacts.stored(ids["Ana Ruiz"]).values["fax"] == "910"
    people = {p["names"][0]["givenName"]: p for p in contacts.google.alive.values()}
    assert people["Eva"]["phoneNumbers"] == [mail("920", "workFax")]
    assert people["Ana"]["phoneNumbers"][0] == mail("910", "workFax")
    assert is_quiet(contacts.sync())


def test_field_that_vanished_from_the_crm_empties_nothing(linked: ContactWorld) -> None:
    linked.google.edit_as_user(linked.google_id, phoneNumbers=[mail("600", "mobile")])
    linked.sync()
    linked.fields = contact_fields(without=("mobile",))
    linked.mapping = ContactMapping(tuple(s for s in linked.mapping.slots if s.crm_field != "mobile"))

    linked.sync()
    linked.crm.edit(linked.crm_id, firstname="Eva")
    linked.sync()

    assert linked.person["phoneNumbers"] == [mail("600", "mobile")]
    assert is_quiet(linked.sync())
