"""Error answers of Google's newer APIs, People among them, and the translation of the older ones into them.

https://cloud.google.com/apis/design/errors#error_model
"""

from __future__ import annotations

from demo.google.errors import ApiError
from demo.google.wire import Json, Request

STATUS_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    410: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
# https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
RPC_CODES = {
    "INVALID_ARGUMENT": 3,
    "NOT_FOUND": 5,
    "ALREADY_EXISTS": 6,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "FAILED_PRECONDITION": 9,
    "ABORTED": 10,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
    "UNAUTHENTICATED": 16,
}
_REASONS = {
    "insufficientPermissions": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    "accessNotConfigured": "SERVICE_DISABLED",
    "rateLimitExceeded": "RATE_LIMIT_EXCEEDED",
    "userRateLimitExceeded": "RATE_LIMIT_EXCEEDED",
}
# What a fault may name as its reason though it is no ErrorInfo's reason: the status of the envelope.
_STATUS_OF_REASON = {word: word for word in RPC_CODES} | {
    "failedPrecondition": "FAILED_PRECONDITION",
    "EXPIRED_SYNC_TOKEN": "FAILED_PRECONDITION",
    "RATE_LIMIT_EXCEEDED": "RESOURCE_EXHAUSTED",
}
EXPIRED = "Sync token is expired. Clear local cache and retry call without the sync token."


class PlatformError(ApiError):
    """An error in the envelope with `status` and `details`."""

    def __init__(self, code: int, message: str, *, word: str = "", reason: str = "", field: str = "") -> None:
        super().__init__(code, reason, message)
        self.word = word or STATUS_WORDS.get(code, "UNKNOWN")
        self.field = field

    @property
    def details(self) -> list[Json]:
        found: list[Json] = []
        if self.reason:
            kind = "type.googleapis.com/google.rpc.ErrorInfo"
            found.append({"@type": kind, "reason": self.reason, "domain": "googleapis.com", "metadata": {}})
        if self.field:
            violation = {"field": self.field, "description": self.message}
            kind = "type.googleapis.com/google.rpc.BadRequest"
            found.append({"@type": kind, "fieldViolations": [violation]})
        return found

    def envelope(self) -> Json:
        error: Json = {"code": self.status, "message": self.message, "status": self.word}
        return {"error": error | ({"details": self.details} if self.details else {})}

    def rpc_status(self) -> Json:
        """As it stands inside a batch's answer."""
        status: Json = {"code": RPC_CODES.get(self.word, 2), "message": self.message}
        return status | ({"details": self.details} if self.details else {})


def is_platform(request: Request) -> bool:
    """Whether the path belongs to an API that speaks this way."""
    return request.path.startswith("/v1/")


def as_platform(error: ApiError) -> PlatformError:
    """The same error as a newer API tells it."""
    if isinstance(error, PlatformError):
        return error
    reason = _REASONS.get(error.reason, error.reason if error.reason.isupper() else "")
    word = _STATUS_OF_REASON.get(reason) or _STATUS_OF_REASON.get(error.reason, "")
    told = PlatformError(
        error.status, EXPIRED if reason == "EXPIRED_SYNC_TOKEN" else error.message, word=word, reason=reason
    )
    told.headers = error.headers
    if reason in RPC_CODES:  # a bare status word is no ErrorInfo
        told.reason = ""
    return told


def invalid_argument(message: str, field: str = "") -> PlatformError:
    return PlatformError(400, message, field=field)


def missing(name: str = "") -> PlatformError:
    return PlatformError(404, f"Requested entity was not found. {name}".rstrip())


def stale_etag() -> PlatformError:
    return PlatformError(
        400,
        "Request person.etag is different than the current person.etag. Clear local cache and get the latest "
        "person.",
        word="FAILED_PRECONDITION",
    )


def expired_sync_token(status: int) -> PlatformError:
    return PlatformError(status, EXPIRED, word="FAILED_PRECONDITION", reason="EXPIRED_SYNC_TOKEN")


def quota_exceeded(metric: str, limit: str) -> PlatformError:
    message = (
        f"Quota exceeded for quota metric '{metric}' and limit '{limit}' of service 'people.googleapis.com'"
    )
    return PlatformError(429, message, reason="RATE_LIMIT_EXCEEDED")
