"""What contacts need of a CRM at hand: its counter, its fields, and the tables of other releases."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from demo.crm.contacts import next_record_number
from demo.servers import MariaDb
from plugin.core.errors import SchemaError
from plugin.core.mapping.contact_mapping import FieldKind
from plugin.crm.contact_numbers import reserve_numbers
from plugin.crm.contact_tables import MODULE, probe_contacts
from plugin.crm.legacy import read_field_mapping
from tests.contact_builders import a_contact_row
from tests.contract.contacts_rig import create, delete, record, update
from tests.real_contacts import RealContactsRig


@pytest.fixture
def rig(mariadb: MariaDb) -> Iterator[RealContactsRig]:
    with_database = RealContactsRig(mariadb)
    yield with_database
    with_database.close()


# --- numbers ---


def test_numbers_never_collide_with_those_that_the_crm_gives_meanwhile(rig: RealContactsRig) -> None:
    ours: list[str] = []
    theirs: list[str] = []

    def reserve() -> None:
        for _ in range(20):
            ours.extend(rig.reserve_numbers(MODULE, 3))

    def create_in_the_crm() -> None:
        for _ in range(40):
            with rig.engine.begin() as connection:
                theirs.append(next_record_number(rig.crm.saving(connection), "Contacts"))

    threads = [threading.Thread(target=act) for act in (reserve, create_in_the_crm, reserve)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({*ours, *theirs}) == 160


def test_counter_keeps_its_leading_zeros_and_passes_over_numbers_in_use(rig: RealContactsRig) -> None:
    crm_id = rig.crm.add()
    counter = "UPDATE vtiger_modentity_num SET cur_id = :cur, prefix = :prefix WHERE semodule = 'Contacts'"
    rig.execute("UPDATE vtiger_contactdetails SET contact_no = 'C-0010' WHERE contactid = :id", id=crm_id)
    rig.execute(counter, cur="0009", prefix="C-")
    try:
        assert rig.reserve_numbers(MODULE, 3) == ["C-0009", "C-0011", "C-0012"]
        assert rig.reserve_numbers(MODULE, 0) == []
        [kept] = rig.rows("SELECT cur_id FROM vtiger_modentity_num WHERE semodule = 'Contacts'")
        assert kept["cur_id"] == "0013"
    finally:
        rig.execute(counter, cur="20", prefix="CON")


def test_module_without_a_counter_gets_numbers_of_its_records(rig: RealContactsRig) -> None:
    assert reserve_numbers(rig.engine, "Nothing", 2) == []
    rig.execute("UPDATE vtiger_modentity_num SET active = '0' WHERE semodule = 'Contacts'")
    try:
        crm_id = create(rig)
    finally:
        rig.execute("UPDATE vtiger_modentity_num SET active = '1' WHERE semodule = 'Contacts'")

    [row] = rig.rows("SELECT contact_no FROM vtiger_contactdetails WHERE contactid = :id", id=crm_id)
    assert row["contact_no"] == f"CON{crm_id}"


# --- what the probe finds ---


def test_fields_are_known_by_where_and_how_they_are_stored(rig: RealContactsRig) -> None:
    email, birthday, note = (rig.fields[name] for name in ("email", "birthday", "description"))

    assert (email.table, email.column, email.kind, email.chars) == (
        "vtiger_contactdetails", "email", FieldKind.EMAIL, 100,
    )  # fmt: skip
    assert (birthday.kind, birthday.chars, note.octets) == (FieldKind.OTHER, 0, 16_777_215)
    assert (rig.fields["account_id"].chars, rig.fields["cf_855"].kind) == (100, FieldKind.URL)
    salutation = rig.fields["salutationtype"]
    assert (salutation.column, salutation.choices) == ("salutation", ("Mr.", "Ms.", "Mrs.", "Dr.", "Prof."))
    assert email.has_only_bmp
    assert "assigned_user_id" not in rig.fields and "contact_no" in rig.fields
    assert rig.contacts.tracked == {"Contacts", "Accounts"}


def test_field_that_an_administrator_hid_or_removed_is_not_there(rig: RealContactsRig) -> None:
    hide = "UPDATE vtiger_field SET presence = :presence WHERE fieldname = 'cf_853'"
    rig.execute(hide, presence=1)
    try:
        assert "cf_853" not in probe_contacts(rig.engine).fields
    finally:
        rig.execute(hide, presence=2)
    assert "cf_853" in probe_contacts(rig.engine).fields


# --- what the old module left ---


def test_old_module_s_contacts_are_known_by_the_ids_that_google_still_has(rig: RealContactsRig) -> None:
    crm_id = create(rig)
    for sql in (
        "INSERT INTO vtiger_wsapp (appid, name, appkey, type) VALUES (77, 'Google_vtigerSyncHandler', 'k77', 'user')",
        "INSERT INTO vtiger_wsapp_sync_state (name, stateencodedvalues, userid)"
        """ VALUES ('Vtiger_GoogleContacts', '{"synctrackerid":"k77"}', 5)""",
        "INSERT INTO vtiger_wsapp_recordmapping (serverid, clientid, appid)"
        f" VALUES ('12x{crm_id}', 'http://www.google.com/m8/feeds/contacts/a%40x/base/1a2b', 77)",
    ):
        rig.execute(sql)
    try:
        with rig.unit_of_work() as uow:
            assert uow.crm.read_legacy_mapping() == {"1a2b": crm_id}
    finally:
        for table in ("vtiger_wsapp", "vtiger_wsapp_sync_state", "vtiger_wsapp_recordmapping"):
            rig.execute(f"DELETE FROM {table}")


def test_old_module_s_field_mapping_of_a_user_is_read(rig: RealContactsRig) -> None:
    insert = "INSERT INTO vtiger_google_sync_fieldmapping VALUES ('fax', 'gd:phoneNumber', 'work_fax', :label, :user)"
    rig.execute(insert, user=5, label=None)
    rig.execute(insert, user=6, label="x")
    try:
        with rig.engine.connect() as connection:
            assert read_field_mapping(connection, 5) == [("fax", "gd:phoneNumber", "work_fax", "")]
    finally:
        rig.execute("DELETE FROM vtiger_google_sync_fieldmapping")


# What 6.4 lacks of 8.0 (facts §9), as far as a sync of contacts could stumble over it.
AS_IN_6_4 = (
    "DROP TABLE vtiger_crmentity_user_field",
    "DROP TABLE vtiger_emailslookup",
    "DROP TABLE vtiger_pbxmanager_phonelookup",
    "DROP TABLE vtiger_google_sync_fieldmapping",
    "DROP TABLE vtiger_salutationtype",
    "ALTER TABLE vtiger_crmentity DROP COLUMN smgroupid, DROP COLUMN source, MODIFY description TEXT",
)


class OldRig(RealContactsRig):
    """A CRM 6.4, in a database that is made anew each time: its tables are altered."""

    database = "crm_contact_stores_6_4"


def test_old_release_takes_in_edits_deletes_and_restores(mariadb_each_mode: MariaDb) -> None:
    mariadb_each_mode.execute(f"DROP DATABASE IF EXISTS {OldRig.database}")
    rig = OldRig(mariadb_each_mode)
    for statement in AS_IN_6_4:
        rig.execute(statement)
    rig.look_again()
    with rig.engine.connect() as connection:
        assert read_field_mapping(connection, 5) == []
    crm_id = create(rig, email="a@x", mobile="600")
    update(rig, crm_id, email="b@x", description="x")
    delete(rig, crm_id)
    with rig.unit_of_work() as uow:
        uow.crm.revive([a_contact_row(crm_id, lastname="Gil")], rig.clock())
        uow.commit()

    assert record(rig, crm_id).row == a_contact_row(crm_id, lastname="Gil")
    [entity] = rig.rows("SELECT label FROM vtiger_crmentity WHERE crmid = :id", id=crm_id)
    assert entity["label"] == "Ana Gil" and rig.contacts.fields["description"].octets == 65_535
    rig.close()


@pytest.mark.parametrize(
    "statement", ["DROP TABLE vtiger_contactscf", "ALTER TABLE vtiger_contactscf ENGINE = MyISAM"]
)
def test_database_that_can_t_be_worked_with_is_refused(mariadb: MariaDb, statement: str) -> None:
    mariadb.execute(f"DROP DATABASE IF EXISTS {OldRig.database}")
    rig = OldRig(mariadb)
    rig.execute(statement)

    with pytest.raises(SchemaError, match="vtiger_contactscf"):
        rig.look_again()
    rig.close()
