"""The batch endpoint, by the client library and by hand."""

from __future__ import annotations

from typing import Any

import pytest
from googleapiclient.errors import HttpError

LUCIA = "lucia@empresa.example"


def body(number: int, **more: Any) -> dict[str, Any]:
    edge = {"dateTime": "2026-11-23T10:00:00+01:00"}
    return {"id": f"event{number:04d}", "summary": f"Evento ñ {number}", "start": edge, "end": edge, **more}


class Answers:
    """Collects what the library's batch reports, in order."""

    def __init__(self, calendar: Any) -> None:
        self.batch = calendar.new_batch_http_request(callback=self._note)
        self.events = calendar.events()
        self.results: list[Any] = []

    def _note(self, _key: str, answer: Any, error: HttpError | None) -> None:
        self.results.append(error.status_code if error else answer)

    def add(self, operation: str, **arguments: Any) -> Any:
        request = getattr(self.events, operation)(calendarId="primary", **arguments)
        self.batch.add(request)
        return request


@pytest.fixture
def answers(calendar: Any) -> Answers:
    return Answers(calendar)


def test_each_part_has_its_own_answer_in_the_order_asked(answers: Answers) -> None:
    answers.add("insert", body=body(1))
    answers.add("insert", body={"summary": "sin fechas"})
    answers.add("get", eventId="event0001")
    answers.add("delete", eventId="event0001")
    answers.add("delete", eventId="event0001")
    answers.add("get", eventId="unknown")
    answers.batch.execute()
    inserted, refused, got, deleted, gone, unknown = answers.results
    assert inserted["summary"] == "Evento ñ 1"
    assert got["etag"] == inserted["etag"]
    assert deleted in ("", b"")
    assert (refused, gone, unknown) == (400, 410, 404)


def test_shuffled_execution_still_answers_in_order(answers: Answers, sim: Any) -> None:
    sim.post("switches", batch_shuffle=True)
    for number in range(30):
        answers.add("insert", body=body(number))
    answers.batch.execute()
    assert [result["id"] for result in answers.results] == [f"event{n:04d}" for n in range(30)]
    stored = [e["id"] for e in sim.get("state")["calendars"][0]["events"]]
    assert sorted(stored) == [f"event{n:04d}" for n in range(30)]
    assert stored != sorted(stored)


def test_a_stale_etag_fails_its_part_alone(answers: Answers, sim: Any) -> None:
    old = sim.edit(LUCIA, "insert", **body(1))
    sim.edit(LUCIA, "insert", **body(2))
    sim.edit(LUCIA, "patch", "event0001", summary="más nuevo")
    stale = answers.add("patch", eventId="event0001", body={"summary": "x"})
    stale.headers["If-Match"] = old["etag"]
    answers.add("patch", eventId="event0002", body={"summary": "y"})
    answers.batch.execute()
    assert answers.results[0] == 412
    assert answers.results[1]["summary"] == "y"


def test_two_writes_on_one_event_conflict_where_switched(answers: Answers, sim: Any) -> None:
    sim.edit(LUCIA, "insert", **body(1))
    sim.post("switches", batch_conflict=True)
    answers.add("patch", eventId="event0001", body={"summary": "x"})
    answers.add("patch", eventId="event0001", body={"summary": "y"})
    answers.add("get", eventId="event0001")
    answers.batch.execute()
    assert answers.results[0]["summary"] == "x"
    assert answers.results[1] == 409
    assert answers.results[2]["summary"] == "x"


def test_two_writes_on_one_series_conflict_where_switched(answers: Answers, sim: Any) -> None:
    edge = {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "Europe/Madrid"}
    series = body(1) | {"start": edge, "end": edge, "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]}
    sim.edit(LUCIA, "insert", **series)
    sim.post("switches", batch_conflict=True)
    listed = answers.events.instances(calendarId="primary", eventId="event0001").execute()["items"]
    for instance in listed[:2]:
        answers.add("patch", eventId=instance["id"], body={"summary": "x"})
    answers.batch.execute()
    assert answers.results[0]["summary"] == "x"
    assert answers.results[1] == 409


def test_more_parts_than_the_limit_are_refused_as_a_whole(answers: Answers, sim: Any) -> None:
    sim.post("switches", batch_limit=50)
    for number in range(51):
        answers.add("insert", body=body(number))
    with pytest.raises(HttpError) as error:
        answers.batch.execute()
    assert error.value.status_code == 400
    assert sim.get("state")["calendars"][0]["events"] == []


def test_faults_hit_single_parts(answers: Answers, sim: Any) -> None:
    sim.post("faults", route="events.insert", nth=2, status=403, reason="rateLimitExceeded")
    for number in range(3):
        answers.add("insert", body=body(number))
    answers.batch.execute()
    assert [r if isinstance(r, int) else r["id"] for r in answers.results] == ["event0000", 403, "event0002"]


def test_parts_are_counted_and_charged_one_by_one(answers: Answers, sim: Any) -> None:
    sim.delete("log")
    answers.add("insert", body=body(1))
    answers.add("patch", eventId="event0001", body={"summary": "x"})
    answers.batch.execute()
    counters = sim.get("counters")
    assert (counters["requests"], counters["batch_parts"], counters["units"]) == (1, 2, 4)
    assert counters["by_route"] == {"batch": 1, "events.insert": 1, "events.patch": 1}


def multipart(*parts: str) -> bytes:
    joined = "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--"
    return joined.encode()


def send(api: Any, url: str, data: bytes, path: str = "/batch/calendar/v3") -> Any:
    return api.post(
        url + path, data=data, headers={"Content-Type": "multipart/mixed; boundary=b"}, timeout=10
    )


def test_the_wire_format_is_googles(api: Any, url: str) -> None:
    inner = "GET /calendar/v3/calendars/primary/events?maxResults=1\r\n\r\n"
    part = f"Content-Type: application/http\r\nContent-ID: <aB3-é + 1>\r\n\r\n{inner}"
    answer = send(api, url, multipart(part))
    assert answer.headers["Content-Type"].startswith("multipart/mixed; boundary=")
    text = answer.content
    assert b"\r\nContent-ID: <response-aB3-" in text
    assert b" + 1>\r\n" in text
    assert b"\r\n\r\nHTTP/1.1 200 OK\r\n" in text
    assert b"\n" not in text.replace(b"\r\n", b"")


def test_parts_need_a_token_and_their_own_api(api: Any, url: str) -> None:
    head = "Content-Type: application/http\r\n\r\n"
    missing = f"{head}GET /calendar/v3/calendars/primary/events\r\nAuthorization: Bearer wrong\r\n\r\n"
    foreign = f"{head}GET /people/v1/people/me\r\n\r\n"
    text = send(api, url, multipart(missing, foreign, head + "nonsense")).text
    found = [line.split()[1] for line in text.split("\r\n") if line.startswith("HTTP/1.1")]
    assert found == ["401", "404", "400"]


def test_a_body_without_parts_is_refused(api: Any, url: str) -> None:
    assert send(api, url, b"--b--").status_code == 400
    assert api.post(f"{url}/batch/calendar/v3", data=b"", timeout=10).status_code == 400
