"""Contacts both ways: who is new, changed or deleted on one side is so on the other, and nothing else is touched."""

from __future__ import annotations

import copy
from datetime import date

import pytest

from plugin.core.contact import Kind, Slot
from plugin.core.mapping.contact_mapping import DEFAULT_CHOICE, FIXED_SLOTS, ContactMapping
from plugin.core.model import Direction, LinkState, Policy, Side
from tests.builders import COLLEAGUE_ID
from tests.contact_builders import contact_fields
from tests.fakes.contact_world import ContactWorld, mail, named
from tests.fakes.world import counts, is_quiet


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


# --- create ---


def test_contact_of_the_crm_is_made_in_google(contacts: ContactWorld) -> None:
    contacts.crm.add(email="ana@casa.example", mobile="+34 600", birthday=date(1980, 3, 5))

    tally = contacts.sync()

    assert counts(tally, Side.GOOGLE) == (1, 0, 0)
    person = contacts.person
    assert person["names"] == [{"givenName": "Ana", "familyName": "Ruiz"}]
    assert person["emailAddresses"] == [mail("ana@casa.example")]
    assert person["phoneNumbers"] == [mail("+34 600", "mobile")]
    assert person["birthdays"] == [{"date": {"year": 1980, "month": 3, "day": 5}}]
    assert is_quiet(contacts.sync())
    assert is_quiet(contacts.sync())


def test_person_of_google_comes_into_the_crm(contacts: ContactWorld) -> None:
    contacts.google.create_as_user(names=named("Ana", "Ruiz"), emailAddresses=[mail("ana@casa.example")])

    assert counts(contacts.sync(), Side.CRM) == (1, 0, 0)

    assert contacts.row == {"firstname": "Ana", "lastname": "Ruiz", "email": "ana@casa.example"}
    assert is_quiet(contacts.sync())
    assert contacts.google.writes == 0


def test_person_without_a_last_name_gets_one_in_the_crm_only(contacts: ContactWorld) -> None:
    contacts.google.create_as_user(names=[{"givenName": "Ana"}])

    contacts.sync()
    contacts.sync()

    assert contacts.row == {"firstname": "Ana", "lastname": "Ana"}
    assert contacts.google.writes == 0


def test_made_up_last_name_follows_the_first_one(contacts: ContactWorld) -> None:
    contacts.google.create_as_user(names=[{"givenName": "Ana"}])
    contacts.sync()
    contacts.google.edit_as_user(contacts.google_id, names=[{"givenName": "Eva"}])

    contacts.sync()

    assert contacts.row == {"firstname": "Eva", "lastname": "Eva"}
    assert is_quiet(contacts.sync())


def test_person_with_nothing_to_call_it_by_is_left_alone(contacts: ContactWorld) -> None:
    contacts.google.create_as_user(urls=[{"value": "https://a.example"}])

    assert is_quiet(contacts.sync())
    assert contacts.crm.rows() == {}


# --- update ---


def test_edit_in_google_comes_into_the_crm(linked: ContactWorld) -> None:
    linked.google.edit_as_user(linked.google_id, names=named("Eva"))

    assert counts(linked.sync(), Side.CRM) == (0, 1, 0)

    assert linked.labels() == ["Eva Ruiz"]
    assert is_quiet(linked.sync())


def test_edit_in_the_crm_goes_to_google(linked: ContactWorld) -> None:
    linked.crm.edit(linked.crm_id, firstname="Eva", email="eva@casa.example")

    assert counts(linked.sync(), Side.GOOGLE) == (0, 1, 0)

    assert linked.names() == ["Eva Ruiz"]
    assert linked.person["emailAddresses"] == [mail("eva@casa.example")]
    assert is_quiet(linked.sync())


def test_emptied_value_is_emptied_on_the_other_side(linked: ContactWorld) -> None:
    linked.crm.edit(linked.crm_id, email="")

    linked.sync()

    assert "emailAddresses" not in linked.person
    assert is_quiet(linked.sync())


def test_two_sides_that_changed_different_fields_both_win(linked: ContactWorld) -> None:
    linked.crm.edit(linked.crm_id, mobile="+34 600")
    linked.google.edit_as_user(linked.google_id, names=named("Eva"))

    tally = linked.sync()

    assert (counts(tally, Side.CRM), counts(tally, Side.GOOGLE)) == ((0, 1, 0), (0, 1, 0))
    assert (linked.row["firstname"], linked.row["mobile"]) == ("Eva", "+34 600")
    assert (linked.names(), linked.person["phoneNumbers"]) == (["Eva Ruiz"], [mail("+34 600", "mobile")])
    assert is_quiet(linked.sync())


