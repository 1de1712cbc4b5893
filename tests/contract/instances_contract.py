"""What a `Calendar` makes of single occurrences of a series: one suite for the fake and for Google's adapter.

An occurrence that nobody has touched exists by the rule alone; Google gives it under an id made of the series' and its start.
https://developers.google.com/workspace/calendar/api/guides/recurringevents
"""

from __future__ import annotations

import pytest

from plugin.core.errors import NotFoundError, VersionMismatchError
from plugin.sync.ports import Calendar, EventDelete, EventInsert, EventPatch
from tests.contract.calendar_contract import (
    FIRST,
    TIMES,
    CalendarUser,
    changes_since,
    error_of,
    etag_of,
    write_one,
)

WEEKLY = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"], **TIMES}
# 1, 8 and 15 March 2027, ten o'clock in Madrid
SLOTS = [f"{FIRST}_{day}T090000Z" for day in ("20270301", "20270308", "20270315")]
NONE = f"{FIRST}_20270302T090000Z"


class InstancesContract:
    """Every test is a promise that the use cases count on."""

    @pytest.fixture
    def calendar(self, user: CalendarUser) -> Calendar:
        return user.calendar

    @pytest.fixture
    def sync_token(self, calendar: Calendar, user: CalendarUser) -> str:
        """A series, and the token of a listing that knows it."""
        user.insert(FIRST, summary="Course", **WEEKLY)
        return changes_since(calendar, None)[1]

    def test_series_is_inserted_with_its_rule(self, calendar: Calendar) -> None:
        outcome = write_one(calendar, EventInsert(FIRST, {"summary": "Course", **WEEKLY}))

        assert outcome.resource is not None
        assert outcome.resource["recurrence"] == WEEKLY["recurrence"]
        listed, _ = changes_since(calendar, None)
        assert (list(listed), listed[FIRST]["etag"]) == ([FIRST], outcome.resource["etag"])

    @pytest.mark.usefixtures("sync_token")
    def test_untouched_occurrence_is_found_by_its_id(self, calendar: Calendar) -> None:
        found, missing = calendar.fetch_events([SLOTS[1], NONE])

        assert found.resource is not None
        assert (found.resource["id"], found.resource["summary"]) == (SLOTS[1], "Course")
        assert found.resource["recurringEventId"] == FIRST
        assert "recurrence" not in found.resource
        assert found.resource["start"]["dateTime"].startswith("2027-03-08T10:00:00")
        assert found.resource["etag"]
        assert error_of(missing) is NotFoundError

    def test_patched_occurrence_is_listed_as_an_exception(self, calendar: Calendar, sync_token: str) -> None:
        master = etag_of(calendar, FIRST)
        outcome = write_one(calendar, EventPatch(SLOTS[1], etag_of(calendar, SLOTS[1]), {"summary": "Exam"}))

        assert outcome.resource is not None
        assert outcome.resource["recurringEventId"] == FIRST
        listed, _ = changes_since(calendar, sync_token)
        assert {i: (r["summary"], r["etag"]) for i, r in listed.items() if i != FIRST} == {
            SLOTS[1]: ("Exam", outcome.resource["etag"])
        }
        # The others are as they were, and so is their series.
        assert etag_of(calendar, FIRST) == master
        others = calendar.fetch_events([FIRST, SLOTS[0], SLOTS[2]])
        assert {o.resource["summary"] for o in others if o.resource} == {"Course"}

    def test_moved_occurrence_keeps_its_id(self, calendar: Calendar, sync_token: str) -> None:
        times = {
            "start": {"dateTime": "2027-03-10T16:00:00+01:00", "timeZone": "Europe/Madrid"},
            "end": {"dateTime": "2027-03-10T17:00:00+01:00", "timeZone": "Europe/Madrid"},
        }
        write_one(calendar, EventPatch(SLOTS[1], etag_of(calendar, SLOTS[1]), times))

        exception = changes_since(calendar, sync_token)[0][SLOTS[1]]
        assert exception["start"]["dateTime"].startswith("2027-03-10T16:00:00")
        assert exception["originalStartTime"]["dateTime"].startswith("2027-03-08T10:00:00")

    def test_deleted_occurrence_is_listed_as_a_cancelled_exception(
        self, calendar: Calendar, sync_token: str
    ) -> None:
        assert write_one(calendar, EventDelete(SLOTS[1], etag_of(calendar, SLOTS[1]))).error is None

        listed, _ = changes_since(calendar, sync_token)
        assert {i: r["status"] for i, r in listed.items() if i != FIRST} == {SLOTS[1]: "cancelled"}
        assert listed[SLOTS[1]]["recurringEventId"] == FIRST
        others = calendar.fetch_events([FIRST, SLOTS[0], SLOTS[2]])
        assert {o.resource["status"] for o in others if o.resource} == {"confirmed"}

    @pytest.mark.usefixtures("sync_token")
    @pytest.mark.parametrize("kind", ["patch", "delete"])
    def test_write_over_an_edit_of_that_occurrence_is_refused(
        self, calendar: Calendar, user: CalendarUser, kind: str
    ) -> None:
        etag = etag_of(calendar, SLOTS[1])
        user.edit(SLOTS[1], summary="Theirs")
        operation = (
            EventPatch(SLOTS[1], etag, {"summary": "Ours"})
            if kind == "patch"
            else EventDelete(SLOTS[1], etag)
        )

        assert error_of(write_one(calendar, operation)) is VersionMismatchError

    @pytest.mark.usefixtures("sync_token")
    def test_delete_of_a_cancelled_occurrence_is_done(self, calendar: Calendar, user: CalendarUser) -> None:
        etag = etag_of(calendar, SLOTS[1])
        user.delete(SLOTS[1])

        assert write_one(calendar, EventDelete(SLOTS[1], etag)).error is None

    def test_series_taken_away_takes_its_exceptions_along(
        self, calendar: Calendar, user: CalendarUser, sync_token: str
    ) -> None:
        user.edit(SLOTS[1], summary="Exam")
        user.delete(FIRST)

        listed, _ = changes_since(calendar, sync_token)
        assert {i: r["status"] for i, r in listed.items()} == {FIRST: "cancelled", SLOTS[1]: "cancelled"}
