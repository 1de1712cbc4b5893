"""What each of Google's refusals means for each operation: the table is the specification, the simulator refuses.

https://developers.google.com/workspace/calendar/api/guides/errors
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plugin.core.errors import (
    AlreadyExistsError,
    ApiDisabledError,
    CollectionLostError,
    CredentialsRevokedError,
    LongPauseError,
    MissingScopeError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    StoreError,
    SyncTokenExpiredError,
    UnavailableError,
    UnexpectedAnswerError,
    VersionMismatchError,
    WriteAccessLostError,
)
from plugin.google.answers import BatchConflictError, Operation
from plugin.google.calendar import GoogleCalendar
from plugin.google.calendar_list import resolve_collection
from plugin.google.oauth import CONTACTS_SCOPE, IDENTITY_SCOPES
from plugin.google.transport import Transport
from plugin.sync.ports import EventDelete, EventInsert, EventPatch, Outcome
from tests.contract.calendar_contract import FIRST, SECOND, THIRD, TIMES
from tests.simulated_google import EMAIL, SimulatedGoogle

ROUTES = {
    Operation.LIST_ALL: "events.list",
    Operation.LIST_CHANGES: "events.list",
    Operation.COLLECTION: "calendarList.get",
    Operation.FETCH: "events.get",
    Operation.INSERT: "events.insert",
    Operation.PATCH: "events.patch",
    Operation.DELETE: "events.delete",
}
BATCHED = (Operation.FETCH, Operation.INSERT, Operation.PATCH, Operation.DELETE)

DONE = None
LOST = CollectionLostError

COLUMNS = tuple(ROUTES)
# fault, then what it means for: list all, list changes, look up, fetch, insert, patch, delete
TABLE: tuple[tuple[dict[str, Any], tuple[type[StoreError] | None, ...]], ...] = (
    ({"status": 400, "reason": "invalid"}, (UnexpectedAnswerError,) * 3 + (RefusedError,) * 4),
    ({"status": 400, "reason": "badRequest"}, (UnexpectedAnswerError,) * 3 + (RefusedError,) * 4),
    ({"status": 400, "reason": "eventTypeRestriction"}, (UnexpectedAnswerError,) * 3 + (RefusedError,) * 4),
    ({"status": 401, "reason": "authError"}, (CredentialsRevokedError,) * 7),
    ({"status": 403, "reason": "rateLimitExceeded"}, (RateLimitedError,) * 7),
    ({"status": 403, "reason": "userRateLimitExceeded"}, (RateLimitedError,) * 7),
    ({"status": 403, "reason": "quotaExceeded"}, (LongPauseError,) * 7),
    ({"status": 429, "reason": "rateLimitExceeded"}, (RateLimitedError,) * 7),
    ({"status": 429, "body": "html"}, (RateLimitedError,) * 7),
    ({"status": 403, "reason": "insufficientPermissions"}, (MissingScopeError,) * 7),
    ({"status": 403, "reason": "accessNotConfigured"}, (ApiDisabledError,) * 7),
    ({"status": 403, "reason": "forbidden"}, (LOST,) * 3 + (RefusedError,) * 4),
    ({"status": 403, "reason": "forbiddenForNonOrganizer"}, (LOST,) * 3 + (RefusedError,) * 4),
    (
        {"status": 403, "reason": "requiredAccessLevel"},
        (LOST,) * 3 + (RefusedError,) + (WriteAccessLostError,) * 3,
    ),
    ({"status": 403, "body": "html"}, (UnavailableError,) * 7),
    ({"status": 404, "reason": "notFound"}, (LOST,) * 3 + (NotFoundError, LOST, NotFoundError, DONE)),
    ({"status": 404, "body": "html"}, (UnavailableError,) * 7),
    (
        {"status": 409, "reason": "duplicate"},
        (UnexpectedAnswerError,) * 3 + (RefusedError, AlreadyExistsError, RefusedError, RefusedError),
    ),
    (
        {"status": 409, "reason": "conflict"},
        (UnexpectedAnswerError,) * 3 + (RefusedError,) + (BatchConflictError,) * 3,
    ),
    (
        {"status": 410, "reason": "fullSyncRequired"},
        (SyncTokenExpiredError,) * 2
        + (UnexpectedAnswerError, NotFoundError, RefusedError, NotFoundError, DONE),
    ),
    (
        {"status": 410, "reason": "updatedMinTooLongAgo"},
        (
            UnexpectedAnswerError,
            SyncTokenExpiredError,
            UnexpectedAnswerError,
            NotFoundError,
            RefusedError,
            NotFoundError,
            DONE,
        ),
    ),
    (
        {"status": 410, "reason": "deleted"},
        (LOST, SyncTokenExpiredError, LOST, NotFoundError, RefusedError, NotFoundError, DONE),
    ),
    (
        {"status": 410, "body": "html"},
        (UnavailableError, SyncTokenExpiredError, *(UnavailableError,) * 5),
    ),
    (
        {"status": 412, "reason": "conditionNotMet"},
        (UnexpectedAnswerError,) * 4 + (VersionMismatchError,) * 3,
    ),
    ({"status": 500, "reason": "backendError"}, (UnavailableError,) * 7),
    ({"status": 503, "reason": "backendError"}, (UnavailableError,) * 7),
    ({"status": 502, "body": "html"}, (UnavailableError,) * 7),
    ({"body": "truncated"}, (UnavailableError,) * 6 + (DONE,)),
    ({"reset": "before"}, (UnavailableError,) * 7),
    ({"reset": "after"}, (UnavailableError,) * 7),
)


def _name(fault: dict[str, Any]) -> str:
    return "-".join(str(value) for value in fault.values())


def _cases(operations: tuple[Operation, ...]) -> list[Any]:
    return list(_each_case(operations))


def _each_case(operations: tuple[Operation, ...]) -> Iterator[Any]:
    for fault, meanings in TABLE:
        for operation, meaning in zip(COLUMNS, meanings, strict=True):
            if operation in operations:
                yield pytest.param(fault, operation, meaning, id=f"{_name(fault)}-{operation.value}")


class Scene:
    """Two events, their etags, and a sync token from before anything goes wrong."""

    def __init__(self, google: SimulatedGoogle) -> None:
        self.google = google
        self.transport: Transport = google.transport()
        self.calendar: GoogleCalendar = google.calendar(self.transport)
        self.etags = {i: google.edit("insert", body={"id": i, **TIMES})["etag"] for i in (FIRST, SECOND)}
        self.sync_token = self.calendar.fetch_changes(None, None).sync_token

    def carry_out(self, operation: Operation) -> StoreError | None:
        """Return the error that the operation ends in."""
        reads: dict[Operation, Callable[[], Any]] = {
            Operation.LIST_ALL: lambda: self.calendar.fetch_changes(None, None),
            Operation.LIST_CHANGES: lambda: self.calendar.fetch_changes(self.sync_token, None),
            Operation.COLLECTION: lambda: resolve_collection(self.transport),
        }
        if operation not in reads:
            return self.outcomes(operation, FIRST)[0].error
        try:
            reads[operation]()
        except StoreError as error:
            return error
        return None

    def outcomes(self, operation: Operation, *google_ids: str) -> list[Outcome]:
        if operation is Operation.FETCH:
            return list(self.calendar.fetch_events(google_ids))
        if operation is Operation.INSERT:
            return list(self.calendar.write([EventInsert(i.replace(i[0], "v"), TIMES) for i in google_ids]))
        if operation is Operation.PATCH:
            body = {"summary": "new"}
            return list(self.calendar.write([EventPatch(i, self.etags[i], body) for i in google_ids]))
        return list(self.calendar.write([EventDelete(i, self.etags[i]) for i in google_ids]))


@pytest.fixture
def scene(google: SimulatedGoogle) -> Scene:
    return Scene(google)


def _type(error: StoreError | None) -> type[StoreError] | None:
    return None if error is None else type(error)


@pytest.mark.parametrize(("fault", "operation", "meaning"), _cases(COLUMNS))
def test_refusal_means(
    scene: Scene, fault: dict[str, Any], operation: Operation, meaning: type[StoreError] | None
) -> None:
    scene.google.fault(ROUTES[operation], **fault)

    assert _type(scene.carry_out(operation)) is meaning


@pytest.mark.parametrize(("fault", "operation", "meaning"), _cases(BATCHED))
def test_refusal_of_a_part_means_the_same(
    scene: Scene, fault: dict[str, Any], operation: Operation, meaning: type[StoreError] | None
) -> None:
    scene.google.fault(ROUTES[operation], **fault)

    outcomes = scene.outcomes(operation, FIRST, SECOND)

    assert [_type(outcome.error) for outcome in outcomes] == [meaning] * 2


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        ({"status": 401}, CredentialsRevokedError),
        ({"status": 403, "reason": "rateLimitExceeded"}, RateLimitedError),
        ({"status": 403, "reason": "accessNotConfigured"}, ApiDisabledError),
        ({"status": 400}, UnexpectedAnswerError),
        ({"status": 404}, UnexpectedAnswerError),
        ({"status": 404, "body": "html"}, UnavailableError),
        ({"status": 503}, UnavailableError),
        ({"body": "html"}, UnavailableError),
        ({"body": "truncated", "status": 503}, UnavailableError),
        ({"reset": "before"}, UnavailableError),
        ({"reset": "after"}, UnavailableError),
    ],
    ids=lambda value: _name(value) if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("operation", BATCHED, ids=lambda operation: operation.value)
def test_refused_batch_is_every_parts_error(
    scene: Scene, fault: dict[str, Any], meaning: type[StoreError], operation: Operation
) -> None:
    scene.google.fault("batch", **fault)

    outcomes = scene.outcomes(operation, FIRST, SECOND)

    assert [_type(outcome.error) for outcome in outcomes] == [meaning] * 2


def test_one_bad_part_leaves_the_others_alone(scene: Scene) -> None:
    outcomes = scene.calendar.fetch_events([FIRST, THIRD, SECOND])

    assert [_type(outcome.error) for outcome in outcomes] == [None, NotFoundError, None]


@pytest.mark.parametrize("status", ["400", "410"])
def test_garbage_for_a_sync_token_is_a_dead_sync_token(scene: Scene, status: str) -> None:
    scene.google.switch(garbage_sync_token=status)

    with pytest.raises(SyncTokenExpiredError):
        scene.calendar.fetch_changes("garbage", None)


def test_other_parameters_than_the_sync_tokens_are_no_silent_full_sync(scene: Scene) -> None:
    other = scene.transport.service.events().list(calendarId=EMAIL, timeZone="UTC").execute()["nextSyncToken"]
    scene.google.switch(token_parameters="400")

    with pytest.raises(StoreError) as caught:
        scene.calendar.fetch_changes(other, None)

    assert type(caught.value) is UnexpectedAnswerError


def test_scope_that_was_not_granted_is_named(google: SimulatedGoogle) -> None:
    transport = google.transport(google.tokens((*IDENTITY_SCOPES, CONTACTS_SCOPE)))

    with pytest.raises(MissingScopeError):
        google.calendar(transport).fetch_changes(None, None)


def test_calendar_no_longer_shared_is_lost(google: SimulatedGoogle) -> None:
    calendar = GoogleCalendar(google.transport(), "equipo@empresa.example")

    with pytest.raises(CollectionLostError):
        calendar.fetch_changes(None, None)
    [outcome] = calendar.write([EventInsert(FIRST, TIMES)])
    assert isinstance(outcome.error, CollectionLostError)


def test_reader_who_writes_has_lost_the_calendar(google: SimulatedGoogle) -> None:
    google.control(
        "POST", "share", {"calendar": "festivos@empresa.example", "email": EMAIL, "role": "reader"}
    )
    calendar = GoogleCalendar(google.transport(), "festivos@empresa.example")

    [outcome] = calendar.write([EventInsert(FIRST, TIMES)])

    assert isinstance(outcome.error, CollectionLostError)


def test_error_names_googles_reason_and_neither_address_nor_token(scene: Scene) -> None:
    scene.google.fault("events.list", status=400, reason="badRequest")

    with pytest.raises(StoreError) as caught:
        scene.calendar.fetch_changes(scene.sync_token, None)

    assert caught.value.details["reason"] == "badRequest"
    told = f"{caught.value} {caught.value.__cause__}"
    assert scene.sync_token is not None
    assert scene.sync_token not in told
    assert EMAIL not in told
