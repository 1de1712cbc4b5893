"""A pair with a label: only who is under it is synced, and leaving it is no deletion."""

from __future__ import annotations

import pytest

from plugin.core.contact_matching import Doubt
from plugin.core.errors import RateLimitedError
from plugin.core.model import Direction, LinkState, Side
from tests.builders import COLLEAGUE_ID
from tests.fakes.contact_book import MY_CONTACTS, groups_of, membership
from tests.fakes.contact_world import ContactWorld, mail, named
from tests.fakes.world import counts, is_quiet

CLIENTS = "contactGroups/clients"
UNDER = [membership(MY_CONTACTS), membership(CLIENTS)]
BESIDE = [membership(MY_CONTACTS)]
ANA = "ana@casa.example"


@pytest.fixture
def clients() -> ContactWorld:
    world = ContactWorld()
    world.google.groups[CLIENTS] = "Clients"
    world.label = CLIENTS
    return world


@pytest.fixture
def linked(clients: ContactWorld) -> ContactWorld:
    clients.google.create_as_user(names=named("Ana"), memberships=UNDER)
    clients.sync()
    assert is_quiet(clients.sync())
    return clients


def test_only_who_is_under_the_label_comes(clients: ContactWorld) -> None:
    clients.google.create_as_user(names=named("Ana"), memberships=UNDER)
    clients.google.create_as_user(names=named("Luis"))

    clients.sync()

    assert clients.labels() == ["Ana Ruiz"]
    assert clients.parked == {}


def test_new_contact_of_the_crm_gets_the_label(clients: ContactWorld) -> None:
    clients.crm.add()

    clients.sync()

    assert set(groups_of(clients.person)) == {MY_CONTACTS, CLIENTS}
    assert is_quiet(clients.sync())


def test_leaving_the_label_is_no_deletion_and_coming_back_goes_on(linked: ContactWorld) -> None:
    linked.google.edit_as_user(linked.google_id, memberships=BESIDE)
    linked.sync()
    assert (linked.labels(), linked.names()) == (["Ana Ruiz"], ["Ana Ruiz"])
    assert linked.link.state is LinkState.UNLABELLED

    linked.google.edit_as_user(linked.google_id, names=named("Eva"))
    linked.crm.edit(linked.crm_id, mobile="600")
    assert is_quiet(linked.sync())
    assert is_quiet(linked.sync())

    linked.google.edit_as_user(linked.google_id, memberships=UNDER)
    linked.sync()
    assert (linked.labels(), linked.names()) == (["Eva Ruiz"], ["Eva Ruiz"])
    assert linked.person["phoneNumbers"] == [mail("600", "mobile")]
    assert (linked.link.state, linked.parked) == (LinkState.LIVE, {})
    assert is_quiet(linked.sync())


def test_delete_in_google_outside_the_label_leaves_the_contact(linked: ContactWorld) -> None:
    linked.google.edit_as_user(linked.google_id, memberships=BESIDE)
    linked.sync()
    linked.google.delete_as_user(linked.google_id)

    linked.sync()
    linked.sync()

    # It wasn't of the pair any more.
    assert (linked.labels(), linked.google.alive) == (["Ana Ruiz"], {})


def test_delete_in_the_crm_outside_the_label_leaves_the_person(linked: ContactWorld) -> None:
    linked.google.edit_as_user(linked.google_id, memberships=BESIDE)
    linked.sync()
    linked.crm.delete(linked.crm_id)

    linked.sync()
    linked.sync()

    assert (linked.crm.rows(), linked.names()) == ({}, ["Ana Ruiz"])


def test_delete_in_the_crm_together_with_leaving_the_label(linked: ContactWorld) -> None:
    linked.google.edit_as_user(linked.google_id, memberships=BESIDE)
    linked.crm.delete(linked.crm_id)

    linked.sync()
    assert is_quiet(linked.sync())

    assert (linked.crm.rows(), linked.names()) == ({}, ["Ana Ruiz"])


