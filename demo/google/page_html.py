"""HTML of the page at /."""

from __future__ import annotations

from datetime import date, timedelta
from html import escape
from typing import Protocol

from demo.google.consent_pages import DOTS
from demo.google.model import Account
from demo.google.page_style import STYLE
from demo.google.page_view import Chip, Form, Shelf, View, grid
from demo.google.texts import DAYS, MONTHS, text

MOST_CHIPS = 5


def render(view: View) -> str:
    title = text(view.language, "simulator")
    return (
        f'<!DOCTYPE html><html lang="{view.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>"
        f"{header(view, title)}<div class=frame>{_side(view)}<main>{_month_bar(view)}{_grid(view)}</main>"
        f"{_form(view, view.form) if view.form else ''}</div>"
        f"<footer>{text(view.language, 'not_google')}</footer></body></html>"
    )


class Headed(Protocol):
    """What the head of each page needs to know of what it shows."""

    language: str
    account: Account
    accounts: list[Account]
    page: str

    def address(self, **changes: str) -> str: ...

    def address_of(self, page: str) -> str: ...


def header(view: Headed, title: str) -> str:
    """The head of a page: its name, the other page, and the accounts."""
    tabs = []
    for account in view.accounts:
        here = _here(account is view.account)
        address = escape(view.address(account=account.email))
        face = f"<b aria-hidden=true>{escape(account.name[:1].upper())}</b>"
        tabs.append(
            f'<a href="{address}"{here} title="{escape(account.email)}">{face}{escape(account.name)}</a>'
        )
    pages = "".join(
        f'<a href="{escape(view.address_of(page))}"{_here(page == view.page)}>{text(view.language, name)}</a>'
        for page, name in (("/", "calendar"), ("/contacts", "contacts"))
    )
    return f"<header><h1>{DOTS}{title}</h1><nav class=pages>{pages}</nav><nav>{''.join(tabs)}</nav></header>"


def _here(is_here: bool) -> str:
    return ' aria-current="page"' if is_here else ""


def _side(view: View) -> str:
    rows = "".join(
        f'<li><i style="background:{shelf.colour}"></i>{escape(shelf.name)}'
        + ("" if shelf.writable else f" <small>({text(view.language, 'read_only')})</small>")
        for shelf in view.shelves
    )
    new = escape(view.address(new=view.today.isoformat()))
    mails = text(view.language, "mails", count=view.mails)
    return (
        f'<aside><a class=new href="{new}"><span aria-hidden=true>+</span>'
        f"{text(view.language, 'new_event')}</a>"
        f"<h2>{text(view.language, 'calendars')}</h2><ul>{rows}</ul><p>{mails}</p></aside>"
    )


def _month_bar(view: View) -> str:
    before = (view.month - timedelta(days=1)).strftime("%Y-%m")
    after = (view.month + timedelta(days=32)).strftime("%Y-%m")
    name = f"{MONTHS[view.language][view.month.month - 1]} {view.month.year}"
    today = escape(view.address(month=view.today.strftime("%Y-%m")))
    previous, following = text(view.language, "previous"), text(view.language, "next")
    return (
        f'<div class=bar><a class=chipbutton href="{today}">{text(view.language, "today")}</a>'
        f'<a class=arrow href="{escape(view.address(month=before))}" aria-label="{previous}">‹</a>'
        f'<a class=arrow href="{escape(view.address(month=after))}" aria-label="{following}">›</a>'
        f"<h2>{name}</h2></div>"
    )


def _grid(view: View) -> str:
    heads = "".join(f"<span>{name[:3]}</span>" for name in DAYS[view.language])
    cells = "".join(_cell(view, day) for day in grid(view.month))
    return f'<div class="grid heads" aria-hidden=true>{heads}</div><div class=grid>{cells}</div>'


def _cell(view: View, day: date) -> str:
    chips = view.days[day]
    marks = [
        name
        for name, applies in (
            ("today", day == view.today),
            ("other", day.month != view.month.month),
            ("empty", not chips),
        )
        if applies
    ]
    shown = "".join(_chip(view, chip) for chip in chips[:MOST_CHIPS])
    more = f"<small>+{len(chips) - MOST_CHIPS}</small>" if len(chips) > MOST_CHIPS else ""
    label = f"{DAYS[view.language][day.weekday()]} {day.day}"
    new = escape(view.address(new=day.isoformat()))
    return (
        f'<section class="{" ".join(marks)}"><a class=day href="{new}" aria-label="{label}">'
        f"<em>{DAYS[view.language][day.weekday()]} </em>{day.day}</a>{shown}{more}</section>"
    )


