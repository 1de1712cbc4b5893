"""Somebody edits between listing and write, a person changes its resource name: nobody is doubled or lost."""

from __future__ import annotations

import contextlib

import pytest

from plugin.core.errors import RateLimitedError, UnavailableError
from tests.fakes.contact_world import ContactWorld, mail, named
from tests.fakes.world import is_quiet


@pytest.fixture
def contacts() -> ContactWorld:
    return ContactWorld()


@pytest.fixture
def linked(contacts: ContactWorld) -> ContactWorld:
    """Ana, made in the CRM, on both sides."""
    contacts.crm.add(email="ana@casa.example")
    contacts.sync()
    assert is_quiet(contacts.sync())
    contacts.wait(hours=1)
    return contacts


# --- races ---


def test_edit_in_google_between_listing_and_write_is_kept(linked: ContactWorld) -> None:
    google_id = linked.google_id
    linked.crm.edit(linked.crm_id, firstname="Eva")
    run = linked.run()
    run.people.before_write = lambda _: linked.google.edit_as_user(
        google_id, phoneNumbers=[mail("1", "mobile")]
    )

    linked.sync(run)
    linked.sync()

    assert linked.names() == linked.labels() == ["Eva Ruiz"]
    assert linked.row["mobile"] == "1"


@pytest.mark.parametrize("error", [UnavailableError("no"), RateLimitedError("slow down")])
def test_person_that_can_t_be_read_before_an_update_loses_nothing(
    linked: ContactWorld, error: UnavailableError
) -> None:
    """An update replaces whole fields: written from nothing it would wipe out what isn't mapped."""
    others = [mail("ana@casa.example"), mail("a@b.example", "other")]
    linked.google.edit_as_user(linked.google_id, emailAddresses=others)
    linked.sync()
    linked.crm.edit(linked.crm_id, email="eva@casa.example")
    linked.google.fail("get", error)

    with contextlib.suppress(UnavailableError, RateLimitedError):
        linked.sync()
    linked.google.stop_failing()
    linked.sync()

    assert linked.person["emailAddresses"] == [mail("eva@casa.example"), others[1]]


def test_one_of_a_batch_that_fails_stops_no_other(contacts: ContactWorld) -> None:
    for number in range(4):
        contacts.crm.add(firstname=f"Ana {number}")
    contacts.sync()
    contacts.sync()
    victim = next(i for i, p in contacts.google.alive.items() if p["names"][0]["givenName"] == "Ana 2")
    for crm_id in contacts.crm.rows():
        contacts.crm.edit(crm_id, title="T")
    run = contacts.run()
    done: list[object] = []

    def once(operation: object) -> None:
        if not done:
            done.append(operation)
            contacts.google.touch(victim)

    run.people.before_write = once
    contacts.sync(run)
    contacts.sync()

    assert [p["organizations"] for p in contacts.google.alive.values()] == [[{"title": "T"}]] * 4
    assert is_quiet(contacts.sync())


# --- other resource names ---


def test_person_with_a_new_resource_name_keeps_its_link(linked: ContactWorld) -> None:
    new = linked.google.rename_as_google(linked.google_id)
    linked.google.edit_as_user(new, names=named("Eva"))

    linked.sync()

    assert (linked.labels(), linked.link.google_id) == (["Eva Ruiz"], new)
    linked.crm.edit(linked.crm_id, firstname="Luz")
    linked.sync()
    assert linked.names() == ["Luz Ruiz"]
    assert is_quiet(linked.sync())


def test_new_resource_name_of_who_is_to_be_asked_about_doubles_nobody(linked: ContactWorld) -> None:
    """Renamed a moment after our write and left for later; by then it has yet another name."""
    linked.crm.edit(linked.crm_id, firstname="Eva")
    linked.sync()
    linked.google.rename_as_google(linked.google_id)
    linked.wait(minutes=-10)
    linked.sync()
    new = linked.google.rename_as_google(linked.google_id)

    linked.sync()

    assert (linked.labels(), linked.link.google_id) == (["Eva Ruiz"], new)
    assert (is_quiet(linked.sync()), linked.parked) == (True, {})


@pytest.mark.parametrize("is_token_lost", [True, False])
def test_new_resource_name_of_who_still_waits_doubles_nobody(
    contacts: ContactWorld, *, is_token_lost: bool
) -> None:
    contacts.batch_size = 1
    ids = [contacts.google.create_as_user(names=named(f"Ana {n}"))["resourceName"] for n in range(2)]
    contacts.sync()
    [waiting] = set(ids) - {link.google_id for link in contacts.links}
    contacts.google.rename_as_google(waiting)
    if is_token_lost:
        contacts.google.expire_sync_tokens()

    contacts.sync()
    contacts.sync()

    assert contacts.labels() == ["Ana 0 Ruiz", "Ana 1 Ruiz"]
    assert is_quiet(contacts.sync())


@pytest.mark.parametrize("origin", ["crm", "google"])
def test_new_resource_name_behind_a_lost_token_doubles_nobody(contacts: ContactWorld, origin: str) -> None:
    """A full listing tells no former names."""
    if origin == "crm":
        contacts.crm.add()
    else:
        contacts.google.create_as_user(names=named("Ana"))
    contacts.sync()
    contacts.sync()
    new = contacts.google.rename_as_google(contacts.google_id)
    contacts.google.edit_as_user(new, names=named("Eva"))
    contacts.google.expire_sync_tokens()

    contacts.sync()
    contacts.sync()

    assert contacts.labels() == contacts.names() == ["Eva Ruiz"]
    assert (contacts.link.google_id, contacts.parked) == (new, {})
    assert is_quiet(contacts.sync())


def test_new_resource_name_of_who_is_gone_by_now_brings_nobody_in(contacts: ContactWorld) -> None:
    """Everybody is listed anew: the former name isn't told, and the delete not yet."""
    contacts.google.create_as_user(names=named("Ana"))
    contacts.sync()
    contacts.wait(hours=1)
    contacts.google.lists_lag = True
    new = contacts.google.rename_as_google(contacts.google_id)
    contacts.google.catch_up()
    contacts.google.delete_as_user(new)
    contacts.google.expire_sync_tokens()

    tally = contacts.sync()

    assert (tally.crm.created, contacts.crm.rows()) == (0, {})
    contacts.google.catch_up()
    assert is_quiet(contacts.sync())
