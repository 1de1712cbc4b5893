"""From a seed (JSON) to a world; the format is described in demo.google."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from demo.google.events import Writer
from demo.google.groups_api import create_group
from demo.google.model import Calendar, Client
from demo.google.people_writer import PeopleWriter
from demo.google.recurrence import instance_at, slots
from demo.google.wire import Json
from demo.google.world import World

DEFAULT_SEED = Path(__file__).with_name("seed.json")
_DAY = re.compile(r"\{(today|monday)([+-]\d+)?(:compact)?\}")


def load_seed(path: Path | str | None) -> Json:
    """The seed of a file, or the default one."""
    seed = json.loads(Path(path or DEFAULT_SEED).read_text(encoding="utf-8"))
    if not isinstance(seed, dict):
        raise TypeError("a seed is a JSON object")
    return seed


def plant(world: World, seed: Json) -> None:
    """Fill an empty world; dates written as {today+2} or {monday-7} are laid out from today."""
    seed = _dated(seed, world.clock.now().date())
    for client in seed.get("clients", []):
        world.clients.setdefault(client["client_id"], Client(**client))
    for account in seed.get("accounts", []):
        world.add_account(
            account["email"],
            account.get("name") or account["email"],
            account.get("time_zone", "Europe/Madrid"),
            account.get("locale", "es"),
            account.get("sub", ""),
        )
    for calendar in seed.get("calendars", []):
        _plant_calendar(world, calendar)
    for event in seed.get("events", []):
        _plant_event(world, event)
    for label in seed.get("labels", []):
        create_group(world, world.books[label["account"]], label["name"])
    for contact in seed.get("contacts", []):
        _plant_contact(world, contact)
    world.switches.update(seed.get("switches", {}))


def _plant_calendar(world: World, values: Json) -> None:
    owner = world.accounts[values["owner"]]
    calendar = world.add_calendar(
        owner, values["id"], values["summary"], values.get("time_zone", "Europe/Madrid")
    )
    calendar.description = values.get("description", "")
    for email, role in values.get("roles", {}).items():
        world.share(calendar, world.accounts[email], role)


def _plant_event(world: World, values: Json) -> None:
    """One event, written as the calendar's owner through the same rules as the API."""
    event = {name: value for name, value in values.items() if name not in ("calendar", "exceptions")}
    calendar = world.calendars[values["calendar"]]
    writer = Writer(world, world.accounts[calendar.owner], calendar, conference=True, privileged=True)
    series = writer.insert(event)
    for change in values.get("exceptions", ()):
        _plant_exception(writer, calendar, series, change)


def _plant_exception(writer: Writer, calendar: Calendar, series: Json, change: Json) -> None:
    """One occurrence, known by the `day` that the rule puts it on, edited or cancelled as its owner does it."""
    instances = (instance_at(series, start, calendar) for start in slots(series, calendar.zone))
    event_id = next(one["id"] for one in instances if change["day"] in str(one["originalStartTime"]))
    if change.get("status") == "cancelled":
        writer.delete(event_id)
    else:
        writer.patch(event_id, {name: value for name, value in change.items() if name != "day"})


def _plant_contact(world: World, values: Json) -> None:
    """One contact; `labels` are names of its account's labels."""
    book = world.books[values["account"]]
    wanted = ["myContacts", *values.get("labels", ())]
    names = [group["resourceName"] for group in book.groups if group["name"] in wanted]
    person = {name: value for name, value in values.items() if name not in ("account", "labels")}
    person["memberships"] = [{"contactGroupMembership": {"contactGroupResourceName": n}} for n in names]
    PeopleWriter(world, world.accounts[values["account"]], privileged=True).create(person)


def _dated(value: Any, today: date) -> Any:
    if isinstance(value, dict):
        return {name: _dated(inner, today) for name, inner in value.items()}
    if isinstance(value, list):
        return [_dated(inner, today) for inner in value]
    return _DAY.sub(lambda match: _day(match, today), value) if isinstance(value, str) else value


def _day(match: re.Match[str], today: date) -> str:
    start = today if match[1] == "today" else today - timedelta(days=today.weekday())
    day = start + timedelta(days=int(match[2] or 0))
    return day.strftime("%Y%m%d") if match[3] else day.isoformat()