def test_person_that_gets_the_label_later_comes(clients: ContactWorld) -> None:
    clients.google.create_as_user(names=named("Ana"))
    clients.sync()
    clients.google.edit_as_user(clients.google_id, memberships=UNDER)

    assert counts(clients.sync(), Side.CRM) == (1, 0, 0)


def test_another_label_asks_about_everybody_anew(linked: ContactWorld) -> None:
    linked.google.groups["contactGroups/other"] = "Other"
    linked.google.create_as_user(
        names=named("Luis"), memberships=[membership(MY_CONTACTS), membership("contactGroups/other")]
    )
    linked.sync()
    linked.label = "contactGroups/other"

    linked.sync()
    linked.sync()

    assert linked.labels() == ["Ana Ruiz", "Luis Ruiz"]
    assert linked.names() == ["Ana Ruiz", "Luis Ruiz"]

    linked.label = None
    linked.sync()
    assert is_quiet(linked.sync())
    assert {link.state for link in linked.links} == {LinkState.LIVE}


def test_purge_in_the_crm_outside_the_label_then_back_comes_again(linked: ContactWorld) -> None:
    linked.google.edit_as_user(linked.google_id, memberships=BESIDE)
    linked.sync()
    linked.crm.purge(linked.crm_id)
    linked.sync()
    linked.google.edit_as_user(linked.google_id, memberships=UNDER)

    linked.sync()

    assert linked.labels() == linked.names() == ["Ana Ruiz"]
    assert is_quiet(linked.sync())


# --- who is in Google already, outside the label ---


@pytest.fixture
def beside(clients: ContactWorld) -> ContactWorld:
    """Ana is in the CRM, and in Google without the label, where there is more about her."""
    clients.crm.add(email=ANA, title="Gerente")
    clients.google.create_as_user(
        names=named("Ana"),
        emailAddresses=[mail(ANA)],
        phoneNumbers=[mail("600", "mobile")],
        memberships=BESIDE,
    )
    clients.sync()
    return clients


def test_person_outside_the_label_is_neither_doubled_nor_touched_nor_taken_in(beside: ContactWorld) -> None:
    tally = beside.sync()
    assert is_quiet(beside.sync())

    assert (beside.links, beside.names(), beside.labels()) == ([], ["Ana Ruiz"], ["Ana Ruiz"])
    assert set(groups_of(beside.person)) == {MY_CONTACTS}
    assert "organizations" not in beside.person
    assert "mobile" not in beside.row
    # Told of once, as the CRM's contact.
    assert (tally.parked, beside.parked["crm", str(beside.crm_id)]) == (1, Doubt.OUTSIDE_LABEL.value)


def test_person_that_is_given_the_label_is_the_contact(beside: ContactWorld) -> None:
    beside.google.edit_as_user(beside.google_id, memberships=UNDER)

    beside.sync()
    assert is_quiet(beside.sync())

    assert (len(beside.live_links), beside.names(), beside.labels()) == (1, ["Ana Ruiz"], ["Ana Ruiz"])
    assert (beside.row["mobile"], beside.person["organizations"]) == ("600", [{"title": "Gerente"}])
    assert beside.parked == {}


def test_contact_goes_to_google_once_the_person_outside_is_deleted(beside: ContactWorld) -> None:
    beside.google.delete_as_user(beside.google_id)

    beside.sync()
    assert is_quiet(beside.sync())

    assert set(groups_of(beside.person)) == {MY_CONTACTS, CLIENTS}
    assert beside.parked == {}


def test_contact_that_is_deleted_while_it_waits_leaves_the_person(beside: ContactWorld) -> None:
    beside.crm.delete(beside.crm_id)

    beside.sync()
    assert is_quiet(beside.sync())

    assert (beside.names(), beside.parked) == (["Ana Ruiz"], {})


def test_all_contacts_instead_of_the_label_link_who_waits(beside: ContactWorld) -> None:
    beside.label = None

    beside.sync()
    assert is_quiet(beside.sync())

    assert (len(beside.live_links), beside.names(), beside.parked) == (1, ["Ana Ruiz"], {})


