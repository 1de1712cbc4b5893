"""Which item of a Google person stands for which slot.

By type, never by position: Google reorders lists. Among several of a type it is the one that already was it (by value), else
the first. A slot may *borrow* an item of another type: on a create, types that nobody mapped fill the first free slots of
their kind; at first contact, an item that says what the CRM's field says is taken for it, whatever its type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from plugin.core.contact import Address, Contact, Kind, Slot, Value
from plugin.core.mapping.contact_mapping import ContactMapping

Person = Mapping[str, Any]
Item = Mapping[str, Any]

# https://developers.google.com/people/api/rest/v1/people: where each kind's items are, and what tells them apart.
MEMBERS: Mapping[Kind, str] = {
    Kind.NAME: "names",
    Kind.ORGANISATION: "organizations",
    Kind.BIRTHDAY: "birthdays",
    Kind.NOTE: "biographies",
    Kind.EMAIL: "emailAddresses",
    Kind.PHONE: "phoneNumbers",
    Kind.ADDRESS: "addresses",
    Kind.URL: "urls",
    Kind.CUSTOM: "userDefined",
}
TYPED = (Kind.EMAIL, Kind.PHONE, Kind.ADDRESS, Kind.URL, Kind.CUSTOM)
_LENDING = (Kind.EMAIL, Kind.PHONE, Kind.ADDRESS, Kind.URL)
ADDRESS_PARTS: Mapping[str, str] = {
    "street": "streetAddress",
    "po_box": "poBox",
    "city": "city",
    "region": "region",
    "postal_code": "postalCode",
    "country": "country",
}
_STRUCTURE = (*ADDRESS_PARTS.values(), "extendedAddress")


def version_of(person: Person) -> str:
    """Return what stands for one state of a contact: id and etag of its CONTACT source; "" where it has none.

    Not the person's own `etag`: that one depends on the fields that were asked for.
    """
    source = _own_source(person)
    return f"{source.get('id', '')} {source.get('etag', '')}" if source else ""


def source_id_of(person: Person) -> str:
    """Return the id of the user's own contact behind the person: the CRM's own module remembered contacts by it."""
    return str(_own_source(person).get("id", ""))


def items_of(person: Person, kind: Kind) -> list[Item]:
    """Return the user's own items of a kind; what Google shows from somebody's profile is not theirs to change."""
    return [item for item in person.get(MEMBERS[kind], ()) if _is_own(item)]


def type_of(item: Item, kind: Kind) -> str:
    """Return what tells the item apart from others of its kind: its type, or the user's own label."""
    return str(item.get("key" if kind is Kind.CUSTOM else "type", ""))


def value_of(item: Item, kind: Kind) -> Value:
    """Return what an item says."""
    return address_of(item) if kind is Kind.ADDRESS else str(item.get("value", ""))


def address_of(item: Item) -> Address:
    """Return an address; one that nobody took apart is all street, as the CRM's own module has it (facts §5)."""
    if not any(item.get(member) for member in _STRUCTURE):
        return Address(street=item.get("formattedValue", ""))
    return Address(**{part: item.get(member, "") for part, member in ADDRESS_PARTS.items()})


def placed(person: Person, mapping: ContactMapping, half: Contact) -> dict[Slot, int]:
    """Return the index in `items_of` that each slot of a typed kind stands on; `half` is what Google's side held before."""
    found: dict[Slot, int] = {}
    for kind in TYPED:
        found |= _Placing(items_of(person, kind), mapping.of_kind(kind), half).placed()
    return found


def filling(person: Person, mapping: ContactMapping) -> Contact:
    """Return the free slots' loans when the person comes into the CRM: from items of types that no slot is for."""
    taken = placed(person, mapping, Contact())
    loans = _Loans()
    for kind in _LENDING:
        slots = mapping.of_kind(kind)
        mapped = {slot.type.casefold() for slot in slots}
        free = (slot for slot in slots if slot not in taken)
        lenders = [i for i in items_of(person, kind) if type_of(i, kind).casefold() not in mapped]
        for item in lenders:
            slot = next(free, None) if _is_something(value_of(item, kind)) else None
            if slot is not None:
                loans.add(slot, item)
    return loans.as_half()


