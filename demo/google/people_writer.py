"""What may be done to a contact, by Google's rules.

https://developers.google.com/people/api/rest/v1/people/updateContact and its neighbours
"""

from __future__ import annotations

import base64
import binascii
import secrets

from demo.google.model import Account
from demo.google.people_errors import invalid_argument, missing, stale_etag
from demo.google.people_fields import READABLE, WRITABLE, check_body
from demo.google.people_model import MY_CONTACTS, contact_source, groups_of, is_deleted, new_person_name
from demo.google.people_normal import normal_items
from demo.google.wire import Json
from demo.google.world import World


class PeopleWriter:
    """Writes into one account's book; `privileged` edits need no etag and may set what only Google sets."""

    def __init__(self, world: World, account: Account, *, privileged: bool = False) -> None:
        self._world = world
        self._book = world.books[account.email]
        self._privileged = privileged

    def create(self, body: Json) -> Json:
        """A new person. Nothing tells that the same one was made before."""
        check_body(body, privileged=self._privileged)
        name = new_person_name()
        source_id = format(int(name.removeprefix("people/c")), "x")
        person: Json = {
            "resourceName": name,
            "metadata": {"objectType": "PERSON", "sources": [{"type": "CONTACT", "id": source_id}]},
        }
        fields = {field: items for field, items in body.items() if field in READABLE and field != "metadata"}
        if not body.get("memberships"):
            fields["memberships"] = [_membership(MY_CONTACTS)]
        return self._book.put(self._world, self._with(person, fields))

    def update(self, resource_name: str, body: Json, fields: frozenset[str]) -> Json:
        """The named fields replaced whole; what the body leaves out is cleared."""
        person = self._living(resource_name)
        check_body(body, privileged=self._privileged)
        if not self._privileged:
            self._check_etag(person, body)
        if "memberships" in fields and not body.get("memberships"):
            raise invalid_argument(
                "A contact must have at least one contact group membership.", "memberships"
            )
        return self._book.put(self._world, self._with(person, {name: body.get(name, []) for name in fields}))

    def delete(self, resource_name: str) -> None:
        """Nothing asks for an etag here: whoever deletes should have looked."""
        person = self._living(resource_name)
        gone = {name: person[name] for name in ("resourceName", "metadata")}
        self._book.put(self._world, gone | {"metadata": person["metadata"] | {"deleted": True}})

    def join(self, resource_name: str, group: str) -> None:
        """Add a person to a group; nothing happens where it is in."""
        person = self._living(resource_name)
        if group not in groups_of(person):
            self._regroup(person, [*groups_of(person), group])

    def leave(self, resource_name: str, group: str) -> bool:
        """Take a person out of a group; False where it is the last one."""
        person = self._living(resource_name)
        if group not in groups_of(person):
            return True
        left = [name for name in groups_of(person) if name != group]
        if not left:
            return False
        self._regroup(person, left)
        return True

    def _regroup(self, person: Json, groups: list[str]) -> None:
        items = [_membership(name) for name in groups]
        self._book.put(self._world, self._with(person, {"memberships": items}))

    def _living(self, resource_name: str) -> Json:
        person = self._book.find(resource_name)
        if person is None or is_deleted(person):
            raise missing(resource_name)
        return person

    def _with(self, person: Json, fields: Json) -> Json:
        source_id = contact_source(person)["id"]
        self._check_groups(fields.get("memberships", []))
        changed = dict(person)
        for name, items in fields.items():
            kept = normal_items(name, items, source_id) if name in WRITABLE else items
            changed.pop(name, None)
            if kept:
                changed[name] = kept
        return changed

    def _check_groups(self, items: list[Json]) -> None:
        for item in items:
            group = (item.get("contactGroupMembership") or {}).get("contactGroupResourceName", "")
            known = self._book.groups.get(group)
            if known is None or known["metadata"].get("deleted"):
                raise invalid_argument(f"Contact group {group} does not exist.", "memberships")

    def _check_etag(self, person: Json, body: Json) -> None:
        current = contact_source(person)
        sources = [s for s in (body.get("metadata") or {}).get("sources", ()) if s.get("type") == "CONTACT"]
        if not sources and body.get("etag"):
            given = source_etag(body["etag"])  # Google's own guide sends no more than this
        elif not sources or not sources[0].get("etag"):
            raise invalid_argument(
                "Request must set person.etag or person.metadata.sources.etag for the source that is being updated.",
                "person.metadata.sources",
            )
        else:
            given = sources[0]["etag"]
            if sources[0].get("id", current["id"]) != current["id"]:
                raise invalid_argument(
                    "person.metadata.sources.id is not the contact's.", "person.metadata.sources"
                )
        if given != current["etag"]:
            raise stale_etag()


def person_etag(person: Json, fields: frozenset[str]) -> str:
    """The etag of a person as read with a mask: another mask, another etag of the same contact."""
    inside = "\n".join([contact_source(person)["etag"], ",".join(sorted(fields))])
    return "%" + base64.urlsafe_b64encode(inside.encode()).decode()


def source_etag(etag: str) -> str:
    try:
        return base64.urlsafe_b64decode(etag.removeprefix("%")).decode().partition("\n")[0]
    except (binascii.Error, ValueError):
        return secrets.token_hex(4)  # matches nothing


def _membership(group: str) -> Json:
    return {"contactGroupMembership": {"contactGroupResourceName": group}}


def render_person(person: Json, fields: frozenset[str], *, names: bool = False) -> Json:
    """The person cut down to the fields asked for. Former resource names are told in sync answers only (`names`)."""
    told: Json = {"resourceName": person["resourceName"], "etag": person_etag(person, fields)}
    metadata = dict(person["metadata"])
    if not names:
        metadata.pop("previousResourceNames", None)
    if "metadata" in fields or is_deleted(person):
        told["metadata"] = metadata
    return told | {name: person[name] for name in person if name in fields and name not in told}
