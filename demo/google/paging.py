"""Pages of a list: cut from a snapshot, a sync token on the last one only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from demo.google.errors import invalid
from demo.google.synctokens import Snapshot, keep_snapshot, read_page_token, write_page_token
from demo.google.wire import Call, Json


def page_size(call: Call, default: int, most: int) -> int:
    """maxResults, clamped as Google does, and capped further by the switch."""
    text = call.one("maxResults") or str(default)
    asked = int(text) if text.isdecimal() else 0
    if asked <= 0:
        raise invalid(f"Invalid value '{text}'. Values must be within the range: [1, {most}]", "maxResults")
    cap = call.world.switches.page_size_cap
    return min(asked, most, cap) if cap else min(asked, most)


def cut_page(
    call: Call,
    size: int,
    parameters: str,
    take: Callable[[], Snapshot],
    sync_token: Callable[[int], str | None],
) -> Json:
    """One page: {items, nextPageToken} or {items, nextSyncToken?}."""
    key, offset = "", 0
    page_text = call.one("pageToken")
    if page_text:
        key, snapshot, offset = read_page_token(call.world, page_text)
        if snapshot.parameters != parameters:
            raise invalid("The page token belongs to a request with other parameters.", "pageToken")
    else:
        snapshot = take()
    if snapshot.first_page_empty:
        key = keep_snapshot(call.world, replace(snapshot, first_page_empty=False))
        return {"items": [], "nextPageToken": write_page_token(key, 0)}
    items = snapshot.items[offset : offset + size]
    if offset + size < len(snapshot.items):
        key = key or keep_snapshot(call.world, snapshot)
        return {"items": items, "nextPageToken": write_page_token(key, offset + size)}
    token = sync_token(snapshot.position)
    return {"items": items, "nextSyncToken": token} if token else {"items": items}
