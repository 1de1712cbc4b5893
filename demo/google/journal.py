"""The request log and its counters."""

from __future__ import annotations

import re
from collections import Counter, deque

from demo.google.clock import Clock, stamp
from demo.google.wire import Json, Request

KEPT = 100_000
_SECRET = re.compile(r"(^|&)((?:access_)?token|code)=[^&]*")


def entry_for(clock: Clock, request: Request, route: str, user: str | None, units: int) -> Json:
    """What the log says of a request before its outcome is known; tokens in the query are left out."""
    return {
        "at": stamp(clock.now()),
        "method": request.method,
        "path": request.path,
        "query": _SECRET.sub(r"\1\2=…", request.query),
        "route": route,
        "user": user,
        "units": units,
    }


class Journal:
    """Every request but those under /_sim/; the parts of a batch are entries of their own, marked `batch`."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.entries: deque[Json] = deque(maxlen=KEPT)
        self._requests = 0
        self._parts = 0
        self._units = 0
        self._errors = 0
        self._routes: Counter[str] = Counter()
        self._costs: Counter[str] = Counter()

    def request(self, entry: Json) -> None:
        """One HTTP request; a batch carries units 0 because its parts are counted one by one."""
        self._requests += 1
        self._add(entry)

    def part(self, entry: Json) -> None:
        self._parts += 1
        self._add(entry | {"batch": True})

    def _add(self, entry: Json) -> None:
        self.entries.append(entry)
        self._units += entry["units"]
        self._routes[entry["route"]] += 1
        self._costs.update(entry.get("costs", {}))
        if entry["status"] >= 400:
            self._errors += 1

    def counters(self) -> Json:
        return {
            "requests": self._requests,
            "batch_parts": self._parts,
            "units": self._units,
            "errors": self._errors,
            "by_route": dict(self._routes),
            "costs": dict(self._costs),
        }
