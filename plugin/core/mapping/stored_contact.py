"""A `Contact` as JSON and back: how the two halves of the base and the journal are kept.

Slots that aren't in force are left out on reading: what rests must not look like something that was emptied.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugin.core.contact import Address, Birthday, Contact, Slot, Value
from plugin.core.mapping.contact_mapping import ContactMapping


def json_from_contact(contact: Contact) -> dict[str, Any]:
    """Return plain JSON values by slot key."""
    return {
        "values": {slot.key: json_from_value(value) for slot, value in contact.values.items()},
        "borrowed": {slot.key: google_type for slot, google_type in contact.borrowed.items()},
    }


def contact_from_json(stored: Mapping[str, Any], mapping: ContactMapping) -> Contact:
    """Return what `json_from_contact` stored of the slots in force."""
    values, borrowed = stored["values"], stored["borrowed"]
    return Contact(
        {slot: _value_from_json(slot, values[slot.key]) for slot in mapping.slots if slot.key in values},
        {slot: borrowed[slot.key] for slot in mapping.slots if slot.key in borrowed},
    )


def json_from_value(value: Value) -> Any:
    """Return one slot's value; an address without its empty parts, a birthday as its numbers."""
    if isinstance(value, Address):
        return {name: part for name, part in value.parts.items() if part}
    if isinstance(value, Birthday):
        return {"year": value.year, "month": value.month, "day": value.day}
    return value


def _value_from_json(slot: Slot, stored: Any) -> Value:
    if isinstance(stored, str):
        return stored
    return Birthday(**stored) if "month" in stored else Address(**stored)
