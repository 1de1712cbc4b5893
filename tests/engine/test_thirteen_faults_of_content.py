"""Faults 9 to 13 of the 13 measured on the CRM's own sync (facts, crm_own_sync_measured §4): none of them is ours."""

from __future__ import annotations

import json
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from demo.crm.sessions import COOKIE, Session
from demo.servers import MariaDb
from plugin.crm.session import CsrfTokens
from plugin.jobs.tasks import carry_out
from tests.engine.test_first_sync import timed
from tests.engine.test_thirteen_faults import is_quiet
from tests.installed import USER, Installed, install
from tests.simulated_google import SimulatedGoogle


@pytest.mark.parametrize("day", ["2027-01-15", "2027-07-01", "2027-03-28", "2027-10-31"])
def test_9_all_day_event_keeps_its_date_and_kind_in_summer_and_winter(installed: Installed, day: str) -> None:
    next_day = (datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat()
    body = {"summary": "Feria", "start": {"date": day}, "end": {"date": next_day}}
    installed.google.edit("insert", body=body)
    installed.sync()
    activity = installed.activities()["Feria"]
    start = datetime.fromisoformat(f"{activity['date_start']}T{activity['time_start']}+00:00")
    assert start == datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Madrid"))

    installed.edit_activity(activity["activityid"], location="Sevilla")
    run = installed.sync()

    [event] = installed.events()
    assert run.google.updated == 1 and event["location"] == "Sevilla"
    assert (event["start"], event["end"]) == ({"date": day}, {"date": next_day})
    assert is_quiet(installed.sync())


def test_9_all_day_event_that_is_moved_in_the_crm_stays_all_day(installed: Installed) -> None:
    """Over the night in which summer time ends, and with the second that the CRM's calendar adds."""
    body = {"summary": "Feria", "start": {"date": "2027-10-29"}, "end": {"date": "2027-10-30"}}
    installed.google.edit("insert", body=body)
    installed.sync()
    start = datetime(2027, 10, 31, 22, 0, 1)

    installed.edit_activity(
        installed.activities()["Feria"]["activityid"], start_utc=start, end_utc=start + timedelta(days=1)
    )
    run = installed.sync()

    [event] = installed.events()
    assert run.google.updated == 1
    assert (event["start"], event["end"]) == ({"date": "2027-11-01"}, {"date": "2027-11-02"})
    assert is_quiet(installed.sync())


@pytest.mark.parametrize("first", ["google", "crm"])
def test_10_loser_of_a_conflict_is_kept_in_the_journal(installed: Installed, first: str) -> None:
    google_id = installed.google.edit("insert", body=timed("Cita"))["id"]
    installed.sync()
    crm_id = installed.activities()["Cita"]["activityid"]
    edits = [
        lambda: installed.google.edit("patch", google_id, {"location": "De Google"}),
        lambda: installed.edit_activity(crm_id, location="Del CRM", description="Solo del CRM"),
    ]
    for edit in edits if first == "google" else reversed(edits):
        edit()
        installed.clock.advance(minutes=1)

    installed.sync()

    [line] = installed.rows("SELECT lost, crm_id FROM gsync_journal WHERE lost LIKE '%CRM%'")
    assert (json.loads(line["lost"]), line["crm_id"]) == ({"location": "Del CRM"}, crm_id)
    [event], activity = installed.events(), installed.activities()["Cita"]
    assert event["location"] == activity["location"] == "De Google"
    assert event["description"] == activity["description"] == "Solo del CRM"


LONG = "Ñandú" * 60


def test_11_what_the_crm_cannot_hold_is_not_written_back(installed: Installed) -> None:
    body = timed(f"Fiesta 😀 {LONG}", location=LONG, visibility="confidential")
    installed.google.edit("insert", body=body)
    installed.sync()
    [activity] = installed.activities().values()
    assert activity["subject"] == f"Fiesta ? {LONG}"[:255]
    assert activity["location"] == LONG[:150] and activity["visibility"] == "Private"

    installed.edit_activity(activity["activityid"], description="Nuevo")
    run = installed.sync()

    assert run.google.updated == 1
    [event] = installed.events()
    assert (event["summary"], event["location"]) == (body["summary"], body["location"])
    assert (event["visibility"], event["description"]) == ("confidential", "Nuevo")
    assert is_quiet(installed.sync())


def test_11_event_without_a_title_stays_without_one_in_google(installed: Installed) -> None:
    body = {name: value for name, value in timed("").items() if name != "summary"}
    installed.google.edit("insert", body=body)
    installed.sync()

    installed.edit_activity(installed.activities()["Google Event"]["activityid"], location="Sala 2")
    installed.sync()

    [event] = installed.events()
    assert event.get("summary", "") == "" and event["location"] == "Sala 2"


def test_12_visibility_all_is_pushed_and_stays(installed: Installed) -> None:
    crm_id = installed.add_activity("Puertas abiertas", visibility="all")

    run = installed.sync()

    assert (run.google.created, run.google.skipped, run.parked) == (1, 0, 0)
    assert is_quiet(installed.sync())
    installed.google.edit("patch", installed.events()[0]["id"], {"location": "Patio"})
    installed.sync()
    activity = installed.activities()["Puertas abiertas"]
    assert (activity["activityid"], activity["visibility"], activity["location"]) == (crm_id, "all", "Patio")


def test_13_session_is_free_while_the_page_waits_for_the_run(
    mariadb: MariaDb, google: SimulatedGoogle, redis_url: str, tmp_path: Path
) -> None:
    installed = install(mariadb, google, GSYNC_REDIS_URL=redis_url, GSYNC_CRM_SESSIONS=f"file://{tmp_path}")
    installed.connect()
    installed.google.edit("insert", body=timed("Cita"))
    session_id = log_in(installed, tmp_path)
    installed.app.config["SYNC_WAIT_S"] = 20
    client = installed.app.test_client()
    client.set_cookie(COOKIE, session_id)
    token = CsrfTokens(installed.parts.settings.crm_csrf_secret).make_token(
        session_id, datetime.now().astimezone()
    )
    form = {"module": "Google", "view": "Sync", "__vtrftk": token}
    answers: list[str] = []
    page = threading.Thread(target=lambda: answers.append(client.post("/index.php", data=form).text))

    page.start()
    run_id = wait_for_run(installed)
    # Another page of the same session; as a thread, so that a held session ends in an answer and not in waiting for ever.
    other = threading.Thread(target=lambda: Session(tmp_path, session_id).close(), daemon=True)
    other.start()
    other.join(timeout=1)
    is_free, is_page_waiting = not other.is_alive(), page.is_alive()
    carry_out(installed.parts, run_id)
    page.join()

    assert is_free
    assert is_page_waiting
    assert json.loads(answers[0])["result"]["Calendar"]["vtiger"]["create"] == 1
    installed.close()


def log_in(installed: Installed, folder: Path) -> str:
    """Return the id of a session as the CRM leaves it after a login."""
    session = Session(folder, "abc123")
    session.data |= {
        "authenticated_user_id": USER,
        "AUTHUSERID": str(USER),
        "app_unique_key": installed.parts.settings.crm_app_key,
    }
    session.close()
    return session.session_id


def wait_for_run(installed: Installed) -> int:
    for _ in range(200):
        runs = installed.rows("SELECT run_id FROM gsync_runs")
        if runs:
            return int(runs[0]["run_id"])
        time.sleep(0.05)
    raise AssertionError("the page asked for no run")
