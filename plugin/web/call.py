"""What the CRM's page or script asked for: its parameters as PHP sees them, and the form it wants the answer in.

PHP merges query and body, the body wins; of repeated keys the last one counts; `key[]` makes an array, which is no `key`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qsl

from flask import Request

from plugin.sync.views import CALENDAR, MODULES

# Contacts come with an issue of their own; until then every place says so.
BUILT_MODULES = (CALENDAR,)
_JSON_OPERATIONS = ("progress", "status")


class Form(Enum):
    """How an answer has to look for its caller to show it."""

    FRAGMENT = "fragment"  # put into the page by the CRM's script
    JSON = "json"  # the CRM's envelope
    PAGE = "page"  # a window of its own


@dataclass(frozen=True, slots=True)
class Call:
    """One request for a CRM URL."""

    method: str
    parameters: Mapping[str, str]
    is_fragment_wanted: bool = False
    # `Calendar[sync_direction]=11` of the CRM's own settings form, by "Calendar" and "sync_direction".
    arrays: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def is_extension(self) -> bool:
        """Tell whether the 7.x/8.x extension page is asked for; module=Google goes first."""
        return self._get("module") != "Google" and self._get("extensionModule") == "Google"

    @property
    def is_google(self) -> bool:
        """Tell whether the request belongs to us at all."""
        return self._get("module") == "Google" or self._get("extensionModule") == "Google"

    @property
    def view(self) -> str:
        """The view asked for; empty when an action is."""
        return "" if self.action else self._get("view")

    @property
    def action(self) -> str:
        """The action asked for; PHP looks at it before the view."""
        return self._get("action")

    @property
    def operation(self) -> str:
        """What of view=List is asked for."""
        return self._get("operation") if self.view == "List" else ""

    @property
    def module(self) -> str:
        """The CRM module to be synchronized; empty if it isn't one that can be."""
        named = self._get("sourcemodule") or self._get("sourceModule") or CALENDAR
        if self.is_extension:
            named = self._get("module")
        return named if named in MODULES else ""

    @property
    def is_callback(self) -> bool:
        """Tell whether Google's consent page sent the browser here."""
        is_address = self.operation == "sync" or self.view == "Authenticate"
        return (
            self.method == "GET" and is_address and any(self._get(key) for key in ("code", "error", "state"))
        )

    @property
    def is_asked_by_script(self) -> bool:
        """Tell whether our own script asks, and goes on asking, for JSON."""
        return self.operation in _JSON_OPERATIONS or (self.operation == "preview" and self.method == "GET")

    @property
    def form(self) -> Form:
        """The form in which the caller can show an answer."""
        if self.is_extension:
            return Form.FRAGMENT if self.is_fragment_wanted else Form.PAGE
        if self.action or self.view == "Sync" or self.is_asked_by_script:
            return Form.JSON
        is_window = self.operation in ("changeUser", "calendars") or (
            self.operation == "sync" and self.method == "GET"
        )
        return Form.PAGE if is_window or self.view == "Authenticate" else Form.FRAGMENT

    def _get(self, key: str) -> str:
        return self.parameters.get(key, "")


def read_call(request: Request, *, with_body: bool = True) -> Call:
    """Return what the request asks for. Raises what Werkzeug raises for a body it refuses."""
    pairs = parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)
    if with_body:
        pairs += request.form.items(multi=True)
    headers = request.headers
    is_fragment_wanted = "X-PJAX" in headers or "X-Requested-With" in headers
    return Call(
        "GET" if request.method == "HEAD" else request.method,
        merge(pairs),
        is_fragment_wanted,
        merge_arrays(pairs),
    )


def merge(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the pairs as PHP's $_REQUEST would hold them, without arrays."""
    parameters: dict[str, str] = {}
    for name, value in pairs:
        key, bracket, _rest = name.partition("[")
        key = key.replace(".", "_").replace(" ", "_")
        if bracket:
            parameters.pop(key, None)
        else:
            parameters[key] = value
    return parameters


def merge_arrays(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Return the pairs whose keys are `array[name]`, one level deep, as PHP's $_REQUEST would hold them."""
    arrays: dict[str, dict[str, str]] = {}
    for key, value in pairs:
        array, bracket, rest = key.partition("[")
        name, is_closed, deeper = rest.partition("]")
        if not bracket:
            arrays.pop(array, None)
        elif name and is_closed and not deeper:
            arrays.setdefault(array, {})[name] = value
    return arrays
