"""Exactly which rows of the CRM a change from Google touches, in both SQL modes, with and without the CRM's history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from demo.servers import MariaDb
from tests.engine.test_first_sync import timed
from tests.installed import USER, Installed, install
from tests.simulated_google import SimulatedGoogle
from tests.snapshots import TableChange, differences, snapshot

COLLEAGUE = 6
START = datetime(2027, 3, 2, 9)
HISTORY = ["vtiger_modtracker_basic", "vtiger_modtracker_basic_seq", "vtiger_modtracker_detail"]


@pytest.fixture
def each_mode(mariadb_each_mode: MariaDb, google: SimulatedGoogle) -> Iterator[Installed]:
    """A connected user; the connections' SQL mode is MariaDB's own, or the CRM's."""
    installed = install(mariadb_each_mode, google)
    installed.connect()
    yield installed
    installed.close()


@pytest.fixture
def each_way(each_mode: Installed, mariadb_each_mode: MariaDb, mariadb: MariaDb) -> Installed:
    """The same; in strict mode without the CRM's history of events."""
    visible = int(mariadb_each_mode is mariadb)
    each_mode.execute("UPDATE vtiger_modtracker_tabs SET visible = :visible", visible=visible)
    return each_mode


def rich_activity(installed: Installed) -> int:
    """An activity with all that can hang on one, in Google too; return its id."""
    crm_id = installed.add_activity(
        "Visita", start_utc=START, end_utc=START + timedelta(hours=1), reminder_min=30, location="Jaén"
    )
    contact = installed.rows("SELECT MIN(contactid) AS id FROM vtiger_contactdetails")[0]["id"]
    account = installed.rows("SELECT MIN(accountid) AS id FROM vtiger_account")[0]["id"]
    for sql in (
        "INSERT INTO vtiger_cntactivityrel (contactid, activityid) VALUES (:contact, :id)",
        "INSERT INTO vtiger_seactivityrel (crmid, activityid) VALUES (:account, :id)",
        "INSERT INTO vtiger_invitees (activityid, inviteeid, status) VALUES (:id, :colleague, 'sent')",
        "INSERT INTO vtiger_salesmanactivityrel (smid, activityid) VALUES (:colleague, :id)",
        "INSERT INTO vtiger_recurringevents (activityid, recurringdate, recurringtype, recurringfreq, recurringinfo)"
        " VALUES (:id, '2027-03-02', 'Weekly', 1, 'Weekly::1::2')",
        "UPDATE vtiger_activity SET priority = 'High', sendnotification = '1', semodule = 'Accounts',"
        " eventstatus = 'Held', activitytype = 'Call' WHERE activityid = :id",
        "UPDATE vtiger_crmentity SET viewedtime = '2026-11-01 10:00:00', smgroupid = 0 WHERE crmid = :id",
    ):
        installed.execute(sql, id=crm_id, contact=contact, account=account, colleague=COLLEAGUE)
    installed.sync()
    return crm_id


def touched_by(installed: Installed, operation: str, body: dict[str, Any]) -> dict[str, TableChange]:
    """Return what a user's change in Google changes in the CRM."""
    ids = [event["id"] for event in installed.events()]
    before = snapshot(installed)
    installed.google.edit(operation, ids[0] if ids else "", body)
    installed.sync()
    return differences(before, snapshot(installed))


def is_on(installed: Installed) -> bool:
    return installed.parts.schema.tracks_events


EDITS: dict[str, tuple[dict[str, Any], dict[str, tuple[Any, Any]], dict[str, tuple[Any, Any]]]] = {
    # what is edited in Google, what changes in vtiger_activity, what in vtiger_crmentity
    "location": ({"location": "Úbeda"}, {"location": ("Jaén", "Úbeda")}, {}),
    "title": (
        {"summary": "Visita a Ñuñoa"},
        {"subject": ("Visita", "Visita a Ñuñoa")},
        {"label": ("Visita", "Visita a Ñuñoa")},
    ),
    "description": ({"description": "Llevar <b>muestras</b>"}, {}, {"description": ("", "Llevar muestras")}),
    "visibility": ({"visibility": "private"}, {"visibility": ("Public", "Private")}, {}),
    "end": (
        {"end": {"dateTime": "2027-03-02T12:30:00+01:00"}},
        {
            "time_end": ("10:00:00", "11:30:00"),
            "duration_hours": ("1", "2"),
            "duration_minutes": ("0", "30"),
        },
        {},
    ),
}


