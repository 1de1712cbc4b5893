"""The `fields` parameter: partial responses.

https://developers.google.com/workspace/calendar/api/guides/performance#partial
Grammar: `a,b`, `a/b`, `a(b,c/d)`, `*`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from demo.google.errors import ApiError

Tree = dict[str, Any]
Known = Mapping[str, frozenset[str] | None]
"""Field names on top, with those below where they are checked too."""
_TOKEN = re.compile(r"[A-Za-z_$][\w$]*|[*(),/]")


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _TOKEN.findall(text)
        if "".join(self.tokens) != text.replace(" ", ""):
            raise self.error()
        self.at = 0

    def error(self) -> ApiError:
        return ApiError(
            400, "invalidParameter", f"Invalid field selection {self.text}", location=("parameter", "fields")
        )

    def next(self) -> str:
        if self.at >= len(self.tokens):
            raise self.error()
        self.at += 1
        return str(self.tokens[self.at - 1])

    def peek(self) -> str:
        return str(self.tokens[self.at]) if self.at < len(self.tokens) else ""

    def selections(self, *, nested: bool) -> Tree:
        tree: Tree = {}
        while True:
            self.path(tree)
            follower = self.next() if self.peek() else ""
            if follower == ",":
                continue
            if follower == (")" if nested else ""):
                return tree
            raise self.error()

    def path(self, tree: Tree) -> None:
        name = self.next()
        if name in "(),/":
            raise self.error()
        below = tree.setdefault(name, {})
        if self.peek() == "/":
            self.next()
            self.path(below)
        elif self.peek() == "(":
            self.next()
            below.update(self.selections(nested=True))


@lru_cache(maxsize=256)
def _parsed(text: str) -> Tree:
    return _Parser(text).selections(nested=False)


def select(data: Any, fields: str | None, known: Known | None = None) -> Any:
    """The selected part; ApiError 400 for a broken selector or an unknown name."""
    if not fields:
        return data
    tree = _parsed(fields)
    if known is not None:
        _check_names(tree, known)
    return _apply(data, tree)


def _check_names(tree: Tree, known: Known) -> None:
    for name, below in tree.items():
        if name != "*" and name not in known:
            message = f"Invalid field selection {name}"
            raise ApiError(400, "invalidParameter", message, location=("parameter", "fields"))
        inner = known.get(name)
        unknown = next((n for n in below if inner and n != "*" and n not in inner), None)
        if unknown:
            message = f"Invalid field selection {unknown}"
            raise ApiError(400, "invalidParameter", message, location=("parameter", "fields"))


def _apply(data: Any, tree: Tree) -> Any:
    if not tree or not isinstance(data, dict | list):
        return data
    if isinstance(data, list):
        return [_apply(item, tree) for item in data]
    if "*" in tree:
        return {name: _apply(value, tree.get(name) or tree["*"]) for name, value in data.items()}
    return {name: _apply(data[name], below) for name, below in tree.items() if name in data}
