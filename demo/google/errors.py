"""Google's error answers.

Calendar: https://developers.google.com/workspace/calendar/api/guides/errors
OAuth: https://developers.google.com/identity/protocols/oauth2/web-server
"""

from __future__ import annotations

from demo.google.wire import Json, Response, json_response


class ApiError(Exception):
    """An error in the envelope of Google's older JSON APIs (Calendar among them)."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        location: tuple[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.domain = domain
        self.location = location
        self.headers = headers or {}

    def envelope(self) -> Json:
        detail: Json = {"domain": self.domain, "reason": self.reason, "message": self.message}
        if self.location:
            detail["locationType"], detail["location"] = self.location
        return {"error": {"errors": [detail], "code": self.status, "message": self.message}}

    def response(self) -> Response:
        return json_response(self.envelope(), self.status, dict(self.headers))


class OAuthError(Exception):
    """An error of the token endpoint: a flat JSON object."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description

    def response(self) -> Response:
        return json_response({"error": self.error, "error_description": self.description}, self.status)


def invalid(message: str, parameter: str | None = None) -> ApiError:
    return ApiError(400, "invalid", message, location=("parameter", parameter) if parameter else None)


def required(message: str) -> ApiError:
    return ApiError(400, "required", message)


def not_found() -> ApiError:
    return ApiError(404, "notFound", "Not Found")


def gone() -> ApiError:
    return ApiError(410, "deleted", "Resource has been deleted")


def duplicate() -> ApiError:
    return ApiError(409, "duplicate", "The requested identifier already exists.")


def conflict() -> ApiError:
    return ApiError(409, "conflict", "Conflict")


def condition_not_met() -> ApiError:
    return ApiError(412, "conditionNotMet", "Precondition Failed", location=("header", "If-Match"))


def time_range_empty() -> ApiError:
    return ApiError(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar")


def event_type_restriction(message: str) -> ApiError:
    return ApiError(400, "eventTypeRestriction", message, domain="calendar")


def full_sync_required() -> ApiError:
    return ApiError(
        410,
        "fullSyncRequired",
        "Sync token is no longer valid, a full sync is required.",
        domain="calendar",
        location=("parameter", "syncToken"),
    )


def updated_min_too_long_ago() -> ApiError:
    return ApiError(
        410,
        "updatedMinTooLongAgo",
        "The requested minimum modification time lies too far in the past.",
        domain="calendar",
        location=("parameter", "updatedMin"),
    )


def writer_required() -> ApiError:
    return ApiError(
        403, "requiredAccessLevel", "You need to have writer access to this calendar.", domain="calendar"
    )


def forbidden_for_non_organizer() -> ApiError:
    return ApiError(
        403,
        "forbiddenForNonOrganizer",
        "Shared properties can only be changed by the organizer of the event.",
        domain="calendar",
    )


def login_required() -> ApiError:
    return ApiError(
        401,
        "required",
        "Login Required.",
        location=("header", "Authorization"),
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'},
    )


def bad_credentials() -> ApiError:
    return ApiError(
        401,
        "authError",
        "Invalid Credentials",
        location=("header", "Authorization"),
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'},
    )


def insufficient_scope() -> ApiError:
    return ApiError(
        403,
        "insufficientPermissions",
        "Insufficient Permission: Request had insufficient authentication scopes.",
    )


# The reasons a fault may name without spelling out domain and message.
KNOWN_REASONS: dict[str, tuple[str, str]] = {
    "userRateLimitExceeded": ("usageLimits", "User Rate Limit Exceeded"),
    "rateLimitExceeded": ("usageLimits", "Rate Limit Exceeded"),
    "quotaExceeded": ("usageLimits", "Calendar usage limits exceeded."),
    "backendError": ("global", "Backend Error"),
    "authError": ("global", "Invalid Credentials"),
    "notFound": ("global", "Not Found"),
    "forbidden": ("global", "Forbidden"),
    "accessNotConfigured": ("usageLimits", "Access Not Configured."),
    "duplicate": ("global", "The requested identifier already exists."),
    "conflict": ("global", "Conflict"),
    "deleted": ("global", "Resource has been deleted"),
    "conditionNotMet": ("global", "Precondition Failed"),
    "forbiddenForNonOrganizer": (
        "calendar",
        "Shared properties can only be changed by the organizer of the event.",
    ),
    "fullSyncRequired": ("calendar", "Sync token is no longer valid, a full sync is required."),
    "updatedMinTooLongAgo": (
        "calendar",
        "The requested minimum modification time lies too far in the past.",
    ),
}

DEFAULT_REASONS = {
    400: "badRequest",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "conflict",
    410: "deleted",
    412: "conditionNotMet",
    429: "rateLimitExceeded",
    500: "backendError",
    503: "backendError",
}


def injected(status: int, reason: str | None, message: str | None) -> ApiError:
    """The error a fault rule describes, completed from what is known about the reason."""
    reason = reason or DEFAULT_REASONS.get(status, "backendError")
    domain, text = KNOWN_REASONS.get(reason, ("global", reason))
    return ApiError(status, reason, message or text, domain=domain)
