"""events.list: pages and sync tokens."""

from __future__ import annotations

import random
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.simulator.lists import LUCIA, ids, make, pages, sync


def test_a_mirror_kept_by_increments_equals_the_full_list(events: Any, sim: Any) -> None:
    chance = random.Random(7)
    sim.post("switches", page_size_cap=3)
    mirror: dict[str, Any] = {}
    token = pages(events)[-1]["nextSyncToken"]
    living: list[str] = []
    for step in range(60):
        kind = chance.choice(["insert", "patch", "delete", "sync"])
        if kind == "insert":
            living.append(make(sim, step)["id"])
        elif kind != "sync" and living:
            event_id = chance.choice(living)
            sim.edit(LUCIA, kind, event_id, summary=f"paso {step}")
            if kind == "delete":
                living.remove(event_id)
        else:
            found = pages(events, syncToken=token)
            token = found[-1]["nextSyncToken"]
            mirror |= {item["id"]: item for page in found for item in page["items"]}
    mirror |= {item["id"]: item for page in pages(events, syncToken=token) for item in page["items"]}
    full = {item["id"]: item for page in pages(events) for item in page["items"]}
    assert {key: item for key, item in mirror.items() if item["status"] != "cancelled"} == full
    assert sorted(full) == sorted(living)


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
    with pytest.raises(HttpError):
        events.list(calendarId="primary", maxResults=0).execute()
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


@pytest.mark.parametrize(
    ("filtered", "expected"), [(False, ["event0001", "event0002"]), (True, ["event0002"])]
)
def test_increments_after_a_windowed_list(events: Any, sim: Any, filtered: bool, expected: list[str]) -> None:
    token = pages(events, timeMin="2026-11-23T00:00:00Z")[-1]["nextSyncToken"]
    sim.post("switches", filtered_increments=filtered)
    make(sim, 1, "2026-01-07")
    make(sim, 2, "2026-11-24")
    assert ids(sync(events, token)) == expected
