"""Speaks to nginx in front of the echo servers, byte by byte where it matters."""

import http.client
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FORM = "application/x-www-form-urlencoded; charset=UTF-8"
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def served_by(self) -> str:
        """`crm` or `plugin`; empty when nginx answered itself."""
        return self.headers.get("x-echo-server", "")

    @property
    def seen(self) -> dict[str, Any]:
        """What the server behind nginx was asked."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Front:
    """One nginx server block; `base` is the path of the CRM's address."""

    port: int
    base: str

    def send(
        self,
        method: str,
        path: str = "index.php",
        body: bytes | str | Iterable[bytes] | None = None,
        content_type: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """An iterable as body is sent chunked."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            sent = dict(headers or {})
            if content_type is not None:
                sent["Content-Type"] = content_type
            payload = body.encode("latin-1") if isinstance(body, str) else body
            connection.request(method, self.base + path, payload, sent)
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def get(self, query: str, path: str = "index.php") -> Answer:
        return self.send("GET", f"{path}?{query}")

    def post(
        self, body: bytes | str | Iterable[bytes], content_type: str | None = FORM, query: str = ""
    ) -> Answer:
        return self.send("POST", "index.php" + (f"?{query}" if query else ""), body, content_type)


def multipart(*parts: tuple[str, bytes | str]) -> bytes:
    """A body of parts, each as (what follows `form-data; ` in its disposition, content)."""
    lines: list[bytes] = []
    for disposition, content in parts:
        lines.append(f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode())
        lines.append(content.encode() if isinstance(content, str) else content)
        lines.append(b"\r\n")
    return b"".join([*lines, f"--{BOUNDARY}--\r\n".encode()])
