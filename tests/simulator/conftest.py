"""A simulated Google in this process, fresh for every test, and Google's own client library to talk to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import googleapiclient.discovery_cache
import httplib2
import pytest
import requests
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build_from_document

from demo.google.model import Client
from demo.google.server import GoogleServer, build_server
from tests.simulator.walk import LUCIA, MARCO, REDIRECT, Person

CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar"
CONTACTS_SCOPE = "https://www.googleapis.com/auth/contacts"
SEED = {
    "accounts": [{"email": LUCIA, "name": "Lucía"}, {"email": MARCO, "name": "Marco"}],
    "calendars": [
        {
            "id": "festivos@empresa.example",
            "summary": "Festivos",
            "owner": MARCO,
            "roles": {LUCIA: "reader"},
        }
    ],
}


class Control:
    """The control interface, and the answers' JSON."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def get(self, name: str, **query: str) -> Any:
        answer = self.session.get(f"{self.url}/_sim/{name}", params=query, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def post(self, name: str, **body: Any) -> Any:
        answer = self.session.post(f"{self.url}/_sim/{name}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def delete(self, name: str) -> None:
        self.session.delete(f"{self.url}/_sim/{name}", timeout=10).raise_for_status()

    def edit(self, email: str, operation: str, event_id: str = "", **body: Any) -> Any:
        return self.post("edit", email=email, operation=operation, event_id=event_id, body=body)

    def mails(self) -> list[Any]:
        return list(self.get("outbox")["mails"])


@pytest.fixture(scope="session")
def server() -> Iterator[GoogleServer]:
    server = build_server(seed=SEED, client=Client("demo-client", "demo-secret", [REDIRECT]))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def url(server: GoogleServer) -> str:
    return server.url


@pytest.fixture
def sim(server: GoogleServer) -> Iterator[Control]:
    control = Control(server.url)
    control.post("reset")
    control.post("latency", latency_ms=0, part_latency_ms=0)
    yield control
    control.session.close()


@pytest.fixture(scope="session")
def discovery() -> dict[str, Any]:
    return document("calendar.v3")


def document(name: str) -> dict[str, Any]:
    """A discovery document as the client library ships it."""
    folder = Path(googleapiclient.discovery_cache.__file__).parent / "documents"
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return found


@pytest.fixture
def connect(sim: Control, discovery: dict[str, Any], url: str) -> Iterator[Callable[..., Any]]:
    """The unmodified client library, signed in as somebody."""
    services = []

    def connect(
        email: str = LUCIA,
        scopes: tuple[str, ...] = (CALENDAR_SCOPE,),
        discovery: dict[str, Any] = discovery,
    ) -> Any:
        token = sim.post("token", email=email, scopes=list(scopes))
        http = AuthorizedHttp(Credentials(token["access_token"]), http=httplib2.Http(timeout=10))
        service = build_from_document(dict(discovery, rootUrl=f"{url}/"), http=http)
        services.append(service)
        return service

    yield connect
    for service in services:
        service.close()


@pytest.fixture
def calendar(connect: Callable[..., Any]) -> Any:
    return connect()


@pytest.fixture
def contacts(connect: Callable[..., Any]) -> Any:
    """The People API as Lucía."""
    return connect(scopes=(CONTACTS_SCOPE,), discovery=document("people.v1"))


@pytest.fixture
def people(contacts: Any) -> Any:
    return contacts.people()


@pytest.fixture
def events(calendar: Any) -> Any:
    return calendar.events()


@pytest.fixture
def api(sim: Control, url: str) -> Iterator[requests.Session]:
    """Bare HTTP as Lucía, for what the client library hides."""
    token = sim.post("token", email=LUCIA, scopes=[CALENDAR_SCOPE])
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token['access_token']}"
        yield session


@pytest.fixture
def person(url: str, sim: Control, plain_http: None) -> Iterator[Person]:
    person = Person(url)
    yield person
    person.session.close()


@pytest.fixture
def plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
