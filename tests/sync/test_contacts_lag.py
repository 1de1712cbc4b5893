"""Lists of people lag behind writes, creates may go unanswered, people change their name: nobody is doubled or lost."""

from __future__ import annotations

import pytest

from plugin.core.errors import RateLimitedError, RefusedError, UnavailableError
from plugin.core.model import LinkState
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


def soon(world: ContactWorld) -> None:
    """Sync five minutes later, not fifteen."""
    world.wait(minutes=-10)
    world.sync()


# --- lists lag behind ---


def test_own_create_that_is_not_listed_yet_is_not_made_again(contacts: ContactWorld) -> None:
    contacts.google.lists_lag = True
    contacts.crm.add()

    for _ in range(4):
        contacts.sync()
    contacts.google.catch_up()
    contacts.sync()

    assert (contacts.names(), contacts.labels(), len(contacts.links)) == (["Ana Ruiz"], ["Ana Ruiz"], 1)


def test_old_state_that_is_listed_after_our_write_undoes_nothing(linked: ContactWorld) -> None:
    linked.google.lists_lag = True
    linked.google.edit_as_user(linked.google_id, phoneNumbers=[mail("1", "mobile")])
    linked.sync()  # not listed yet
    linked.crm.edit(linked.crm_id, firstname="Eva")
    linked.sync()  # the write is refused for its version, the person looked at and written again
    linked.google.catch_up()

    soon(linked)
    linked.sync()

    assert linked.names() == linked.labels() == ["Eva Ruiz"]
    assert linked.row["mobile"] == "1"
    assert linked.parked == {}
    assert is_quiet(linked.sync())


def test_users_edit_right_after_ours_comes_once_the_lag_is_over(linked: ContactWorld) -> None:
    linked.crm.edit(linked.crm_id, firstname="Eva")
    linked.sync()
    linked.google.edit_as_user(linked.google_id, names=named("Luz"))

    linked.wait(minutes=-10)
    tally = linked.sync()
    # It only waits: nobody has anything to do about it.
    assert (linked.labels(), tally.parked) == (["Eva Ruiz"], 0)

    linked.sync()
    assert linked.labels() == linked.names() == ["Luz Ruiz"]
    assert (linked.parked, is_quiet(linked.sync())) == ({}, True)


def test_users_delete_right_after_our_write_comes_once_the_lag_is_over(linked: ContactWorld) -> None:
    linked.crm.edit(linked.crm_id, firstname="Eva")
    linked.sync()
    linked.google.delete_as_user(linked.google_id)

    soon(linked)
    linked.sync()

    assert (linked.crm.rows(), linked.parked) == ({}, {})


def test_tombstone_that_is_not_true_deletes_nothing(linked: ContactWorld) -> None:
    person = linked.google.alive[linked.google_id]
    note = {**person, "metadata": {**person["metadata"], "deleted": True}}
    linked.google._log.append((linked.google_id, note))

    linked.sync()

    assert linked.labels() == ["Ana Ruiz"]


def test_contact_deleted_in_the_crm_is_not_brought_back_by_an_old_listing(contacts: ContactWorld) -> None:
    contacts.google.lists_lag = True
    contacts.crm.add()
    contacts.sync()
    contacts.crm.delete(contacts.crm_id)
    contacts.sync()
    assert contacts.google.alive == {}
    # Only the create is listed by now.
    contacts.google._log.append(contacts.google._waiting.pop(0))

    assert is_quiet(contacts.sync())
    contacts.google.catch_up()
    assert is_quiet(contacts.sync())

    assert (contacts.crm.rows(), contacts.google.alive) == ({}, {})
    assert [link.state for link in contacts.links] == [LinkState.DEAD]


def test_listing_that_knows_nothing_of_a_person_asks_before_it_deletes(linked: ContactWorld) -> None:
    linked.google.lists_lag = True
    linked.crm.add(firstname="Luis")
    linked.sync()
    linked.google.expire_sync_tokens()

    linked.sync()

    assert linked.labels() == linked.names() == ["Ana Ruiz", "Luis Ruiz"]


def test_person_whom_google_does_not_tell_about_comes_later(linked: ContactWorld) -> None:
    linked.google.edit_as_user(linked.google_id, names=named("Luz"))
    linked.google.fail("get", RefusedError("no", "of this one"))
    tally = linked.sync()
    assert (linked.labels(), tally.parked) == (["Ana Ruiz"], 1)
    linked.google.stop_failing()

    linked.sync()

    assert (linked.labels(), linked.parked, is_quiet(linked.sync())) == (["Luz Ruiz"], {}, True)


def test_listing_that_can_t_be_looked_into_is_taken_in_the_next_time(linked: ContactWorld) -> None:
    linked.google.edit_as_user(linked.google_id, names=named("Luz"))
    linked.google.fail("get", RateLimitedError("slow down"))
    with pytest.raises(RateLimitedError):
        linked.sync()
    linked.google.stop_failing()

    linked.sync()

    assert linked.labels() == ["Luz Ruiz"]


def test_delete_behind_a_lost_token_is_noticed(linked: ContactWorld) -> None:
    linked.google.delete_as_user(linked.google_id)
    linked.google.expire_sync_tokens()

    linked.sync()

    assert linked.crm.rows() == {}


# --- creates in doubt ---


