"""What an event may hold: refusals, limits, and what the server makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.simulator.bodies import MADRID, insert, patch, refusal, timed, whole_day


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
        ({"recurrence": ["RRULE:FREQ=DAILY;INTERVAL=0"]}, "invalid"),
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


@pytest.mark.parametrize(
    "odd",
    [
        {"start": "2026-11-23"},
        {"attendees": ["ana@fuera.example"]},
        {"attendees": {"email": "ana@fuera.example"}},
        {"recurrence": "RRULE:FREQ=DAILY"},
        {"recurrence": [7]},
        {"reminders": "none"},
        {"reminders": {"overrides": ["popup"]}},
        {"extendedProperties": {"private": ["a"]}},
        {"extendedProperties": 7},
        {"sequence": "many"},
    ],
    ids=repr,
)
def test_a_body_of_the_wrong_shape_is_a_bad_request(events: Any, odd: dict[str, Any]) -> None:
    with pytest.raises(HttpError) as error:
        insert(events, timed() | odd)
    assert error.value.status_code == 400
