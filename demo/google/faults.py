"""Faults that tests order: which calls fail, and how.

A rule is JSON: route, and any of user, nth, times, status, reason, message, retry_after, location (of a redirect),
body ("html", "list", "truncated", "missing" from a batch's answer), reset ("before", "after" the commit), latency_ms,
drip_ms (how long the body takes to arrive).
`route` is a route name as in the log, "batch" for a whole batch, or "*". `nth` counts the matching calls
from 1; a rule with nth hits once unless `times` says otherwise, one without hits always.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from demo.google.errors import ApiError, injected
from demo.google.wire import HTML_TYPE, Json, Response

HTML_ERROR = (
    "<!DOCTYPE html><html lang=en><title>Error {status} (Server Error)!!1</title>"
    "<p><b>{status}.</b> <ins>That’s an error.</ins><p>The server encountered a temporary error.</html>"
)


@dataclass
class Rule:
    route: str
    user: str | None = None
    nth: int | None = None
    times: int | None = None
    status: int | None = None
    reason: str | None = None
    message: str | None = None
    retry_after: int | str | None = None
    location: str | None = None
    body: str | None = None
    reset: str | None = None
    latency_ms: float = 0
    drip_ms: float = 0
    id: int = 0
    seen: int = field(default=0, init=False)
    hits: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.body not in (None, "html", "list", "truncated", "missing"):
            raise ValueError("body is 'html', 'list', 'truncated' or 'missing'")
        if self.reset not in (None, "before", "after"):
            raise ValueError("reset is 'before' or 'after'")
        if self.status is None and not (self.body or self.reset or self.latency_ms or self.drip_ms):
            raise ValueError("a rule needs a status, body, reset, latency_ms or drip_ms")
        if self.times is None and self.nth is not None:
            self.times = 1

    def takes(self, route: str, user: str | None) -> bool:
        """Count the call if it matches; whether the rule hits it."""
        if self.route not in ("*", route) or (self.user and self.user != user):
            return False
        self.seen += 1
        if self.seen < (self.nth or 1) or (self.times is not None and self.hits >= self.times):
            return False
        self.hits += 1
        return True

    def answer(self, told: Callable[[ApiError], ApiError] = lambda error: error) -> Response | None:
        """The error answer given instead of executing the call, if the rule has one, in the words of the API (`told`).

        `truncated` without a status means: execute, then cut the real answer.
        """
        if self.status is None and self.body not in ("html", "list"):
            return None
        status = self.status or 500
        if self.body == "list":
            response = Response(status, b"[]")
        elif self.body == "html":
            response = Response(status, HTML_ERROR.format(status=status).encode(), HTML_TYPE)
        else:
            response = told(injected(status, self.reason, self.message)).response()
        if self.body == "truncated":
            cut(response)
        if self.retry_after is not None:
            response.headers["Retry-After"] = str(self.retry_after)
        if self.location is not None:
            response.headers["Location"] = self.location
        return response


def cut(response: Response) -> None:
    response.body = response.body[: len(response.body) // 2]


class Faults:
    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._last = 0

    def add(self, values: Json) -> Json:
        """Add a rule; raises ValueError for one that makes no sense."""
        known = {item.name for item in fields(Rule) if item.init} - {"id"}
        unknown = set(values) - known
        if unknown or "route" not in values:
            raise ValueError(f"a fault rule has route and any of {sorted(known)}; got {sorted(values)}")
        self._last += 1
        rule = Rule(**values, id=self._last)
        self._rules.append(rule)
        return _dump(rule)

    def take(self, route: str, user: str | None) -> Rule | None:
        """The first rule that hits this call; rules behind it do not count the call."""
        return next((rule for rule in self._rules if rule.takes(route, user)), None)

    def clear(self) -> None:
        self._rules.clear()

    def dump(self) -> list[Json]:
        return [_dump(rule) for rule in self._rules]


def _dump(rule: Rule) -> dict[str, Any]:
    return {name: value for name, value in vars(rule).items() if value is not None}
