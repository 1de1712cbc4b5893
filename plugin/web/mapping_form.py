"""The field mapping as a form: rows of a CRM field, a place in a Google contact, and the user's own label.

Read from our form's `crm_N`, `place_N`, `label_N`, or from `fieldmapping`, the JSON that the CRM's own window sends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plugin.contact_sentences import TYPES, field_name, kind_name
from plugin.core.contact import Kind, Slot
from plugin.core.mapping.contact_mapping import (
    ADDRESS_FIELDS,
    DEFAULT_CHOICE,
    FIXED_SLOTS,
    FieldKind,
    Fields,
    Problem,
    ProblemCode,
    in_force,
    problems_of,
    slot_from_crm_setting,
)

# More rows than a person chooses; the CRM's contacts have some sixty fields.
MAX_ROWS = 200
_GROUPS = {
    FieldKind.EMAIL: Kind.EMAIL,
    FieldKind.PHONE: Kind.PHONE,
    FieldKind.URL: Kind.URL,
    FieldKind.TEXT: Kind.CUSTOM,
}
Options = list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `place` is "kind:type", without a type where `label` says it; `is_gone` once the CRM lacks the field."""

    crm_field: str = ""
    place: str = ""
    label: str = ""
    is_gone: bool = False


def rows_of(choice: Sequence[Slot] | None, fields: Fields) -> list[Row]:
    """Return the rows of a choice; of the CRM's own mapping those whose fields it has."""
    resting = in_force(choice, fields)[1]
    wanted = DEFAULT_CHOICE if choice is None else choice
    return [
        _row(slot, is_gone=slot in resting) for slot in wanted if choice is not None or slot not in resting
    ]


def offered_fields(fields: Fields) -> Options:
    """Return the CRM fields that may be mapped, by what they hold."""
    used_up = {slot.crm_field for slot in FIXED_SLOTS}
    used_up |= {name for parts in ADDRESS_FIELDS.values() for name in parts.values()}
    groups: dict[Kind, list[str]] = {kind: [] for kind in TYPES}
    groups[Kind.ADDRESS] = [name for name, parts in ADDRESS_FIELDS.items() if parts["street"] in fields]
    for name, known in fields.items():
        if name not in used_up and known.kind in _GROUPS:
            groups[_GROUPS[known.kind]].append(name)
    return [
        (kind_name(kind), [(name, field_name(name, fields)) for name in names])
        for kind, names in groups.items()
        if names
    ]


def offered_places() -> Options:
    """Return the places in a Google contact, by kind; the last of each is for a label of the user's own."""
    return [
        (
            kind_name(kind),
            [
                *((f"{kind.value}:{name}", f"{kind_name(kind)}: {word}") for name, word in types.items()),
                (f"{kind.value}:", f"{kind_name(kind)}: …"),
            ],
        )
        for kind, types in TYPES.items()
    ]


def is_given(parameters: Mapping[str, str]) -> bool:
    """Tell whether the request says anything about the mapping."""
    return any(name in parameters for name in ("crm_0", "fieldmapping", "default_mapping"))


def read_choice(
    parameters: Mapping[str, str], before: tuple[Slot, ...] | None, fields: Fields
) -> tuple[Slot, ...] | None:
    """Return the choice that was sent; None for the CRM's own mapping, also when nobody changed it. Raises ValueError."""
    if parameters.get("default_mapping") == "1":
        return None
    choice = (
        _from_json(parameters["fieldmapping"], fields)
        if "fieldmapping" in parameters
        else _from_rows(parameters)
    )
    return None if before is None and choice == _default(fields) else choice


def new_problems(
    choice: Sequence[Slot] | None, before: Sequence[Slot] | None, fields: Fields
) -> list[Problem]:
    """Return what is wrong with a choice; a row kept from before may rest because its field is gone."""
    kept = before or ()
    return [
        problem
        for problem in problems_of(choice or (), fields)
        if problem.code is not ProblemCode.UNKNOWN_FIELD or problem.slot not in kept
    ]


def _row(slot: Slot, *, is_gone: bool) -> Row:
    if slot.type in TYPES.get(slot.kind, {}):
        return Row(slot.crm_field, f"{slot.kind.value}:{slot.type}", "", is_gone)
    return Row(slot.crm_field, f"{slot.kind.value}:", slot.type, is_gone)


def _from_rows(parameters: Mapping[str, str]) -> tuple[Slot, ...]:
    slots: list[Slot] = []
    for number in range(MAX_ROWS):
        crm_field, place = parameters.get(f"crm_{number}", ""), parameters.get(f"place_{number}", "")
        if not (crm_field and place):
            continue
        kind, _, type_ = place.partition(":")
        slots.append(Slot(crm_field, Kind(kind), type_ or parameters.get(f"label_{number}", "").strip()))
    return tuple(slots)


def _from_json(text: str, fields: Fields) -> tuple[Slot, ...]:
    # As in the CRM, these rows extend its own mapping, and replace what they share a field or a place with.
    rows = json.loads(text)
    if not isinstance(rows, dict | list) or len(rows) > MAX_ROWS:
        raise ValueError("not a mapping of rows")
    slots: list[Slot] = []
    for row in rows.values() if isinstance(rows, dict) else rows:
        if not isinstance(row, dict):
            raise ValueError("a row is no object")  # noqa: TRY004 - about what was sent
        names = ("vtiger_field_name", "google_field_name", "google_field_type", "google_custom_label")
        slot = slot_from_crm_setting(*(str(row.get(name) or "") for name in names))
        if slot is not None:
            slots.append(slot)
    names_taken = {slot.crm_field for slot in slots}
    places = {(slot.kind, slot.type) for slot in slots}
    kept = [s for s in _default(fields) if s.crm_field not in names_taken and (s.kind, s.type) not in places]
    return (*kept, *slots)


def _default(fields: Fields) -> tuple[Slot, ...]:
    resting = in_force(None, fields)[1]
    return tuple(slot for slot in DEFAULT_CHOICE if slot not in resting)
