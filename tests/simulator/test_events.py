"""events.get, insert, import, update, patch, delete."""

from __future__ import annotations

import re
from typing import Any

import pytest
from googleapiclient.errors import HttpError

MADRID = "Europe/Madrid"


def timed(day: str = "2026-11-23", **more: Any) -> dict[str, Any]:
    return {
        "summary": "Reunión",
        "start": {"dateTime": f"{day}T10:00:00", "timeZone": MADRID},
        "end": {"dateTime": f"{day}T11:00:00", "timeZone": MADRID},
        **more,
    }


def whole_day(first: str = "2026-11-23", end: str = "2026-11-24", **more: Any) -> dict[str, Any]:
    return {"summary": "Feria", "start": {"date": first}, "end": {"date": end}, **more}


def refusal(error: pytest.ExceptionInfo[HttpError]) -> tuple[int, str, str]:
    first = error.value.error_details[0]
    return error.value.status_code, first["domain"], first["reason"]


def insert(events: Any, body: dict[str, Any], **options: Any) -> dict[str, Any]:
    return dict(events.insert(calendarId="primary", body=body, **options).execute())


def patch(events: Any, event_id: str, body: dict[str, Any], **options: Any) -> dict[str, Any]:
    return dict(events.patch(calendarId="primary", eventId=event_id, body=body, **options).execute())


def get(events: Any, event_id: str) -> dict[str, Any]:
    return dict(events.get(calendarId="primary", eventId=event_id).execute())


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


@pytest.mark.parametrize("event_id", ["abcd", "ABCDEF", "wxyz12", "abc-de", "a" * 1025])
def test_an_id_outside_base32hex_is_refused(events: Any, event_id: str) -> None:
    with pytest.raises(HttpError) as error:
        insert(events, timed(id=event_id))
    assert refusal(error) == (400, "global", "invalid")


def test_an_id_is_given_once_even_after_deletion(events: Any) -> None:
    insert(events, timed(id="abcde"))
    with pytest.raises(HttpError) as error:
        insert(events, timed(id="abcde"))
    assert refusal(error) == (409, "global", "duplicate")
    events.delete(calendarId="primary", eventId="abcde").execute()
    with pytest.raises(HttpError) as error:
        insert(events, timed(id="abcde"))
    assert refusal(error) == (409, "global", "duplicate")


def test_id_and_foreign_ical_uid_together_are_refused(events: Any) -> None:
    with pytest.raises(HttpError) as error:
        insert(events, timed(id="abcde", iCalUID="otro@empresa.example"))
    assert refusal(error)[0] == 400


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"start": None}, "required"),
        ({"end": None}, "required"),
        ({"end": {"date": "2026-11-24"}}, "invalid"),
        ({"start": {"date": "2026-11-23", "dateTime": "2026-11-23T10:00:00Z"}}, "invalid"),
        ({"start": {"dateTime": "2026-11-23 diez", "timeZone": MADRID}}, "invalid"),
        ({"start": {"dateTime": "2026-11-23T10:00:00", "timeZone": "Europe/Atlantis"}}, "invalid"),
        ({"end": {"dateTime": "2026-11-23T09:00:00", "timeZone": MADRID}}, "timeRangeEmpty"),
        (
            {"start": {"dateTime": "2026-11-23T10:00:00+01:00"}, "recurrence": ["RRULE:FREQ=DAILY"]},
            "required",
        ),
        ({"recurrence": ["RRULE:FREQ=OFTEN"]}, "invalid"),
        ({"recurrence": ["DTSTART:20261123T100000Z"]}, "invalid"),
        ({"attendees": [{"displayName": "Sin correo"}]}, "required"),
        ({"attendees": [{"email": "nadie"}]}, "invalid"),
        ({"status": "perhaps"}, "invalid"),
        (
            {"reminders": {"useDefault": True, "overrides": [{"method": "popup", "minutes": 5}]}},
            "cannotUseDefaultRemindersAndSpecifyOverride",
        ),
        (
            {"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 1}] * 6}},
            "invalid",
        ),
        (
            {"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 40321}]}},
            "invalid",
        ),
        ({"eventType": "fromGmail"}, "eventTypeRestriction"),
    ],
)
def test_a_body_that_breaks_a_rule_is_refused(events: Any, change: dict[str, Any], reason: str) -> None:
    with pytest.raises(HttpError) as error:
        insert(events, timed() | change)
    assert refusal(error)[::2] == (400, reason)


def test_all_day_ends_exclusively_and_not_before_it_starts(events: Any) -> None:
    assert insert(events, whole_day())["end"] == {"date": "2026-11-24"}
    with pytest.raises(HttpError) as error:
        insert(events, whole_day("2026-11-23", "2026-11-23"))
    assert refusal(error) == (400, "calendar", "timeRangeEmpty")


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


def test_unknown_event_and_unknown_calendar_are_not_found(events: Any) -> None:
    for arguments in ({"calendarId": "primary"}, {"calendarId": "nadie@empresa.example"}):
        with pytest.raises(HttpError) as error:
            events.get(eventId="abcde", **arguments).execute()
        assert refusal(error) == (404, "global", "notFound")


def test_extended_properties_keep_googles_limits(events: Any) -> None:
    private = {"k" * 45: "lost", "k" * 44: "v" * 2000}
    event = insert(events, timed(extendedProperties={"private": private}))
    assert event["extendedProperties"] == {"private": {"k" * 44: "v" * 1024}}
    with pytest.raises(HttpError):
        insert(events, timed(extendedProperties={"private": {f"k{n}": "v" for n in range(301)}}))


def test_conference_data_counts_only_with_version_1(events: Any) -> None:
    data = {"conferenceId": "abc-defg-hij"}
    assert "conferenceData" not in insert(events, timed(conferenceData=data))
    event = insert(events, timed(conferenceData=data), conferenceDataVersion=1)
    assert event["conferenceData"] == data
    assert patch(events, event["id"], {"summary": "Otra"})["conferenceData"] == data
    after = events.update(calendarId="primary", eventId=event["id"], body=timed()).execute()
    assert "conferenceData" not in after


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


def test_special_event_types_keep_their_rules(events: Any, sim: Any) -> None:
    event = insert(events, timed(eventType="outOfOffice"))
    with pytest.raises(HttpError) as error:
        patch(events, event["id"], {"eventType": "default"})
    assert refusal(error) == (400, "calendar", "eventTypeRestriction")
    mailed = sim.edit("lucia@empresa.example", "insert", **timed(eventType="fromGmail"))
    with pytest.raises(HttpError) as error:
        patch(events, mailed["id"], {"summary": "Otra"})
    assert refusal(error)[2] == "eventTypeRestriction"
    assert patch(events, mailed["id"], {"colorId": "4"})["colorId"] == "4"


def test_the_sequence_policy_can_be_switched(events: Any, sim: Any) -> None:
    event = insert(events, timed())
    sim.post("switches", sequence="always")
    assert patch(events, event["id"], {"summary": "Otra"})["sequence"] == 1


def test_descriptions_become_html_where_the_switch_says_so(events: Any, sim: Any) -> None:
    sim.post("switches", html_descriptions=True)
    assert insert(events, timed(description="uno\ndos"))["description"] == "uno<br>dos"
