"""people.connections.list: pages, sync tokens and their end.

https://developers.google.com/people/api/rest/v1/people.connections/list
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from demo.google.people_errors import expired_sync_token, invalid_argument
from demo.google.people_fields import read_mask
from demo.google.people_model import AddressBook, is_deleted
from demo.google.people_writer import render_person
from demo.google.synctokens import (
    Snapshot,
    decode,
    encode,
    hash_parameters,
    keep_snapshot,
    read_page_token,
    write_page_token,
)
from demo.google.wire import Call, Json
from demo.google.world import World

MOST_PER_PAGE = 1000
# everything else is frozen, the page size too
_NOT_FROZEN = {"syncToken", "pageToken", "fields", "alt", "key", "prettyPrint", "quotaUser", "$.xgafv"}


@dataclass(frozen=True)
class PeopleToken:
    """Where an increment begins; `full_sync_s` is when the full sync was that it goes back to."""

    position: int
    full_sync_s: float


def list_connections(call: Call, book: AddressBook) -> Json:
    """One page: {connections?, nextPageToken} or {connections?, nextSyncToken?}, and the totals."""
    fields = read_mask(call.one("personFields"), "personFields")
    size = page_size(call, 100, MOST_PER_PAGE)
    book.settle(call.world.clock.now())
    token_text = call.one("syncToken")
    token = _read_token(call, token_text) if token_text else None
    key, offset, snapshot = _snapshot(call, book, token)
    shown = snapshot.items[offset : offset + size]
    page: Json = {"connections": [render_person(p, fields, names=token is not None) for p in shown]}
    if token is None:
        page |= {"totalPeople": len(book.living()), "totalItems": len(book.living())}
    if not shown:
        del page["connections"]
    if offset + size < len(snapshot.items):
        key = key or keep_snapshot(call.world, snapshot)
        return page | {"nextPageToken": write_page_token(key, offset + size)}
    if call.flag("requestSyncToken") or token:
        page["nextSyncToken"] = _write_token(call, snapshot, token)
    return page


def page_size(call: Call, default: int, most: int) -> int:
    """pageSize, where 0 means the default; capped further by the switch."""
    size = call.number("pageSize", default) or default
    if not 0 < size <= most:
        raise invalid_argument(f"Page size must be between 1 and {most}.", "pageSize")
    return min(size, call.world.switches.page_size_cap or most)


def is_first_page_of_full_sync(call: Call) -> bool:
    """What Google has an extra quota for."""
    return not call.one("pageToken") and not call.one("syncToken")


def _snapshot(call: Call, book: AddressBook, token: PeopleToken | None) -> tuple[str, int, Snapshot]:
    parameters = _parameters(call)
    page_text = call.one("pageToken")
    if page_text:
        key, snapshot, offset = read_page_token(call.world, page_text)
        if snapshot.parameters != parameters:
            raise invalid_argument("Page token cannot be used with other request parameters.")
        return key, offset, snapshot
    if token:
        return "", 0, Snapshot(book.listed.since(token.position), book.listed.position, parameters)
    items = [person for person in book.listed if not is_deleted(person)]
    return "", 0, Snapshot(items, book.listed.position, parameters)


def _parameters(call: Call) -> str:
    return hash_parameters({name: values for name, values in call.params.items() if name not in _NOT_FROZEN})


def _write_token(call: Call, snapshot: Snapshot, token: PeopleToken | None) -> str:
    inside = {
        "c": f"people:{call.account.email}",
        "p": snapshot.position,
        "f": token.full_sync_s if token else call.world.clock.now().timestamp(),
        "h": _parameters(call),
        "g": call.world.books[call.account.email].token_generation,
        "e": call.world.epoch,
    }
    return encode(inside)


def _read_token(call: Call, text: str) -> PeopleToken:
    """The living token; 400 for one that never was, for other parameters, and EXPIRED_SYNC_TOKEN for a dead one."""
    world, inside = call.world, decode(text)
    if inside is None or inside.get("c") != f"people:{call.account.email}":
        raise invalid_argument("Sync token is invalid.", "syncToken")
    if _is_dead(world, inside, world.books[call.account.email]):
        raise expired_sync_token(int(world.switches.people_expired_status))
    if inside["h"] != _parameters(call):
        raise invalid_argument("Sync token cannot be used with other request parameters.")
    return PeopleToken(inside["p"], inside["f"])


def _is_dead(world: World, inside: Json, book: AddressBook) -> bool:
    age_s = world.clock.now().timestamp() - inside["f"]
    too_old = age_s > timedelta(days=world.switches.people_token_days).total_seconds()
    return too_old or inside["e"] != world.epoch or inside["g"] != book.token_generation
