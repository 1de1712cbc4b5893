"""Saving and deleting activities touches the measured rows, and the list shows the user's own time."""

from typing import Any

import pytest
from sqlalchemy import Connection, text

from tests.standin_crm.browser import Browser, json_of

TYPED = {
    "module": "Events",
    "action": "SaveAjax",
    "subject": "Prueba",
    "activitytype": "Meeting",
    "date_start": "01-12-2026",
    "time_start": "10:00",
    "due_date": "01-12-2026",
    "time_end": "11:30",
    "location": "Oficina",
    "visibility": "Public",
}


def create(browser: Browser, **values: Any) -> int:
    return json_of(browser.send({**TYPED, **values}))["result"]["_recordId"]


def row(connection: Connection, sql: str, crm_id: int) -> tuple[Any, ...]:
    connection.rollback()
    return tuple(connection.execute(text(sql), {"id": crm_id}).one())


def count(connection: Connection, table: str, crm_id: int, column: str = "activityid") -> int:
    return row(connection, f"SELECT COUNT(*) FROM {table} WHERE {column} = :id", crm_id)[0]


def test_created_event_is_stored_in_utc_with_all_its_rows(lucia: Browser, connection: Connection) -> None:
    crm_id = create(lucia)
    sql = """SELECT CAST(date_start AS CHAR), time_start, time_end, duration_hours, duration_minutes,
                    eventstatus,
                    status, notime, sendnotification FROM vtiger_activity WHERE activityid = :id"""
    assert row(connection, sql, crm_id) == (
        "2026-12-01",
        "09:00:00",
        "10:30:00",
        "1",
        "30",
        "Planned",
        None,
        "0",
        "0",
    )
    sql = "SELECT setype, label, smownerid, source, deleted, version FROM vtiger_crmentity WHERE crmid = :id"
    assert row(connection, sql, crm_id) == ("Calendar", "Prueba", 5, "CRM", 0, 0)
    sql = "SELECT reminder_time, recurringid FROM vtiger_activity_reminder WHERE activity_id = :id"
    assert row(connection, sql, crm_id) == (0, 0)
    sql = "SELECT semodule, time_start, status FROM vtiger_activity_reminder_popup WHERE recordid = :id"
    assert row(connection, sql, crm_id) == ("Events", "09:00:00", 0)
    for table in ("vtiger_activitycf", "vtiger_salesmanactivityrel"):
        assert count(connection, table, crm_id) == 1
    assert count(connection, "vtiger_crmentity_user_field", crm_id, "recordid") == 1
    assert row(
        connection, "SELECT module, status FROM vtiger_modtracker_basic WHERE crmid = :id", crm_id
    ) == ("Events", 2)
    assert connection.execute(text("SELECT id FROM vtiger_crmentity_seq")).scalar_one() == crm_id


def test_edited_event_keeps_a_history_of_what_changed(lucia: Browser, connection: Connection) -> None:
    crm_id = create(lucia)
    lucia.send({"module": "Events", "action": "SaveAjax", "record": crm_id, "subject": "Otra"})
    sql = (
        "SELECT e.label, a.subject, a.time_start, e.modifiedby FROM vtiger_crmentity e JOIN vtiger_activity a"
    )
    assert row(connection, f"{sql} ON activityid = crmid WHERE crmid = :id", crm_id) == (
        "Otra",
        "Otra",
        "09:00:00",
        5,
    )
    assert count(connection, "vtiger_activity_reminder", crm_id, "activity_id") == 0
    sql = """SELECT fieldname, prevalue, postvalue FROM vtiger_modtracker_detail d
             JOIN vtiger_modtracker_basic b ON b.id = d.id AND b.status = 0
             WHERE b.crmid = :id ORDER BY fieldname"""
    changes = [tuple(change) for change in connection.execute(text(sql), {"id": crm_id})]
    assert changes == [("label", "Prueba", "Otra"), ("subject", "Prueba", "Otra")]


def test_ajax_save_loses_invitees_and_the_form_keeps_them(lucia: Browser, connection: Connection) -> None:
    sql = "SELECT activityid FROM vtiger_activity WHERE subject = 'Visita a Olivares'"
    crm_id = connection.execute(text(sql)).scalar_one()
    form = {"module": "Events", "action": "Save", "record": crm_id, "location": "Jaén"}
    assert lucia.send(form).headers["Location"] == "index.php?module=Calendar&view=List"
    assert count(connection, "vtiger_invitees", crm_id) == 1
    assert count(connection, "vtiger_salesmanactivityrel", crm_id) == 2
    lucia.send({**form, "action": "SaveAjax"})
    assert count(connection, "vtiger_invitees", crm_id) == 0


