"""What contacts have that isn't mapped stays byte for byte on both sides; what is mapped is stored as the CRM stores it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from demo.servers import MariaDb
from plugin.core.contact import Kind, Slot
from plugin.core.mapping.contact_mapping import DEFAULT_CHOICE
from tests.engine.test_contacts_both_ways import FULL, WELL, ended_well, typed
from tests.engine.test_crm_releases import AS_IN_6_4
from tests.installed import USER, install
from tests.installed_contacts import ContactsInstalled
from tests.simulated_google import SimulatedGoogle
from tests.snapshots import differences, snapshot

# The CRM's own field of an administrator's making.
CUSTOM_FIELD = (
    "ALTER TABLE vtiger_contactscf ADD COLUMN cf_853 VARCHAR(50)",
    "INSERT INTO vtiger_field (tabid, fieldid, columnname, tablename, uitype, fieldname, fieldlabel, readonly, presence)"
    " SELECT tabid, 851, 'cf_853', 'vtiger_contactscf', 1, 'cf_853', 'Apodo', 1, 2 FROM vtiger_tab"
    " WHERE name = 'Contacts'",
)
# What the CRM has no field for, or no second one.
FOREIGN: dict[str, Any] = {
    "nicknames": [{"value": "Carmina"}],
    "urls": [{"value": "https://ortega.example", "type": "blog"}],
    "relations": [{"person": "Uxía", "type": "sister"}],
    "events": [{"date": {"month": 6, "day": 1}, "type": "anniversary"}],
    "userDefined": [{"key": "Talla", "value": "M"}, {"key": "Color", "value": "azul"}],
    "imClients": [{"username": "carmina", "protocol": "xmpp", "type": "home"}],
    "clientData": [{"key": "otra-aplicacion", "value": "suyo"}],
}


@pytest.fixture
def each_mode(mariadb_each_mode: MariaDb, google: SimulatedGoogle) -> Iterator[ContactsInstalled]:
    with_plugin = install(mariadb_each_mode, google)
    yield ContactsInstalled(with_plugin)
    with_plugin.close()


@pytest.fixture
def with_custom_field(mariadb: MariaDb, google: SimulatedGoogle) -> Iterator[ContactsInstalled]:
    with_plugin = install(mariadb, google)
    with_plugin.alter(*CUSTOM_FIELD)
    yield ContactsInstalled(with_plugin)
    with_plugin.close()


@pytest.fixture
def as_in_6_4(mariadb_each_mode: MariaDb, google: SimulatedGoogle) -> Iterator[ContactsInstalled]:
    with_plugin = install(mariadb_each_mode, google)
    with_plugin.alter(*AS_IN_6_4)
    yield ContactsInstalled(with_plugin)
    with_plugin.close()


def rich_person(**more: Any) -> dict[str, Any]:
    body = copy.deepcopy(FULL) | copy.deepcopy(FOREIGN) | more
    body["names"][0] |= {"middleName": "María", "honorificSuffix": "PhD", "phoneticGivenName": "Kármen"}
    body["emailAddresses"] += [{"value": "tercera@x.example", "type": "other", "displayName": "Tercera"}]
    body["phoneNumbers"] += [{"value": "+34 955", "type": "homeFax"}, {"value": "+34 956", "type": "pager"}]
    body["addresses"] += [{"type": "other", "streetAddress": "Casa de la playa", "extendedAddress": "Ático"}]
    body["organizations"][0] |= {"jobDescription": "Todo", "symbol": "ACM"}
    body["organizations"] += [{"name": "Club de remo", "title": "Vocal"}]
    return body


def without(person: Mapping[str, Any], *fields: str) -> dict[str, Any]:
    """A person's own data, less some fields and what Google counts in."""
    return {name: value for name, value in person.items() if name not in {"etag", "metadata", *fields}}