def _chip(view: View, chip: Chip) -> str:
    name = text(view.language, "busy") if chip.hidden else chip.event.get("summary", "")
    private = chip.event.get("visibility") in ("private", "confidential")
    lock = f" <small>({text(view.language, 'private').lower()})</small>" if private else ""
    clock = f"<time>{chip.time}</time> " if chip.time and not chip.continues else ""
    inner = f"{clock}{escape(name or text(view.language, 'untitled'))}{lock}"
    kind = "timed" if chip.time else "whole"
    style = f'style="--c:{chip.shelf.colour}"'
    if chip.hidden:
        return f'<span class="ev {kind}" {style}>{inner}</span>'
    address = escape(view.address(cal=chip.shelf.calendar.id, event=chip.event["id"]))
    return f'<a class="ev {kind}" {style} href="{address}">{inner}</a>'


def _form(view: View, form: Form) -> str:
    say = view.language
    close = escape(view.address())
    title = text(say, "edit_event" if form.event_id else "new_event")
    disabled = "" if form.shelf.writable else " disabled"
    notes = "".join(
        (
            f"<p class=problem role=alert>{escape(text(say, 'bad_times', problem=form.problem))}</p>"
            if form.problem
            else "",
            f"<p class=note>{text(say, 'series_note')}</p>" if form.in_series else "",
            f"<p class=note>{text(say, 'guests')}: {escape(', '.join(form.guests))}</p>"
            if form.guests
            else "",
        )
    )
    return (
        f'<form class=panel method=post action="/page/save"><div class=top><h2>{title}</h2>'
        f'<a class=arrow href="{close}" aria-label="{text(say, "cancel")}">×</a></div>{notes}'
        f"{hidden('account', view.account.email)}{hidden('hl', view.hl)}{hidden('event', form.event_id)}"
        f"{hidden('month', view.month.strftime('%Y-%m'))}"
        f"<fieldset{disabled}>{_fields(view, form)}</fieldset>{_buttons(say, form)}</form>"
    )


def _fields(view: View, form: Form) -> str:
    say = view.language
    checked = " checked" if form.all_day else ""
    return (
        f'<label>{text(say, "title")}<input name=summary value="{escape(form.summary)}" autofocus></label>'
        f"{_calendar_field(view, form)}"
        f"<label class=check><input type=checkbox id=allday name=all_day{checked}>"
        f"{text(say, 'all_day')}</label>"
        f"{_edge(text(say, 'start'), 'start', form.start.strftime('%Y-%m-%d'), form.start.strftime('%H:%M'))}"
        f"{_edge(text(say, 'end'), 'end', form.end.strftime('%Y-%m-%d'), form.end.strftime('%H:%M'))}"
        f"{'' if form.event_id else _repeat_field(say)}"
        f'<label>{text(say, "location")}<input name=location value="{escape(form.location)}"></label>'
        f"<label>{text(say, 'description')}"
        f"<textarea name=description rows=3>{escape(form.description)}</textarea></label>"
    )


def _edge(label: str, name: str, day: str, clock: str) -> str:
    return (
        f'<div class=edge><label>{label}<input type=date name={name}_date value="{day}" required></label>'
        f'<input class=clock type=time name={name}_time value="{clock}" aria-label="{label}"></div>'
    )


def _calendar_field(view: View, form: Form) -> str:
    shelves: list[Shelf] = [form.shelf] if form.event_id else [s for s in view.shelves if s.writable]
    if len(shelves) == 1:
        return hidden("cal", shelves[0].calendar.id)
    options = "".join(f'<option value="{escape(s.calendar.id)}">{escape(s.name)}</option>' for s in shelves)
    return f"<label>{text(view.language, 'calendars')}<select name=cal>{options}</select></label>"


def _repeat_field(say: str) -> str:
    choices = (("", "no_repeat"), ("DAILY", "daily"), ("WEEKLY", "weekly"), ("MONTHLY", "monthly"))
    options = "".join(f'<option value="{value}">{text(say, name)}</option>' for value, name in choices)
    return f"<label>{text(say, 'repeats')}<select name=repeat>{options}</select></label>"


def _buttons(say: str, form: Form) -> str:
    if not form.shelf.writable:
        return f"<p class=note>{text(say, 'read_only')}</p>"
    delete = (
        f'<button class=danger formaction="/page/delete" formnovalidate>{text(say, "delete")}</button>'
        if form.event_id
        else "<span></span>"
    )
    return f"<div class=row><button class=primary>{text(say, 'save')}</button>{delete}</div>"


def hidden(name: str, value: str) -> str:
    return f'<input type=hidden name={name} value="{escape(value)}">' if value else ""
