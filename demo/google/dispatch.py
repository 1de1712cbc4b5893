"""One API call from request to answer: route, token, scope, faults, quota, latency, log.

A new API is one module with a list ROUTES; it is added to APIS below.
"""

from __future__ import annotations

import json
import time
import traceback
from dataclasses import dataclass

from demo.google import calendar_api, calendars_api, groups_api, people_api
from demo.google.errors import (
    ApiError,
    bad_credentials,
    injected,
    insufficient_scope,
    login_required,
    not_found,
)
from demo.google.faults import Rule, cut
from demo.google.grants import AccessToken
from demo.google.journal import entry_for
from demo.google.oauth import bearer
from demo.google.partial import select
from demo.google.people_errors import as_platform, is_platform
from demo.google.routing import Route, match
from demo.google.wire import Call, ConnectionDropError, Json, Reply, Request, Response, json_response
from demo.google.world import World

APIS = (calendar_api, calendars_api, people_api, groups_api)
ROUTES: list[Route] = [route for api in APIS for route in api.ROUTES]
UNKNOWN = "unknown"


@dataclass
class Served:
    """An answered call, and what the log says about it."""

    response: Response
    entry: Json
    is_left_out: bool = False
    """As a part of a batch it isn't answered, though it was carried out."""


def serve_request(world: World, request: Request) -> Response:
    """A plain HTTP request to an API."""
    time.sleep(world.latency_s)
    served = serve(world, request.overridden())
    with world.lock:
        world.journal.request(served.entry)
    if served.entry.get("dropped"):
        raise ConnectionDropError
    return served.response


def serve(
    world: World, request: Request, *, in_batch: bool = False, verdict: ApiError | None = None
) -> Served:
    """Answer one call; `verdict` is an error the batch decided on beforehand."""
    found = match(ROUTES, request.method, request.path)
    with world.lock:
        token = bearer(world, request)
        user = token.account.email if token else None
        name = found[0].name if found else UNKNOWN
        rule = world.faults.take(name, user)
    clash = _begin_write(world, found, user)
    if rule and rule.latency_ms:
        time.sleep(rule.latency_ms / 1000)
    entry = entry_for(world.clock, request, name, user, _units(found))
    if found and found[0].costs:
        entry["costs"] = found[0].costs
    response = _answer(world, request, found, token, rule, in_batch, verdict or clash)
    _end_write(world, found, user)
    if rule and rule.reset:
        entry["dropped"] = rule.reset
    if rule and rule.body == "truncated" and rule.status is None:
        cut(response)
    if rule:
        entry["fault"] = rule.id
        response.drip_s = rule.drip_ms / 1000
    entry["status"] = response.status
    return Served(response, entry, is_left_out=rule is not None and rule.body == "missing")


def _answer(
    world: World,
    request: Request,
    found: tuple[Route, dict[str, str]] | None,
    token: AccessToken | None,
    rule: Rule | None,
    in_batch: bool,
    verdict: ApiError | None,
) -> Response:
    told = as_platform if is_platform(request) else _as_it_is
    ordered = rule.answer(told) if rule else None
    if ordered is not None:
        return ordered
    if rule and rule.reset == "before":
        return Response(0)
    try:
        if verdict:
            raise verdict
        if found is None:
            raise not_found()
        route, args = found
        with world.lock:
            reply = _execute(world, request, route, args, token, in_batch)
        if reply.data is None:
            return Response(reply.status, b"", None, reply.headers)
        fields = request.params.get("fields", [None])[0]
        return json_response(select(reply.data, fields, route.fields), reply.status, reply.headers)
    except ApiError as error:
        return told(error).response()
    except Exception:  # noqa: BLE001 - a bug here must look like Google's own bad day, and be seen
        traceback.print_exc()
        return told(injected(500, None, None)).response()


def _writes_contacts(found: tuple[Route, dict[str, str]] | None) -> bool:
    return found is not None and found[0].writes and bool(found[0].costs)


def _begin_write(
    world: World, found: tuple[Route, dict[str, str]] | None, user: str | None
) -> ApiError | None:
    """Note that a user's contacts are being written; the error where another write of them is under way."""
    if user is None or not _writes_contacts(found):
        return None
    with world.lock:
        world.people_writing[user] += 1
        is_alone = world.people_writing[user] == 1
    if is_alone or world.switches.people_concurrent == "allow":
        return None
    return injected(int(world.switches.people_concurrent), None, "Concurrent writes of one user.")


def _end_write(world: World, found: tuple[Route, dict[str, str]] | None, user: str | None) -> None:
    if user is not None and _writes_contacts(found):
        with world.lock:
            world.people_writing[user] -= 1


def _as_it_is(error: ApiError) -> ApiError:
    return error


def _units(found: tuple[Route, dict[str, str]] | None) -> int:
    if found is None:
        return 1
    return 0 if found[0].costs else found[0].units


def _execute(
    world: World,
    request: Request,
    route: Route,
    args: dict[str, str],
    token: AccessToken | None,
    in_batch: bool,
) -> Reply:
    if token is None:
        presented = "authorization" in request.headers or "access_token" in request.params
        raise bad_credentials() if presented else login_required()
    if route.scopes.isdisjoint(token.scopes):
        raise insufficient_scope()
    user = token.account.email
    costs = route.costs
    refused = world.people_quota.charge(user, costs) if costs else world.quota.charge(user, route.units)
    if refused:
        raise refused
    select(None, request.params.get("fields", [None])[0], route.fields)  # a bad selector changes nothing
    call = Call(
        world=world,
        account=token.account,
        args=args,
        params=request.params,
        headers=request.headers,
        body=_json_body(request),
        in_batch=in_batch,
    )
    return route.serve(call)


def _json_body(request: Request) -> Json:
    if not request.body:
        return {}
    try:
        body = json.loads(request.body)
    except ValueError:
        raise ApiError(400, "parseError", "Parse Error") from None
    if not isinstance(body, dict):
        raise ApiError(400, "parseError", "Parse Error")
    return body
