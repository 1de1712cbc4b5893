"""What can go wrong, graded by reach.

    SyncError
    ├─ ConfigError                                        run
    ├─ SchemaError                                        run
    ├─ ConfigError, MissingClientError                    run
    ├─ MappingError                                       item      parked, reported, never retried blindly
    ├─ StoreError                                         raised by adapters only, always `from` the cause
    │  ├─ RateLimitedError, UnavailableError              pair      retryable
    │  │  ├─ LongPauseError                               pair      for an hour and more
    │  │  ├─ QuotaPauseError                              pair      not even sent: our own pacing
    │  │  └─ SessionBusyError, SessionStoreError, SessionBrokenError      the CRM's PHP sessions can't be read
    │  ├─ PreconditionError: VersionMismatchError, NotFoundError, AlreadyExistsError   item   decided again next run
    │  ├─ RefusedError                                    item      the other side says no to this one record
    │  ├─ UnexpectedAnswerError                           run       a refusal nobody foresaw
    │  ├─ SyncTokenExpiredError                           pair      full sync, at most once per run
    │  ├─ CollectionLostError: WriteAccessLostError       pair      pause, tell the user
    │  ├─ CredentialsRevokedError, MissingScopeError      account   pause, tell the user
    │  ├─ MissingClientError, ClientRejectedError, ApiDisabledError     run       the administrator mends the Google project
    │  ├─ KeyMissingError                                 run       the administrator puts the key back
    │  └─ FencedError                                     pair      not even sent: the lock is another's
    ├─ LockError: LockBusyError, LockLostError, DisconnectedError       pair
    └─ SafetyStopError                                    pair      needs a person

Whoever catches one reads `scope` and `retryable`, never an HTTP status. `code` names the sentence that a person is shown
(`plugin/sentences.py` has one for each code, in Spanish and English).
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar


class Scope(Enum):
    """How far an error reaches: what has to stop because of it."""

    ITEM = "item"
    PAIR = "pair"
    ACCOUNT = "account"
    RUN = "run"


class SyncError(Exception):
    """Base of everything this project raises on purpose; the message is for logs, `code` for people."""

    code: ClassVar[str] = "unexpected"
    scope: ClassVar[Scope] = Scope.RUN
    retryable: ClassVar[bool] = False

    def __init__(self, message: str = "", **details: str) -> None:
        super().__init__(message or self.code)
        self.details = details

    @property
    def told(self) -> str:
        """The code, and of what only the administrator can mend what it is: that names no record and no address."""
        return f"{self.code} ({self})" if self.scope is Scope.RUN and str(self) != self.code else self.code


class ConfigError(SyncError):
    """One or several settings are missing or wrong; `problems` lists all of them."""

    code = "config"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class SchemaError(SyncError):
    """The CRM's database lacks what we need, or has it in a form that can't be worked with."""

    code = "schema"


class MappingError(SyncError):
    """A record can't be said in the other side's terms."""

    code = "mapping"
    scope = Scope.ITEM

    def __init__(self, side: str, item_id: str, field: str, message: str) -> None:
        super().__init__(f"{side} {item_id}: {field}: {message}", field=field)
        self.side, self.item_id, self.field = side, item_id, field


class StoreError(SyncError):
    """An adapter could not do what it was asked."""


class RateLimitedError(StoreError):
    """The other side asks us to slow down; `retry_after_s` where it said for how long."""

    code = "rate_limited"
    scope = Scope.PAIR
    retryable = True

    def __init__(self, message: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class LongPauseError(RateLimitedError):
    """A limit against abuse was reached: asking again within the next hour makes it worse."""

    code = "long_pause"


class QuotaPauseError(RateLimitedError):
    """Nothing was sent, because it would have gone beyond the quota; `retry_after_s` says when it fits."""


class UnavailableError(StoreError):
    """The other side did not answer, or answered that it is out of order."""

    code = "unavailable"
    scope = Scope.PAIR
    retryable = True


class SessionBusyError(UnavailableError):
    """PHP holds the session for as long as its request lasts; it did not let go in time."""

    code = "crm_busy"
    scope = Scope.RUN


class SessionStoreError(UnavailableError):
    """The place where PHP keeps its sessions can't be read: a matter for the administrator."""

    code = "session_store"
    scope = Scope.RUN
    retryable = False


