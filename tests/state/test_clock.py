"""One clock for all machines: the database's."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from plugin.bootstrap.clock import LOOK_EVERY, DatabaseClock
from tests.installed import Installed

NEAR = timedelta(seconds=2)


class OwnClock:
    """A machine's own clock, wrong by so much."""

    def __init__(self, ahead: timedelta) -> None:
        self.ahead = ahead

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Looks:
    """Counts how often an engine is asked."""

    def __init__(self, engine: sa.Engine) -> None:
        self.count = 0
        sa.event.listen(engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self.count += 1


def is_right(clock: Callable[[], datetime]) -> bool:
    return abs(clock() - datetime.now(UTC)) < NEAR


@pytest.mark.parametrize("hours", [-3, 0, 3])
def test_machine_whose_own_clock_is_wrong_goes_by_the_database_s(installed: Installed, hours: int) -> None:
    assert is_right(DatabaseClock(installed.parts.engine, OwnClock(timedelta(hours=hours))))


def test_database_is_asked_once_in_a_while(installed: Installed) -> None:
    looks, own = Looks(installed.parts.engine), OwnClock(timedelta(0))
    clock = DatabaseClock(installed.parts.engine, own)

    for _ in range(100):
        clock()
    assert looks.count == 1
    own.ahead += LOOK_EVERY
    assert is_right(clock)
    assert looks.count == 2


def test_machine_s_clock_that_is_set_back_is_noticed_at_once(installed: Installed) -> None:
    own = OwnClock(timedelta(hours=3))
    clock = DatabaseClock(installed.parts.engine, own)
    clock()

    own.ahead = timedelta(0)

    assert is_right(clock)


def test_database_that_does_not_answer_is_asked_again_soon(installed: Installed) -> None:
    engine, own, is_down = sa.create_engine(installed.parts.engine.url), OwnClock(timedelta(hours=3)), True

    def refuse(dialect: sa.Dialect, *_: object) -> None:
        if is_down:
            raise dialect.loaded_dbapi.OperationalError(2003, "nobody there")

    sa.event.listen(engine, "do_connect", refuse)
    clock = DatabaseClock(engine, own)
    assert abs(clock() - own()) < NEAR

    is_down = False
    own.ahead += timedelta(minutes=1)

    assert is_right(clock)
    engine.dispose()
