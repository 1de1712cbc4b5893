"""People who bear no key of ours, because they came from Google, are merged there: no contact of the CRM is lost by it."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.core.errors import NotFoundError
from plugin.core.model import LinkState
from plugin.core.reconcile import Reason
from tests.fakes.contact_world import ContactWorld, mail, named
from tests.fakes.world import is_quiet

ANA, ANITA = "ana@casa.example", "anita@acme.example"


@pytest.fixture
def two() -> ContactWorld:
    """Ana and Anita came from Google."""
    contacts = ContactWorld()
    contacts.google.create_as_user(names=named("Ana"), emailAddresses=[mail(ANA)])
    contacts.google.create_as_user(names=named("Anita"), emailAddresses=[mail(ANITA)])
    contacts.sync()
    assert is_quiet(contacts.sync())
    contacts.wait(hours=1)
    return contacts


def person_of(world: ContactWorld, name: str) -> str:
    return next(i for i, p in world.google.alive.items() if p["names"][0]["givenName"] == name)


def crm_id_of(world: ContactWorld, label: str) -> int:
    return next(i for i, row in world.crm.rows().items() if row.label == label)


def merge(world: ContactWorld, **fields: Any) -> str:
    """Put Anita into Ana, as Google does; return Ana's id."""
    ana = person_of(world, "Ana")
    world.google.edit_as_user(ana, **{"emailAddresses": [mail(ANA), mail(ANITA)], **fields})
    world.google.delete_as_user(person_of(world, "Anita"))
    return ana


def wait_for_the_user(world: ContactWorld) -> None:
    world.sync()
    for _ in range(2):
        assert is_quiet(world.sync())
    assert world.labels() == ["Ana Ruiz", "Anita Ruiz"]
    assert set(world.parked.values()) == {Reason.MERGED.value}


def test_both_contacts_wait_for_the_user(two: ContactWorld) -> None:
    merge(two)

    wait_for_the_user(two)

    assert two.names() == ["Ana Ruiz"]


def test_merge_behind_a_lost_token_waits_as_well(two: ContactWorld) -> None:
    """A full listing lacks who is gone: nobody tells that they are."""
    merge(two)
    two.google.expire_sync_tokens()

    wait_for_the_user(two)
    two.google.expire_sync_tokens()
    wait_for_the_user(two)


def test_merge_waits_on_though_the_person_changes(two: ContactWorld) -> None:
    ana = merge(two)
    two.sync()
    two.google.edit_as_user(ana, urls=[{"value": "https://a.example"}])

    wait_for_the_user(two)


@pytest.mark.parametrize("label", ["Ana Ruiz", "Anita Ruiz"])
def test_merge_waits_on_though_a_contact_is_saved_unchanged(two: ContactWorld, label: str) -> None:
    merge(two)
    two.google.expire_sync_tokens()
    two.sync()
    two.crm.edit(crm_id_of(two, label))

    wait_for_the_user(two)


@pytest.mark.parametrize("deleted", ["Ana Ruiz", "Anita Ruiz"])
def test_person_goes_on_with_the_contact_that_is_left(two: ContactWorld, deleted: str) -> None:
    ana = merge(two)
    two.sync()
    two.crm.delete(crm_id_of(two, deleted))

    two.sync()
    assert is_quiet(two.sync())

    assert (two.labels(), two.names(), two.parked) == (["Ana Ruiz"], ["Ana Ruiz"], {})
    assert [link.google_id for link in two.live_links] == [ana]
    assert {i["value"] for i in two.person["emailAddresses"]} == {ANA, ANITA}
    two.crm.edit(two.crm_id, title="Gerente")
    two.sync()
    assert two.person["organizations"] == [{"title": "Gerente"}]


def test_contact_that_goes_on_keeps_what_the_person_lacks(two: ContactWorld) -> None:
    """Of what there is only one of, Google keeps one: what the other contact had is no wish to drop it."""
    two.google.edit_as_user(person_of(two, "Anita"), biographies=[{"value": "Viene los martes"}])
    two.sync()
    merge(two)
    two.sync()
    two.crm.delete(crm_id_of(two, "Ana Ruiz"))

    two.sync()
    assert is_quiet(two.sync())

    assert two.row["description"] == "Viene los martes"
    assert two.person["biographies"][0]["value"] == "Viene los martes"


