"""HTTP itself: keep-alive, overrides, encodings, tokens and scopes."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest
import requests
from googleapiclient.errors import HttpError

AUTH = "https://www.googleapis.com/auth/"


def first(answer: requests.Response) -> dict[str, Any]:
    return dict(answer.json()["error"]["errors"][0])


def test_one_connection_serves_many_requests_and_all_methods(server: Any, sim: Any) -> None:
    token = sim.post("token", email="lucia@empresa.example", scopes=[AUTH + "calendar"])["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.connect()
    own_port = connection.sock.getsockname()[1]
    path = "/calendar/v3/calendars/primary/events"
    body = json.dumps({"id": "abcde", "start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}})
    statuses = []
    for method, target, sent in (
        ("GET", path, None),
        ("POST", path, body),
        ("PATCH", path + "/abcde", '{"summary": "x"}'),
        ("PUT", path + "/abcde", body),
        ("DELETE", path + "/abcde", None),
        ("GET", "/calendar/v3/nothing", None),
        ("GET", path, None),
    ):
        connection.request(method, target, sent, headers)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
        assert answer.version == 11
        assert connection.sock.getsockname()[1] == own_port
    connection.close()
    assert statuses == [200, 200, 200, 200, 204, 404, 200]


def test_json_is_declared_as_google_does(api: Any, url: str) -> None:
    answer = api.get(
        f"{url}/calendar/v3/calendars/primary", params={"alt": "json", "$.xgafv": "1"}, timeout=10
    )
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert answer.status_code == 200


def test_a_long_get_comes_as_a_post(calendar: Any) -> None:
    pairs = [f"key{n}=value{n}" for n in range(200)]
    assert (
        calendar.events().list(calendarId="primary", privateExtendedProperty=pairs).execute()["items"] == []
    )


def test_a_patch_may_come_as_a_post(api: Any, url: str) -> None:
    path = f"{url}/calendar/v3/calendars/primary/events"
    event = api.post(path, json={"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}).json()
    override = {"X-HTTP-Method-Override": "PATCH"}
    answer = api.post(f"{path}/{event['id']}", json={"summary": "x"}, headers=override, timeout=10)
    assert answer.json()["summary"] == "x"


def test_calendar_ids_may_be_percent_encoded(api: Any, url: str, sim: Any) -> None:
    for name in ("lucia%40empresa.example", "lucia@empresa.example"):
        assert api.get(f"{url}/calendar/v3/calendars/{name}/events", timeout=10).status_code == 200
    state = sim.get("state")
    assert state["calendars"][0]["id"] == "lucia@empresa.example"


def test_an_unknown_path_answers_in_the_envelope(api: Any, url: str) -> None:
    answer = api.get(f"{url}/calendar/v3/users/me/secrets", timeout=10)
    assert (answer.status_code, first(answer)["reason"]) == (404, "notFound")


def test_broken_json_is_a_parse_error(api: Any, url: str) -> None:
    answer = api.post(f"{url}/calendar/v3/calendars/primary/events", data=b"{", timeout=10)
    assert (answer.status_code, first(answer)["reason"]) == (400, "parseError")


def test_without_or_with_a_wrong_token_there_is_no_answer(url: str, sim: Any) -> None:
    path = f"{url}/calendar/v3/calendars/primary/events"
    missing = requests.get(path, timeout=10)
    assert (missing.status_code, first(missing)["reason"]) == (401, "required")
    wrong = requests.get(path, headers={"Authorization": "Bearer wrong"}, timeout=10)
    assert wrong.status_code == 401
    assert first(wrong) == {
        "domain": "global",
        "reason": "authError",
        "message": "Invalid Credentials",
        "locationType": "header",
        "location": "Authorization",
    }
    assert "invalid_token" in wrong.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("scope", "may_read", "may_write", "may_list"),
    [
        ("calendar", True, True, True),
        ("calendar.events", True, True, False),
        ("calendar.readonly", True, False, True),
        ("calendar.events.readonly", True, False, False),
        ("contacts", False, False, False),
    ],
)
def test_scopes_open_only_their_routes(
    connect: Any, scope: str, may_read: bool, may_write: bool, may_list: bool
) -> None:
    service = connect(scopes=(AUTH + scope,))
    body = {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}
    for allowed, request in (
        (may_read, service.events().list(calendarId="primary")),
        (may_write, service.events().insert(calendarId="primary", body=body)),
        (may_list, service.calendarList().list()),
    ):
        if allowed:
            request.execute()
            continue
        with pytest.raises(HttpError) as error:
            request.execute()
        assert error.value.status_code == 403
        assert error.value.error_details[0]["reason"] == "insufficientPermissions"
