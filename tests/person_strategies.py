"""Hypothesis strategies: Google persons with every field that People v1 knows, and contacts in all slots."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from plugin.core.contact import Address, Birthday, Contact, Kind, Slot, Value
from plugin.core.mapping.contact_mapping import DEFAULT_CHOICE, FIXED_SLOTS, ContactMapping
from tests.strategies import texts

# All places taken: a website, a label of the user's own, a custom type.
MAPPING = ContactMapping(
    (*FIXED_SLOTS, *DEFAULT_CHOICE, Slot("fax", Kind.PHONE, "Centralita"), Slot("cf_855", Kind.URL, "work"),
     Slot("cf_853", Kind.CUSTOM, "Apodo"))
)  # fmt: skip
some_text = texts.map(str.strip).filter(bool)
_types = st.sampled_from(("home", "work", "mobile", "other", "", "Centralita", "workFax", "pager"))
_item_metadata = st.one_of(
    st.none(),
    st.just({"primary": True, "sourcePrimary": True, "source": {"type": "CONTACT", "id": "1a"}}),
    st.just({"verified": True, "source": {"type": "CONTACT", "id": "1a"}}),
    st.just({"source": {"type": "PROFILE", "id": "9"}}),
)


def _item(**members: st.SearchStrategy[Any] | None) -> st.SearchStrategy[dict[str, Any]]:
    named = {name: st.one_of(st.none(), value) for name, value in members.items() if value is not None}
    return st.fixed_dictionaries({**named, "metadata": _item_metadata}).map(
        lambda item: {name: value for name, value in item.items() if value is not None}
    )


def _filled(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    value = st.fixed_dictionaries({"value": some_text, "type": _types})
    return st.tuples(value, _item(**members)).map(lambda parts: {**parts[1], **parts[0]})


_text = st.one_of(some_text, st.just(""))
_address = _item(
    type=_types, streetAddress=some_text, extendedAddress=some_text, poBox=some_text, city=some_text,
    region=some_text, postalCode=some_text, country=some_text, countryCode=st.just("ES"),
    formattedValue=some_text, formattedType=st.just("Casa"),
)  # fmt: skip
_organization = _item(
    name=some_text, title=some_text, department=some_text, type=st.just("work"), current=st.booleans(),
    startDate=st.just({"year": 2020}), location=some_text, jobDescription=some_text, domain=some_text,
)  # fmt: skip
_name = _item(
    givenName=some_text, familyName=some_text, middleName=some_text, honorificPrefix=some_text,
    honorificSuffix=some_text, displayName=some_text, displayNameLastFirst=some_text,
    unstructuredName=some_text, phoneticGivenName=some_text,
)  # fmt: skip
_birthday = _item(
    date=st.sampled_from(({"month": 2, "day": 29}, {"year": 1980, "month": 3, "day": 5}, {"year": 1980})),
    text=st.just("5 de marzo"),
)  # fmt: skip
_bio = _filled(contentType=st.sampled_from(("TEXT_PLAIN", "TEXT_HTML"))).map(
    lambda item: {name: value for name, value in item.items() if name != "type"}
)
# Nothing of this is mapped.
_others: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(
        ("nicknames", "relations", "events", "imClients", "sipAddresses", "occupations", "interests", "locales",
         "genders", "miscKeywords", "calendarUrls", "externalIds", "photos", "coverPhotos", "ageRanges", "skills")
    ),
    st.lists(_filled(), max_size=2),
    max_size=4,
)  # fmt: skip


def _single(item: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    # Singletons: one of the contact's own; whatever a profile shows beside it.
    return st.lists(item, max_size=2).map(
        lambda items: [
            item
            for number, item in enumerate(items)
            if number == 0 or item.get("metadata", {}).get("source", {}).get("type") == "PROFILE"
        ]
    )


_known = st.fixed_dictionaries(
    {
        "resourceName": st.just("people/c1"),
        "etag": st.just("%E1"),
        "metadata": st.just(
            {
                "sources": [
                    {"type": "CONTACT", "id": "1a", "etag": "#e1", "updateTime": "2027-03-01T08:00:00Z"},
                    {"type": "PROFILE", "id": "9", "etag": "#p"},
                ],
                "objectType": "PERSON",
            }
        ),
        "names": _single(_name),
        "organizations": st.lists(_organization, max_size=3),
        "birthdays": _single(_birthday),
        "biographies": _single(_bio),
        "emailAddresses": st.lists(_filled(displayName=some_text, formattedType=_text), max_size=4),
        "phoneNumbers": st.lists(_filled(canonicalForm=st.just("+34600000001")), max_size=4),
        "addresses": st.lists(_address, max_size=3),
        "urls": st.lists(_filled(formattedType=_text), max_size=3),
        "userDefined": st.lists(
            st.fixed_dictionaries({"key": st.sampled_from(("Apodo", "Talla")), "value": some_text}),
            max_size=3,
        ),
        "clientData": st.lists(
            st.fixed_dictionaries({"key": st.sampled_from(("gsync", "other")), "value": some_text}),
            max_size=2,
        ),
    }
)
persons = st.tuples(_known, _others).map(lambda parts: parts[0] | parts[1])
_addresses = st.builds(Address, *[_text] * 6)
_birthdays = st.one_of(
    st.builds(Birthday, st.integers(1, 12), st.integers(1, 28), st.integers(1900, 2027)),
    st.builds(Birthday, st.integers(1, 12), st.integers(1, 28), st.none()),
)


@st.composite
def contacts(draw: st.DrawFn, mapping: ContactMapping = MAPPING) -> Contact:
    """Any contact: each slot with a value or without."""
    values: dict[Slot, Value] = {}
    for slot in mapping.slots:
        if slot.kind is Kind.ADDRESS:
            values[slot] = draw(_addresses)
        elif slot.kind is Kind.BIRTHDAY:
            values[slot] = draw(st.one_of(st.just(""), _birthdays))
        else:
            values[slot] = draw(_text)
    return Contact(values)


some_slots = st.frozensets(st.sampled_from(MAPPING.slots))