def test_what_google_alone_has_survives_syncs_and_edits_of_the_crm_s(each_mode: ContactsInstalled) -> None:
    contacts = each_mode
    google_id = contacts.google.edit_person("create", body=rich_person())["resourceName"]
    before = contacts.people()[google_id]
    assert ended_well(contacts.sync()) == WELL
    assert contacts.people()[google_id] == before
    crm_id = contacts.contacts()["Carmen Ortega"]["contactid"]

    contacts.edit_contact(crm_id, phone="+34 1", title="Directora", mailingcity="Baeza", firstname="Carmela")
    run = contacts.sync()
    contacts.edit_contact(crm_id, email="nueva@x.example", description="Otra nota")
    runs = [run, contacts.sync(), contacts.sync()]

    assert [r.google.updated for r in runs] == [1, 1, 0]
    after = contacts.people()[google_id]
    written = ("names", "phoneNumbers", "organizations", "addresses", "emailAddresses", "biographies")
    assert without(after, *written) == without(before, *written)

    assert items(after, "phoneNumbers") == [
        "+34 1" if value == "+34 910 000 002" else value for value in items(before, "phoneNumbers")
    ]
    assert items(after, "emailAddresses") == [
        "nueva@x.example" if value == "carmen@casa.example" else value
        for value in items(before, "emailAddresses")
    ]
    name = after["names"][0]
    assert (name["givenName"], name["middleName"], name["honorificSuffix"], name["phoneticGivenName"]) == (
        "Carmela", "María", "PhD", "Kármen",
    )  # fmt: skip
    job, club = after["organizations"]
    assert (job["title"], job["name"], job["department"], job["jobDescription"], job["symbol"]) == (
        "Directora", "ACME", "Ventas", "Todo", "ACM",
    )  # fmt: skip
    assert (club["name"], club["title"]) == ("Club de remo", "Vocal")
    assert [a.get("extendedAddress") for a in after["addresses"]] == [None, None, "Ático"]
    assert [a["city"] for a in after["addresses"][:2]] == ["Baeza", "Madrid"]


def items(person: Mapping[str, Any], field: str) -> list[str]:
    return [item["value"] for item in person[field]]


def test_what_the_crm_alone_has_survives_syncs_and_edits_of_google_s(each_mode: ContactsInstalled) -> None:
    contacts = each_mode
    crm_id = contacts.add_contact("Ruiz", "Ana", phone="910", email="ana@x.example")
    for sql in (
        "UPDATE vtiger_contactdetails SET department = 'Compras', fax = '955', emailoptout = '1', donotcall = '1'"
        " WHERE contactid = :id",
        "UPDATE vtiger_contactsubdetails SET leadsource = 'Feria', assistant = 'Blas', otherphone = '9'"
        " WHERE contactsubscriptionid = :id",
        "UPDATE vtiger_customerdetails SET portal = '1', support_start_date = '2027-01-01' WHERE customerid = :id",
        "INSERT INTO vtiger_portalinfo (id, user_name, isactive) VALUES (:id, 'ana', 1)",
    ):
        contacts.installed.execute(sql, id=crm_id)
    before = snapshot(contacts.installed)
    assert contacts.sync().google.created == 1
    assert differences(before, snapshot(contacts.installed)) == {}

    google_id = contacts.person("Ana", "Ruiz")["resourceName"]
    contacts.edit_person(google_id, phoneNumbers=[{"value": "911", "type": "work"}])
    run = contacts.sync()

    assert (run.crm.updated, run.google.is_nothing) == (1, True)
    changes = differences(before, snapshot(contacts.installed))
    assert changes.pop("vtiger_contactdetails").changed == {crm_id: {"phone": ("910", "911")}}
    entity = changes.pop("vtiger_crmentity").changed[crm_id]
    assert set(entity) <= {"modifiedtime", "modifiedby"}
    lookup = changes.pop("vtiger_pbxmanager_phonelookup", None)
    assert lookup is not None
    assert {name for name in changes if not name.startswith("vtiger_modtracker")} == set()