def test_contact_that_is_edited_while_it_waits_gets_a_person_of_its_own(two: ContactWorld) -> None:
    merge(two)
    two.sync()
    two.crm.edit(crm_id_of(two, "Anita Ruiz"), title="New")

    for _ in range(3):
        two.sync()

    assert is_quiet(two.sync())
    assert two.labels() == two.names() == ["Ana Ruiz", "Anita Ruiz"]
    assert two.parked == {}


def test_namesakes_are_merged(two: ContactWorld) -> None:
    for name in ("Ana", "Anita"):
        two.google.edit_as_user(person_of(two, name), emailAddresses=[], nicknames=[{"value": name}])
    two.google.edit_as_user(person_of(two, "Anita"), names=named("Luz"))
    two.google.edit_as_user(person_of(two, "Ana"), names=named("Luz"))
    two.sync()
    first, second = two.google.alive
    two.google.edit_as_user(first, nicknames=[{"value": "Ana"}, {"value": "Anita"}])
    two.google.delete_as_user(second)

    two.sync()
    assert is_quiet(two.sync())

    assert two.labels() == ["Luz Ruiz", "Luz Ruiz"]
    assert set(two.parked.values()) == {Reason.MERGED.value}


@pytest.mark.parametrize("deleted", ["Ana Ruiz", "Anita Ruiz"])
@pytest.mark.parametrize("is_token_lost", [True, False])
def test_merge_that_changed_nothing_waits_as_well(
    two: ContactWorld, deleted: str, *, is_token_lost: bool
) -> None:
    """Of two alike the one that is left has got nothing by it."""
    anita = person_of(two, "Anita")
    two.google.edit_as_user(anita, names=named("A."), emailAddresses=[mail(ANA)])
    two.sync()
    crm_ids = {"Ana Ruiz": crm_id_of(two, "Ana Ruiz"), "Anita Ruiz": crm_id_of(two, "A. Ruiz")}
    two.google.delete_as_user(anita)
    if is_token_lost:
        two.google.expire_sync_tokens()

    for _ in range(3):
        two.sync()

    assert (two.labels(), len(two.parked)) == (["A. Ruiz", "Ana Ruiz"], 2)
    two.crm.delete(crm_ids[deleted])
    two.sync()
    assert is_quiet(two.sync())
    assert (two.labels(), two.names(), two.parked) == (["Ana Ruiz"], ["Ana Ruiz"], {})


def test_third_person_that_is_made_of_both_waits_with_them(two: ContactWorld) -> None:
    for google_id in list(two.google.alive):
        two.google.delete_as_user(google_id)
    new = two.google.create_as_user(names=named("Ana"), emailAddresses=[mail(ANA), mail(ANITA)])

    wait_for_the_user(two)
    two.crm.delete(crm_id_of(two, "Ana Ruiz"))
    two.sync()

    assert is_quiet(two.sync())
    assert (two.labels(), two.parked) == (["Ana Ruiz"], {})
    assert [link.google_id for link in two.live_links] == [new["resourceName"]]


def test_contact_follows_a_person_that_the_crm_does_not_know(two: ContactWorld) -> None:
    """Google may keep the one that was left out of the CRM."""
    unknown = two.google.create_as_user(
        names=named("Anita"), clientData=[{"key": "gsync", "value": "other:1"}]
    )
    two.sync()
    crm_id = crm_id_of(two, "Anita Ruiz")
    two.crm.edit(crm_id, title="Gerente")
    two.sync()
    two.wait(hours=1)
    two.google.delete_as_user(person_of(two, "Anita"))
    two.google.edit_as_user(unknown["resourceName"], emailAddresses=[mail(ANITA)], clientData=[])

    two.sync()
    assert is_quiet(two.sync())

    assert crm_id_of(two, "Anita Ruiz") == crm_id
    assert two.names() == two.labels() == ["Ana Ruiz", "Anita Ruiz"]
    assert {(link.state, link.google_id in two.google.alive) for link in two.links} == {
        (LinkState.LIVE, True)
    }
    # Nothing is wiped out because the other one never had it.
    assert two.crm.rows()[crm_id].values["title"] == "Gerente"


