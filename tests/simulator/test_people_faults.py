"""Quota costs, injected faults, and the envelope in which the People API tells errors."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from googleapiclient.errors import HttpError

from tests.simulator.persons import LUCIA, create, named, refusal, update


def test_the_log_counts_costs_by_metric(people: Any, sim: Any) -> None:
    made = create(people)
    body = {"contacts": [{"contactPerson": named()}], "readMask": "metadata"}
    people.batchCreateContacts(body=body).execute()
    people.deleteContact(resourceName=made["resourceName"]).execute()
    counters = sim.get("counters")
    assert counters["costs"] == {"critical_reads": 7, "critical_writes": 7, "daily_writes": 201, "writes": 1}
    assert (counters["requests"], counters["units"]) == (3, 0)


@pytest.mark.parametrize("metric", ["critical_reads", "critical_writes", "daily_writes"])
def test_a_used_up_quota_refuses_before_anything_is_done(people: Any, sim: Any, metric: str) -> None:
    sim.post("switches", **{f"people_{metric}": 1})
    create(people)
    with pytest.raises(HttpError) as error:
        create(people)
    assert refusal(error) == (429, "RESOURCE_EXHAUSTED", ["RATE_LIMIT_EXCEEDED"])
    assert len(sim.get("state")["contacts"][LUCIA]["people"]) == 1


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"status": 400, "reason": "failedPrecondition"}, (400, "FAILED_PRECONDITION", [])),
        ({"status": 400, "reason": "INVALID_ARGUMENT"}, (400, "INVALID_ARGUMENT", [])),
        (
            {"status": 400, "reason": "EXPIRED_SYNC_TOKEN"},
            (400, "FAILED_PRECONDITION", ["EXPIRED_SYNC_TOKEN"]),
        ),
        ({"status": 403, "reason": "SERVICE_DISABLED"}, (403, "PERMISSION_DENIED", ["SERVICE_DISABLED"])),
        ({"status": 404}, (404, "NOT_FOUND", [])),
        ({"status": 409}, (409, "ABORTED", [])),
        ({"status": 429}, (429, "RESOURCE_EXHAUSTED", ["RATE_LIMIT_EXCEEDED"])),
        ({"status": 503}, (503, "UNAVAILABLE", [])),
    ],
    ids=lambda value: str(value.get("reason", value["status"])) if isinstance(value, dict) else "",
)
def test_faults_come_in_the_envelope_of_newer_apis(
    people: Any, sim: Any, rule: dict[str, Any], told: tuple[int, str, list[str]]
) -> None:
    sim.post("faults", route="people.createContact", **rule)
    with pytest.raises(HttpError) as error:
        create(people)
    assert refusal(error) == told
    assert sim.get("state")["contacts"][LUCIA]["people"] == []


def test_a_connection_lost_after_the_commit_leaves_a_contact(people: Any, sim: Any) -> None:
    """httplib2 sends a second time what it got no answer to: the reason for a transport that does not."""
    sim.post("faults", route="people.createContact", nth=1, reset="after")
    create(people)
    assert len(sim.get("state")["contacts"][LUCIA]["people"]) == 2


@pytest.mark.parametrize("switch", ["allow", "409", "500"])
def test_two_writes_of_one_user_at_once_clash_where_switched(url: str, sim: Any, switch: str) -> None:
    sim.post("switches", people_concurrent=switch)
    sim.post("faults", route="people.createContact", nth=1, latency_ms=300)
    token = sim.post("token", email=LUCIA, scopes=["https://www.googleapis.com/auth/contacts"])
    headers = {"Authorization": f"Bearer {token['access_token']}"}

    def write() -> int:
        path = f"{url}/v1/people:createContact"
        return requests.post(path, json=named(), headers=headers, timeout=10).status_code

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(write)
        while not sim.get("state")["faults"][0].get("hits"):
            time.sleep(0.01)
        second = pool.submit(write)
        answers = [first.result(), second.result()]

    assert answers == [200, 200 if switch == "allow" else int(switch)]
    assert write() == 200


def test_touch_changes_the_etag_only(people: Any, sim: Any) -> None:
    made = create(people)
    sim.post("touch-person", email=LUCIA, resource_name=made["resourceName"])
    with pytest.raises(HttpError) as error:
        update(people, made, "names", **named("Eva"))
    assert refusal(error)[1] == "FAILED_PRECONDITION"


def test_without_a_token_the_answer_is_googles(url: str, sim: Any) -> None:
    answer = requests.get(f"{url}/v1/people/me/connections", params={"personFields": "names"}, timeout=10)
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    unknown = requests.get(f"{url}/v1/people/me/friends", timeout=10)
    assert (unknown.status_code, unknown.json()["error"]["status"]) == (404, "NOT_FOUND")


def test_a_body_that_is_no_json_is_refused(url: str, sim: Any) -> None:
    token = sim.post("token", email=LUCIA, scopes=["https://www.googleapis.com/auth/contacts"])
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    answer = requests.post(f"{url}/v1/people:createContact", data=b"{", headers=headers, timeout=10)
    assert answer.status_code == 400
    assert json.loads(answer.text)["error"]["status"] == "INVALID_ARGUMENT"
