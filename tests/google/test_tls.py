"""Connections to Google are verified, though they share what verifies them."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

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


def test_authorities_are_read_once() -> None:
    assert tls_context() is tls_context()
    assert tls_context().cert_store_stats()["x509_ca"] > 50
