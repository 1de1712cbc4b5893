"""Meetings on several calendars, and the mails that would go out."""

from __future__ import annotations

from typing import Any

import pytest
from googleapiclient.errors import HttpError

LUCIA, MARCO, OUTSIDE = "lucia@empresa.example", "marco@empresa.example", "ana@fuera.example"


@pytest.fixture
def marco(connect: Any) -> Any:
    return connect(MARCO).events()


def meeting(**more: Any) -> dict[str, Any]:
    return {
        "id": "meeting",
        "summary": "Kick-off",
        "start": {"dateTime": "2026-11-23T10:00:00+01:00"},
        "end": {"dateTime": "2026-11-23T11:00:00+01:00"},
        "attendees": [{"email": LUCIA, "responseStatus": "accepted"}, {"email": MARCO}, {"email": OUTSIDE}],
        **more,
    }


def insert(events: Any, **options: Any) -> Any:
    return events.insert(calendarId="primary", body=meeting(**options.pop("more", {})), **options).execute()


def get(events: Any) -> Any:
    return events.get(calendarId="primary", eventId="meeting").execute()


def patch(events: Any, body: dict[str, Any], **options: Any) -> Any:
    return events.patch(calendarId="primary", eventId="meeting", body=body, **options).execute()


def answers(event: Any) -> dict[str, str]:
    return {person["email"]: person["responseStatus"] for person in event["attendees"]}


def test_a_guest_with_an_account_gets_a_copy(events: Any, marco: Any) -> None:
    own = insert(events)
    copy = get(marco)
    assert (copy["summary"], copy["iCalUID"]) == ("Kick-off", own["iCalUID"])
    assert copy["organizer"] == {"email": LUCIA}
    assert own["organizer"] == {"email": LUCIA, "self": True}
    me = next(person for person in copy["attendees"] if person.get("self"))
    assert me["email"] == MARCO
    assert next(p for p in own["attendees"] if p["email"] == LUCIA)["organizer"] is True


def test_changes_and_deletion_by_the_organizer_reach_the_copies(events: Any, marco: Any) -> None:
    insert(events)
    patch(events, {"summary": "Otra"})
    assert get(marco)["summary"] == "Otra"
    events.delete(calendarId="primary", eventId="meeting").execute()
    assert get(marco)["status"] == "cancelled"


def test_an_uninvited_guest_loses_the_copy(events: Any, marco: Any) -> None:
    insert(events)
    patch(events, {"attendees": [{"email": OUTSIDE}]})
    assert get(marco)["status"] == "cancelled"


def test_a_guests_answer_flows_back_and_other_edits_stay_local(events: Any, marco: Any) -> None:
    insert(events)
    people = get(marco)["attendees"]
    for person in people:
        if person.get("self"):
            person["responseStatus"] = "accepted"
    patch(marco, {"attendees": people, "summary": "A mi manera"})
    assert answers(get(events))[MARCO] == "accepted"
    assert get(events)["summary"] == "Kick-off"
    assert get(marco)["summary"] == "A mi manera"
    marco.delete(calendarId="primary", eventId="meeting").execute()
    assert answers(get(events))[MARCO] == "declined"


def test_private_properties_and_reminders_stay_on_their_copy(events: Any, marco: Any) -> None:
    insert(events, more={"extendedProperties": {"private": {"crm": "1"}, "shared": {"s": "2"}}})
    assert get(marco)["extendedProperties"] == {"shared": {"s": "2"}}
    patch(marco, {"extendedProperties": {"private": {"crm": "9"}}, "colorId": "5"})
    patch(events, {"summary": "Otra"})
    assert get(marco)["extendedProperties"] == {"private": {"crm": "9"}, "shared": {"s": "2"}}
    assert get(marco)["colorId"] == "5"
    assert get(events)["extendedProperties"]["private"] == {"crm": "1"}


def test_only_the_organizer_sets_what_guests_may_do(events: Any, marco: Any) -> None:
    insert(events, more={"guestsCanModify": True})
    for request in (
        marco.patch(calendarId="primary", eventId="meeting", body={"guestsCanModify": False}),
        marco.update(calendarId="primary", eventId="meeting", body=meeting()),
    ):
        with pytest.raises(HttpError) as error:
            request.execute()
        assert error.value.status_code == 403
        assert error.value.error_details[0]["reason"] == "forbiddenForNonOrganizer"
    patch(marco, {"description": "nota mía"})


@pytest.mark.parametrize(
    ("send_updates", "recipients"),
    [("all", [MARCO, OUTSIDE]), ("externalOnly", [OUTSIDE]), ("none", []), (None, [])],
)
def test_send_updates_decides_who_would_get_mail(
    events: Any, sim: Any, send_updates: str | None, recipients: list[str]
) -> None:
    options = {"sendUpdates": send_updates} if send_updates else {}
    insert(events, **options)
    patch(events, {"summary": "Otra"}, **options)
    events.delete(calendarId="primary", eventId="meeting", **options).execute()
    mails = sim.mails()
    expected = [(k, to) for k in ("invitation", "update", "cancellation") for to in recipients]
    assert [(mail["kind"], mail["to"]) for mail in mails] == expected


def test_write_that_does_not_say_may_mail_all_the_same(events: Any, sim: Any) -> None:
    sim.post("switches", mails_unasked=True)
    insert(events)
    patch(events, {"summary": "Otra"}, sendUpdates="none")
    assert [(mail["kind"], mail["to"]) for mail in sim.mails()] == [
        ("invitation", MARCO),
        ("invitation", OUTSIDE),
    ]


def test_a_guest_answering_aloud_writes_to_the_organizer(events: Any, marco: Any, sim: Any) -> None:
    insert(events)
    marco.delete(calendarId="primary", eventId="meeting", sendUpdates="all").execute()
    assert [(mail["kind"], mail["to"], mail["actor"]) for mail in sim.mails()] == [("response", LUCIA, MARCO)]


def test_attendees_beyond_the_maximum_are_omitted(events: Any) -> None:
    insert(events)
    short = events.get(calendarId="primary", eventId="meeting", maxAttendees=1).execute()
    assert (len(short["attendees"]), short["attendeesOmitted"]) == (1, True)


def test_series_and_their_exceptions_reach_the_guest_too(events: Any, marco: Any) -> None:
    edges = {
        name: {"dateTime": f"2026-11-23T{hour}:00:00", "timeZone": "Europe/Madrid"}
        for name, hour in (("start", 10), ("end", 11))
    }
    insert(events, more={"recurrence": ["RRULE:FREQ=DAILY;COUNT=3"], **edges})
    second = "meeting_20261124T090000Z"
    events.patch(calendarId="primary", eventId=second, body={"summary": "Otra"}).execute()
    assert marco.get(calendarId="primary", eventId=second).execute()["summary"] == "Otra"
    events.delete(calendarId="primary", eventId="meeting_20261125T090000Z").execute()
    items = marco.list(calendarId="primary", singleEvents=True).execute()["items"]
    assert len(items) == 2
    events.delete(calendarId="primary", eventId="meeting").execute()
    assert marco.list(calendarId="primary", singleEvents=True).execute()["items"] == []
