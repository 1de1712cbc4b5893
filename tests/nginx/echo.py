"""An HTTP server that answers with what it was asked, as JSON; stands for the CRM or for the plugin."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from demo.servers import free_port


@contextmanager
def echo_server(name: str) -> Iterator[int]:
    """The port it listens on, until left."""

    class Handler(EchoHandler):
        server_name = name

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class EchoHandler(BaseHTTPRequestHandler):
    """Header X-Echo-Status asks for another status than 200, X-Echo-Sleep for a late answer."""

    server_name = ""
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        time.sleep(float(self.headers.get("X-Echo-Sleep", 0)))
        seen = {
            "server": self.server_name,
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "sha256": hashlib.sha256(body).hexdigest(),
            "length": length,
        }
        text = json.dumps(seen).encode()
        self.send_response(int(self.headers.get("X-Echo-Status", 200)))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("X-Echo-Server", self.server_name)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = answer  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""
