"""Series, instances and exceptions."""

from __future__ import annotations

from typing import Any

import pytest
from googleapiclient.errors import HttpError

MADRID = "Europe/Madrid"


def series(rule: str = "RRULE:FREQ=WEEKLY;COUNT=4", day: str = "2026-10-12", **more: Any) -> dict[str, Any]:
    """Mondays at 9; the clocks go back on 2026-10-25."""
    return {
        "id": "series",
        "summary": "Ventas",
        "recurrence": [rule],
        "start": {"dateTime": f"{day}T09:00:00", "timeZone": MADRID},
        "end": {"dateTime": f"{day}T10:00:00", "timeZone": MADRID},
        **more,
    }


def insert(events: Any, body: dict[str, Any]) -> Any:
    return events.insert(calendarId="primary", body=body).execute()


def singles(events: Any, **query: Any) -> list[Any]:
    arguments = {"calendarId": "primary", "singleEvents": True, "orderBy": "startTime"} | query
    return list(events.list(**arguments).execute()["items"])


def starts(items: list[Any]) -> list[str]:
    return [item["start"].get("dateTime") or item["start"]["date"] for item in items]


def instance(events: Any, event_id: str) -> Any:
    return events.get(calendarId="primary", eventId=event_id).execute()


FIRST, SECOND, THIRD = (
    "series_20261012T070000Z",
    "series_20261019T070000Z",
    "series_20261026T080000Z",
)


def test_wall_clock_time_is_kept_across_the_change_of_the_clocks(events: Any) -> None:
    insert(events, series())
    items = singles(events)
    assert starts(items) == [
        "2026-10-12T09:00:00+02:00",
        "2026-10-19T09:00:00+02:00",
        "2026-10-26T09:00:00+01:00",
        "2026-11-02T09:00:00+01:00",
    ]
    assert [item["id"] for item in items][:3] == [FIRST, SECOND, THIRD]
    assert "recurrence" not in items[0]
    assert items[2]["recurringEventId"] == "series"
    assert items[2]["originalStartTime"] == items[2]["start"]
    assert items[2]["iCalUID"] == "series@google.com"


def test_without_single_events_the_series_is_one_item(events: Any) -> None:
    insert(events, series())
    items = events.list(calendarId="primary").execute()["items"]
    assert [item["id"] for item in items] == ["series"]


@pytest.mark.parametrize(
    ("rules", "days"),
    [
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Madrid:20261013T090000"], [12, 14]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261013T070000Z"], [12, 14]),
        (["RRULE:FREQ=DAILY;COUNT=2", "RDATE;TZID=Europe/Madrid:20261020T090000"], [12, 13, 20]),
        (["RRULE:FREQ=DAILY;UNTIL=20261014T070000Z"], [12, 13, 14]),
        (["RRULE:FREQ=DAILY;UNTIL=20261014T065959Z"], [12, 13]),
        (["RRULE:FREQ=DAILY;UNTIL=20261014"], [12, 13, 14]),
        (["RDATE;TZID=Europe/Madrid:20261020T090000"], [12, 20]),
    ],
)
def test_rules_with_exceptions_and_extra_dates(events: Any, rules: list[str], days: list[int]) -> None:
    insert(events, series() | {"recurrence": rules})
    assert [int(start[8:10]) for start in starts(singles(events))] == days


def test_whole_day_series(events: Any) -> None:
    body = {
        "id": "feria",
        "recurrence": ["RRULE:FREQ=MONTHLY;COUNT=3", "EXDATE;VALUE=DATE:20261130"],
        "start": {"date": "2026-10-30"},
        "end": {"date": "2026-11-01"},
    }
    insert(events, body)
    items = singles(events)
    assert [item["id"] for item in items] == ["feria_20261030", "feria_20261230"]
    assert items[0]["end"] == {"date": "2026-11-01"}
    assert instance(events, "feria_20261030")["start"] == {"date": "2026-10-30"}


def test_a_window_cuts_an_endless_series(events: Any) -> None:
    insert(events, series("RRULE:FREQ=WEEKLY"))
    window = {"timeMin": "2030-01-01T00:00:00Z", "timeMax": "2030-02-01T00:00:00Z"}
    assert len(singles(events, **window)) == 4
    assert len(events.list(calendarId="primary", **window).execute()["items"]) == 1
    before = {"timeMax": "2026-01-01T00:00:00Z"}
    assert events.list(calendarId="primary", **before).execute()["items"] == []


