"""An `Event` as JSON and back: how the two halves of the base and the journal are kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from plugin.core.model import Event, Visibility
from plugin.core.when import Timed, When, WholeDays


def json_from_event(event: Event) -> dict[str, Any]:
    """Return plain JSON values; instants in ISO 8601 with their offset."""
    return {
        "subject": event.subject,
        "description": event.description,
        "location": event.location,
        "when": json_from_when(event.when),
        "visibility": event.visibility.value,
    }


def event_from_json(stored: dict[str, Any]) -> Event:
    """Return the event that `json_from_event` stored."""
    return Event(
        subject=stored["subject"],
        description=stored["description"],
        location=stored["location"],
        when=_when_from_json(stored["when"]),
        visibility=Visibility(stored["visibility"]),
    )


def json_from_when(when: When) -> dict[str, str]:
    """Return start and end with the kind of time in their names."""
    if isinstance(when, WholeDays):
        return {"start_date": when.start_date.isoformat(), "end_date": when.end_date.isoformat()}
    return {"start_utc": when.start_utc.isoformat(), "end_utc": when.end_utc.isoformat()}


def _when_from_json(stored: dict[str, str]) -> When:
    if "start_date" in stored:
        return WholeDays(date.fromisoformat(stored["start_date"]), date.fromisoformat(stored["end_date"]))
    return Timed(datetime.fromisoformat(stored["start_utc"]), datetime.fromisoformat(stored["end_utc"]))
