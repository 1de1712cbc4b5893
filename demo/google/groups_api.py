"""People API v1: contact groups, which people know as labels.

https://developers.google.com/people/api/rest/v1/contactGroups
"""

from __future__ import annotations

import secrets

from demo.google.people_api import READ_SCOPES, WRITE_SCOPES, book_of
from demo.google.people_errors import PlatformError, expired_sync_token, invalid_argument, missing
from demo.google.people_fields import group_mask
from demo.google.people_listing import page_size
from demo.google.people_model import WRITABLE_SYSTEM_GROUPS, AddressBook
from demo.google.people_quota import GROUP_READ, GROUP_WRITE
from demo.google.people_writer import PeopleWriter
from demo.google.routing import Route
from demo.google.synctokens import (
    Snapshot,
    decode,
    encode,
    keep_snapshot,
    read_page_token,
    write_page_token,
)
from demo.google.wire import Call, Json, Reply
from demo.google.world import World

MOST_MEMBERS_MODIFIED = 1000


def groups_list(call: Call) -> Reply:
    book, fields = book_of(call), group_mask(call.one("groupFields"))
    size = page_size(call, 30, 1000)
    key, offset, snapshot = _snapshot(call, book)
    shown = [_rendered(book, group, fields) for group in snapshot.items[offset : offset + size]]
    page: Json = {"contactGroups": shown, "totalItems": len(snapshot.items)}
    if offset + size < len(snapshot.items):
        key = key or keep_snapshot(call.world, snapshot)
        return Reply(page | {"nextPageToken": write_page_token(key, offset + size)})
    inside = {"c": f"groups:{call.account.email}", "p": snapshot.position, "e": call.world.epoch}
    return Reply(page | {"nextSyncToken": encode(inside)})


def _snapshot(call: Call, book: AddressBook) -> tuple[str, int, Snapshot]:
    page_text, token_text = call.one("pageToken"), call.one("syncToken")
    if page_text:
        key, snapshot, offset = read_page_token(call.world, page_text)
        return key, offset, snapshot
    if token_text:
        inside = decode(token_text) or {}
        if inside.get("c") != f"groups:{call.account.email}" or inside.get("e") != call.world.epoch:
            raise expired_sync_token(int(call.world.switches.people_expired_status))
        return "", 0, Snapshot(book.groups.since(inside["p"]), book.groups.position, "")
    return "", 0, Snapshot(_living(book), book.groups.position, "")


def groups_get(call: Call) -> Reply:
    book = book_of(call)
    group = _found(book, _name(call))
    told = _rendered(book, group, group_mask(call.one("groupFields")))
    most = call.number("maxMembers", 0)
    if most > 0:
        told["memberResourceNames"] = book.members(group["resourceName"])[:most]
    return Reply(told)


def groups_create(call: Call) -> Reply:
    given = call.body.get("contactGroup") or {}
    group = create_group(call.world, book_of(call), given.get("name", ""), given.get("clientData"))
    return Reply(_rendered(book_of(call), group, group_mask(call.body.get("readGroupFields"))))


def groups_update(call: Call) -> Reply:
    book, given = book_of(call), call.body.get("contactGroup") or {}
    group = _own(book, _name(call))
    if given.get("etag") not in (None, group["etag"]):
        raise PlatformError(400, "Contact group etag is stale.", word="FAILED_PRECONDITION")
    _check_name(book, given.get("name", ""), group["resourceName"])
    changed = group | {"name": given["name"].strip(), "formattedName": given["name"].strip()}
    return Reply(_rendered(book, _put(call.world, book, changed), group_mask(None)))


def groups_delete(call: Call) -> Reply:
    """The label goes; its people stay, unless they are to go with it."""
    group = _own(book_of(call), _name(call))["resourceName"]
    delete_group(call, group, with_contacts=call.flag("deleteContacts"))
    return Reply({})


