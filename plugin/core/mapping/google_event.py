"""A Google Calendar event resource to and from `Event`.

https://developers.google.com/workspace/calendar/api/v3/reference/events: start and end are both `date` (end exclusive) or both
`dateTime`; a patch that turns one into the other nulls the other member.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from plugin.core.errors import MappingError
from plugin.core.mapping.html_text import text_from_html
from plugin.core.model import Event, Field, GoogleChange, Marker, Presence, Visibility
from plugin.core.recurrence import Recurrence
from plugin.core.when import Timed, When, WholeDays, is_in_calendar, timed

Resource = Mapping[str, Any]

MARKER_INSTALL = "gsyncInstall"
MARKER_KEY = "gsyncLink"

# Google makes these of a mail and lets people change next to nothing of them (facts: B.4).
READ_ONLY_TYPES = {"fromGmail"}

# All that mapping reads; asked for on every list and write, so that a page stays small.
RESOURCE_FIELDS = (
    "id,status,etag,updated,summary,description,location,start,end,visibility,recurrence,recurringEventId,originalStartTime,"
    "attendees(email,self,organizer,resource,responseStatus),attendeesOmitted,eventType,extendedProperties/private"
)


def change_from_resource(resource: Resource) -> GoogleChange:
    """Return the change that a listed resource reports; raises MappingError if an event's times can't be read."""
    cancelled = resource.get("status") == "cancelled"
    return GoogleChange(
        google_id=resource["id"],
        presence=Presence.GONE if cancelled else Presence.ALIVE,
        etag=resource.get("etag", ""),
        content=None if cancelled else event_from_resource(resource),
        zone=None if cancelled else _known_zone(resource.get("start", {}).get("timeZone")),
        has_guests=has_guests(resource),
        is_declined=_is_declined(resource),
        is_read_only=resource.get("eventType") in READ_ONLY_TYPES,
        marker=_marker(resource),
        updated_utc=_updated(resource.get("updated")),
        guests=_guests(resource),
    )


def event_from_resource(resource: Resource) -> Event:
    """Return the event; the description as Google holds it, HTML included."""
    return Event(
        subject=resource.get("summary", ""),
        description=resource.get("description", ""),
        location=resource.get("location", ""),
        when=_when(resource),
        visibility=_visibility(resource.get("visibility")),
    )


def body_from_event(
    event: Event, fields: Iterable[Field], zone: str | None, *, is_patch: bool
) -> dict[str, Any]:
    """Return the request body that says these fields of `event`; `zone` is the one a timed event is shown in.

    A patch names the other kind of time as null, so that timed and all-day replace each other.
    """
    body: dict[str, Any] = {}
    for field in fields:
        match field:
            case Field.SUBJECT:
                body["summary"] = event.subject
            case Field.DESCRIPTION:
                body["description"] = event.description
            case Field.LOCATION:
                body["location"] = event.location
            case Field.VISIBILITY:
                body["visibility"] = event.visibility.value
            case Field.WHEN:  # pragma: no branch - there is no other field
                body["start"], body["end"] = _start_and_end(event.when, zone, is_patch=is_patch)
    return body


def marker_body(marker: Marker) -> dict[str, Any]:
    """Return the body part that leaves our marker in an event: private, so that it stays on this calendar's copy."""
    return {
        "extendedProperties": {"private": {MARKER_INSTALL: marker.install_id, MARKER_KEY: marker.link_key}}
    }


def recurrence_body(recurrence: Recurrence) -> dict[str, Any]:
    """Return the part of a request body that makes it a series."""
    return {"recurrence": list(recurrence.lines)}


def as_google_holds(event: Event) -> Event:
    """Return what Google will hold of a CRM event: all of it."""
    return event


def as_crm_reads(event: Event) -> Event:
    """Return a Google event in the CRM's terms: Google's HTML description becomes the text that a person reads."""
    return Event(
        event.subject, event.when, text_from_html(event.description), event.location, event.visibility
    )


def has_guests(resource: Resource) -> bool:
    """Tell whether deleting the event could take it away from somebody else; a hidden guest list counts as guests."""
    return bool(resource.get("attendeesOmitted")) or any(
        not (guest.get("self") or guest.get("resource")) for guest in resource.get("attendees", ())
    )


def _guests(resource: Resource) -> frozenset[str]:
    people = (g for g in resource.get("attendees", ()) if not (g.get("self") or g.get("resource")))
    return frozenset(address for g in people if (address := g.get("email", "").strip().lower()))


def _is_declined(resource: Resource) -> bool:
    return any(g.get("self") and g.get("responseStatus") == "declined" for g in resource.get("attendees", ()))


def _marker(resource: Resource) -> Marker | None:
    private = resource.get("extendedProperties", {}).get("private", {})
    if MARKER_INSTALL in private and MARKER_KEY in private:
        return Marker(private[MARKER_INSTALL], private[MARKER_KEY])
    return None


def _updated(stamp: str | None) -> datetime | None:
    # Read by the policy "newest wins" only, and no reason to leave an event aside.
    try:
        moment = datetime.fromisoformat(stamp) if stamp else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def _known_zone(name: str | None) -> str | None:
    # Imported events carry names that only their sender knew; Google shows those in the calendar's zone.
    try:
        return ZoneInfo(name).key if name else None
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder of zones
        return None


def _visibility(value: str | None) -> Visibility:
    # A word that Google adds one day is treated as the strictest, never as public.
    try:
        return Visibility(value) if value else Visibility.DEFAULT
    except ValueError:
        return Visibility.CONFIDENTIAL


def _when(resource: Resource) -> When:
    try:
        start, end = resource["start"], resource["end"]
        if "date" in start:
            when: When = WholeDays(date.fromisoformat(start["date"]), date.fromisoformat(end["date"]))
        else:
            when = timed(_instant(start), _instant(end))
        if not is_in_calendar(when):
            raise ValueError(when)
        return when
    except (KeyError, ValueError, TypeError, OverflowError, OSError) as error:
        raise MappingError("google", str(resource.get("id")), "start", "times can't be read") from error


def _instant(member: Mapping[str, str]) -> datetime:
    moment = datetime.fromisoformat(member["dateTime"])
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(member["timeZone"]))
    return moment.astimezone(UTC)


def _start_and_end(when: When, zone: str | None, *, is_patch: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    if isinstance(when, WholeDays):
        start, end = ({"date": day.isoformat()} for day in (when.start_date, when.end_date))
        others = {"dateTime": None, "timeZone": None}
    else:
        start, end = (_timed_member(when, moment, zone) for moment in (when.start_utc, when.end_utc))
        others = {"date": None}
    return (start | others, end | others) if is_patch else (start, end)


def _timed_member(when: Timed, moment: datetime, zone: str | None) -> dict[str, Any]:
    if zone is None:
        return {"dateTime": moment.isoformat()}
    return {"dateTime": moment.astimezone(ZoneInfo(zone)).isoformat(), "timeZone": zone}
