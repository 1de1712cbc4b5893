"""The buckets in Redis: a sliding minute, shared by all who send, closed by a refusal, passed over without Redis."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from redis.exceptions import TimeoutError as RedisTimeoutError

from plugin.google.quota import PEOPLE_LIMITS, PREFIX, RETRY_REDIS_S, Limits, RedisQuota

ANA, LUIS = "sub-ana", "sub-luis"
CLIENT = "123456-abc.apps.example"
Open = Callable[..., RedisQuota]


class FakeClock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def open_quota(redis: Redis, clock: FakeClock) -> Open:
    """Opens the bucket as one worker sees it."""

    def opened(
        sub: str = ANA, *, client: str = CLIENT, account: int = 600, project: int = 10_000
    ) -> RedisQuota:
        return RedisQuota(redis, client, sub, Limits(account, project), clock=clock)

    return opened


def test_each_api_has_buckets_of_its_own(redis: Redis, clock: FakeClock) -> None:
    events, people = (
        RedisQuota(redis, CLIENT, ANA, Limits(2, 2), api=api, clock=clock) for api in ("a", "b")
    )

    assert [events.take(2), events.take(1) > 0, people.take(2), people.take(1) > 0] == [0, True, 0, True]


def test_hundred_contacts_each_way_fit_into_a_minute(redis: Redis, clock: FakeClock) -> None:
    quota = RedisQuota(redis, CLIENT, ANA, PEOPLE_LIMITS, api="people", clock=clock)

    assert [quota.take(12) for _ in range(5)] == [0] * 5
    assert quota.take(12) > 0


def test_units_fit_up_to_the_limit_and_again_when_the_minute_has_passed(
    open_quota: Open, clock: FakeClock
) -> None:
    quota = open_quota()

    assert [quota.take(150) for _ in range(4)] == [0, 0, 0, 0]
    assert quota.take(1) == 61  # the whole second in which they went, and a minute
    clock.now += 60.9
    assert 0 < quota.take(1) <= 0.11
    clock.now += 0.1
    assert quota.take(600) == 0


def test_window_slides_instead_of_starting_anew(open_quota: Open, clock: FakeClock) -> None:
    quota = open_quota()
    for _ in range(6):
        assert quota.take(100) == 0
        clock.now += 10

    assert quota.take(100) == 1  # the first hundred is leaving
    clock.now += 1
    assert quota.take(100) == 0
    assert quota.take(100) == 10  # until the second goes, too
    assert quota.take(250) == 30  # and the fourth


def test_never_more_than_the_limit_in_any_minute(open_quota: Open, clock: FakeClock) -> None:
    quota = open_quota()
    sent: list[tuple[float, int]] = []
    for step in range(2000):
        units = 1 + step * 7 % 150
        if quota.take(units) == 0:
            sent.append((clock.now, units))
        clock.now += 0.13

    for start, _ in sent:
        assert sum(units for at, units in sent if start <= at < start + 60) <= 600
    assert sum(units for _, units in sent) > 4 * 400  # and it doesn't dawdle


def test_waiting_as_long_as_told_is_enough(open_quota: Open, clock: FakeClock) -> None:
    quota = open_quota()
    for step in range(200):
        wait_s = quota.take(1 + step * 31 % 150)
        clock.now += wait_s
        assert wait_s == 0 or quota.take(1 + step * 31 % 150) == 0


def test_two_workers_share_one_account(open_quota: Open) -> None:
    one, other = open_quota(), open_quota()

    assert one.take(400) == 0
    assert other.take(300) > 0
    assert other.take(200) == 0
    assert one.take(1) > 0


def test_workers_at_the_same_moment_never_take_the_same_unit(redis_url: str) -> None:
    taken: list[int] = []

    def work() -> None:
        with Redis.from_url(redis_url) as redis:
            quota = RedisQuota(redis, CLIENT, ANA)  # by Redis' own clock
            taken.extend(1 for _ in range(250) if quota.take(1) == 0)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == 600


def test_accounts_have_their_own_and_share_the_project(open_quota: Open) -> None:
    ana = open_quota(ANA, project=1000)
    luis = open_quota(LUIS, project=1000)

    assert ana.take(600) == 0
    assert luis.take(600) > 0  # refused by the project, and so not counted for the account
    assert luis.take(400) == 0
    assert luis.take(1) > 0


def test_clients_of_one_google_project_share_it(open_quota: Open) -> None:
    ours = open_quota(ANA, client="123456-abc.apps.example", project=100)
    theirs = open_quota(LUIS, client="123456-xyz.apps.example", project=100)
    another = open_quota(LUIS, client="777777-xyz.apps.example", project=100)

    assert ours.take(100) == 0
    assert theirs.take(1) > 0
    assert another.take(100) == 0


def test_batch_larger_than_the_limit_goes_when_the_bucket_is_empty(
    open_quota: Open, clock: FakeClock
) -> None:
    quota = open_quota(account=100)

    assert quota.take(1) == 0
    assert quota.take(150) == 61
    clock.now += 61
    assert quota.take(150) == 0
    assert quota.take(1) == 61


def test_refusal_closes_the_bucket_for_every_worker_of_the_account(
    open_quota: Open, clock: FakeClock
) -> None:
    open_quota().close(30)
    open_quota().close(5)  # a shorter one doesn't shorten it

    assert open_quota().take(1) == 30
    assert open_quota(LUIS).take(1) == 0
    clock.now += 30
    assert open_quota().take(1) == 0


def test_buckets_are_kept_no_longer_than_they_matter(open_quota: Open, redis: Redis) -> None:
    quota = open_quota()
    quota.take(5)
    open_quota(LUIS).close(3600)

    names = sorted(key.decode() for key in redis.keys("*"))
    assert all(name.startswith(PREFIX) and ANA not in name for name in names)
    assert len(names) == 3
    assert all(
        0 < redis.ttl(name) <= most
        for name, most in zip(sorted(names, key=redis.ttl), (61, 61, 3600), strict=True)
    )


def test_without_redis_it_goes_on_unpaced_and_says_so_once(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    with Redis.from_url("redis://127.0.0.1:1/0") as nobody:
        quota = RedisQuota(nobody, CLIENT, ANA, clock=clock)
        with caplog.at_level(logging.INFO):
            for _ in range(3):
                assert quota.take(10_000) == 0
                quota.close(60)
                clock.now += RETRY_REDIS_S + 1

    assert len(caplog.records) == 1
    assert "not paced" in caplog.text


def test_redis_that_failed_is_left_alone_for_a_while_then_asked_again(clock: FakeClock) -> None:
    asked: list[int] = []

    class Failing(Redis):
        def execute_command(self, *_args: object, **_options: object) -> object:
            asked.append(1)
            raise RedisTimeoutError

    with Failing.from_url("redis://127.0.0.1:1/0") as failing:
        quota = RedisQuota(failing, CLIENT, ANA, clock=clock)
        quota.take(1)
        first = len(asked)
        quota.take(1)
        assert len(asked) == first
        clock.now += RETRY_REDIS_S
        quota.take(1)
        assert len(asked) > first
