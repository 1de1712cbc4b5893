"""Who is on both sides already, at the first sync or later: linked, or left to the user, and never doubled."""

from __future__ import annotations

import pytest

from plugin.core.contact_matching import Doubt
from plugin.core.model import Policy
from tests.fakes.contact_world import ContactWorld, mail, named
from tests.fakes.world import is_quiet

ANA = "ana@casa.example"


@pytest.fixture
def contacts() -> ContactWorld:
    return ContactWorld()


def test_one_mailbox_is_one_person(contacts: ContactWorld) -> None:
    contacts.crm.add(email=ANA, title="Gerente")
    contacts.google.create_as_user(
        names=named("Ana"), emailAddresses=[mail("ANA@casa.example", "other")], urls=[{"value": "x"}]
    )

    contacts.sync()

    assert (len(contacts.links), len(contacts.crm.rows()), len(contacts.google.alive)) == (1, 1, 1)
    # What one side alone has comes to the other; the address stays on its type, as each side writes it.
    assert contacts.person["organizations"] == [{"title": "Gerente"}]
    assert contacts.person["emailAddresses"] == [mail("ANA@casa.example", "other")]
    assert contacts.row["email"] == ANA
    assert is_quiet(contacts.sync())


def test_name_and_phone_are_one_person(contacts: ContactWorld) -> None:
    contacts.crm.add(mobile="600 000 001")
    contacts.google.create_as_user(names=named("Ana"), phoneNumbers=[mail("+34 600000001", "work")])

    contacts.sync()

    assert (len(contacts.links), len(contacts.crm.rows()), len(contacts.google.alive)) == (1, 1, 1)
    assert is_quiet(contacts.sync())


def test_different_values_follow_the_policy(contacts: ContactWorld) -> None:
    contacts.change_pair(policy=Policy.CRM_WINS.value)
    contacts.crm.add(email=ANA, title="Of the CRM")
    contacts.google.create_as_user(
        names=named("Ana"), emailAddresses=[mail(ANA)], organizations=[{"title": "Of Google"}]
    )

    contacts.sync()

    assert contacts.row["title"] == contacts.person["organizations"][0]["title"] == "Of the CRM"
    assert is_quiet(contacts.sync())


def test_who_is_new_on_both_sides_between_syncs_is_one_person(contacts: ContactWorld) -> None:
    contacts.sync()
    contacts.crm.add(email=ANA)
    contacts.google.create_as_user(names=named("Ana"), emailAddresses=[mail(ANA)])

    contacts.sync()

    assert (len(contacts.links), len(contacts.crm.rows()), len(contacts.google.alive)) == (1, 1, 1)
    assert is_quiet(contacts.sync())


@pytest.fixture
def doubtful(contacts: ContactWorld) -> ContactWorld:
    """One contact that may be either of two people."""
    contacts.crm.add(email=ANA)
    for title in ("One", "Two"):
        contacts.google.create_as_user(
            names=named("Ana"), emailAddresses=[mail(ANA)], organizations=[{"title": title}]
        )
    tally = contacts.sync()
    assert set(contacts.parked.values()) == {Doubt.SEVERAL.value}
    assert {side for side, _ in contacts.parked} == {"crm", "google"}
    assert tally.parked == 3
    return contacts


def test_who_may_be_several_is_left_to_the_user(doubtful: ContactWorld) -> None:
    for _ in range(3):
        assert is_quiet(doubtful.sync())

    assert (len(doubtful.links), len(doubtful.crm.rows()), len(doubtful.google.alive)) == (0, 1, 2)
    assert len(doubtful.parked) == 3


def test_touching_who_is_in_doubt_doubles_nobody(doubtful: ContactWorld) -> None:
    for google_id in doubtful.google.alive:
        doubtful.google.touch(google_id)
    doubtful.crm.edit(next(iter(doubtful.crm.rows())), title="Touched")
    doubtful.sync()
    doubtful.google.expire_sync_tokens()

    assert is_quiet(doubtful.sync())
    assert (len(doubtful.links), len(doubtful.crm.rows()), len(doubtful.google.alive)) == (0, 1, 2)


def test_doubt_ends_when_the_user_deletes_one(doubtful: ContactWorld) -> None:
    first = next(iter(doubtful.google.alive))
    doubtful.google.delete_as_user(first)

    doubtful.sync()

    assert len(doubtful.live_links) == 1
    assert doubtful.row["title"] == "Two"
    assert doubtful.parked == {}
    assert is_quiet(doubtful.sync())


def test_doubt_ends_when_the_contact_gets_another_mailbox(doubtful: ContactWorld) -> None:
    doubtful.crm.edit(doubtful.crm_id, email="luis@casa.example", firstname="Luis", lastname="Gil")

    for _ in range(3):
        doubtful.sync()

    assert doubtful.labels() == doubtful.names() == ["Ana Ruiz", "Ana Ruiz", "Luis Gil"]
    assert doubtful.parked == {}
    assert is_quiet(doubtful.sync())


