"""Sending to Google: single requests and batches of them, with few and well-founded retries, and errors in our words.

https://developers.google.com/workspace/calendar/api/guides/batch and .../quota

What is sent again, at most twice, after growing pauses with jitter:

- reads, when Google is out of order, not reachable, or asks for a pause of at most 10 s;
- writes that Google refused for their rate: those were not carried out;
- writes that clashed with another part of their batch: once, alone;
- what Google refused because the access token has died: once, with a new one.

Each sending asks for its quota first, a batch for that of all its parts, and waits for it if that is soon
(plugin/google/pacing.py); else nothing is sent, and QuotaPauseError is the answer.

A write without an answer (connection lost, timeout, 5xx) is not sent again: it may have been carried out. With ids of our
choice and If-Match a second sending would do no harm, but it would answer 409 or 412 to our own success. The caller gets
UnavailableError, and the next run finds out by intent and etag.
"""

from __future__ import annotations

import http.client
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httplib2
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp, Request
from googleapiclient.errors import BatchError, HttpError

from plugin.core.errors import (
    CredentialsRevokedError,
    FencedError,
    QuotaPauseError,
    RateLimitedError,
    StoreError,
    SyncError,
    UnavailableError,
)
from plugin.google.answers import READS, BatchConflictError, Operation, error_from_answer
from plugin.google.batch import Batch
from plugin.google.connection import TIMEOUT_S, Http, batch_address, build_service
from plugin.google.pacing import Pacing, Quota
from plugin.google.token_errors import error_from_refresh

MAX_ATTEMPTS = 3
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 10.0

MAX_BATCH = 50  # some of Google's texts say 1000, others 50

# https://developers.google.com/workspace/calendar/api/v3/reference/events/patch: three units; everything else is one
_UNITS = {Operation.PATCH: 3}

_NETWORK_ERRORS = (OSError, http.client.HTTPException, httplib2.HttpLib2Error, GoogleAuthError)
# What the client library lets through when an answer is cut off, or isn't what it says it is.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)

Answer = Any | StoreError


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the client library, and what it is for."""

    operation: Operation
    request: Any
    units: int | None = None
    """What it costs, where the operation alone doesn't say it."""


@dataclass(slots=True)
class Usage:
    """What a run has cost: HTTP requests sent, and units of Google's quota."""

    requests: int = 0
    quota_units: int = 0


@dataclass(frozen=True, slots=True)
class KnownTokens:
    """The tokens as they are after a run, to be stored: refreshing may have brought new ones."""

    access_token: str
    expires_utc: datetime
    refresh_token: str

    def __repr__(self) -> str:
        return "KnownTokens(…)"


