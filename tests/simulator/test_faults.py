"""Injected faults, quotas and latency."""

from __future__ import annotations

import time
from typing import Any

import httplib2
import pytest
import requests
from googleapiclient.errors import HttpError

LUCIA = "lucia@empresa.example"
BODY = {"id": "abcde", "start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}


def read(events: Any) -> Any:
    return events.list(calendarId="primary").execute()


def path(url: str, event_id: str = "") -> str:
    return f"{url}/calendar/v3/calendars/primary/events{event_id}"


@pytest.mark.parametrize(
    ("status", "reason", "domain"),
    [
        (401, None, "global"),
        (403, "userRateLimitExceeded", "usageLimits"),
        (403, "rateLimitExceeded", "usageLimits"),
        (403, "quotaExceeded", "usageLimits"),
        (404, None, "global"),
        (409, None, "global"),
        (410, "fullSyncRequired", "calendar"),
        (412, None, "global"),
        (429, "rateLimitExceeded", "usageLimits"),
        (500, "backendError", "global"),
        (503, None, "global"),
    ],
)
def test_an_error_in_googles_envelope(
    api: Any, url: str, sim: Any, status: int, reason: str | None, domain: str
) -> None:
    sim.post("faults", route="events.list", status=status, reason=reason, times=1)
    answer = api.get(path(url), timeout=10)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["errors"][0]["domain"]) == (status, status, domain)
    assert reason in (None, error["errors"][0]["reason"])
    assert api.get(path(url), timeout=10).status_code == 200


def test_a_rule_hits_the_nth_matching_call_of_its_user(events: Any, connect: Any, sim: Any) -> None:
    sim.post("faults", route="events.list", user=LUCIA, nth=2, times=2, status=503, retry_after=7)
    marco = connect("marco@empresa.example").events()
    seen = []
    for who in (events, marco, events, events, marco, events):
        try:
            read(who)
            seen.append("ok")
        except HttpError as error:
            seen.append(error.resp["retry-after"])
    assert seen == ["ok", "ok", "7", "7", "ok", "ok"]
    assert sim.get("faults")["faults"][0]["hits"] == 2
    sim.delete("faults")
    assert sim.get("faults")["faults"] == []


def test_html_and_truncated_bodies(api: Any, url: str, sim: Any) -> None:
    sim.post("faults", route="events.list", times=1, status=502, body="html")
    answer = api.get(path(url), timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (502, "text/html")
    sim.post("faults", route="events.list", times=1, body="truncated")
    answer = api.get(path(url), timeout=10)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        answer.json()


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
def test_a_reset_cuts_the_line_before_or_after_the_commit(
    api: Any, url: str, sim: Any, when: str, stored: int
) -> None:
    api.get(path(url), timeout=10)
    sim.post("faults", route="events.insert", times=1, reset=when)
    with pytest.raises(requests.ConnectionError):
        api.post(path(url), json=BODY, timeout=10)
    assert len(api.get(path(url), timeout=10).json()["items"]) == stored
    assert sim.get("log", route="events.insert")["entries"][0]["dropped"] == when


def test_a_reset_after_commit_shows_the_silent_second_post_of_httplib2(events: Any, sim: Any) -> None:
    """Why inserts carry ids of their own: the library sends again by itself, RETRIES = 1 or not."""
    assert httplib2.RETRIES == 1
    read(events)
    sim.post("faults", route="events.insert", times=1, reset="after")
    with pytest.raises(HttpError) as error:
        events.insert(calendarId="primary", body=BODY).execute()
    assert error.value.status_code == 409
    assert sim.get("counters")["by_route"]["events.insert"] == 2


@pytest.mark.parametrize(("when", "stored"), [("before", 1), ("after", 2)])
def test_a_reset_in_a_batch_part_cuts_the_batch(api: Any, url: str, sim: Any, when: str, stored: int) -> None:
    sim.post("faults", route="events.insert", nth=2, reset=when)
    parts = [
        "--b\r\nContent-Type: application/http\r\n\r\nPOST /calendar/v3/calendars/primary/events\r\n"
        "Content-Type: application/json\r\n\r\n"
        '{"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}\r\n'
    ] * 3
    with pytest.raises(requests.ConnectionError):
        api.post(
            f"{url}/batch/calendar/v3",
            data="".join(parts) + "--b--",
            headers={"Content-Type": "multipart/mixed; boundary=b"},
            timeout=10,
        )
    assert len(api.get(path(url), timeout=10).json()["items"]) == stored


def test_faults_reach_the_token_endpoint(url: str, sim: Any) -> None:
    sim.post("faults", route="oauth.token", times=1, status=503, body="html")
    answer = requests.post(f"{url}/token", data={}, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (503, "text/html")


def test_latency_per_call_per_request_and_per_part(calendar: Any, sim: Any) -> None:
    events = calendar.events()
    sim.post("faults", route="events.list", times=1, latency_ms=60)
    begin = time.monotonic()
    read(events)
    assert time.monotonic() - begin >= 0.06
    sim.post("latency", latency_ms=40, part_latency_ms=5)
    batch = calendar.new_batch_http_request()
    for _ in range(4):
        batch.add(events.get(calendarId="primary", eventId="abcde"))
    begin = time.monotonic()
    batch.execute()
    assert 0.06 <= time.monotonic() - begin < 0.2


def test_a_minutes_quota_refuses_what_exceeds_it(events: Any, connect: Any, sim: Any) -> None:
    sim.post("switches", user_units_per_minute=5)
    events.insert(calendarId="primary", body=BODY).execute()
    events.patch(calendarId="primary", eventId="abcde", body={"summary": "x"}).execute()
    with pytest.raises(HttpError) as error:
        events.patch(calendarId="primary", eventId="abcde", body={"summary": "y"}).execute()
    assert error.value.error_details[0]["reason"] == "userRateLimitExceeded"
    read(events)
    read(connect("marco@empresa.example").events())
    sim.post("switches", user_units_per_minute=None, project_units_per_minute=0)
    with pytest.raises(HttpError) as error:
        read(events)
    assert error.value.error_details[0]["reason"] == "rateLimitExceeded"


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"route": "events.list"},
        {"route": "*", "status": 500, "colour": "red"},
        {"route": "*", "body": "pdf"},
        {"route": "*", "reset": "maybe"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(url: str, sim: Any, rule: dict[str, Any]) -> None:
    answer = requests.post(f"{url}/_sim/faults", json=rule, timeout=10)
    assert (answer.status_code, "error" in answer.json()) == (400, True)


def test_a_dripping_body_takes_its_time(api: Any, url: str, sim: Any) -> None:
    sim.post("faults", route="events.list", times=1, drip_ms=80)
    begin = time.monotonic()
    assert api.get(path(url), timeout=10).json()["items"] == []
    assert time.monotonic() - begin >= 0.06
