"""Contacts when Google is slow to tell, when answers are lost, and when a listing has to begin anew: nothing doubles."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugin.sync.views import RunStatus
from tests.engine.test_contacts_both_ways import WELL, both_sides, ended_well, typed
from tests.installed_contacts import ContactsInstalled

EMPTY = {"gsync_inbox": 0, "gsync_intents": 0, "gsync_parked": 0}


def at_rest(contacts: ContactsInstalled) -> None:
    """Two further runs find nothing to do."""
    for _ in range(2):
        run = contacts.sync()
        assert ended_well(run) == WELL
        assert run.crm.is_nothing and run.google.is_nothing
    assert contacts.waiting() == EMPTY


# --- propagation delay ---


def test_own_writes_that_lists_tell_late_change_nothing(contacts: ContactsInstalled) -> None:
    contacts.google.switch(people_delay_s=600)
    crm_id = contacts.add_contact("Peña", "Blas", phone="910")
    assert contacts.sync(after_minutes=1).google.created == 1
    contacts.edit_contact(crm_id, phone="911")
    runs = [contacts.sync(after_minutes=1) for _ in range(3)]

    assert [run.google.updated for run in runs] == [1, 0, 0]
    assert all(run.crm.is_nothing and run.google.created == 0 for run in runs)
    assert contacts.contacts()["Blas Peña"]["phone"] == "911"
    at_rest(contacts)
    assert len(contacts.people()) == 1


def test_delete_of_ours_that_lists_tell_late_brings_nobody_back(contacts: ContactsInstalled) -> None:
    google_id, crm_id = both_sides(contacts)
    contacts.google.switch(people_delay_s=600)
    contacts.edit_contact(crm_id, phone="911")
    contacts.sync(after_minutes=1)
    contacts.delete_contact(crm_id)

    runs = [contacts.sync(after_minutes=1) for _ in range(4)]

    assert sum(run.google.deleted for run in runs) == 1
    assert all(run.crm.is_nothing and run.google.created == 0 for run in runs)
    at_rest(contacts)
    assert set(contacts.people()) == {google_id}


def test_user_s_edit_right_after_a_push_arrives_a_quarter_of_an_hour_later(
    contacts: ContactsInstalled,
) -> None:
    crm_id = contacts.add_contact("Peña", "Blas", phone="910")
    contacts.sync()
    contacts.edit_contact(crm_id, phone="911")
    contacts.sync()
    google_id = contacts.person("Blas", "Peña")["resourceName"]
    contacts.edit_person(google_id, emailAddresses=[{"type": "home", "value": "b@x.example"}])

    early = contacts.sync(after_minutes=2)
    late = [contacts.sync(after_minutes=8), contacts.sync(after_minutes=8)]

    assert early.crm.is_nothing
    assert sum(run.crm.updated for run in late) == 1
    assert contacts.contacts()["Blas Peña"]["email"] == "b@x.example"
    at_rest(contacts)


# --- lost answers ---


@pytest.mark.parametrize("count", [1, 8])
def test_create_whose_answer_is_lost_is_found_by_its_key(contacts: ContactsInstalled, count: int) -> None:
    for number in range(count):
        contacts.add_contact(f"Peña {number}", "Blas", phone="910")
    route = "people.createContact" if count == 1 else "people.batchCreateContacts"
    contacts.google.fault(route, reset="after")

    first = contacts.sync()
    contacts.google.control("DELETE", "faults")

    assert first.google.created == 0
    runs = [contacts.sync(after_minutes=5), contacts.sync(), contacts.sync()]
    assert all(run.google.created == 0 and run.crm.is_nothing for run in runs)
    assert len(contacts.people()) == count
    assert len(contacts.links()) == count
    at_rest(contacts)


def test_create_whose_request_never_arrived_is_made_after_a_quarter_of_an_hour(
    contacts: ContactsInstalled,
) -> None:
    contacts.add_contact("Peña", "Blas", phone="910")
    contacts.google.fault("people.createContact", reset="before")
    contacts.sync()
    contacts.google.control("DELETE", "faults")
    assert contacts.people() == {}

    early, late = contacts.sync(after_minutes=5), contacts.sync()

    assert (early.google.created, late.google.created) == (0, 1)
    assert len(contacts.people()) == 1
    at_rest(contacts)


def test_create_told_late_as_well_is_not_made_twice(contacts: ContactsInstalled) -> None:
    contacts.google.switch(people_delay_s=13 * 60)
    contacts.add_contact("Peña", "Blas", phone="910")
    contacts.google.fault("people.createContact", reset="after")
    contacts.sync()
    contacts.google.control("DELETE", "faults")

    runs = [contacts.sync(after_minutes=5) for _ in range(5)]

    assert all(run.google.created == 0 and run.crm.is_nothing for run in runs)
    assert len(contacts.people()) == 1 and len(contacts.links()) == 1
    at_rest(contacts)


@pytest.mark.parametrize(
    "route", ["people.updateContact", "people.deleteContact", "people.getBatchGet", "connections.list"]
)
def test_lost_answer_of_anything_else_is_made_good_by_the_next_runs(
    contacts: ContactsInstalled, route: str
) -> None:
    google_id, crm_id = both_sides(contacts)
    ana = contacts.contacts()["Ana Ruiz"]["contactid"]
    contacts.edit_contact(crm_id, phone="911")
    contacts.delete_contact(ana)
    contacts.google.fault(route, reset="after")
    contacts.sync()
    assert contacts.google.control("GET", "state")["faults"][0]["hits"] > 0
    contacts.google.control("DELETE", "faults")

    for _ in range(2):
        assert contacts.sync().status is RunStatus.DONE

    assert typed(contacts.person("Blas", "Peña"), "phoneNumbers") == {"work": "911"}
    assert set(contacts.contacts()) == {"Blas Peña"} and google_id not in contacts.people()
    at_rest(contacts)


def test_person_refused_alone_holds_nobody_up(contacts: ContactsInstalled) -> None:
    contacts.google.switch(people_batch="whole")
    first, *rest = [contacts.add_contact(f"Peña {number}", "Blas", phone="910") for number in range(8)]
    contacts.sync()
    for crm_id in (first, *rest):
        contacts.edit_contact(crm_id, phone="911")
    # Whoever isn't as the link remembers makes Google refuse the whole batch.
    contacts.edit_person(
        contacts.person("Blas", "Peña 0")["resourceName"], biographies=[{"value": "De Google"}]
    )

    runs = [contacts.sync(), contacts.sync()]

    assert sum(run.google.updated for run in runs) == 8
    assert {typed(p, "phoneNumbers")["work"] for p in contacts.people().values()} == {"911"}
    assert contacts.contacts()["Blas Peña 0"]["description"] == "De Google"
    at_rest(contacts)


# --- listings ---


def test_expired_sync_token_lists_everybody_anew_and_doubles_nobody(contacts: ContactsInstalled) -> None:
    google_id, _ = both_sides(contacts)
    contacts.google.control("POST", "expire-sync-tokens", {})
    contacts.edit_person(google_id, phoneNumbers=[{"type": "mobile", "value": "601"}])
    contacts.add_person("Cloe", "Gil")

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert (run.crm.created, run.crm.updated, run.google.is_nothing) == (1, 1, True)
    assert set(contacts.contacts()) == {"Ana Ruiz", "Blas Peña", "Cloe Gil"}
    at_rest(contacts)


def test_delete_that_no_token_tells_of_is_found_by_asking(contacts: ContactsInstalled) -> None:
    google_id, _ = both_sides(contacts)
    contacts.delete_person(google_id)
    contacts.google.control("POST", "expire-sync-tokens", {})

    runs = [contacts.sync(), contacts.sync()]

    assert sum(run.crm.deleted for run in runs) == 1
    assert set(contacts.contacts()) == {"Blas Peña"}
    at_rest(contacts)


def test_token_dies_a_week_after_the_full_sync(contacts: ContactsInstalled) -> None:
    both_sides(contacts)
    week_min = timedelta(days=8).total_seconds() / 60

    run = contacts.sync(after_minutes=week_min)

    assert ended_well(run) == WELL
    assert run.crm.is_nothing and run.google.is_nothing
    at_rest(contacts)


def test_person_with_a_new_resource_name_keeps_the_link(contacts: ContactsInstalled) -> None:
    google_id, _ = both_sides(contacts)
    contacts.google.control("POST", "rename-person", {"email": contacts.email, "resource_name": google_id})
    new_id = contacts.person("Ana", "Ruiz")["resourceName"]
    assert new_id != google_id

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert run.crm.is_nothing and run.google.is_nothing
    contacts.edit_person(new_id, phoneNumbers=[{"type": "mobile", "value": "601"}])
    assert contacts.sync().crm.updated == 1
    assert contacts.contacts()["Ana Ruiz"]["mobile"] == "601"
    at_rest(contacts)


def test_etag_without_a_change_writes_nothing(contacts: ContactsInstalled) -> None:
    google_id, _ = both_sides(contacts)
    contacts.google.control("POST", "touch-person", {"email": contacts.email, "resource_name": google_id})
    at_rest(contacts)


def test_pages_of_a_listing_are_all_read(contacts: ContactsInstalled) -> None:
    contacts.google.switch(page_size_cap=3)
    for number in range(8):
        contacts.add_person("Ana", f"Ruiz {number}")
    assert contacts.sync().crm.created == 8
    at_rest(contacts)


def test_more_than_a_run_takes_comes_with_the_next_ones(contacts: ContactsInstalled) -> None:
    for number in range(130):
        contacts.add_person("Ana", f"Ruiz {number}")
    first, second = contacts.sync(), contacts.sync()
    assert (first.crm.created, first.crm.has_more) == (100, True)
    assert (second.crm.created, second.crm.has_more) == (30, False)
    at_rest(contacts)


def test_many_deletes_at_once_wait_for_approval(contacts: ContactsInstalled) -> None:
    ids = [contacts.add_person("Ana", f"Ruiz {number}") for number in range(15)]
    contacts.sync()
    for google_id in ids[:12]:
        contacts.delete_person(google_id)

    held = contacts.sync()
    assert (held.crm.deleted, held.held) == (0, 12)
    assert contacts.installed.approve(contacts.pair_id) == 12

    assert contacts.sync().crm.deleted == 12
    at_rest(contacts)