class Transport:
    """One API of one account, for one run, in one thread: nothing in it is safe to share."""

    def __init__(
        self,
        credentials: Credentials,
        api: str,
        version: str,
        endpoint: str | None = None,
        *,
        quota: Quota | None = None,
        timeout_s: float = TIMEOUT_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._credentials = credentials
        # By itself it would send again what was answered 401, asking neither the lock nor the quota.
        self._http = AuthorizedHttp(credentials, http=Http(timeout_s), refresh_status_codes=())
        self._pacing = Pacing(quota, sleep)
        self._sleep = sleep
        self.service = build_service(api, version, self._http, endpoint)
        self._batch_address = batch_address(api, version, endpoint)
        self.usage = Usage()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def tokens(self) -> KnownTokens | None:
        """The present tokens; None as long as there is no access token."""
        creds = self._credentials
        if not creds.token or creds.expiry is None:
            return None
        return KnownTokens(creds.token, creds.expiry.replace(tzinfo=UTC), creds.refresh_token or "")

    def fetch(self, call: Call) -> Any:
        """Return the answer to one call; raises StoreError."""
        [answer] = self.run([call])
        if isinstance(answer, StoreError):
            raise answer
        return answer

    def run(self, calls: Sequence[Call], before_send: Callable[[], None] | None = None) -> list[Answer]:
        """Return what Google answers to each call, in order: data, or the error.

        Several calls go as one batch. `before_send` is asked before every sending, repeated ones included; where it raises,
        nothing is sent, and FencedError is the answer. What an earlier sending brought is told all the same.
        """
        if len(calls) > MAX_BATCH:
            raise ValueError(f"{len(calls)} calls in one batch, {MAX_BATCH} are allowed")
        answers: list[Answer] = [None] * len(calls)
        waiting = list(range(len(calls)))
        for attempt in range(MAX_ATTEMPTS):
            self._ask_and_send(calls, waiting, answers, before_send)
            answered = [answers[i] for i in waiting]
            waiting = [i for i in waiting if _may_be_sent_again(calls[i].operation, answers[i])]
            if not waiting or attempt == MAX_ATTEMPTS - 1:
                self._pacing.note_refusals(answered, None)
                break
            pause_s = _pause_s(attempt, [answers[i] for i in waiting])
            self._pacing.note_refusals(answered, pause_s)
            self._sleep(pause_s)
        for index, answer in enumerate(answers):
            if isinstance(answer, BatchConflictError):
                self._ask_and_send(calls, [index], answers, before_send)
        return answers

    def _ask_and_send(
        self,
        calls: Sequence[Call],
        indexes: Sequence[int],
        answers: list[Answer],
        before_send: Callable[[], None] | None,
    ) -> None:
        answered = self._ask_and_send_once(calls, indexes, answers, before_send)
        rejected = [i for i in answered if isinstance(answers[i], CredentialsRevokedError)]
        if not rejected:
            return
        failed = self._attempt(calls[rejected[0]].operation, self._renew)
        if isinstance(failed, StoreError):
            _answer_all(answers, rejected, failed)
        else:
            self._ask_and_send_once(calls, rejected, answers, before_send)

    def _ask_and_send_once(
        self,
        calls: Sequence[Call],
        indexes: Sequence[int],
        answers: list[Answer],
        before_send: Callable[[], None] | None,
    ) -> Sequence[int]:
        """Return what of it Google was asked; the rest has its error."""
        if not indexes:
            return ()
        wanted = [calls[i] for i in indexes]
        if error := self._hindrance(wanted, before_send):
            _answer_all(answers, indexes, error)
            return ()
        for index, answer in zip(indexes, self._send(wanted), strict=True):
            answers[index] = answer
        return indexes

    def _hindrance(self, wanted: Sequence[Call], before_send: Callable[[], None] | None) -> StoreError | None:
        if pause := self._pacing.wait_for(_units(wanted)):
            return pause
        # Before the lock is asked: it may take longer than one that isn't renewed holds.
        if isinstance(failed := self._attempt(wanted[0].operation, self._renew_if_stale), StoreError):
            return failed
        try:
            if before_send is not None:
                before_send()
        except SyncError as error:
            return _caused(FencedError(error), error)
        return None

    def _send(self, calls: Sequence[Call]) -> list[Answer]:
        self.usage.requests += 1
        self.usage.quota_units += _units(calls)
        if len(calls) == 1:
            operation, request = calls[0].operation, calls[0].request
            return [_readable(operation, self._attempt(operation, lambda: request.execute(http=self._http)))]
        parts: dict[str, Answer] = {}

        def keep(request_id: str, data: Any, error: HttpError | None) -> None:
            operation = calls[int(request_id)].operation
            if error is None:
                parts[request_id] = _readable(operation, data)
            else:
                parts[request_id] = _caused(error_from_answer(operation, error), error)

        batch = Batch(callback=keep, batch_uri=self._batch_address)
        for index, call in enumerate(calls):
            batch.add(call.request, request_id=str(index))
        whole = self._attempt(Operation.BATCH, lambda: batch.execute(http=self._http))
        return [parts.get(str(index), whole) for index in range(len(calls))]

    def _renew_if_stale(self) -> None:
        if not self._credentials.valid:
            self._renew()

    def _renew(self) -> None:
        self._credentials.refresh(Request(self._http.http))  # type: ignore[no-untyped-call] # the library has no types

    def _attempt(self, operation: Operation, send: Callable[[], Any]) -> Answer:
        try:
            return send()
        except BatchError as error:
            # An HttpError without an answer: what came isn't one of a batch.
            return _unreadable(operation, error)
        except HttpError as error:
            return _caused(error_from_answer(operation, error), error)
        except RefreshError as error:
            return _caused(error_from_refresh(error), error)
        except _NETWORK_ERRORS as error:
            return _caused(UnavailableError(f"{operation.value}: {type(error).__name__}"), error)
        except _UNREADABLE as error:
            return _unreadable(operation, error)


def _answer_all(answers: list[Answer], indexes: Sequence[int], error: StoreError) -> None:
    for index in indexes:
        answers[index] = error


def _units(calls: Sequence[Call]) -> int:
    return sum(_UNITS.get(call.operation, 1) if call.units is None else call.units for call in calls)


def _readable(operation: Operation, answer: Answer) -> Answer:
    # the client library hands out as plain text what it can't read as JSON: half an answer, or a proxy's page
    if isinstance(answer, dict | StoreError) or (operation is Operation.DELETE and answer == ""):
        return answer
    return UnavailableError(f"{operation.value}: the answer can't be read")


def _unreadable(operation: Operation, cause: Exception) -> StoreError:
    return _caused(UnavailableError(f"{operation.value}: the answer can't be read"), cause)


def _may_be_sent_again(operation: Operation, answer: Answer) -> bool:
    if isinstance(answer, QuotaPauseError):
        return False
    if isinstance(answer, RateLimitedError):
        return answer.retry_after_s is None or answer.retry_after_s <= LONGEST_PAUSE_S
    return operation in READS and isinstance(answer, UnavailableError)


def _pause_s(attempt: int, errors: Sequence[StoreError]) -> float:
    asked_s = max((e.retry_after_s or 0.0 for e in errors if isinstance(e, RateLimitedError)), default=0.0)
    usual_s: float = FIRST_PAUSE_S * 2**attempt * random.uniform(0.75, 1.25)
    return max(asked_s, usual_s)


def _caused(error: StoreError, cause: Exception) -> StoreError:
    error.__cause__ = cause
    return error
