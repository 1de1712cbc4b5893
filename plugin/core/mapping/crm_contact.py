"""A CRM contact to and from `Contact`: its fields by the CRM's own names, which its rows are made of.

What the columns can't hold is handled here, as for activities; but a cut phone number, e-mail or web address would be another
one, so such a value counts as one that the CRM can't hold at all, and leaves what the CRM has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from plugin.core.contact import Address, Birthday, Contact, Kind, Slot, Value
from plugin.core.mapping.contact_mapping import (
    ADDRESS_FIELDS,
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    MAILING,
    MOBILE,
    ORGANISATION,
    ContactMapping,
    FieldKind,
    Fields,
    fields_of,
)
from plugin.core.mapping.fitting import fit, fit_bytes

# What the CRM's own module writes for a contact without any name (facts §5).
NAMELESS = "Google Contact"
# What its forms store for "nothing chosen".
NOTHING_CHOSEN = "--None--"
_EXACT = {FieldKind.EMAIL, FieldKind.PHONE, FieldKind.URL}


@dataclass(frozen=True, slots=True)
class Account:
    """An organisation of the CRM's."""

    account_id: int
    name: str


@dataclass(frozen=True, slots=True)
class ContactRow:
    """The mapped fields of a contact by the CRM's field names, empty ones left out; `account_id` holds the account's name."""

    crm_id: int
    values: Mapping[str, str | date] = field(default_factory=dict)
    account: Account | None = None

    @property
    def label(self) -> str:
        """What the CRM calls the record in lists and searches."""
        names = (str(self.values.get(name, "")) for name in (FIRST_NAME, LAST_NAME))
        return " ".join(names).strip()


@dataclass(frozen=True, slots=True)
class CrmTerms:
    """What the CRM can hold: the mapping in force, its fields, and accounts by name (`account_key`).

    `creates_accounts`: an organisation that the CRM has no account of gets one.
    """

    mapping: ContactMapping
    fields: Fields
    accounts: Mapping[str, Account] = field(default_factory=dict)
    creates_accounts: bool = False


def account_key(name: str) -> str:
    """Return what makes two names of an organisation the same: neither case nor spaces."""
    return " ".join(name.split()).casefold()


def contact_from_row(row: ContactRow, mapping: ContactMapping) -> Contact:
    """Return the contact that the row means; a date that the calendar doesn't have is none."""
    return Contact({slot: _value_in(row, slot) for slot in mapping.slots})


def row_from_contact(
    crm_id: int, contact: Contact, terms: CrmTerms, before: ContactRow | None = None
) -> ContactRow:
    """Return the fields that say `contact`, which must be as the CRM holds it.

    `before`: the row now; its account stays while its name does, should several accounts bear it.
    """
    values: dict[str, str | date] = {}
    for slot, value in contact.values.items():
        if isinstance(value, Address):
            names = ADDRESS_FIELDS[slot.crm_field]
            values |= {names[part]: text for part, text in value.parts.items() if text}
        elif isinstance(value, Birthday):
            values |= {slot.crm_field: value.date} if value.date else {}
        else:
            values[slot.crm_field] = value
    return ContactRow(crm_id, values, _account(contact.text(ORGANISATION), terms, before))


def as_crm_holds(contact: Contact, terms: CrmTerms) -> Contact:
    """Return what is left of a Google contact once it stands in the CRM's columns; it always has a last name."""
    values: dict[Slot, Value] = {}
    for slot, value in contact.values.items():
        held = _held(slot, value, terms)
        if held is not None:
            values[slot] = held
    last = terms.mapping.slot_of(LAST_NAME)
    if last is not None and not values.get(last):
        values[last] = _made_up_name(Contact(values), last, terms)
    return Contact(values)


def is_skipped(contact: Contact) -> bool:
    """Tell whether the CRM takes no contact like this in: nothing to call it by (facts §5)."""
    return not any(contact.text(name) for name in (LAST_NAME, FIRST_NAME, EMAIL, MOBILE)) and not any(
        isinstance(value, Address) and value.street and slot.crm_field == MAILING
        for slot, value in contact.values.items()
    )


def written_fields(slots: Iterable[Slot], mapping: ContactMapping, fields: Fields) -> frozenset[str]:
    """Return the CRM fields to write for these slots: hidden parts of an address stay as they are."""
    known = [slot for slot in slots if slot in mapping.slots]
    return frozenset(name for name in fields_of(known) if name in fields)


def _value_in(row: ContactRow, slot: Slot) -> Value:
    if slot.kind is Kind.ADDRESS:
        names = ADDRESS_FIELDS[slot.crm_field]
        return Address(**{part: str(row.values.get(name, "")) for part, name in names.items()})
    value = row.values.get(slot.crm_field, "")
    if slot.kind is Kind.BIRTHDAY:
        return Birthday(value.month, value.day, value.year) if isinstance(value, date) else ""
    return "" if value == NOTHING_CHOSEN else str(value)


def _held(slot: Slot, value: Value, terms: CrmTerms) -> Value | None:
    if isinstance(value, Birthday):
        return value if value.date else None
    if isinstance(value, Address):
        names = ADDRESS_FIELDS[slot.crm_field]
        return Address(**{part: _fitting(text, names[part], terms) for part, text in value.parts.items()})
    if slot.crm_field == ORGANISATION:
        return _held_organisation(value, terms)
    fitting = _fitting(value, slot.crm_field, terms)
    known = terms.fields.get(slot.crm_field)
    if known is not None and known.choices:
        return next((choice for choice in known.choices if _same_choice(choice, fitting)), None)
    is_exact = known is not None and known.kind in _EXACT
    return fitting if fitting == value.strip() or not is_exact else None


def _same_choice(choice: str, text: str) -> bool:
    return choice.casefold().rstrip(".") == text.casefold().rstrip(".")


def _held_organisation(name: str, terms: CrmTerms) -> str | None:
    account = terms.accounts.get(account_key(name))
    if account is not None:
        return account.name
    return _fitting(name, ORGANISATION, terms) if terms.creates_accounts else None


def _fitting(text: str, crm_field: str, terms: CrmTerms) -> str:
    known = terms.fields.get(crm_field)
    if known is None:
        return ""
    fitting = fit(text.strip(), has_only_bmp=known.has_only_bmp, chars=known.chars or None)
    return fit_bytes(fitting, known.octets) if known.octets else fitting


def _made_up_name(held: Contact, last: Slot, terms: CrmTerms) -> str:
    name = held.text(FIRST_NAME) or held.text(EMAIL) or NAMELESS
    return _fitting(name, last.crm_field, terms)


def _account(name: str, terms: CrmTerms, before: ContactRow | None) -> Account | None:
    if before is not None and before.account is not None and before.account.name == name:
        return before.account
    return terms.accounts.get(account_key(name)) if name else None