def test_new_contact_has_all_rows_that_the_crm_writes(each_mode: ContactsInstalled) -> None:
    contacts = each_mode
    contacts.google.edit_person("create", body=FULL)
    before = snapshot(contacts.installed)
    assert ended_well(contacts.sync()) == WELL

    changes = differences(before, snapshot(contacts.installed))
    added = {name: len(change.added) for name, change in changes.items() if not name.endswith("_seq")}
    assert {name: count for name, count in added.items() if count} == {
        "vtiger_crmentity": 1, "vtiger_contactdetails": 1, "vtiger_contactsubdetails": 1, "vtiger_contactaddress": 1,
        "vtiger_contactscf": 1, "vtiger_customerdetails": 1, "vtiger_crmentity_user_field": 1,
        "vtiger_emailslookup": 2, "vtiger_pbxmanager_phonelookup": 3, "vtiger_modtracker_basic": 1,
        "vtiger_modtracker_detail": len(changes["vtiger_modtracker_detail"].added),
    }  # fmt: skip
    assert not any(change.removed for name, change in changes.items() if not name.endswith("_seq"))
    [number] = changes["vtiger_modentity_num"].changed.values()
    [details] = changes["vtiger_contactdetails"].added
    assert details["contact_no"] == f"CON{number['cur_id'][0]}"
    [entity] = changes["vtiger_crmentity"].added
    assert (entity["source"], entity["label"], entity["smownerid"]) == ("GOOGLE", "Carmen Ortega", USER)


def test_numbers_stay_unique_when_the_crm_s_counter_is_behind(contacts: ContactsInstalled) -> None:
    for number in range(3):
        contacts.add_contact(f"Del CRM {number}")
    contacts.installed.execute(
        "UPDATE vtiger_modentity_num SET cur_id = cur_id - 2 WHERE semodule = 'Contacts'"
    )
    for number in range(3):
        contacts.add_person(f"De Google {number}")

    assert contacts.sync().crm.created == 3

    given = [
        row["contact_no"] for row in contacts.installed.rows("SELECT contact_no FROM vtiger_contactdetails")
    ]
    assert len(set(given)) == len(given)


def test_organisation_is_linked_to_the_account_of_its_name(contacts: ContactsInstalled) -> None:
    [account] = contacts.installed.rows(
        "SELECT accountid, accountname FROM vtiger_account WHERE accountname LIKE 'Talleres%'"
    )
    contacts.add_person("Ana", "Ruiz", organizations=[{"name": account["accountname"].upper()}])
    contacts.add_person("Blas", "Peña", organizations=[{"name": "Nadie la conoce"}])
    google = contacts.people()

    runs = [contacts.sync(), contacts.sync()]

    assert [run.crm.created for run in runs] == [2, 0]
    found = contacts.contacts()
    assert found["Ana Ruiz"]["accountname"] == account["accountname"]
    assert found["Blas Peña"]["accountname"] is None
    assert contacts.people() == google
    accounts = contacts.installed.rows("SELECT accountid FROM vtiger_account")

    contacts.prefer(creates_accounts=True)
    contacts.add_person("Cloe", "Gil", organizations=[{"name": "Nueva S.L."}])
    assert contacts.sync().crm.created == 1
    assert contacts.contacts()["Cloe Gil"]["accountname"] == "Nueva S.L."
    assert len(contacts.installed.rows("SELECT accountid FROM vtiger_account")) == len(accounts) + 1


def test_organisation_chosen_in_the_crm_reaches_google(contacts: ContactsInstalled) -> None:
    [account] = contacts.installed.rows(
        "SELECT accountid, accountname FROM vtiger_account WHERE accountname LIKE 'Talleres%'"
    )
    crm_id = contacts.add_contact("Ruiz", "Ana", accountid=account["accountid"])
    contacts.sync()
    assert contacts.person("Ana", "Ruiz")["organizations"][0]["name"] == account["accountname"]

    contacts.edit_contact(crm_id, accountid=0)
    assert contacts.sync().google.updated == 1
    assert contacts.person("Ana", "Ruiz").get("organizations", []) == []


