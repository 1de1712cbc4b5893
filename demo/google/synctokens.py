"""Sync tokens and page tokens: opaque outside, a small JSON object inside.

https://developers.google.com/workspace/calendar/api/guides/sync
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta

from demo.google.errors import ApiError, full_sync_required, invalid
from demo.google.wire import Json
from demo.google.world import World

MOST_SNAPSHOTS = 200


@dataclass(frozen=True)
class SyncToken:
    collection: str
    position: int
    generation: int
    parameters: str
    time_min: str | None = None
    time_max: str | None = None


@dataclass(frozen=True)
class Snapshot:
    """What the first page of a list saw; later pages are cut from it."""

    items: list[Json]
    position: int
    parameters: str
    first_page_empty: bool = False


def write_sync_token(world: World, token: SyncToken) -> str:
    inside = {
        "c": token.collection,
        "p": token.position,
        "g": token.generation,
        "h": token.parameters,
        "e": world.epoch,
        "t": world.clock.now().timestamp(),
        "w": [token.time_min, token.time_max],
    }
    return encode(inside)


def read_sync_token(world: World, text: str, collection: str, generation: int) -> SyncToken:
    """The living token of this collection; 410 fullSyncRequired for a dead one."""
    inside = decode(text)
    if inside is None or inside.get("c") != collection:
        if world.switches.garbage_sync_token == "400":
            raise invalid("Invalid sync token value.", "syncToken")
        raise full_sync_required()
    age = world.clock.now().timestamp() - inside["t"]
    days = world.switches.sync_token_days
    too_old = days is not None and age > timedelta(days=days).total_seconds()
    if inside["e"] != world.epoch or inside["g"] != generation or too_old:
        raise full_sync_required()
    return SyncToken(collection, inside["p"], inside["g"], inside["h"], *inside["w"])


def check_same_parameters(world: World, token: SyncToken, parameters: str) -> None:
    if world.switches.token_parameters == "400" and token.parameters != parameters:
        raise ApiError(
            400,
            "badRequest",
            "The parameters differ from those of the request that returned the sync token.",
            location=("parameter", "syncToken"),
        )


def keep_snapshot(world: World, snapshot: Snapshot) -> str:
    key = secrets.token_urlsafe(9)
    world.snapshots[key] = snapshot
    while len(world.snapshots) > MOST_SNAPSHOTS:
        world.snapshots.popitem(last=False)
    return key


def write_page_token(key: str, offset: int) -> str:
    return encode({"k": key, "o": offset})


def read_page_token(world: World, text: str) -> tuple[str, Snapshot, int]:
    inside = decode(text) or {}
    snapshot = world.snapshots.get(str(inside.get("k")))
    if snapshot is None:
        raise invalid("Invalid page token value.", "pageToken")
    return inside["k"], snapshot, inside["o"]


def hash_parameters(values: Json) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]


def encode(inside: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(inside, separators=(",", ":")).encode()).decode()


def decode(text: str) -> Json | None:
    try:
        inside = json.loads(base64.urlsafe_b64decode(text.encode()))
    except (binascii.Error, ValueError):
        return None
    return inside if isinstance(inside, dict) else None
