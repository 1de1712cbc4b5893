"""What a worker does with a job: carry the run out and write down how it ended."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from plugin.bootstrap import Opening, Parts, begin_run, open_run
from plugin.bootstrap.transaction import DatabaseBusyError, translated
from plugin.core.errors import (
    CollectionLostError,
    CredentialsRevokedError,
    DisconnectedError,
    LockBusyError,
    LockLostError,
    LongPauseError,
    MissingScopeError,
    QuotaPauseError,
    RateLimitedError,
    SyncError,
)
from plugin.google.transport import Usage
from plugin.jobs.queue import save_progress
from plugin.logs import about, set_user
from plugin.state.run_rows import RunResult
from plugin.state.runs import MAX_ATTEMPTS
from plugin.sync.run import run_sync
from plugin.sync.tally import SideTally, Tally
from plugin.sync.views import ConnectionStatus, Progress, RunStatus

# Google asks for a pause without saying how long.
PAUSE_S = 12.0
# A longer wait ends the run instead of holding its pair; the next one starts where this one stopped.
LONGEST_DELAY_S = 120.0
log = logging.getLogger(__name__)
_bound: dict[str, Parts] = {}


def bound() -> Parts:
    """Return this process's parts."""
    return _bound["parts"]


def bind(parts: Parts) -> None:
    """Give this process its parts; worker.py does so before it forks."""
    _bound["parts"] = parts


def forget_connections() -> None:
    """Leave the parent's connections alone: called first thing in a forked process."""
    if parts := _bound.get("parts"):
        parts.engine.dispose(close=False)


def sync_pair(run_id: int) -> None:
    """Carry out a queued run. Raises what was not foreseen, after writing it down: RQ calls a returned error a success."""
    carry_out(_bound["parts"], run_id)


def carry_out(parts: Parts, run_id: int) -> None:
    """Carry out a queued run; does nothing if it isn't queued any more."""
    with about(run_id=run_id):
        try:
            opening = begin_run(parts, run_id)
        except SQLAlchemyError as error:
            _give_up_unread(parts, run_id, error)
            return
        if opening is not None:
            _Attempt(parts, opening).carry_out()


def _give_up_unread(parts: Parts, run_id: int, error: SQLAlchemyError) -> None:
    """End a run that can't even be looked at: left in the queue, it would be tried for ever."""
    log.warning("the run could not be begun", exc_info=error)
    attempt, known = parts.run_store.start(run_id, parts.clock()), translated(error)
    if attempt is None:
        return
    if isinstance(known, DatabaseBusyError) and attempt < MAX_ATTEMPTS:
        parts.run_store.postpone(run_id, attempt, parts.clock(), timedelta(seconds=parts.timing.busy_delay_s))
    else:
        failed = RunResult(RunStatus.FAILED, error_code=known.code)
        parts.run_store.finish(run_id, failed, parts.clock(), attempt)


