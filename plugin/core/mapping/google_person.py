"""A Google person to and from `Contact`: what is read of one, and the key that we leave in it.

https://developers.google.com/people/api/rest/v1/people. Person bodies are in person_body.py.
"""

from __future__ import annotations

from datetime import UTC, datetime

from plugin.core.contact import Birthday, Contact, Kind, PersonChange, Slot, Value
from plugin.core.mapping.contact_mapping import ContactMapping
from plugin.core.mapping.html_text import text_from_html
from plugin.core.mapping.person_items import (
    MEMBERS,
    TYPED,
    Item,
    Person,
    alike,
    filling,
    items_of,
    placed,
    type_of,
    value_of,
    version_of,
)
from plugin.core.model import Marker, Presence

# Hidden from the user, and kept by Google through edits and merges of contacts.
MARKER_KEY = "gsync"
# All that mapping reads. A sync token is only good for the same ones.
PERSON_FIELDS = ",".join((*MEMBERS.values(), "clientData", "memberships", "metadata"))


def change_from_person(person: Person, mapping: ContactMapping, half: Contact | None = None) -> PersonChange:
    """Return the change that a listed person reports, read in the light of the link's Google half, if there is one."""
    metadata = person.get("metadata", {})
    is_gone = bool(metadata.get("deleted"))
    return PersonChange(
        google_id=person["resourceName"],
        presence=Presence.GONE if is_gone else Presence.ALIVE,
        etag=version_of(person),
        contact=None if is_gone else contact_from_person(person, mapping, half),
        markers=markers_of(person),
        previous_ids=tuple(metadata.get("previousResourceNames", ())),
        groups=_groups(person),
        updated_utc=_updated(person),
    )


def contact_from_person(person: Person, mapping: ContactMapping, half: Contact | None = None) -> Contact:
    """Return the contact, by type; `half` is what the link remembers of Google's side, loans included."""
    half = half or Contact()
    values: dict[Slot, Value] = {
        slot: _single_value(person, slot) for slot in mapping.slots if slot.kind not in TYPED
    }
    borrowed: dict[Slot, str] = {}
    job = organisation_of(person, mapping, half)
    for slot in mapping.of_kind(Kind.ORGANISATION) if job is not None else ():
        values[slot] = str(items_of(person, Kind.ORGANISATION)[job or 0].get(slot.type, ""))
    for slot, index in placed(person, mapping, half).items():
        item = items_of(person, slot.kind)[index]
        values[slot] = value_of(item, slot.kind)
        if type_of(item, slot.kind).casefold() != slot.type.casefold():
            borrowed[slot] = type_of(item, slot.kind)
    return Contact(values, borrowed)


def new_contact_from_person(person: Person, mapping: ContactMapping) -> Contact:
    """Return the contact as it comes into the CRM: items of types that nobody mapped fill the first free fields."""
    return contact_from_person(person, mapping, filling(person, mapping))


def contact_beside(person: Person, mapping: ContactMapping, crm: Contact) -> Contact:
    """Return the contact at first contact with the CRM's record of the same person."""
    return contact_from_person(person, mapping, alike(person, mapping, crm))


def markers_of(person: Person) -> tuple[Marker, ...]:
    """Return our keys in the person, each once; several say that two contacts of ours were merged into it."""
    found: dict[Marker, None] = {}
    for datum in person.get("clientData", ()):
        install_id, _, link_key = str(datum.get("value", "")).partition(":")
        if datum.get("key") == MARKER_KEY and install_id and link_key:
            found[Marker(install_id, link_key)] = None
    return tuple(found)


def marker_datum(marker: Marker) -> dict[str, str]:
    """Return the clientData item that leaves our key in a person."""
    return {"key": MARKER_KEY, "value": f"{marker.install_id}:{marker.link_key}"}


def as_google_holds(contact: Contact) -> Contact:
    """Return what Google will hold of a CRM contact: all of it."""
    return contact


def organisation_of(person: Person, mapping: ContactMapping, half: Contact) -> int | None:
    """Return the index of the organization that title and name are taken from: both of one job, never of two.

    The one that says what was agreed, else the first; None if the person has no organization.
    """
    items, slots = items_of(person, Kind.ORGANISATION), mapping.of_kind(Kind.ORGANISATION)
    if not items:
        return None

    def agreement(index: int) -> int:
        known = ((half.values.get(slot), items[index].get(slot.type)) for slot in slots)
        return sum(1 for before, now in known if before is not None and before == now)

    return max(range(len(items)), key=lambda index: (agreement(index), -index))


def _single_value(person: Person, slot: Slot) -> Value:
    items = items_of(person, slot.kind)
    if not items or slot.kind is Kind.ORGANISATION:
        return ""
    if slot.kind is Kind.BIRTHDAY:
        return _birthday(items[0])
    if slot.kind is Kind.NOTE:
        text = str(items[0].get("value", ""))
        return text_from_html(text) if items[0].get("contentType") == "TEXT_HTML" else text
    return str(items[0].get(slot.type, ""))


def _birthday(item: Item) -> Value:
    # A birthday that is only words, or only a year, stays in Google.
    day = item.get("date") or {}
    if not day.get("month") or not day.get("day"):
        return ""
    return Birthday(int(day["month"]), int(day["day"]), int(day.get("year") or 0) or None)


def _groups(person: Person) -> frozenset[str]:
    memberships = (item.get("contactGroupMembership", {}) for item in person.get("memberships", ()))
    return frozenset(m["contactGroupResourceName"] for m in memberships if "contactGroupResourceName" in m)


def _updated(person: Person) -> datetime | None:
    # Read by the policy "newest wins" only, and no reason to leave a person aside.
    for source in person.get("metadata", {}).get("sources", ()):
        try:
            moment = datetime.fromisoformat(source["updateTime"]) if source.get("type") == "CONTACT" else None
        except (KeyError, ValueError):
            moment = None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    return None
