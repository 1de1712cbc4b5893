"""events.get, insert, import, update, patch, delete."""

from __future__ import annotations

import re
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.simulator.bodies import MADRID, get, insert, patch, refusal, timed


def test_insert_fills_in_what_the_server_knows(events: Any) -> None:
    event = insert(events, timed())
    assert re.fullmatch(r"[a-v0-9]{26}", event["id"])
    assert event["iCalUID"] == f"{event['id']}@google.com"
    assert (event["kind"], event["status"], event["eventType"]) == ("calendar#event", "confirmed", "default")
    assert event["organizer"] == event["creator"] == {"email": "lucia@empresa.example", "self": True}
    assert re.fullmatch(r'"\d+"', event["etag"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["updated"])
    assert event["start"] == {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": MADRID}
    assert event["reminders"] == {"useDefault": True}
    assert event["htmlLink"].startswith("http://127.0.0.1")


def test_a_time_from_another_zone_is_echoed_in_the_calendars(events: Any) -> None:
    start = {"dateTime": "2026-07-01T08:00:00-04:00"}
    end = {"dateTime": "2026-07-01T09:00:00", "timeZone": "America/New_York"}
    event = insert(events, {"start": start, "end": end})
    assert event["start"] == {"dateTime": "2026-07-01T14:00:00+02:00", "timeZone": MADRID}
    assert event["end"] == {"dateTime": "2026-07-01T15:00:00+02:00", "timeZone": "America/New_York"}


def test_a_wall_time_that_the_clocks_skip_becomes_a_real_one(events: Any) -> None:
    edges = {name: {"dateTime": "2026-03-29T02:30:00", "timeZone": MADRID} for name in ("start", "end")}
    assert insert(events, edges)["start"]["dateTime"] == "2026-03-29T03:30:00+02:00"


def test_patch_merges_objects_drops_nulls_and_replaces_arrays(events: Any) -> None:
    guests = [{"email": "a@fuera.example"}, {"email": "b@fuera.example"}]
    properties = {"private": {"one": "1", "two": "2"}}
    event = insert(events, timed(description="x", attendees=guests, extendedProperties=properties))
    change = {
        "description": None,
        "attendees": guests[:1],
        "extendedProperties": {"private": {"two": None, "three": "3"}},
    }
    after = patch(events, event["id"], change)
    assert after["summary"] == "Reunión"
    assert "description" not in after
    assert [guest["email"] for guest in after["attendees"]] == ["a@fuera.example"]
    assert after["extendedProperties"] == {"private": {"one": "1", "three": "3"}}


def test_timed_becomes_all_day_when_the_other_member_is_nulled(events: Any) -> None:
    event = insert(events, timed())
    with pytest.raises(HttpError):
        patch(events, event["id"], {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}})
    nulls = {"dateTime": None, "timeZone": None}
    after = patch(
        events,
        event["id"],
        {"start": {"date": "2026-11-23", **nulls}, "end": {"date": "2026-11-24", **nulls}},
    )
    assert (after["start"], after["end"]) == ({"date": "2026-11-23"}, {"date": "2026-11-24"})


def test_update_replaces_everything_a_client_may_write(events: Any) -> None:
    event = insert(events, timed(description="x", location="y", colorId="3"))
    after = events.update(calendarId="primary", eventId=event["id"], body=timed(summary="Otra")).execute()
    assert after["summary"] == "Otra"
    assert not {"description", "location", "colorId"} & set(after)
    assert (after["id"], after["iCalUID"], after["created"]) == (
        event["id"],
        event["iCalUID"],
        event["created"],
    )


def test_every_write_changes_the_etag_and_reminders_alone_leave_updated(events: Any, sim: Any) -> None:
    event = insert(events, timed())
    sim.post("clock", advance_s=5)
    reminders = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 3}]}
    reminded = patch(events, event["id"], {"reminders": reminders})
    assert reminded["etag"] != event["etag"]
    assert reminded["updated"] == event["updated"]
    renamed = patch(events, event["id"], {"summary": "Otra"})
    assert renamed["updated"] > event["updated"]
    assert renamed["sequence"] == 0
    moved = patch(events, event["id"], {"end": {"dateTime": "2026-11-23T12:00:00"}})
    assert moved["sequence"] == 1


