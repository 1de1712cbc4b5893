"""Which CRM fields stand for which places in a Google contact: the CRM's default table, and a user's own choice.

The fixed part and the default are the CRM's own (facts §5); the choice covers what its settings window offered: e-mails,
phones, addresses, websites and the user's own labels. A chosen field that vanishes from the CRM stays in the stored choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from plugin.core.contact import Kind, Slot

FIRST_NAME, LAST_NAME, ORGANISATION, BIRTHDAY = "firstname", "lastname", "account_id", "birthday"
SALUTATION = "salutationtype"
EMAIL, MOBILE, MAILING, STREET = "email", "mobile", "mailingaddress", "mailingstreet"

FIXED_SLOTS = (
    Slot(SALUTATION, Kind.NAME, "honorificPrefix"),
    Slot(FIRST_NAME, Kind.NAME, "givenName"),
    Slot(LAST_NAME, Kind.NAME, "familyName"),
    Slot("title", Kind.ORGANISATION, "title"),
    Slot(ORGANISATION, Kind.ORGANISATION, "name"),
    Slot(BIRTHDAY, Kind.BIRTHDAY),
    Slot("description", Kind.NOTE),
)
# In this order they take in e-mails, phones and addresses of types that nobody mapped.
DEFAULT_CHOICE = (
    Slot(EMAIL, Kind.EMAIL, "home"),
    Slot("secondaryemail", Kind.EMAIL, "work"),
    Slot(MOBILE, Kind.PHONE, "mobile"),
    Slot("phone", Kind.PHONE, "work"),
    Slot("homephone", Kind.PHONE, "home"),
    Slot(MAILING, Kind.ADDRESS, "home"),
    Slot("otheraddress", Kind.ADDRESS, "work"),
)
CHOOSABLE = frozenset({Kind.EMAIL, Kind.PHONE, Kind.ADDRESS, Kind.URL, Kind.CUSTOM})

# A whole address is mapped under one name; these are its fields.
ADDRESS_FIELDS: Mapping[str, Mapping[str, str]] = {
    f"{which}address": {
        "street": f"{which}street",
        "po_box": f"{which}pobox",
        "city": f"{which}city",
        "region": f"{which}state",
        "postal_code": f"{which}zip",
        "country": f"{which}country",
    }
    for which in ("mailing", "other")
}


class FieldKind(Enum):
    """What a CRM field holds, as far as mapping asks."""

    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    TEXT = "text"
    OTHER = "other"


# What may be mapped to which place: a text that isn't a phone number would be refused by neither side, and be wrong on both.
_FITS = {
    Kind.EMAIL: {FieldKind.EMAIL},
    Kind.PHONE: {FieldKind.PHONE},
    Kind.URL: {FieldKind.URL},
    Kind.CUSTOM: {FieldKind.TEXT, FieldKind.EMAIL, FieldKind.PHONE, FieldKind.URL},
}


@dataclass(frozen=True, slots=True)
class ContactField:
    """A field of the CRM's contacts: where it is stored, and how much of it (0: no text, so no limit).

    `choices`: a picklist's values. What isn't one of them would be lost at the next save of the CRM's form.
    """

    name: str
    table: str
    column: str
    label: str = ""
    kind: FieldKind = FieldKind.OTHER
    chars: int = 0
    octets: int = 0
    has_only_bmp: bool = True
    choices: tuple[str, ...] = ()


Fields = Mapping[str, ContactField]


@dataclass(frozen=True, slots=True)
class ContactMapping:
    """All slots in force: the fixed ones and the user's choice."""

    slots: tuple[Slot, ...] = FIXED_SLOTS + DEFAULT_CHOICE

    def of_kind(self, kind: Kind) -> tuple[Slot, ...]:
        """Return the slots of a kind, in their order."""
        return tuple(slot for slot in self.slots if slot.kind is kind)

    def slot_of(self, crm_field: str) -> Slot | None:
        """Return the slot that is mapped to a CRM field."""
        return next((slot for slot in self.slots if slot.crm_field == crm_field), None)

    def crm_fields(self) -> tuple[str, ...]:
        """Return the names of all CRM fields that are read and written, each part of an address by its own."""
        return tuple(name for slot in self.slots for name in fields_of([slot]))


class ProblemCode(Enum):
    """What is wrong with a choice."""

    UNKNOWN_FIELD = "unknown_field"
    WRONG_KIND = "wrong_kind"
    NO_TYPE = "no_type"
    FIELD_TWICE = "field_twice"
    PLACE_TWICE = "place_twice"


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of a choice that can't be taken, and why."""

    code: ProblemCode
    slot: Slot