class _Attempt:
    """One attempt of one run. All it writes down about itself is void once a later attempt has begun."""

    def __init__(self, parts: Parts, opening: Opening) -> None:
        run, self._opening = opening.run, opening
        self._parts, self._run_id, self._number = parts, run.run_id, opening.attempt
        # An attempt after a pause goes on counting: the cap, and what people are told, are the run's.
        self._tally = Tally(SideTally.from_view(run.crm), SideTally.from_view(run.google), cut=run.cut)
        self._taken_before = self._tally.taken
        self._usage = Usage()

    def carry_out(self) -> None:
        try:
            self._sync()
        except LockBusyError:
            self._postpone(self._parts.timing.busy_delay_s, is_counted=False)
        except SyncError as error:
            self._try_again_or_give_up(error)
        except SQLAlchemyError as error:
            log.warning("the database refused or went away", exc_info=True)
            self._try_again_or_give_up(translated(error))
        except Exception:
            log.exception("the run failed for a reason nobody foresaw")
            self._finish(RunStatus.FAILED, "unexpected")
            raise

    def _sync(self) -> None:
        set_user(self._opening.pair.crm_user_id)
        if self._opening.problem:
            self._finish(RunStatus.FAILED, self._opening.problem)
            return
        with open_run(self._parts, self._opening, self._tell) as execution:
            try:
                run_sync(execution, self._tally)
            finally:
                self._usage = execution.transport.usage
            execution.result = self._result(RunStatus.DONE)
            if not (self._tally.crm.has_more or self._tally.google.has_more):
                execution.used_up_utc = execution.pair.deletions_approved_utc

    def _tell(self, progress: Progress) -> None:
        save_progress(self._parts, self._run_id, progress)

    def _try_again_or_give_up(self, error: SyncError) -> None:
        # Somebody took the account over while this process slept, or was quicker in the database.
        is_passing = isinstance(error, LockLostError | DatabaseBusyError)
        if is_passing and self._number < MAX_ATTEMPTS:
            log.info("the run is tried again: %s", error)
            self._postpone(self._parts.timing.busy_delay_s)
        else:
            self._give_up(error)

    def _give_up(self, error: SyncError) -> None:
        if isinstance(error, RateLimitedError) and self._pause(error):
            return
        code = LongPauseError.code if _is_long(error) else error.code
        log.warning("the run stopped: %s", error.told)
        pairs, pair = self._parts.pairs, self._opening.pair
        loaded = pairs.load(pair.pair_id)
        if loaded is not None and loaded[1] is ConnectionStatus.NONE:
            # Whatever it ran into: the grant was given back under its hands.
            self._finish(RunStatus.FAILED, DisconnectedError.code)
            return
        match error:
            case CredentialsRevokedError():
                pairs.mark_reconnect(pair, error.code)
            case MissingScopeError():
                pairs.mark_not_allowed(pair)
            case CollectionLostError():
                pairs.mark_paused(pair.pair_id, error.code)
        self._finish(RunStatus.FAILED, code, details=error.details)

    def _pause(self, error: RateLimitedError) -> bool:
        """Put the run off until there is quota again; tell whether that is soon enough and will come to an end."""
        delay_s = error.retry_after_s or PAUSE_S
        # Waiting is no attempt, and neither is one that got something done: a run as long as the quota is small doesn't fail.
        is_counted = not isinstance(error, QuotaPauseError) and self._tally.taken == self._taken_before
        if delay_s > LONGEST_DELAY_S or (is_counted and self._number >= MAX_ATTEMPTS):
            return False
        log.info("the run goes on in %.0f s: %s", delay_s, error)
        self._postpone(delay_s, is_counted=is_counted)
        return True

    def _postpone(self, delay_s: float, *, is_counted: bool = True) -> None:
        self._parts.run_store.postpone(
            self._run_id,
            self._number,
            self._parts.clock(),
            timedelta(seconds=delay_s),
            is_counted=is_counted,
            so_far=self._result(RunStatus.QUEUED),
        )

    def _finish(self, status: RunStatus, code: str = "", *, details: Mapping[str, str] | None = None) -> None:
        result = self._result(status, code, details)
        self._parts.run_store.finish(self._run_id, result, self._parts.clock(), self._number)

    def _result(
        self, status: RunStatus, code: str = "", details: Mapping[str, str] | None = None
    ) -> RunResult:
        return RunResult(
            status=status,
            crm=self._tally.crm.view(),
            google=self._tally.google.view(),
            held=self._tally.held,
            parked=self._tally.parked,
            cut=self._tally.cut,
            error_code=code,
            error_details=details or {},
            google_requests=self._usage.requests,
            quota_units=self._usage.quota_units,
        )


def _is_long(error: SyncError) -> bool:
    # Our own pacing repeats what Google asked for to whoever comes next.
    return isinstance(error, RateLimitedError) and (error.retry_after_s or 0.0) > LONGEST_DELAY_S
