"""What it means to be a `Calendar`: one suite for the fake and for Google's adapter (facing the simulator).

A subclass gives the fixture `user`: the same calendar, in the hands of the person who owns it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import pytest

from plugin.core.errors import (
    AlreadyExistsError,
    NotFoundError,
    RefusedError,
    StoreError,
    SyncTokenExpiredError,
    VersionMismatchError,
)
from plugin.core.mapping.google_event import Resource
from plugin.sync.ports import EventDelete, EventInsert, EventOperation, EventPatch, GoogleRecords, Outcome

FIRST, SECOND, THIRD = "aaaaa1", "bbbbb2", "ccccc3"

TIMES = {
    "start": {"dateTime": "2027-03-01T10:00:00+01:00", "timeZone": "Europe/Madrid"},
    "end": {"dateTime": "2027-03-01T11:00:00+01:00", "timeZone": "Europe/Madrid"},
}


class CalendarUser(Protocol):
    """What the calendar's owner does, and what may happen to it."""

    calendar: GoogleRecords

    def insert(self, google_id: str, **fields: Any) -> Resource: ...

    def edit(self, google_id: str, **fields: Any) -> Resource: ...

    def delete(self, google_id: str) -> None: ...

    def expire_sync_tokens(self) -> None: ...

    def set_page_size(self, size: int) -> None: ...


def changes_since(calendar: GoogleRecords, sync_token: str | None) -> tuple[dict[str, Resource], str]:
    """Read all pages; return the resources by id and the next sync token."""
    found: dict[str, Resource] = {}
    page_token = None
    while True:
        page = calendar.fetch_changes(sync_token, page_token)
        found |= {resource["id"]: resource for resource in page.resources}
        if page.sync_token is not None:
            return found, page.sync_token
        page_token = page.page_token


def write_one(calendar: GoogleRecords, operation: EventOperation) -> Outcome:
    [outcome] = calendar.write([operation])
    assert outcome.google_id == operation.google_id
    return outcome


def error_of(outcome: Outcome) -> type[StoreError]:
    assert outcome.error is not None
    return type(outcome.error)


def etag_of(calendar: GoogleRecords, google_id: str) -> str:
    [outcome] = calendar.fetch_records([google_id])
    assert outcome.resource is not None
    return str(outcome.resource["etag"])


def ids(outcomes: Sequence[Outcome]) -> list[str]:
    return [outcome.google_id for outcome in outcomes]


