"""HTML of the page at /contacts."""

from __future__ import annotations

from html import escape

from demo.google.contacts_view import ContactForm, ContactsView, display_name, first
from demo.google.page_html import header, hidden
from demo.google.page_style import STYLE
from demo.google.people_model import groups_of
from demo.google.people_normal import type_name
from demo.google.texts import text
from demo.google.wire import Json

# field, name of its text, types on offer
ROWS = (
    ("emailAddresses", "emails", ("", "home", "work", "other")),
    (
        "phoneNumbers",
        "phones",
        ("", "mobile", "home", "work", "workMobile", "homeFax", "workFax", "main", "other"),
    ),
    ("urls", "web", ("", "homePage", "work", "other")),
)
ADDRESS_PARTS = (
    ("streetAddress", "street"),
    ("postalCode", "postcode"),
    ("city", "city"),
    ("region", "region"),
    ("country", "country"),
)


def render_contacts(view: ContactsView) -> str:
    title = text(view.language, "simulator")
    return (
        f'<!DOCTYPE html><html lang="{view.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>"
        f"{header(view, title)}<div class=frame>{_side(view)}<main>{_list(view)}</main>"
        f"{_form(view, view.form) if view.form else ''}</div>"
        f"<footer>{text(view.language, 'not_google')}</footer></body></html>"
    )


def _side(view: ContactsView) -> str:
    rows = [("", text(view.language, "all_contacts"), "")]
    for label in view.labels:
        name = text(view.language, "starred") if label["name"] == "starred" else label["name"]
        rows.append((label["resourceName"], name, f" ({view.counts[label['resourceName']]})"))
    items = "".join(
        f'<li><a href="{escape(view.address(label=group))}"'
        f"{' aria-current=page' if group == view.label else ''}>{escape(name)}{count}</a>"
        for group, name, count in rows
    )
    lagging = text(view.language, "lagging", count=view.lagging)
    return (
        f'<aside><a class=new href="{escape(view.address(new="1"))}"><span aria-hidden=true>+</span>'
        f"{text(view.language, 'new_contact')}</a><h2>{text(view.language, 'labels')}</h2>"
        f"<ul>{items}</ul><p>{lagging}</p></aside>"
    )


def _list(view: ContactsView) -> str:
    heading = f"<div class=bar><h2>{text(view.language, 'contacts')} ({len(view.people)})</h2></div>"
    if not view.people:
        return f"{heading}<p class=note>{text(view.language, 'no_contacts')}</p>"
    return f"{heading}<ul class=people>{''.join(_row(view, person) for person in view.people)}</ul>"


def _row(view: ContactsView, person: Json) -> str:
    name = display_name(person) or text(view.language, "no_name")
    work = first(person, "organizations")
    office = " · ".join(work[key] for key in ("title", "name") if work.get(key))
    labels = ", ".join(view.label_names(person))
    cells = (
        f"<b>{escape(name)}</b>{f'<small>{escape(labels)}</small>' if labels else ''}",
        _values(person, "emailAddresses"),
        _values(person, "phoneNumbers"),
        escape(office),
    )
    is_open = view.form is not None and view.form.resource_name == person["resourceName"]
    address = escape(view.address(person=person["resourceName"]))
    here = " aria-current=true" if is_open else ""
    return f'<li><a href="{address}"{here}>{"".join(f"<span>{cell}</span>" for cell in cells)}</a>'


def _values(person: Json, name: str) -> str:
    return "<br>".join(escape(item.get("value", "")) for item in person.get(name, ()))


def _form(view: ContactsView, form: ContactForm) -> str:
    say = view.language
    title = text(say, "edit_contact" if form.resource_name else "new_contact")
    problem = (
        f"<p class=problem role=alert>{escape(text(say, 'bad_contact', problem=form.problem))}</p>"
        if form.problem
        else ""
    )
    delete = (
        f'<button class=danger formaction="/contacts/delete" formnovalidate>{text(say, "delete")}</button>'
        if form.resource_name
        else "<span></span>"
    )
    return (
        f'<form class=panel method=post action="/contacts/save"><div class=top><h2>{title}</h2>'
        f'<a class=arrow href="{escape(view.address())}" aria-label="{text(say, "cancel")}">×</a></div>{problem}'
        f"{hidden('account', view.account.email)}{hidden('hl', view.hl)}{hidden('label', view.label)}"
        f"{hidden('person', form.resource_name)}<fieldset>{_fields(view, form.person)}</fieldset>"
        f"<div class=row><button class=primary>{text(say, 'save')}</button>{delete}</div></form>"
    )


