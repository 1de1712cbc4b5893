"""Google's adapter keeps the contract, facing the simulator over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from plugin.core.errors import CollectionLostError, FencedError, LockLostError
from plugin.core.mapping.google_event import Resource
from plugin.sync.ports import EventDelete, EventInsert, EventPatch, GoogleRecords
from tests.contract.calendar_contract import FIRST, SECOND, THIRD, TIMES, CalendarContract, changes_since
from tests.contract.instances_contract import InstancesContract
from tests.simulated_google import EMAIL, SimulatedGoogle


class SimulatedUser:
    """The owner of the simulated calendar."""

    def __init__(self, google: SimulatedGoogle) -> None:
        self.google = google
        self.calendar: GoogleRecords = google.calendar()

    def insert(self, google_id: str, **fields: Any) -> Resource:
        made: Resource = self.google.edit("insert", body={"id": google_id, **fields})
        return made

    def edit(self, google_id: str, **fields: Any) -> Resource:
        made: Resource = self.google.edit("patch", google_id, fields)
        return made

    def delete(self, google_id: str) -> None:
        self.google.edit("delete", google_id)

    def expire_sync_tokens(self) -> None:
        self.google.control("POST", "expire-sync-tokens")

    def set_page_size(self, size: int) -> None:
        self.google.switch(page_size_cap=size)


class TestGoogleCalendar(CalendarContract, InstancesContract):
    @pytest.fixture
    def user(self, google: SimulatedGoogle) -> SimulatedUser:
        return SimulatedUser(google)


def test_empty_page_in_the_middle_does_not_end_the_listing(google: SimulatedGoogle) -> None:
    google.edit("insert", body={"id": FIRST, **TIMES})
    google.switch(empty_pages=True)

    assert changes_since(google.calendar(), None)[0].keys() == {FIRST}


def test_start_limit_narrows_full_listings_and_is_part_of_the_parameters(google: SimulatedGoogle) -> None:
    google.edit("insert", body={"id": FIRST, **TIMES})
    limited = google.calendar(time_min_utc=datetime(2028, 1, 1, tzinfo=UTC))

    found, sync_token = changes_since(limited, None)

    assert found == {}
    assert changes_since(limited, sync_token)[0] == {}
    assert limited.list_parameters != google.calendar().list_parameters


@pytest.mark.parametrize("is_batch", [False, True])
def test_nobody_gets_a_mail(google: SimulatedGoogle, *, is_batch: bool) -> None:
    guests = [{"email": "marco@empresa.example"}]
    etag = google.edit("insert", body={"id": FIRST, "attendees": guests, **TIMES})["etag"]
    doomed = google.edit("insert", body={"id": SECOND, "attendees": guests, **TIMES})["etag"]
    body = {"summary": "new", **TIMES}

    operations = [EventPatch(FIRST, etag, body), EventDelete(SECOND, doomed), EventInsert(THIRD, body)]
    size = len(operations) if is_batch else 1
    outcomes = [
        outcome
        for start in range(0, len(operations), size)
        for outcome in google.calendar().write(operations[start : start + size])
    ]

    assert [outcome.error for outcome in outcomes] == [None, None, None]
    assert google.control("GET", "outbox")["mails"] == []
    assert google.edit("patch", FIRST)["attendees"][0]["email"] == "marco@empresa.example"


def test_lock_is_asked_before_each_batch_and_nothing_is_sent_without_it(google: SimulatedGoogle) -> None:
    def lost() -> None:
        raise LockLostError

    [outcome] = google.calendar(before_request=lost).write([EventInsert(FIRST, TIMES)])

    assert isinstance(outcome.error, FencedError) and isinstance(outcome.error.reason, LockLostError)
    assert google.requests("events.insert") == []


def test_many_operations_are_one_request_and_one_operation_is_no_batch(google: SimulatedGoogle) -> None:
    transport = google.transport()
    calendar = google.calendar(transport)

    etags = [o.resource["etag"] for o in calendar.write([EventInsert(i, TIMES) for i in (FIRST, SECOND)])]
    calendar.write([EventPatch(FIRST, etags[0], {"summary": "new"})])

    assert (transport.usage.requests, transport.usage.quota_units) == (2, 5)
    assert len(google.requests("batch")) == 1
    assert "batch" not in google.requests("events.patch")[0]


def test_clash_inside_a_batch_is_sent_again_alone(google: SimulatedGoogle) -> None:
    google.fault("events.insert", nth=2, status=409, reason="conflict")

    outcomes = google.calendar().write([EventInsert(i, TIMES) for i in (FIRST, SECOND, THIRD)])

    assert all(outcome.resource for outcome in outcomes)
    assert ["batch" in entry for entry in google.requests("events.insert")] == [True, True, True, False]


def test_calendar_taken_away_is_not_a_calendar_whose_events_were_deleted(google: SimulatedGoogle) -> None:
    etags = [google.edit("insert", body={"id": i, **TIMES})["etag"] for i in (FIRST, SECOND)]
    calendar = google.calendar()
    google.control("POST", "share", {"calendar": EMAIL, "email": EMAIL, "role": None})

    fetched = calendar.fetch_records([FIRST, SECOND])
    written = calendar.write([EventPatch(FIRST, etags[0], {"summary": "x"}), EventDelete(SECOND, etags[1])])

    assert {type(outcome.error) for outcome in [*fetched, *written]} == {CollectionLostError}
