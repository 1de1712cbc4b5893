"""A client as one writes it first: one request after the other, each change read and then written back whole."""

from __future__ import annotations

import time
from collections.abc import Sequence

import requests

from bench.installation import EMAIL, BenchGoogle
from plugin.google.oauth import SCOPES
from plugin.sync.views import CALENDAR


def wall_s(google: BenchGoogle, event_ids: Sequence[str]) -> float:
    """Return how long it takes to list what changed, and to change these events."""
    token = google.control("POST", "token", {"email": EMAIL, "scopes": list(SCOPES[CALENDAR])})
    events = f"{google.url}/calendar/v3/calendars/primary/events"
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token['access_token']}"
        started = time.perf_counter()
        _checked(session.get(events, params={"maxResults": 2500}, timeout=60))
        for event_id in event_ids:
            event = _checked(session.get(f"{events}/{event_id}", timeout=60)).json()
            changed = {**event, "location": "Sala 3"}
            _checked(session.put(f"{events}/{event_id}", json=changed, timeout=60))
        return time.perf_counter() - started


def _checked(answer: requests.Response) -> requests.Response:
    answer.raise_for_status()
    return answer
