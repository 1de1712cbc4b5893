"""The fake keeps the contract; and its switches do what tests of the use cases rely on."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.core.errors import UnavailableError
from plugin.core.mapping.google_event import Resource
from plugin.sync.people_ports import Contacts, PersonCreate, version_of
from tests.contract.people_contract import PeopleReadingContract, changes_since, named
from tests.contract.people_writing_contract import PeopleWritingContract
from tests.fakes.people import FakePeople


class FakeUser:
    """The owner of FakePeople."""

    def __init__(self) -> None:
        self.fake = FakePeople()
        self.contacts: Contacts = self.fake

    def create(self, **fields: Any) -> Resource:
        return self.fake.create_as_user(**fields)

    def edit(self, google_id: str, **fields: Any) -> Resource:
        return self.fake.edit_as_user(google_id, **fields)

    def delete(self, google_id: str) -> None:
        self.fake.delete_as_user(google_id)

    def rename(self, google_id: str) -> str:
        return self.fake.rename_as_google(google_id)

    def label(self, name: str) -> str:
        self.fake.groups[f"contactGroups/{name}"] = name
        return f"contactGroups/{name}"

    def expire_sync_tokens(self) -> None:
        self.fake.expire_sync_tokens()

    def set_page_size(self, size: int) -> None:
        self.fake.page_size = size

    def let_lists_lag(self) -> None:
        self.fake.lists_lag = True

    def let_lists_catch_up(self) -> None:
        self.fake.catch_up()


class TestFakePeople(PeopleReadingContract, PeopleWritingContract):
    @pytest.fixture
    def user(self) -> FakeUser:
        return FakeUser()


CREATE = PersonCreate(named("Ana"))


@pytest.mark.parametrize("is_after_commit", [False, True], ids=["before", "after"])
def test_fault_strikes_once_before_or_after_the_commit(*, is_after_commit: bool) -> None:
    fake = FakePeople()
    fake.fail("create", UnavailableError("lost"), is_after_commit=is_after_commit)

    [outcome] = fake.write([CREATE])

    assert isinstance(outcome.error, UnavailableError)
    assert (len(fake.alive), fake.writes) == (int(is_after_commit), int(is_after_commit))
    [again] = fake.write([CREATE])
    assert again.error is None
    assert len(fake.alive) == 1 + is_after_commit


def test_crash_before_a_write_leaves_the_rest_undone() -> None:
    fake = FakePeople()

    def crash(operation: object) -> None:
        if fake.writes == 1:
            raise KeyboardInterrupt

    fake.before_write = crash
    with pytest.raises(KeyboardInterrupt):
        fake.write([CREATE, CREATE])

    assert (len(fake.alive), fake.writes) == (1, 1)


def test_touch_changes_nothing_but_the_version() -> None:
    fake = FakePeople()
    before = fake.create_as_user(**named("Ana"))
    _, sync_token = changes_since(fake, None)

    after = fake.touch(before["resourceName"])

    assert before["names"] == after["names"]
    assert version_of(before) != version_of(after)
    assert changes_since(fake, sync_token)[0] == {after["resourceName"]: after}
