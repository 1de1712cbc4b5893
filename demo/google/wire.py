"""What travels between the socket, the router and the APIs: requests, answers and calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from demo.google.model import Account
    from demo.google.world import World

Json = dict[str, Any]

JSON_TYPE = "application/json; charset=UTF-8"
HTML_TYPE = "text/html; charset=UTF-8"


@dataclass(frozen=True)
class Request:
    """One HTTP request; header names are lower case, the path is still percent-encoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""

    @cached_property
    def params(self) -> dict[str, list[str]]:
        return parse_qs(self.query, keep_blank_values=True)

    @cached_property
    def form(self) -> dict[str, str]:
        """The form body, one value per name."""
        return {name: values[0] for name, values in self.form_lists.items()}

    @cached_property
    def form_lists(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def param(self, name: str, default: str = "") -> str:
        return self.params.get(name, [default])[0]

    def overridden(self) -> Request:
        """The request X-HTTP-Method-Override means; google-api-python-client turns long GETs into POSTs."""
        method = self.headers.get("x-http-method-override", "").upper()
        if self.method != "POST" or not method or method == "POST":
            return self
        if method == "GET":
            query = "&".join(part for part in (self.query, self.body.decode()) if part)
            return Request(method, self.path, query, self.headers)
        return Request(method, self.path, self.query, self.headers, self.body)


@dataclass
class Response:
    """One HTTP answer, ready to be written."""

    status: int
    body: bytes = b""
    content_type: str | None = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)
    drip_s: float = 0.0
    """Time the body takes to arrive, in small pieces."""


@dataclass
class Reply:
    """What an API answers, before it is cut down by `fields` and written as JSON."""

    data: Json | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """An authenticated API call."""

    world: World
    account: Account
    args: Mapping[str, str]
    params: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: Json
    in_batch: bool = False

    def one(self, name: str) -> str | None:
        values = self.params.get(name)
        return values[0] if values else None

    def many(self, name: str) -> list[str]:
        return list(self.params.get(name, []))

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.one(name)
        return default if value is None else value.lower() == "true"

    def number(self, name: str, default: int) -> int:
        value = self.one(name)
        return int(value) if value and value.lstrip("-").isdigit() else default


class ConnectionDropError(Exception):
    """A fault asks for the socket to be cut without an answer."""


def json_response(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, JSON_TYPE, headers or {})


def html_response(text: str, status: int = 200) -> Response:
    return Response(status, text.encode(), HTML_TYPE)


def redirect(location: str, status: int = 302) -> Response:
    return Response(status, b"", None, {"Location": location})
