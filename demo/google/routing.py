"""Routes of the APIs: a name, a path template, the scopes that open it, and the function behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote

from demo.google.partial import Known
from demo.google.wire import Call, Reply


@dataclass(frozen=True)
class Route:
    name: str
    method: str
    template: str
    scopes: frozenset[str]
    serve: Callable[[Call], Reply]
    units: int = 1
    """Of the Calendar's one quota."""
    costs: Mapping[str, int] = field(default_factory=dict)
    """Of the People API's several quotas, by metric; a route with costs has no units."""
    fields: Known | None = None
    """Names the `fields` parameter may use, where they are checked."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template) + "/?$")

    @property
    def writes(self) -> bool:
        return self.method != "GET"


def scopes(names: str) -> frozenset[str]:
    """Full scope names from short ones, space separated."""
    return frozenset(f"https://www.googleapis.com/auth/{name}" for name in names.split())


def match(routes: list[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route and its decoded path arguments; percent-encoding is undone after the split."""
    for route in routes:
        if route.method == method:
            found = route.pattern.match(path)
            if found:
                return route, {name: unquote(value) for name, value in found.groupdict().items()}
    return None
