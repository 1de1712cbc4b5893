"""The batch endpoint: many calls in one multipart request.

https://developers.google.com/workspace/calendar/api/guides/batch
"""

from __future__ import annotations

import random
import re
import secrets
import time
from dataclasses import dataclass
from http.client import responses
from urllib.parse import urlsplit

from demo.google.dispatch import ROUTES, Served, serve
from demo.google.errors import ApiError, conflict
from demo.google.faults import Rule, cut
from demo.google.journal import entry_for
from demo.google.oauth import bearer
from demo.google.recurrence import split_instance_id
from demo.google.routing import match
from demo.google.wire import ConnectionDropError, Json, Request, Response
from demo.google.world import World

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_NO_BATCH = {"host", "content-length", "content-type", "mime-version", "connection", "transfer-encoding"}


@dataclass
class Part:
    content_id: str
    request: Request
    error: ApiError | None = None
    served: Served | None = None


def serve_batch(world: World, request: Request) -> Response:
    """POST /batch/calendar/v3; POST /batch is the People API's."""
    with world.lock:
        token = bearer(world, request)
        user = token.account.email if token else None
        rule = world.faults.take("batch", user)
    time.sleep(world.latency_s + (rule.latency_ms / 1000 if rule else 0))
    response, parts = _answer(world, request, rule)
    if rule and rule.body == "truncated" and rule.status is None:
        cut(response)
    entry = entry_for(world.clock, request, "batch", user, 0)
    entry |= {"parts": len(parts), "status": response.status}
    if rule and rule.reset:
        entry["dropped"] = rule.reset
    with world.lock:
        world.journal.request(entry)
        for part in parts:
            if part.served:
                world.journal.part(part.served.entry)
    if "dropped" in entry or any(part.served and "dropped" in part.served.entry for part in parts):
        raise ConnectionDropError
    return response


def _answer(world: World, request: Request, rule: Rule | None) -> tuple[Response, list[Part]]:
    injected = rule.answer() if rule else None
    if injected is not None:
        return injected, []
    if rule and rule.reset == "before":
        return Response(0), []
    try:
        parts = read_parts(request)
        api = request.path.removeprefix("/batch").strip("/")
        return _execute(world, parts, api), parts
    except ApiError as error:
        return error.response(), []


def _execute(world: World, parts: list[Part], api: str) -> Response:
    if len(parts) > world.switches.batch_limit:
        limit = world.switches.batch_limit
        raise ApiError(400, "badRequest", f"The batch request can contain at most {limit} calls.")
    time.sleep(world.part_latency_s * len(parts))
    order = list(parts)
    if world.switches.batch_shuffle:
        random.shuffle(order)
    verdicts = _conflicts(parts) if world.switches.batch_conflict else {}
    for part in order:
        part.served = serve(world, part.request, in_batch=True, verdict=_verdict(part, api, verdicts))
        if part.served.entry.get("dropped"):
            break
    return write_parts(parts)


def _verdict(part: Part, api: str, verdicts: dict[int, ApiError]) -> ApiError | None:
    if part.error:
        return part.error
    if not part.request.path.startswith(f"/{api or 'v1'}/"):
        return ApiError(404, "notFound", f"The batch endpoint serves /{api or 'v1'}/ only.")
    return verdicts.get(id(part))


def _conflicts(parts: list[Part]) -> dict[int, ApiError]:
    """The second and further writes on one event or series answer 409."""
    seen: set[tuple[str, str]] = set()
    found: dict[int, ApiError] = {}
    for part in parts:
        hit = match(ROUTES, part.request.method, part.request.path)
        if hit and hit[0].writes and "eventId" in hit[1]:
            event_id = hit[1]["eventId"]
            instance = split_instance_id(event_id)
            key = (hit[1]["calendarId"], instance[0] if instance else event_id)
            if key in seen:
                found[id(part)] = conflict()
            seen.add(key)
    return found


def read_parts(request: Request) -> list[Part]:
    """The parts of a multipart/mixed body; outer headers count where a part has none of its own."""
    boundary = _BOUNDARY.search(request.headers.get("content-type", ""))
    if not boundary:
        raise ApiError(400, "badRequest", "Missing multipart boundary.")
    chunks = request.body.split(b"--" + boundary[1].encode())
    outer = {name: value for name, value in request.headers.items() if name not in _NO_BATCH}
    parts = [_read_part(chunk, outer) for chunk in chunks[1:] if not chunk.startswith(b"--")]
    if not parts:
        raise ApiError(400, "badRequest", "Batch without parts.")
    return parts


def _read_part(chunk: bytes, outer: dict[str, str]) -> Part:
    head, _, inner = chunk.lstrip(b"\r\n").replace(b"\r\n", b"\n").partition(b"\n\n")
    part_headers = _headers(head.decode("latin-1"))
    line_and_headers, _, body = inner.lstrip(b"\n").partition(b"\n\n")
    line, _, header_text = line_and_headers.decode("latin-1").partition("\n")
    words = line.split()
    content_id = part_headers.get("content-id", "")
    if len(words) < 2:
        failure = ApiError(400, "badRequest", "Failed to parse the part's request line.")
        return Part(content_id, Request("GET", "/", "", outer), failure)
    target = urlsplit(words[1])
    request = Request(
        words[0].upper(), target.path, target.query, outer | _headers(header_text), body.rstrip(b"\n")
    )
    return Part(content_id, request.overridden())


def _headers(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.split("\n") if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def write_parts(parts: list[Part]) -> Response:
    """Answers in the order of the requests, whatever order they ran in."""
    boundary = f"batch_{secrets.token_urlsafe(18)}"
    lines: list[bytes] = []
    for part in parts:
        if part.served is None or part.served.is_left_out:
            continue
        lines.append(f"--{boundary}\r\nContent-Type: application/http\r\n".encode())
        if part.content_id:
            lines.append(f"Content-ID: {response_id(part.content_id)}\r\n".encode())
        lines.append(b"\r\n" + _inner(part.served.response) + b"\r\n")
    lines.append(f"--{boundary}--\r\n".encode())
    return Response(200, b"".join(lines), f"multipart/mixed; boundary={boundary}")


def response_id(content_id: str) -> str:
    """`<x>` becomes `<response-x>`, byte for byte."""
    return f"<response-{content_id[1:]}" if content_id.startswith("<") else f"response-{content_id}"


def _inner(response: Response) -> bytes:
    headers: Json = dict(response.headers)
    if response.content_type:
        headers["Content-Type"] = response.content_type
    # the client library needs at least one header in front of an empty body
    headers["Content-Length"] = len(response.body)
    # the client library splits the status line into exactly three words
    reason = responses.get(response.status, "Unknown")
    head = f"HTTP/1.1 {response.status} {reason}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return head.encode() + b"\r\n" + response.body
