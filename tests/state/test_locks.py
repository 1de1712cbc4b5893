"""The fenced lock: one owner at a time by the database's clock, and none that was overtaken may write."""

import threading
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from plugin.core.errors import LockBusyError, LockLostError
from plugin.state import locks, models
from plugin.state.contents import Contents, contents_columns, contents_from_row
from plugin.state.locks import Lock
from tests.installed import Installed

KEY = "sub-ana"


@pytest.fixture
def engine(installed: Installed) -> sa.Engine:
    return installed.parts.engine


def acquire(engine: sa.Engine, owner: str = "one", ttl_s: float = 30) -> Lock:
    return locks.acquire(engine, KEY, owner, ttl_s)


def run_out(installed: Installed) -> None:
    installed.execute("UPDATE gsync_locks SET expires_utc = UTC_TIMESTAMP() - INTERVAL 1 SECOND")


def fence(engine: sa.Engine, lock: Lock) -> None:
    with engine.begin() as connection:
        locks.fence(connection, lock)


def test_second_owner_is_refused(engine: sa.Engine) -> None:
    acquire(engine, "one")
    with pytest.raises(LockBusyError):
        acquire(engine, "two")


def test_other_accounts_are_free(engine: sa.Engine) -> None:
    acquire(engine)
    assert locks.acquire(engine, "sub-luis", "two", 30).owner == "two"


def test_released_lock_can_be_taken_at_once(engine: sa.Engine) -> None:
    first = acquire(engine, "one")
    locks.release(engine, first)
    assert acquire(engine, "two").generation == first.generation + 1


def test_lock_runs_out_by_the_database_s_clock(engine: sa.Engine) -> None:
    acquire(engine, "one", ttl_s=0.2)
    time.sleep(0.3)
    assert acquire(engine, "two").owner == "two"


def test_renewed_lock_does_not_run_out(installed: Installed, engine: sa.Engine) -> None:
    lock = acquire(engine, "one", ttl_s=300)
    for _ in range(4):
        installed.execute("UPDATE gsync_locks SET expires_utc = expires_utc - INTERVAL 200 SECOND")
        with pytest.raises(LockBusyError):
            acquire(engine, "two")
        assert locks.renew(engine, lock)


def test_lock_that_ran_out_is_renewed_if_nobody_took_it(installed: Installed, engine: sa.Engine) -> None:
    lock = acquire(engine)
    run_out(installed)
    assert locks.renew(engine, lock)
    fence(engine, lock)


def overtaken(installed: Installed) -> Lock:
    lock = acquire(installed.parts.engine, "one")
    run_out(installed)
    acquire(installed.parts.engine, "two")
    return lock


@pytest.mark.parametrize("use", [fence, locks.check], ids=["fence", "check"])
def test_overtaken_owner_may_not_go_on(installed: Installed, use: Callable[[sa.Engine, Lock], None]) -> None:
    with pytest.raises(LockLostError):
        use(installed.parts.engine, overtaken(installed))


@pytest.mark.parametrize("use", [fence, locks.check], ids=["fence", "check"])
def test_owner_whose_time_has_run_out_may_not_go_on(
    installed: Installed, use: Callable[[sa.Engine, Lock], None]
) -> None:
    lock = acquire(installed.parts.engine)
    run_out(installed)
    with pytest.raises(LockLostError):
        use(installed.parts.engine, lock)


def test_overtaken_owner_neither_renews_nor_releases(installed: Installed) -> None:
    old = overtaken(installed)
    assert not locks.renew(installed.parts.engine, old)
    locks.release(installed.parts.engine, old)
    with pytest.raises(LockBusyError):
        acquire(installed.parts.engine, "three")


def test_asking_does_not_wait_for_the_holder_s_transaction(engine: sa.Engine) -> None:
    lock = acquire(engine)
    with engine.begin() as connection:
        locks.fence(connection, lock)
        began = time.monotonic()
        with pytest.raises(LockBusyError):
            acquire(engine, "two")
    assert time.monotonic() - began < 2


def test_many_at_once_give_one_owner_and_no_deadlock(engine: sa.Engine) -> None:
    start, taken, refused, broken = threading.Barrier(8), [], [], []

    def ask(number: int) -> None:
        start.wait()
        try:
            taken.append(acquire(engine, f"owner {number}"))
        except LockBusyError as error:
            refused.append(error)
        except sa.exc.SQLAlchemyError as error:
            broken.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(taken), len(refused), broken) == (1, 7, [])


def test_what_a_fence_counts_on_the_way_stays_unlocked(installed: Installed, engine: sa.Engine) -> None:
    lock = acquire(engine)
    item = {"pair_id": 1, "google_id": "a", "etag": "1", "is_tombstone": False, "payload": {}}
    add = sa.insert(models.inbox).values(**item, received_utc=sa.func.utc_timestamp())
    with engine.begin() as connection, engine.begin() as other:
        other.execute(add)
        row = locks.fence(connection, lock, contents_columns(1))
        assert contents_from_row(row) == Contents(inbox=False, intents=False, parked=False, series=False)
        other.execute(sa.text("SET innodb_lock_wait_timeout = 1"))
        other.execute(add.values(google_id="b"))
    with engine.begin() as connection:
        row = locks.fence(connection, lock, contents_columns(1))
    assert contents_from_row(row) == Contents(inbox=True, intents=False, parked=False, series=False)