@pytest.mark.parametrize(
    ("policy", "later", "expected"),
    [
        (Policy.GOOGLE_WINS, Side.CRM, "Of Google"),
        (Policy.CRM_WINS, Side.GOOGLE, "Of the CRM"),
        (Policy.NEWEST_WINS, Side.CRM, "Of the CRM"),
        (Policy.NEWEST_WINS, Side.GOOGLE, "Of Google"),
    ],
)
def test_conflict_in_one_field_follows_the_policy(
    linked: ContactWorld, policy: Policy, later: Side, expected: str
) -> None:
    linked.change_pair(policy=policy.value)
    crm_id, google_id = linked.crm_id, linked.google_id
    for side in (Side.GOOGLE, Side.CRM) if later is Side.CRM else (Side.CRM, Side.GOOGLE):
        linked.wait(minutes=1)
        if side is Side.CRM:
            linked.crm.edit(crm_id, firstname="Of the CRM")
        else:
            linked.google.edit_as_user(google_id, names=named("Of Google"))

    linked.sync()

    assert linked.names() == linked.labels() == [f"{expected} Ruiz"]
    assert is_quiet(linked.sync())
    [lost] = [entry.lost for entry in linked.journal if entry.lost]
    assert set(lost.values()) == {"Of Google", "Of the CRM"} - {expected}


# --- delete and restore ---


def test_delete_in_google_deletes_in_the_crm(linked: ContactWorld) -> None:
    linked.google.delete_as_user(linked.google_id)

    assert counts(linked.sync(), Side.CRM) == (0, 0, 1)
    assert (linked.crm.rows(), is_quiet(linked.sync())) == ({}, True)


@pytest.mark.parametrize("how", ["delete", "purge"])
def test_delete_in_the_crm_deletes_in_google(linked: ContactWorld, how: str) -> None:
    getattr(linked.crm, how)(linked.crm_id)

    assert counts(linked.sync(), Side.GOOGLE) == (0, 0, 1)
    assert (linked.google.alive, is_quiet(linked.sync())) == ({}, True)


def test_edit_in_google_survives_a_delete_in_the_crm(linked: ContactWorld) -> None:
    linked.crm.delete(linked.crm_id)
    linked.google.edit_as_user(linked.google_id, names=named("Eva"))

    linked.sync()

    assert linked.labels() == linked.names() == ["Eva Ruiz"]
    assert is_quiet(linked.sync())


def test_edit_in_the_crm_survives_a_delete_in_google(linked: ContactWorld) -> None:
    linked.google.delete_as_user(linked.google_id)
    linked.crm.edit(linked.crm_id, firstname="Eva")

    linked.sync()

    assert linked.labels() == linked.names() == ["Eva Ruiz"]
    assert is_quiet(linked.sync())
    assert len(linked.live_links) == 1


def test_restored_contact_is_made_again_in_google(linked: ContactWorld) -> None:
    crm_id = linked.crm_id
    linked.crm.delete(crm_id)
    linked.sync()
    linked.sync()
    linked.crm.restore(crm_id)

    linked.sync()

    assert linked.names() == linked.labels() == ["Ana Ruiz"]
    assert is_quiet(linked.sync())


def test_transferred_contact_made_in_google_is_released(linked: ContactWorld) -> None:
    linked.crm.assign(linked.crm_id, COLLEAGUE_ID)

    linked.sync()

    assert linked.names() == ["Ana Ruiz"]
    assert [link.state for link in linked.links] == [LinkState.RELEASED]


def test_brake_holds_many_deletes_until_they_are_approved(contacts: ContactWorld) -> None:
    for number in range(20):
        contacts.google.create_as_user(names=named(f"Ana {number}"))
    contacts.sync()
    for google_id in contacts.google.alive:
        contacts.google.delete_as_user(google_id)

    tally = contacts.sync()
    assert (len(contacts.crm.rows()), tally.held) == (20, 20)

    assert contacts.approve() == 20
    contacts.sync()
    assert contacts.crm.rows() == {}


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


# --- one way ---


def test_google_to_crm_writes_nothing_to_google(contacts: ContactWorld) -> None:
    contacts.change_pair(direction=Direction.GOOGLE_TO_CRM.value)
    contacts.google.create_as_user(names=named("Ana"))
    contacts.sync()
    contacts.crm.edit(contacts.crm_id, firstname="Eva")
    contacts.crm.add(firstname="Luis")

    contacts.sync()
    contacts.sync()

    assert (contacts.names(), contacts.google.writes) == (["Ana Ruiz"], 0)


def test_crm_to_google_writes_nothing_to_the_crm(contacts: ContactWorld) -> None:
    contacts.change_pair(direction=Direction.CRM_TO_GOOGLE.value)
    contacts.crm.add(firstname="Ana")
    contacts.google.create_as_user(names=named("Luis"))
    contacts.sync()
    google_id = next(link.google_id for link in contacts.links)
    contacts.google.edit_as_user(google_id, names=named("Eva"))

    contacts.sync()
    contacts.sync()

    assert contacts.labels() == ["Ana Ruiz"]


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


# --- caps ---


def test_cap_counts_each_side_and_says_more(contacts: ContactWorld) -> None:
    contacts.batch_size = 5
    contacts.google.max_batch = 2
    for number in range(7):
        contacts.google.create_as_user(names=named(f"G{number}"))
        contacts.crm.add(firstname=f"C{number}")

    tally = contacts.sync()

    assert (counts(tally, Side.CRM), counts(tally, Side.GOOGLE)) == ((5, 0, 0), (5, 0, 0))
    assert (tally.crm.has_more, tally.google.has_more) == (True, True)
    contacts.sync()
    assert is_quiet(contacts.sync())
    assert len(contacts.live_links) == 14
    assert contacts.names() == contacts.labels()