def test_custom_field_of_the_crm_s_goes_both_ways(with_custom_field: ContactsInstalled) -> None:
    contacts = with_custom_field
    contacts.prefer(field_choice=(*DEFAULT_CHOICE, Slot("cf_853", Kind.CUSTOM, "Apodo")))
    google_id = contacts.add_person(
        "Ana", "Ruiz", userDefined=[{"key": "Talla", "value": "M"}, {"key": "Apodo", "value": "Anita"}]
    )
    assert contacts.sync().crm.created == 1
    row = contacts.contacts()["Ana Ruiz"]
    assert row["cf_853"] == "Anita"

    contacts.installed.execute(
        "UPDATE vtiger_contactscf SET cf_853 = 'Nita' WHERE contactid = :id", id=row["contactid"]
    )
    contacts.touch(row["contactid"])
    assert contacts.sync().google.updated == 1
    told = {item["key"]: item["value"] for item in contacts.people()[google_id]["userDefined"]}
    assert told == {"Talla": "M", "Apodo": "Nita"}


def test_type_without_a_field_fills_the_free_one_and_keeps_its_type(contacts: ContactsInstalled) -> None:
    google_id = contacts.add_person("Ana", "Ruiz", emailAddresses=[{"value": "a@x.example", "type": "other"}])
    assert contacts.sync().crm.created == 1
    row = contacts.contacts()["Ana Ruiz"]
    assert row["email"] == "a@x.example"

    contacts.edit_contact(row["contactid"], email="b@x.example")
    runs = [contacts.sync(), contacts.sync()]

    assert [run.google.updated for run in runs] == [1, 0]
    assert typed(contacts.people()[google_id], "emailAddresses") == {"other": "b@x.example"}


def test_birthday_without_a_year_stays_in_google(contacts: ContactsInstalled) -> None:
    google_id = contacts.add_person("Ana", "Ruiz", birthdays=[{"date": {"month": 2, "day": 29}}])
    before = contacts.people()
    contacts.sync()
    row = contacts.contacts()["Ana Ruiz"]
    assert row["birthday"] is None
    assert contacts.people() == before

    contacts.edit_contact(row["contactid"], phone="1")
    assert contacts.sync().google.updated == 1
    [birthday] = contacts.people()[google_id]["birthdays"]
    assert birthday["date"] == {"month": 2, "day": 29}


def test_value_that_does_not_fit_is_cut_told_and_whole_in_google(each_mode: ContactsInstalled) -> None:
    contacts = each_mode
    long_name = "Ñ" * 100
    google_id = contacts.add_person("Ana", long_name, biographies=[{"value": "café 😀"}])

    run = contacts.sync()

    assert ended_well(run) == WELL
    assert (run.crm.created, run.cut) == (1, 1)
    [row] = contacts.contacts().values()
    assert row["lastname"] == "Ñ" * 80
    before = contacts.people()[google_id]
    contacts.edit_contact(row["contactid"], phone="1")
    assert contacts.sync().google.updated == 1
    after = contacts.people()[google_id]
    assert without(after, "phoneNumbers") == without(before, "phoneNumbers")


def test_old_release_takes_in_creates_edits_and_deletes(as_in_6_4: ContactsInstalled) -> None:
    contacts = as_in_6_4
    google_id = contacts.google.edit_person("create", body=FULL)["resourceName"]
    contacts.installed.execute(
        "UPDATE vtiger_contactdetails d JOIN vtiger_crmentity e ON e.crmid = d.contactid SET e.smownerid = :user,"
        " d.phone = '77' WHERE d.firstname = 'Blas'",
        user=USER,
    )

    first = contacts.sync()
    assert ended_well(first) == WELL
    assert (first.crm.created, first.google.created) == (1, 1)
    contacts.edit_person(google_id, phoneNumbers=[{"type": "work", "value": "5"}])
    crm_id = contacts.contacts()["Blas Bisiesto"]["contactid"]
    contacts.installed.execute(
        "UPDATE vtiger_contactdetails SET phone = '78' WHERE contactid = :id", id=crm_id
    )
    contacts.touch(crm_id)
    second = contacts.sync()
    assert (second.crm.updated, second.google.updated) == (1, 1)
    assert contacts.contacts()["Carmen Ortega"]["phone"] == "5"
    assert typed(contacts.person("Blas", "Bisiesto"), "phoneNumbers") == {"work": "78"}
    contacts.delete_person(google_id)
    third = contacts.sync()
    assert third.crm.deleted == 1
    assert set(contacts.contacts()) == {"Blas Bisiesto"}
