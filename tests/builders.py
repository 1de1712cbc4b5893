"""Values for tests, valid by default: a test names only what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from plugin.core.mapping.crm_event import ActivityRow
from plugin.core.merge import Merge
from plugin.core.model import CrmChange, Event, Field, GoogleChange, Link, Presence, Side
from plugin.core.reconcile import Action, Decision, Reason, Rules
from plugin.core.when import Timed, When, WholeDays
from plugin.sync.memory_ports import Intent, LinkDraft, Pair
from plugin.sync.ports import CrmUser

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
MADRID = "Europe/Madrid"
USER_ID, COLLEAGUE_ID = 5, 6


def utc(text: str) -> datetime:
    """Return the moment that an ISO text without a zone names in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(start: str = "2027-03-02T09:00", end: str = "2027-03-02T10:30") -> Timed:
    """Return a span between two texts, in UTC."""
    return Timed(utc(start), utc(end))


def days(start: str = "2027-03-02", end: str = "2027-03-03") -> WholeDays:
    """Return whole days; `end` is exclusive."""
    return WholeDays(date.fromisoformat(start), date.fromisoformat(end))


def an_event(subject: str = "Meeting", when: When | None = None, **fields: Any) -> Event:
    """Return an event of tomorrow morning."""
    return Event(subject=subject, when=when or hours(), **fields)


def a_link(half: Event | None = None, **fields: Any) -> Link:
    """Return a living link whose sides agree on `half`."""
    event = half or an_event()
    defaults: dict[str, Any] = {
        "link_id": 1,
        "link_key": "key1",
        "crm_id": 11,
        "google_id": "google1",
        "crm_version": "2027-03-01 07:00:00",
        "google_etag": '"1"',
        "crm_half": event,
        "google_half": event,
        "origin": Side.CRM,
    }
    return Link(**{**defaults, **fields})


def a_draft(**fields: Any) -> LinkDraft:
    """Return the draft of a new, settled link."""
    defaults: dict[str, Any] = {
        "link_key": "key1",
        "crm_id": 11,
        "google_id": "google1",
        "crm_version": "2027-03-01 07:00:00",
        "google_etag": '"1"',
        "crm_half": an_event(),
        "google_half": an_event(),
        "origin": Side.CRM,
        "is_settled": True,
    }
    return LinkDraft(**{**defaults, **fields})


def an_intent(**fields: Any) -> Intent:
    """Return a note of a create that was just sent."""
    defaults: dict[str, Any] = {
        "link_key": "key1",
        "crm_id": 11,
        "google_id": "google1",
        "crm_version": "2027-03-01 07:00:00",
        "crm_half": an_event(),
        "noted_utc": NOW,
    }
    return Intent(**{**defaults, **fields})


def a_crm_change(event: Event | None = None, **fields: Any) -> CrmChange:
    """Return a report of a living CRM record."""
    defaults: dict[str, Any] = {
        "crm_id": 11,
        "presence": Presence.ALIVE,
        "version": "2027-03-01 07:30:00",
        "content": event or an_event(),
    }
    return CrmChange(**{**defaults, **fields})


def a_google_change(event: Event | None = None, **fields: Any) -> GoogleChange:
    """Return a report of a living Google event."""
    defaults: dict[str, Any] = {
        "google_id": "google1",
        "presence": Presence.ALIVE,
        "etag": '"2"',
        "content": event or an_event(),
    }
    return GoogleChange(**{**defaults, **fields})


def a_tombstone(**fields: Any) -> GoogleChange:
    """Return Google's report of a deletion."""
    return replace(a_google_change(**fields), presence=Presence.GONE, content=None)


def unchanged(event: Event) -> Event:
    """Say an event in the other side's terms, where both hold the same."""
    return event


def the_rules(**fields: Any) -> Rules:
    """Return rules for two sides that hold the same."""
    return Rules(**{"to_crm": unchanged, "to_google": unchanged, **fields})


def a_merge(*, crm: bool = False, google: bool = False) -> Merge:
    """Return a merge that writes the subject on these sides."""
    subject = frozenset({Field.SUBJECT})
    return Merge(
        subject if crm else frozenset(), subject if google else frozenset(), an_event("CRM"), an_event("G")
    )


def a_decision(action: Action = Action.CREATE_GOOGLE, **fields: Any) -> Decision:
    """Return a decision; its reason is any."""
    return Decision(action, **{"reason": Reason.CHANGED, **fields})


def a_row(crm_id: int = 11, **columns: Any) -> ActivityRow:
    """Return the columns of an activity of tomorrow morning, in UTC."""
    row = ActivityRow(
        crm_id=crm_id,
        subject="Meeting",
        description="",
        location="",
        date_start=date(2027, 3, 2),
        time_start="09:00:00",
        due_date=date(2027, 3, 2),
        time_end="10:30:00",
        visibility="Public",
    )
    return replace(row, **columns)


def a_user(**fields: Any) -> CrmUser:
    """Return an active user in Madrid."""
    defaults: dict[str, Any] = {
        "user_id": USER_ID,
        "login": "lucia",
        "is_active": True,
        "is_admin": False,
        "language": "es_es",
        "time_zone": MADRID,
    }
    return CrmUser(**{**defaults, **fields})


def a_pair(**fields: Any) -> Pair:
    """Return a pair that was never listed."""
    defaults: dict[str, Any] = {
        "pair_id": 1,
        "account_id": 1,
        "crm_user_id": USER_ID,
        "google_sub": "sub-1",
        "module": "Calendar",
        "collection_id": "lucia@empresa.example",
    }
    return Pair(**{**defaults, **fields})


def timed_body(
    start: str = "2027-03-02T10:00:00", end: str = "2027-03-02T11:30:00", zone: str = MADRID
) -> dict[str, Any]:
    """Return start and end as Google holds them for a timed event, as wall time in `zone`."""
    return {"start": {"dateTime": start, "timeZone": zone}, "end": {"dateTime": end, "timeZone": zone}}


def all_day_body(start: str = "2027-03-02", end: str = "2027-03-03") -> dict[str, Any]:
    """Return start and end as Google holds them for whole days; `end` is exclusive."""
    return {"start": {"date": start}, "end": {"date": end}}


def a_resource(google_id: str = "google1", **fields: Any) -> Mapping[str, Any]:
    """Return a Google event as a listing shows it."""
    defaults = {"id": google_id, "status": "confirmed", "etag": '"1"', "summary": "Meeting", **timed_body()}
    return {**defaults, **fields}
