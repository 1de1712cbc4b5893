"""The user makes one person of two contacts of ours in Google: both wait, until the CRM says which of them it is."""

from __future__ import annotations

import pytest

from plugin.core.errors import UnavailableError
from plugin.core.model import LinkState
from plugin.core.reconcile import Reason
from tests.fakes.contact_world import ContactWorld, mail, named
from tests.fakes.world import is_quiet


@pytest.fixture
def contacts() -> ContactWorld:
    return ContactWorld()


@pytest.fixture
def two(contacts: ContactWorld) -> ContactWorld:
    contacts.crm.add(firstname="Ana", lastname="One", email="one@casa.example")
    contacts.crm.add(firstname="Ana", lastname="Two", email="two@casa.example")
    contacts.sync()
    contacts.sync()
    return contacts


@pytest.mark.parametrize("is_together", [True, False])
def test_two_contacts_put_into_one_in_google_wait_for_the_user(
    two: ContactWorld, *, is_together: bool
) -> None:
    first, second = two.google.alive
    data = [p["clientData"][0] for p in two.google.alive.values()]
    two.google.edit_as_user(first, clientData=data)
    if not is_together:
        two.sync()
    two.google.delete_as_user(second)

    for _ in range(3):
        two.sync()

    assert two.labels() == ["Ana One", "Ana Two"]
    assert set(two.parked.values()) == {Reason.MERGED.value}
    assert list(two.google.alive) == [first]


def test_delete_of_the_merged_contact_itself_is_a_delete(two: ContactWorld) -> None:
    first = next(iter(two.google.alive))
    data = [p["clientData"][0] for p in two.google.alive.values()]
    two.google.edit_as_user(first, clientData=data)
    two.sync()
    two.google.delete_as_user(first)

    two.sync()

    assert two.labels() == ["Ana Two"]


def test_edit_in_the_crm_of_a_merged_contact_waits_too(two: ContactWorld) -> None:
    first, second = two.google.alive
    data = [p["clientData"][0] for p in two.google.alive.values()]
    two.google.edit_as_user(first, clientData=data)
    two.google.delete_as_user(second)
    two.sync()
    link = next(link for link in two.links if link.google_id == first)
    two.crm.edit(link.crm_id, firstname="Eva")

    assert is_quiet(two.sync())
    assert two.google.alive[first]["names"][0]["givenName"] == "Ana"


def test_contact_with_two_keys_that_was_never_seen_is_set_aside(contacts: ContactWorld) -> None:
    data = [{"key": "gsync", "value": f"install-1:{number}"} for number in range(2)]
    contacts.google.create_as_user(names=named("Ana"), clientData=data)

    contacts.sync()

    assert (contacts.crm.rows(), set(contacts.parked.values())) == ({}, {Reason.MERGED.value})


# --- and deals with it in the CRM ---


def put_together(world: ContactWorld) -> str:
    """Make one person of both, with a phone number of the second; return its id."""
    first, second = world.google.alive
    data = [p["clientData"][0] for p in world.google.alive.values()]
    world.google.edit_as_user(first, clientData=data, phoneNumbers=[mail("600", "mobile")])
    world.google.delete_as_user(second)
    return first


@pytest.fixture
def merged(two: ContactWorld) -> ContactWorld:
    put_together(two)
    two.sync()
    two.sync()
    assert set(two.parked.values()) == {Reason.MERGED.value}
    return two


def crm_id_of(world: ContactWorld, name: str) -> int:
    return next(i for i, row in world.crm.rows().items() if row.label == name)


@pytest.mark.parametrize("deleted", ["Ana One", "Ana Two"])
@pytest.mark.parametrize("how", ["delete", "purge"])
def test_person_goes_on_with_the_contact_that_is_left(merged: ContactWorld, deleted: str, how: str) -> None:
    [google_id] = merged.google.alive
    getattr(merged.crm, how)(crm_id_of(merged, deleted))

    merged.sync()
    assert is_quiet(merged.sync())

    # What Google made of both is what the user has seen there.
    assert (merged.labels(), merged.names()) == (["Ana One"], ["Ana One"])
    assert (merged.row["mobile"], merged.parked) == ("600", {})
    assert [link.google_id for link in merged.live_links] == [google_id]

    merged.crm.edit(merged.crm_id, title="Gerente")
    merged.sync()
    merged.google.edit_as_user(google_id, names=named("Eva"))
    merged.sync()
    assert is_quiet(merged.sync())
    assert (merged.labels(), merged.person["organizations"]) == (["Eva Ruiz"], [{"title": "Gerente"}])


@pytest.mark.parametrize("restored", ["Ana One", "Ana Two"])
def test_contact_that_is_restored_afterwards_gets_a_person_of_its_own(
    merged: ContactWorld, restored: str
) -> None:
    crm_id = crm_id_of(merged, restored)
    merged.crm.delete(crm_id)
    merged.sync()
    merged.crm.restore(crm_id)

    merged.sync()
    merged.sync()
    for google_id in merged.google.alive:
        merged.google.touch(google_id)
    merged.sync()

    assert is_quiet(merged.sync())
    assert len(merged.live_links) == len(merged.google.alive) == len(merged.crm.rows()) == 2
    assert merged.parked == {}


