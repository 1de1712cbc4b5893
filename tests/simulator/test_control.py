"""Seed, state, log, clock, switches, edits."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from demo.google.recurrence import take_place
from demo.google.server import build_server

LUCIA, MARCO = "lucia@empresa.example", "marco@empresa.example"
HOURS = (("start", "10:00"), ("end", "11:00"))
WHOLE_DAY = {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}


def test_state_holds_everything(sim: Any, events: Any) -> None:
    events.insert(calendarId="primary", body={"id": "abcde", **WHOLE_DAY}).execute()
    state = sim.get("state")
    assert [account["email"] for account in state["accounts"]] == [LUCIA, MARCO]
    assert [event["id"] for event in state["calendars"][0]["events"]] == ["abcde"]
    assert state["grants"][0]["scopes"] == ["https://www.googleapis.com/auth/calendar"]
    assert state["outbox"] == []
    assert "secret" not in json.dumps(state)


def test_the_log_tells_each_call_with_its_units(sim: Any, events: Any) -> None:
    events.insert(calendarId="primary", body={"id": "abcde", **WHOLE_DAY}).execute()
    events.patch(calendarId="primary", eventId="abcde", body={"summary": "x"}).execute()
    log = sim.get("log")
    assert [(e["route"], e["user"], e["status"], e["units"]) for e in log["entries"]] == [
        ("events.insert", LUCIA, 200, 1),
        ("events.patch", LUCIA, 200, 3),
    ]
    assert log["entries"][1]["path"] == "/calendar/v3/calendars/primary/events/abcde"
    assert log["counters"]["units"] == 4
    assert len(sim.get("log", route="events.patch")["entries"]) == 1
    assert [e["route"] for e in sim.get("log", last="1")["entries"]] == ["events.patch"]
    sim.delete("log")
    assert sim.get("counters") == {
        "requests": 0,
        "batch_parts": 0,
        "units": 0,
        "errors": 0,
        "by_route": {},
        "costs": {},
    }


def test_the_log_holds_no_tokens_even_those_sent_in_a_query(sim: Any, url: str) -> None:
    token = sim.post("token", email=LUCIA, scopes=["https://www.googleapis.com/auth/calendar"])[
        "access_token"
    ]
    path = f"{url}/calendar/v3/calendars/primary/events"
    assert requests.get(path, params={"access_token": token, "maxResults": 1}, timeout=10).status_code == 200
    assert requests.post(f"{url}/revoke", params={"token": token}, timeout=10).status_code == 200
    assert token not in json.dumps(sim.get("log"))


def test_the_clock_moves_and_runs_on(sim: Any, events: Any) -> None:
    sim.post("clock", now="2027-03-28T00:59:00Z")
    sim.post("clock", advance_s=120)
    # the token was issued on the old clock, so ask for the event through the user's own hand
    event = sim.edit(LUCIA, "insert", **WHOLE_DAY)
    assert event["created"].startswith("2027-03-28T01:01:0")


def test_edits_follow_the_rules_and_leave_quota_and_log_alone(sim: Any, url: str) -> None:
    made = sim.edit(LUCIA, "insert", id="abcde", **WHOLE_DAY)
    changed = sim.edit(LUCIA, "patch", "abcde", summary="x")
    assert changed["etag"] != made["etag"]
    assert sim.edit(LUCIA, "update", "abcde", **WHOLE_DAY).get("summary") is None
    sim.edit(LUCIA, "delete", "abcde")
    body = {"email": LUCIA, "operation": "delete", "event_id": "abcde"}
    assert requests.post(f"{url}/_sim/edit", json=body, timeout=10).status_code == 410
    assert sim.get("counters")["requests"] == 0
    assert requests.post(f"{url}/_sim/edit", json=body | {"operation": "eat"}, timeout=10).status_code == 400


@pytest.mark.parametrize("body", [{"colour": 1}, {"batch_limit": "fifty"}, {"garbage_sync_token": "418"}])
def test_a_switch_that_makes_no_sense_changes_nothing(sim: Any, url: str, body: dict[str, Any]) -> None:
    before = sim.post("switches")
    answer = requests.post(f"{url}/_sim/switches", json={"page_size_cap": 3} | body, timeout=10)
    assert answer.status_code == 400
    assert sim.post("switches") == before


def test_reset_goes_back_to_the_seed_and_keeps_clients(sim: Any, url: str) -> None:
    sim.post("clients", client_id="own", client_secret="s", redirect_uris=[])
    sim.post("account", email="nueva@empresa.example")
    sim.post("switches", batch_limit=50)
    sim.post("clock", advance_s=86400)
    sim.post("reset")
    state = sim.get("state")
    assert [account["email"] for account in state["accounts"]] == [LUCIA, MARCO]
    assert state["switches"]["batch_limit"] == 1000
    assert abs(datetime.fromisoformat(state["now"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert "own" in [client["client_id"] for client in state["clients"]]


def test_an_unknown_control_lists_the_known_ones(sim: Any, url: str) -> None:
    answer = requests.get(f"{url}/_sim/nothing", timeout=10)
    assert answer.status_code == 404
    assert "POST /_sim/reset" in answer.json()["known"]


def test_seed_dates_are_laid_out_from_today() -> None:
    seed = {
        "accounts": [{"email": LUCIA}],
        "events": [{"calendar": LUCIA, "start": {"date": "{today+1}"}, "end": {"date": "{today+2}"}}],
    }
    server = build_server(seed=seed)
    server.server_close()
    (event,) = server.world.calendars[LUCIA].events
    tomorrow = server.world.clock.now().date() + timedelta(days=1)
    assert event["start"] == {"date": tomorrow.isoformat()}


def test_seed_s_exceptions_are_edited_or_cancelled_occurrences() -> None:
    hours = {
        side: {"dateTime": f"2026-11-23T{clock}:00", "timeZone": "Europe/Madrid"} for side, clock in HOURS
    }
    moved = {"day": "2026-11-24", "summary": "Once", "start": hours["end"], "end": hours["end"]}
    series = {
        "calendar": LUCIA,
        "id": "diaria",
        "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"],
        "exceptions": [moved, {"day": "2026-11-25", "status": "cancelled"}],
        **hours,
    }
    server = build_server(seed={"accounts": [{"email": LUCIA}], "events": [series]})
    server.server_close()
    calendar = server.world.calendars[LUCIA]
    shown = take_place(calendar, datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))
    assert sorted((event["id"], event.get("summary")) for event in shown) == [
        ("diaria_20261123T090000Z", None),
        ("diaria_20261124T090000Z", "Once"),
    ]


def test_occurrences_are_what_the_page_shows(sim: Any) -> None:
    body = {
        "start": {"date": "2026-11-23"},
        "end": {"date": "2026-11-24"},
        "recurrence": ["RRULE:FREQ=WEEKLY"],
    }
    sim.post("edit", email=LUCIA, operation="insert", body={"id": "semanal", **body})
    window = "since=2026-11-20T00:00:00%2B00:00&until=2026-12-10T00:00:00%2B00:00"
    shown = sim.get(f"occurrences?calendar={LUCIA}&{window}")["events"]
    mine = [event["start"]["date"] for event in shown if event.get("recurringEventId") == "semanal"]
    assert mine == ["2026-11-23", "2026-11-30", "2026-12-07"]


def test_many_threads_lose_nothing(sim: Any, url: str) -> None:
    token = sim.post("token", email=LUCIA, scopes=["https://www.googleapis.com/auth/calendar"])[
        "access_token"
    ]

    def work() -> None:
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {token}"
            for _ in range(10):
                session.post(f"{url}/calendar/v3/calendars/primary/events", json=WHOLE_DAY, timeout=10)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = sim.get("state")["calendars"][0]["events"]
    assert len(events) == len({event["etag"] for event in events}) == 60


def test_the_command_prints_its_address_and_serves_the_default_company() -> None:
    command = [sys.executable, "-m", "demo.google", "--redirect-uri", "http://127.0.0.1:1/x"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout
        line = process.stdout.readline()
        found = re.fullmatch(r"Google simulator on (http://127\.0\.0\.1:\d+)\n", line)
        assert found
        assert requests.get(f"{found[1]}/_sim/health", timeout=10).json() == {"ok": True}
        state = requests.get(f"{found[1]}/_sim/state", timeout=10).json()
        assert {"client_id": "demo-client", "redirect_uris": ["http://127.0.0.1:1/x"]} in state["clients"]
        assert len(state["calendars"]) == 4
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