class SessionBrokenError(SessionStoreError):
    """One session can't be understood; logging in again makes a new one."""

    code = "session_broken"


class PreconditionError(StoreError):
    """The record isn't in the state that the decision was made for."""

    code = "changed_meanwhile"
    scope = Scope.ITEM


class VersionMismatchError(PreconditionError):
    """Somebody changed the record after we read it."""


class NotFoundError(PreconditionError):
    """The record is gone, or was never there."""

    code = "not_found"


class AlreadyExistsError(PreconditionError):
    """The id we chose is taken: by our own earlier attempt, or by a tombstone."""


class RefusedError(StoreError):
    """The other side refuses this one record for good; `reason` is its own word for it."""

    code = "refused"
    scope = Scope.ITEM

    def __init__(self, message: str = "", reason: str = "") -> None:
        super().__init__(message, reason=reason)
        self.reason = reason


class UnexpectedAnswerError(StoreError):
    """Google refused in a way that has no meaning for what was asked."""

    code = "google_unexpected"


class SyncTokenExpiredError(StoreError):
    """Google no longer knows our sync token; everything has to be listed again."""

    code = "sync_token_expired"
    scope = Scope.PAIR


class CollectionLostError(StoreError):
    """The calendar is gone or no longer shared with the account."""

    code = "collection_lost"
    scope = Scope.PAIR


class WriteAccessLostError(CollectionLostError):
    """The account may only read the calendar, and the pair writes to it."""

    code = "write_access_lost"


class CredentialsRevokedError(StoreError):
    """Google no longer accepts the grant; the user has to connect again."""

    code = "reconnect"
    scope = Scope.ACCOUNT


class MissingClientError(StoreError):
    """No Google OAuth client is registered in the CRM: the administrator has to do that first."""

    code = "no_client"


class KeyMissingError(StoreError):
    """No key of the settings decrypts a secret. The grant itself may be well: the administrator's matter, not the user's."""

    code = "key_missing"


class MissingScopeError(StoreError):
    """The user did not allow what this module needs."""

    code = "missing_scope"
    scope = Scope.ACCOUNT


class ApiDisabledError(StoreError):
    """The Google project of this install doesn't have the API switched on."""

    code = "api_disabled"


class ClientRejectedError(StoreError):
    """Google doesn't know the OAuth client of this install, its secret or its redirect URI."""

    code = "client_rejected"


class LockError(SyncError):
    """The run doesn't hold its pair."""

    scope = Scope.PAIR


class LockBusyError(LockError):
    """Another run holds the lock of this Google account."""

    code = "lock_busy"
    retryable = True


class LockLostError(LockError):
    """Another run took the lock over while this one slept: it must not write any more."""

    code = "lock_lost"
    retryable = True


class DisconnectedError(LockError):
    """The user disconnected, or chose another calendar, while the run went on: it stops where it is."""

    code = "disconnected"


class FencedError(StoreError):
    """Nothing was sent, because the run could not show that it still holds its pair; `reason` says why not."""

    code = "lock_lost"
    scope = Scope.PAIR
    retryable = True

    def __init__(self, reason: SyncError) -> None:
        super().__init__(f"not sent: {reason}")
        self.reason = reason


class SafetyStopError(SyncError):
    """Going on could destroy something; a person has to say so first."""

    code = "safety_stop"
    scope = Scope.PAIR


class ForeignInstallError(SafetyStopError):
    """This database is a copy, or the CRM moved: nothing runs until `flask google adopt`."""

    code = "foreign_install"
    scope = Scope.RUN
