"""events.list: windows, filters, partial answers, roles."""

from __future__ import annotations

from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.simulator.lists import LUCIA, ids, make, pages, reason


def test_the_window_looks_at_the_end_and_the_start_exclusively(events: Any, sim: Any) -> None:
    make(sim, 1, "2026-11-23")
    make(sim, 2, "2026-11-24")
    make(sim, 3, "2026-11-25")
    assert ids(*pages(events, timeMin="2026-11-23T11:00:00+01:00")) == ["event0002", "event0003"]
    assert ids(*pages(events, timeMax="2026-11-25T10:00:00+01:00")) == ["event0001", "event0002"]
    with pytest.raises(HttpError) as error:
        pages(events, timeMin="2026-11-23T00:00:00Z", timeMax="2026-11-22T00:00:00Z")
    assert reason(error) == (400, "timeRangeEmpty")
    with pytest.raises(HttpError):
        pages(events, timeMin="2026-11-23")


def test_deleted_events_are_listed_on_demand_and_by_updated_min(events: Any, sim: Any) -> None:
    make(sim, 1)
    sim.edit(LUCIA, "delete", "event0001")
    now = sim.post("clock", advance_s=0)["now"]
    assert ids(*pages(events)) == []
    assert ids(*pages(events, showDeleted=True)) == ["event0001"]
    assert ids(*pages(events, updatedMin=now[:11] + "00:00:00Z")) == ["event0001"]
    with pytest.raises(HttpError) as error:
        pages(events, updatedMin="2020-01-01T00:00:00Z")
    assert reason(error) == (410, "updatedMinTooLongAgo")


def test_old_tombstones_are_forgotten_where_switched(events: Any, sim: Any) -> None:
    make(sim, 1)
    sim.edit(LUCIA, "delete", "event0001")
    sim.post("switches", tombstone_days=0.0001)
    sim.post("clock", advance_s=60)
    assert ids(*pages(events, showDeleted=True)) == []
    with pytest.raises(HttpError) as error:
        events.get(calendarId="primary", eventId="event0001").execute()
    assert error.value.status_code == 404


def test_filters_by_type_text_and_properties(events: Any, sim: Any) -> None:
    make(sim, 1, summary="Visita a Bilbao", extendedProperties={"private": {"crm": "7"}})
    make(sim, 2, eventType="outOfOffice", extendedProperties={"private": {"crm": "8"}, "shared": {"s": "1"}})
    assert ids(*pages(events, eventTypes=["default"])) == ["event0001"]
    assert ids(*pages(events, eventTypes=["default", "outOfOffice"])) == ["event0001", "event0002"]
    assert ids(*pages(events, q="bilbao")) == ["event0001"]
    both = ["crm=7", "crm=8"]
    assert ids(*pages(events, privateExtendedProperty=both)) == ["event0001", "event0002"]
    assert ids(*pages(events, privateExtendedProperty=both, sharedExtendedProperty="s=1")) == ["event0002"]


def test_fields_select_a_part_of_the_answer(events: Any, sim: Any) -> None:
    make(sim, 1, extendedProperties={"private": {"crm": "7"}})
    selector = "items(id,start/dateTime,extendedProperties(private)),nextPageToken,nextSyncToken"
    page = events.list(calendarId="primary", fields=selector).execute()
    assert set(page) == {"items", "nextSyncToken"}
    assert page["items"] == [
        {
            "id": "event0001",
            "start": {"dateTime": "2026-11-23T10:00:00+01:00"},
            "extendedProperties": {"private": {"crm": "7"}},
        }
    ]
    assert events.get(calendarId="primary", eventId="event0001", fields="id").execute() == {"id": "event0001"}
    for broken in ("items(id", "bogus", "items(bogus)"):
        with pytest.raises(HttpError) as error:
            events.list(calendarId="primary", fields=broken).execute()
        assert error.value.status_code == 400


def test_times_are_rendered_in_the_zone_asked_for(events: Any, sim: Any) -> None:
    make(sim, 1)
    item = events.list(calendarId="primary", timeZone="America/New_York").execute()["items"][0]
    assert item["start"]["dateTime"] == "2026-11-23T04:00:00-05:00"


def test_a_reader_sees_no_details_of_private_events(connect: Any, sim: Any) -> None:
    make(sim, 1, visibility="private")
    sim.post("share", calendar=LUCIA, email="marco@empresa.example", role="reader")
    marco = connect("marco@empresa.example").events()
    item = marco.list(calendarId=LUCIA).execute()["items"][0]
    assert "summary" not in item
    assert item["visibility"] == "private"
    with pytest.raises(HttpError) as error:
        marco.patch(calendarId=LUCIA, eventId="event0001", body={"summary": "x"}).execute()
    assert reason(error) == (403, "requiredAccessLevel")
