"""The three-way merge of a contact."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.core.contact import Address, Birthday, Contact, Kind, Slot, Value, changed_slots, with_slots
from plugin.core.contact_merge import ContactMerge, merge_contacts
from plugin.core.model import Side

FIRST, LAST = Slot("firstname", Kind.NAME, "givenName"), Slot("lastname", Kind.NAME, "familyName")
EMAIL, BIRTHDAY = Slot("email", Kind.EMAIL, "home"), Slot("birthday", Kind.BIRTHDAY)
HOME = Slot("mailingaddress", Kind.ADDRESS, "home")
SLOTS = (FIRST, LAST, EMAIL, BIRTHDAY, HOME)


def in_crm_terms(contact: Contact) -> Contact:
    """Stand in for the CRM: no birthday without a year, cities of five letters, a last name whatever happens."""
    values = dict(contact.values)
    birthday, home = values.get(BIRTHDAY), values.get(HOME)
    if isinstance(birthday, Birthday) and birthday.date is None:
        del values[BIRTHDAY]
    if isinstance(home, Address):
        values[HOME] = replace(home, city=home.city[:5])
    values.setdefault(LAST, contact.text("firstname") or "Google Contact")
    return Contact(values)


def merged(
    crm_now: Contact,
    google_now: Contact,
    *,
    crm_half: Contact | None = None,
    google_half: Contact | None = None,
    winner: Side = Side.GOOGLE,
) -> ContactMerge:
    half = Contact({FIRST: "Ana", LAST: "Ruiz"})
    return merge_contacts(
        crm_now=crm_now, crm_half=crm_half or half, google_now=google_now, google_half=google_half or half,
        winner=winner, to_crm=in_crm_terms,
    )  # fmt: skip


def test_different_slots_changed_on_both_sides_both_win() -> None:
    done = merged(Contact({FIRST: "Anna", LAST: "Ruiz"}), Contact({FIRST: "Ana", LAST: "Ruiz", EMAIL: "a@x"}))

    both = Contact({FIRST: "Anna", LAST: "Ruiz", EMAIL: "a@x"})
    assert (done.crm_contact, done.google_contact) == (both, both)
    assert (done.crm_slots, done.google_slots, done.lost) == ({EMAIL}, {FIRST}, {})


@pytest.mark.parametrize(
    ("winner", "crm_slots", "google_slots", "lost"),
    [(Side.GOOGLE, {FIRST}, set(), "Anna"), (Side.CRM, set(), {FIRST}, "Anita")],
)
def test_same_slot_goes_to_the_winner_and_the_loser_is_told(
    winner: Side, crm_slots: set[Slot], google_slots: set[Slot], lost: str
) -> None:
    done = merged(
        Contact({FIRST: "Anna", LAST: "Ruiz"}), Contact({FIRST: "Anita", LAST: "Ruiz"}), winner=winner
    )

    assert (done.crm_slots, done.google_slots, done.lost) == (crm_slots, google_slots, {FIRST: lost})


def test_emptied_slot_is_emptied_on_the_other_side() -> None:
    half = Contact({LAST: "Ruiz", EMAIL: "a@x"})

    done = merged(half, Contact({LAST: "Ruiz"}), crm_half=half, google_half=half)

    assert (done.crm_slots, done.crm_contact) == ({EMAIL}, Contact({LAST: "Ruiz"}))


def test_birthday_that_lost_its_year_in_google_stays_in_the_crm() -> None:
    half = Contact({LAST: "Ruiz", BIRTHDAY: Birthday(3, 5, 1980)})

    done = merged(half, Contact({LAST: "Ruiz", BIRTHDAY: Birthday(3, 5)}), crm_half=half, google_half=half)

    assert not done.crm_slots and not done.google_slots


def test_crm_s_own_birthday_goes_over_one_that_it_could_not_take_over() -> None:
    google = Contact({LAST: "Ruiz", BIRTHDAY: Birthday(3, 6)})

    done = merged(Contact({LAST: "Ruiz", BIRTHDAY: Birthday(3, 6, 1980)}), google, google_half=google)
    both_changed = merged(Contact({LAST: "Ruiz", BIRTHDAY: Birthday(3, 6, 1980)}), google)

    assert done.google_slots == {BIRTHDAY} and not done.lost
    assert both_changed.lost[BIRTHDAY] == Birthday(3, 6)


def test_birthday_emptied_in_the_crm_does_not_take_google_s_edit_away() -> None:
    half = Contact({LAST: "Ruiz", BIRTHDAY: Birthday(3, 5, 1980)})

    done = merged(
        Contact({LAST: "Ruiz"}), Contact({LAST: "Ruiz", BIRTHDAY: Birthday(3, 5)}), crm_half=half, google_half=half
    )  # fmt: skip

    assert not done.crm_slots and not done.google_slots


def test_made_up_last_name_follows_the_first_name() -> None:
    crm, google = Contact({FIRST: "Ana", LAST: "Ana"}), Contact({FIRST: "Ana"})

    done = merged(crm, Contact({FIRST: "Eva"}), crm_half=crm, google_half=google)

    assert done.crm_contact == Contact({FIRST: "Eva", LAST: "Eva"})
    assert not done.google_slots


def test_last_name_given_in_the_crm_is_not_made_up_again() -> None:
    crm, google = Contact({FIRST: "Ana", LAST: "Ana"}), Contact({FIRST: "Ana"})

    done = merged(
        Contact({FIRST: "Ana", LAST: "Ruiz"}), Contact({FIRST: "Eva"}), crm_half=crm, google_half=google
    )

    assert done.crm_contact == Contact({FIRST: "Eva", LAST: "Ruiz"})
    assert (done.google_slots, done.google_contact.values[LAST]) == ({LAST}, "Ruiz")


def test_part_of_an_address_that_the_crm_cut_stays_whole_in_google() -> None:
    google = Contact({LAST: "Ruiz", HOME: Address(street="Sol 1", city="Villanueva")})
    crm = in_crm_terms(google)
    edited = Contact({LAST: "Ruiz", HOME: Address(street="Sol 2", city="Villa")})

    done = merged(edited, google, crm_half=crm, google_half=google)

    assert done.google_contact.values[HOME] == Address(street="Sol 2", city="Villanueva")


@st.composite
def contacts(draw: st.DrawFn) -> Contact:
    values: dict[Slot, st.SearchStrategy[Value]] = {
        FIRST: st.sampled_from(("", "Ana", "Eva")),
        LAST: st.sampled_from(("", "Ruiz", "Gil")),
        EMAIL: st.sampled_from(("", "a@x", "b@x")),
        BIRTHDAY: st.sampled_from((Birthday(3, 5), Birthday(3, 5, 1980), "")),
        HOME: st.sampled_from(
            (Address(), Address("Sol 1", city="Villanueva"), Address("Sol 2", city="Cádiz"))
        ),
    }
    return Contact({slot: draw(value) for slot, value in values.items()})


@given(contacts(), contacts(), contacts(), st.sampled_from(Side))
def test_merged_sides_have_nothing_more_to_say(
    google_half: Contact, google_now: Contact, crm_edit: Contact, winner: Side
) -> None:
    crm_half = in_crm_terms(google_half)
    crm_now = in_crm_terms(crm_edit)
    done = merged(crm_now, google_now, crm_half=crm_half, google_half=google_half, winner=winner)

    again = merge_contacts(
        crm_now=done.crm_contact, crm_half=done.crm_contact, google_now=done.google_contact,
        google_half=done.google_contact, winner=winner, to_crm=in_crm_terms,
    )  # fmt: skip

    assert not again.crm_slots and not again.google_slots
    assert changed_slots(done.crm_contact, crm_now) == done.crm_slots


@given(contacts(), contacts())
def test_slots_taken_over_are_all_that_changes(contact: Contact, source: Contact) -> None:
    assert with_slots(contact, source, SLOTS) == source
    assert with_slots(contact, source, {EMAIL}).values.get(FIRST) == contact.values.get(FIRST)
    assert changed_slots(with_slots(contact, source, {EMAIL}), contact) <= {EMAIL}
