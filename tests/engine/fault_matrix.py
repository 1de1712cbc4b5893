"""Every kind of refusal of Google's at every call of a run, and what comes of it: printed into docs/fault_matrix.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Call(Enum):
    """The calls that a run makes of Google."""

    LIST_ALL = "list everything"
    LIST_CHANGES = "list changes"
    GET_MISSING = "get what a full list lacks"
    GET_UNKNOWN = "get a create of unknown end"
    GET_CHANGED = "get what changed meanwhile"
    INSERT = "insert"
    PATCH = "patch"
    DELETE = "delete"
    BATCH = "a batch as a whole"


class Mend(Enum):
    """What it takes, once the fault is over, for both sides to agree."""

    NOTHING = "nothing"
    RUN = "the next run"
    DAY = "the next run after a day"
    RECONNECT = "connecting again"
    REMOVE_AND_CONNECT = "removing and connecting again"


@dataclass(frozen=True)
class Ending:
    """What a run makes of it: `text` for the page; its status and error code; how the connection stands afterwards.

    `is_skipped`, `is_parked`: what a run that got to its end says of records it left.
    """

    text: str
    status: str = "done"
    code: str = ""
    connection: str = "active"
    mend: Mend = Mend.RUN
    is_skipped: bool = False
    is_parked: bool = False


def _failing(code: str, text: str = "fails", connection: str = "active", mend: Mend = Mend.RUN) -> Ending:
    return Ending(f"{text}: `{code}`", "failed", code, connection, mend)


DONE = Ending("done", mend=Mend.NOTHING)
AGAIN = Ending("done, at the second try", mend=Mend.NOTHING, is_skipped=True)
LEFT = Ending("left for the next run", is_skipped=True)
WAITS = Ending("left for the next run")
ASIDE = Ending("set aside for a day", mend=Mend.DAY, is_skipped=True, is_parked=True)
ASKED = Ending("set aside for a day", mend=Mend.DAY, is_parked=True)
OFF = Ending("put off", status="queued")
DOWN, FAILS, SLOW = _failing("unavailable"), _failing("google_unexpected"), _failing("long_pause")
API, TOKEN = _failing("api_disabled"), _failing("sync_token_expired")
REVOKED = _failing("reconnect", "**connect again**", "reconnect", Mend.RECONNECT)
SCOPE = _failing("missing_scope", "**connect again**", "reconnect", Mend.RECONNECT)
LOST = _failing("collection_lost", "**pauses**", "paused", Mend.REMOVE_AND_CONNECT)
READER = _failing("write_access_lost", "**pauses**", "paused", Mend.REMOVE_AND_CONNECT)


@dataclass(frozen=True)
class Fault:
    """One kind of answer; `rule` makes the simulator give it (demo/google/faults.py)."""

    title: str
    rule: Mapping[str, Any]

    @property
    def says_gone(self) -> bool:
        """Tell whether the answer says that an event isn't there."""
        return self.rule.get("status") in {404, 410}


FAULTS = (
    Fault("400 invalid", {"status": 400, "reason": "invalid"}),
    Fault("401", {"status": 401, "reason": "authError"}),
    Fault("403 rateLimitExceeded", {"status": 403, "reason": "rateLimitExceeded"}),
    Fault("429, wait a minute", {"status": 429, "reason": "rateLimitExceeded", "retry_after": 60}),
    Fault("403 quotaExceeded", {"status": 403, "reason": "quotaExceeded"}),
    Fault("403 dailyLimitExceeded", {"status": 403, "reason": "dailyLimitExceeded"}),
    Fault("403 insufficientPermissions", {"status": 403, "reason": "insufficientPermissions"}),
    Fault("403 accessNotConfigured", {"status": 403, "reason": "accessNotConfigured"}),
    Fault("403 forbiddenForNonOrganizer", {"status": 403, "reason": "forbiddenForNonOrganizer"}),
    Fault("403 requiredAccessLevel", {"status": 403, "reason": "requiredAccessLevel"}),
    Fault("403 from a proxy", {"status": 403, "body": "html"}),
    Fault("404", {"status": 404, "reason": "notFound"}),
    Fault("409 duplicate", {"status": 409, "reason": "duplicate"}),
    Fault("409 conflict", {"status": 409, "reason": "conflict"}),
    Fault("410 fullSyncRequired", {"status": 410, "reason": "fullSyncRequired"}),
    Fault("410 deleted", {"status": 410, "reason": "deleted"}),
    Fault("412", {"status": 412, "reason": "conditionNotMet"}),
    Fault("503", {"status": 503, "reason": "backendError"}),
    Fault("503, wait a minute", {"status": 503, "reason": "backendError", "retry_after": 60}),
    Fault("302 from a proxy", {"status": 302, "body": "html", "location": "https://proxy.example/"}),
    Fault("a page instead of JSON", {"status": 200, "body": "html"}),
    Fault("a list instead of an object", {"status": 200, "body": "list"}),
    Fault("connection lost before", {"reset": "before"}),
    Fault("connection lost after", {"reset": "after"}),
    Fault("answer cut off", {"body": "truncated"}),
)

