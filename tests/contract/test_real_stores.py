"""The CRM's tables and ours on MariaDB keep the contracts, in both SQL modes; and what only a real database can show."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa

from demo.crm.records import next_id
from demo.servers import MariaDb
from plugin.core.errors import LockLostError, SchemaError
from plugin.core.model import Field
from tests.builders import USER_ID, a_row
from tests.contract.crm_contract import CrmContract, create, record, refuse_too_long, update
from tests.contract.guests_contract import GuestsContract
from tests.contract.repeats_contract import TUESDAYS, WEEKLY, RepeatsContract, join, joined
from tests.contract.series_contract import SeriesContract
from tests.contract.state_contract import StateContract
from tests.contract.transfers_contract import TransfersContract
from tests.real_stores import RealRig


@pytest.fixture
def rig(mariadb_each_mode: MariaDb) -> Iterator[RealRig]:
    with_database = RealRig(mariadb_each_mode)
    yield with_database
    with_database.close()


@pytest.fixture
def strict_rig(mariadb_strict: MariaDb) -> Iterator[RealRig]:
    with_database = RealRig(mariadb_strict)
    yield with_database
    with_database.close()


@pytest.fixture
def lenient_rig(mariadb: MariaDb) -> Iterator[RealRig]:
    with_database = RealRig(mariadb)
    yield with_database
    with_database.close()


class TestUserEvents(CrmContract):
    pass


class TestUserRepeats(RepeatsContract):
    pass


class TestGuests(GuestsContract):
    pass


class TestTransfers(TransfersContract):
    pass


class TestPairState(StateContract):
    pass


class TestPairSeries(SeriesContract):
    pass


def history(rig: RealRig, crm_id: int) -> list[tuple[int, dict[str, tuple[str, str]]]]:
    basics = rig.rows("SELECT * FROM vtiger_modtracker_basic WHERE crmid = :id ORDER BY id", id=crm_id)
    found = []
    for basic in basics:
        details = rig.rows("SELECT * FROM vtiger_modtracker_detail WHERE id = :id", id=basic["id"])
        assert (basic["whodid"], basic["module"]) == (USER_ID, "Events")
        found.append((basic["status"], {d["fieldname"]: (d["prevalue"], d["postvalue"]) for d in details}))
    return found


def test_row_that_does_not_fit_is_refused_in_strict_mode(strict_rig: RealRig) -> None:
    refuse_too_long(strict_rig)


def test_row_that_does_not_fit_is_cut_in_lenient_mode_and_read_back_so(lenient_rig: RealRig) -> None:
    crm_id = create(lenient_rig, subject="x" * 256)

    row = record(lenient_rig, crm_id).row
    assert row is not None
    assert row.subject == "x" * 255


def test_new_activity_has_every_row_that_the_crm_writes(rig: RealRig) -> None:
    crm_id = create(rig, subject="Reunión")

    [entity] = rig.rows("SELECT * FROM vtiger_crmentity WHERE crmid = :id", id=crm_id)
    assert (entity["setype"], entity["smownerid"], entity["smcreatorid"], entity["label"], entity["source"]) == (
        "Calendar", USER_ID, USER_ID, "Reunión", "GOOGLE",
    )  # fmt: skip
    [activity] = rig.rows("SELECT * FROM vtiger_activity WHERE activityid = :id", id=crm_id)
    assert (activity["duration_hours"], activity["duration_minutes"]) == ("1", "30")
    assert (activity["activitytype"], activity["eventstatus"]) == ("Meeting", "Planned")
    for table, column in (
        ("vtiger_activitycf", "activityid"),
        ("vtiger_salesmanactivityrel", "activityid"),
        ("vtiger_activity_reminder_popup", "recordid"),
        ("vtiger_crmentity_user_field", "recordid"),
    ):
        assert len(rig.rows(f"SELECT * FROM {table} WHERE {column} = :id", id=crm_id)) == 1
    [(status, changes)] = history(rig, crm_id)
    assert (status, changes["subject"]) == (2, ("", "Reunión"))


def test_past_activity_gets_no_popup(rig: RealRig) -> None:
    crm_id = create(rig, date_start=date(2027, 2, 1), due_date=date(2027, 2, 1))

    assert rig.rows("SELECT * FROM vtiger_activity_reminder_popup WHERE recordid = :id", id=crm_id) == []


def test_update_is_in_the_history_with_before_and_after(rig: RealRig) -> None:
    crm_id = rig.crm.add()
    update(rig, crm_id, {Field.SUBJECT}, subject="Moved")

    status, changes = history(rig, crm_id)[-1]
    assert (status, changes) == (0, {"subject": ("Meeting", "Moved"), "label": ("Meeting", "Moved")})
    [entity] = rig.rows("SELECT label FROM vtiger_crmentity WHERE crmid = :id", id=crm_id)
    assert entity["label"] == "Moved"


def test_moved_activity_takes_its_popup_and_length_along(rig: RealRig) -> None:
    crm_id = rig.crm.add()
    update(rig, crm_id, {Field.WHEN}, time_start="08:00:00")

    [popup] = rig.rows("SELECT * FROM vtiger_activity_reminder_popup WHERE recordid = :id", id=crm_id)
    assert (popup["time_start"], popup["status"]) == ("08:00:00", 0)
    [activity] = rig.rows("SELECT * FROM vtiger_activity WHERE activityid = :id", id=crm_id)
    assert (activity["duration_hours"], activity["duration_minutes"]) == ("2", "30")


def test_delete_and_revive_are_in_the_history(rig: RealRig) -> None:
    crm_id = rig.crm.add()
    with rig.unit_of_work() as uow:
        uow.crm.delete([crm_id], rig.clock())
        uow.commit()
    with rig.unit_of_work() as uow:
        uow.crm.revive([a_row(crm_id)], rig.clock())
        uow.commit()

    assert [status for status, _ in history(rig, crm_id)[-2:]] == [1, 3]


def test_history_is_left_alone_where_it_is_switched_off(rig: RealRig) -> None:
    rig.execute("UPDATE vtiger_modtracker_tabs SET visible = 0")
    try:
        rig.look_again()
        assert history(rig, create(rig)) == []
    finally:
        rig.execute("UPDATE vtiger_modtracker_tabs SET visible = 1")


def test_ids_do_not_collide_with_what_the_crm_creates_at_the_same_time(rig: RealRig) -> None:
    ours: list[int] = []
    theirs: list[int] = []

    def reserve() -> None:
        for _ in range(30):
            ours.extend(rig.reserve_crm_ids(3))

    def create_in_the_crm() -> None:
        for _ in range(60):
            with rig.engine.begin() as connection:
                theirs.append(next_id(connection))

    threads = [threading.Thread(target=act) for act in (reserve, create_in_the_crm, reserve)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ours) + len(theirs) == 240
    assert len({*ours, *theirs}) == 240


def test_empty_sequence_gives_no_ids(rig: RealRig) -> None:
    rig.execute("CREATE OR REPLACE TABLE odd_seq (id INT NOT NULL)")

    with pytest.raises(SchemaError, match="odd_seq"):
        rig.reserve("odd_seq", 3)


def test_locked_row_can_t_be_changed_by_the_crm_until_the_end(rig: RealRig) -> None:
    crm_id = rig.crm.add()
    with rig.unit_of_work() as uow:
        uow.crm.lock_records([crm_id])
        with rig.engine.connect() as other:
            other.execute(sa.text("SET SESSION innodb_lock_wait_timeout = 1"))
            with pytest.raises(sa.exc.OperationalError):
                other.execute(
                    sa.text("UPDATE vtiger_crmentity SET label = 'x' WHERE crmid = :id"), {"id": crm_id}
                )


def test_nothing_is_opened_without_the_lock(rig: RealRig) -> None:
    rig.execute("UPDATE gsync_locks SET generation = generation + 1")

    with pytest.raises(LockLostError), rig.unit_of_work():
        pass


def test_longer_series_moves_its_last_day_and_keeps_its_first(rig: RealRig) -> None:
    ids = rig.crm.add_series(WEEKLY, TUESDAYS)
    join(rig, joined(ids, is_new_rule=False, moves_end=True, last_date=date(2027, 4, 6)))

    rules = rig.rows("SELECT recurringdate, recurringenddate FROM vtiger_recurringevents")
    assert {tuple(row.values()) for row in rules} == {(date(2027, 3, 2), date(2027, 4, 6))}


def test_series_that_is_said_already_costs_no_write(rig: RealRig) -> None:
    series = joined(rig.crm.add_series(WEEKLY, TUESDAYS), is_new_rule=False, moves_end=True)
    counted: list[str] = []

    def count(conn: object, cursor: object, statement: str, *rest: object) -> None:
        counted.append(statement.split()[0])

    with rig.unit_of_work() as uow:
        sa.event.listen(rig.engine, "before_cursor_execute", count)
        uow.crm.join_repeats([series])
        sa.event.remove(rig.engine, "before_cursor_execute", count)

    assert counted == ["SELECT", "SELECT"]


def test_delete_of_a_single_activity_does_not_lock_the_crm_s_list_of_repeats(rig: RealRig) -> None:
    """The list has no index, so a delete in it would hold up whoever saves a series meanwhile."""
    rig.crm.add_series(WEEKLY, TUESDAYS)
    single = rig.crm.add()
    with rig.unit_of_work() as uow:
        uow.crm.delete([single], rig.clock())
        with rig.engine.begin() as other:
            other.execute(sa.text("SET SESSION innodb_lock_wait_timeout = 1"))
            other.execute(sa.text("INSERT INTO vtiger_activity_recurring_info VALUES (1, 1)"))


def test_statements_do_not_grow_with_the_records(rig: RealRig) -> None:
    counted: list[str] = []

    def count(conn: object, cursor: object, statement: str, *rest: object) -> None:
        counted.append(statement)

    def statements(number: int) -> int:
        ids = list(rig.reserve_crm_ids(number))
        with rig.unit_of_work() as uow:
            sa.event.listen(rig.engine, "before_cursor_execute", count)
            counted.clear()
            uow.crm.create([a_row(crm_id) for crm_id in ids], rig.clock())
            uow.crm.delete(ids, rig.clock())
            uow.commit()
            sa.event.remove(rig.engine, "before_cursor_execute", count)
        return len(counted)

    assert statements(3) == statements(30)