def fields_of(slots: Iterable[Slot]) -> list[str]:
    """Return the names of the CRM fields behind these slots."""
    return [
        name for slot in slots for name in ADDRESS_FIELDS.get(slot.crm_field, {"": slot.crm_field}).values()
    ]


def problems_of(choice: Sequence[Slot], fields: Fields) -> list[Problem]:
    """Return all that is wrong with a user's choice; `fields` are the CRM's contact fields as probed."""
    found: list[Problem] = []
    taken = {slot.crm_field for slot in FIXED_SLOTS}
    places: set[tuple[Kind, str]] = set()
    for slot in choice:
        place = (slot.kind, slot.type.casefold())
        if not _is_known(slot, fields):
            found.append(Problem(ProblemCode.UNKNOWN_FIELD, slot))
        elif not _is_fit(slot, fields):
            found.append(Problem(ProblemCode.WRONG_KIND, slot))
        if not slot.type.strip():
            found.append(Problem(ProblemCode.NO_TYPE, slot))
        names = {slot.crm_field, *fields_of([slot])}
        if names & taken:
            found.append(Problem(ProblemCode.FIELD_TWICE, slot))
        if place in places:
            found.append(Problem(ProblemCode.PLACE_TWICE, slot))
        taken |= names
        places.add(place)
    return found


def in_force(choice: Sequence[Slot] | None, fields: Fields) -> tuple[ContactMapping, tuple[Slot, ...]]:
    """Return the mapping to sync by, and the slots that rest because the CRM doesn't have their field (any more).

    None stands for a user who never chose. What rests is neither read nor written, on either side.
    """
    wanted = FIXED_SLOTS + tuple(DEFAULT_CHOICE if choice is None else choice)
    resting = tuple(slot for slot in wanted if not _is_known(slot, fields))
    return ContactMapping(tuple(slot for slot in wanted if slot not in resting)), resting


def json_from_choice(choice: Iterable[Slot]) -> list[dict[str, str]]:
    """Return a user's choice as plain JSON values."""
    return [{"crm_field": slot.crm_field, "kind": slot.kind.value, "type": slot.type} for slot in choice]


def choice_from_json(stored: Iterable[Mapping[str, Any]]) -> tuple[Slot, ...]:
    """Return the choice that `json_from_choice` stored."""
    return tuple(Slot(row["crm_field"], Kind(row["kind"]), row["type"]) for row in stored)


_CRM_KINDS = {
    "email": Kind.EMAIL,
    "phonenumber": Kind.PHONE,
    "structuredpostaladdress": Kind.ADDRESS,
    "website": Kind.URL,
    "userdefinedfield": Kind.CUSTOM,
}
_CRM_TYPES = {"work_fax": "workFax", "home_fax": "homeFax", "home-page": "homePage"}


def slot_from_crm_setting(crm_field: str, google_field: str, google_type: str, label: str) -> Slot | None:
    """Return the slot that a row of the CRM's own field mapping means (facts §1.5 SaveSettings, §3).

    None for its fixed rows, and for what it offered but never synced.
    """
    kind = _CRM_KINDS.get(google_field.rpartition(":")[2].lower())
    if kind is None:
        return None
    is_labelled = google_type == "custom" or kind is Kind.CUSTOM
    return Slot(crm_field, kind, label.strip() if is_labelled else _CRM_TYPES.get(google_type, google_type))


def choice_from_crm_settings(rows: Iterable[tuple[str, str, str, str]]) -> tuple[Slot, ...] | None:
    """Return the choice that a user made in the CRM's own settings window, None for who never did.

    A row (CRM field, Google field, its type, own label) replaces or adds to the default table, by its CRM field (facts §5).
    """
    chosen = {row[0]: slot for row in rows if (slot := slot_from_crm_setting(*row))}
    if not chosen:
        return None
    known = tuple(chosen.pop(slot.crm_field, slot) for slot in DEFAULT_CHOICE)
    return known + tuple(chosen.values())


def _is_known(slot: Slot, fields: Fields) -> bool:
    # The CRM's administrator may hide parts of an address; without its street it is none.
    return next(iter(fields_of([slot]))) in fields


def _is_fit(slot: Slot, fields: Fields) -> bool:
    if slot.kind is Kind.ADDRESS or slot.crm_field in ADDRESS_FIELDS:
        return slot.kind is Kind.ADDRESS and slot.crm_field in ADDRESS_FIELDS
    return slot.kind in CHOOSABLE and fields[slot.crm_field].kind in _FITS[slot.kind]
