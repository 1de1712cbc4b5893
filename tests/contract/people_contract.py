"""What it means to be `Contacts`: one suite for the fake and for Google's adapter (facing the simulator).

A subclass gives the fixture `user`: the same contacts, in the hands of the person who owns them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pytest

from plugin.core.errors import NotFoundError, StoreError, SyncTokenExpiredError
from plugin.core.mapping.google_event import Resource
from plugin.sync.people_ports import Contacts, PersonOperation, PersonUpdate, is_deleted, version_of
from plugin.sync.ports import Outcome

NOBODY = "people/c1234567"
MY_CONTACTS = "contactGroups/myContacts"


class ContactsUser(Protocol):
    """What the owner of the contacts does, and what may happen to them."""

    contacts: Contacts

    def create(self, **fields: Any) -> Resource: ...

    def edit(self, google_id: str, **fields: Any) -> Resource: ...

    def delete(self, google_id: str) -> None: ...

    def rename(self, google_id: str) -> str: ...

    def label(self, name: str) -> str: ...

    def expire_sync_tokens(self) -> None: ...

    def set_page_size(self, size: int) -> None: ...

    def let_lists_lag(self) -> None: ...

    def let_lists_catch_up(self) -> None: ...


def named(given: str, **more: Any) -> dict[str, Any]:
    return {"names": [{"givenName": given, "familyName": "Gil"}], **more}


def given_name(person: Resource | None) -> str:
    assert person is not None
    return str(person["names"][0]["givenName"])


def values(person: Resource | None, field: str) -> list[str]:
    assert person is not None
    return [item["value"] for item in person.get(field, ())]


def changes_since(contacts: Contacts, sync_token: str | None) -> tuple[dict[str, Resource], str]:
    """Read all pages; return the people by id and the next sync token."""
    found: dict[str, Resource] = {}
    page_token = None
    while True:
        page = contacts.fetch_changes(sync_token, page_token)
        found |= {person["resourceName"]: person for person in page.resources}
        if page.sync_token is not None:
            return found, page.sync_token
        page_token = page.page_token


def write_one(contacts: Contacts, operation: PersonOperation) -> Outcome:
    [outcome] = contacts.write([operation])
    return outcome


def error_of(outcome: Outcome) -> type[StoreError]:
    assert outcome.error is not None
    return type(outcome.error)


def now(contacts: Contacts, google_id: str) -> Resource:
    [outcome] = contacts.fetch_people([google_id])
    assert outcome.resource is not None
    return outcome.resource


def update(person: Resource, body: Mapping[str, Any], *more_fields: str) -> PersonUpdate:
    fields = frozenset({*body, *more_fields})
    return PersonUpdate(person["resourceName"], version_of(person), body, fields)


class PeopleReadingContract:
    """Every test is a promise that the use cases count on: what listings and fetches say."""

    @pytest.fixture
    def contacts(self, user: ContactsUser) -> Contacts:
        return user.contacts

    # --- listing ---

    def test_full_listing_holds_living_people_only(self, contacts: Contacts, user: ContactsUser) -> None:
        one, two = (user.create(**named(name))["resourceName"] for name in ("Ana", "Eva"))
        user.delete(two)

        found, _ = changes_since(contacts, None)

        assert {i: given_name(p) for i, p in found.items()} == {one: "Ana"}

    def test_increment_holds_only_what_changed_in_its_newest_state(
        self, contacts: Contacts, user: ContactsUser
    ) -> None:
        one = user.create(**named("Ana"))["resourceName"]
        user.create(**named("Eva"))
        _, sync_token = changes_since(contacts, None)
        user.edit(one, **named("Ada"))
        user.edit(one, **named("Lea"))

        found, _ = changes_since(contacts, sync_token)

        assert {i: given_name(p) for i, p in found.items()} == {one: "Lea"}

    def test_increment_reports_a_deletion(self, contacts: Contacts, user: ContactsUser) -> None:
        one = user.create(**named("Ana"))["resourceName"]
        _, sync_token = changes_since(contacts, None)
        user.delete(one)

        found, _ = changes_since(contacts, sync_token)

        assert is_deleted(found[one])

    def test_nothing_changed_gives_an_empty_increment(self, contacts: Contacts, user: ContactsUser) -> None:
        user.create(**named("Ana"))
        _, sync_token = changes_since(contacts, None)

        found, next_token = changes_since(contacts, sync_token)

        assert found == {}
        assert changes_since(contacts, next_token)[0] == {}

    def test_sync_token_may_be_used_again(self, contacts: Contacts, user: ContactsUser) -> None:
        _, sync_token = changes_since(contacts, None)
        one = user.create(**named("Ana"))["resourceName"]

        first, second = (changes_since(contacts, sync_token)[0] for _ in range(2))

        assert first.keys() == second.keys() == {one}

    @pytest.mark.parametrize("is_increment", [False, True], ids=["full", "increment"])
    def test_listing_comes_in_pages(
        self, contacts: Contacts, user: ContactsUser, *, is_increment: bool
    ) -> None:
        sync_token = changes_since(contacts, None)[1] if is_increment else None
        made = {user.create(**named(name))["resourceName"] for name in ("Ana", "Eva", "Lea")}
        user.set_page_size(2)

        first = contacts.fetch_changes(sync_token, None)
        last = contacts.fetch_changes(sync_token, first.page_token)

        assert (len(first.resources), first.sync_token) == (2, None)
        assert (len(last.resources), last.page_token) == (1, None)
        assert {p["resourceName"] for p in [*first.resources, *last.resources]} == made

    def test_change_made_while_paging_is_in_the_next_increment(
        self, contacts: Contacts, user: ContactsUser
    ) -> None:
        one, *_ = [user.create(**named(name))["resourceName"] for name in ("Ana", "Eva", "Lea")]
        user.set_page_size(2)
        first = contacts.fetch_changes(None, None)
        user.edit(one, **named("Ada"))
        last = contacts.fetch_changes(None, first.page_token)

        found, _ = changes_since(contacts, last.sync_token)

        assert given_name(found[one]) == "Ada"

    def test_dead_sync_token_is_told_apart(self, contacts: Contacts, user: ContactsUser) -> None:
        _, sync_token = changes_since(contacts, None)
        user.expire_sync_tokens()

        with pytest.raises(SyncTokenExpiredError):
            contacts.fetch_changes(sync_token, None)
        assert changes_since(contacts, None)[0] == {}

    def test_list_parameters_are_a_stable_text(self, contacts: Contacts) -> None:
        asked = contacts.list_parameters
        _, sync_token = changes_since(contacts, None)
        changes_since(contacts, sync_token)

        assert asked
        assert contacts.list_parameters == asked

    def test_changed_id_comes_with_the_former_one_and_no_deletion(
        self, contacts: Contacts, user: ContactsUser
    ) -> None:
        old = user.create(**named("Ana"))["resourceName"]
        _, sync_token = changes_since(contacts, None)
        new = user.rename(old)

        found, _ = changes_since(contacts, sync_token)

        assert found.keys() == {new}
        assert found[new]["metadata"]["previousResourceNames"] == [old]
        assert changes_since(contacts, None)[0].keys() == {new}

    def test_lists_may_lag_behind_writes_and_fetches_do_not(
        self, contacts: Contacts, user: ContactsUser
    ) -> None:
        old = user.create(**named("Ana"))["resourceName"]
        _, sync_token = changes_since(contacts, None)
        user.let_lists_lag()
        user.delete(old)
        new = user.create(**named("Eva"))["resourceName"]

        assert changes_since(contacts, None)[0].keys() == {old}
        assert changes_since(contacts, sync_token)[0] == {}
        gone, there = contacts.fetch_people([old, new])
        assert error_of(gone) is NotFoundError
        assert given_name(there.resource) == "Eva"
        user.let_lists_catch_up()
        found, _ = changes_since(contacts, sync_token)
        assert {i: is_deleted(p) for i, p in found.items()} == {old: True, new: False}

    # --- fetching ---

    def test_fetch_tells_living_deleted_and_unknown_apart(
        self, contacts: Contacts, user: ContactsUser
    ) -> None:
        living, deleted = (user.create(**named(name))["resourceName"] for name in ("Ana", "Eva"))
        user.delete(deleted)

        outcomes = contacts.fetch_people([deleted, living, NOBODY])

        assert [outcome.google_id for outcome in outcomes] == [deleted, living, NOBODY]
        assert given_name(outcomes[1].resource) == "Ana"
        assert [error_of(outcomes[0]), error_of(outcomes[2])] == [NotFoundError] * 2

    def test_fetch_takes_more_ids_than_a_batch(self, contacts: Contacts, user: ContactsUser) -> None:
        one = user.create(**named("Ana"))["resourceName"]
        wanted = [*(f"{NOBODY}{number:04d}" for number in range(contacts.max_batch)), one]

        outcomes = contacts.fetch_people(wanted)

        assert [outcome.google_id for outcome in outcomes] == wanted
        assert [i for i, outcome in zip(wanted, outcomes, strict=True) if outcome.resource] == [one]

    def test_fetch_under_a_former_id_finds_the_person_of_today(
        self, contacts: Contacts, user: ContactsUser
    ) -> None:
        old = user.create(**named("Ana"))["resourceName"]
        new = user.rename(old)

        [outcome] = contacts.fetch_people([old])

        assert outcome.google_id == old
        assert outcome.resource is not None
        assert outcome.resource["resourceName"] == new

    def test_fetching_nobody_asks_nothing(self, contacts: Contacts) -> None:
        assert list(contacts.fetch_people([])) == []
