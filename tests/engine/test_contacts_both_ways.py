"""Contacts on real parts: whoever is on one side comes to the other, with edits and deletes, once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from plugin.sync.views import RunStatus
from tests.installed_contacts import ContactsInstalled

# Google's own words for what the default mapping has.
FULL: dict[str, Any] = {
    "names": [{"honorificPrefix": "Ms.", "givenName": "Carmen", "familyName": "Ortega"}],
    "organizations": [{"name": "ACME", "title": "Gerente", "department": "Ventas"}],
    "birthdays": [{"date": {"year": 1975, "month": 5, "day": 17}}],
    "biographies": [{"value": "Llamar por la tarde"}],
    "emailAddresses": [
        {"value": "carmen@casa.example", "type": "home"},
        {"value": "carmen@acme.example", "type": "work"},
    ],
    "phoneNumbers": [
        {"value": "+34 600 000 001", "type": "mobile"},
        {"value": "+34 910 000 002", "type": "work"},
        {"value": "+34 910 000 003", "type": "home"},
    ],
    "addresses": [
        {
            "type": "home", "streetAddress": "Sol 1", "poBox": "Apdo. 3", "city": "Úbeda", "region": "Jaén",
            "postalCode": "23400", "country": "España",
        },
        {
            "type": "work", "streetAddress": "Gran Vía 5", "city": "Madrid", "region": "Madrid",
            "postalCode": "28013", "country": "España",
        },
    ],
}  # fmt: skip


def ended_well(run: Any) -> tuple[Any, str]:
    return run.status, run.error_code


WELL = (RunStatus.DONE, "")


def test_person_of_google_s_becomes_a_contact_with_every_field(contacts: ContactsInstalled) -> None:
    contacts.google.edit_person("create", body=FULL)

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert (run.crm.created, run.google.created, run.google.updated) == (1, 0, 0)
    row = contacts.contacts()["Carmen Ortega"]
    assert (row["salutation"], row["title"], row["description"]) == ("Ms.", "Gerente", "Llamar por la tarde")
    assert (row["email"], row["secondaryemail"]) == ("carmen@casa.example", "carmen@acme.example")
    assert (row["mobile"], row["phone"], row["homephone"]) == (
        "+34 600 000 001", "+34 910 000 002", "+34 910 000 003",
    )  # fmt: skip
    assert row["birthday"] == date(1975, 5, 17)
    assert [row[f"mailing{part}"] for part in ("street", "pobox", "city", "state", "zip", "country")] == [
        "Sol 1", "Apdo. 3", "Úbeda", "Jaén", "23400", "España",
    ]  # fmt: skip
    assert [row[f"other{part}"] for part in ("street", "city", "zip")] == ["Gran Vía 5", "Madrid", "28013"]


def test_contact_of_the_crm_s_becomes_a_person_with_every_field(contacts: ContactsInstalled) -> None:
    crm_id = contacts.add_contact(
        "Ruiz", "Ana", salutation="Ms.", title="Gerente", email="ana@casa.example", phone="+34 910 000 002",
        mobile="+34 600 000 001", homephone="+34 910 000 003", birthday=date(1980, 2, 29), mailingstreet="Sol 1",
        mailingcity="Úbeda", mailingzip="23400", mailingcountry="España", description="Viene los martes",
    )  # fmt: skip
    contacts.installed.execute(
        "UPDATE vtiger_contactdetails SET secondaryemail = 'ana@acme.example' WHERE contactid = :id",
        id=crm_id,
    )
    contacts.installed.execute(
        "UPDATE vtiger_contactaddress SET otherstreet = 'Gran Vía 5', othercity = 'Madrid'"
        " WHERE contactaddressid = :id",
        id=crm_id,
    )

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert (run.crm.created, run.google.created) == (0, 1)
    person = contacts.person("Ana", "Ruiz")
    assert person["names"][0]["honorificPrefix"] == "Ms."
    assert person["organizations"][0]["title"] == "Gerente"
    assert typed(person, "emailAddresses") == {"home": "ana@casa.example", "work": "ana@acme.example"}
    assert typed(person, "phoneNumbers") == {
        "mobile": "+34 600 000 001", "work": "+34 910 000 002", "home": "+34 910 000 003",
    }  # fmt: skip
    assert person["birthdays"][0]["date"] == {"year": 1980, "month": 2, "day": 29}
    assert person["biographies"][0]["value"] == "Viene los martes"
    home, work = sorted(person["addresses"], key=lambda item: str(item["type"]))
    assert (home["streetAddress"], home["city"], home["postalCode"]) == ("Sol 1", "Úbeda", "23400")
    assert (work["streetAddress"], work["city"]) == ("Gran Vía 5", "Madrid")


def typed(person: dict[str, Any], field: str) -> dict[str, str]:
    return {item["type"]: item["value"] for item in person.get(field, ())}


def both_sides(contacts: ContactsInstalled) -> tuple[str, int]:
    """Ana from Google and Blas from the CRM, synced and at rest."""
    google_id = contacts.add_person("Ana", "Ruiz", phoneNumbers=[{"type": "mobile", "value": "600"}])
    crm_id = contacts.add_contact("Peña", "Blas", phone="910")
    first = contacts.sync()
    assert (first.crm.created, first.google.created) == (1, 1)
    return google_id, crm_id


def test_further_runs_do_nothing(contacts: ContactsInstalled) -> None:
    both_sides(contacts)
    before = contacts.people()

    runs = [contacts.sync() for _ in range(3)]

    assert all(ended_well(run) == WELL and run.crm.is_nothing and run.google.is_nothing for run in runs)
    assert all(run.crm.skipped == run.google.skipped == run.parked == 0 for run in runs)
    assert set(contacts.contacts()) == {"Ana Ruiz", "Blas Peña"}
    assert contacts.people() == before
    assert contacts.waiting() == {"gsync_inbox": 0, "gsync_intents": 0, "gsync_parked": 0}


def test_edits_of_both_sides_meet(contacts: ContactsInstalled) -> None:
    google_id, crm_id = both_sides(contacts)
    ana = contacts.contacts()["Ana Ruiz"]["contactid"]
    blas = contacts.person("Blas", "Peña")["resourceName"]
    contacts.edit_person(google_id, phoneNumbers=[{"type": "mobile", "value": "601"}])
    contacts.edit_contact(crm_id, phone="911")
    # of one contact, different fields on each side
    contacts.edit_contact(ana, email="ana@x.example")
    contacts.edit_person(blas, emailAddresses=[{"type": "home", "value": "blas@x.example"}])

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert (run.crm.updated, run.google.updated) == (2, 2)
    found = contacts.contacts()
    assert (found["Ana Ruiz"]["mobile"], found["Ana Ruiz"]["email"]) == ("601", "ana@x.example")
    assert (found["Blas Peña"]["phone"], found["Blas Peña"]["email"]) == ("911", "blas@x.example")
    assert typed(contacts.people()[google_id], "emailAddresses") == {"home": "ana@x.example"}
    assert typed(contacts.people()[google_id], "phoneNumbers") == {"mobile": "601"}
    assert typed(contacts.people()[blas], "phoneNumbers") == {"work": "911"}
    quiet = contacts.sync()
    assert quiet.crm.is_nothing and quiet.google.is_nothing


def test_cleared_values_are_cleared_on_the_other_side(contacts: ContactsInstalled) -> None:
    google_id, crm_id = both_sides(contacts)
    contacts.edit_person(google_id, phoneNumbers=[])
    contacts.edit_contact(crm_id, phone="")

    run = contacts.sync()

    assert (run.crm.updated, run.google.updated) == (1, 1)
    assert contacts.contacts()["Ana Ruiz"]["mobile"] in ("", None)
    assert contacts.person("Blas", "Peña").get("phoneNumbers", []) == []


def test_deletes_of_both_sides_arrive(contacts: ContactsInstalled) -> None:
    google_id, crm_id = both_sides(contacts)
    contacts.delete_person(google_id)
    contacts.delete_contact(crm_id)

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert (run.crm.deleted, run.google.deleted) == (1, 1)
    assert contacts.contacts() == {} and contacts.people() == {}
    quiet = contacts.sync()
    assert quiet.crm.is_nothing and quiet.google.is_nothing


@pytest.mark.parametrize("is_after_delete_arrived", [True, False])
def test_contact_restored_from_the_bin_is_a_person_again(
    contacts: ContactsInstalled, is_after_delete_arrived: bool
) -> None:
    both_sides(contacts)
    ana = contacts.contacts()["Ana Ruiz"]["contactid"]
    contacts.delete_contact(ana)
    if is_after_delete_arrived:
        assert contacts.sync().google.deleted == 1
    contacts.installed.execute("UPDATE vtiger_crmentity SET deleted = 0 WHERE crmid = :id", id=ana)
    contacts.touch(ana)

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert run.google.created == int(is_after_delete_arrived)
    assert typed(contacts.person("Ana", "Ruiz"), "phoneNumbers") == {"mobile": "600"}
    quiet = contacts.sync()
    assert quiet.crm.is_nothing and quiet.google.is_nothing


def test_edit_beats_a_delete_on_either_side(contacts: ContactsInstalled) -> None:
    google_id, crm_id = both_sides(contacts)
    ana = contacts.contacts()["Ana Ruiz"]["contactid"]
    blas = contacts.person("Blas", "Peña")["resourceName"]
    contacts.delete_person(google_id)
    contacts.edit_contact(ana, phone="1")
    contacts.delete_contact(crm_id)
    contacts.edit_person(blas, phoneNumbers=[{"type": "mobile", "value": "2"}])

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert set(contacts.contacts()) == {"Ana Ruiz", "Blas Peña"}
    assert typed(contacts.person("Ana", "Ruiz"), "phoneNumbers") == {"mobile": "600", "work": "1"}
    assert contacts.contacts()["Blas Peña"]["mobile"] == "2"
    quiet = contacts.sync()
    assert quiet.crm.is_nothing and quiet.google.is_nothing
