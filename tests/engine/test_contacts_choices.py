"""What users choose for their contacts: a label, a direction; whom they are asked about; and what they are told of it."""

from __future__ import annotations

import json

import pytest

from plugin.bootstrap import SqlReviews
from plugin.bootstrap.calendars import choose_label
from plugin.core.model import Direction
from plugin.sync.views import ALL_CONTACTS, SettingsOutcome
from tests.engine.test_contacts_both_ways import WELL, both_sides, ended_well, typed
from tests.installed_contacts import ContactsInstalled


def quiet(contacts: ContactsInstalled) -> bool:
    run = contacts.sync()
    return ended_well(run) == WELL and run.crm.is_nothing and run.google.is_nothing


# --- label ---


def make_label(contacts: ContactsInstalled, name: str = "Clientes") -> str:
    made = contacts.google.control("POST", "edit-group", {"email": contacts.email, "label": name})
    return str(made["resourceName"])


def put_under(
    contacts: ContactsInstalled, label: str, add: list[str] | None = None, remove: list[str] | None = None
) -> None:
    body = {"email": contacts.email, "resource_name": label, "add": add or [], "remove": remove or []}
    contacts.google.control("POST", "edit-group", body)


def labels_of(person: dict[str, list[dict[str, dict[str, str]]]]) -> set[str]:
    return {m["contactGroupMembership"]["contactGroupResourceName"] for m in person["memberships"]}


@pytest.fixture
def labelled(contacts: ContactsInstalled) -> tuple[ContactsInstalled, str]:
    """Ana is under the label, Cloe isn't, Blas is the CRM's; the label is chosen."""
    label = make_label(contacts)
    put_under(contacts, label, [contacts.add_person("Ana", "Ruiz")])
    contacts.add_person("Cloe", "Gil")
    contacts.add_contact("Peña", "Blas", phone="910")
    outcome = choose_label(contacts.installed.parts).choose(contacts.pair_id, label)
    assert outcome is SettingsOutcome.KEPT
    return contacts, label


def test_contact_who_is_in_google_without_the_label_waits_until_it_has_it(
    labelled: tuple[ContactsInstalled, str],
) -> None:
    contacts, label = labelled
    contacts.sync()
    cloe = contacts.person("Cloe", "Gil")["resourceName"]
    contacts.edit_person(cloe, emailAddresses=[{"value": "cloe@casa.example"}])
    contacts.sync()
    contacts.add_contact("Gil", "Cloe", email="cloe@casa.example")

    contacts.sync()
    assert quiet(contacts)
    assert [p["resourceName"] for p in contacts.people().values() if "Cloe" in str(p["names"])] == [cloe]

    put_under(contacts, label, [cloe])
    contacts.sync()
    assert quiet(contacts)
    assert set(contacts.contacts()) == {"Ana Ruiz", "Blas Peña", "Cloe Gil"}
    assert not contacts.installed.rows("SELECT * FROM gsync_parked")


def test_only_who_is_under_the_label_comes_and_new_ones_get_it(
    labelled: tuple[ContactsInstalled, str],
) -> None:
    contacts, label = labelled

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert (run.crm.created, run.google.created) == (1, 1)
    assert set(contacts.contacts()) == {"Ana Ruiz", "Blas Peña"}
    assert labels_of(contacts.person("Blas", "Peña")) == {label, "contactGroups/myContacts"}
    assert quiet(contacts)


def test_leaving_the_label_deletes_nobody_and_coming_back_goes_on(
    labelled: tuple[ContactsInstalled, str],
) -> None:
    contacts, label = labelled
    contacts.sync()
    ana = contacts.person("Ana", "Ruiz")["resourceName"]
    put_under(contacts, label, remove=[ana])

    left = contacts.sync()
    assert (left.crm.deleted, left.google.is_nothing) == (0, True)
    assert set(contacts.contacts()) == {"Ana Ruiz", "Blas Peña"}
    contacts.edit_person(ana, phoneNumbers=[{"type": "mobile", "value": "601"}])
    assert quiet(contacts)
    contacts.edit_contact(contacts.contacts()["Ana Ruiz"]["contactid"], email="a@x.example")
    assert quiet(contacts)
    assert typed(contacts.people()[ana], "emailAddresses") == {}

    put_under(contacts, label, [ana])
    back = [contacts.sync(), contacts.sync()]

    assert all(run.crm.created == run.google.created == 0 for run in back)
    assert contacts.contacts()["Ana Ruiz"]["mobile"] == "601"
    assert len(contacts.contacts()) == 2 and len(contacts.people()) == 3
    assert quiet(contacts)


