"""Which part of the simulator answers which path."""

from __future__ import annotations

import time
from collections.abc import Callable

from demo.google import consent, contacts_pages, oauth, pages
from demo.google.batch import serve_batch
from demo.google.control import serve_control
from demo.google.dispatch import serve_request
from demo.google.errors import OAuthError
from demo.google.faults import Rule
from demo.google.journal import entry_for
from demo.google.wire import ConnectionDropError, Request, Response
from demo.google.world import World

Endpoint = Callable[[World, Request], Response]

# Google's paths; what Google spreads over several hosts is found under one root here.
ENDPOINTS: dict[tuple[str, str], tuple[str, Endpoint]] = {
    ("GET", "/o/oauth2/v2/auth"): ("oauth.auth", consent.authorize),
    ("GET", "/o/oauth2/auth"): ("oauth.auth", consent.authorize),
    ("POST", "/o/oauth2/v2/consent"): ("oauth.consent", consent.decide),
    ("POST", "/token"): ("oauth.token", oauth.token),
    ("POST", "/oauth2/v4/token"): ("oauth.token", oauth.token),
    ("POST", "/revoke"): ("oauth.revoke", oauth.revoke),
    ("POST", "/o/oauth2/revoke"): ("oauth.revoke", oauth.revoke),
    ("GET", "/v1/userinfo"): ("oauth.userinfo", oauth.userinfo_openid),
    ("POST", "/v1/userinfo"): ("oauth.userinfo", oauth.userinfo_openid),
    ("GET", "/oauth2/v3/userinfo"): ("oauth.userinfo", oauth.userinfo_openid),
    ("GET", "/oauth2/v2/userinfo"): ("oauth.userinfo", oauth.userinfo_oauth2),
    ("GET", "/oauth2/v1/userinfo"): ("oauth.userinfo", oauth.userinfo_oauth2),
    ("GET", "/.well-known/openid-configuration"): ("oauth.configuration", oauth.openid_configuration),
}

# Pages for people, which Google's API clients never see: no faults, no latency, no log.
PAGES: dict[tuple[str, str], Endpoint] = {
    ("GET", "/"): pages.home,
    ("GET", "/calendar/event"): pages.open_event,
    ("POST", "/page/save"): pages.save,
    ("POST", "/page/delete"): pages.delete,
    ("GET", "/contacts"): contacts_pages.contacts,
    ("POST", "/contacts/save"): contacts_pages.save,
    ("POST", "/contacts/delete"): contacts_pages.delete,
}


def answer(world: World, request: Request) -> Response:
    """The answer to any request; raises ConnectionDropError where a fault cuts the line."""
    path = request.path
    if path.startswith("/_sim/"):
        return serve_control(world, request)
    page = PAGES.get((request.method, path))
    if page:
        with world.lock:
            return page(world, request)
    endpoint = ENDPOINTS.get((request.method, path))
    if endpoint:
        return _serve_endpoint(world, request, *endpoint)
    if request.method == "POST" and (path == "/batch" or path.startswith("/batch/")):
        return serve_batch(world, request)
    return serve_request(world, request)


def _serve_endpoint(world: World, request: Request, name: str, endpoint: Endpoint) -> Response:
    """An OAuth endpoint: faults and log like the APIs, but no quota."""
    with world.lock:
        rule = world.faults.take(name, None)
    time.sleep(world.latency_s + (rule.latency_ms / 1000 if rule else 0))
    response = _endpoint_answer(world, request, endpoint, rule)
    entry = entry_for(world.clock, request, name, None, 0) | {"status": response.status}
    if rule and rule.reset:
        entry["dropped"] = rule.reset
    with world.lock:
        world.journal.request(entry)
    if rule and rule.reset:
        raise ConnectionDropError
    return response


def _endpoint_answer(world: World, request: Request, endpoint: Endpoint, rule: Rule | None) -> Response:
    injected = rule.answer() if rule else None
    if injected is not None:
        return injected
    if rule and rule.reset == "before":
        return Response(0)
    try:
        with world.lock:
            return endpoint(world, request)
    except OAuthError as error:
        return error.response()