def lose_the_answer_of_a_create(world: ContactWorld, *, is_done: bool) -> None:
    world.google.fail("create", UnavailableError("lost"), is_after_commit=is_done)
    with pytest.raises(UnavailableError):
        world.sync()


def test_create_that_arrived_without_an_answer_is_linked(contacts: ContactWorld) -> None:
    contacts.crm.add()
    lose_the_answer_of_a_create(contacts, is_done=True)

    contacts.sync()

    assert (contacts.names(), len(contacts.live_links)) == (["Ana Ruiz"], 1)
    assert contacts.database.tables.intents == {}
    assert is_quiet(contacts.sync())


def test_create_in_doubt_waits_a_quarter_of_an_hour(contacts: ContactWorld) -> None:
    contacts.crm.add()
    lose_the_answer_of_a_create(contacts, is_done=False)

    soon(contacts)
    soon(contacts)
    assert contacts.names() == []

    contacts.sync()
    assert contacts.names() == ["Ana Ruiz"]
    assert is_quiet(contacts.sync())


def test_create_in_doubt_that_is_listed_late_is_linked(contacts: ContactWorld) -> None:
    contacts.google.lists_lag = True
    contacts.crm.add()
    lose_the_answer_of_a_create(contacts, is_done=True)
    soon(contacts)
    contacts.google.catch_up()

    soon(contacts)
    contacts.sync()

    assert (contacts.names(), len(contacts.live_links)) == (["Ana Ruiz"], 1)
    assert is_quiet(contacts.sync())


def test_listing_begun_too_early_is_no_proof(contacts: ContactWorld) -> None:
    """The listing takes its time: it ends later than the lag, but it began before."""
    contacts.google.lists_lag = True
    contacts.crm.add()
    lose_the_answer_of_a_create(contacts, is_done=True)
    run = contacts.run()
    contacts.google.on_listed = lambda: contacts.wait(minutes=15)

    contacts.wait(minutes=-10)
    contacts.sync(run)
    contacts.google.on_listed = None
    contacts.google.catch_up()
    contacts.sync()

    assert (contacts.names(), len(contacts.live_links)) == (["Ana Ruiz"], 1)


def test_edits_on_both_sides_of_a_create_in_doubt_are_merged(contacts: ContactWorld) -> None:
    contacts.crm.add()
    lose_the_answer_of_a_create(contacts, is_done=True)
    contacts.google.edit_as_user(contacts.google_id, phoneNumbers=[mail("1", "mobile")])
    contacts.crm.edit(contacts.crm_id, firstname="Eva")

    contacts.sync()

    assert contacts.names() == contacts.labels() == ["Eva Ruiz"]
    assert contacts.row["mobile"] == "1"
    assert is_quiet(contacts.sync())


def test_delete_in_google_of_a_create_in_doubt_comes_into_the_crm_or_is_made_again(
    contacts: ContactWorld,
) -> None:
    contacts.crm.add()
    lose_the_answer_of_a_create(contacts, is_done=True)
    contacts.google.delete_as_user(contacts.google_id)

    for _ in range(3):
        contacts.sync()

    # Its note of deletion bears no key: nobody can tell that it was ours, and nothing is lost.
    assert (contacts.names(), contacts.labels()) == (["Ana Ruiz"], ["Ana Ruiz"])


def test_delete_in_the_crm_of_a_create_in_doubt_reaches_google(contacts: ContactWorld) -> None:
    crm_id = contacts.crm.add()
    lose_the_answer_of_a_create(contacts, is_done=True)
    contacts.crm.delete(crm_id)

    contacts.sync()
    contacts.sync()

    assert contacts.google.alive == {}


def test_recreate_in_doubt_is_neither_lost_nor_doubled(linked: ContactWorld) -> None:
    linked.google.delete_as_user(linked.google_id)
    linked.crm.edit(linked.crm_id, firstname="Eva")
    lose_the_answer_of_a_create(linked, is_done=True)

    linked.sync()
    linked.sync()

    assert linked.names() == linked.labels() == ["Eva Ruiz"]
    assert is_quiet(linked.sync())


@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize("kind", ["update", "delete"])
def test_write_whose_answer_is_lost_is_neither_lost_nor_doubled(
    linked: ContactWorld, kind: str, *, is_done: bool
) -> None:
    if kind == "update":
        linked.crm.edit(linked.crm_id, firstname="Eva")
    else:
        linked.crm.delete(linked.crm_id)
    linked.google.fail(kind, UnavailableError("lost"), is_after_commit=is_done)

    with pytest.raises(UnavailableError):
        linked.sync()
    for _ in range(3):
        linked.sync()

    assert linked.names() == linked.labels() == (["Eva Ruiz"] if kind == "update" else [])
    assert linked.parked == {}


def test_delete_whose_answer_is_lost_is_not_undone_by_what_was_listed_before(linked: ContactWorld) -> None:
    """A full listing tells nothing of who is gone, and so the person as it was before still waits."""
    linked.google.touch(linked.google_id)
    linked.crm.delete(linked.crm_id)
    linked.google.fail("delete", UnavailableError("lost"), is_after_commit=True)
    with pytest.raises(UnavailableError):
        linked.sync()
    linked.google.expire_sync_tokens()

    linked.sync()

    assert (linked.google.alive, linked.crm.rows()) == ({}, {})
    assert is_quiet(linked.sync())