@pytest.mark.parametrize("operation", ["patch", "update", "delete"])
def test_a_write_with_a_stale_etag_is_refused_unless_forced(events: Any, operation: str) -> None:
    event = insert(events, timed())
    patch(events, event["id"], {"summary": "Otra"})
    arguments = {"calendarId": "primary", "eventId": event["id"]}
    if operation != "delete":
        arguments["body"] = timed()
    request = getattr(events, operation)(**arguments)
    request.headers["If-Match"] = event["etag"]
    with pytest.raises(HttpError) as error:
        request.execute()
    assert refusal(error) == (412, "global", "conditionNotMet")
    request = getattr(events, operation)(**arguments)
    request.headers["If-Match"] = "*"
    request.execute()


def test_get_with_the_known_etag_says_not_modified(api: Any, url: str, events: Any) -> None:
    event = insert(events, timed())
    path = f"{url}/calendar/v3/calendars/primary/events/{event['id']}"
    answer = api.get(path, headers={"If-None-Match": event["etag"]})
    assert (answer.status_code, answer.content) == (304, b"")


def test_delete_leaves_a_tombstone_that_can_be_revived(events: Any, api: Any, url: str) -> None:
    event = insert(events, timed())
    answer = api.delete(f"{url}/calendar/v3/calendars/primary/events/{event['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    with pytest.raises(HttpError) as error:
        events.delete(calendarId="primary", eventId=event["id"]).execute()
    assert refusal(error) == (410, "global", "deleted")
    stone = get(events, event["id"])
    assert stone["status"] == "cancelled"
    assert stone["etag"] != event["etag"]
    assert patch(events, event["id"], {"status": "confirmed"})["summary"] == "Reunión"


def test_bare_tombstones_hold_only_what_is_guaranteed(events: Any, sim: Any) -> None:
    event = insert(events, timed())
    events.delete(calendarId="primary", eventId=event["id"]).execute()
    sim.post("switches", tombstones="bare")
    assert set(get(events, event["id"])) == {"kind", "id", "etag", "status"}


def test_import_makes_a_private_copy_by_ical_uid(events: Any) -> None:
    body = timed(iCalUID="uid-1@otro.example", organizer={"email": "jefa@otro.example"})
    first = events.import_(calendarId="primary", body=body).execute()
    again = events.import_(calendarId="primary", body={**body, "summary": "Otra"}).execute()
    assert again["id"] == first["id"]
    assert again["organizer"] == {"email": "jefa@otro.example"}
    assert (
        events.list(calendarId="primary", iCalUID="uid-1@otro.example").execute()["items"][0]["summary"]
        == "Otra"
    )
    with pytest.raises(HttpError) as error:
        events.import_(calendarId="primary", body=timed()).execute()
    assert refusal(error)[::2] == (400, "required")


def test_moving_makes_the_other_calendar_the_organizer_and_leaves_a_stub(calendar: Any) -> None:
    events = calendar.events()
    other = calendar.calendars().insert(body={"summary": "CRM"}).execute()["id"]
    event = insert(events, timed())
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    moved = events.move(calendarId="primary", eventId=event["id"], destination=other).execute()
    assert (moved["id"], moved["organizer"]["email"], moved["organizer"]["self"]) == (
        event["id"],
        other,
        True,
    )
    stub = events.list(calendarId="primary", syncToken=token).execute()["items"][0]
    assert (set(stub), stub["status"]) == ({"kind", "id", "etag", "status"}, "cancelled")
    assert events.get(calendarId=other, eventId=event["id"]).execute()["summary"] == "Reunión"
