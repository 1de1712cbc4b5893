"""What a run of contacts locks in the CRM's tables: its own contacts' rows and nothing else, in the CRM's order.

As for activities (test_real_locks.py): else people who save something else wait for us, or lose their save to a deadlock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from demo.servers import MariaDb
from plugin.bootstrap.transaction import DatabaseDownError
from plugin.core.mapping.crm_contact import ContactRow
from plugin.sync.ports import CrmWrite
from tests.contact_builders import a_contact_row
from tests.contract.test_real_locks import Acting, until_somebody_waits
from tests.real_contacts import RealContactsRig

VALUES: Mapping[str, Any] = {
    "firstname": "Eva", "email": "eva@casa.example", "secondaryemail": "eva@acme.example", "mobile": "600000009",
    "homephone": "910000009", "birthday": date(1980, 3, 5), "mailingcity": "Úbeda", "description": "Viene los martes",
    "cf_853": "x",
}  # fmt: skip

# What the CRM does with other contacts; `:id` is one of them, `:new` one that is being made.
OF_OTHERS = {
    "entity": "UPDATE vtiger_crmentity SET label = 'x' WHERE crmid = :id",
    "details": "UPDATE vtiger_contactdetails SET title = 'x' WHERE contactid = :id",
    "address": "UPDATE vtiger_contactaddress SET mailingcity = 'x' WHERE contactaddressid = :id",
    "subdetails": "UPDATE vtiger_contactsubdetails SET homephone = '1' WHERE contactsubscriptionid = :id",
    "custom fields": "UPDATE vtiger_contactscf SET cf_853 = 'y' WHERE contactid = :id",
    "portal": "UPDATE vtiger_customerdetails SET portal = '0' WHERE customerid = :id",
    "e-mail": "INSERT INTO vtiger_emailslookup (crmid, setype, value, fieldid) VALUES (:id, 'Contacts', 'x', 80)"
    " ON DUPLICATE KEY UPDATE value = 'x'",
    "second e-mail": "INSERT INTO vtiger_emailslookup (crmid, setype, value, fieldid) VALUES (:id, 'Contacts', 'x', 99)",
    "no e-mail": "DELETE FROM vtiger_emailslookup WHERE crmid = :id AND setype = 'Contacts' AND fieldid = 80",
    "phone": "INSERT INTO vtiger_pbxmanager_phonelookup (crmid, setype, fnumber, rnumber, fieldname)"
    " VALUES (:id, 'Contacts', '1', '1', 'mobile') ON DUPLICATE KEY UPDATE fnumber = '1', rnumber = '1'",
    "second phone": "INSERT INTO vtiger_pbxmanager_phonelookup (crmid, setype, fnumber, rnumber, fieldname)"
    " VALUES (:id, 'Contacts', '1', '1', 'fax')",
    "new entity": "INSERT INTO vtiger_crmentity (crmid, smownerid, setype, createdtime, modifiedtime)"
    " VALUES (:new, 1, 'Contacts', NOW(), NOW())",
    "new details": "INSERT INTO vtiger_contactdetails (contactid, contact_no, lastname) VALUES (:made, 'X1', 'Gil')",
    "new address": "INSERT INTO vtiger_contactaddress (contactaddressid) VALUES (:made)",
    "new subdetails": "INSERT INTO vtiger_contactsubdetails (contactsubscriptionid) VALUES (:made)",
    "new custom fields": "INSERT INTO vtiger_contactscf (contactid) VALUES (:made)",
    "new portal": "INSERT INTO vtiger_customerdetails (customerid) VALUES (:made)",
    "new e-mail": "INSERT INTO vtiger_emailslookup (crmid, setype, value, fieldid) VALUES (:made, 'Contacts', 'x', 80)",
    "account's e-mail": "INSERT INTO vtiger_emailslookup (crmid, setype, value, fieldid) VALUES (:made, 'Accounts', 'x', 9)",
    "new phone": "INSERT INTO vtiger_pbxmanager_phonelookup (crmid, setype, fnumber, rnumber, fieldname)"
    " VALUES (:made, 'Contacts', '1', '1', 'mobile')",
}  # fmt: skip


@pytest.fixture
def rig(mariadb: MariaDb) -> Iterator[RealContactsRig]:
    with_database = RealContactsRig(mariadb)
    yield with_database
    with_database.close()


@pytest.mark.parametrize("which", ["first", "between", "last"])
def test_contacts_that_a_run_does_not_touch_can_be_saved_meanwhile(rig: RealContactsRig, which: str) -> None:
    # Of a small table of which most is named, the server would rather read all.
    first, moved, between, *gone, restored, last = (
        rig.crm.add(email="a@b.example", mobile="1") for _ in range(12)
    )
    made, mine, new = rig.reserve_crm_ids(3)
    rig.execute("INSERT INTO vtiger_crmentity (crmid, setype) VALUES (:id, 'Contacts')", id=made)
    rig.crm.delete(restored)
    values = {"id": {"first": first, "between": between, "last": last}[which], "made": made, "new": new}
    with rig.unit_of_work() as uow:
        rows = {i: record.row for i, record in uow.crm.lock_records([moved, *gone, restored]).items()}
        changed = ContactRow(moved, {**rows[moved].values, **VALUES})
        uow.crm.delete(gone, rig.clock())
        uow.crm.update([CrmWrite(changed, rows[moved], frozenset(VALUES))], rig.clock())
        uow.crm.revive([ContactRow(restored, {**rows[restored].values, **VALUES})], rig.clock())
        uow.crm.create([a_contact_row(mine, **VALUES)], rig.clock())

        assert [what for what, sql in OF_OTHERS.items() if has_to_wait(rig, sql, values)] == []


def has_to_wait(rig: RealContactsRig, sql: str, values: Mapping[str, int]) -> bool:
    """Tell whether somebody else has to wait for us with this statement."""
    with rig.engine.connect() as other:
        other.execute(sa.text("SET SESSION innodb_lock_wait_timeout = 1"))
        try:
            other.execute(sa.text(sql), values)
        except DatabaseDownError:
            return True
        return False


# A contact's tables in the order in which the CRM saves them.
TABLES = {
    "entity": "UPDATE vtiger_crmentity SET label = 'x' WHERE crmid = :id",
    **{name: OF_OTHERS[name] for name in ("details", "address", "subdetails", "custom fields")},
}


@pytest.mark.parametrize(("first", "then"), list(pairwise(TABLES)))
def test_rows_are_locked_in_the_order_in_which_the_crm_locks_them(
    rig: RealContactsRig, first: str, then: str
) -> None:
    """The other way round each would wait for the other, and the database would throw one of them out."""
    ids = [rig.crm.add() for _ in range(3)]
    waiting = Acting(rig, lambda uow: uow.crm.lock_records(ids))
    with rig.engine.begin() as saving:
        saving.execute(sa.text("SET SESSION innodb_lock_wait_timeout = 1"))
        saving.execute(sa.text(TABLES[first]), {"id": ids[1]})
        waiting.start()
        until_somebody_waits(rig)

        saving.execute(sa.text(TABLES[then]), {"id": ids[1]})
    waiting.join()

    assert waiting.is_done


def test_counters_of_other_modules_are_free_while_numbers_are_taken(rig: RealContactsRig) -> None:
    """Converting a lead, the CRM makes an account, a contact and an opportunity in one save."""
    counters = rig.rows(
        "SELECT num_id, semodule FROM vtiger_modentity_num WHERE active = '1' ORDER BY num_id"
    )
    count = sa.text("UPDATE vtiger_modentity_num SET cur_id = cur_id + 0 WHERE num_id = :id")
    waiting = Acting(rig, lambda _: rig.reserve_numbers("Contacts", 1))
    with rig.engine.begin() as saving:
        saving.execute(sa.text("SET SESSION innodb_lock_wait_timeout = 1"))
        saving.execute(count, [{"id": row["num_id"]} for row in counters if row["semodule"] == "Contacts"])
        waiting.start()
        until_somebody_waits(rig)

        saving.execute(count, [{"id": row["num_id"]} for row in counters])
    waiting.join()

    assert waiting.is_done
