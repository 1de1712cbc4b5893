"""The way to Google: HTTP that never sends twice by itself, and API resources built from the shipped discovery documents.

https://googleapis.github.io/google-api-python-client/docs/ and the source of httplib2. `client_options.api_endpoint` would
leave batches at Google's own address, token included; another rootUrl in the document moves both.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from base64 import b64encode
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httplib2  # untyped, hence the ignores below
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import Request
from googleapiclient import discovery
from googleapiclient.discovery_cache import get_static_doc
from requests.utils import get_auth_from_url, get_environ_proxies, select_proxy

TIMEOUT_S = 30.0

# Google and the proxies before it drop idle connections after minutes; we drop ours well before, because a write
# that meets a dropped connection ends with an unknown outcome.
IDLE_LIMIT_S = 20.0


class _NoResend:
    """httplib2 sends a request again, a POST too, when the connection ends before an answer; `RETRIES = 1` doesn't stop it.

    It knows that case by BadStatusLine (RemoteDisconnected is one), so it gets to see a plain connection error.
    """

    def getresponse(self) -> Any:
        try:
            return super().getresponse()  # type: ignore[misc]
        except http.client.BadStatusLine as error:
            raise ConnectionResetError("the connection ended before an answer came") from error


class _PlainConnection(_NoResend, httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]
    pass


class _TlsConnection(_NoResend, httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]
    """Verifies as httplib2 does, with one context for all connections, and goes through the proxy that the environment names.

    httplib2 makes each its own, and reads some hundred certificates into it: 50 ms. Forks inherit this one. And it passes
    proxies by without a word unless another library is there; signing in goes through them, as `requests` does.
    """

    def __init__(self, host: str, *, timeout: float, ca_certs: str | None, **unused: object) -> None:
        if any(unused.values()):
            raise ValueError("a way to connect that isn't Google's was asked for")
        context, url = tls_context(ca_certs), f"https://{host}/"
        proxy = select_proxy(url, get_environ_proxies(url))
        parts = urlsplit(proxy if proxy and "://" in proxy else f"http://{proxy or host}")
        http.client.HTTPSConnection.__init__(
            self,
            parts.hostname or host,
            parts.port or (80 if proxy else 443),
            timeout=timeout,
            context=context,
        )
        if proxy:
            self.set_tunnel(host, headers=_proxy_headers(proxy))

    def connect(self) -> None:
        """Connect as the standard library does."""
        http.client.HTTPSConnection.connect(self)


def _proxy_headers(proxy: str) -> dict[str, str]:
    user, password = get_auth_from_url(proxy)
    credentials = b64encode(f"{user}:{password}".encode()).decode()
    return {"Proxy-Authorization": f"Basic {credentials}"} if user else {}


@cache
def tls_context(ca_certs: str | None = None) -> ssl.SSLContext:
    """Return what verifies certificates by these authorities; None: by those that httplib2 ships with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # asks for a valid certificate in the host's name
    context.load_verify_locations(ca_certs or httplib2.CA_CERTS)
    return context


_CONNECTIONS = {"http": _PlainConnection, "https": _TlsConnection}


class Http(httplib2.Http):  # type: ignore[misc]
    """An httplib2.Http with a timeout that sends each request once, on a connection that hasn't stood idle for long."""

    def __init__(self, timeout_s: float = TIMEOUT_S, idle_limit_s: float = IDLE_LIMIT_S) -> None:
        super().__init__(timeout=timeout_s, proxy_info=None)
        # Google's APIs don't redirect. What stands between us and them might, and httplib2 would send a write after it.
        self.follow_redirects = False
        self._idle_limit_s = idle_limit_s
        self._last_use_s = time.monotonic()

    def request(self, uri: str, *args: Any, connection_type: Any = None, **kwargs: Any) -> Any:
        """Send the request; see httplib2."""
        if time.monotonic() - self._last_use_s > self._idle_limit_s:
            self.close()
        try:
            kind = connection_type or _CONNECTIONS[urlsplit(uri).scheme]
            return super().request(uri, *args, connection_type=kind, **kwargs)
        finally:
            self._last_use_s = time.monotonic()


class TimedCredentials(Credentials):
    """Credentials that never wait forever: a batch refreshes them over a connection without a timeout."""

    def refresh(self, _request: Any) -> None:
        """Fetch a new access token over a connection of our own."""
        http = Http()
        try:
            super().refresh(Request(http))  # type: ignore[no-untyped-call]
        finally:
            http.close()


def build_service(api: str, version: str, http: Any, endpoint: str | None) -> Any:
    """Return the client library's resource of an API; all its requests go to `endpoint`, or to Google where that is None.

    Asking it for `events()` costs milliseconds each time: keep the answer.
    """
    return discovery.build_from_document(_document(api, version, endpoint), http=http)


def batch_address(api: str, version: str, endpoint: str | None) -> str:
    """Return where the batches of an API go."""
    document = _document(api, version, endpoint)
    return f"{document['rootUrl']}{document['batchPath']}"


def _document(api: str, version: str, endpoint: str | None) -> dict[str, Any]:
    document = discovery_document(api, version)
    return document if endpoint is None else document | {"rootUrl": endpoint.rstrip("/") + "/"}


@cache
def discovery_document(api: str, version: str) -> dict[str, Any]:
    """Return what the client library is built from, as it ships with it."""
    text = get_static_doc(api, version)
    if text is None:
        raise RuntimeError(f"google-api-python-client came without its document for {api} {version}")
    document: dict[str, Any] = json.loads(text)
    # Only doc strings are made of the schemas, and those take most of the time of `events()`.
    return document | {"schemas": {name: {"id": name} for name in document["schemas"]}}
