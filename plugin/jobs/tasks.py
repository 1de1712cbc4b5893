"""What a worker does with a job: carry the run out and write down how it ended."""

from __future__ import annotations

import logging
from datetime import timedelta

from plugin.bootstrap import Parts, open_execution
from plugin.core.errors import (
    CollectionLostError,
    CredentialsRevokedError,
    LockError,
    MissingScopeError,
    RateLimitedError,
    SyncError,
)
from plugin.jobs.queue import save_progress
from plugin.logs import about
from plugin.state.runs import MAX_ATTEMPTS, RunResult
from plugin.sync.ports import Pair
from plugin.sync.run import run_sync
from plugin.sync.tally import Tally
from plugin.sync.views import ConnectionStatus, Progress, RunStatus

# Another run works for the same Google account; it takes seconds.
BUSY_DELAY = timedelta(seconds=3)
# A longer wait ends the run instead of holding its pair; the next one starts where this one stopped.
LONGEST_DELAY_S = 120.0
log = logging.getLogger(__name__)
_bound: dict[str, Parts] = {}


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
    run = parts.run_store.view(run_id)
    if run is None or not parts.run_store.start(run_id, parts.clock()):
        return
    with about(run_id=run_id, user_id=parts.pairs.user_of(run.pair_id)):
        _carry_out(parts, run_id, run.pair_id)


def _carry_out(parts: Parts, run_id: int, pair_id: int) -> None:
    tally = Tally()
    try:
        loaded = parts.pairs.load(pair_id)
        if loaded is None:
            raise LookupError(f"run {run_id} has no pair")
        pair, status, code = loaded
        if problem := _obstacle(parts, pair, status, code):
            _finish(parts, run_id, RunResult(RunStatus.FAILED, error_code=problem))
            return
        _sync(parts, pair, run_id, tally)
    except LockError:
        parts.run_store.postpone(run_id, parts.clock(), BUSY_DELAY)
    except SyncError as error:
        _give_up(parts, run_id, pair_id, tally, error)
    except Exception:
        log.exception("the run failed for a reason nobody foresaw")
        _finish(parts, run_id, _result(RunStatus.FAILED, tally, "unexpected"))
        raise


def _obstacle(parts: Parts, pair: Pair, status: ConnectionStatus, code: str) -> str:
    """Return the code of what keeps the pair from being synced, '' if nothing does."""
    if status is not ConnectionStatus.ACTIVE:
        return code or ("not_connected" if status is ConnectionStatus.NONE else status.value)
    user = parts.users.user(pair.crm_user_id)
    return "" if user is not None and user.is_active else "frozen"


def _sync(parts: Parts, pair: Pair, run_id: int, tally: Tally) -> None:
    user = parts.users.user(pair.crm_user_id)
    if user is None:
        raise LookupError(f"user {pair.crm_user_id} is gone")

    def tell(progress: Progress) -> None:
        save_progress(parts.redis, run_id, progress)

    with open_execution(parts, pair, user, run_id, tell) as execution:
        try:
            run_sync(execution, tally)
        finally:
            usage = execution.transport.usage
    parts.pairs.mark_synced(pair.pair_id, parts.clock())
    done = _result(RunStatus.DONE, tally, "", requests=usage.requests, units=usage.quota_units)
    _finish(parts, run_id, done)


def _give_up(parts: Parts, run_id: int, pair_id: int, tally: Tally, error: SyncError) -> None:
    log.warning("the run stopped: %s", error.code)
    run = parts.run_store.view(run_id)
    loaded = parts.pairs.load(pair_id)
    match error:
        case CredentialsRevokedError() | MissingScopeError() if loaded is not None:
            parts.pairs.mark_reconnect(loaded[0].account_id, error.code)
        case CollectionLostError():
            parts.pairs.mark_paused(pair_id, error.code)
        case RateLimitedError() if run is not None and parts.run_store.attempts(run_id) < MAX_ATTEMPTS:
            delay_s = error.retry_after_s or BUSY_DELAY.total_seconds() * 4
            if delay_s <= LONGEST_DELAY_S:
                parts.run_store.postpone(run_id, parts.clock(), timedelta(seconds=delay_s))
                return
    _finish(parts, run_id, _result(RunStatus.FAILED, tally, error.code, details=error.details))


def _result(
    status: RunStatus,
    tally: Tally,
    code: str,
    *,
    details: dict[str, str] | None = None,
    requests: int = 0,
    units: int = 0,
) -> RunResult:
    return RunResult(
        status=status,
        crm=tally.crm.view(),
        google=tally.google.view(),
        held=tally.held,
        parked=tally.parked,
        error_code=code,
        error_details=details or {},
        google_requests=requests,
        quota_units=units,
    )


def _finish(parts: Parts, run_id: int, result: RunResult) -> None:
    parts.run_store.finish(run_id, result, parts.clock())
