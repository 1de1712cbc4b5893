"""events.list: pages, sync tokens, filters, partial answers."""

from __future__ import annotations

from typing import Any

import pytest
from googleapiclient.errors import HttpError

LUCIA = "lucia@empresa.example"


def make(sim: Any, number: int, day: str = "2026-11-23", **more: Any) -> Any:
    body = {
        "id": f"event{number:04d}",
        "summary": f"Evento {number}",
        "start": {"dateTime": f"{day}T10:00:00", "timeZone": "Europe/Madrid"},
        "end": {"dateTime": f"{day}T11:00:00", "timeZone": "Europe/Madrid"},
        **more,
    }
    return sim.edit(LUCIA, "insert", **body)


def pages(events: Any, **query: Any) -> list[Any]:
    found = []
    request = events.list(calendarId="primary", **query)
    while request is not None:
        found.append(request.execute())
        request = events.list_next(request, found[-1])
    return found


def ids(*pages: Any) -> list[str]:
    return [item["id"] for page in pages for item in page["items"]]


def sync(events: Any, token: str, **query: Any) -> Any:
    return events.list(calendarId="primary", syncToken=token, **query).execute()


def reason(error: pytest.ExceptionInfo[HttpError]) -> tuple[int, str]:
    return error.value.status_code, error.value.error_details[0]["reason"]


def test_pages_hold_everything_once_and_the_last_has_the_sync_token(events: Any, sim: Any) -> None:
    for number in range(7):
        make(sim, number)
    found = pages(events, maxResults=3)
    assert [len(page["items"]) for page in found] == [3, 3, 1]
    assert sorted(ids(*found)) == [f"event{n:04d}" for n in range(7)]
    assert ["nextSyncToken" in page for page in found] == [False, False, True]
    assert ["nextPageToken" in page for page in found] == [True, True, False]
    assert found[0]["timeZone"] == "Europe/Madrid"
    assert found[0]["accessRole"] == "owner"


def test_page_size_is_clamped_to_2500_and_capped_by_the_switch(events: Any, sim: Any) -> None:
    for number in range(3):
        make(sim, number)
    assert len(events.list(calendarId="primary", maxResults=9999).execute()["items"]) == 3
    sim.post("switches", page_size_cap=2)
    assert [len(page["items"]) for page in pages(events)] == [2, 1]
    sim.post("switches", page_size_cap=None, empty_pages=True)
    assert [len(page["items"]) for page in pages(events)] == [0, 3]


def test_an_increment_has_the_last_state_of_what_changed_with_tombstones(events: Any, sim: Any) -> None:
    for number in range(4):
        make(sim, number)
    token = pages(events)[-1]["nextSyncToken"]
    assert ids(sync(events, token)) == []
    sim.edit(LUCIA, "patch", "event0001", summary="uno")
    sim.edit(LUCIA, "patch", "event0001", summary="dos")
    sim.edit(LUCIA, "delete", "event0002")
    make(sim, 9)
    page = sync(events, token)
    assert ids(page) == ["event0001", "event0002", "event0009"]
    assert page["items"][0]["summary"] == "dos"
    assert page["items"][1]["status"] == "cancelled"
    assert ids(sync(events, page["nextSyncToken"])) == []


def test_what_changes_while_paging_comes_in_the_next_increment(events: Any, sim: Any) -> None:
    for number in range(4):
        make(sim, number)
    first = events.list(calendarId="primary", maxResults=2).execute()
    sim.edit(LUCIA, "patch", "event0003", summary="cambiado")
    sim.edit(LUCIA, "delete", "event0000")
    rest = pages(events, maxResults=2, pageToken=first["nextPageToken"])
    assert ids(*rest) == ["event0002", "event0003"]
    assert rest[0]["items"][1]["summary"] == "Evento 3"
    assert ids(sync(events, rest[-1]["nextSyncToken"])) == ["event0003", "event0000"]


def test_increments_are_paged_too(events: Any, sim: Any) -> None:
    token = pages(events)[-1]["nextSyncToken"]
    for number in range(5):
        make(sim, number)
    found = pages(events, syncToken=token, maxResults=2)
    assert [len(page["items"]) for page in found] == [2, 2, 1]
    assert ids(sync(events, found[-1]["nextSyncToken"])) == []


