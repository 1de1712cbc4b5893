"""Sending: what is sent again and what never is, pauses, quota, tokens."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest

from plugin.core.errors import (
    ClientRejectedError,
    CredentialsRevokedError,
    FencedError,
    LockLostError,
    RateLimitedError,
    UnavailableError,
)
from plugin.google.calendar import GoogleCalendar
from plugin.google.connection import Http
from plugin.google.oauth import OAuthClient, build_credentials, build_endpoints
from plugin.google.transport import LONGEST_PAUSE_S, MAX_ATTEMPTS, Transport
from plugin.sync.ports import EventInsert
from tests.contract.calendar_contract import FIRST, SECOND, THIRD, TIMES
from tests.simulated_google import CLIENT, EMAIL, REDIRECT_URI, SimulatedGoogle


class Pauses:
    """Takes the place of sleeping."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


class Quota:
    """Room for everything, and a note of what was taken."""

    def __init__(self) -> None:
        self.taken: list[int] = []

    def take(self, units: int) -> float:
        self.taken.append(units)
        return 0.0

    def close(self, seconds: float) -> None:
        pass


def test_read_is_tried_again_after_growing_pauses(google: SimulatedGoogle) -> None:
    pauses = Pauses()
    google.fault("events.list", status=503, times=2)

    page = google.calendar(google.transport(sleep=pauses)).fetch_changes(None, None)

    assert page.sync_token
    assert len(pauses.taken) == 2
    assert all(first < second for first, second in pairwise(pauses.taken))


def test_read_is_given_up_after_a_few_attempts(google: SimulatedGoogle) -> None:
    google.fault("events.list", status=503)

    with pytest.raises(UnavailableError):
        google.calendar().fetch_changes(None, None)

    assert len(google.requests("events.list")) == MAX_ATTEMPTS


def test_only_failed_parts_are_fetched_again(google: SimulatedGoogle) -> None:
    for google_id in (FIRST, SECOND, THIRD):
        google.edit("insert", body={"id": google_id, **TIMES})
    google.fault("events.get", nth=2, status=500)

    outcomes = google.calendar().fetch_records([FIRST, SECOND, THIRD])

    assert all(outcome.resource for outcome in outcomes)
    assert len(google.requests("events.get")) == 4


@pytest.mark.parametrize("seconds", [4, int(LONGEST_PAUSE_S)])
def test_short_retry_after_is_obeyed(google: SimulatedGoogle, seconds: int) -> None:
    pauses = Pauses()
    google.fault("events.list", status=429, retry_after=seconds, times=1)

    google.calendar(google.transport(sleep=pauses)).fetch_changes(None, None)

    assert pauses.taken == [seconds]


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        ({"status": 429, "retry_after": 120}, 120.0),
        ({"status": 503, "retry_after": 120}, 120.0),
        ({"status": 403, "reason": "quotaExceeded"}, 3600.0),
    ],
    ids=["429", "503", "quota"],
)
def test_long_pause_is_the_callers_business(
    google: SimulatedGoogle, fault: dict[str, object], seconds: float
) -> None:
    google.fault("events.list", **fault)

    with pytest.raises(RateLimitedError) as caught:
        google.calendar().fetch_changes(None, None)

    assert caught.value.retry_after_s == seconds
    assert len(google.requests("events.list")) == 1


def test_writes_refused_for_their_rate_are_sent_again(google: SimulatedGoogle) -> None:
    asked: list[int] = []
    google.fault("events.insert", nth=2, status=403, reason="userRateLimitExceeded")
    calendar = google.calendar(before_request=lambda: asked.append(1))

    outcomes = calendar.write([EventInsert(i, TIMES) for i in (FIRST, SECOND, THIRD)])

    assert all(outcome.resource for outcome in outcomes)
    assert len(google.requests("events.insert")) == 4
    assert len(asked) == 2


@pytest.mark.parametrize("route", ["events.insert", "batch"])
@pytest.mark.parametrize("fault", [{"reset": "after"}, {"reset": "before"}, {"status": 503}], ids=str)
def test_write_without_an_answer_is_never_sent_twice(
    google: SimulatedGoogle, route: str, fault: dict[str, object]
) -> None:
    calendar = google.calendar()
    calendar.fetch_changes(None, None)  # so that the connection is one kept alive
    google.fault(route, **fault)
    wanted = (FIRST,) if route == "events.insert" else (FIRST, SECOND)

    outcomes = calendar.write([EventInsert(i, TIMES) for i in wanted])

    assert all(isinstance(outcome.error, UnavailableError) for outcome in outcomes)
    assert len(google.requests(route)) == 1