# By fault, in the order of `Call`.
MATRIX: Mapping[str, tuple[Ending, ...]] = {
    "400 invalid": (FAILS, FAILS, ASKED, WAITS, AGAIN, ASIDE, ASIDE, ASIDE, FAILS),
    "401": (REVOKED, REVOKED, REVOKED, WAITS, REVOKED, REVOKED, REVOKED, REVOKED, REVOKED),
    "403 rateLimitExceeded": (OFF, OFF, OFF, WAITS, OFF, OFF, OFF, OFF, OFF),
    "429, wait a minute": (OFF, OFF, OFF, WAITS, OFF, OFF, OFF, OFF, OFF),
    "403 quotaExceeded": (SLOW, SLOW, SLOW, WAITS, SLOW, SLOW, SLOW, SLOW, SLOW),
    "403 dailyLimitExceeded": (SLOW, SLOW, SLOW, WAITS, SLOW, SLOW, SLOW, SLOW, SLOW),
    "403 insufficientPermissions": (SCOPE, SCOPE, SCOPE, WAITS, SCOPE, SCOPE, SCOPE, SCOPE, SCOPE),
    "403 accessNotConfigured": (API, API, API, WAITS, API, API, API, API, API),
    "403 forbiddenForNonOrganizer": (LOST, LOST, ASKED, WAITS, AGAIN, ASIDE, ASIDE, ASIDE, FAILS),
    "403 requiredAccessLevel": (LOST, LOST, ASKED, WAITS, AGAIN, READER, READER, READER, FAILS),
    "403 from a proxy": (DOWN, DOWN, DOWN, WAITS, DOWN, DOWN, DOWN, DOWN, DOWN),
    "404": (LOST, LOST, DONE, DONE, LEFT, LOST, LEFT, DONE, FAILS),
    "409 duplicate": (FAILS, FAILS, ASKED, WAITS, AGAIN, LEFT, ASIDE, ASIDE, FAILS),
    "409 conflict": (FAILS, FAILS, ASKED, WAITS, AGAIN, LEFT, LEFT, LEFT, FAILS),
    "410 fullSyncRequired": (TOKEN, DONE, DONE, DONE, LEFT, ASIDE, LEFT, DONE, FAILS),
    "410 deleted": (LOST, DONE, DONE, DONE, LEFT, ASIDE, LEFT, DONE, FAILS),
    "412": (FAILS, FAILS, FAILS, WAITS, FAILS, LEFT, LEFT, LEFT, FAILS),
    "503": (DOWN, DOWN, DOWN, WAITS, DOWN, DOWN, DOWN, DOWN, DOWN),
    "503, wait a minute": (OFF, OFF, OFF, WAITS, OFF, DOWN, DOWN, DOWN, DOWN),
    "302 from a proxy": (DOWN, DOWN, DOWN, WAITS, DOWN, DOWN, DOWN, DOWN, DOWN),
    "a page instead of JSON": (DOWN, DOWN, DOWN, WAITS, DOWN, DOWN, DOWN, DOWN, DOWN),
    "a list instead of an object": (DOWN, DOWN, DOWN, WAITS, DOWN, DOWN, DOWN, DOWN, DOWN),
    "connection lost before": (DOWN, DOWN, DOWN, WAITS, DOWN, DOWN, DOWN, DOWN, DOWN),
    "connection lost after": (DOWN, DOWN, DOWN, WAITS, DOWN, DOWN, DOWN, DOWN, DOWN),
    "answer cut off": (DOWN, DOWN, DOWN, WAITS, DOWN, DOWN, DOWN, DONE, DOWN),
}


def cells() -> Iterator[tuple[Call, Fault, Ending]]:
    """Return the matrix cell by cell."""
    for fault in FAULTS:
        for call, ending in zip(Call, MATRIX[fault.title], strict=True):
            yield call, fault, ending
