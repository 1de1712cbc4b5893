"""Run history, and who runs now: at most one run of a pair is queued or running."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from plugin.by_key import delete_found
from plugin.state import models as m
from plugin.state.rows import stored
from plugin.state.run_rows import DueRun, RunResult, count_columns, end_columns, view_from_row
from plugin.sync.views import RunStatus, RunView

MAX_ATTEMPTS = 3
# Nobody waits for long, and no transaction grows large, where a year's history is forgotten at once.
SWEPT_AT_ONCE = 5000
# A new run may start at once, whatever the other machine's clock says.
_AT_ONCE = timedelta(minutes=-10)


class SqlRuns:
    """Runs over MariaDB or MySQL; every method is a transaction of its own."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def request(self, pair_id: int, trigger: str, now_utc: datetime) -> tuple[RunView, bool]:
        """Return a new queued run and True, or the pair's active one and False: the unique `active_key` decides."""
        try:
            with self._engine.begin() as connection:
                pair = connection.execute(sa.select(m.pairs).where(m.pairs.c.pair_id == pair_id)).one()
                row = self._new(pair, trigger, now_utc)
                inserted = connection.execute(sa.insert(m.runs).values(**row))
                run_id = inserted.inserted_primary_key[0]  # type: ignore[index]
            return RunView(
                run_id, pair_id, pair.module, trigger, RunStatus.QUEUED, requested_utc=now_utc
            ), True
        except IntegrityError:
            with self._engine.connect() as connection:
                run_id = connection.execute(
                    sa.select(m.runs.c.run_id).where(m.runs.c.active_key == pair_id)
                ).scalar_one_or_none()
            if run_id is None:  # it ended between the two statements
                return self.request(pair_id, trigger, now_utc)
        view = self.view(run_id)
        if view is None:
            raise LookupError(f"run {run_id} vanished while it was asked for")
        return view, False

    def request_for_planner(
        self, connection: sa.Connection, pair_ids: Sequence[int], start: int, now_utc: datetime
    ) -> None:
        """Queue the runs of a planner's pass, in the transaction that claims it; a pair with an active run keeps that one."""
        pairs = connection.execute(sa.select(m.pairs).where(m.pairs.c.pair_id.in_(pair_ids))).all()
        rows = [self._new(pair, "planner", now_utc, start) for pair in pairs]
        if rows:
            connection.execute(sa.insert(m.runs).prefix_with("IGNORE"), rows)

    def start(self, run_id: int, now_utc: datetime) -> int | None:
        """Mark a queued run as running and return which attempt this is.

        None if it isn't queued, because somebody else started or ended it, or if its time hasn't come yet.
        """
        with self._engine.begin() as connection:
            started = connection.execute(
                sa.update(m.runs)
                .where(
                    m.runs.c.run_id == run_id,
                    m.runs.c.status == RunStatus.QUEUED.value,
                    m.runs.c.not_before_utc <= stored(now_utc),
                )
                .values(
                    status=RunStatus.RUNNING.value,
                    started_utc=stored(now_utc),
                    attempts=m.runs.c.attempts + 1,
                )
            )
            if started.rowcount != 1:
                return None
            query = sa.select(m.runs.c.attempts).where(m.runs.c.run_id == run_id)
            return int(connection.execute(query).scalar_one())

    def postpone(
        self,
        run_id: int,
        attempt: int,
        now_utc: datetime,
        delay: timedelta,
        *,
        is_counted: bool = True,
        so_far: RunResult | None = None,
    ) -> None:
        """Put a run back into the queue, not to be started before `delay` is over; a later attempt is left alone.

        An attempt that only had to wait (for the account, for Google's quota) isn't counted. `so_far` is what the run has
        done, to go on counting from.
        """
        values: dict[str, Any] = count_columns(so_far) if so_far else {}
        values |= {"status": RunStatus.QUEUED.value, "not_before_utc": stored(now_utc + delay)}
        if not is_counted:
            values["attempts"] = m.runs.c.attempts - 1
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(m.runs)
                .where(
                    m.runs.c.run_id == run_id,
                    m.runs.c.status == RunStatus.RUNNING.value,
                    m.runs.c.attempts == attempt,
                )
                .values(**values)
            )

    def finish(self, run_id: int, result: RunResult, now_utc: datetime, attempt: int = 0) -> None:
        """Write down how the run ended, and free its pair for the next; a later attempt is left alone."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(m.runs)
                .where(
                    m.runs.c.run_id == run_id,
                    m.runs.c.active_key.is_not(None),
                    m.runs.c.attempts == attempt,
                )
                .values(**end_columns(result, now_utc))
            )

    def attempts(self, run_id: int) -> int:
        """Return how often the run has been started."""
        query = sa.select(m.runs.c.attempts).where(m.runs.c.run_id == run_id)
        with self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def due(self, now_utc: datetime) -> Sequence[DueRun]:
        """Return the queued runs whose time has come: each should have a job waiting."""
        query = sa.select(m.runs.c.run_id, m.runs.c.trigger, m.runs.c.attempts).where(
            m.runs.c.active_key.is_not(None),
            m.runs.c.status == RunStatus.QUEUED.value,
            m.runs.c.not_before_utc <= stored(now_utc),
        )
        with self._engine.connect() as connection:
            return [DueRun(*row) for row in connection.execute(query.order_by(m.runs.c.run_id))]

    def abandoned(self, now_utc: datetime, grace: timedelta) -> Sequence[tuple[int, int]]:
        """Return (run_id, attempts) of running runs whose account's lock ran out at least `grace` ago: their worker is dead."""
        long_ago = sa.func.timestampadd(
            sa.text("MICROSECOND"), -int(grace.total_seconds() * 1_000_000), sa.text("UTC_TIMESTAMP(6)")
        )
        query = (
            sa.select(m.runs.c.run_id, m.runs.c.attempts)
            .join(m.pairs, m.pairs.c.pair_id == m.runs.c.pair_id)
            .outerjoin(
                m.locks, sa.and_(m.locks.c.lock_key == m.pairs.c.google_sub, m.locks.c.expires_utc > long_ago)
            )
            .where(
                m.runs.c.active_key.is_not(None),
                m.runs.c.status == RunStatus.RUNNING.value,
                m.runs.c.started_utc < stored(now_utc - grace),
                m.locks.c.lock_key.is_(None),
            )
        )
        with self._engine.connect() as connection:
            return [(row.run_id, row.attempts) for row in connection.execute(query)]

    def view(self, run_id: int) -> RunView | None:
        """Return a run."""
        return self._one(sa.select(m.runs).where(m.runs.c.run_id == run_id))

    def latest(self, pair_id: int) -> RunView | None:
        """Return the newest run of the pair."""
        return self._one(
            sa.select(m.runs).where(m.runs.c.pair_id == pair_id).order_by(m.runs.c.run_id.desc()).limit(1)
        )

    def history(self, crm_user_id: int | None, limit: int) -> Sequence[RunView]:
        """Return the newest runs, of one user or of all."""
        query = sa.select(m.runs).order_by(m.runs.c.run_id.desc()).limit(limit)
        if crm_user_id is not None:
            query = query.where(m.runs.c.crm_user_id == crm_user_id)
        with self._engine.connect() as connection:
            return [view_from_row(row) for row in connection.execute(query)]

    def open_of_planner(self, planner_start: int) -> int:
        """Return how many runs of a planner pass haven't ended."""
        query = sa.select(sa.func.count()).where(
            m.runs.c.planner_start == planner_start, m.runs.c.active_key.is_not(None)
        )
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def sweep(self, before_utc: datetime, at_once: int = SWEPT_AT_ONCE) -> None:
        """Forget runs and journal older than that, some at a time."""
        old_runs = (m.runs.c.requested_utc < stored(before_utc), m.runs.c.active_key.is_(None))
        for table, where in ((m.runs, old_runs), (m.journal, (m.journal.c.at_utc < stored(before_utc),))):
            is_left = True
            while is_left:
                with self._engine.begin() as connection:
                    is_left = delete_found(connection, table, *where, limit=at_once) == at_once

    def _new(
        self, pair: Any, trigger: str, now_utc: datetime, planner_start: int | None = None
    ) -> dict[str, Any]:
        return {
            "pair_id": pair.pair_id,
            "crm_user_id": pair.crm_user_id,
            "module": pair.module,
            "trigger": trigger,
            "status": RunStatus.QUEUED.value,
            "active_key": pair.pair_id,
            "planner_start": planner_start,
            "requested_utc": stored(now_utc),
            "not_before_utc": stored(now_utc + _AT_ONCE),
        }

    def _one(self, query: sa.Select[Any]) -> RunView | None:
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else view_from_row(row)
