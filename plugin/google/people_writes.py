"""Sending writes on contacts: few of them one by one, many together, and what to do when Google refuses them as a whole.

A batch costs as much of the quota as six single writes, and 200 of the day's, however few contacts are in it. Whether one
refused contact makes Google refuse its batch isn't documented: both are met. A refused batch was not carried out; it is taken
apart until those remain that are to blame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from plugin.core.errors import (
    NotFoundError,
    PreconditionError,
    RefusedError,
    StoreError,
    VersionMismatchError,
)
from plugin.google.answers import BatchConflictError
from plugin.google.people_requests import PeopleRequests
from plugin.google.transport import Answer, Call, Transport
from plugin.sync.people_ports import PersonCreate, PersonDelete, PersonUpdate, version_of
from plugin.sync.ports import Outcome

MOST_SINGLES = 5

_Change = TypeVar("_Change", PersonUpdate, PersonDelete)
_Fetch = Callable[[Sequence[str]], Sequence[Outcome]]
_DELETED: Answer = {}


class PeopleWrites:
    """Writes for one transport; `fetch_people` reads people as they are now."""

    def __init__(
        self,
        transport: Transport,
        requests: PeopleRequests,
        fetch_people: _Fetch,
        before_request: Callable[[], None] | None,
    ) -> None:
        self._transport = transport
        self._requests = requests
        self._fetch_people = fetch_people
        self._before_request = before_request

    def create(self, operations: Sequence[PersonCreate]) -> list[Answer]:
        """Create contacts; the new person or the error of each, in order."""
        if len(operations) <= MOST_SINGLES:
            return [self._send(self._requests.create(operation)) for operation in operations]
        answer = self._send(self._requests.create_many(operations))
        if not isinstance(answer, StoreError):
            return self._requests.created(operations, answer)
        if not _is_for_one(answer):
            return [answer] * len(operations)
        return self._in_halves(operations, self.create)

    def update(self, operations: Sequence[PersonUpdate]) -> list[Answer]:
        """Update contacts, all in the same fields; the person as it is now or the error of each, in order."""
        if len(operations) <= MOST_SINGLES:
            return [self._send(self._requests.update(operation)) for operation in operations]
        answer = self._send(self._requests.update_many(operations))
        if not isinstance(answer, StoreError):
            return self._requests.updated(operations, answer)
        if not _is_for_one(answer):
            return [answer] * len(operations)
        found, rest = self._compared(operations)
        if not found:  # all as they should be: something else is wrong with one of them
            return self._in_halves(operations, self.update)
        return _in_order(operations, found, rest, self.update(rest))

    def delete(self, operations: Sequence[PersonDelete]) -> list[Answer]:
        """Delete contacts that still have the version they are thought to have; nothing or the error of each."""
        # Google deletes whatever version there is, so we look, and leave it a moment as short as can be
        found, rest = self._compared(operations)
        answers = _in_order(operations, found, rest, self._delete_seen(rest))
        return [_DELETED if isinstance(answer, NotFoundError) else answer for answer in answers]

    def _delete_seen(self, operations: Sequence[PersonDelete]) -> list[Answer]:
        if len(operations) <= MOST_SINGLES:
            return [self._send(self._requests.delete(operation)) for operation in operations]
        answer = self._send(self._requests.delete_many(operations))
        if isinstance(answer, StoreError) and _is_for_one(answer):
            return self._in_halves(operations, self._delete_seen)
        return [answer] * len(operations)

    def _compared(self, operations: Sequence[_Change]) -> tuple[dict[str, StoreError], list[_Change]]:
        """What stands against operations, by id, and those that nothing stands against."""
        seen = self._fetch_people([operation.google_id for operation in operations])
        differences = [(op, _difference(op, now)) for op, now in zip(operations, seen, strict=True)]
        found = {op.google_id: difference for op, difference in differences if difference is not None}
        return found, [op for op, difference in differences if difference is None]

    def _in_halves(
        self, operations: Sequence[Any], send: Callable[[Sequence[Any]], list[Answer]]
    ) -> list[Answer]:
        middle = len(operations) // 2
        return send(operations[:middle]) + send(operations[middle:])

    def _send(self, call: Call) -> Answer:
        [answer] = self._transport.run([call], self._before_request)
        return answer


def _in_order(
    operations: Sequence[_Change],
    found: Mapping[str, StoreError],
    rest: Sequence[_Change],
    answers: Sequence[Answer],
) -> list[Answer]:
    sent = {operation.google_id: answer for operation, answer in zip(rest, answers, strict=True)}
    return [found.get(op.google_id) or sent.get(op.google_id) for op in operations]


def _is_for_one(error: StoreError) -> bool:
    """Whether a refusal can be meant for one contact among those that were sent."""
    is_clash = isinstance(error, BatchConflictError)  # of whole requests
    return isinstance(error, PreconditionError | RefusedError) and not is_clash


def _difference(operation: PersonUpdate | PersonDelete, now: Outcome) -> StoreError | None:
    if now.error is not None:
        return now.error
    if now.resource is None or version_of(now.resource) != operation.version:
        return VersionMismatchError("the contact has another version")
    return None
