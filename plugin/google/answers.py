"""What Google's refusals mean, operation by operation. The only place that knows HTTP status codes.

https://developers.google.com/workspace/calendar/api/guides/errors and, for the newer envelope,
https://cloud.google.com/apis/design/errors#error_model

One status means different things for different operations (410: the sync token is dead, or the event is), so `RULES` is
looked up by operation, status and reason; the first match wins. An answer that isn't Google's JSON error envelope, such as a
proxy's page, never says that something is gone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from googleapiclient.errors import HttpError

from plugin.core.errors import (
    AlreadyExistsError,
    ApiDisabledError,
    CollectionLostError,
    CredentialsRevokedError,
    LongPauseError,
    MissingScopeError,
    NotFoundError,
    PreconditionError,
    RateLimitedError,
    RefusedError,
    StoreError,
    SyncTokenExpiredError,
    UnavailableError,
    UnexpectedAnswerError,
    VersionMismatchError,
    WriteAccessLostError,
)

# "Calendar usage limits exceeded" guards against abuse and lasts for hours; no answer says for how long.
LONG_PAUSE_S = 3600.0
# Nobody is kept away for longer by one answer, which may be a broken proxy's: tomorrow Google itself is asked again.
LONGEST_RETRY_AFTER_S = 86_400.0


class Operation(Enum):
    """What was asked of Google, as far as it changes what a refusal means."""

    LIST_ALL = "list all"
    LIST_CHANGES = "list changes"  # with a sync token
    COLLECTION = "look up a collection"
    FETCH = "fetch"
    INSERT = "insert"
    PATCH = "patch"
    DELETE = "delete"
    BATCH = "batch"  # the batch request itself, not one of its parts
    LIST_PEOPLE = "list people"
    LIST_PEOPLE_CHANGES = "list changed people"  # with a sync token
    FETCH_PEOPLE = "fetch people"
    CREATE_PERSON = "create a person"  # one or many, as with the next two
    UPDATE_PERSON = "update a person"
    DELETE_PERSON = "delete a person"
    LIST_GROUPS = "list groups"
    CHANGE_MEMBERS = "change members"


LISTS = frozenset({Operation.LIST_ALL, Operation.LIST_CHANGES})
PEOPLE_LISTS = frozenset({Operation.LIST_PEOPLE, Operation.LIST_PEOPLE_CHANGES, Operation.LIST_GROUPS})
READS = LISTS | PEOPLE_LISTS | {Operation.COLLECTION, Operation.FETCH, Operation.FETCH_PEOPLE}
WRITES = frozenset({Operation.INSERT, Operation.PATCH, Operation.DELETE})
PEOPLE_WRITES = frozenset(
    {Operation.CREATE_PERSON, Operation.UPDATE_PERSON, Operation.DELETE_PERSON, Operation.CHANGE_MEMBERS}
)
WITH_SYNC_TOKEN = frozenset({Operation.LIST_CHANGES, Operation.LIST_PEOPLE_CHANGES})
ANY = frozenset(Operation)

# Our own words for what the People API says in prose only (newer answers have a reason for the first).
_PROSE = {
    "sync token is expired": "EXPIRED_SYNC_TOKEN",
    " per day": "perDay",
    "sync quota exceeded": "perDay",
}
PER_DAY = "perDay"

# https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
_RPC_CODES = {
    3: (400, "INVALID_ARGUMENT"),
    4: (504, "DEADLINE_EXCEEDED"),
    5: (404, "NOT_FOUND"),
    6: (409, "ALREADY_EXISTS"),
    7: (403, "PERMISSION_DENIED"),
    8: (429, "RESOURCE_EXHAUSTED"),
    9: (400, "FAILED_PRECONDITION"),
    10: (409, "ABORTED"),
    16: (401, "UNAUTHENTICATED"),
}


class BatchConflictError(PreconditionError):
    """Two parts of one batch got into each other's way at Google; sent alone it may pass."""


@dataclass(frozen=True, slots=True)
class Rule:
    """For these operations, this status (and, where given, one of these reasons) means `error`."""

    operations: frozenset[Operation]
    status: int
    reasons: frozenset[str]
    error: type[StoreError]


def _rule(operations: frozenset[Operation], status: int, reasons: str, error: type[StoreError]) -> Rule:
    return Rule(operations, status, frozenset(reasons.split()), error)


