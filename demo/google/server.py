"""The HTTP server: keep-alive, one thread per connection, and lines that can be cut."""

from __future__ import annotations

import sys
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from demo.google.model import Client
from demo.google.seed import load_seed, plant
from demo.google.site import answer
from demo.google.wire import ConnectionDropError, Json, Request, Response
from demo.google.world import World

DRIPS = 8


class GoogleServer(ThreadingHTTPServer):
    """A simulated Google on one root URL."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], world: World) -> None:
        super().__init__(address, _Handler)
        self.world = world
        world.root_url = self.url
        world.reset()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are no news."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server_version = "GSE"
    sys_version = ""
    server: GoogleServer

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            response = answer(self.server.world, Request(self.command, path, query, headers, body))
        except ConnectionDropError:
            # a plain end without an answer: what makes httplib2 send a request a second time
            self.close_connection = True
            return
        except Exception:  # noqa: BLE001 - the connection survives a bug, and the bug is seen
            traceback.print_exc()
            response = Response(500, b"simulator error", "text/plain")
        self._write(response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve  # noqa: N815 - http.server's names

    def _write(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.content_type:
            self.send_header("Content-Type", response.content_type)
        if response.status not in (204, 304):
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if response.drip_s and response.body:
            self._drip(response)
        elif self.command != "HEAD":
            self.wfile.write(response.body)
        # head and body leave together: `wbufsize` buffers until here
        self.wfile.flush()

    def _drip(self, response: Response) -> None:
        size = -(-len(response.body) // DRIPS)
        for at in range(0, len(response.body), size):
            self.wfile.write(response.body[at : at + size])
            self.wfile.flush()
            time.sleep(response.drip_s / DRIPS)

    def log_message(self, format: str, *args: Any) -> None:
        """The request log is under /_sim/log."""


def build_server(
    host: str = "127.0.0.1",
    port: int = 0,
    seed: Json | Path | str | None = None,
    *,
    latency_s: float = 0.0,
    part_latency_s: float = 0.0,
    client: Client | None = None,
) -> GoogleServer:
    """A server ready for serve_forever(); the seed is a JSON object, a file, or the default company."""
    values = seed if isinstance(seed, dict) else load_seed(seed)
    world = World(lambda new: plant(new, values))
    world.latency_s, world.part_latency_s = latency_s, part_latency_s
    if client:
        world.clients[client.client_id] = client
    return GoogleServer((host, port), world)