def _fields(view: ContactsView, person: Json) -> str:
    say = view.language
    name, work = first(person, "names"), first(person, "organizations")
    day = first(person, "birthdays").get("date") or {}
    parts = [
        _input(text(say, "prefix"), "honorificPrefix", name.get("honorificPrefix")),
        _pair(
            _input(text(say, "given_name"), "givenName", name.get("givenName"), focus=True),
            _input(text(say, "family_name"), "familyName", name.get("familyName")),
        ),
        _input(text(say, "company"), "org_name", work.get("name")),
        _pair(
            _input(text(say, "job_title"), "org_title", work.get("title")),
            _input(text(say, "department"), "org_department", work.get("department")),
        ),
        *(_typed_rows(say, person, field, label, types) for field, label, types in ROWS),
        _addresses(say, person),
        _input(text(say, "birthday"), "birthday", birthday_text(day)),
        f"<label>{text(say, 'notes')}<textarea name=notes rows=3>"
        f"{escape(first(person, 'biographies').get('value', ''))}</textarea></label>",
        _label_boxes(view, person),
        _more(say, person),
    ]
    return "".join(parts)


def _typed_rows(say: str, person: Json, field: str, label: str, types: tuple[str, ...]) -> str:
    rows = "".join(
        f'<div class=pair><input name={field} value="{escape(item.get("value", ""))}" '
        f'aria-label="{text(say, label)}">{_types(say, f"{field}_type", item.get("type", ""), types)}</div>'
        for item in [*person.get(field, ()), {}]
    )
    return f"<fieldset><legend>{text(say, label)}</legend>{rows}</fieldset>"


def _addresses(say: str, person: Json) -> str:
    rows = []
    for item in [*person.get("addresses", ()), {}]:
        inputs = "".join(
            f'<input name={part} value="{escape(item.get(part, ""))}" aria-label="{text(say, name)}" '
            f'placeholder="{text(say, name)}">'
            for part, name in ADDRESS_PARTS
        )
        kinds = _types(say, "address_type", item.get("type", ""), ("", "home", "work", "other"))
        rows.append(f"<div class=two>{inputs}{kinds}</div>")
    return f"<fieldset><legend>{text(say, 'addresses')}</legend>{''.join(rows)}</fieldset>"


def _types(say: str, name: str, chosen: str, offered: tuple[str, ...]) -> str:
    kinds = offered if chosen in offered else (*offered, chosen)
    options = "".join(
        f'<option value="{escape(kind)}"{" selected" if kind == chosen else ""}>{escape(type_name(kind, say))}</option>'
        for kind in kinds
    )
    return f'<select name={name} aria-label="{text(say, "type")}">{options}</select>'


def _label_boxes(view: ContactsView, person: Json) -> str:
    mine = groups_of(person) or [view.label]
    boxes = "".join(
        f'<label class=check><input type=checkbox name=in_label value="{escape(label["resourceName"])}"'
        f"{' checked' if label['resourceName'] in mine else ''}>"
        f"{escape(text(view.language, 'starred') if label['name'] == 'starred' else label['name'])}</label>"
        for label in view.labels
    )
    return f"<fieldset><legend>{text(view.language, 'labels')}</legend>{boxes}</fieldset>"


def _more(say: str, person: Json) -> str:
    """What the form can't change, so that people see that it is there: our key among it."""
    found = [
        f"{item.get('key') or item.get('type') or name}: {item.get('value', '')}"
        for name in ("userDefined", "externalIds", "clientData")
        for item in person.get(name, ())
    ]
    if not found:
        return ""
    return f"<p class=note>{text(say, 'more_data')}: {escape('; '.join(found))}</p>"


def _input(label: str, name: str, value: str | None, *, focus: bool = False) -> str:
    autofocus = " autofocus" if focus else ""
    return f'<label>{label}<input name={name} value="{escape(value or "")}"{autofocus}></label>'


def _pair(left: str, right: str) -> str:
    return f"<div class=two>{left}{right}</div>"


def birthday_text(day: Json) -> str:
    """As the form takes it; without the year where there is none."""
    if not day.get("month") or not day.get("day"):
        return ""
    short = f"{day['month']:02d}-{day['day']:02d}"
    return f"{day['year']:04d}-{short}" if day.get("year") else short