@pytest.mark.parametrize(
    "fault",
    [{"body": "truncated"}, {"status": 200, "body": "html"}],
    ids=["cut off", "a page with status 200"],
)
def test_answer_that_is_none_of_a_batch_says_nothing_about_its_parts(
    google: SimulatedGoogle, fault: dict[str, object]
) -> None:
    google.fault("batch", **fault)

    outcomes = google.calendar().write([EventInsert(i, TIMES) for i in (FIRST, SECOND)])

    assert all(isinstance(outcome.error, UnavailableError) for outcome in outcomes)
    assert len(google.requests("batch")) == 1


@pytest.mark.parametrize("idle_limit_s", [0.0, 60.0], ids=["idle for long", "just used"])
def test_connection_dropped_by_the_other_side_matters_only_if_it_is_used_again(
    google: SimulatedGoogle, idle_limit_s: float
) -> None:
    http = Http(idle_limit_s=idle_limit_s)
    url = f"{google.url}/_sim/health"
    http.request(url)
    for kept in http.connections.values():
        kept.sock.shutdown(socket.SHUT_RDWR)
    try:
        if idle_limit_s:
            with pytest.raises(ConnectionError):
                http.request(url, "POST", body="{}")
        else:
            http.request(url, "POST", body="{}")
    finally:
        http.close()


def test_nobody_listening_is_unavailable(google: SimulatedGoogle) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        client = OAuthClient(CLIENT.client_id, CLIENT.client_secret, REDIRECT_URI, build_endpoints(endpoint))
        credentials = build_credentials(client, "r", "a", datetime.now(UTC) + timedelta(hours=1))
        transport = Transport(credentials, "calendar", "v3", endpoint, sleep=lambda _: None)

        with pytest.raises(UnavailableError):
            google.calendar(transport).fetch_changes(None, None)


def test_slow_google_is_unavailable(google: SimulatedGoogle) -> None:
    google.fault("events.list", latency_ms=300)
    made = google.tokens()
    credentials = build_credentials(
        google.client(), made["refresh_token"], made["access_token"], datetime.now(UTC) + timedelta(hours=1)
    )
    transport = Transport(credentials, "calendar", "v3", google.url, timeout_s=0.05, sleep=lambda _: None)
    try:
        with pytest.raises(UnavailableError):
            google.calendar(transport).fetch_changes(None, None)
    finally:
        transport.close()


def test_stale_access_token_is_refreshed_before_a_batch_and_offered_for_storing(
    google: SimulatedGoogle,
) -> None:
    made = google.tokens() | {"expires_in": -10}
    transport = google.transport(made)

    outcomes = google.calendar(transport).write([EventInsert(i, TIMES) for i in (FIRST, SECOND)])

    assert all(outcome.resource for outcome in outcomes)
    assert transport.tokens is not None
    assert transport.tokens.access_token != made["access_token"]
    assert transport.tokens.refresh_token == made["refresh_token"]
    assert transport.tokens.expires_utc > datetime.now(UTC)
    assert made["refresh_token"] not in repr(transport.tokens)


def test_lock_is_asked_after_the_access_token_was_renewed(google: SimulatedGoogle) -> None:
    renewed: list[int] = []
    transport = google.transport(google.tokens() | {"expires_in": -10})
    calendar = google.calendar(
        transport, before_request=lambda: renewed.append(google.calls().get("oauth.token", 0))
    )

    calendar.write([EventInsert(i, TIMES) for i in (FIRST, SECOND)])

    assert renewed == [1]


def test_access_token_that_dies_in_the_middle_of_a_batch_is_renewed_for_the_parts_it_cost(
    google: SimulatedGoogle,
) -> None:
    google.fault("events.insert", nth=2, status=401, reason="authError")

    outcomes = google.calendar().write([EventInsert(i, TIMES) for i in (FIRST, SECOND, THIRD)])

    assert all(outcome.resource for outcome in outcomes)
    assert (google.calls()["events.insert"], google.calls()["oauth.token"]) == (4, 1)


@pytest.mark.parametrize("fault", [{"reset": "before"}, {"status": 503, "body": "html"}], ids=str)
def test_token_endpoint_that_fails_in_the_middle_of_a_batch_leaves_those_parts_open_and_the_grant_alone(
    google: SimulatedGoogle, fault: dict[str, object]
) -> None:
    google.fault("events.insert", nth=2, status=401, reason="authError")
    google.fault("oauth.token", **fault)

    outcomes = google.calendar().write([EventInsert(i, TIMES) for i in (FIRST, SECOND, THIRD)])

    assert [type(outcome.error) for outcome in outcomes] == [type(None), UnavailableError, type(None)]
    assert google.calls()["events.insert"] == 3


