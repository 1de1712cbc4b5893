"""calendarList, calendars, colours and settings."""

from __future__ import annotations

from typing import Any

import pytest
from googleapiclient.errors import HttpError

LUCIA, MARCO, HOLIDAYS = "lucia@empresa.example", "marco@empresa.example", "festivos@empresa.example"


def listed(calendar: Any, **query: Any) -> dict[str, Any]:
    return {item["id"]: item for item in calendar.calendarList().list(**query).execute()["items"]}


def test_the_list_tells_role_zone_and_which_is_primary(calendar: Any) -> None:
    found = listed(calendar)
    assert found[LUCIA]["primary"] is True
    assert (found[LUCIA]["accessRole"], found[HOLIDAYS]["accessRole"]) == ("owner", "reader")
    assert found[HOLIDAYS]["summary"] == "Festivos"
    assert found[LUCIA]["timeZone"] == "Europe/Madrid"
    assert calendar.calendarList().get(calendarId="primary").execute()["id"] == LUCIA
    assert set(listed(calendar, minAccessRole="writer")) == {LUCIA}


@pytest.mark.parametrize("role", ["freeBusyReader", "writerWithoutPrivateAccess", "writer"])
def test_roles_are_what_was_shared(calendar: Any, sim: Any, role: str) -> None:
    sim.post("share", calendar=HOLIDAYS, email=LUCIA, role=role)
    assert listed(calendar)[HOLIDAYS]["accessRole"] == role


def test_the_list_has_sync_tokens_and_hidden_entries_of_its_own(calendar: Any, sim: Any) -> None:
    lists = calendar.calendarList()
    token = lists.list().execute()["nextSyncToken"]
    assert lists.list(syncToken=token).execute()["items"] == []
    lists.patch(calendarId=HOLIDAYS, body={"hidden": True, "summaryOverride": "Fiestas"}).execute()
    assert HOLIDAYS not in listed(calendar)
    assert listed(calendar, showHidden=True)[HOLIDAYS]["summaryOverride"] == "Fiestas"
    page = lists.list(syncToken=token).execute()
    assert [item["id"] for item in page["items"]] == [HOLIDAYS]
    sim.post("share", calendar=HOLIDAYS, email=LUCIA, role=None)
    page = lists.list(syncToken=page["nextSyncToken"]).execute()
    assert [(item["id"], item["deleted"]) for item in page["items"]] == [(HOLIDAYS, True)]
    with pytest.raises(HttpError) as error:
        lists.list(syncToken=token, minAccessRole="owner").execute()
    assert error.value.status_code == 400


def test_the_list_is_paged(calendar: Any) -> None:
    lists = calendar.calendarList()
    first = lists.list(maxResults=1).execute()
    second = lists.list(maxResults=1, pageToken=first["nextPageToken"]).execute()
    assert len(first["items"]) == len(second["items"]) == 1
    assert "nextSyncToken" in second


def test_a_new_calendar_belongs_to_its_creator(calendar: Any, connect: Any) -> None:
    made = calendar.calendars().insert(body={"summary": "CRM", "timeZone": "Atlantic/Canary"}).execute()
    assert listed(calendar)[made["id"]]["accessRole"] == "owner"
    assert calendar.calendars().get(calendarId=made["id"]).execute()["timeZone"] == "Atlantic/Canary"
    edge = {"dateTime": "2026-11-23T10:00:00"}
    event = calendar.events().insert(calendarId=made["id"], body={"start": edge, "end": edge}).execute()
    assert event["start"] == {"dateTime": "2026-11-23T10:00:00Z", "timeZone": "Atlantic/Canary"}
    assert event["organizer"] == {"email": made["id"], "displayName": "CRM", "self": True}
    calendar.calendars().patch(calendarId=made["id"], body={"summary": "Otro"}).execute()
    assert listed(calendar)[made["id"]]["summary"] == "Otro"
    calendar.calendars().delete(calendarId=made["id"]).execute()
    assert made["id"] not in listed(calendar)
    with pytest.raises(HttpError) as error:
        calendar.events().list(calendarId=made["id"]).execute()
    assert error.value.status_code == 404
    with pytest.raises(HttpError):
        calendar.calendars().insert(body={"description": "sin nombre"}).execute()


def test_only_owners_delete_and_never_the_primary(calendar: Any, connect: Any) -> None:
    for calendar_id in (HOLIDAYS, "primary"):
        with pytest.raises(HttpError) as error:
            calendar.calendars().delete(calendarId=calendar_id).execute()
        assert error.value.status_code == 403


def test_clear_empties_the_primary_calendar(calendar: Any) -> None:
    edge = {"date": "2026-11-23"}, {"date": "2026-11-24"}
    calendar.events().insert(calendarId="primary", body={"start": edge[0], "end": edge[1]}).execute()
    calendar.calendars().clear(calendarId="primary").execute()
    assert calendar.events().list(calendarId="primary").execute()["items"] == []


def test_colours_and_settings(calendar: Any) -> None:
    assert calendar.colors().get().execute()["event"]["11"]["background"] == "#dc2127"
    assert calendar.settings().get(setting="timezone").execute()["value"] == "Europe/Madrid"
    assert {item["id"] for item in calendar.settings().list().execute()["items"]} >= {"locale", "timezone"}