def test_google_edit_touches_the_mapped_columns_and_the_stamp_only(each_way: Installed) -> None:
    crm_id = rich_activity(each_way)
    for body, in_activity, in_entity in EDITS.values():
        changes = touched_by(each_way, "patch", body)

        stamp = changes["vtiger_crmentity"].changed.pop(crm_id)
        assert stamp.pop("modifiedtime")[1] == each_way.clock().replace(tzinfo=None)
        assert stamp == in_entity and changes.pop("vtiger_crmentity") == TableChange()
        activity = changes.pop("vtiger_activity", TableChange())
        assert activity == (TableChange(changed={crm_id: in_activity}) if in_activity else TableChange())
        assert sorted(changes) == (HISTORY if is_on(each_way) else [])


def test_google_edit_is_in_the_history_with_both_values(each_mode: Installed) -> None:
    crm_id = rich_activity(each_mode)

    changes = touched_by(each_mode, "patch", {"summary": "Otra", "location": ""})

    [entry] = changes["vtiger_modtracker_basic"].added
    assert (entry["crmid"], entry["module"], entry["whodid"], entry["status"]) == (crm_id, "Events", USER, 0)
    details = changes["vtiger_modtracker_detail"].added
    assert {(d["id"], d["fieldname"], d["prevalue"], d["postvalue"]) for d in details} == {
        (entry["id"], "subject", "Visita", "Otra"),
        (entry["id"], "label", "Visita", "Otra"),
        (entry["id"], "location", "Jaén", ""),
    }
    [number] = changes["vtiger_modtracker_basic_seq"].added
    assert number == {"id": entry["id"]}


def test_moved_start_moves_the_reminder_popup(each_way: Installed) -> None:
    crm_id = rich_activity(each_way)
    start, end = "2027-03-05T17:00:00+01:00", "2027-03-05T18:00:00+01:00"

    changes = touched_by(each_way, "patch", {"start": {"dateTime": start}, "end": {"dateTime": end}})

    popup = changes.pop("vtiger_activity_reminder_popup")
    [moved] = popup.changed.values()
    day = (START.date(), START.date() + timedelta(days=3))
    assert moved == {"date_start": day, "time_start": ("09:00:00", "16:00:00")}
    assert changes.pop("vtiger_activity").changed == {
        crm_id: {
            "date_start": day,
            "due_date": day,
            "time_start": ("09:00:00", "16:00:00"),
            "time_end": ("10:00:00", "17:00:00"),
        }
    }
    assert sorted(changes) == ["vtiger_crmentity", *(HISTORY if is_on(each_way) else [])]


def test_start_moved_into_the_past_marks_the_popup_as_shown(each_mode: Installed) -> None:
    rich_activity(each_mode)
    times = {
        "start": {"dateTime": "2026-01-05T17:00:00+01:00"},
        "end": {"dateTime": "2026-01-05T18:00:00+01:00"},
    }

    changes = touched_by(each_mode, "patch", times)

    [moved] = changes["vtiger_activity_reminder_popup"].changed.values()
    assert moved["status"] == (0, 1)


def test_delete_in_google_bins_the_record_and_keeps_all_that_hangs_on_it(each_way: Installed) -> None:
    crm_id = rich_activity(each_way)

    changes = touched_by(each_way, "delete", {})

    stamp = changes.pop("vtiger_crmentity").changed.pop(crm_id)
    assert stamp.pop("modifiedtime") and stamp == {"deleted": (0, 1)}
    assert sorted(changes) == (
        ["vtiger_modtracker_basic", "vtiger_modtracker_basic_seq"] if is_on(each_way) else []
    )
    if is_on(each_way):
        assert [row["status"] for row in changes["vtiger_modtracker_basic"].added] == [1]


