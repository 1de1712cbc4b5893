"""One meeting on several calendars: the organizer's copy and those of the guests.

https://developers.google.com/workspace/calendar/api/concepts/inviting-attendees-to-events
"""

from __future__ import annotations

from demo.google.errors import forbidden_for_non_organizer
from demo.google.eventbody import GUEST_DEFAULTS
from demo.google.model import Account, Calendar
from demo.google.wire import Json
from demo.google.world import World

# What belongs to one copy alone; everything else comes from the organizer.
LOCAL = ("reminders", "colorId", "transparency", "etag", "updated", "htmlLink")
TIMES = ("start", "end", "recurrence", "originalStartTime")


def is_organizer_copy(event: Json) -> bool:
    return bool(event.get("organizer", {}).get("self"))


def mark_people(event: Json, calendar: Calendar) -> None:
    """Set `self` and `organizer` on attendees, organizer and creator as this calendar sees them."""
    for role in ("organizer", "creator"):
        if role in event:
            person = {name: value for name, value in event[role].items() if name != "self"}
            if person.get("email") == calendar.id:
                person["self"] = True
            event[role] = person
    organizer = event.get("organizer", {}).get("email")
    marked = []
    for attendee in event.get("attendees", ()):
        person = {name: value for name, value in attendee.items() if name not in ("self", "organizer")}
        if person["email"] == calendar.id:
            person["self"] = True
        if person["email"] == organizer:
            person["organizer"] = True
        marked.append(person)
    if marked:
        event["attendees"] = marked


def check_shared_properties(old: Json, new: Json) -> None:
    """Only the organizer sets what holds for all guests; leaving it out of a PUT means the default."""
    if is_organizer_copy(old) or old.get("organizer") is None:
        return
    for name, default in GUEST_DEFAULTS.items():
        if old.get(name, default) != new.get(name, default):
            raise forbidden_for_non_organizer()


def _guest_calendars(world: World, event: Json, home: Calendar) -> dict[str, Calendar]:
    found = {}
    for attendee in event.get("attendees", ()):
        calendar = world.calendars.get(attendee["email"])
        if calendar and calendar.is_primary and calendar is not home:
            found[attendee["email"]] = calendar
    return found


def spread(world: World, home: Calendar, old: Json | None, new: Json) -> None:
    """Bring the guests' copies in line with the organizer's."""
    before = _guest_calendars(world, old, home) if old else {}
    after = _guest_calendars(world, new, home)
    for email, calendar in after.items():
        _put_copy(world, calendar, new, cancelled=new["status"] == "cancelled")
        before.pop(email, None)
    for calendar in before.values():
        _put_copy(world, calendar, new, cancelled=True)


def _put_copy(world: World, calendar: Calendar, source: Json, *, cancelled: bool) -> None:
    known = calendar.events.get(source["id"])
    if known is not None and known.get("iCalUID") != source.get("iCalUID"):
        return  # an event of the guest's own happens to have this id
    copy = {name: value for name, value in source.items() if name not in LOCAL}
    copy["reminders"] = {"useDefault": True}
    shared = source.get("extendedProperties", {}).get("shared")
    private = (known or {}).get("extendedProperties", {}).get("private")
    properties = {kind: part for kind, part in (("private", private), ("shared", shared)) if part}
    copy.pop("extendedProperties", None)
    if properties:
        copy["extendedProperties"] = properties
    copy |= {name: value for name, value in (known or {}).items() if name in LOCAL}
    copy["etag"], copy["updated"] = world.new_etag(), world.now_stamp()
    copy["htmlLink"] = event_link(world, calendar, source["id"])
    if cancelled:
        copy["status"] = "cancelled"
    mark_people(copy, calendar)
    calendar.put(copy)
    if cancelled:
        for exception in calendar.exceptions_of(source["id"]):
            calendar.put({**exception, "status": "cancelled", "etag": world.new_etag()})


def event_link(world: World, calendar: Calendar, event_id: str) -> str:
    return f"{world.root_url}/calendar/event?eid={event_id}&cal={calendar.id}"


def answer_back(world: World, calendar: Calendar, old: Json | None, new: Json) -> bool:
    """Carry a guest's changed answer to the organizer and the other guests; whether there was one."""
    answer, before = _own_answer(new), _own_answer(old or {})
    home = world.calendars.get(new.get("organizer", {}).get("email", ""))
    source = home.events.get(new["id"]) if home else None
    if answer is None or answer == before or home is None or source is None or home is calendar:
        return False
    changed = dict(source)
    changed["attendees"] = [
        {**person, "responseStatus": answer} if person["email"] == calendar.id else person
        for person in source.get("attendees", ())
    ]
    changed["etag"], changed["updated"] = world.new_etag(), world.now_stamp()
    mark_people(changed, home)
    home.put(changed)
    for other in _guest_calendars(world, changed, home).values():
        if other is not calendar:
            _put_copy(world, other, changed, cancelled=False)
    return True


def _own_answer(event: Json) -> str | None:
    if event.get("status") == "cancelled":
        return "declined"
    own = next((a for a in event.get("attendees", ()) if a.get("self")), None)
    return own["responseStatus"] if own else None


def notify(world: World, kind: str, event: Json, actor: Account, send_updates: str) -> None:
    """Record the mails this change would send: to all guests, to those outside Google, or to nobody."""
    if send_updates not in ("all", "externalOnly"):
        return
    for attendee in event.get("attendees", ()):
        email = attendee["email"]
        if email == actor.email or (send_updates == "externalOnly" and email in world.accounts):
            continue
        world.outbox.record(kind, email, event, actor=actor.email)
