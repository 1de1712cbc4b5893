"""The CRM's contact tables on MariaDB keep the contract, in both SQL modes; and what only a real database can show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa

from demo.servers import MariaDb
from tests.builders import USER_ID
from tests.contact_builders import a_contact_row
from tests.contract.contacts_contract import ContactsContract
from tests.contract.contacts_rig import create, delete, full_row, record, refuse_too_long, update
from tests.contract.transfers_contract import TransfersContract
from tests.installed import Installed
from tests.real_contacts import RealContactsRig, without_history
from tests.snapshots import TableChange, differences, snapshot

HISTORY = ["vtiger_modtracker_basic", "vtiger_modtracker_basic_seq", "vtiger_modtracker_detail"]


@pytest.fixture
def rig(mariadb_each_mode: MariaDb) -> Iterator[RealContactsRig]:
    with_database = RealContactsRig(mariadb_each_mode)
    yield with_database
    with_database.close()


@pytest.fixture
def strict_rig(mariadb_strict: MariaDb) -> Iterator[RealContactsRig]:
    with_database = RealContactsRig(mariadb_strict)
    yield with_database
    with_database.close()


@pytest.fixture
def lenient_rig(mariadb: MariaDb) -> Iterator[RealContactsRig]:
    with_database = RealContactsRig(mariadb)
    yield with_database
    with_database.close()


class TestUserContacts(ContactsContract):
    pass


class TestTransfers(TransfersContract):
    saved = ("lastname", "Mine now")


class Watch:
    """What happens in the CRM's tables from here on."""

    def __init__(self, rig: RealContactsRig) -> None:
        self._seen = cast(Installed, SimpleNamespace(rows=rig.rows, parts=SimpleNamespace(engine=rig.engine)))
        self._before = snapshot(self._seen)

    def changes(self) -> dict[str, TableChange]:
        return differences(self._before, snapshot(self._seen))


def emails(rig: RealContactsRig, crm_id: int) -> list[tuple[str, int]]:
    rows = rig.rows("SELECT * FROM vtiger_emailslookup WHERE crmid = :id ORDER BY fieldid", id=crm_id)
    assert all(row["setype"] == "Contacts" for row in rows)
    return [(row["value"], row["fieldid"]) for row in rows]


def phones(rig: RealContactsRig, crm_id: int) -> dict[str, tuple[str, str]]:
    rows = rig.rows("SELECT * FROM vtiger_pbxmanager_phonelookup WHERE crmid = :id", id=crm_id)
    return {row["fieldname"]: (row["fnumber"], row["rnumber"]) for row in rows}


# --- what is written ---


def test_row_that_does_not_fit_is_refused_in_strict_mode(strict_rig: RealContactsRig) -> None:
    refuse_too_long(strict_rig)


def test_new_contact_gets_the_rows_that_the_crm_writes(rig: RealContactsRig) -> None:
    [crm_id] = rig.reserve_crm_ids(1)
    row, watch = full_row(rig, crm_id), Watch(rig)
    with rig.unit_of_work() as uow:
        uow.crm.create([row], rig.clock())
        uow.commit()

    changes, now = watch.changes(), rig.clock().replace(tzinfo=None)
    [entity] = changes.pop("vtiger_crmentity").added
    assert (entity["setype"], entity["smcreatorid"], entity["smownerid"], entity["modifiedby"]) == (
        "Contacts", USER_ID, USER_ID, USER_ID,
    )  # fmt: skip
    assert (entity["createdtime"], entity["modifiedtime"], entity["label"], entity["source"]) == (
        now, now, "Ana Ruiz", "GOOGLE",
    )  # fmt: skip
    assert (entity["smgroupid"], entity["deleted"], entity["presence"]) == (0, 0, 1)
    [details] = changes.pop("vtiger_contactdetails").added
    [number] = changes.pop("vtiger_modentity_num").changed.values()
    assert details["contact_no"] == f"CON{number['cur_id'][0]}"
    assert (details["accountid"], details["emailoptout"]) == (row.account and row.account.account_id, "0")
    for table, key in (
        ("address", "contactaddressid"),
        ("subdetails", "contactsubscriptionid"),
        ("scf", "contactid"),
    ):
        assert [r[key] for r in changes.pop(f"vtiger_contact{table}").added] == [crm_id]
    assert changes.pop("vtiger_customerdetails").added == [
        {"customerid": crm_id, "portal": "0", "support_start_date": None, "support_end_date": None}
    ]
    starred = {"recordid": crm_id, "userid": USER_ID, "starred": "0"}
    assert changes.pop("vtiger_crmentity_user_field").added == [starred]
    assert emails(rig, crm_id) == [("ana@casa.example", 80), ("ana@acme.example", 82)]
    assert phones(rig, crm_id) == {
        "mobile": ("34600000001", "10000000643"),
        "phone": ("34910000002", "20000001943"),
        "homephone": ("34910000003", "30000001943"),
        "fax": ("34953000009", "90000035943"),
    }
    assert sorted(changes) == ["vtiger_emailslookup", *HISTORY, "vtiger_pbxmanager_phonelookup"]
    [basic] = changes["vtiger_modtracker_basic"].added
    assert (basic["crmid"], basic["module"], basic["whodid"], basic["status"]) == (
        crm_id,
        "Contacts",
        USER_ID,
        2,
    )
    told = {
        d["fieldname"]: (d["prevalue"], d["postvalue"]) for d in changes["vtiger_modtracker_detail"].added
    }
    assert told["lastname"] == ("", "Ruiz") and told["label"] == ("", "Ana Ruiz")
    assert told["birthday"] == ("", "1980-03-05") and told["contact_no"] == ("", details["contact_no"])


