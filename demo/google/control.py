"""Control of the simulator under /_sim/, for tests and demonstrations; never in the request log.

Every answer is JSON; a body that makes no sense answers 400 {"error": …}.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from demo.google.errors import ApiError
from demo.google.events import Writer
from demo.google.model import Client
from demo.google.people_control import CONTROLS as PEOPLE_CONTROLS
from demo.google.recurrence import take_place
from demo.google.wire import Json, Request, Response, json_response
from demo.google.world import World

Control = Callable[[World, Request, Json], Any]


def serve_control(world: World, request: Request) -> Response:
    control = CONTROLS.get((request.method, request.path.removeprefix("/_sim/").rstrip("/")))
    if control is None:
        known = sorted(f"{method} /_sim/{name}" for method, name in CONTROLS)
        return json_response({"error": "no such control", "known": known}, 404)
    try:
        body = json.loads(request.body) if request.body else {}
        with world.lock:
            return json_response(control(world, request, body))
    except ApiError as error:
        return error.response()
    except (ValueError, TypeError, LookupError, AttributeError, OSError) as error:
        return json_response({"error": f"{type(error).__name__}: {error}"}, 400)


def health(_world: World, _request: Request, _body: Json) -> Json:
    return {"ok": True}


def state(world: World, _request: Request, _body: Json) -> Json:
    return world.dump()


def occurrences(world: World, request: Request, _body: Json) -> Json:
    """?calendar= &since= &until=: what its page shows between the two moments, series occurrence by occurrence."""
    since, until = (datetime.fromisoformat(request.param(name)) for name in ("since", "until"))
    return {"events": list(take_place(world.calendars[request.param("calendar")], since, until))}


def log(world: World, request: Request, _body: Json) -> Json:
    """?route= and ?user= narrow it down, ?last=N gives the newest."""
    entries = list(world.journal.entries)
    for name in ("route", "user"):
        if request.param(name):
            entries = [entry for entry in entries if entry[name] == request.param(name)]
    if request.param("last"):
        entries = list(islice(reversed(entries), int(request.param("last"))))[::-1]
    return {"entries": entries, "counters": world.journal.counters()}


def clear_log(world: World, _request: Request, _body: Json) -> Json:
    world.journal.clear()
    return {}


def counters(world: World, _request: Request, _body: Json) -> Json:
    return world.journal.counters()


def outbox(world: World, _request: Request, _body: Json) -> Json:
    return {"mails": world.outbox.mails}


def faults(world: World, _request: Request, _body: Json) -> Json:
    return {"faults": world.faults.dump()}


def add_fault(world: World, _request: Request, body: Json) -> Json:
    return world.faults.add(body)


def clear_faults(world: World, _request: Request, _body: Json) -> Json:
    world.faults.clear()
    return {}


def clock(world: World, _request: Request, body: Json) -> Json:
    """{advance_s} or {now}."""
    if "now" in body:
        world.clock.set(datetime.fromisoformat(body["now"]))
    elif "advance_s" in body:
        world.clock.advance(float(body["advance_s"]))
    return {"now": world.now_stamp()}


def switches(world: World, _request: Request, body: Json) -> Json:
    world.switches.update(body)
    return world.switches.dump()


def latency(world: World, _request: Request, body: Json) -> Json:
    """{latency_ms?, part_latency_ms?}."""
    world.latency_s = float(body.get("latency_ms", world.latency_s * 1000)) / 1000
    world.part_latency_s = float(body.get("part_latency_ms", world.part_latency_s * 1000)) / 1000
    return {"latency_ms": world.latency_s * 1000, "part_latency_ms": world.part_latency_s * 1000}


def edit(world: World, _request: Request, body: Json) -> Any:
    """{email, calendar?, operation, event_id?, body?, send_updates?}: a user's edit, no quota, no log."""
    account = world.accounts[body["email"]]
    calendar, _ = world.calendar_for(account, body.get("calendar", "primary"))
    writer = Writer(
        world,
        account,
        calendar,
        send_updates=body.get("send_updates", "none"),
        conference=True,
        privileged=True,
    )
    operation, values = body["operation"], body.get("body", {})
    if operation == "insert":
        return writer.insert(values)
    if operation == "patch":
        return writer.patch(body["event_id"], values)
    if operation == "update":
        return writer.update(body["event_id"], values)
    if operation == "delete":
        writer.delete(body["event_id"])
        return {}
    raise ValueError(f"unknown operation {operation!r}")


