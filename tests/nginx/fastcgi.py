"""A FastCGI responder that answers with the parameters it was given; stands for PHP-FPM.

The record format: https://fastcgi-archives.github.io/FastCGI_Specification.html
"""

import hashlib
import json
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

END_REQUEST, PARAMS, STDIN, STDOUT = 3, 4, 5, 6


@contextmanager
def fastcgi_echo(path: Path) -> Iterator[None]:
    """Listens on a Unix socket until left."""
    with socketserver.ThreadingUnixStreamServer(str(path), Responder) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


class Responder(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        params, body = read_request(self.rfile)
        # Of repeated parameters PHP keeps the last.
        text = json.dumps({**dict(params), "body_sha256": hashlib.sha256(body).hexdigest()}).encode()
        self.wfile.write(record(STDOUT, b"Content-Type: application/json\r\n\r\n" + text))
        self.wfile.write(record(STDOUT, b"") + record(END_REQUEST, bytes(8)))


def read_request(stream: BinaryIO) -> tuple[list[tuple[str, str]], bytes]:
    received = {PARAMS: b"", STDIN: b""}
    while True:
        _, kind, _, length, padding, _ = struct.unpack("!BBHHBB", stream.read(8))
        content = stream.read(length + padding)[:length]
        if kind in received:
            received[kind] += content
        if kind == STDIN and not length:
            return list(read_params(received[PARAMS])), received[STDIN]


def read_params(data: bytes) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(data):
        lengths = []
        for _ in range(2):
            wide = data[at] & 0x80
            size = 4 if wide else 1
            lengths.append(int.from_bytes(data[at : at + size], "big") & (0x7FFFFFFF if wide else 0x7F))
            at += size
        middle, end = at + lengths[0], at + sum(lengths)
        yield data[at:middle].decode(), data[middle:end].decode()
        at = end


def record(kind: int, content: bytes) -> bytes:
    return struct.pack("!BBHHBB", 1, kind, 1, len(content), 0, 0) + content