RULES = (
    # some 410s come without a reason: with a sync token sent there is only one thing they can mean
    _rule(WITH_SYNC_TOKEN, 410, "", SyncTokenExpiredError),
    _rule(frozenset({Operation.LIST_CHANGES}), 400, "invalid@syncToken", SyncTokenExpiredError),
    _rule(
        frozenset({Operation.LIST_PEOPLE_CHANGES}),
        400,
        "EXPIRED_SYNC_TOKEN INVALID_ARGUMENT@syncToken INVALID_ARGUMENT@sync_token",
        SyncTokenExpiredError,
    ),
    _rule(LISTS, 410, "fullSyncRequired", SyncTokenExpiredError),
    # sent again with a new access token before this counts
    _rule(ANY, 401, "", CredentialsRevokedError),
    _rule(ANY, 403, "quotaExceeded dailyLimitExceeded", LongPauseError),
    _rule(ANY, 429, f"quotaExceeded dailyLimitExceeded {PER_DAY}", LongPauseError),
    _rule(
        ANY,
        403,
        "rateLimitExceeded userRateLimitExceeded RATE_LIMIT_EXCEEDED RESOURCE_EXHAUSTED",
        RateLimitedError,
    ),
    _rule(ANY, 429, "", RateLimitedError),
    _rule(ANY, 403, "insufficientPermissions ACCESS_TOKEN_SCOPE_INSUFFICIENT", MissingScopeError),
    _rule(ANY, 403, "accessNotConfigured SERVICE_DISABLED", ApiDisabledError),
    _rule(LISTS | {Operation.COLLECTION}, 403, "", CollectionLostError),
    _rule(LISTS | {Operation.COLLECTION}, 404, "", CollectionLostError),
    _rule(LISTS | {Operation.COLLECTION}, 410, "deleted", CollectionLostError),
    # an insert names no event that could be missing, so it is the calendar
    _rule(frozenset({Operation.INSERT}), 404, "", CollectionLostError),
    _rule(WRITES, 403, "requiredAccessLevel", WriteAccessLostError),
    _rule(frozenset({Operation.FETCH, Operation.PATCH, Operation.DELETE}), 404, "", NotFoundError),
    _rule(frozenset({Operation.FETCH, Operation.PATCH, Operation.DELETE}), 410, "", NotFoundError),
    _rule(PEOPLE_LISTS, 403, "", CollectionLostError),
    _rule(frozenset({Operation.CHANGE_MEMBERS}), 404, "", CollectionLostError),
    _rule(
        frozenset({Operation.FETCH_PEOPLE, Operation.UPDATE_PERSON, Operation.DELETE_PERSON}),
        404,
        "",
        NotFoundError,
    ),
    _rule(
        frozenset({Operation.UPDATE_PERSON, Operation.DELETE_PERSON}),
        400,
        "failedPrecondition FAILED_PRECONDITION",
        VersionMismatchError,
    ),
    # another write of the same user was under way: this one was not carried out
    _rule(PEOPLE_WRITES, 409, "ABORTED", BatchConflictError),
    _rule(WRITES, 409, "conflict", BatchConflictError),
    _rule(frozenset({Operation.INSERT}), 409, "", AlreadyExistsError),
    _rule(WRITES, 412, "", VersionMismatchError),
    *(
        _rule(WRITES | PEOPLE_WRITES | {Operation.FETCH, Operation.FETCH_PEOPLE}, status, "", RefusedError)
        for status in (400, 403, 409, 410, 413)
    ),
)


def error_from_answer(operation: Operation, answer: HttpError) -> StoreError:
    """Return what a refusal means; Google's own word for it stands in `details["reason"]`."""
    status = int(answer.resp.status)
    envelope = _envelope(answer.content)
    reasons = _reasons(envelope)
    reason = next(iter(reasons), "")
    # the address holds a sync token and a calendar's name: nothing for a log that prints the cause
    answer.uri = None
    message = f"{operation.value}: {status} {reason}".rstrip()
    retry_after_s = _retry_after_s(answer.resp)
    if status >= 500 or status == 408 or envelope is None:
        if retry_after_s is not None and operation in READS:
            return RateLimitedError(message, retry_after_s)
        if status == 429:
            return RateLimitedError(message, retry_after_s)
        if status == 410 and operation in WITH_SYNC_TOKEN:
            return SyncTokenExpiredError(message)
        return UnavailableError(message)
    return _built(_meaning(operation, status, set(reasons)), message, reason, retry_after_s)


def error_from_part(operation: Operation, part: Mapping[str, Any]) -> StoreError:
    """Return what a google.rpc.Status inside an answer means, for one of several people written together."""
    status, word = _RPC_CODES.get(int(part.get("code", 2)), (500, "UNKNOWN"))
    reasons = _reasons({**part, "status": word})
    reason = next(iter(reasons))
    message = f"{operation.value}: {status} {reason}"
    if status >= 500:
        return UnavailableError(message)
    return _built(_meaning(operation, status, set(reasons)), message, reason, None)


def _meaning(operation: Operation, status: int, reasons: set[str]) -> type[StoreError]:
    for rule in RULES:
        if (
            operation in rule.operations
            and status == rule.status
            and (not rule.reasons or rule.reasons & reasons)
        ):
            return rule.error
    return UnexpectedAnswerError


def _built(kind: type[StoreError], message: str, reason: str, retry_after_s: float | None) -> StoreError:
    if kind is LongPauseError:
        return LongPauseError(message, retry_after_s or LONG_PAUSE_S)
    if issubclass(kind, RateLimitedError):
        return RateLimitedError(message, retry_after_s)
    if issubclass(kind, RefusedError):
        return RefusedError(message, reason)
    return kind(message, reason=reason)


def _envelope(content: bytes) -> Mapping[str, Any] | None:
    try:
        error = json.loads(content)["error"]
    except (ValueError, KeyError, TypeError):
        return None
    return error if isinstance(error, dict) else None


def _reasons(envelope: Mapping[str, Any] | None) -> dict[str, None]:
    """Google's words for it, in order and once each, of both kinds of envelope; `invalid@syncToken` says where."""
    if envelope is None:
        return {}
    details = [d for key in ("errors", "details") for d in envelope.get(key) or () if isinstance(d, dict)]
    words = [str(d["reason"]) for d in details if "reason" in d]
    words += [f"{d['reason']}@{d['location']}" for d in details if "reason" in d and "location" in d]
    status = str(envelope.get("status", ""))
    words += [status] if status else []
    violations = [v for d in details for v in d.get("fieldViolations") or () if isinstance(v, dict)]
    words += [f"{status}@{v['field']}" for v in violations if "field" in v]
    message = str(envelope.get("message", "")).lower()
    return dict.fromkeys([*words, *(word for prose, word in _PROSE.items() if prose in message)])


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    # Google sends seconds, if anything; a date would have to be held against our own clock
    text = headers.get("retry-after", "")
    return min(float(text), LONGEST_RETRY_AFTER_S) if text.isdecimal() else None