def expire_sync_tokens(world: World, _request: Request, body: Json) -> Json:
    """All calendars and all contacts, or {calendar}, or {email} for one account's contacts."""
    wanted = body.get("calendar")
    for calendar in world.calendars.values():
        if wanted == calendar.id or not body:
            calendar.token_generation += 1
    for email, book in world.books.items():
        if body.get("email") == email or not body:
            book.token_generation += 1
    return {}


def add_calendar(world: World, _request: Request, body: Json) -> Json:
    """{email, calendar, summary?, time_zone?}: one more calendar of an account's."""
    owner = world.accounts[body["email"]]
    zone = body.get("time_zone", "Europe/Madrid")
    ZoneInfo(zone)
    world.add_calendar(owner, body["calendar"], body.get("summary") or body["calendar"], zone)
    return {}


def share(world: World, _request: Request, body: Json) -> Json:
    """{calendar, email, role}: change a role; null takes it away. Ends the calendar's sync tokens."""
    world.share(world.calendars[body["calendar"]], world.accounts[body["email"]], body["role"])
    return {}


def revoke(world: World, _request: Request, body: Json) -> Json:
    """{email}: the user takes back every grant."""
    world.grants.revoke(world.accounts[body["email"]])
    return {}


def token(world: World, _request: Request, body: Json) -> Json:
    """{email, scopes, client_id?}: tokens without walking through the consent pages."""
    account = world.accounts[body["email"]]
    client_id = body.get("client_id") or next(iter(world.clients))
    client = world.clients[client_id]
    world.grants.grant(account, client, body["scopes"])
    access = world.grants.issue_access(account, client, body["scopes"])
    refresh = world.grants.issue_refresh(account, client, body["scopes"])
    return {
        "access_token": access.value,
        "refresh_token": refresh.value,
        "expires_in": world.switches.expires_in,
        "scope": " ".join(body["scopes"]),
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "sub": account.sub,
    }


def account(world: World, _request: Request, body: Json) -> Json:
    """{email, name?, time_zone?, locale?}: one more account."""
    ZoneInfo(body.get("time_zone", "Europe/Madrid"))  # an unknown zone adds nothing
    made = world.add_account(
        body["email"], body.get("name") or body["email"], body.get("time_zone", "Europe/Madrid"),
        body.get("locale", "es"),
    )  # fmt: skip
    return {"email": made.email, "sub": made.sub}


def clients(world: World, _request: Request, body: Json) -> Json:
    """{client_id, client_secret, redirect_uris}: register a client, or register it anew."""
    world.clients[body["client_id"]] = Client(**body)
    return {"client_id": body["client_id"]}


def reset(world: World, _request: Request, _body: Json) -> Json:
    world.reset()
    return {}


CONTROLS: dict[tuple[str, str], Control] = {
    ("GET", "health"): health,
    ("GET", "state"): state,
    ("GET", "occurrences"): occurrences,
    ("GET", "log"): log,
    ("DELETE", "log"): clear_log,
    ("GET", "counters"): counters,
    ("GET", "outbox"): outbox,
    ("GET", "faults"): faults,
    ("POST", "faults"): add_fault,
    ("DELETE", "faults"): clear_faults,
    ("POST", "clock"): clock,
    ("POST", "switches"): switches,
    ("POST", "latency"): latency,
    ("POST", "edit"): edit,
    ("POST", "expire-sync-tokens"): expire_sync_tokens,
    ("POST", "calendar"): add_calendar,
    ("POST", "share"): share,
    ("POST", "revoke"): revoke,
    ("POST", "token"): token,
    ("POST", "account"): account,
    ("POST", "clients"): clients,
    ("POST", "reset"): reset,
    **PEOPLE_CONTROLS,
}
