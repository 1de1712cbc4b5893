"""Connections to Google are verified, though they share what verifies them."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from plugin.google.connection import Http, tls_context
from tests.certificates import self_signed


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(params=["127.0.0.1"])
def certificate(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return self_signed(tmp_path / "tls.pem", request.param)


@pytest.fixture
def url(certificate: Path) -> Iterator[str]:
    """Answers over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HTTPServer(("127.0.0.1", 0), Hello) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def trusting(certificate: Path) -> Http:
    http = Http(timeout_s=5)
    http.ca_certs = str(certificate)
    return http


def test_server_with_a_certificate_of_a_known_authority_is_talked_to(url: str, certificate: Path) -> None:
    http = trusting(certificate)

    answer, content = http.request(url)

    http.close()
    assert (answer.status, content) == (200, b"hello")


def test_server_that_nobody_vouches_for_is_refused(url: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
        Http(timeout_s=5).request(url)


@pytest.mark.parametrize("certificate", ["127.0.0.2"], indirect=True)
def test_server_in_another_name_is_refused(url: str, certificate: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
        trusting(certificate).request(url)


class Proxy(threading.Thread):
    """Passes on what is asked for by CONNECT, and remembers by which words."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> None:
        super().__init__(daemon=True)
        self.asked: list[str] = []
        self._answer, self._listening = answer, socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"

    def run(self) -> None:
        client, _ = self._listening.accept()
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        self.asked = head.decode().splitlines()
        client.sendall(self._answer)
        if b" 200 " in self._answer:
            host, _, port = self.asked[0].split()[1].partition(":")
            with socket.create_connection((host, int(port))) as server:
                threading.Thread(target=_pass_on, args=(client, server), daemon=True).start()
                _pass_on(server, client)
        client.close()
        self._listening.close()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(4096):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_google_is_reached_through_the_proxy_of_the_environment(
    url: str, certificate: Path, without_proxies: pytest.MonkeyPatch
) -> None:
    proxy = Proxy()
    proxy.start()
    without_proxies.setenv("HTTPS_PROXY", f"http://ana:p%40ss@{proxy.address}")
    http = trusting(certificate)

    answer, content = http.request(url)

    http.close()
    proxy.join()
    assert (answer.status, content) == (200, b"hello")
    assert proxy.asked[0].startswith(f"CONNECT {urlsplit(url).netloc} ")
    assert f"Proxy-Authorization: Basic {b64encode(b'ana:p@ss').decode()}" in proxy.asked


def test_hosts_that_need_no_proxy_are_reached_directly(
    url: str, certificate: Path, without_proxies: pytest.MonkeyPatch
) -> None:
    without_proxies.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    without_proxies.setenv("NO_PROXY", "127.0.0.1")
    http = trusting(certificate)

    assert http.request(url)[1] == b"hello"
    http.close()


def test_proxy_that_refuses_is_a_connection_that_failed(
    url: str, certificate: Path, without_proxies: pytest.MonkeyPatch
) -> None:
    proxy = Proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    proxy.start()
    without_proxies.setenv("HTTPS_PROXY", f"http://{proxy.address}")

    with pytest.raises(OSError, match="407"):
        trusting(certificate).request(url)


def test_authorities_are_read_once() -> None:
    assert tls_context() is tls_context()
    assert tls_context().cert_store_stats()["x509_ca"] > 50