@pytest.mark.parametrize("is_tracked", [True, False], ids=["history", "no history"])
def test_new_account_gets_the_rows_that_the_crm_writes(rig: RealContactsRig, *, is_tracked: bool) -> None:
    if not is_tracked:
        without_history(rig)
    watch = Watch(rig)
    with rig.unit_of_work() as uow:
        [account] = uow.crm.create_accounts(["ACME"], rig.clock()).values()
        uow.commit()

    changes = watch.changes()
    [entity] = changes.pop("vtiger_crmentity").added
    assert (entity["crmid"], entity["setype"], entity["label"], entity["smownerid"]) == (
        account.account_id, "Accounts", "ACME", USER_ID,
    )  # fmt: skip
    [row] = changes.pop("vtiger_account").added
    [number] = changes.pop("vtiger_modentity_num").changed.values()
    assert (row["accountname"], row["account_no"]) == ("ACME", f"ACC{number['cur_id'][0]}")
    beside = ["vtiger_accountbillads", "vtiger_accountscf", "vtiger_accountshipads", "vtiger_crmentity_seq"]
    beside += ["vtiger_crmentity_user_field", *(HISTORY if is_tracked else [])]
    assert sorted(changes) == beside


def test_empty_values_are_stored_as_the_crm_does(rig: RealContactsRig) -> None:
    crm_id = create(rig)

    [details] = rig.rows("SELECT * FROM vtiger_contactdetails WHERE contactid = :id", id=crm_id)
    [sub] = rig.rows("SELECT * FROM vtiger_contactsubdetails WHERE contactsubscriptionid = :id", id=crm_id)
    assert (details["accountid"], details["email"], sub["birthday"], sub["homephone"]) == (0, "", None, "")
    assert emails(rig, crm_id) == [] and phones(rig, crm_id) == {}


EDITS: list[tuple[dict[str, Any], dict[str, dict[str, tuple[Any, Any]]], list[str]]] = [
    # what is written, what changes in which table, which look-ups follow
    ({"title": "Gerente"}, {"contactdetails": {"title": ("", "Gerente")}}, []),
    (
        {"lastname": "Gil"},
        {"contactdetails": {"lastname": ("Ruiz", "Gil")}, "crmentity": {"label": ("Ana Ruiz", "Ana Gil")}},
        [],
    ),
    ({"description": "x"}, {"crmentity": {"description": ("", "x")}}, []),
    ({"email": "a@x"}, {"contactdetails": {"email": ("", "a@x")}}, ["vtiger_emailslookup"]),
    (
        {"homephone": "600"},
        {"contactsubdetails": {"homephone": ("", "600")}},
        ["vtiger_pbxmanager_phonelookup"],
    ),
    ({"birthday": date(1980, 2, 29)}, {"contactsubdetails": {"birthday": (None, date(1980, 2, 29))}}, []),
    ({"mailingcity": "Jaén"}, {"contactaddress": {"mailingcity": ("", "Jaén")}}, []),
    ({"cf_853": "Anita"}, {"contactscf": {"cf_853": (None, "Anita")}}, []),
]


@pytest.mark.parametrize("is_tracked", [True, False], ids=["history", "no history"])
def test_update_touches_the_mapped_columns_and_what_follows_from_them_only(
    rig: RealContactsRig, *, is_tracked: bool
) -> None:
    crm_id = rig.crm.add()
    rig.crm.add(firstname="Other", email="other@x", mobile="1")
    if not is_tracked:
        without_history(rig)
    for values, tables, lookups in EDITS:
        expected = dict(tables)
        rig.wait(seconds=10)
        watch = Watch(rig)
        update(rig, crm_id, **values)
        changes = watch.changes()

        stamp = changes["vtiger_crmentity"].changed.pop(crm_id)
        assert stamp.pop("modifiedtime")[1] == rig.clock().replace(tzinfo=None)
        assert stamp == expected.pop("crmentity", {}) and changes.pop("vtiger_crmentity") == TableChange()
        for table, columns in expected.items():
            assert changes.pop(f"vtiger_{table}") == TableChange(changed={crm_id: columns})
        assert sorted(changes) == sorted([*lookups, *(HISTORY if is_tracked else [])])


