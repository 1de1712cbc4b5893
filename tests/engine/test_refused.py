"""What one side refuses for good waits for its time, whatever the other side reports of it meanwhile."""

from tests.engine.test_first_sync import timed
from tests.engine.test_thirteen_faults import A_DAY, REFUSED, is_quiet
from tests.installed import Installed


def test_refused_push_waits_though_google_s_report_waits_with_it(installed: Installed) -> None:
    google_id = installed.google.edit("insert", body=timed("Cita"))["id"]
    installed.sync()
    installed.google.fault("events.patch", times=1, **REFUSED)
    installed.google.edit("patch", google_id, {"colorId": "5"})
    installed.edit_activity(installed.activities()["Cita"]["activityid"], location="Sala 2")

    run = installed.sync()
    assert (run.google.skipped, run.parked) == (1, 1)
    waiting = installed.sync()
    assert is_quiet(waiting) and (waiting.google.skipped, waiting.parked) == (0, 1)
    later = installed.sync(after_minutes=A_DAY)

    assert (later.google.updated, later.parked) == (1, 0)
    assert installed.events()[0]["location"] == "Sala 2"


def test_refused_half_of_an_update_of_both_sides_waits(installed: Installed) -> None:
    google_id = installed.google.edit("insert", body=timed("Cita"))["id"]
    installed.sync()
    installed.google.fault("events.patch", times=1, **REFUSED)
    installed.google.edit("patch", google_id, {"summary": "Reunión"})
    installed.edit_activity(installed.activities()["Cita"]["activityid"], location="Sala 2")

    run = installed.sync()
    assert (run.crm.updated, run.google.skipped, run.parked) == (1, 1, 1)
    waiting = installed.sync()
    assert is_quiet(waiting) and waiting.google.skipped == 0
    later = installed.sync(after_minutes=A_DAY)

    assert later.google.updated == 1
    assert (installed.events()[0]["summary"], installed.events()[0]["location"]) == ("Reunión", "Sala 2")


def test_refused_record_is_tried_at_once_when_google_changes_it(installed: Installed) -> None:
    google_id = installed.google.edit("insert", body=timed("Cita"))["id"]
    installed.sync()
    installed.google.fault("events.patch", times=1, **REFUSED)
    installed.edit_activity(installed.activities()["Cita"]["activityid"], location="Sala 2")
    installed.sync()

    installed.google.edit("patch", google_id, {"summary": "Reunión"})
    run = installed.sync()

    assert (run.crm.updated, run.google.updated, run.parked) == (1, 1, 0)
    assert installed.activities()["Reunión"]["location"] == installed.events()[0]["location"] == "Sala 2"


def test_activity_that_the_database_refuses_waits_and_holds_up_nothing(installed: Installed) -> None:
    installed.alter("ALTER TABLE vtiger_activity ADD CONSTRAINT no_trap CHECK (subject <> 'Trampa')")
    installed.google.edit("insert", body=timed("Trampa"))
    google_id = installed.google.edit("insert", body=timed("Cita"))["id"]
    installed.sync()
    installed.google.edit("patch", google_id, {"summary": "Trampa"})
    installed.google.edit("insert", body=timed("Otra"))

    run = installed.sync()
    assert (run.crm.created, run.crm.skipped, run.parked) == (1, 1, 2)
    waiting = installed.sync()

    assert is_quiet(waiting) and waiting.crm.skipped == 0
    assert set(installed.activities()) == {"Cita", "Otra"}
