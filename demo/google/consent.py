"""The authorization endpoint: which account, which scopes, yes or no.

https://developers.google.com/identity/protocols/oauth2/web-server#creatingclient
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from demo.google.consent_pages import accounts_page, consent_page, error_page
from demo.google.grants import AuthorizationCode
from demo.google.model import Account, Client
from demo.google.oauth import IDENTITY_SCOPES, full_scopes
from demo.google.texts import language_of
from demo.google.wire import Request, Response, html_response, redirect
from demo.google.world import World

MOST_PENDING = 500


@dataclass
class Pending:
    """An authorization request on its way through the pages."""

    key: str
    client: Client
    redirect_uri: str
    scopes: list[str]
    state: str | None
    prompt: list[str]
    offline: bool
    include_granted: bool
    challenge: str
    challenge_method: str
    nonce: str
    language: str


def authorize(world: World, request: Request) -> Response:
    """GET /o/oauth2/v2/auth."""
    language = language_of(request)
    client = world.clients.get(request.param("client_id"))
    if client is None:
        return html_response(
            error_page(language, 401, "invalid_client", "The OAuth client was not found."), 401
        )
    if request.param("redirect_uri") not in client.redirect_uris:
        detail = f"redirect_uri={request.param('redirect_uri')}"
        return html_response(error_page(language, 400, "redirect_uri_mismatch", detail), 400)
    problem = _problem(request)
    if problem:
        return html_response(error_page(language, 400, *problem), 400)
    pending = Pending(
        key=secrets.token_urlsafe(16),
        client=client,
        redirect_uri=request.param("redirect_uri"),
        scopes=full_scopes(request.param("scope")),
        state=request.param("state") if "state" in request.params else None,
        prompt=request.param("prompt").split(),
        offline=request.param("access_type") == "offline",
        include_granted=request.param("include_granted_scopes") == "true",
        challenge=request.param("code_challenge"),
        challenge_method=request.param("code_challenge_method") or "plain",
        nonce=request.param("nonce"),
        language=language,
    )
    hint = request.param("login_hint")
    return _first_step(world, pending, world.account_of(hint) if hint else None)


def _problem(request: Request) -> tuple[str, str] | None:
    response_type = request.param("response_type")
    if response_type != "code":
        code = "unsupported_response_type" if response_type else "invalid_request"
        return code, f"response_type={response_type}"
    if not request.param("scope").split():
        return "invalid_request", "Missing required parameter: scope"
    if request.param("code_challenge_method") not in ("", "S256", "plain"):
        return "invalid_request", "Invalid parameter: code_challenge_method"
    prompts = set(request.param("prompt").split())
    if not prompts <= {"none", "consent", "select_account"} or ("none" in prompts and len(prompts) > 1):
        return "invalid_request", "Invalid parameter: prompt"
    return None


def _first_step(world: World, pending: Pending, account: Account | None) -> Response:
    if "none" in pending.prompt:
        if account is None:
            return _back(pending, {"error": "login_required"})
        if not _remembered(world, pending, account):
            return _back(pending, {"error": "interaction_required"})
        return _back_with_code(world, pending, account, pending.scopes, consented=False)
    while len(world.pending) >= MOST_PENDING:
        world.pending.pop(next(iter(world.pending)))
    world.pending[pending.key] = pending
    if account is None or "select_account" in pending.prompt:
        chosen = account.email if account else ""
        return html_response(accounts_page(pending.language, pending, list(world.accounts.values()), chosen))
    return _consent_step(world, pending, account)


def _remembered(world: World, pending: Pending, account: Account) -> bool:
    return set(pending.scopes) <= set(world.grants.scopes(account, pending.client))


def _consent_step(world: World, pending: Pending, account: Account) -> Response:
    if "consent" not in pending.prompt and _remembered(world, pending, account):
        return _back_with_code(world, pending, account, pending.scopes, consented=False)
    return html_response(consent_page(pending.language, pending, account))


def decide(world: World, request: Request) -> Response:
    """POST /o/oauth2/v2/consent: a click on one of the two pages."""
    form = request.form
    pending = world.pending.get(form.get("request", ""))
    if pending is None:
        return html_response(
            error_page(language_of(request), 400, "invalid_request", "This page is out of date."), 400
        )
    account = world.account_of(form.get("account", ""))
    decision = form.get("decision", "")
    if account is None or decision == "other":
        return html_response(accounts_page(pending.language, pending, list(world.accounts.values()), ""))
    if decision == "choose":
        return _consent_step(world, pending, account)
    ticked = request.form_lists.get("scope", [])
    granted = [s for s in pending.scopes if s in IDENTITY_SCOPES or s in ticked]
    if decision != "allow" or not granted:
        return _back(pending, {"error": "access_denied"}, world)
    return _back_with_code(world, pending, account, granted, consented=True)


def _back_with_code(
    world: World, pending: Pending, account: Account, scopes: list[str], *, consented: bool
) -> Response:
    earlier = world.grants.scopes(account, pending.client) if pending.include_granted else []
    all_scopes = list(dict.fromkeys([*scopes, *earlier]))
    world.grants.grant(account, pending.client, scopes)
    code = AuthorizationCode(
        value=f"4/0sim-{secrets.token_urlsafe(32)}",
        account=account,
        client_id=pending.client.client_id,
        redirect_uri=pending.redirect_uri,
        scopes=all_scopes,
        # the refresh token comes with consent: a remembered consent brings none
        offline=pending.offline and consented,
        challenge=pending.challenge,
        challenge_method=pending.challenge_method,
        nonce=pending.nonce,
        issued=world.clock.now(),
    )
    world.grants.add_code(code)
    index = list(world.accounts).index(account.email)
    extra = {
        "code": code.value,
        "scope": " ".join(all_scopes),
        "authuser": str(index),
        "prompt": "consent" if consented else "none",
    }
    return _back(pending, extra, world)


def _back(pending: Pending, values: dict[str, str], world: World | None = None) -> Response:
    """Redirect to the client; what the URI's own query holds stays in front, untouched."""
    if world is not None:
        world.pending.pop(pending.key, None)
    answer = values if pending.state is None else {"state": pending.state, **values}
    joiner = "&" if "?" in pending.redirect_uri else "?"
    return redirect(f"{pending.redirect_uri}{joiner}{urlencode(answer)}")