def test_contact_whose_mailbox_somebody_new_has_is_left_to_the_user(two: ContactWorld) -> None:
    """A merge that kept the other name, or one of a family instead of another: neither renamed nor deleted."""
    two.google.delete_as_user(person_of(two, "Anita"))
    two.google.create_as_user(names=named("Luis"), emailAddresses=[mail(ANITA)])

    for _ in range(3):
        two.sync()
        two.google.expire_sync_tokens()
        two.crm.edit(crm_id_of(two, "Anita Ruiz"))

    assert two.labels() == ["Ana Ruiz", "Anita Ruiz", "Luis Ruiz"]
    assert list(two.parked.values()) == [Reason.MERGED.value]
    two.crm.delete(crm_id_of(two, "Anita Ruiz"))
    two.sync()
    assert is_quiet(two.sync())
    assert (two.labels(), two.parked) == (["Ana Ruiz", "Luis Ruiz"], {})


# --- what is no merge ---


def test_delete_beside_an_edit_of_somebody_else_is_a_delete(two: ContactWorld) -> None:
    two.google.edit_as_user(person_of(two, "Ana"), organizations=[{"title": "Gerente"}])
    two.google.delete_as_user(person_of(two, "Anita"))

    two.sync()

    assert (two.labels(), two.parked) == (["Ana Ruiz"], {})


def test_delete_of_one_of_a_family_with_one_phone_is_a_delete(two: ContactWorld) -> None:
    for name in ("Ana", "Anita"):
        two.google.edit_as_user(person_of(two, name), phoneNumbers=[mail("910 000 001")])
    two.google.edit_as_user(person_of(two, "Anita"), names=named("Luis"))
    two.sync()
    two.google.edit_as_user(person_of(two, "Ana"), organizations=[{"title": "Gerente"}])
    two.google.delete_as_user(person_of(two, "Luis"))

    two.sync()

    assert (two.labels(), two.parked) == (["Ana Ruiz"], {})


# --- what lists tell late ---


@pytest.mark.parametrize("written", ["Ana Ruiz", "Anita Ruiz"])
def test_merge_of_who_was_written_a_moment_ago_waits_as_well(two: ContactWorld, written: str) -> None:
    two.crm.edit(crm_id_of(two, written), title="Gerente")
    two.sync()
    merge(two)

    two.wait(minutes=-10)
    two.sync()
    two.sync()

    wait_for_the_user(two)


@pytest.mark.parametrize("is_token_lost", [True, False])
def test_merge_whose_edit_is_listed_before_its_delete_waits_as_well(
    two: ContactWorld, *, is_token_lost: bool
) -> None:
    two.google.lists_lag = True
    merge(two)
    two.google._log.append(two.google._waiting.pop(0))
    if is_token_lost:
        two.google.expire_sync_tokens()
    two.sync()
    two.google.catch_up()

    wait_for_the_user(two)


def test_merge_of_a_merged_person_waits_as_well(two: ContactWorld) -> None:
    luz = two.google.create_as_user(names=named("Luz"), emailAddresses=[mail("luz@casa.example")])
    two.sync()
    ana = merge(two)
    two.sync()
    two.crm.edit(crm_id_of(two, "Anita Ruiz"), title="New")
    two.sync()
    mails = [mail(address) for address in ("luz@casa.example", ANA, ANITA)]
    two.google.edit_as_user(luz["resourceName"], emailAddresses=mails)
    two.google.delete_as_user(ana)

    for _ in range(3):
        two.sync()

    assert two.labels() == ["Ana Ruiz", "Anita Ruiz", "Luz Ruiz"]
    assert set(two.parked) == {("google", ana), ("google", luz["resourceName"])}


def test_double_that_was_made_a_moment_ago_is_not_taken_for_gone(two: ContactWorld) -> None:
    """Whoever is asked for right after a write may not be there yet."""
    two.crm.add(firstname="Ana", email=ANA)
    two.sync()
    two.google.delete_as_user(person_of(two, "Ana"))
    two.google.fail("get", NotFoundError("not yet"), times=9)

    two.wait(minutes=-10)
    two.sync()

    assert two.labels().count("Ana Ruiz") >= 1
    assert all(link.google_id in two.google.alive for link in two.live_links if link.pushed_utc)