@pytest.mark.parametrize("wanted", [(FIRST,), (FIRST, SECOND, THIRD)], ids=["single", "batch"])
def test_what_is_sent_again_with_a_new_access_token_asks_the_lock_and_the_quota_for_it(
    google: SimulatedGoogle, wanted: tuple[str, ...]
) -> None:
    asked: list[int] = []
    quota = Quota()
    google.fault("events.insert", nth=1, status=401, reason="authError")
    transport = google.transport(quota=quota)
    calendar = google.calendar(transport, before_request=lambda: asked.append(1))

    outcomes = calendar.write([EventInsert(google_id, TIMES) for google_id in wanted])

    assert all(outcome.resource for outcome in outcomes)
    assert len(asked) == 2
    assert quota.taken == [len(wanted), 1]
    assert (transport.usage.requests, transport.usage.quota_units) == (2, len(wanted) + 1)


@pytest.mark.parametrize("wanted", [(FIRST,), (FIRST, SECOND, THIRD)], ids=["single", "batch"])
def test_run_that_lost_its_lock_while_the_access_token_was_renewed_sends_nothing_more(
    google: SimulatedGoogle, wanted: tuple[str, ...]
) -> None:
    def check_lock() -> None:
        if google.calls().get("oauth.token", 0):
            raise LockLostError("somebody else's by now")

    google.fault("events.insert", nth=1, status=401, reason="authError")

    first, *others = google.calendar(before_request=check_lock).write(
        [EventInsert(google_id, TIMES) for google_id in wanted]
    )

    assert isinstance(first.error, FencedError)
    assert all(outcome.resource for outcome in others)
    assert google.calls()["events.insert"] == len(wanted)


def test_part_of_a_batch_without_an_answer_takes_no_other_answer_along(google: SimulatedGoogle) -> None:
    google.fault("events.insert", nth=2, body="missing")

    outcomes = google.calendar().write([EventInsert(i, TIMES) for i in (FIRST, SECOND, THIRD)])

    assert [type(outcome.error) for outcome in outcomes] == [type(None), UnavailableError, type(None)]
    assert google.calls()["events.insert"] == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("count", [1, 2], ids=["single", "batch"])
def test_nothing_is_sent_where_an_answer_points_to(google: SimulatedGoogle, status: int, count: int) -> None:
    route = "events.insert" if count == 1 else "batch"
    google.fault(route, status=status, body="html", location=f"{google.url}/_sim/counters")

    outcomes = google.calendar().write([EventInsert(i, TIMES) for i in (FIRST, SECOND)[:count]])

    assert all(isinstance(outcome.error, UnavailableError) for outcome in outcomes)
    assert len(google.requests(route)) == 1


def test_absurdly_long_pause_is_a_day_at_most(google: SimulatedGoogle) -> None:
    google.fault("events.list", status=429, retry_after="9" * 400)

    with pytest.raises(RateLimitedError) as caught:
        google.calendar().fetch_changes(None, None)

    assert caught.value.retry_after_s == 86_400


@pytest.mark.parametrize("access_token", ["stale", "thought fresh"])
@pytest.mark.parametrize("count", [1, 2], ids=["single", "batch"])
def test_revoked_grant_asks_for_reconnecting(google: SimulatedGoogle, access_token: str, count: int) -> None:
    made = google.tokens()
    transport = google.transport(made | ({"expires_in": -10} if access_token == "stale" else {}))
    google.control("POST", "revoke", {"email": EMAIL})

    outcomes = google.calendar(transport).write([EventInsert(i, TIMES) for i in (FIRST, SECOND)[:count]])

    assert all(isinstance(outcome.error, CredentialsRevokedError) for outcome in outcomes)


def test_unknown_client_is_the_administrators_business(google: SimulatedGoogle) -> None:
    made = google.tokens()
    client = OAuthClient(CLIENT.client_id, "another secret", REDIRECT_URI, build_endpoints(google.url))
    transport = Transport(build_credentials(client, made["refresh_token"]), "calendar", "v3", google.url)
    try:
        with pytest.raises(ClientRejectedError):
            google.calendar(transport).fetch_changes(None, None)
    finally:
        transport.close()


def test_too_many_calls_for_a_batch_are_refused(google: SimulatedGoogle) -> None:
    calendar = google.calendar()
    with pytest.raises(ValueError, match="batch"):
        calendar.write([EventInsert(f"event{number:03d}", TIMES) for number in range(51)])


class NoTokens:
    """A transport whose listings have neither a page token nor a sync token."""

    service = SimpleNamespace(events=lambda: SimpleNamespace(list=lambda **_: None))

    def fetch(self, _call: object) -> dict[str, object]:
        return {"items": []}


def test_answer_that_does_not_say_whether_it_is_complete_is_an_error() -> None:
    with pytest.raises(UnavailableError, match="complete"):
        GoogleCalendar(NoTokens(), EMAIL).fetch_changes(None, None)
