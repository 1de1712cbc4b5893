"""The Google simulator for tests: started in this process, steered through its control paths."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from demo.google.model import Client
from demo.google.server import build_server
from plugin.google.calendar import GoogleCalendar
from plugin.google.oauth import SCOPES, OAuthClient, build_credentials, build_endpoints
from plugin.google.pacing import Quota
from plugin.google.people import GoogleContacts
from plugin.google.transport import Transport
from plugin.sync.views import CALENDAR, CONTACTS

EMAIL = "ana@empresa.example"
# with a query of its own, as the manual wants it
REDIRECT_URI = (
    "https://crm.empresa.example/index.php?module=Google&view=List&operation=sync&sourcemodule=Calendar"
)
CLIENT = Client("the-client", "the-secret", [REDIRECT_URI])


class SimulatedGoogle:
    """One running simulator with one account, `EMAIL`, that has an empty calendar."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._transports: list[Transport] = []

    def control(self, method: str, name: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask something of the control paths."""
        answer = self._session.request(method, f"{self.url}/_sim/{name}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def reset(self) -> None:
        """Back to the seed, plus our account."""
        self.close_transports()
        self.control("POST", "reset")
        self.control("POST", "account", {"email": EMAIL, "time_zone": "Europe/Madrid"})
        # Whatever forgets to say that nobody is to be told is found out.
        self.switch(mails_unasked=True)

    def close(self) -> None:
        """Close all connections to it."""
        self.close_transports()
        self._session.close()

    def close_transports(self) -> None:
        """Close the connections of the transports given out."""
        while self._transports:
            self._transports.pop().close()

    def fault(self, route: str, **rule: Any) -> None:
        """Make calls of a route fail; see demo/google/faults.py."""
        self.control("POST", "faults", {"route": route, **rule})

    def switch(self, **switches: Any) -> None:
        """Set switches; see demo/google/switches.py."""
        self.control("POST", "switches", switches)

    def edit(
        self,
        operation: str,
        event_id: str = "",
        body: Mapping[str, Any] | None = None,
        calendar: str = EMAIL,
        email: str = EMAIL,
    ) -> Any:
        """Do what a user does in Google's own pages."""
        return self.control(
            "POST",
            "edit",
            {
                "email": email,
                "calendar": calendar,
                "operation": operation,
                "event_id": event_id,
                "body": body or {},
            },
        )

    def add_calendar(self, calendar_id: str, name: str, owner: str = EMAIL, role: str | None = None) -> None:
        """Add a calendar; with a role, one of somebody else's that is shared with our account."""
        if owner != EMAIL:
            self.control("POST", "account", {"email": owner})
        self.control("POST", "calendar", {"email": owner, "calendar": calendar_id, "summary": name})
        if role is not None:
            self.share(calendar_id, role)

    def share(self, calendar_id: str, role: str | None, email: str = EMAIL) -> None:
        """Change what an account may do with a calendar; None takes it away."""
        self.control("POST", "share", {"calendar": calendar_id, "email": email, "role": role})

    def edit_person(
        self, operation: str, resource_name: str = "", body: Mapping[str, Any] | None = None
    ) -> Any:
        """Do what a user does with contacts in Google's own pages."""
        wanted = {"operation": operation, "resource_name": resource_name, "body": body or {}}
        return self.control("POST", "edit-person", {"email": EMAIL} | wanted)

    def requests(self, route: str) -> list[dict[str, Any]]:
        """Return the log of a route's requests and batch parts."""
        entries: list[dict[str, Any]] = self.control("GET", f"log?route={route}")["entries"]
        return entries

    def calls(self) -> dict[str, int]:
        """Return how many calls each route has seen, those inside batches included."""
        counts: dict[str, int] = self.control("GET", "counters")["by_route"]
        return counts

    def tokens(self, scopes: Sequence[str] = SCOPES[CALENDAR], email: str = EMAIL) -> dict[str, Any]:
        """Return tokens as if the user had walked through the consent pages."""
        made: dict[str, Any] = self.control("POST", "token", {"email": email, "scopes": list(scopes)})
        return made

    def client(self) -> OAuthClient:
        """Return the client that the simulator knows."""
        return OAuthClient(CLIENT.client_id, CLIENT.client_secret, REDIRECT_URI, build_endpoints(self.url))

    def transport(
        self,
        tokens: Mapping[str, Any] | None = None,
        *,
        api: tuple[str, str] = ("calendar", "v3"),
        sleep: Callable[[float], None] = lambda _: None,
        quota: Quota | None = None,
    ) -> Transport:
        """Return a transport for the Calendar API, or another; it doesn't wait between attempts."""
        made = tokens or self.tokens()
        expiry = datetime.now(UTC) + timedelta(seconds=made["expires_in"])
        credentials = build_credentials(self.client(), made["refresh_token"], made["access_token"], expiry)
        transport = Transport(credentials, *api, self.url, timeout_s=10, sleep=sleep, quota=quota)
        self._transports.append(transport)
        return transport

    def people_transport(self, **arguments: Any) -> Transport:
        """Return a transport for the People API."""
        return self.transport(self.tokens(SCOPES[CONTACTS]), api=("people", "v1"), **arguments)

    def contacts(self, transport: Transport | None = None, **arguments: Any) -> GoogleContacts:
        """Return the account's contacts."""
        return GoogleContacts(transport or self.people_transport(), **arguments)

    def calendar(self, transport: Transport | None = None, **arguments: Any) -> GoogleCalendar:
        """Return the account's primary calendar."""
        return GoogleCalendar(transport or self.transport(), EMAIL, **arguments)


@contextmanager
def running_simulator() -> Iterator[SimulatedGoogle]:
    """Start a simulator on a free port, and stop it."""
    with build_server(client=CLIENT) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        google = SimulatedGoogle(server.url)
        try:
            yield google
        finally:
            google.close()
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def simulator(server_folder: Path) -> Iterator[SimulatedGoogle]:
    """The running simulator; asking for the folder of the servers marks a test as `real`."""
    del server_folder
    with running_simulator() as running:
        yield running


@pytest.fixture
def google(simulator: SimulatedGoogle) -> SimulatedGoogle:
    """The simulator as it was at its start, plus `EMAIL`."""
    simulator.reset()
    return simulator
