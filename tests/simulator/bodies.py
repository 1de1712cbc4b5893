"""Event bodies and short ways to write them, for the tests of events."""

from __future__ import annotations

from typing import Any

import pytest
from googleapiclient.errors import HttpError

MADRID = "Europe/Madrid"


def timed(day: str = "2026-11-23", **more: Any) -> dict[str, Any]:
    return {
        "summary": "Reunión",
        "start": {"dateTime": f"{day}T10:00:00", "timeZone": MADRID},
        "end": {"dateTime": f"{day}T11:00:00", "timeZone": MADRID},
        **more,
    }


def whole_day(first: str = "2026-11-23", end: str = "2026-11-24", **more: Any) -> dict[str, Any]:
    return {"summary": "Feria", "start": {"date": first}, "end": {"date": end}, **more}


def refusal(error: pytest.ExceptionInfo[HttpError]) -> tuple[int, str, str]:
    first = error.value.error_details[0]
    return error.value.status_code, first["domain"], first["reason"]


def insert(events: Any, body: dict[str, Any], **options: Any) -> dict[str, Any]:
    return dict(events.insert(calendarId="primary", body=body, **options).execute())


def patch(events: Any, event_id: str, body: dict[str, Any], **options: Any) -> dict[str, Any]:
    return dict(events.patch(calendarId="primary", eventId=event_id, body=body, **options).execute())


def get(events: Any, event_id: str) -> dict[str, Any]:
    return dict(events.get(calendarId="primary", eventId=event_id).execute())