def test_both_contacts_deleted_is_no_reason_to_lose_what_is_new_in_google(merged: ContactWorld) -> None:
    for crm_id in list(merged.crm.rows()):
        merged.crm.delete(crm_id)

    merged.sync()
    assert is_quiet(merged.sync())

    assert (merged.labels(), merged.names(), merged.row["mobile"]) == (["Ana One"], ["Ana One"], "600")
    assert merged.parked == {}


def test_contact_deleted_in_the_crm_before_the_merge_is_seen_makes_no_question(two: ContactWorld) -> None:
    put_together(two)
    two.crm.delete(crm_id_of(two, "Ana Two"))

    two.sync()
    assert is_quiet(two.sync())

    assert (two.labels(), two.names(), two.parked) == (["Ana One"], ["Ana One"], {})


def test_contact_that_is_edited_while_it_waits_parts_from_the_merged_one(merged: ContactWorld) -> None:
    """It is made again in Google for what is new in it, so the other one need not wait any longer."""
    merged.crm.edit(crm_id_of(merged, "Ana Two"), title="New")

    for _ in range(3):
        merged.sync()

    assert is_quiet(merged.sync())
    assert merged.labels() == merged.names() == ["Ana One", "Ana Two"]
    assert merged.parked == {}
    assert {link.state for link in merged.links} == {LinkState.LIVE}


def test_create_without_an_answer_that_is_merged_at_once_stops_nothing(contacts: ContactWorld) -> None:
    contacts.crm.add(firstname="Ana", lastname="One")
    contacts.sync()
    contacts.crm.add(firstname="Ana", lastname="Two")
    contacts.google.fail("create", UnavailableError("lost"), is_after_commit=True)
    with pytest.raises(UnavailableError):
        contacts.sync()
    put_together(contacts)

    for _ in range(3):
        contacts.sync()

    assert is_quiet(contacts.sync())
    assert contacts.labels() == contacts.names() == ["Ana One", "Ana Two"]


# --- one of them came from Google, and so bears no key of ours ---


@pytest.fixture
def half_marked(contacts: ContactWorld) -> ContactWorld:
    """Luz came from Google and got Eva of the CRM put into her."""
    luz = contacts.google.create_as_user(names=named("Luz"), emailAddresses=[mail("luz@casa.example")])
    contacts.crm.add(firstname="Eva", email="eva@casa.example")
    contacts.sync()
    contacts.sync()
    eva = next(p for i, p in contacts.google.alive.items() if i != luz["resourceName"])
    contacts.google.edit_as_user(luz["resourceName"], clientData=eva["clientData"])
    contacts.google.delete_as_user(eva["resourceName"])
    contacts.sync()
    return contacts


def test_contact_that_was_put_into_one_without_a_key_waits_too(half_marked: ContactWorld) -> None:
    assert is_quiet(half_marked.sync())

    assert half_marked.labels() == ["Eva Ruiz", "Luz Ruiz"]
    assert set(half_marked.parked.values()) == {Reason.MERGED.value}


@pytest.mark.parametrize("deleted", ["Eva Ruiz", "Luz Ruiz"])
def test_person_without_a_key_goes_on_with_the_contact_that_is_left(
    half_marked: ContactWorld, deleted: str
) -> None:
    half_marked.crm.delete(crm_id_of(half_marked, deleted))

    half_marked.sync()
    assert is_quiet(half_marked.sync())

    assert (half_marked.labels(), half_marked.names(), half_marked.parked) == (["Luz Ruiz"], ["Luz Ruiz"], {})


# --- what lists tell late, or not at all ---


def test_merge_behind_a_lost_token_waits_for_the_user_as_well(two: ContactWorld) -> None:
    put_together(two)
    two.google.expire_sync_tokens()

    for _ in range(3):
        two.sync()

    assert two.labels() == ["Ana One", "Ana Two"]
    assert set(two.parked.values()) == {Reason.MERGED.value}


@pytest.mark.parametrize("written", ["Ana One", "Ana Two"])
def test_merge_of_who_was_written_a_moment_ago_waits_for_the_user(two: ContactWorld, written: str) -> None:
    """Of them lists may tell what was before the write, so they are asked about later."""
    two.crm.edit(crm_id_of(two, written), title="Gerente")
    two.sync()
    put_together(two)

    two.wait(minutes=-10)
    for _ in range(4):
        two.sync()

    assert two.labels() == ["Ana One", "Ana Two"]
    assert set(two.parked.values()) == {Reason.MERGED.value}


def test_key_that_goes_over_to_somebody_the_crm_does_not_know_takes_the_contact_along(
    two: ContactWorld,
) -> None:
    unknown = two.google.create_as_user(nicknames=[{"value": "no name"}])["resourceName"]
    two.sync()
    first, second, _ = two.google.alive
    two.google.edit_as_user(unknown, **{k: two.google.alive[second][k] for k in ("names", "clientData")})
    two.google.delete_as_user(second)

    two.sync()
    assert is_quiet(two.sync())

    assert (two.labels(), two.names()) == (["Ana One", "Ana Two"], ["Ana One", "Ana Two"])
    assert {link.google_id for link in two.live_links} == {first, unknown}
