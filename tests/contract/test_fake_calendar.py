"""The fake keeps the contract; and its switches do what tests of the use cases rely on."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.core.errors import UnavailableError
from plugin.core.mapping.google_event import Resource
from plugin.sync.ports import Calendar, EventInsert
from tests.contract.calendar_contract import FIRST, SECOND, TIMES, CalendarContract, changes_since
from tests.contract.instances_contract import InstancesContract
from tests.fakes.calendar import FakeCalendar


class FakeUser:
    """The owner of a FakeCalendar."""

    def __init__(self) -> None:
        self.fake = FakeCalendar()
        self.calendar: Calendar = self.fake

    def insert(self, google_id: str, **fields: Any) -> Resource:
        return self.fake.insert_as_user(google_id, **fields)

    def edit(self, google_id: str, **fields: Any) -> Resource:
        return self.fake.edit_as_user(google_id, **fields)

    def delete(self, google_id: str) -> None:
        self.fake.delete_as_user(google_id)

    def expire_sync_tokens(self) -> None:
        self.fake.expire_sync_tokens()

    def set_page_size(self, size: int) -> None:
        self.fake.page_size = size


class TestFakeCalendar(CalendarContract, InstancesContract):
    @pytest.fixture
    def user(self) -> FakeUser:
        return FakeUser()


INSERT = EventInsert(FIRST, {"summary": "new", **TIMES})


@pytest.mark.parametrize("is_after_commit", [False, True], ids=["before", "after"])
def test_fault_strikes_once_before_or_after_the_commit(*, is_after_commit: bool) -> None:
    fake = FakeCalendar()
    fake.fail("insert", UnavailableError("lost"), is_after_commit=is_after_commit)

    [outcome] = fake.write([INSERT])

    assert isinstance(outcome.error, UnavailableError)
    assert (FIRST in fake.alive, fake.writes) == (is_after_commit, int(is_after_commit))
    [again] = fake.write([INSERT])
    assert (again.error is None) is not is_after_commit


def test_crash_before_a_write_leaves_the_rest_undone() -> None:
    fake = FakeCalendar()

    def crash(operation: object) -> None:
        if fake.writes == 1:
            raise KeyboardInterrupt

    fake.before_write = crash
    with pytest.raises(KeyboardInterrupt):
        fake.write([INSERT, EventInsert(SECOND, TIMES)])

    assert (list(fake.alive), fake.writes) == ([FIRST], 1)


def test_touch_changes_nothing_but_the_etag() -> None:
    fake = FakeCalendar()
    before = fake.insert_as_user(FIRST, summary="same", **TIMES)
    _, sync_token = changes_since(fake, None)

    after = fake.touch(FIRST)

    assert before | {"etag": None} == after | {"etag": None}
    assert changes_since(fake, sync_token)[0] == {FIRST: after}


def test_bare_tombstones_say_only_what_google_promises() -> None:
    fake = FakeCalendar()
    fake.has_bare_tombstones = True
    fake.insert_as_user(FIRST, summary="secret", **TIMES)
    fake.delete_as_user(FIRST)

    found, _ = changes_since(fake, None)

    assert found[FIRST].keys() == {"id", "status", "etag"}


def test_forgotten_event_is_unknown() -> None:
    fake = FakeCalendar()
    fake.insert_as_user(FIRST, **TIMES)
    _, sync_token = changes_since(fake, None)
    fake.delete_as_user(FIRST)
    fake.forget(FIRST)

    assert changes_since(fake, sync_token)[0] == {}
    assert changes_since(fake, None)[0] == {}
