"""How the two halves of a link's base are kept: as JSON, by the pair's module."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from plugin.core.mapping.stored_event import event_from_json, json_from_event
from plugin.core.model import Content


@dataclass(frozen=True, slots=True)
class Halves:
    """Content to plain JSON values and back."""

    to_json: Callable[[Content], dict[str, Any]]
    from_json: Callable[[dict[str, Any]], Content]


EVENT_HALVES = Halves(json_from_event, event_from_json)