@pytest.mark.parametrize(
    "query",
    [
        {"iCalUID": "x"},
        {"orderBy": "updated"},
        {"privateExtendedProperty": "a=b"},
        {"q": "x"},
        {"sharedExtendedProperty": "a=b"},
        {"timeMin": "2026-01-01T00:00:00Z"},
        {"timeMax": "2026-01-01T00:00:00Z"},
        {"updatedMin": "2026-01-01T00:00:00Z"},
        {"showDeleted": False},
    ],
    ids=lambda query: next(iter(query)),
)
def test_a_sync_token_goes_with_no_filter(events: Any, query: dict[str, Any]) -> None:
    token = pages(events)[-1]["nextSyncToken"]
    with pytest.raises(HttpError) as error:
        sync(events, token, **query)
    assert error.value.status_code == 400


def test_a_dead_sync_token_asks_for_a_full_sync(events: Any, sim: Any) -> None:
    token = pages(events)[-1]["nextSyncToken"]
    sim.post("expire-sync-tokens")
    with pytest.raises(HttpError) as error:
        sync(events, token)
    assert error.value.status_code == 410
    assert error.value.error_details[0] == {
        "domain": "calendar",
        "reason": "fullSyncRequired",
        "message": "Sync token is no longer valid, a full sync is required.",
        "locationType": "parameter",
        "location": "syncToken",
    }


def test_tokens_die_by_age_by_acl_change_and_at_a_reset(events: Any, sim: Any) -> None:
    sim.post("switches", sync_token_days=3)
    token = pages(events)[-1]["nextSyncToken"]
    sim.post("clock", advance_s=3 * 86400 + 60)
    access = sim.post("token", email=LUCIA, scopes=["https://www.googleapis.com/auth/calendar"])
    session, path = sim.session, f"{sim.url}/calendar/v3/calendars/primary/events"
    headers = {"Authorization": f"Bearer {access['access_token']}"}
    assert session.get(path, params={"syncToken": token}, headers=headers).status_code == 410
    fresh = session.get(path, headers=headers).json()["nextSyncToken"]
    sim.post("share", calendar=LUCIA, email="marco@empresa.example", role="reader")
    assert session.get(path, params={"syncToken": fresh}, headers=headers).status_code == 410


@pytest.mark.parametrize("status", ["410", "400"])
def test_garbage_for_a_sync_token_answers_as_switched(events: Any, sim: Any, status: str) -> None:
    sim.post("switches", garbage_sync_token=status)
    with pytest.raises(HttpError) as error:
        sync(events, "garbage")
    assert error.value.status_code == int(status)


def test_other_parameters_than_at_first_are_refused_where_switched(events: Any, sim: Any) -> None:
    token = pages(events)[-1]["nextSyncToken"]
    sync(events, token, singleEvents=True)
    sim.post("switches", token_parameters="400")
    with pytest.raises(HttpError) as error:
        sync(events, token, singleEvents=True)
    assert error.value.status_code == 400


def test_ordered_lists_bring_no_sync_token(events: Any) -> None:
    assert "nextSyncToken" not in pages(events, orderBy="updated")[-1]
    with pytest.raises(HttpError) as error:
        pages(events, orderBy="startTime")
    assert error.value.status_code == 400


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


@pytest.mark.parametrize(
    ("filtered", "expected"), [(False, ["event0001", "event0002"]), (True, ["event0002"])]
)
def test_increments_after_a_windowed_list(events: Any, sim: Any, filtered: bool, expected: list[str]) -> None:
    token = pages(events, timeMin="2026-11-23T00:00:00Z")[-1]["nextSyncToken"]
    sim.post("switches", filtered_increments=filtered)
    make(sim, 1, "2026-01-07")
    make(sim, 2, "2026-11-24")
    assert ids(sync(events, token)) == expected


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
    for broken in ("items(id", "bogus", "items(bogus)", ""):
        if broken:
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
