"""Faults 1 to 8 of the 13 measured on the CRM's own sync (facts, crm_own_sync_measured §4): none of them is ours."""

from __future__ import annotations

import threading

from plugin.jobs.tasks import carry_out
from plugin.sync.views import RunStatus, RunView
from tests.engine.test_crm_rows import rich_activity
from tests.engine.test_first_sync import timed
from tests.installed import Installed

A_DAY = 24 * 60 + 1
REFUSED = {"status": 403, "reason": "forbiddenForNonOrganizer"}


def is_quiet(run: RunView) -> bool:
    return run.status is RunStatus.DONE and run.crm.is_nothing and run.google.is_nothing


def link_activities(installed: Installed, count: int) -> list[int]:
    """That many activities in the CRM, and in Google; return their ids."""
    crm_ids = [installed.add_activity(f"Cita {number:02}") for number in range(count)]
    installed.sync()
    assert len(installed.events()) == count
    return crm_ids


def test_1_google_deletes_end_no_run_and_both_directions_go_through(installed: Installed) -> None:
    crm_ids = link_activities(installed, 8)
    for event in installed.events()[:3]:
        installed.google.edit("delete", event["id"])
    for crm_id in crm_ids[5:]:
        installed.delete_activity(crm_id)
    installed.add_activity("Nueva")

    run = installed.sync()

    assert (run.status, run.error_code) == (RunStatus.DONE, "")
    assert (run.crm.deleted, run.google.deleted, run.google.created) == (3, 3, 1)
    assert set(installed.activities()) == {e["summary"] for e in installed.events()} and is_quiet(
        installed.sync()
    )


def test_2_more_than_100_google_events_all_arrive_over_runs(installed: Installed) -> None:
    for number in range(250):
        installed.google.edit("insert", body=timed(f"Cita {number:03}"))

    runs = [installed.sync() for _ in range(4)]

    assert [(run.crm.created, run.crm.has_more) for run in runs] == [
        (100, True),
        (100, True),
        (50, False),
        (0, False),
    ]
    assert len(installed.activities()) == len(installed.links()) == 250
    assert len(installed.events()) == 250


def test_3_events_changed_long_ago_arrive(installed: Installed) -> None:
    for number in range(3):
        installed.google.edit("insert", body=timed(f"Cita {number}", "2027-06-02"))
    installed.google.control("POST", "clock", {"advance_s": 40 * 86_400})

    run = installed.sync(after_minutes=40 * A_DAY)

    assert run.crm.created == 3


HANGING = (
    "vtiger_activity_reminder",
    "vtiger_cntactivityrel",
    "vtiger_invitees",
    "vtiger_recurringevents",
    "vtiger_salesmanactivityrel",
    "vtiger_seactivityrel",
)


def test_4_google_change_leaves_reminder_contact_invitee_and_repeat_rule(installed: Installed) -> None:
    crm_id = rich_activity(installed)
    before = {table: installed.rows(f"SELECT * FROM {table}") for table in HANGING}
    assert all(before.values())
    [event] = installed.events()

    installed.google.edit("patch", event["id"], {"location": "Úbeda"})
    installed.sync()

    assert installed.activities()["Visita"]["activityid"] == crm_id
    assert installed.activities()["Visita"]["location"] == "Úbeda"
    assert {table: installed.rows(f"SELECT * FROM {table}") for table in HANGING} == before


def test_5_refused_pushes_are_told_as_skipped_and_tried_again(installed: Installed) -> None:
    installed.google.fault("events.insert", nth=4, **REFUSED)
    for number in range(10):
        installed.add_activity(f"Cita {number}")

    run = installed.sync()
    assert (run.google.created, run.google.skipped, run.parked) == (9, 1, 1)
    assert len(installed.events()) == len(installed.links()) == 9
    assert is_quiet(installed.sync())
    later = installed.sync(after_minutes=A_DAY)

    assert (later.google.created, later.google.skipped, later.parked) == (1, 0, 0)
    assert len(installed.events()) == len(installed.links()) == 10


def test_5_refused_updates_are_told_as_skipped_and_tried_again(installed: Installed) -> None:
    crm_ids = link_activities(installed, 10)
    installed.google.fault("events.patch", nth=4, **REFUSED)
    for crm_id in crm_ids:
        installed.edit_activity(crm_id, location="Sala 2")

    run = installed.sync()
    assert (run.google.updated, run.google.skipped, run.parked) == (9, 1, 1)
    later = installed.sync(after_minutes=A_DAY)

    assert (later.google.updated, later.parked) == (1, 0)
    assert {event["location"] for event in installed.events()} == {"Sala 2"}


def test_6_refused_deletes_do_not_resurrect_and_are_tried_again(installed: Installed) -> None:
    crm_ids = link_activities(installed, 8)
    installed.google.fault("events.delete", nth=2, **REFUSED)
    for crm_id in crm_ids[:4]:
        installed.delete_activity(crm_id)

    run = installed.sync()
    assert (run.google.deleted, run.google.skipped, run.parked) == (3, 1, 1)
    assert is_quiet(installed.sync())
    assert (len(installed.events()), len(installed.activities())) == (5, 4)
    later = installed.sync(after_minutes=A_DAY)

    assert (later.google.deleted, later.parked) == (1, 0)
    assert len(installed.events()) == len(installed.activities()) == 4


def test_7_two_sessions_at_once_double_nothing(installed: Installed) -> None:
    for number in range(60):
        installed.add_activity(f"Del CRM {number}")
    for number in range(60):
        installed.google.edit("insert", body=timed(f"De Google {number}"))
    together = threading.Barrier(3)

    def session() -> None:
        together.wait()
        for _ in range(3):
            run, _ = installed.parts.run_store.request(installed.pair_id, "manual", installed.clock())
            carry_out(installed.parts, run.run_id)

    sessions = [threading.Thread(target=session) for _ in range(3)]
    for thread in sessions:
        thread.start()
    for thread in sessions:
        thread.join()
    installed.sync()

    assert len(installed.activities()) == len(installed.events()) == len(installed.links()) == 120
    created = installed.rows("SELECT SUM(crm_created) AS crm, SUM(google_created) AS google FROM gsync_runs")
    assert [(row["crm"], row["google"]) for row in created] == [(60, 60)]


def sync_until_google_repeats_nothing(installed: Installed) -> None:
    """All within one second. An event that Google lists once more would have us look at its activity for that."""
    for _ in range(3):
        installed.sync(after_minutes=0)


def test_8_edit_in_the_same_second_as_the_run_is_seen(installed: Installed) -> None:
    crm_id = installed.add_activity("Cita")
    sync_until_google_repeats_nothing(installed)
    installed.edit_activity(crm_id, location="Sala 2")
    installed.add_activity("Otra")

    installed.sync()

    assert [(e["summary"], e.get("location")) for e in installed.events()] == [
        ("Cita", "Sala 2"),
        ("Otra", None),
    ]


def test_8_edit_in_the_same_second_as_our_own_write_is_seen(installed: Installed) -> None:
    google_id = installed.google.edit("insert", body=timed("Cita"))["id"]
    installed.sync()
    installed.edit_activity(installed.activities()["Cita"]["activityid"], location="Sala 2")
    installed.sync(after_minutes=0)
    installed.google.edit("patch", google_id, {"summary": "Reunión"})
    sync_until_google_repeats_nothing(installed)
    installed.edit_activity(installed.activities()["Reunión"]["activityid"], location="Sala 3")

    installed.sync()

    [event] = installed.events()
    assert (event["summary"], event["location"]) == ("Reunión", "Sala 3")
