"""Token, revocation and user information endpoints.

https://developers.google.com/identity/protocols/oauth2/web-server
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from urllib.parse import unquote_plus

from demo.google.errors import OAuthError
from demo.google.grants import AccessToken, AuthorizationCode
from demo.google.model import Account, Client
from demo.google.wire import Json, Request, Response, json_response
from demo.google.world import World

EMAIL_SCOPE = "https://www.googleapis.com/auth/userinfo.email"
PROFILE_SCOPE = "https://www.googleapis.com/auth/userinfo.profile"
IDENTITY_SCOPES = ("openid", EMAIL_SCOPE, PROFILE_SCOPE)
_SHORT_NAMES = {"email": EMAIL_SCOPE, "profile": PROFILE_SCOPE}


def full_scopes(text: str) -> list[str]:
    """Scopes as Google names them in answers, each once."""
    return list(dict.fromkeys(_SHORT_NAMES.get(name, name) for name in text.split()))


def authenticate_client(world: World, request: Request) -> Client:
    """By form fields or HTTP Basic."""
    client_id, secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise OAuthError(400, "invalid_request", "Malformed Authorization header.") from None
        client_id, secret = unquote_plus(name), unquote_plus(password)
    client = world.clients.get(client_id)
    if client is None:
        raise OAuthError(401, "invalid_client", "The OAuth client was not found.")
    if not hmac.compare_digest(client.client_secret.encode(), secret.encode()):
        raise OAuthError(401, "invalid_client", "Unauthorized")
    return client


def token(world: World, request: Request) -> Response:
    client = authenticate_client(world, request)
    grant_type = request.form.get("grant_type", "")
    if grant_type == "authorization_code":
        answer = _exchange(world, client, request.form)
    elif grant_type == "refresh_token":
        answer = _refresh(world, client, request.form)
    else:
        raise OAuthError(400, "unsupported_grant_type", f"Invalid grant_type: {grant_type}")
    return json_response(answer, headers={"Cache-Control": "no-store"})


def _exchange(world: World, client: Client, form: dict[str, str]) -> Json:
    code = world.grants.take_code(form.get("code", ""))
    if code is None or code.client_id != client.client_id:
        raise OAuthError(400, "invalid_grant", "Malformed auth code.")
    if code.redirect_uri != form.get("redirect_uri", ""):
        raise OAuthError(400, "redirect_uri_mismatch", "Bad Request")
    _check_verifier(code, form.get("code_verifier", ""))
    access = world.grants.issue_access(code.account, client, code.scopes)
    answer = _answer(world, access)
    if code.offline:
        refresh = world.grants.issue_refresh(code.account, client, code.scopes)
        answer["refresh_token"] = refresh.value
        if world.switches.testing_project:
            answer["refresh_token_expires_in"] = 7 * 24 * 3600 - 1
    if "openid" in code.scopes:
        answer["id_token"] = id_token(world, access, nonce=code.nonce)
    return answer


def _check_verifier(code: AuthorizationCode, verifier: str) -> None:
    if not code.challenge:
        return
    if not verifier:
        raise OAuthError(400, "invalid_grant", "Missing code verifier.")
    made = verifier
    if code.challenge_method == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        made = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if not 43 <= len(verifier) <= 128 or not hmac.compare_digest(made.encode(), code.challenge.encode()):
        raise OAuthError(400, "invalid_grant", "Invalid code verifier.")


def _refresh(world: World, client: Client, form: dict[str, str]) -> Json:
    refresh = world.grants.living_refresh(form.get("refresh_token", ""))
    if refresh is None or refresh.client.client_id != client.client_id:
        raise OAuthError(400, "invalid_grant", "Token has been expired or revoked.")
    scopes = refresh.scopes
    if form.get("scope"):
        scopes = full_scopes(form["scope"])
        if not set(scopes) <= set(refresh.scopes):
            raise OAuthError(400, "invalid_scope", "Bad Request")
    access = world.grants.issue_access(refresh.account, client, scopes)
    answer = _answer(world, access)
    if world.switches.rotate_refresh_tokens:
        del world.grants.refresh_tokens[refresh.value]
        answer["refresh_token"] = world.grants.issue_refresh(refresh.account, client, refresh.scopes).value
    if "openid" in scopes:
        answer["id_token"] = id_token(world, access)
    return answer


def _answer(world: World, access: AccessToken) -> Json:
    return {
        "access_token": access.value,
        "expires_in": world.switches.expires_in,
        "scope": " ".join(access.scopes),
        "token_type": "Bearer",
    }


def id_token(world: World, access: AccessToken, *, nonce: str = "") -> str:
    """A JWT with Google's claims, signed HS256 with the client's secret (Google's own are RS256)."""
    now = int(world.clock.now().timestamp())
    account, client_id = access.account, access.client.client_id
    claims: Json = {
        "iss": "https://accounts.google.com",
        "azp": client_id,
        "aud": client_id,
        "sub": account.sub,
        "iat": now,
        "exp": now + 3600,
    }
    if EMAIL_SCOPE in access.scopes:
        claims |= {"email": account.email, "email_verified": True}
    if PROFILE_SCOPE in access.scopes:
        claims |= {"name": account.name}
    if nonce:
        claims["nonce"] = nonce
    head = ".".join(_b64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    signature = hmac.new(access.client.client_secret.encode(), head.encode(), hashlib.sha256).digest()
    return f"{head}.{_b64(signature)}"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def revoke(world: World, request: Request) -> Response:
    """Either token ends the whole grant of the project."""
    value = request.form.get("token") or request.param("token")
    if not value or not world.grants.revoke_token(value):
        raise OAuthError(400, "invalid_token", "Token expired or revoked")
    return json_response({})


def bearer(world: World, request: Request) -> AccessToken | None:
    """The living access token of the request."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        value = request.param("access_token")
    return world.grants.living_access(value.strip())


def userinfo_openid(world: World, request: Request) -> Response:
    """openidconnect.googleapis.com/v1/userinfo and oauth2/v3/userinfo."""
    access = bearer(world, request)
    if access is None:
        return _unauthenticated()
    account = access.account
    answer: Json = {"sub": account.sub, "picture": ""}
    if EMAIL_SCOPE in access.scopes:
        answer |= {"email": account.email, "email_verified": True}
    if PROFILE_SCOPE in access.scopes:
        answer |= _names(account)
    return json_response(answer)


def userinfo_oauth2(world: World, request: Request) -> Response:
    """www.googleapis.com/oauth2/v1/userinfo and /v2/userinfo."""
    access = bearer(world, request)
    if access is None:
        return _unauthenticated()
    account = access.account
    answer: Json = {"id": account.sub, "picture": ""}
    if EMAIL_SCOPE in access.scopes:
        answer |= {"email": account.email, "verified_email": True}
    if PROFILE_SCOPE in access.scopes:
        answer |= _names(account) | {"locale": account.locale}
    return json_response(answer)


def _names(account: Account) -> Json:
    given, _, family = account.name.partition(" ")
    return {"name": account.name, "given_name": given, "family_name": family}


def _unauthenticated() -> Response:
    error = {
        "code": 401,
        "message": "Request is missing required authentication credential.",
        "status": "UNAUTHENTICATED",
    }
    return json_response({"error": error}, 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})


def openid_configuration(world: World, _request: Request) -> Response:
    root = world.root_url
    return json_response(
        {
            "issuer": "https://accounts.google.com",
            "authorization_endpoint": f"{root}/o/oauth2/v2/auth",
            "token_endpoint": f"{root}/token",
            "revocation_endpoint": f"{root}/revoke",
            "userinfo_endpoint": f"{root}/v1/userinfo",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "id_token_signing_alg_values_supported": ["HS256"],
        }
    )