def test_deleted_event_is_only_flagged(lucia: Browser, connection: Connection) -> None:
    crm_id = create(lucia)
    answer = lucia.send({"module": "Calendar", "action": "DeleteAjax", "record": crm_id})
    assert json_of(answer)["result"]["deletedRecords"] == [crm_id]
    assert row(connection, "SELECT deleted FROM vtiger_crmentity WHERE crmid = :id", crm_id) == (1,)
    assert count(connection, "vtiger_activity", crm_id) == 1
    assert count(connection, "vtiger_activity_reminder", crm_id, "activity_id") == 0
    sql = (
        "SELECT MAX(id), status FROM vtiger_modtracker_basic WHERE crmid = :id AND status = 1 GROUP BY status"
    )
    assert row(connection, sql, crm_id)[1] == 1
    assert "deleted" in lucia.open(f"module=Calendar&view=Detail&record={crm_id}").text


@pytest.mark.parametrize(
    ("mode", "gone", "tied"), [("", 1, 6), ("current", 1, 5), ("future", 4, 2), ("all", 6, 0)]
)
def test_deleting_from_a_series(
    lucia: Browser, connection: Connection, mode: str, gone: int, tied: int
) -> None:
    sql = "SELECT recurrenceid FROM vtiger_activity_recurring_info ORDER BY recurrenceid"
    first_series = connection.execute(text(sql)).scalars().all()[:6]
    third = first_series[2]
    form = {"module": "Calendar", "action": "Delete", "record": third, "recurringEditMode": mode}
    assert len(json_of(lucia.send(form))["result"]["deletedRecords"]) == gone
    connection.rollback()
    left = connection.execute(text(sql)).scalars().all()
    assert len(set(first_series) & set(left)) == tied


def test_saved_occurrence_gets_a_rule_row_of_its_own_date(lucia: Browser, connection: Connection) -> None:
    sql = "SELECT activityid FROM vtiger_recurringevents ORDER BY activityid"
    third = connection.execute(text(sql)).scalars().all()[2]
    lucia.send({"module": "Events", "action": "SaveAjax", "record": third, "subject": "Pedidos"})
    sql = """SELECT CAST(r.recurringdate AS CHAR), r.recurringinfo, a.recurringtype
             FROM vtiger_recurringevents r
             JOIN vtiger_activity a ON a.activityid = r.activityid WHERE a.activityid = :id"""
    assert row(connection, sql, third) == ("2026-12-07", "Weekly::1::3", "Weekly")


def test_group_as_owner_gets_no_salesman_row(lucia: Browser, connection: Connection) -> None:
    assert count(connection, "vtiger_salesmanactivityrel", create(lucia, assigned_user_id="2")) == 0


def test_list_shows_each_user_their_own_wall_clock(lucia: Browser, helen: Browser) -> None:
    create(lucia)
    assert "01-12-2026 10:00" in lucia.open("module=Calendar&view=List").text
    page = helen.open("module=Calendar&view=List").text
    assert "2026-12-01 10:00 PM" in page
    assert "Assigned to" in page


def test_private_event_of_another_user_is_hidden(lucia: Browser, helen: Browser) -> None:
    crm_id = create(lucia, subject="Secreto", visibility="Private")
    assert "Secreto" in lucia.open("module=Calendar&view=List").text
    assert "Secreto" not in helen.open("module=Calendar&view=List").text
    assert "Permission denied" in helen.open(f"module=Calendar&view=Detail&record={crm_id}").text


def test_too_long_values_are_cut_without_a_word(lucia: Browser, connection: Connection) -> None:
    crm_id = create(lucia, location="x" * 200)
    assert row(connection, "SELECT LENGTH(location) FROM vtiger_activity WHERE activityid = :id", crm_id) == (
        150,
    )


def test_bad_date_is_told_and_nothing_is_saved(lucia: Browser, connection: Connection) -> None:
    answer = lucia.send({**TYPED, "date_start": "mañana"})
    assert (answer.status_code, json_of(answer)["success"]) == (200, False)
    assert (
        connection.execute(text("SELECT COUNT(*) FROM vtiger_activity WHERE subject = 'Prueba'")).scalar_one()
        == 0
    )
