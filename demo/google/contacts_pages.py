"""The page at /contacts: look at an account's contacts, and edit them as that person would.

Edits take the way of the API's own rules, without quota and log. What the form doesn't show stays as it is.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from demo.google.contacts_html import ADDRESS_PARTS, ROWS, birthday_text, render_contacts
from demo.google.contacts_view import STARRED, ContactForm, build_contacts_view
from demo.google.errors import ApiError
from demo.google.model import Account
from demo.google.people_model import MY_CONTACTS, groups_of
from demo.google.people_writer import PeopleWriter
from demo.google.texts import language_of, text
from demo.google.wire import Json, Request, Response, html_response, redirect
from demo.google.world import World

_LEAP_YEAR = 2000  # a birthday without a year may be 29 February


def contacts(world: World, request: Request) -> Response:
    language = language_of(request)
    view = build_contacts_view(world, request, language)
    return html_response(render_contacts(view) if view else text(language, "simulator"))


def save(world: World, request: Request) -> Response:
    """Create or change what the form holds."""
    language = language_of(_page(request))
    body: Json = {}
    try:
        account = _account(world, request)
        old = world.books[account.email].find(request.form.get("person", "")) or {}
        body = _body(request, old, language)
        writer = PeopleWriter(world, account, privileged=True)
        if old:
            body = _changes(old, body)
            if body:
                writer.update(old["resourceName"], body, frozenset(body))
        elif all(not items or name == "memberships" for name, items in body.items()):
            raise ValueError(text(language, "nothing_filled"))
        else:
            writer.create({name: items for name, items in body.items() if items})
    except (ApiError, ValueError) as error:
        return _again(world, request, body, str(error))
    return _back(request)


def delete(world: World, request: Request) -> Response:
    try:
        PeopleWriter(world, _account(world, request), privileged=True).delete(request.form.get("person", ""))
    except (ApiError, ValueError) as error:
        return _again(world, request, {}, str(error))
    return _back(request)


def _account(world: World, request: Request) -> Account:
    account = world.account_of(request.form.get("account", ""))
    if account is None:
        raise ValueError("account")
    return account


def _body(request: Request, old: Json, language: str) -> Json:
    form = request.form
    body: Json = {
        "names": _single(
            old, "names", {n: form.get(n, "") for n in ("honorificPrefix", "givenName", "familyName")}
        ),
        "organizations": [
            *_single(
                old, "organizations", {n: form.get(f"org_{n}", "") for n in ("name", "title", "department")}
            ),
            *old.get("organizations", [])[1:],
        ],
        "biographies": _single(old, "biographies", {"value": form.get("notes", "").replace("\r\n", "\n")}),
        "addresses": _addresses(request, old),
        "memberships": _memberships(request, old),
    }
    body |= {field: _typed(request, old, field) for field, _, _ in ROWS}
    day = form.get("birthday", "").strip()
    if day != birthday_text((old.get("birthdays") or [{}])[0].get("date") or {}):
        body["birthdays"] = [{"date": _birthday(day, language)}] if day else []
    return body


def _single(old: Json, field: str, values: Json) -> list[Json]:
    item = {**(old.get(field) or [{}])[0], **values}
    item = {name: value for name, value in item.items() if value}
    return [item] if any(values.values()) or set(item) - {"metadata", "contentType", "type"} else []


def _typed(request: Request, old: Json, field: str) -> list[Json]:
    lists = request.form_lists
    pairs = zip(lists.get(field, ()), lists.get(f"{field}_type", ()), strict=False)
    known = old.get(field, [])
    return [
        {**(known[number] if number < len(known) else {}), "value": value.strip(), "type": kind}
        for number, (value, kind) in enumerate(pairs)
        if value.strip()
    ]


def _addresses(request: Request, old: Json) -> list[Json]:
    lists, known, made = request.form_lists, old.get("addresses", []), []
    for number, kind in enumerate(lists.get("address_type", ())):
        before = known[number] if number < len(known) else {}
        parts = {part: lists[part][number].strip() for part, _ in ADDRESS_PARTS if part in lists}
        if any(parts.get(part) != before.get(part, "") for part in parts):
            before = {name: value for name, value in before.items() if name != "formattedValue"}
        if any(parts.values()) or before.get("formattedValue"):
            made.append({**before, **parts, "type": kind})
    return made


def _memberships(request: Request, old: Json) -> list[Json]:
    shown = set(request.form_lists.get("in_label", ()))
    # what the form has no box for stays: Google's own groups, but not starred
    kept = [g for g in groups_of(old) if g.removeprefix("contactGroups/").isalpha() and g != STARRED]
    wanted = dict.fromkeys([*(kept or [MY_CONTACTS]), *sorted(shown)])
    return [{"contactGroupMembership": {"contactGroupResourceName": group}} for group in wanted]


def _birthday(day: str, language: str) -> Json:
    whole = day if day.count("-") == 2 else f"{_LEAP_YEAR}-{day}"
    try:
        found = date.fromisoformat(whole)
    except ValueError:
        raise ValueError(text(language, "bad_birthday")) from None
    year = {"year": found.year} if whole == day else {}
    return year | {"month": found.month, "day": found.day}


def _changes(old: Json, body: Json) -> Json:
    """The fields that differ from what there is; saving an untouched form changes nothing."""
    return {
        name: items for name, items in body.items() if _plain(name, items) != _plain(name, old.get(name, []))
    }


def _plain(name: str, items: list[Json]) -> list[Json]:
    if name == "memberships":
        return [{"group": group} for group in sorted(groups_of({"memberships": items}))]
    computed = ("metadata", "formattedType")
    return [{n: v for n, v in item.items() if v and n not in computed} for item in items]


def _page(request: Request) -> Request:
    """The page that the form stood on."""
    query = {name: request.form.get(name, "") for name in ("account", "label", "hl", "person")}
    query |= {} if query["person"] else {"new": "1"}
    return Request("GET", "/contacts", urlencode({n: v for n, v in query.items() if v}), request.headers)


def _back(request: Request) -> Response:
    query = {name: request.form.get(name, "") for name in ("account", "label", "hl")}
    return redirect("/contacts?" + urlencode({n: v for n, v in query.items() if v}), 303)


def _again(world: World, request: Request, body: Json, problem: str) -> Response:
    """The page with the form and what was wrong with it."""
    page = _page(request)
    view = build_contacts_view(world, page, language_of(page))
    if view is None:
        return html_response(problem, 400)
    person = view.form.person if view.form else {}
    view.form = ContactForm(person | {name: items for name, items in body.items() if items}, problem)
    return html_response(render_contacts(view), 400)
