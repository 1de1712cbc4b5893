"""Three-way merge of one contact, slot by slot.

Beyond what holds for events: a value that the CRM can't hold at all (a birthday without a year, an organisation it has no
account of) leaves the CRM's own value alone; a last name that the CRM side had to make up follows what it was made from; and
the parts of an address that nobody touched in the CRM stay in Google as they are, however short the CRM's columns cut them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from plugin.core.contact import Address, Contact, Slot, Value, changed_slots, with_slots
from plugin.core.merge import divide
from plugin.core.model import Side

TranslateContact = Callable[[Contact], Contact]


@dataclass(frozen=True, slots=True)
class ContactMerge:
    """As `Merge`, for a contact: what each side should hold afterwards, the slots to write there, and what is lost."""

    crm_slots: frozenset[Slot]
    google_slots: frozenset[Slot]
    crm_contact: Contact
    google_contact: Contact
    lost: dict[Slot, Value | None] = field(default_factory=dict)


def merge_contacts(
    *, crm_now: Contact, crm_half: Contact, google_now: Contact, google_half: Contact, winner: Side,
    to_crm: TranslateContact,
) -> ContactMerge:  # fmt: skip
    """Return the merge of both sides' changes; `to_crm` says what the CRM would hold of a Google contact."""
    for_crm = to_crm(google_now)
    unsayable = google_now.values.keys() - for_crm.values.keys()
    in_google = changed_slots(google_now, google_half)
    # Emptied in the CRM, changed in Google to what the CRM can't hold: the edit survives.
    in_crm = changed_slots(crm_now, crm_half) - (unsayable & in_google - crm_now.values.keys())
    for_google = _with_untouched_parts(crm_now, crm_half, google_now)
    division = divide(
        in_crm=in_crm,
        in_google=(in_google - unsayable) | _following(for_crm, to_crm(google_half), crm_now, google_now),
        differs_in_crm=changed_slots(for_crm, crm_now),
        differs_in_google=changed_slots(for_google, google_now),
        winner=winner,
    )
    loser = crm_now if winner is Side.GOOGLE else google_now
    lost = {slot: loser.values.get(slot) for slot in division.conflicts}
    lost |= {slot: google_now.values[slot] for slot in unsayable & in_google & division.google_fields}
    return ContactMerge(
        crm_slots=division.crm_fields,
        google_slots=division.google_fields,
        crm_contact=with_slots(crm_now, for_crm, division.crm_fields),
        google_contact=with_slots(google_now, for_google, division.google_fields),
        lost=lost,
    )


def _following(for_crm: Contact, for_crm_half: Contact, crm_now: Contact, google_now: Contact) -> set[Slot]:
    # Made up for the CRM, so no change of Google's own; but not over a name that somebody gave the contact since.
    return {
        slot
        for slot in changed_slots(for_crm, for_crm_half) - google_now.values.keys()
        if slot in for_crm.values and crm_now.values.get(slot) == for_crm_half.values.get(slot)
    }


def _with_untouched_parts(crm_now: Contact, crm_half: Contact, google_now: Contact) -> Contact:
    values = dict(crm_now.values)
    for slot, mine in crm_now.values.items():
        before, theirs = crm_half.values.get(slot), google_now.values.get(slot)
        if isinstance(mine, Address) and isinstance(before, Address) and isinstance(theirs, Address):
            untouched = {
                name: theirs.parts[name] for name, part in mine.parts.items() if part == before.parts[name]
            }
            values[slot] = Address(**{**mine.parts, **untouched})
    return Contact(values, crm_now.borrowed)
