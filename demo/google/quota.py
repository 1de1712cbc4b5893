"""Quota units in a sliding minute, per user and for the project; off unless a switch sets a limit.

https://developers.google.com/workspace/calendar/api/guides/quota
"""

from __future__ import annotations

from collections import deque
from time import monotonic

from demo.google.errors import ApiError, injected
from demo.google.switches import Switches

WINDOW_S = 60.0
PROJECT = ""


class Quota:
    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._spent: dict[str, deque[tuple[float, int]]] = {}

    def charge(self, user: str, units: int) -> ApiError | None:
        """Count the call; the error to answer when a limit is passed (refused calls cost nothing)."""
        limits = (
            (user, self._switches.user_units_per_minute),
            (PROJECT, self._switches.project_units_per_minute),
        )
        for key, limit in limits:
            if limit is not None and self._used(key) + units > limit:
                reason = "userRateLimitExceeded" if key else "rateLimitExceeded"
                return injected(403, reason, None)
        for key, limit in limits:
            if limit is not None:
                self._spent.setdefault(key, deque()).append((monotonic(), units))
        return None

    def _used(self, key: str) -> int:
        spent = self._spent.get(key, deque())
        while spent and spent[0][0] < monotonic() - WINDOW_S:
            spent.popleft()
        return sum(units for _, units in spent)