class CalendarContract:
    """Every test is a promise that the use cases count on."""

    @pytest.fixture
    def calendar(self, user: CalendarUser) -> GoogleRecords:
        return user.calendar

    # --- listing ---

    def test_full_listing_holds_events_and_tombstones(
        self, calendar: GoogleRecords, user: CalendarUser
    ) -> None:
        user.insert(FIRST, summary="one", **TIMES)
        user.insert(SECOND, summary="two", **TIMES)
        user.delete(SECOND)

        found, _ = changes_since(calendar, None)

        assert {i: r["status"] for i, r in found.items()} == {FIRST: "confirmed", SECOND: "cancelled"}
        assert found[FIRST]["summary"] == "one"

    def test_increment_holds_only_what_changed_in_its_newest_state(
        self, calendar: GoogleRecords, user: CalendarUser
    ) -> None:
        user.insert(FIRST, summary="one", **TIMES)
        user.insert(SECOND, summary="two", **TIMES)
        _, sync_token = changes_since(calendar, None)
        user.edit(FIRST, summary="uno")
        user.edit(FIRST, summary="ein")

        found, _ = changes_since(calendar, sync_token)

        assert {i: r["summary"] for i, r in found.items()} == {FIRST: "ein"}

    def test_events_of_mails_are_listed_and_what_else_google_makes_is_not(
        self, calendar: GoogleRecords, user: CalendarUser
    ) -> None:
        user.insert(FIRST, eventType="fromGmail", summary="Flight", **TIMES)
        user.insert(SECOND, eventType="outOfOffice", **TIMES)

        found, _ = changes_since(calendar, None)

        assert {i: resource["eventType"] for i, resource in found.items()} == {FIRST: "fromGmail"}

    def test_event_of_a_mail_is_not_to_be_changed(self, calendar: GoogleRecords, user: CalendarUser) -> None:
        user.insert(FIRST, eventType="fromGmail", summary="Flight", **TIMES)

        patch = EventPatch(FIRST, etag_of(calendar, FIRST), {"summary": "Changed"})

        assert error_of(write_one(calendar, patch)) is RefusedError

    def test_increment_reports_a_deletion(self, calendar: GoogleRecords, user: CalendarUser) -> None:
        user.insert(FIRST, **TIMES)
        _, sync_token = changes_since(calendar, None)
        user.delete(FIRST)

        found, _ = changes_since(calendar, sync_token)

        assert found[FIRST]["status"] == "cancelled"

    def test_nothing_changed_gives_an_empty_increment(
        self, calendar: GoogleRecords, user: CalendarUser
    ) -> None:
        user.insert(FIRST, **TIMES)
        _, sync_token = changes_since(calendar, None)

        found, next_token = changes_since(calendar, sync_token)

        assert found == {}
        assert changes_since(calendar, next_token)[0] == {}

    def test_sync_token_may_be_used_again(self, calendar: GoogleRecords, user: CalendarUser) -> None:
        _, sync_token = changes_since(calendar, None)
        user.insert(FIRST, **TIMES)

        first, second = (changes_since(calendar, sync_token)[0] for _ in range(2))

        assert first.keys() == second.keys() == {FIRST}

    @pytest.mark.parametrize("is_increment", [False, True], ids=["full", "increment"])
    def test_listing_comes_in_pages(
        self, calendar: GoogleRecords, user: CalendarUser, *, is_increment: bool
    ) -> None:
        sync_token = changes_since(calendar, None)[1] if is_increment else None
        for google_id in (FIRST, SECOND, THIRD):
            user.insert(google_id, **TIMES)
        user.set_page_size(2)

        first = calendar.fetch_changes(sync_token, None)
        last = calendar.fetch_changes(sync_token, first.page_token)

        assert (len(first.resources), first.sync_token) == (2, None)
        assert (len(last.resources), last.page_token) == (1, None)
        assert {r["id"] for r in [*first.resources, *last.resources]} == {FIRST, SECOND, THIRD}

    def test_change_made_while_paging_is_in_the_next_increment(
        self, calendar: GoogleRecords, user: CalendarUser
    ) -> None:
        for google_id in (FIRST, SECOND, THIRD):
            user.insert(google_id, **TIMES)
        user.set_page_size(2)
        first = calendar.fetch_changes(None, None)
        user.edit(FIRST, summary="meanwhile")
        last = calendar.fetch_changes(None, first.page_token)

        found, _ = changes_since(calendar, last.sync_token)

        assert found[FIRST]["summary"] == "meanwhile"

    def test_dead_sync_token_is_told_apart(self, calendar: GoogleRecords, user: CalendarUser) -> None:
        _, sync_token = changes_since(calendar, None)
        user.expire_sync_tokens()

        with pytest.raises(SyncTokenExpiredError):
            calendar.fetch_changes(sync_token, None)
        assert changes_since(calendar, None)[0] == {}

    def test_list_parameters_are_a_stable_text(self, calendar: GoogleRecords) -> None:
        asked = calendar.list_parameters
        _, sync_token = changes_since(calendar, None)
        changes_since(calendar, sync_token)

        assert asked
        assert calendar.list_parameters == asked

    # --- fetching ---

    def test_fetch_tells_living_cancelled_and_unknown_apart(
        self, calendar: GoogleRecords, user: CalendarUser
    ) -> None:
        user.insert(FIRST, **TIMES)
        user.insert(SECOND, **TIMES)
        user.delete(SECOND)

        living, cancelled, unknown = calendar.fetch_records([FIRST, SECOND, THIRD])

        assert living.resource is not None
        assert living.resource["status"] == "confirmed"
        assert cancelled.resource is not None
        assert cancelled.resource["status"] == "cancelled"
        assert error_of(unknown) is NotFoundError

    def test_fetch_takes_more_ids_than_a_batch(self, calendar: GoogleRecords, user: CalendarUser) -> None:
        wanted = [f"event{number:03d}" for number in range(calendar.max_batch + 5)]
        for google_id in wanted:
            user.insert(google_id, **TIMES)

        outcomes = calendar.fetch_records(wanted)

        assert ids(outcomes) == wanted
        assert all(outcome.resource for outcome in outcomes)

    def test_fetching_nothing_asks_nothing(self, calendar: GoogleRecords) -> None:
        assert list(calendar.fetch_records([])) == []

    # --- writing ---

    def test_insert_answers_what_google_holds_now(self, calendar: GoogleRecords) -> None:
        body = {"summary": "new", "extendedProperties": {"private": {"gsyncLink": "k"}}, **TIMES}

        outcome = write_one(calendar, EventInsert(FIRST, body))

        assert outcome.resource is not None
        assert outcome.resource["summary"] == "new"
        assert outcome.resource["extendedProperties"]["private"] == {"gsyncLink": "k"}
        assert outcome.resource["etag"] == etag_of(calendar, FIRST)

    def test_own_insert_comes_back_with_the_etag_of_the_answer(self, calendar: GoogleRecords) -> None:
        _, sync_token = changes_since(calendar, None)
        outcome = write_one(calendar, EventInsert(FIRST, {"summary": "new", **TIMES}))

        found, _ = changes_since(calendar, sync_token)

        assert outcome.resource is not None
        assert found[FIRST]["etag"] == outcome.resource["etag"]

    @pytest.mark.parametrize("state", ["living", "tombstone"])
    def test_insert_under_a_taken_id_is_refused(
        self, calendar: GoogleRecords, user: CalendarUser, state: str
    ) -> None:
        user.insert(FIRST, summary="there", **TIMES)
        if state == "tombstone":
            user.delete(FIRST)

        outcome = write_one(calendar, EventInsert(FIRST, {"summary": "mine", **TIMES}))

        assert error_of(outcome) is AlreadyExistsError
        [now] = calendar.fetch_records([FIRST])
        assert now.resource is not None
        assert now.resource["status"] == ("confirmed" if state == "living" else "cancelled")

    def test_insert_that_makes_no_sense_is_refused_for_good(self, calendar: GoogleRecords) -> None:
        assert error_of(write_one(calendar, EventInsert(FIRST, {"summary": "no times"}))) is RefusedError

    def test_patch_changes_the_named_fields_only(self, calendar: GoogleRecords, user: CalendarUser) -> None:
        etag = user.insert(FIRST, summary="old", location="here", **TIMES)["etag"]

        outcome = write_one(calendar, EventPatch(FIRST, etag, {"summary": "new"}))

        assert outcome.resource is not None
        assert (outcome.resource["summary"], outcome.resource["location"]) == ("new", "here")
        assert outcome.resource["etag"] not in ("", etag)

    def test_patch_turns_timed_into_all_day(self, calendar: GoogleRecords, user: CalendarUser) -> None:
        etag = user.insert(FIRST, **TIMES)["etag"]
        nothing = {"dateTime": None, "timeZone": None}
        body = {"start": {"date": "2027-03-01"} | nothing, "end": {"date": "2027-03-02"} | nothing}

        outcome = write_one(calendar, EventPatch(FIRST, etag, body))

        assert outcome.resource is not None
        assert outcome.resource["start"] == {"date": "2027-03-01"}

    def test_patch_keeps_what_another_program_left_there(
        self, calendar: GoogleRecords, user: CalendarUser
    ) -> None:
        etag = user.insert(FIRST, extendedProperties={"private": {"theirs": "1"}}, **TIMES)["etag"]
        ours = {"extendedProperties": {"private": {"gsyncLink": "k"}}}

        outcome = write_one(calendar, EventPatch(FIRST, etag, ours))

        assert outcome.resource is not None
        assert outcome.resource["extendedProperties"]["private"] == {"theirs": "1", "gsyncLink": "k"}

    @pytest.mark.parametrize("kind", ["patch", "delete"])
    def test_write_over_somebody_elses_edit_is_refused(
        self, calendar: GoogleRecords, user: CalendarUser, kind: str
    ) -> None:
        etag = user.insert(FIRST, summary="old", **TIMES)["etag"]
        user.edit(FIRST, summary="theirs")
        operation = (
            EventPatch(FIRST, etag, {"summary": "ours"}) if kind == "patch" else EventDelete(FIRST, etag)
        )

        assert error_of(write_one(calendar, operation)) is VersionMismatchError
        [now] = calendar.fetch_records([FIRST])
        assert now.resource is not None
        assert (now.resource["status"], now.resource["summary"]) == ("confirmed", "theirs")

    @pytest.mark.parametrize("kind", ["patch", "delete"])
    def test_write_that_knows_no_version_is_refused(
        self, calendar: GoogleRecords, user: CalendarUser, kind: str
    ) -> None:
        user.insert(FIRST, summary="theirs", **TIMES)
        operation = EventPatch(FIRST, "", {"summary": "ours"}) if kind == "patch" else EventDelete(FIRST, "")

        assert error_of(write_one(calendar, operation)) is VersionMismatchError
        [now] = calendar.fetch_records([FIRST])
        assert now.resource is not None
        assert (now.resource["status"], now.resource["summary"]) == ("confirmed", "theirs")

    def test_patch_of_an_unknown_event_says_so(self, calendar: GoogleRecords) -> None:
        assert error_of(write_one(calendar, EventPatch(FIRST, '"1"', {"summary": "x"}))) is NotFoundError

    def test_delete_leaves_a_tombstone(self, calendar: GoogleRecords, user: CalendarUser) -> None:
        etag = user.insert(FIRST, **TIMES)["etag"]

        outcome = write_one(calendar, EventDelete(FIRST, etag))

        assert (outcome.resource, outcome.error) == (None, None)
        [now] = calendar.fetch_records([FIRST])
        assert now.resource is not None
        assert now.resource["status"] == "cancelled"

    @pytest.mark.parametrize("state", ["deleted by the user", "unknown"])
    def test_delete_of_what_is_gone_is_done(
        self, calendar: GoogleRecords, user: CalendarUser, state: str
    ) -> None:
        etag = '"1"'
        if state != "unknown":
            etag = user.insert(FIRST, **TIMES)["etag"]
            user.delete(FIRST)

        assert write_one(calendar, EventDelete(FIRST, etag)).error is None

    def test_batch_answers_each_operation_in_order(self, calendar: GoogleRecords, user: CalendarUser) -> None:
        old = user.insert(SECOND, **TIMES)["etag"]
        user.edit(SECOND, summary="theirs")
        doomed = user.insert(THIRD, **TIMES)["etag"]

        outcomes = calendar.write(
            [
                EventDelete(THIRD, doomed),
                EventInsert(FIRST, {"summary": "new", **TIMES}),
                EventPatch(SECOND, old, {"summary": "ours"}),
            ]
        )

        assert ids(outcomes) == [THIRD, FIRST, SECOND]
        assert outcomes[0].error is None
        assert outcomes[1].resource is not None
        assert error_of(outcomes[2]) is VersionMismatchError

    def test_full_batch_is_taken(self, calendar: GoogleRecords) -> None:
        body = {"summary": "one of many", **TIMES}
        operations = [EventInsert(f"event{number:03d}", body) for number in range(calendar.max_batch)]

        assert all(outcome.resource for outcome in calendar.write(operations))
        assert len(changes_since(calendar, None)[0]) == calendar.max_batch

    def test_writing_nothing_asks_nothing(self, calendar: GoogleRecords) -> None:
        assert list(calendar.write([])) == []

    def test_caller_mistakes_are_refused_before_anything_is_sent(self, calendar: GoogleRecords) -> None:
        body = {"summary": "x", **TIMES}
        with pytest.raises(ValueError, match="two operations"):
            calendar.write([EventInsert(FIRST, body), EventDelete(FIRST, '"1"')])
        with pytest.raises(ValueError, match="two operations"):
            calendar.write([EventDelete(f"{FIRST}_2027030{day}T090000Z", '"1"') for day in (1, 2)])
        with pytest.raises(ValueError, match="attendees"):
            calendar.write([EventInsert(FIRST, body | {"attendees": []})])
        with pytest.raises(ValueError, match="batch"):
            calendar.write(
                [EventInsert(f"event{number:03d}", body) for number in range(calendar.max_batch + 1)]
            )
        assert changes_since(calendar, None)[0] == {}