def test_update_is_in_the_history_with_before_and_after(rig: RealContactsRig) -> None:
    crm_id, acme = rig.crm.add(), rig.crm.add_account("ACME")
    watch = Watch(rig)
    update(rig, crm_id, account=acme, firstname="Eva", account_id="ACME", title="")

    details = watch.changes()["vtiger_modtracker_detail"].added
    assert {(d["fieldname"], d["prevalue"], d["postvalue"]) for d in details} == {
        ("firstname", "Ana", "Eva"),
        ("label", "Ana Ruiz", "Eva Ruiz"),
        ("account_id", "0", str(acme.account_id)),
    }


def test_changed_and_emptied_numbers_are_found_under_what_they_are_now(rig: RealContactsRig) -> None:
    crm_id = create(rig, email="a@x", secondaryemail="b@x", mobile="+34 600", phone="910")

    update(rig, crm_id, email="c@x", mobile="601", phone="")

    assert [value for value, _ in emails(rig, crm_id)] == ["c@x", "b@x"]
    assert phones(rig, crm_id) == {"mobile": ("601", "106")}


def test_delete_touches_nothing_but_the_record_and_its_look_up(rig: RealContactsRig) -> None:
    crm_id = rig.crm.add()
    update(rig, crm_id, email="a@x")
    rig.wait(seconds=10)
    watch = Watch(rig)

    delete(rig, crm_id)

    changes = watch.changes()
    stamp = changes.pop("vtiger_crmentity").changed.pop(crm_id)
    assert stamp.pop("modifiedtime") and stamp == {"deleted": (0, 1)}
    assert [row["value"] for row in changes.pop("vtiger_emailslookup").removed] == ["a@x"]
    assert [row["status"] for row in changes["vtiger_modtracker_basic"].added] == [1]
    assert sorted(changes) == HISTORY[:2]


def test_restored_contact_is_as_it_was_with_its_look_ups(rig: RealContactsRig) -> None:
    crm_id = rig.crm.add()
    update(rig, crm_id, email="a@x", mobile="600")
    before, watch = record(rig, crm_id), Watch(rig)
    delete(rig, crm_id)
    rig.wait(seconds=10)
    assert before.row is not None
    with rig.unit_of_work() as uow:
        uow.crm.revive([before.row], rig.clock())
        uow.commit()

    changes = watch.changes()
    assert set(changes.pop("vtiger_crmentity").changed.pop(crm_id)) == {"modifiedtime"}
    # Stored by the CRM's form or by us: empty either way.
    assert not changes.pop("vtiger_contactaddress", TableChange()).added
    assert emails(rig, crm_id) == [("a@x", 80)] and "vtiger_emailslookup" not in changes
    assert [row["status"] for row in changes["vtiger_modtracker_basic"].added] == [1, 3]
    assert record(rig, crm_id).row == before.row


def test_rows_that_the_crm_left_out_are_made_when_they_are_written(rig: RealContactsRig) -> None:
    crm_id, other = rig.crm.add(), rig.crm.add(firstname="Other")
    for table, key in (("contactaddress", "contactaddressid"), ("contactscf", "contactid")):
        rig.execute(f"DELETE FROM vtiger_{table} WHERE {key} = :id", id=crm_id)
    assert record(rig, crm_id).row == a_contact_row(crm_id)

    update(rig, crm_id, mailingcity="Jaén", cf_853="Anita")

    assert record(rig, crm_id).row == a_contact_row(crm_id, mailingcity="Jaén", cf_853="Anita")
    assert record(rig, other).row == a_contact_row(other, firstname="Other")


def test_locked_contact_can_t_be_changed_until_the_end_but_its_account_can(rig: RealContactsRig) -> None:
    acme = rig.crm.add_account("ACME")
    crm_id = create(rig, account_id="ACME", account=acme)
    with rig.unit_of_work() as uow:
        uow.crm.lock_records([crm_id])
        with rig.engine.connect() as other:
            other.execute(sa.text("SET SESSION innodb_lock_wait_timeout = 1"))
            for table, key in (("vtiger_crmentity", "crmid"), ("vtiger_contactaddress", "contactaddressid")):
                with pytest.raises(sa.exc.OperationalError):
                    other.execute(sa.text(f"DELETE FROM {table} WHERE {key} = :id"), {"id": crm_id})
            other.execute(
                sa.text("UPDATE vtiger_account SET phone = '1' WHERE accountid = :id"),
                {"id": acme.account_id},
            )


def test_statements_do_not_grow_with_the_records(rig: RealContactsRig) -> None:
    acme, counted = rig.crm.add_account("ACME"), rig.count_statements()

    def statements(number: int) -> int:
        rows = [
            a_contact_row(
                i, firstname=f"Ana {i}", email=f"{i}@x", mobile=str(i), account_id="ACME", account=acme
            )
            for i in rig.reserve_crm_ids(number)
        ]
        with rig.unit_of_work() as uow:
            counted.clear()
            uow.crm.create(rows, rig.clock())
            uow.crm.read_records([row.crm_id for row in rows])
            uow.crm.find_accounts(["ACME"])
            uow.crm.delete([row.crm_id for row in rows], rig.clock())
            uow.commit()
        return len(counted)

    assert statements(3) == statements(30)
