"""What time it is: by the database's clock, which all machines share. Their own may differ by hours, and notes of one of them
are read by the others: how old one is, when something may be tried again, whether a visit has expired.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

# Two clocks drift apart by less than a tenth of a second meanwhile.
LOOK_EVERY = timedelta(minutes=10)
LOOK_AGAIN = timedelta(seconds=30)


class DatabaseClock:
    """The database's time: looked at now and then, and between two looks this machine's own clock goes on from it.

    While the database doesn't answer, what was known of the difference has to do.
    """

    def __init__(
        self, engine: sa.Engine, own_utc: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine, self._own_utc = engine, own_utc
        self._ahead = timedelta(0)
        self._looked_utc: datetime | None = None
        self._good_for = LOOK_EVERY

    def __call__(self) -> datetime:
        """Return the present moment."""
        now_utc = self._own_utc()
        # Before the last look: somebody has set this machine's clock back.
        if self._looked_utc is None or not timedelta(0) <= now_utc - self._looked_utc < self._good_for:
            self._look()
            now_utc = self._own_utc()
        return now_utc + self._ahead

    def _look(self) -> None:
        self._looked_utc, self._good_for = self._own_utc(), LOOK_AGAIN
        try:
            with self._engine.connect() as connection:
                there = connection.execute(sa.text("SELECT UTC_TIMESTAMP(6)")).scalar_one()
        except SQLAlchemyError:
            return
        self._looked_utc, self._good_for = self._own_utc(), LOOK_EVERY
        self._ahead = there.replace(tzinfo=UTC) - self._looked_utc
