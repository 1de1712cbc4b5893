"""The page at /: look at an account's calendars, and edit them as that person would.

Edits take the way of the API's own rules, without quota, log or mails.
"""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

from demo.google.errors import ApiError
from demo.google.events import Writer
from demo.google.model import Calendar
from demo.google.page_html import render
from demo.google.page_view import WRITERS, build_view
from demo.google.texts import language_of, text
from demo.google.wire import Json, Request, Response, html_response, redirect
from demo.google.world import World


def home(world: World, request: Request) -> Response:
    language = language_of(request)
    view = build_view(world, request, language)
    return html_response(render(view) if view else text(language, "simulator"))


def open_event(world: World, request: Request) -> Response:
    """Where htmlLink leads: the event on its calendar, in its month."""
    calendar = world.calendars.get(request.param("cal"))
    event = calendar.events.get(request.param("eid")) if calendar else None
    if calendar is None or event is None or "start" not in event:
        return redirect("/")
    day = (event["start"].get("date") or event["start"]["dateTime"])[:7]
    query = {"account": calendar.owner, "month": day, "cal": calendar.id, "event": event["id"]}
    return redirect("/?" + urlencode(query))


def save(world: World, request: Request) -> Response:
    """Insert or change what the form holds."""
    form = request.form
    try:
        writer = _writer(world, form)
        body = _body(form, writer.calendar)
        if form.get("event"):
            writer.patch(form["event"], body)
        else:
            writer.insert({name: value for name, value in body.items() if value is not None})
    except (ApiError, ValueError) as error:
        return _again(world, request, str(error))
    return _back(form)


def delete(world: World, request: Request) -> Response:
    form = request.form
    try:
        _writer(world, form).delete(form.get("event", ""))
    except ApiError as error:
        return _again(world, request, str(error))
    return _back(form)


def _writer(world: World, form: dict[str, str]) -> Writer:
    account = world.account_of(form.get("account", ""))
    if account is None:
        raise ValueError("account")
    calendar, role = world.calendar_for(account, form.get("cal", "primary"))
    if role not in WRITERS:
        raise ValueError(role)
    return Writer(world, account, calendar, conference=True)


def _body(form: dict[str, str], calendar: Calendar) -> Json:
    body: Json = {name: form.get(name) or None for name in ("summary", "location", "description")}
    first, last = (date.fromisoformat(form.get(f"{edge}_date", "")) for edge in ("start", "end"))
    if "all_day" in form:
        edges = (first.isoformat(), (last + timedelta(days=1)).isoformat())
        body |= {
            name: {"date": day, "dateTime": None, "timeZone": None}
            for name, day in zip(("start", "end"), edges, strict=True)
        }
    else:
        for name, day in (("start", first), ("end", last)):
            moment = f"{day.isoformat()}T{form.get(f'{name}_time') or '00:00'}:00"
            body[name] = {"dateTime": moment, "timeZone": calendar.time_zone, "date": None}
    if form.get("repeat"):
        body["recurrence"] = [f"RRULE:FREQ={form['repeat']}"]
    return body


def _back(form: dict[str, str]) -> Response:
    """To the month of the event just written."""
    query = {
        "account": form.get("account", ""),
        "month": form.get("start_date", "")[:7],
        "hl": form.get("hl", ""),
    }
    return redirect("/?" + urlencode({n: v for n, v in query.items() if v}), 303)


def _again(world: World, request: Request, problem: str) -> Response:
    """The page with the form and what was wrong with it."""
    form = request.form
    query = {n: form.get(n, "") for n in ("account", "month", "hl", "cal", "event")}
    if not form.get("event"):
        query["new"] = form.get("start_date", "")
    again = Request("GET", "/", urlencode(query), request.headers)
    language = language_of(again)
    view = build_view(world, again, language)
    if view and view.form:
        view.form.problem = problem
        view.form.summary = form.get("summary", "")
        view.form.location = form.get("location", "")
        view.form.description = form.get("description", "")
    return html_response(render(view) if view else problem, 400)