def members_modify(call: Call) -> Reply:
    book, group = book_of(call), _found(book_of(call), _name(call))["resourceName"]
    if group.startswith("contactGroups/") and not _takes_members(book, group):
        raise invalid_argument("Members of this contact group cannot be modified.", "resourceName")
    added, removed = (call.body.get(f"resourceNamesTo{verb}") or [] for verb in ("Add", "Remove"))
    if len(added) + len(removed) > MOST_MEMBERS_MODIFIED:
        raise invalid_argument(f"At most {MOST_MEMBERS_MODIFIED} members can be modified at once.")
    writer, unknown, last = PeopleWriter(call.world, call.account), [], []
    for names, verb in ((added, writer.join), (removed, writer.leave)):
        for name in names:
            try:
                if verb(name, group) is False:
                    last.append(name)
            except PlatformError:
                unknown.append(name)
    told = {"notFoundResourceNames": unknown, "canNotRemoveLastContactGroupResourceNames": last}
    return Reply({name: values for name, values in told.items() if values})


def create_group(world: World, book: AddressBook, name: str, client_data: object = None) -> Json:
    """A new label; 409 for a name that is taken."""
    _check_name(book, name, "")
    resource_name = f"contactGroups/{secrets.token_hex(8)}"
    group: Json = {"resourceName": resource_name, "groupType": "USER_CONTACT_GROUP", "metadata": {}}
    if client_data:
        group["clientData"] = client_data
    return _put(world, book, group | {"name": name.strip(), "formattedName": name.strip()})


def delete_group(call: Call, group: str, *, with_contacts: bool) -> None:
    book, writer = book_of(call), PeopleWriter(call.world, call.account, privileged=True)
    for name in book.members(group):
        if with_contacts:
            writer.delete(name)
        elif not writer.leave(name, group):
            writer.join(name, "contactGroups/myContacts")
            writer.leave(name, group)
    gone = book.groups.get(group) or {}
    _put(call.world, book, gone | {"metadata": {"deleted": True}})


def _check_name(book: AddressBook, name: str, own: str) -> None:
    if not name.strip():
        raise invalid_argument("Contact group name is required.", "contactGroup.name")
    taken = (g for g in _living(book) if g["name"].lower() == name.strip().lower())
    if any(group["resourceName"] != own for group in taken):
        raise PlatformError(409, "Contact group name already exists.", word="ALREADY_EXISTS")


def _put(world: World, book: AddressBook, group: Json) -> Json:
    metadata = group["metadata"] | {"updateTime": world.now_stamp()}
    stored = group | {"etag": secrets.token_urlsafe(8), "metadata": metadata}
    book.groups.put(stored["resourceName"], stored)
    return stored


def _living(book: AddressBook) -> list[Json]:
    return [group for group in book.groups if not group["metadata"].get("deleted")]


def _found(book: AddressBook, name: str) -> Json:
    group = book.groups.get(name)
    if group is None or group["metadata"].get("deleted"):
        raise missing(name)
    return group


def _own(book: AddressBook, name: str) -> Json:
    group = _found(book, name)
    if group["groupType"] != "USER_CONTACT_GROUP":
        raise invalid_argument("System contact groups cannot be changed.", "resourceName")
    return group


def _takes_members(book: AddressBook, group: str) -> bool:
    own = (book.groups.get(group) or {}).get("groupType") == "USER_CONTACT_GROUP"
    return own or group in WRITABLE_SYSTEM_GROUPS


def _name(call: Call) -> str:
    return f"contactGroups/{call.args['group']}"


def _rendered(book: AddressBook, group: Json, fields: frozenset[str]) -> Json:
    told = {name: group[name] for name in ("resourceName", "etag", "formattedName")}
    told |= {name: group[name] for name in fields if name in group}
    if "memberCount" in fields:
        told["memberCount"] = len(book.members(group["resourceName"]))
    return told


_GROUPS = "/v1/contactGroups"
_GROUP = _GROUPS + "/{group}"
ROUTES = [
    Route("contactGroups.list", "GET", _GROUPS, READ_SCOPES, groups_list, costs=GROUP_READ),
    Route("contactGroups.create", "POST", _GROUPS, WRITE_SCOPES, groups_create, costs=GROUP_WRITE),
    Route(
        "members.modify", "POST", _GROUP + "/members:modify", WRITE_SCOPES, members_modify, costs=GROUP_WRITE
    ),
    Route("contactGroups.get", "GET", _GROUP, READ_SCOPES, groups_get, costs=GROUP_READ),
    Route("contactGroups.update", "PUT", _GROUP, WRITE_SCOPES, groups_update, costs=GROUP_WRITE),
    Route("contactGroups.delete", "DELETE", _GROUP, WRITE_SCOPES, groups_delete, costs=GROUP_WRITE),
]
