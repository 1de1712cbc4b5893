"""What Google makes of a person's fields when it stores them: trimmed, without empty items, with computed values."""

from __future__ import annotations

import re
from collections.abc import Callable

from demo.google.wire import Json

_TYPES = {
    "home": "Home",
    "work": "Work",
    "mobile": "Mobile",
    "homeFax": "Home Fax",
    "workFax": "Work Fax",
    "otherFax": "Other Fax",
    "workMobile": "Work Mobile",
    "workPager": "Work Pager",
    "pager": "Pager",
    "main": "Main",
    "googleVoice": "Google Voice",
    "homePage": "Home Page",
    "other": "Other",
}
_TYPED = frozenset(
    {
        "addresses",
        "calendarUrls",
        "emailAddresses",
        "events",
        "externalIds",
        "imClients",
        "miscKeywords",
        "organizations",
        "phoneNumbers",
        "relations",
        "sipAddresses",
        "urls",
    }
)
_READ_ONLY = ("metadata", "formattedType", "canonicalForm", "displayNameLastFirst")


_SPANISH = {
    "home": "Casa",
    "work": "Trabajo",
    "mobile": "Móvil",
    "homeFax": "Fax de casa",
    "workFax": "Fax del trabajo",
    "workMobile": "Móvil del trabajo",
    "main": "Principal",
    "homePage": "Página personal",
    "other": "Otro",
}


def type_name(kind: str, language: str) -> str:
    """How a person is told the type of a phone, an address, …"""
    return (_SPANISH.get(kind) if language == "es" else None) or _TYPES.get(kind, kind)


def normal_items(name: str, items: list[Json], source_id: str) -> list[Json]:
    """The items of one field as they are kept and told."""
    kept = []
    for item in items:
        cleaned = _cleaned(item)
        is_chosen = (item.get("metadata") or {}).get("sourcePrimary")
        if not cleaned or (set(cleaned) == {"type"}):
            continue
        if name in _TYPED and cleaned.get("type"):
            cleaned["formattedType"] = _TYPES.get(cleaned["type"], cleaned["type"])
        computed = _COMPUTED.get(name)
        kept.append((computed(cleaned) if computed else cleaned, bool(is_chosen)))
    first = next((number for number, (_, is_chosen) in enumerate(kept) if is_chosen), 0)
    return [
        item | {"metadata": _item_metadata(source_id, is_primary=number == first, is_chosen=is_chosen)}
        for number, (item, is_chosen) in enumerate(kept)
    ]


def _item_metadata(source_id: str, *, is_primary: bool, is_chosen: bool) -> Json:
    """`primary` is Google's, for one item of each field; `sourcePrimary` is the user's choice and has to be sent again."""
    marks: Json = ({"primary": True} if is_primary else {}) | ({"sourcePrimary": True} if is_chosen else {})
    return marks | {"source": {"type": "CONTACT", "id": source_id}}


def _cleaned(item: Json) -> Json:
    trimmed = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in item.items()
        if name not in _READ_ONLY
    }
    return {name: value for name, value in trimmed.items() if value not in ("", None, {}, [])}


def _name(item: Json) -> Json:
    parts = ("honorificPrefix", "givenName", "middleName", "familyName")
    if not any(item.get(part) for part in (*parts, "honorificSuffix")) and item.get("unstructuredName"):
        given, _, family = str(item["unstructuredName"]).rpartition(" ")
        item |= {"givenName": given, "familyName": family} if given else {"givenName": family}
    spoken = " ".join(item[part] for part in parts if item.get(part))
    suffix = item.get("honorificSuffix")
    spoken = ", ".join(part for part in (spoken, suffix) if part)
    first = " ".join(item[part] for part in ("givenName", "middleName") if item.get(part))
    turned = ", ".join(part for part in (item.get("familyName"), first) if part)
    return item | {
        "displayName": spoken,
        "unstructuredName": spoken,
        "displayNameLastFirst": turned or spoken,
    }


def _phone(item: Json) -> Json:
    digits = re.sub(r"\D", "", item.get("value", ""))
    if item.get("value", "").startswith("+") and len(digits) > 6:
        return item | {"canonicalForm": f"+{digits}"}
    if len(digits) == 9 and digits[0] in "6789":  # the accounts here are Spanish
        return item | {"canonicalForm": f"+34{digits}"}
    return item


def _address(item: Json) -> Json:
    if item.get("formattedValue"):
        return item
    town = " ".join(item[part] for part in ("postalCode", "city") if item.get(part))
    lines = [item.get("streetAddress"), item.get("extendedAddress"), item.get("poBox"), town]
    lines += [item.get("region"), item.get("country")]
    return item | {"formattedValue": "\n".join(line for line in lines if line)}


def _biography(item: Json) -> Json:
    return {"contentType": "TEXT_PLAIN"} | item


def _birthday(item: Json) -> Json:
    day = item.get("date") or {}
    if item.get("text") or not day:
        return item
    parts = [day.get("month"), day.get("day"), day.get("year")]
    return item | {"text": "/".join(str(part) for part in parts if part)}


def _membership(item: Json) -> Json:
    group = item["contactGroupMembership"]["contactGroupResourceName"]
    inside = {"contactGroupId": group.rpartition("/")[2], "contactGroupResourceName": group}
    return item | {"contactGroupMembership": inside}


_COMPUTED: dict[str, Callable[[Json], Json]] = {
    "names": _name,
    "phoneNumbers": _phone,
    "addresses": _address,
    "biographies": _biography,
    "birthdays": _birthday,
    "memberships": _membership,
}
