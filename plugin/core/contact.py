"""The neutral value of a contact: one flat set of slots, each compared, merged and written by itself.

A *slot* couples one CRM field with one place in a Google contact (the e-mail of type "work"). Which slots there are is the
user's field mapping. Both ends name the slot: when a user maps a field elsewhere, that is another slot without a past, so
that neither side's old value looks like an edit.

An address is one slot, as the times of an event are one field: halves of two addresses would make a third one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import Enum

from plugin.core.model import Marker, Presence


class Kind(Enum):
    """What a slot holds; the value names Google's side of it in stored mappings."""

    NAME = "name"
    ORGANISATION = "organization"
    BIRTHDAY = "birthday"
    NOTE = "biography"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    URL = "url"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Slot:
    """One mapped field. `type` is Google's type of the item, the member of a name or organization, or the user's own label."""

    crm_field: str
    kind: Kind
    type: str = ""

    @property
    def key(self) -> str:
        """The slot's name in stored values."""
        return f"{self.crm_field}={self.kind.value}.{self.type}"


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address in the parts that both sides have."""

    street: str = ""
    po_box: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""

    @property
    def parts(self) -> Mapping[str, str]:
        """All parts by name, empty ones included."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    def __str__(self) -> str:
        """Return it in one line."""
        return ", ".join(part for part in self.parts.values() if part)


@dataclass(frozen=True, slots=True)
class Birthday:
    """A birthday; Google also keeps those whose year nobody knows."""

    month: int
    day: int
    year: int | None = None

    @property
    def date(self) -> date | None:
        """The day of birth; None without a year, or where the calendar has no such day."""
        try:
            return date(self.year, self.month, self.day) if self.year else None
        except ValueError:
            return None

    def __str__(self) -> str:
        """Return it as ISO 8601 does, without a year with two dashes in its place."""
        return f"{f'{self.year:04}' if self.year else '-'}-{self.month:02}-{self.day:02}"


Value = str | Address | Birthday


@dataclass(frozen=True, slots=True)
class Contact:
    """What a CRM contact and a Google contact have in common. A slot without a value isn't in `values`.

    `borrowed`: slots that stand on a Google item of another type (an e-mail of type "other" that filled a free field). It
    belongs to the memory of Google's side and is no part of the content: contacts are equal without it.
    """

    values: Mapping[Slot, Value] = field(default_factory=dict)
    borrowed: Mapping[Slot, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        filled = {slot: value for slot, value in self.values.items() if value not in ("", Address())}
        object.__setattr__(self, "values", filled)

    def text(self, crm_field: str) -> str:
        """Return the text of the slot that is mapped to this CRM field, or nothing."""
        found = (value for slot, value in self.values.items() if slot.crm_field == crm_field)
        return next((value for value in found if isinstance(value, str)), "")

    def texts(self, kind: Kind) -> list[str]:
        """Return all texts of one kind."""
        return [v for slot, v in self.values.items() if slot.kind is kind and isinstance(v, str)]


def changed_slots(now: Contact, half: Contact) -> frozenset[Slot]:
    """Return the slots in which a side differs from its own half of the base."""
    slots = now.values.keys() | half.values.keys()
    return frozenset(slot for slot in slots if now.values.get(slot) != half.values.get(slot))


def with_slots(contact: Contact, source: Contact, slots: Iterable[Slot]) -> Contact:
    """Return `contact` with these slots taken from `source`, emptied ones too."""
    values = {slot: value for slot, value in contact.values.items() if slot not in slots}
    values |= {slot: source.values[slot] for slot in slots if slot in source.values}
    return Contact(values, contact.borrowed)


@dataclass(frozen=True, slots=True)
class CrmContactChange:
    """One CRM contact as gather read it; the fields are those of `CrmChange`."""

    crm_id: int
    presence: Presence
    version: str
    contact: Contact | None
    link_id: int | None = None
    is_settled: bool = True
    modified_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonChange:
    """The newest state that Google reported of a person.

    `etag` is the version of the user's own contact behind it (`version_of`). `markers`: all keys of ours found in it; more than
    one means that the user merged two contacts in Google. `previous_ids`: resource names that it had before; links to them are
    links to it. `groups`: its contact groups.
    """

    google_id: str
    presence: Presence
    etag: str
    contact: Contact | None
    markers: tuple[Marker, ...] = ()
    previous_ids: tuple[str, ...] = ()
    groups: frozenset[str] = frozenset()
    updated_utc: datetime | None = None

    @property
    def is_merged(self) -> bool:
        """Two contacts of ours in one: which of them it goes on with is the user's to say."""
        return len(self.markers) > 1
