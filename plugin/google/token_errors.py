"""What the token endpoint's refusals mean, for signing in and for renewing an access token alike.

https://developers.google.com/identity/protocols/oauth2/web-server
"""

from __future__ import annotations

from google.auth.exceptions import RefreshError

from plugin.core.errors import ClientRejectedError, CredentialsRevokedError, StoreError, UnavailableError


def error_from_refresh(error: RefreshError) -> StoreError:
    """Return what a refused refresh means: only `invalid_grant` and its like are for the user to mend."""
    body = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
    return error_from_oauth(str(body.get("error", "")))


def error_from_oauth(word: str) -> StoreError:
    """Return what an `error` of the token endpoint means."""
    message = f"token endpoint: {word or 'no sensible answer'}"
    match word:
        case "invalid_grant" | "admin_policy_enforced" | "access_denied":
            return CredentialsRevokedError(message, reason=word)
        case "invalid_client" | "unauthorized_client" | "deleted_client" | "redirect_uri_mismatch":
            return ClientRejectedError(message, reason=word)
    return UnavailableError(message, reason=word)
