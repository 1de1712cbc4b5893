"""Request bodies for Google persons.

A field named in the update mask is replaced whole, so a patch is built from the person as last read: whatever isn't mapped
(further e-mails, labels, departments, middle names) goes back as it came. What Google alone may write is left out
(readOnly in https://people.googleapis.com/$discovery/rest?version=v1), and so is what it derives from a part that changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plugin.core.contact import Address, Birthday, Contact, Kind, Slot
from plugin.core.mapping.contact_mapping import ContactMapping
from plugin.core.mapping.google_person import marker_datum, organisation_of
from plugin.core.mapping.person_items import (
    ADDRESS_PARTS,
    MEMBERS,
    TYPED,
    Item,
    Person,
    items_of,
    placed,
)
from plugin.core.model import Marker

_READ_ONLY = {"formattedType", "canonicalForm"}
_READ_ONLY_IN_NAMES = {"displayName", "displayNameLastFirst"}


@dataclass(frozen=True, slots=True)
class PersonPatch:
    """An update, in the terms of the port: the members to replace, and what they shall be. It goes with the version of the
    person that it was made from."""

    fields: frozenset[str]
    body: Mapping[str, Any]


def new_person(
    contact: Contact, mapping: ContactMapping, marker: Marker, groups: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the body that creates a contact in these contact groups, with our key in it."""
    body = dict(patch_person({}, mapping, Contact(), contact, contact.values.keys()).body)
    body["clientData"] = [marker_datum(marker)]
    memberships = [{"contactGroupMembership": {"contactGroupResourceName": group}} for group in groups]
    return body | ({"memberships": memberships} if memberships else {})


def patch_person(
    person: Person, mapping: ContactMapping, half: Contact, contact: Contact, slots: Iterable[Slot]
) -> PersonPatch:
    """Return the update that makes the person say `contact` in these slots and leaves everything else as it is.

    `half` is what the person was read with: it says which item is whose.
    """
    changed = {slot: contact.values.get(slot) for slot in mapping.slots if slot in set(slots)}
    where = placed(person, mapping, half)
    body: dict[str, Any] = {}
    for kind in sorted({slot.kind for slot in changed}, key=list(Kind).index):
        items = [_writable(item, kind) for item in items_of(person, kind)]
        of_kind = {slot: value for slot, value in changed.items() if slot.kind is kind}
        if kind in TYPED:
            body[MEMBERS[kind]] = _with_typed(items, where, of_kind)
        else:
            index = organisation_of(person, mapping, half) if kind is Kind.ORGANISATION else 0
            body[MEMBERS[kind]] = _with_single(items, index or 0, of_kind)
    return PersonPatch(frozenset(body), body)


def with_marker(person: Person, marker: Marker) -> PersonPatch:
    """Return the update that adds our key to what other programs, or we for another contact, left in the person."""
    data = [_writable(datum, None) for datum in person.get("clientData", ())]
    return PersonPatch(frozenset({"clientData"}), {"clientData": [*data, marker_datum(marker)]})


def _writable(item: Item, kind: Kind | None) -> dict[str, Any]:
    left_out = {*_READ_ONLY, "metadata", *(_READ_ONLY_IN_NAMES if kind is Kind.NAME else ())}
    kept = {name: value for name, value in item.items() if name not in left_out}
    # Which of several is the user's default is the one thing in an item's metadata that is theirs to say.
    is_default = item.get("metadata", {}).get("sourcePrimary")
    return kept | ({"metadata": {"sourcePrimary": True}} if is_default else {})


def _with_typed(
    items: Sequence[dict[str, Any]], where: Mapping[Slot, int], changed: Mapping[Slot, Any]
) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = [*items]
    for slot, value in changed.items():
        index = where.get(slot)
        if index is None:
            name = "key" if slot.kind is Kind.CUSTOM else "type"
            result.append(_saying({name: slot.type}, slot.kind, value))
        else:
            result[index] = _saying(items[index], slot.kind, value)
    return [item for item in result if item]


def _saying(item: Item, kind: Kind, value: Any) -> dict[str, Any]:
    """Return the item with this value; nothing at all if nothing is left of it."""
    if kind is not Kind.ADDRESS:
        return {**item, "value": value} if value else {}
    address = value or Address()
    said = {member: address.parts[part] for part, member in ADDRESS_PARTS.items() if address.parts[part]}
    # Both are said anew by Google from the parts; kept, they would contradict them.
    derived = {"formattedValue"} | ({"countryCode"} if item.get("country", "") != address.country else set())
    kept = {name: v for name, v in item.items() if name not in {*ADDRESS_PARTS.values(), *derived}}
    return {**kept, **said} if said or "extendedAddress" in kept else {}


def _with_single(
    items: Sequence[dict[str, Any]], index: int, changed: Mapping[Slot, Any]
) -> list[dict[str, Any]]:
    item = dict(items[index]) if items else {}
    for slot, value in changed.items():
        if slot.kind is Kind.BIRTHDAY:
            # The words may say another day than the date.
            item = {name: kept for name, kept in item.items() if name not in {"date", "text"}}
            item |= {"date": _date(value)} if value else {}
        elif slot.kind is Kind.NOTE:
            item = {**item, "value": value, "contentType": "TEXT_PLAIN"} if value else {}
        else:
            # Google would read the free form of a name again, and undo the edit.
            item.pop("unstructuredName", None)
            item |= {slot.type: value or ""}
    item = {name: kept for name, kept in item.items() if kept != ""}
    rest = [other for number, other in enumerate(items) if number != index]
    is_empty = not item.keys() - {"metadata", "type", "current"}
    return [*rest[:index], *([] if is_empty else [item]), *rest[index:]]


def _date(birthday: Birthday) -> dict[str, int]:
    year = {"year": birthday.year} if birthday.year else {}
    return {**year, "month": birthday.month, "day": birthday.day}