@pytest.mark.parametrize("how", ["delete", "purge"])
def test_doubt_ends_when_the_contact_is_deleted(doubtful: ContactWorld, how: str) -> None:
    getattr(doubtful.crm, how)(doubtful.crm_id)

    for _ in range(3):
        doubtful.sync()

    assert doubtful.labels() == doubtful.names() == ["Ana Ruiz", "Ana Ruiz"]
    assert doubtful.parked == {}


def test_doubt_ends_when_both_people_are_renamed(doubtful: ContactWorld) -> None:
    for number, google_id in enumerate(doubtful.google.alive):
        doubtful.google.edit_as_user(google_id, names=named(f"N{number}", "Gil"), emailAddresses=[])

    for _ in range(3):
        doubtful.sync()

    assert doubtful.labels() == doubtful.names() == ["Ana Ruiz", "N0 Gil", "N1 Gil"]
    assert doubtful.parked == {}


def test_same_name_and_nothing_else_is_left_to_the_user(contacts: ContactWorld) -> None:
    contacts.crm.add(email=ANA)
    contacts.google.create_as_user(names=named("Ana"))

    contacts.sync()
    contacts.sync()

    assert set(contacts.parked.values()) == {Doubt.NAME_ONLY.value}
    assert (len(contacts.crm.rows()), len(contacts.google.alive)) == (1, 1)


def test_new_link_against_somebody_linked_is_a_new_person(contacts: ContactWorld) -> None:
    """Ana is on both sides; another Ana of the same mailbox in the CRM goes to Google as another one."""
    contacts.crm.add(email=ANA)
    contacts.google.create_as_user(names=named("Ana"), emailAddresses=[mail(ANA)])
    contacts.sync()
    contacts.crm.add(email=ANA)

    contacts.sync()
    assert is_quiet(contacts.sync())

    assert (len(contacts.links), len(contacts.google.alive)) == (2, 2)


# Later ones begin after the person has come into the CRM.
@pytest.mark.parametrize("number", range(1, 7))
def test_contact_that_is_entered_while_a_run_goes_on_is_compared_by_the_next(
    contacts: ContactWorld, number: int
) -> None:
    contacts.google.create_as_user(names=named("Ana"), emailAddresses=[mail(ANA)])
    enter_during(contacts, number)

    contacts.sync()
    assert is_quiet(contacts.sync())

    assert (contacts.labels(), contacts.names()) == (["Ana Ruiz"], ["Ana Ruiz"])


@pytest.mark.parametrize("number", range(1, 9))
def test_contact_in_doubt_that_is_saved_while_a_run_goes_on_stays_in_doubt(
    doubtful: ContactWorld, number: int
) -> None:
    run, begun = doubtful.run(), []

    def save() -> None:
        begun.append(1)
        if len(begun) == number:
            doubtful.wait(seconds=1)
            doubtful.crm.edit(doubtful.crm_id, title="Saved")

    run.before_transaction.append(save)
    doubtful.sync(run)
    doubtful.sync()

    assert (len(doubtful.links), len(doubtful.crm.rows()), len(doubtful.google.alive)) == (0, 1, 2)


def enter_during(world: ContactWorld, number: int) -> None:
    """Let a run begin, and somebody enter Ana into the CRM as its transaction of this number begins."""
    run, begun = world.run(), []

    def enter() -> None:
        begun.append(1)
        if len(begun) == number:
            world.crm.add(email=ANA)

    run.before_transaction.append(enter)
    world.sync(run)
    if len(begun) < number:
        world.crm.add(email=ANA)


# --- what people are told to do about a doubt ends it ---


@pytest.mark.parametrize("is_same", [True, False])
def test_doubt_about_a_name_ends_with_an_e_mail_or_another_name(
    contacts: ContactWorld, *, is_same: bool
) -> None:
    contacts.crm.add(email=ANA)
    contacts.google.create_as_user(names=named("Ana"))
    contacts.sync()
    assert set(contacts.parked.values()) == {Doubt.NAME_ONLY.value}
    if is_same:
        contacts.google.edit_as_user(contacts.google_id, emailAddresses=[mail(ANA)])
    else:
        contacts.google.edit_as_user(contacts.google_id, names=named("Ana María"))

    for _ in range(2):
        contacts.sync()

    assert (len(contacts.live_links), contacts.parked) == (1 if is_same else 2, {})


@pytest.mark.parametrize("is_same", [True, False])
def test_doubt_about_a_mailbox_ends_with_the_name_or_another_e_mail(
    contacts: ContactWorld, *, is_same: bool
) -> None:
    contacts.crm.add(email=ANA)
    contacts.google.create_as_user(names=named("Luis"), emailAddresses=[mail(ANA)])
    contacts.sync()
    assert set(contacts.parked.values()) == {Doubt.OTHER_NAME.value}
    if is_same:
        contacts.google.edit_as_user(contacts.google_id, names=named("Ana"))
    else:
        contacts.google.edit_as_user(contacts.google_id, emailAddresses=[mail("luis@casa.example")])

    for _ in range(2):
        contacts.sync()

    assert (len(contacts.live_links), contacts.parked) == (1 if is_same else 2, {})