def test_instances_can_be_listed_and_read_but_only_real_ones(events: Any) -> None:
    insert(events, series())
    found = events.instances(calendarId="primary", eventId="series").execute()["items"]
    assert [item["id"] for item in found][:2] == [FIRST, SECOND]
    page = events.instances(calendarId="primary", eventId="series", maxResults=3).execute()
    assert len(page["items"]) == 3
    assert page["nextPageToken"]
    assert instance(events, SECOND)["start"]["dateTime"] == "2026-10-19T09:00:00+02:00"
    for wrong in ("series_20261019T080000Z", "series_20261020T070000Z", "series_20261019", "nobody_20261019"):
        with pytest.raises(HttpError) as error:
            instance(events, wrong)
        assert error.value.status_code == 404


def test_a_moved_instance_keeps_its_slot(events: Any) -> None:
    insert(events, series())
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    body = {"start": {"dateTime": "2026-10-20T12:00:00"}, "end": {"dateTime": "2026-10-20T13:00:00"}}
    moved = events.patch(calendarId="primary", eventId=SECOND, body=body).execute()
    assert moved["originalStartTime"]["dateTime"] == "2026-10-19T09:00:00+02:00"
    assert moved["recurringEventId"] == "series"
    assert starts(singles(events))[1] == "2026-10-20T12:00:00+02:00"
    assert len(singles(events)) == 4
    assert {item["id"] for item in events.list(calendarId="primary").execute()["items"]} == {"series", SECOND}
    increment = events.list(calendarId="primary", syncToken=token).execute()["items"]
    assert [item["id"] for item in increment] == [SECOND]


@pytest.mark.parametrize("how", ["delete", "patch"])
def test_a_cancelled_instance_is_always_listed_with_its_slot(events: Any, how: str) -> None:
    insert(events, series())
    if how == "delete":
        events.delete(calendarId="primary", eventId=SECOND).execute()
    else:
        events.patch(calendarId="primary", eventId=SECOND, body={"status": "cancelled"}).execute()
    stone = next(i for i in events.list(calendarId="primary").execute()["items"] if i["id"] == SECOND)
    assert (stone["status"], stone["recurringEventId"]) == ("cancelled", "series")
    assert stone["originalStartTime"]["dateTime"] == "2026-10-19T09:00:00+02:00"
    assert "start" not in stone
    assert len(singles(events)) == 3
    with pytest.raises(HttpError) as error:
        events.delete(calendarId="primary", eventId=SECOND).execute()
    assert error.value.status_code == 410
    events.patch(calendarId="primary", eventId=SECOND, body={"status": "confirmed"}).execute()
    assert len(singles(events)) == 4


def test_deleting_a_series_takes_its_exceptions_along(events: Any) -> None:
    insert(events, series())
    events.patch(calendarId="primary", eventId=SECOND, body={"summary": "Otra"}).execute()
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    events.delete(calendarId="primary", eventId="series").execute()
    increment = events.list(calendarId="primary", syncToken=token).execute()["items"]
    assert {(i["id"], i["status"]) for i in increment} == {("series", "cancelled"), (SECOND, "cancelled")}
    assert singles(events) == []
    assert events.list(calendarId="primary").execute()["items"] == []


def test_this_and_following_by_trimming_the_series(events: Any) -> None:
    insert(events, series())
    events.patch(calendarId="primary", eventId=THIRD, body={"summary": "Otra"}).execute()
    rule = {"recurrence": ["RRULE:FREQ=WEEKLY;UNTIL=20261025T215959Z"]}
    events.patch(calendarId="primary", eventId="series", body=rule).execute()
    assert [item["id"] for item in singles(events)] == [FIRST, SECOND]
    assert instance(events, THIRD)["status"] == "cancelled"


def test_a_new_time_for_the_series_drops_its_exceptions(events: Any) -> None:
    insert(events, series())
    events.patch(calendarId="primary", eventId=SECOND, body={"summary": "Otra"}).execute()
    body = {"start": {"dateTime": "2026-10-12T11:00:00"}, "end": {"dateTime": "2026-10-12T12:00:00"}}
    events.patch(calendarId="primary", eventId="series", body=body).execute()
    assert {item["summary"] for item in singles(events)} == {"Ventas"}
    assert starts(singles(events))[1] == "2026-10-19T11:00:00+02:00"


def test_an_instance_takes_no_rule_of_its_own(events: Any) -> None:
    insert(events, series())
    with pytest.raises(HttpError) as error:
        events.patch(
            calendarId="primary", eventId=SECOND, body={"recurrence": ["RRULE:FREQ=DAILY"]}
        ).execute()
    assert error.value.status_code == 400