def test_widening_to_all_contacts_brings_the_others_and_doubles_nobody(
    labelled: tuple[ContactsInstalled, str],
) -> None:
    contacts, _ = labelled
    contacts.sync()
    choose_label(contacts.installed.parts).choose(contacts.pair_id, ALL_CONTACTS)

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert (run.crm.created, run.google.is_nothing) == (1, True)
    assert set(contacts.contacts()) == {"Ana Ruiz", "Blas Peña", "Cloe Gil"}
    assert quiet(contacts)


# --- direction ---


def test_from_google_only_leaves_google_as_it_is(contacts: ContactsInstalled) -> None:
    contacts.prefer(direction=Direction.GOOGLE_TO_CRM)
    contacts.add_person("Ana", "Ruiz", phoneNumbers=[{"type": "mobile", "value": "600"}])
    crm_id = contacts.add_contact("Peña", "Blas")
    google = contacts.people()
    assert contacts.sync().crm.created == 1
    ana = contacts.contacts()["Ana Ruiz"]["contactid"]
    contacts.edit_contact(ana, mobile="999")
    contacts.delete_contact(crm_id)

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert run.google.is_nothing and contacts.people() == google


def test_from_the_crm_only_leaves_the_crm_as_it_is(contacts: ContactsInstalled) -> None:
    contacts.prefer(direction=Direction.CRM_TO_GOOGLE)
    contacts.add_person("Ana", "Ruiz")
    crm_id = contacts.add_contact("Peña", "Blas", phone="910")
    assert contacts.sync().google.created == 1
    blas = contacts.person("Blas", "Peña")["resourceName"]
    contacts.edit_person(blas, emailAddresses=[{"type": "home", "value": "b@x.example"}])
    contacts.edit_contact(crm_id, phone="911")

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert run.crm.is_nothing and run.google.updated == 1
    assert set(contacts.contacts()) == {"Blas Peña"}
    assert typed(contacts.people()[blas], "phoneNumbers") == {"work": "911"}


# --- first contact ---


def test_who_is_on_both_sides_is_linked_and_their_differences_meet(contacts: ContactsInstalled) -> None:
    contacts.add_contact("Ruiz", "Ana", email="ana@x.example", phone="910")
    google_id = contacts.add_person(
        "Ana", "Ruiz",
        emailAddresses=[{"type": "other", "value": "ANA@x.example"}], phoneNumbers=[{"type": "mobile", "value": "600"}],
    )  # fmt: skip

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert run.crm.created == run.google.created == 0
    row = contacts.contacts()["Ana Ruiz"]
    assert (row["mobile"], row["phone"]) == ("600", "910")
    assert typed(contacts.people()[google_id], "phoneNumbers") == {"mobile": "600", "work": "910"}
    assert quiet(contacts)


def test_who_was_entered_on_both_sides_later_is_one_person(contacts: ContactsInstalled) -> None:
    both_sides(contacts)
    contacts.add_contact("Gil", "Cloe", email="cloe@x.example")
    contacts.add_person("Cloe", "Gil", emailAddresses=[{"type": "home", "value": "cloe@x.example"}])

    run = contacts.sync()

    assert run.crm.created == run.google.created == 0
    assert len(contacts.links()) == 3
    assert quiet(contacts)


