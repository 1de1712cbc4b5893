"""The fields of a person: which there are, which can be written, and what an item of each may hold.

https://developers.google.com/people/api/rest/v1/people#Person
"""

from __future__ import annotations

from demo.google.people_errors import invalid_argument
from demo.google.wire import Json

_ITEMS = {
    "addresses": "city country countryCode extendedAddress formattedType formattedValue poBox postalCode region"
    " streetAddress type",
    "biographies": "contentType value",
    "birthdays": "date text",
    "calendarUrls": "formattedType type url",
    "clientData": "key value",
    "emailAddresses": "displayName formattedType type value",
    "events": "date formattedType type",
    "externalIds": "formattedType type value",
    "genders": "addressMeAs formattedValue value",
    "imClients": "formattedProtocol formattedType protocol type username",
    "interests": "value",
    "locales": "value",
    "locations": "buildingId current deskCode floor floorSection type value",
    "memberships": "contactGroupMembership domainMembership",
    "miscKeywords": "formattedType type value",
    "names": "displayName displayNameLastFirst familyName givenName honorificPrefix honorificSuffix middleName"
    " phoneticFamilyName phoneticFullName phoneticGivenName phoneticHonorificPrefix phoneticHonorificSuffix"
    " phoneticMiddleName unstructuredName",
    "nicknames": "type value",
    "occupations": "value",
    "organizations": "costCenter current department domain endDate formattedType fullTimeEquivalentMillipercent"
    " jobDescription location name phoneticName startDate symbol title type",
    "phoneNumbers": "canonicalForm formattedType type value",
    "relations": "formattedType person type",
    "sipAddresses": "formattedType type value",
    "urls": "formattedType type value",
    "userDefined": "key value",
}
WRITABLE: dict[str, frozenset[str]] = {name: frozenset(text.split()) for name, text in _ITEMS.items()}
READABLE = frozenset(WRITABLE) | frozenset(
    ["ageRanges", "coverPhotos", "fileAses", "metadata", "photos", "skills", "braggingRights", "residences"]
)
SINGLETONS = ("biographies", "birthdays", "genders", "names")
# What is told without being asked for, or may stand in a body and is read by other rules.
_ENVELOPE = frozenset({"resourceName", "etag", "metadata"})
GROUP_FIELDS = frozenset({"clientData", "groupType", "memberCount", "metadata", "name"})


def read_mask(text: str | None, parameter: str) -> frozenset[str]:
    """The fields asked for; 400 for none, or for one that doesn't exist."""
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if not names:
        raise invalid_argument(f"{_snake(parameter)} mask is required.", parameter)
    _known(names, READABLE, parameter)
    return frozenset(names)


def update_mask(text: str | None, parameter: str) -> frozenset[str]:
    """The fields to be replaced; 400 for none, or for one that can't be written."""
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if not names:
        raise invalid_argument(f"{_snake(parameter)} mask is required.", parameter)
    _known(names, WRITABLE, parameter)
    return frozenset(names)


def group_mask(text: str | None, parameter: str = "groupFields") -> frozenset[str]:
    """The fields of a contact group; all but clientData where none is asked for."""
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    _known(names, GROUP_FIELDS, parameter)
    return frozenset(names) or GROUP_FIELDS - {"clientData"}


def _known(names: list[str], known: object, parameter: str) -> None:
    for name in names:
        if name not in known:  # type: ignore[operator]
            message = f'Invalid {_snake(parameter)} mask path: "{name}".'
            raise invalid_argument(message, parameter)


def check_body(body: Json, *, privileged: bool = False) -> None:
    """400 for names that no person has, for items of another shape, and for two of what there is one of."""
    for name, items in body.items():
        if name in _ENVELOPE or (privileged and name in READABLE):
            continue
        allowed = WRITABLE.get(name)
        if allowed is None:
            raise invalid_argument(
                f"Invalid JSON payload received. Unknown name \"{name}\" at 'person'", "person"
            )
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise invalid_argument(f"Invalid value at 'person.{name}'", f"person.{name}")
        for item in items:
            unknown = next((key for key in item if key not in allowed and key != "metadata"), None)
            if unknown:
                message = f"Invalid JSON payload received. Unknown name \"{unknown}\" at 'person.{name}[0]'"
                raise invalid_argument(message, f"person.{name}[0]")
        if name in SINGLETONS and len(items) > 1:
            raise invalid_argument(f"Field {name} is a singleton for contacts.", f"person.{name}")


def _snake(parameter: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in parameter)