def test_event_restored_in_google_takes_the_record_out_of_the_bin_as_it_was(each_way: Installed) -> None:
    crm_id = rich_activity(each_way)
    before = snapshot(each_way)
    google_id = each_way.events()[0]["id"]
    each_way.google.edit("delete", google_id)
    each_way.sync()

    each_way.google.edit("patch", google_id, {"status": "confirmed"})
    each_way.sync()

    changes = differences(before, snapshot(each_way))
    assert set(changes.pop("vtiger_crmentity").changed.pop(crm_id)) == {"modifiedtime"}
    # One id was kept ready, should the record be gone for good.
    assert len(changes.pop("vtiger_crmentity_seq").added) == 1
    assert sorted(changes) == (
        ["vtiger_modtracker_basic", "vtiger_modtracker_basic_seq"] if is_on(each_way) else []
    )


def test_new_event_gets_the_rows_that_the_crm_writes(each_way: Installed) -> None:
    changes = touched_by(each_way, "insert", timed("Reunión", location="Sala 2"))

    [entity] = changes.pop("vtiger_crmentity").added
    crm_id, now = entity["crmid"], each_way.clock().replace(tzinfo=None)
    assert changes.pop("vtiger_crmentity_seq").added == [{"id": crm_id}]
    assert (entity["setype"], entity["smcreatorid"], entity["smownerid"], entity["modifiedby"]) == (
        ("Calendar", USER, USER, USER)
    )
    assert (entity["createdtime"], entity["modifiedtime"], entity["label"]) == (now, now, "Reunión")
    assert (entity["source"], entity["smgroupid"], entity["deleted"], entity["presence"]) == (
        "GOOGLE",
        0,
        0,
        1,
    )
    [activity] = changes.pop("vtiger_activity").added
    assert (activity["activityid"], activity["notime"], activity["sendnotification"]) == (crm_id, "0", "0")
    assert (activity["duration_hours"], activity["duration_minutes"]) == ("1", "30")
    assert changes.pop("vtiger_activitycf").added == [{"activityid": crm_id}]
    assert changes.pop("vtiger_salesmanactivityrel").added == [{"smid": USER, "activityid": crm_id}]
    starred = {"recordid": crm_id, "userid": USER, "starred": "0"}
    assert changes.pop("vtiger_crmentity_user_field").added == [starred]
    [popup] = changes.pop("vtiger_activity_reminder_popup").added
    assert (popup["recordid"], popup["time_start"], popup["status"]) == (crm_id, "09:00:00", 0)
    assert sorted(changes) == (HISTORY if is_on(each_way) else [])


def test_new_event_of_the_past_gets_no_popup(each_mode: Installed) -> None:
    changes = touched_by(each_mode, "insert", timed("Antigua", "2026-03-02"))

    assert "vtiger_activity" in changes and "vtiger_activity_reminder_popup" not in changes


def test_new_popups_come_after_all_that_are_moved(installed: Installed) -> None:
    """A save of the CRM's reads the pop-ups from the first on: waiting at a new one, it would hold those that we want."""
    google_id = installed.google.edit("insert", body=timed("Antigua"))["id"]
    installed.sync()
    later = {
        name: {"dateTime": f"2027-04-02T{hour}:00:00+02:00"} for name, hour in (("start", 10), ("end", 11))
    }
    installed.google.edit("patch", google_id, later)
    installed.google.edit("insert", body=timed("Nueva"))
    written: list[str] = []

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if "_popup" in statement and not statement.startswith("SELECT"):
            written.append(statement.split()[0])

    sa.event.listen(installed.parts.engine, "before_cursor_execute", note)
    installed.sync()
    sa.event.remove(installed.parts.engine, "before_cursor_execute", note)

    assert written == ["UPDATE", "INSERT"]
