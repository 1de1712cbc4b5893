"""Who is who at the first contact of two address books."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.core.contact import Address, Birthday, Contact
from plugin.core.contact_matching import (
    Ambiguity,
    Doubt,
    Likeness,
    Unlinked,
    first_halves,
    likeness_of,
    likeness_of_contact,
    match_contacts,
)
from plugin.core.contact_merge import merge_contacts
from plugin.core.mapping.crm_contact import as_crm_holds
from plugin.core.mapping.google_person import contact_beside
from plugin.core.mapping.person_items import source_id_of
from plugin.core.mapping.person_likeness import likeness_of_person
from plugin.core.model import Side
from tests.contact_builders import MAPPING, a_contact, a_slot, terms
from tests.person_strategies import contacts, persons


def known(name: str = "", *emails: str, phone: str = "", org: str = "") -> Likeness:
    return likeness_of(name, emails, [phone], [org])


def crm(crm_id: int, *about: str, keys: tuple[str, ...] = (), **more: str) -> Unlinked[int]:
    return Unlinked(crm_id, known(*about, **more), keys)


def google(google_id: str, *about: str, keys: tuple[str, ...] = (), **more: str) -> Unlinked[str]:
    return Unlinked(google_id, known(*about, **more), keys)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (crm(1, keys=("key1",)), google("a", keys=("key1", "source1"))),
        (crm(1, "Ana Ruiz", "Ana@X.example"), google("a", "Ana", "b@x", "ana@x.example ")),
        (crm(1, "", "ana@x"), google("a", "Ana Ruiz", "ana@x")),
        (crm(1, "Google Contact", "ana@x"), google("a", "Ana Ruiz", "ana@x")),
        (crm(1, "ana@x", "ana@x"), google("a", "Eva Gil", "ana@x")),
        (crm(1, "Ana Ruiz", phone="+34 600 000 001"), google("a", "RUIZ  Aná", phone="600000001")),
        (crm(1, "Ana Ruiz", org="ACME"), google("a", "Ana Ruiz", "new@x", org="acme ")),
    ],
    ids=[
        "key",
        "e-mail",
        "no name in the CRM",
        "made-up name",
        "e-mail as name",
        "name and phone",
        "name and firm",
    ],
)
def test_same_person_is_linked(mine: Unlinked[int], theirs: Unlinked[str]) -> None:
    matching = match_contacts([mine, crm(9, "Blas Gil", "blas@x")], [google("z", "Inés Paz"), theirs])

    assert (matching.couples, matching.ambiguous) == ({1: "a"}, ())


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (crm(1, "Ana Ruiz", "ana@x"), google("a", "Eva Gil", "eva@x")),
        (crm(1, phone="600"), google("a", phone="600")),
        (crm(1, "Ana Ruiz", phone="600"), google("a", "Ana Gil", phone="600")),
        (crm(1), google("a")),
    ],
    ids=["nothing in common", "a phone without names", "a phone under two names", "nothing known"],
)
def test_others_are_new_on_the_other_side(mine: Unlinked[int], theirs: Unlinked[str]) -> None:
    matching = match_contacts([mine], [theirs])

    assert (matching.couples, matching.ambiguous) == ({}, ())


@pytest.mark.parametrize(
    ("crms", "googles", "doubt"),
    [
        (
            [crm(1, "Ana Ruiz", "a@x"), crm(2, "Ana Ruiz", "a@x")],
            [google("a", "Ana Ruiz", "a@x")],
            Doubt.SEVERAL,
        ),
        ([crm(1, "Ana", "a@x")], [google("a", "Ana", "a@x"), google("b", "Ana", "a@x")], Doubt.SEVERAL),
        ([crm(1, "Ana Ruiz", "info@x")], [google("a", "Blas Gil", "info@x")], Doubt.OTHER_NAME),
        ([crm(1, "Ana Ruiz", "casa@x")], [google("a", "Luis Ruiz", "casa@x")], Doubt.OTHER_NAME),
        ([crm(1, "Ana Ruiz", "a@x")], [google("a", "Ana Ruiz", "b@x")], Doubt.NAME_ONLY),
        (
            [crm(1, "Ana Ruiz", phone="1"), crm(2, "Ana Ruiz", phone="1")],
            [google("a", "Ana Ruiz", phone="1")],
            Doubt.SEVERAL,
        ),
    ],
    ids=[
        "two in the CRM",
        "two in Google",
        "one mailbox, two names",
        "a family",
        "only the name",
        "two of a phone",
    ],
)
def test_doubt_is_left_to_the_user(
    crms: list[Unlinked[int]], googles: list[Unlinked[str]], doubt: Doubt
) -> None:
    matching = match_contacts(crms, googles)

    expected = Ambiguity(doubt, tuple(c.item_id for c in crms), tuple(g.item_id for g in googles))
    assert (matching.couples, matching.ambiguous) == ({}, (expected,))


@pytest.mark.parametrize("name", ["Ana", "Ana Ruiz Gil", "A. Ruiz", "Ruiz, Ana", ""])
def test_one_mailbox_under_a_name_that_says_more_or_less_is_one_person(name: str) -> None:
    assert match_contacts([crm(1, "Ana Ruiz", "a@x")], [google("a", name, "a@x")]).couples == {1: "a"}


def test_names_tell_apart_who_shares_a_mailbox() -> None:
    crms = [crm(1, "Amparo Ruiz", "casa@x"), crm(2, "Tomás Peña", "casa@x")]
    googles = [google("a", "Tomás Peña", "casa@x"), google("b", "Amparo Ruiz", "casa@x")]

    assert match_contacts(crms, googles).couples == {1: "b", 2: "a"}
    assert match_contacts(crms, googles[:1]).couples == {2: "a"}


def test_one_key_links_one_person() -> None:
    googles = [google("a", "Ana", keys=("key1",)), google("b", "Ana", keys=("key1",))]

    assert match_contacts([crm(1, keys=("key1",))], googles).couples == {1: "a"}


few = st.builds(
    known,
    st.sampled_from(("", "Ana Ruiz", "Blas Gil")),
    st.sampled_from(("", "a@x", "b@x")),
    phone=st.sampled_from(("", "1", "2")),
    org=st.sampled_from(("", "ACME")),
)


@given(st.lists(few, max_size=6), st.lists(few, max_size=6))
def test_nobody_is_linked_twice_or_both_linked_and_in_doubt(
    crms: list[Likeness], googles: list[Likeness]
) -> None:
    mine = [Unlinked(number, about) for number, about in enumerate(crms)]
    theirs = [Unlinked(f"g{number}", about) for number, about in enumerate(googles)]

    matching = match_contacts(mine, theirs)

    taken = [*matching.couples, *(i for doubt in matching.ambiguous for i in doubt.crm_ids)]
    lent = [*matching.couples.values(), *(i for doubt in matching.ambiguous for i in doubt.google_ids)]
    assert len(taken) == len(set(taken)) and len(lent) == len(set(lent))
    for crm_id, google_id in matching.couples.items():
        assert crms[crm_id].may_be(googles[int(google_id[1:])])


def test_likeness_of_both_sides_is_the_same() -> None:
    contact = a_contact(email="ana@x", mobile="+34 600 000 001", account_id="ACME")
    person = {
        "names": [{"givenName": "Ana", "middleName": "Mª", "familyName": "Ruiz"}],
        "emailAddresses": [{"value": "ANA@x", "type": "other"}],
        "phoneNumbers": [{"value": "600 000 001"}],
        "organizations": [{"name": "acme"}],
    }

    assert likeness_of_contact(contact) == likeness_of_person(person)
    assert likeness_of_contact(a_contact(lastname="Ana")).name == {"ana"}
    assert likeness_of_person({}) == Likeness()


def test_old_module_s_id_is_that_of_the_user_s_own_contact() -> None:
    sources = [{"type": "PROFILE", "id": "9"}, {"type": "CONTACT", "id": "1a"}]

    assert source_id_of({"metadata": {"sources": sources}}) == "1a"
    assert source_id_of({}) == ""


# --- the halves to begin with ---


def begun(mine: Contact, theirs: Contact, winner: Side = Side.GOOGLE) -> tuple[Contact, Contact]:
    """Return what both sides hold after the first sync of a new couple."""

    def to_crm(contact: Contact) -> Contact:
        return as_crm_holds(contact, terms("ACME"))

    crm_half, google_half = first_halves(mine, theirs, winner=winner, to_crm=to_crm)
    done = merge_contacts(
        crm_now=mine,
        crm_half=crm_half,
        google_now=theirs,
        google_half=google_half,
        winner=winner,
        to_crm=to_crm,
    )
    return done.crm_content, done.google_content


@pytest.mark.parametrize("winner", Side)
def test_what_one_side_lacks_it_gets_from_the_other(winner: Side) -> None:
    both = a_contact(email="a@x", title="Gerente")

    assert begun(a_contact(email="a@x"), a_contact(title="Gerente"), winner) == (both, both)


@pytest.mark.parametrize(("winner", "title"), [(Side.GOOGLE, "theirs"), (Side.CRM, "mine")])
def test_of_two_values_the_winner_s_stands(winner: Side, title: str) -> None:
    both = a_contact(title=title)

    assert begun(a_contact(title="mine"), a_contact(title="theirs"), winner) == (both, both)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({"email": "ana@x"}, {"email": "Ana@X"}),
        ({"mobile": "600-1"}, {"mobile": "6001"}),
        ({"account_id": "ACME"}, {"account_id": "Nobody Ltd"}),
        ({"birthday": Birthday(3, 5, 1980)}, {"birthday": Birthday(3, 6)}),
        ({"mailingaddress": Address("sol 1")}, {"mailingaddress": Address("Sol 1")}),
        ({"lastname": "Ana"}, {"lastname": ""}),
        (
            {"lastname": "Google Contact", "firstname": "", "mobile": "1"},
            {"lastname": "", "firstname": "", "mobile": "1"},
        ),
        ({"lastname": "x" * 80}, {"lastname": "x" * 90}),
    ],
    ids=[
        "case",
        "signs",
        "no such account",
        "other day without year",
        "address",
        "made-up name",
        "no name",
        "cut",
    ],
)
@pytest.mark.parametrize("winner", Side)
def test_what_says_the_same_or_can_t_be_said_stays_on_both_sides(
    mine: dict[str, Any], theirs: dict[str, Any], winner: Side
) -> None:
    assert begun(a_contact(**mine), a_contact(**theirs), winner) == (a_contact(**mine), a_contact(**theirs))


def test_year_that_only_the_crm_knows_goes_to_google() -> None:
    crm_contact = a_contact(birthday=Birthday(3, 5, 1980))

    assert begun(crm_contact, a_contact(birthday=Birthday(3, 5))) == (crm_contact, crm_contact)


@given(persons, contacts(MAPPING), st.sampled_from(Side))
def test_no_value_is_lost_at_first_contact(person: dict[str, Any], mine: Contact, winner: Side) -> None:
    mine = as_crm_holds(mine, terms("ACME"))
    theirs = contact_beside(person, MAPPING, mine)

    crm_after, google_after = begun(mine, theirs, winner)

    assert crm_after.values.keys() >= mine.values.keys()
    assert google_after.values.keys() >= theirs.values.keys()
    # A last name that the CRM made up may follow what comes from Google.
    own = mine.values.keys() - theirs.values.keys() - {a_slot("lastname")}
    assert {slot: crm_after.values[slot] for slot in own} == {slot: mine.values[slot] for slot in own}
    assert {slot: google_after.values[slot] for slot in own} == {slot: mine.values[slot] for slot in own}
