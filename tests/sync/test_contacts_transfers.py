"""The CRM's delete-user transfer of contacts: nobody's Google changes by it."""

from __future__ import annotations

import pytest

from plugin.core.model import LinkState
from plugin.core.reconcile import Reason
from tests.builders import COLLEAGUE_ID, USER_ID
from tests.fakes.contact_world import ContactWorld, mail, named
from tests.fakes.world import is_quiet

ANA = "ana@casa.example"


@pytest.fixture
def contacts() -> ContactWorld:
    return ContactWorld()


def inherit(world: ContactWorld) -> int:
    """Let the user take over Ana, whom a colleague synchronized and who is being deleted."""
    crm_id = world.crm.add(owner_id=COLLEAGUE_ID, email=ANA)
    world.crm.link_elsewhere(crm_id, COLLEAGUE_ID)
    world.crm.transfer(COLLEAGUE_ID, USER_ID)
    return crm_id


def test_run_between_transfer_and_deletion_deletes_nobody_in_google(contacts: ContactWorld) -> None:
    for number in range(5):
        contacts.crm.add(firstname=f"Ana {number}")
    contacts.sync()
    contacts.crm.transfer(USER_ID, COLLEAGUE_ID)

    contacts.sync()
    assert is_quiet(contacts.sync())

    assert len(contacts.google.alive) == 5
    assert {link.state for link in contacts.links} == {LinkState.RELEASED}


def test_new_owner_s_google_stays_as_it_is_until_the_contact_is_saved(contacts: ContactWorld) -> None:
    crm_id = inherit(contacts)

    tally = contacts.sync()

    assert contacts.names() == []
    assert (tally.parked, contacts.parked) == (1, {("crm", str(crm_id)): Reason.TRANSFERRED.value})
    assert is_quiet(contacts.sync())

    contacts.crm.edit(crm_id, title="Mine")
    contacts.sync()

    assert (contacts.names(), contacts.parked) == (["Ana Ruiz"], {})


def test_inherited_contact_whom_the_new_owner_enters_in_google_is_one_person(contacts: ContactWorld) -> None:
    inherit(contacts)
    contacts.sync()
    contacts.google.create_as_user(names=named("Ana"), emailAddresses=[mail(ANA)])

    contacts.sync()
    assert is_quiet(contacts.sync())

    assert (contacts.labels(), contacts.names(), contacts.parked) == (["Ana Ruiz"], ["Ana Ruiz"], {})


def test_contact_that_only_changes_hands_is_made_in_the_new_owner_s_google(contacts: ContactWorld) -> None:
    crm_id = contacts.crm.add(owner_id=COLLEAGUE_ID)
    contacts.crm.link_elsewhere(crm_id, COLLEAGUE_ID)
    contacts.crm.assign(crm_id, USER_ID)

    contacts.sync()

    assert contacts.names() == ["Ana Ruiz"]
