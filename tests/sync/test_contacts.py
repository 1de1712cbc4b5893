"""Contacts both ways: who is new, changed or deleted on one side is so on the other, and nothing else is touched."""

from __future__ import annotations

from datetime import date

import pytest

from plugin.core.model import Direction, LinkState, Policy, Side
from tests.builders import COLLEAGUE_ID
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


def test_contact_that_a_colleague_deletes_stays_in_the_old_owner_s_google(linked: ContactWorld) -> None:
    linked.crm.assign(linked.crm_id, COLLEAGUE_ID)
    linked.crm.delete(linked.crm_id)

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
