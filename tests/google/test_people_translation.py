"""What the People API's refusals mean for each operation: the table is the specification, the simulator refuses.

https://cloud.google.com/apis/design/errors#error_model
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plugin.core.errors import (
    ApiDisabledError,
    CollectionLostError,
    CredentialsRevokedError,
    MissingScopeError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    StoreError,
    SyncTokenExpiredError,
    UnavailableError,
    UnexpectedAnswerError,
    VersionMismatchError,
)
from plugin.google.answers import LONG_PAUSE_S, BatchConflictError, Operation, error_from_part
from plugin.sync.people_ports import PersonCreate, PersonDelete, PersonUpdate, version_of
from plugin.sync.ports import Outcome
from tests.contract.people_contract import MY_CONTACTS, named
from tests.simulated_google import SimulatedGoogle

ROUTES = {
    Operation.LIST_PEOPLE: "connections.list",
    Operation.LIST_PEOPLE_CHANGES: "connections.list",
    Operation.LIST_GROUPS: "contactGroups.list",
    Operation.FETCH_PEOPLE: "people.getBatchGet",
    Operation.CREATE_PERSON: "people.createContact",
    Operation.UPDATE_PERSON: "people.updateContact",
    Operation.DELETE_PERSON: "people.deleteContact",
    Operation.CHANGE_MEMBERS: "members.modify",
}
COLUMNS = tuple(ROUTES)
MANY = {
    Operation.CREATE_PERSON: "people.batchCreateContacts",
    Operation.UPDATE_PERSON: "people.batchUpdateContacts",
    Operation.DELETE_PERSON: "people.batchDeleteContacts",
}

DONE = None
LOST, EXPIRED, REFUSED = CollectionLostError, SyncTokenExpiredError, RefusedError
VERSION, CLASH = VersionMismatchError, BatchConflictError

# fault, then what it means for: list, list changes, list groups, fetch, create, update, delete, change members
TABLE: tuple[tuple[dict[str, Any], tuple[type[StoreError] | None, ...]], ...] = (
    ({"status": 400, "reason": "INVALID_ARGUMENT"}, (UnexpectedAnswerError,) * 3 + (REFUSED,) * 5),
    (
        {"status": 400, "reason": "failedPrecondition"},
        (UnexpectedAnswerError,) * 3 + (REFUSED, REFUSED, VERSION, VERSION, REFUSED),
    ),
    (
        {"status": 400, "reason": "EXPIRED_SYNC_TOKEN"},
        (UnexpectedAnswerError, EXPIRED, UnexpectedAnswerError, REFUSED, REFUSED, VERSION, VERSION, REFUSED),
    ),
    ({"status": 401, "reason": "authError"}, (CredentialsRevokedError,) * 8),
    ({"status": 403, "reason": "insufficientPermissions"}, (MissingScopeError,) * 8),
    ({"status": 403, "reason": "accessNotConfigured"}, (ApiDisabledError,) * 8),
    ({"status": 403, "reason": "rateLimitExceeded"}, (RateLimitedError,) * 8),
    ({"status": 403, "reason": "PERMISSION_DENIED"}, (LOST,) * 3 + (REFUSED,) * 5),
    ({"status": 403, "body": "html"}, (UnavailableError,) * 8),
    (
        {"status": 404},
        (UnexpectedAnswerError,) * 3 + (UnavailableError, UnexpectedAnswerError, NotFoundError, DONE, LOST),
    ),
    ({"status": 404, "body": "html"}, (UnavailableError,) * 8),
    ({"status": 409, "reason": "ABORTED"}, (UnexpectedAnswerError,) * 3 + (REFUSED,) + (CLASH,) * 4),
    ({"status": 409, "reason": "ALREADY_EXISTS"}, (UnexpectedAnswerError,) * 3 + (REFUSED,) * 5),
    (
        {"status": 410, "reason": "EXPIRED_SYNC_TOKEN"},
        (UnexpectedAnswerError, EXPIRED, UnexpectedAnswerError, *(REFUSED,) * 5),
    ),
    ({"status": 410, "body": "html"}, (UnavailableError, EXPIRED, *(UnavailableError,) * 6)),
    ({"status": 429}, (RateLimitedError,) * 8),
    ({"status": 429, "body": "html"}, (RateLimitedError,) * 8),
    ({"status": 500}, (UnavailableError,) * 8),
    ({"status": 503}, (UnavailableError,) * 8),
    ({"body": "truncated"}, (UnavailableError,) * 8),
    ({"reset": "before"}, (UnavailableError,) * 8),
    ({"reset": "after"}, (UnavailableError,) * 8),
)


def _name(fault: dict[str, Any]) -> str:
    return "-".join(str(value) for value in fault.values())


def _cases(operations: tuple[Operation, ...]) -> Iterator[Any]:
    for fault, meanings in TABLE:
        for operation, meaning in zip(COLUMNS, meanings, strict=True):
            if operation in operations:
                yield pytest.param(fault, operation, meaning, id=f"{_name(fault)}-{operation.value}")


class Scene:
    """Some contacts, and a sync token from before anything goes wrong."""

    def __init__(self, google: SimulatedGoogle) -> None:
        self.google = google
        self.contacts = google.contacts()
        self.people = [google.edit_person("create", body=named(f"N{number}")) for number in range(6)]
        self.sync_token = self.contacts.fetch_changes(None, None).sync_token

    def carry_out(self, operation: Operation) -> StoreError | None:
        """Return the error that the operation ends in."""
        acts: dict[Operation, Callable[[], Any]] = {
            Operation.LIST_PEOPLE: lambda: self.contacts.fetch_changes(None, None),
            Operation.LIST_PEOPLE_CHANGES: lambda: self.contacts.fetch_changes(self.sync_token, None),
            Operation.LIST_GROUPS: self.contacts.fetch_groups,
            Operation.CHANGE_MEMBERS: lambda: self.contacts.change_members(MY_CONTACTS, [self.ids[0]], []),
            Operation.FETCH_PEOPLE: lambda: self.contacts.fetch_people(self.ids[:1]),
        }
        if operation not in acts:
            return self.outcomes(operation, 1)[0].error
        try:
            answer = acts[operation]()
        except StoreError as error:
            return error
        return answer[0].error if operation is Operation.FETCH_PEOPLE else None

    @property
    def ids(self) -> list[str]:
        return [person["resourceName"] for person in self.people]

    def outcomes(self, operation: Operation, count: int) -> list[Outcome]:
        some = self.people[:count]
        if operation is Operation.CREATE_PERSON:
            return list(self.contacts.write([PersonCreate(named("New"))] * count))
        versions = [(person["resourceName"], version_of(person)) for person in some]
        if operation is Operation.UPDATE_PERSON:
            fields = frozenset({"names"})
            return list(self.contacts.write([PersonUpdate(*v, named("Eva"), fields) for v in versions]))
        return list(self.contacts.write([PersonDelete(*v) for v in versions]))


@pytest.fixture
def scene(google: SimulatedGoogle) -> Scene:
    return Scene(google)


def _type(error: StoreError | None) -> type[StoreError] | None:
    return None if error is None else type(error)


@pytest.mark.parametrize(("fault", "operation", "meaning"), list(_cases(COLUMNS)))
def test_refusal_means(
    scene: Scene, fault: dict[str, Any], operation: Operation, meaning: type[StoreError] | None
) -> None:
    scene.google.fault(ROUTES[operation], **fault)

    assert _type(scene.carry_out(operation)) is meaning


@pytest.mark.parametrize(("fault", "operation", "meaning"), list(_cases(tuple(MANY))))
def test_refusal_of_many_is_taken_apart_where_one_may_be_to_blame(
    scene: Scene, fault: dict[str, Any], operation: Operation, meaning: type[StoreError] | None
) -> None:
    scene.google.fault(MANY[operation], **fault)

    found = [_type(outcome.error) for outcome in scene.outcomes(operation, 6)]

    is_for_one = meaning in (DONE, REFUSED, VERSION, NotFoundError)
    assert found == [DONE if is_for_one else meaning] * 6


@pytest.mark.parametrize(
    ("part", "operation", "meaning"),
    [
        ({"code": 3}, Operation.CREATE_PERSON, RefusedError),
        ({"code": 5}, Operation.FETCH_PEOPLE, NotFoundError),
        ({"code": 5}, Operation.UPDATE_PERSON, NotFoundError),
        ({"code": 7}, Operation.UPDATE_PERSON, RefusedError),
        ({"code": 8}, Operation.CREATE_PERSON, RateLimitedError),
        ({"code": 9}, Operation.UPDATE_PERSON, VersionMismatchError),
        ({"code": 10}, Operation.UPDATE_PERSON, BatchConflictError),
        ({"code": 13}, Operation.UPDATE_PERSON, UnavailableError),
        ({"code": 14}, Operation.CREATE_PERSON, UnavailableError),
        ({"code": 16}, Operation.CREATE_PERSON, CredentialsRevokedError),
        ({"code": 99}, Operation.CREATE_PERSON, UnavailableError),
    ],
)
def test_status_of_one_person_means(
    part: dict[str, Any], operation: Operation, meaning: type[StoreError]
) -> None:
    assert type(error_from_part(operation, part | {"message": "…"})) is meaning


def test_quota_of_a_day_is_no_matter_of_seconds() -> None:
    message = "Quota exceeded for quota metric 'Contact Writes' and limit 'Contact Writes per day'"

    error = error_from_part(Operation.CREATE_PERSON, {"code": 8, "message": message})

    assert isinstance(error, RateLimitedError)
    assert error.retry_after_s == LONG_PAUSE_S


def test_expired_sync_token_is_known_by_its_words_too(scene: Scene) -> None:
    message = "Sync token is expired. Clear local cache and retry call without the sync token."
    scene.google.fault("connections.list", status=400, reason="FAILED_PRECONDITION", message=message)

    with pytest.raises(SyncTokenExpiredError):
        scene.contacts.fetch_changes(scene.sync_token, None)


def test_garbage_for_a_sync_token_is_a_dead_sync_token(scene: Scene) -> None:
    with pytest.raises(SyncTokenExpiredError):
        scene.contacts.fetch_changes("garbage", None)


def test_clash_with_another_write_is_sent_again(scene: Scene) -> None:
    scene.google.fault("people.createContact", nth=1, status=409, reason="ABORTED")

    assert scene.carry_out(Operation.CREATE_PERSON) is None


def test_calendar_scope_alone_opens_no_contacts(google: SimulatedGoogle) -> None:
    contacts = google.contacts(google.transport(api=("people", "v1")))

    with pytest.raises(MissingScopeError):
        contacts.fetch_changes(None, None)
