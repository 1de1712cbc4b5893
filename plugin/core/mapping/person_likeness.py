"""What first contact compares of a Google person: all its e-mails, phones and organisations, mapped or not."""

from __future__ import annotations

from plugin.core.contact import Kind
from plugin.core.contact_matching import Likeness, likeness_of
from plugin.core.mapping.person_items import Person, items_of


def likeness_of_person(person: Person) -> Likeness:
    """Return the likeness of a person; the name without what the CRM has no field for."""
    name = next(iter(items_of(person, Kind.NAME)), {})
    organisations = (str(item.get("name", "")) for item in items_of(person, Kind.ORGANISATION))
    return likeness_of(
        f"{name.get('givenName', '')} {name.get('familyName', '')}",
        (str(item.get("value", "")) for item in items_of(person, Kind.EMAIL)),
        (str(item.get("value", "")) for item in items_of(person, Kind.PHONE)),
        organisations,
    )
