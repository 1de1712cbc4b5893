"""Making events and reading lists of them, for the tests of events.list."""

from __future__ import annotations

from typing import Any

import pytest
from googleapiclient.errors import HttpError

LUCIA = "lucia@empresa.example"


def make(sim: Any, number: int, day: str = "2026-11-23", **more: Any) -> Any:
    body = {
        "id": f"event{number:04d}",
        "summary": f"Evento {number}",
        "start": {"dateTime": f"{day}T10:00:00", "timeZone": "Europe/Madrid"},
        "end": {"dateTime": f"{day}T11:00:00", "timeZone": "Europe/Madrid"},
        **more,
    }
    return sim.edit(LUCIA, "insert", **body)


def pages(events: Any, **query: Any) -> list[Any]:
    found = []
    request = events.list(calendarId="primary", **query)
    while request is not None:
        found.append(request.execute())
        request = events.list_next(request, found[-1])
    return found


def ids(*pages: Any) -> list[str]:
    return [item["id"] for page in pages for item in page["items"]]


def sync(events: Any, token: str, **query: Any) -> Any:
    return events.list(calendarId="primary", syncToken=token, **query).execute()


def reason(error: pytest.ExceptionInfo[HttpError]) -> tuple[int, str]:
    return error.value.status_code, error.value.error_details[0]["reason"]
