"""What a transport does about the quota: short waits, pauses, and the word it passes on after a refusal."""

from __future__ import annotations

import pytest

from plugin.core.errors import FencedError, LockLostError, QuotaPauseError, RateLimitedError
from plugin.google.pacing import LONGEST_WAIT_S, REFUSED_PAUSE_S
from plugin.google.transport import Transport
from plugin.sync.ports import EventInsert, EventPatch
from tests.contract.calendar_contract import FIRST, SECOND, THIRD, TIMES
from tests.simulated_google import SimulatedGoogle

IDS = (FIRST, SECOND, THIRD)


class FakeQuota:
    """Answers with the waits it was given, then lets everything through."""

    def __init__(self, *waits: float) -> None:
        self.waits = list(waits)
        self.asked: list[int] = []
        self.closed: list[float] = []

    def take(self, units: int) -> float:
        self.asked.append(units)
        return self.waits.pop(0) if self.waits else 0.0

    def close(self, seconds: float) -> None:
        self.closed.append(seconds)


class Pauses:
    def __init__(self) -> None:
        self.taken: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


def paced(google: SimulatedGoogle, quota: FakeQuota) -> tuple[Transport, Pauses]:
    pauses = Pauses()
    return google.transport(sleep=pauses, quota=quota), pauses


def test_each_sending_asks_for_what_it_costs_and_a_batch_for_all_its_parts(google: SimulatedGoogle) -> None:
    quota = FakeQuota()
    transport, _ = paced(google, quota)
    calendar = google.calendar(transport)

    calendar.fetch_changes(None, None)
    made = calendar.write([EventInsert(i, TIMES) for i in IDS])
    calendar.write([EventPatch(o.google_id, o.resource["etag"], {"summary": "x"}) for o in made])

    assert quota.asked == [1, 3, 9]
    assert transport.usage.quota_units == 13


def test_short_wait_is_waited_for(google: SimulatedGoogle) -> None:
    quota = FakeQuota(1.5, 0.25)
    transport, pauses = paced(google, quota)

    google.calendar(transport).fetch_changes(None, None)

    assert pauses.taken == [1.5, 0.25]
    assert quota.asked == [1, 1, 1]


@pytest.mark.parametrize("waits", [(40.0,), (LONGEST_WAIT_S, 0.5)], ids=["at once", "in sum"])
def test_long_wait_is_the_callers_business_and_nothing_is_sent(
    google: SimulatedGoogle, waits: tuple[float, ...]
) -> None:
    asked: list[int] = []
    transport, pauses = paced(google, FakeQuota(*waits))
    calendar = google.calendar(transport, before_request=lambda: asked.append(1))

    outcomes = calendar.write([EventInsert(i, TIMES) for i in IDS])

    assert google.requests("batch") == [] and asked == [] and pauses.taken == list(waits[:-1])
    assert transport.usage.quota_units == 0
    for outcome in outcomes:
        assert isinstance(outcome.error, QuotaPauseError)
        assert waits[-1] <= (outcome.error.retry_after_s or 0) <= waits[-1] * 1.25


def test_lock_is_asked_after_the_wait(google: SimulatedGoogle) -> None:
    transport, pauses = paced(google, FakeQuota(1.0))

    def lost() -> None:
        raise LockLostError

    [outcome] = google.calendar(transport, before_request=lost).write([EventInsert(FIRST, TIMES)])

    assert isinstance(outcome.error, FencedError)
    assert pauses.taken == [1.0]
    assert google.requests("events.insert") == []


def test_refusal_keeps_others_away_until_it_is_sent_again(google: SimulatedGoogle) -> None:
    quota = FakeQuota()
    transport, pauses = paced(google, quota)
    google.fault("events.insert", nth=2, status=403, reason="userRateLimitExceeded")

    outcomes = google.calendar(transport).write([EventInsert(i, TIMES) for i in IDS])

    assert all(outcome.resource for outcome in outcomes)
    assert quota.closed == pauses.taken and len(quota.closed) == 1
    assert quota.asked == [3, 1]


def test_refusals_to_the_last_attempt_keep_others_away_for_longer(google: SimulatedGoogle) -> None:
    quota = FakeQuota()
    transport, pauses = paced(google, quota)
    google.fault("events.list", status=403, reason="rateLimitExceeded")

    with pytest.raises(RateLimitedError):
        google.calendar(transport).fetch_changes(None, None)

    assert quota.closed == [*pauses.taken, REFUSED_PAUSE_S]


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [({"status": 403, "reason": "quotaExceeded"}, 3600.0), ({"status": 429, "retry_after": 120}, 120.0)],
    ids=["abuse guard", "retry-after"],
)
def test_long_refusal_closes_the_account_for_as_long(
    google: SimulatedGoogle, fault: dict[str, object], seconds: float
) -> None:
    quota = FakeQuota()
    transport, _ = paced(google, quota)
    google.fault("events.list", **fault)

    with pytest.raises(RateLimitedError):
        google.calendar(transport).fetch_changes(None, None)

    assert quota.closed == [seconds]


def test_own_pause_is_no_refusal(google: SimulatedGoogle) -> None:
    quota = FakeQuota(50.0)
    transport, _ = paced(google, quota)

    with pytest.raises(QuotaPauseError):
        google.calendar(transport).fetch_changes(None, None)

    assert quota.closed == []


def test_parts_refused_and_then_over_the_quota_wait_and_the_others_are_done(google: SimulatedGoogle) -> None:
    quota = FakeQuota(0.0, 45.0)
    transport, _ = paced(google, quota)
    google.fault("events.insert", nth=2, status=403, reason="userRateLimitExceeded")

    outcomes = google.calendar(transport).write([EventInsert(i, TIMES) for i in IDS])

    assert [type(o.error) for o in outcomes] == [type(None), QuotaPauseError, type(None)]