def alike(person: Person, mapping: ContactMapping, contact: Contact) -> Contact:
    """Return the loans of slots whose value in `contact`, the CRM's, stands in an item of another type.

    Without them, a number that Google files under "other" would be added to it once more, under the CRM field's type.
    """
    loans = _Loans()
    for kind in _LENDING:
        items = items_of(person, kind)
        slots = [slot for slot in mapping.of_kind(kind) if slot in contact.values]
        said = {slot: likeness(contact.values[slot], kind) for slot in slots}
        for slot in sorted(slots, key=lambda slot: not _has_own(items, slot, said)):
            found = (item for item in items if _says(item, kind, said[slot]) and not loans.has(item))
            own_first = sorted(found, key=lambda item: not _is_it(item, kind, slot.type))
            if own_first:
                loans.add(slot, own_first[0])
    return loans.as_half()


def likeness(value: Value | None, kind: Kind) -> object:
    """Return what makes two values the same for a person: case, blanks and the signs in phone numbers don't count."""
    if isinstance(value, Address):
        return tuple(" ".join(part.split()).casefold() for part in value.parts.values())
    text = value if isinstance(value, str) else ""
    if kind is Kind.PHONE and any(sign.isdigit() for sign in text):
        return "".join(sign for sign in text if sign.isdigit() or sign == "+")
    return " ".join(text.split()).casefold()


class _Loans:
    """What is lent to whom, each item once."""

    def __init__(self) -> None:
        self._items: dict[Slot, Item] = {}

    def has(self, item: Item) -> bool:
        return any(item is lent for lent in self._items.values())

    def add(self, slot: Slot, item: Item) -> None:
        self._items[slot] = item

    def as_half(self) -> Contact:
        """Return what reading the person in its light takes each slot's item from."""
        values = {slot: value_of(item, slot.kind) for slot, item in self._items.items()}
        types = {slot: type_of(item, slot.kind) for slot, item in self._items.items()}
        return Contact(
            values, {slot: kind for slot, kind in types.items() if kind.casefold() != slot.type.casefold()}
        )


class _Placing:
    """One kind's items over its slots."""

    def __init__(self, items: Sequence[Item], slots: Iterable[Slot], half: Contact) -> None:
        self._items, self._slots, self._half = items, tuple(slots), half
        self._found: dict[Slot, int] = {}

    def placed(self) -> dict[Slot, int]:
        """What a slot stood on, it keeps; then what it borrowed, though its value changed; then what its type is for."""
        for slot in self._slots:
            known = self._half.values.get(slot)
            lender = self._half.borrowed.get(slot, slot.type)
            self._take(slot, (lender, slot.type), partial(_equal, known))
        for slot in self._slots:
            is_there = any(_is_it(item, slot.kind, slot.type) for item in self._items)
            if slot in self._half.borrowed and not is_there:
                self._take(slot, (self._half.borrowed[slot],), _is_something)
        for slot in self._slots:
            self._take(slot, (slot.type,), _is_something)
        return self._found

    def _take(self, slot: Slot, types: Iterable[str], is_wanted: Callable[[Value], bool]) -> None:
        if slot in self._found:
            return
        for wanted in types:
            for index, item in enumerate(self._items):
                is_free = index not in self._found.values() and _is_it(item, slot.kind, wanted)
                if is_free and is_wanted(value_of(item, slot.kind)):
                    self._found[slot] = index
                    return


def _is_something(value: Value) -> bool:
    return value not in ("", Address())


def _equal(known: Value | None, value: Value) -> bool:
    return value == known


def _has_own(items: Sequence[Item], slot: Slot, said: Mapping[Slot, object]) -> bool:
    return any(_is_it(item, slot.kind, slot.type) and _says(item, slot.kind, said[slot]) for item in items)


def _is_it(item: Item, kind: Kind, wanted: str) -> bool:
    return type_of(item, kind).casefold() == wanted.casefold()


def _says(item: Item, kind: Kind, said: object) -> bool:
    return likeness(value_of(item, kind), kind) == said


def _own_source(person: Person) -> Mapping[str, Any]:
    sources = (person.get("metadata") or {}).get("sources", ())
    return next((source for source in sources if source.get("type") == "CONTACT"), {})


def _is_own(item: Item) -> bool:
    return bool(item.get("metadata", {}).get("source", {}).get("type", "CONTACT") == "CONTACT")