def ambiguous(contacts: ContactsInstalled) -> tuple[list[int], str]:
    """Two contacts of one name and mailbox in the CRM, one such person in Google."""
    crm_ids = [contacts.add_contact("Ruiz", first, email="ruiz@x.example") for first in ("Ana", "Ana")]
    google_id = contacts.add_person(
        "Ana", "Ruiz", emailAddresses=[{"type": "home", "value": "ruiz@x.example"}]
    )
    return crm_ids, google_id


def test_who_may_be_several_is_left_alone_and_told(contacts: ContactsInstalled) -> None:
    crm_ids, google_id = ambiguous(contacts)

    runs = [contacts.sync(), contacts.sync()]

    assert all(ended_well(run) == WELL and run.crm.is_nothing and run.google.is_nothing for run in runs)
    assert [run.parked for run in runs] == [3, 3]
    listed = SqlReviews(contacts.installed.parts).parked(contacts.pair_id)
    assert {(item.side.value, item.item_id) for item in listed} == {
        ("google", google_id), *(("crm", str(crm_id)) for crm_id in crm_ids)
    }  # fmt: skip
    assert {item.subject for item in listed} == {"Ana Ruiz"}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en_US.UTF-8", "of one of the sides may be this person"),
        ("es_ES.UTF-8", "varios contactos de uno de los lados podrían ser esta persona"),
    ],
)
def test_doubt_is_told_in_the_reader_s_language(
    contacts: ContactsInstalled, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    ambiguous(contacts)
    contacts.sync()
    monkeypatch.setenv("LANG", language)

    told = command(contacts, "parked", "--user", "lucia", "--module", "Contacts")

    assert told.count("Ana Ruiz") == 3
    assert told.count(words) == 3


def command(contacts: ContactsInstalled, *arguments: str) -> str:
    done = contacts.installed.app.test_cli_runner().invoke(args=["google", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_deleting_the_double_decides_it(contacts: ContactsInstalled) -> None:
    crm_ids, _ = ambiguous(contacts)
    contacts.sync()
    contacts.delete_contact(crm_ids[0])

    run = contacts.sync()

    assert run.parked == 0
    assert [link["crm_id"] for link in contacts.links()] == [crm_ids[1]]
    assert quiet(contacts)


def test_telling_them_apart_on_one_side_frees_all_of_them(contacts: ContactsInstalled) -> None:
    _, google_id = ambiguous(contacts)
    contacts.sync()
    contacts.edit_person(
        google_id,
        names=[{"givenName": "Otra", "familyName": "Distinta"}],
        emailAddresses=[{"type": "home", "value": "otra@x.example"}],
    )

    runs = [contacts.sync(), contacts.sync()]

    assert sum(run.crm.created for run in runs) == 1
    assert sum(run.google.created for run in runs) == 2
    assert runs[-1].parked == 0
    assert len(contacts.people()) == 3
    assert quiet(contacts)


# --- what would be done ---


def test_plan_tells_each_record_and_writes_nothing(contacts: ContactsInstalled) -> None:
    both_sides(contacts)
    contacts.add_person("Cloe", "Ñ" * 90)
    contacts.add_contact("Gil", "Dora")
    contacts.edit_contact(contacts.contacts()["Ana Ruiz"]["contactid"], phone="1")
    before, people = contacts.contacts(), contacts.people()
    contacts.google.control("POST", "clock", {"advance_s": 960})
    contacts.installed.clock.advance(minutes=16)

    told = command(contacts, "sync", "--user", "lucia", "--module", "Contacts", "--plan")
    plan = json.loads(
        command(contacts, "sync", "--user", "lucia", "--module", "Contacts", "--plan", "--json")
    )

    assert {(c["action"], c["side"], c["subject"]) for c in plan["changes"]} == {
        ("create", "crm", f"Cloe {'Ñ' * 90}"), ("create", "google", "Dora Gil"), ("update", "google", "Ana Ruiz")
    }  # fmt: skip
    assert "Dora Gil" in told
    assert (contacts.contacts(), contacts.people()) == (before, people)
    run = contacts.sync()
    assert (run.crm.created, run.google.created, run.google.updated) == (1, 1, 1)