def test_contact_that_comes_into_the_crm_later_is_compared_with_everybody(clients: ContactWorld) -> None:
    """People outside the label aren't remembered, so they are listed once more."""
    clients.google.create_as_user(names=named("Ana"), emailAddresses=[mail(ANA)])
    clients.sync()
    clients.crm.add(email=ANA)

    clients.sync()
    listings = len(clients.google.listings)
    assert is_quiet(clients.sync())

    assert clients.names() == ["Ana Ruiz"]
    # Once is enough.
    assert [token for token, _ in clients.google.listings[listings:] if token is None] == []


def test_person_under_the_label_is_preferred_to_one_outside(clients: ContactWorld) -> None:
    clients.crm.add(email=ANA)
    for groups in (BESIDE, UNDER):
        clients.google.create_as_user(names=named("Ana"), emailAddresses=[mail(ANA)], memberships=groups)

    clients.sync()
    assert is_quiet(clients.sync())

    assert (len(clients.live_links), len(clients.google.alive), clients.parked) == (1, 2, {})


def test_who_may_be_somebody_outside_is_left_to_the_user(clients: ContactWorld) -> None:
    clients.crm.add(email=ANA)
    clients.google.create_as_user(names=named("Ana"))

    clients.sync()
    assert is_quiet(clients.sync())

    assert (clients.names(), set(clients.parked.values())) == (["Ana Ruiz"], {Doubt.NAME_ONLY.value})


def test_pair_that_only_reads_leaves_who_is_outside_alone(clients: ContactWorld) -> None:
    clients.change_pair(direction=Direction.GOOGLE_TO_CRM.value)
    clients.crm.add(email=ANA)
    clients.google.create_as_user(names=named("Ana"), emailAddresses=[mail(ANA)])

    tally = clients.sync()

    assert (tally.parked, clients.links, clients.names(), clients.labels()) == (
        0,
        [],
        ["Ana Ruiz"],
        ["Ana Ruiz"],
    )


@pytest.mark.parametrize("number", range(1, 9))
def test_contact_that_is_entered_while_a_run_goes_on_waits_until_everybody_is_listed(
    clients: ContactWorld, number: int
) -> None:
    clients.google.create_as_user(names=named("Ana"), emailAddresses=[mail(ANA)])
    clients.sync()
    run, begun = clients.run(), []

    def enter() -> None:
        begun.append(1)
        if len(begun) == number:
            clients.crm.add(email=ANA)

    run.before_transaction.append(enter)
    clients.sync(run)
    clients.sync()

    assert clients.names() == ["Ana Ruiz"]


def test_nobody_is_asked_about_only_because_everybody_is_listed(clients: ContactWorld) -> None:
    """Thousands may be outside the label, or wait for their turn, and each new contact of the CRM lists them all."""
    for number in range(3):
        clients.google.create_as_user(names=named(f"Ana {number}"), memberships=BESIDE)
        clients.google.create_as_user(names=named(f"Eva {number}"), memberships=UNDER)
    clients.batch_size = 1
    clients.sync()
    clients.crm.add(firstname="Luis")
    clients.google.fail("get", RateLimitedError("slow down"))

    clients.sync()

    assert clients.google.listings[-1] == (None, None)
    assert "Luis Ruiz" in clients.names()


@pytest.mark.parametrize("rests", ["label", "colleague"])
def test_new_resource_name_of_who_rests_doubles_nobody(linked: ContactWorld, rests: str) -> None:
    """Everybody is listed, without their former names, since somebody is new in the CRM."""
    if rests == "label":
        linked.google.edit_as_user(linked.google_id, memberships=BESIDE)
    else:
        linked.crm.assign(linked.crm_id, COLLEAGUE_ID)
    linked.sync()
    linked.google.edit_as_user(linked.google_id, memberships=UNDER)
    new = linked.google.rename_as_google(linked.google_id)
    linked.crm.add(firstname="Luis")

    linked.sync()
    linked.sync()

    assert linked.labels().count("Ana Ruiz") == 1
    assert len({link.crm_id for link in linked.links}) == 2
    assert new in {link.google_id for link in linked.links}
