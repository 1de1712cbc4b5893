"""What a run locks in the CRM's tables: its own records' rows and nothing else, in the order in which the CRM locks them.

Otherwise people who save something else wait for us, or their save is thrown out as a deadlock's victim.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from demo.servers import MariaDb
from plugin.core.model import Field
from plugin.sync.ports import CrmWrite
from tests.contract.repeats_contract import DAILY, TUESDAYS, WEEKLY, joined
from tests.real_stores import RealRig


@pytest.fixture
def rig(mariadb: MariaDb) -> Iterator[RealRig]:
    with_database = RealRig(mariadb)
    yield with_database
    with_database.close()


def at_once(rig: RealRig, sql: str, values: dict[str, int]) -> None:
    """Change the database as somebody else, who isn't willing to wait."""
    with rig.engine.begin() as other:
        other.execute(sa.text("SET SESSION innodb_lock_wait_timeout = 1"))
        other.execute(sa.text(sql), values)


# What the CRM does for other activities; `:id` is one of them.
OF_OTHERS = {
    "entity": "UPDATE vtiger_crmentity SET label = 'x' WHERE crmid = :id",
    "activity": "UPDATE vtiger_activity SET subject = 'x' WHERE activityid = :id",
    "reminder": "UPDATE vtiger_activity_reminder SET reminder_time = 5 WHERE activity_id = :id",
    "rule": "DELETE FROM vtiger_recurringevents WHERE activityid = :id",
    "popup": "UPDATE vtiger_activity_reminder_popup SET status = 1 WHERE reminderid = :popup",
    "new activity": "INSERT INTO vtiger_activity (activityid, activitytype, date_start, sendnotification, notime,"
    " visibility) VALUES (:new, 'Call', '2027-03-02', '0', '0', 'Public')",
    "new reminder": "INSERT INTO vtiger_activity_reminder VALUES (:new, 15, 0, 0)",
    "new rule": "INSERT INTO vtiger_recurringevents (activityid, recurringtype) VALUES (:id, 'Daily')",
    "new popup": "INSERT INTO vtiger_activity_reminder_popup (semodule, recordid, date_start, time_start, status)"
    " VALUES ('Events', :id, '2027-03-02', '09:00:00', 0)",
}


@pytest.mark.parametrize("what", OF_OTHERS)
def test_activities_that_a_run_does_not_touch_can_be_saved_meanwhile(rig: RealRig, what: str) -> None:
    other, moved, gone = rig.crm.add(), rig.crm.add(), rig.crm.add()
    repeat, *_, of_others = rig.crm.add_series(WEEKLY, TUESDAYS)
    [new] = rig.reserve_crm_ids(1)
    rig.execute("INSERT INTO vtiger_crmentity (crmid, setype) VALUES (:id, 'Calendar')", id=new)
    popup = rig.rows("SELECT reminderid FROM vtiger_activity_reminder_popup WHERE recordid = :id", id=other)
    values = {
        "id": of_others if "rule" in what else other, "new": new, "popup": popup[0]["reminderid"],
    }  # fmt: skip
    with rig.unit_of_work() as uow:
        row = uow.crm.lock_records([moved, gone, repeat])[moved].row
        later = replace(row, date_start=date(2027, 3, 9), due_date=date(2027, 3, 9))
        uow.crm.delete([gone, repeat], rig.clock())
        uow.crm.update([CrmWrite(later, row, frozenset(Field))], rig.clock())

        at_once(rig, OF_OTHERS[what], values)


SAVES = {
    # What the CRM saves of an activity, one after the other, and what we do with it meanwhile.
    "records": ("UPDATE vtiger_crmentity SET label = 'x' WHERE crmid = :id",
                "UPDATE vtiger_activity SET subject = 'x' WHERE activityid = :id",
                lambda uow, ids: uow.crm.lock_records(ids)),
    "repeats": ("UPDATE vtiger_activity SET subject = 'x' WHERE activityid = :id",
                "DELETE FROM vtiger_recurringevents WHERE activityid = :id",
                lambda uow, ids: uow.crm.join_repeats([joined(ids, rule=DAILY)])),
}  # fmt: skip


@pytest.mark.parametrize("what", SAVES)
def test_rows_are_locked_in_the_order_in_which_the_crm_locks_them(rig: RealRig, what: str) -> None:
    """The other way round each would wait for the other, and the database would throw one of them out."""
    ids = rig.crm.add_series(WEEKLY, TUESDAYS)
    first, then, act = SAVES[what]
    waiting = Acting(rig, lambda uow: act(uow, ids))
    with rig.engine.begin() as saving:
        saving.execute(sa.text("SET SESSION innodb_lock_wait_timeout = 1"))
        saving.execute(sa.text(first), {"id": ids[1]})
        waiting.start()
        until_somebody_waits(rig)

        saving.execute(sa.text(then), {"id": ids[1]})
    waiting.join()

    assert waiting.is_done


class Acting(threading.Thread):
    """A unit of work of ours beside the CRM's transaction."""

    def __init__(self, rig: RealRig, act: Callable[[Any], object]) -> None:
        super().__init__()
        self._rig, self._act, self.is_done = rig, act, False

    def run(self) -> None:
        with self._rig.unit_of_work() as uow:
            self._act(uow)
            uow.commit()
        self.is_done = True


def until_somebody_waits(rig: RealRig) -> None:
    sql = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
    for _ in range(100):
        # The server looks anew only if nobody has asked it for a tenth of a second.
        threading.Event().wait(0.2)
        if rig.rows(sql):
            return
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("what", ["deleted", "given another rule"])
def test_many_repeats_at_once_leave_the_rows_of_others_alone(rig: RealRig, what: str) -> None:
    """The server reads a table whole if a sixth of its rows is named."""
    series = [rig.crm.add_series(WEEKLY, TUESDAYS) for _ in range(3)]
    [other, *_] = rig.crm.add_series(WEEKLY, TUESDAYS)
    with rig.unit_of_work() as uow:
        if what == "deleted":
            uow.crm.delete([crm_id for ids in series for crm_id in ids], rig.clock())
        else:
            uow.crm.join_repeats([joined(ids, rule=DAILY) for ids in series])

        at_once(rig, OF_OTHERS["rule"], {"id": other})
        at_once(rig, OF_OTHERS["reminder"], {"id": other})
