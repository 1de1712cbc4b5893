"""Runs as values: how one ended, one that is due, and one as told to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from plugin.state.models import runs
from plugin.state.rows import moment, stored
from plugin.sync.views import RunStatus, RunView, SideCounts


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended, or how far it has come. What it cost is that of the last attempt alone."""

    status: RunStatus
    crm: SideCounts = field(default_factory=SideCounts)
    google: SideCounts = field(default_factory=SideCounts)
    held: int = 0
    parked: int = 0
    cut: int = 0
    error_code: str = ""
    error_details: Mapping[str, str] = field(default_factory=dict)
    google_requests: int = 0
    quota_units: int = 0


@dataclass(frozen=True, slots=True)
class DueRun:
    """A queued run that should have a job."""

    run_id: int
    trigger: str
    attempts: int


def view_from_row(row: Any) -> RunView:
    """Return the run that the row holds."""
    crm, google = (
        SideCounts(
            created=getattr(row, f"{side}_created"),
            updated=getattr(row, f"{side}_updated"),
            deleted=getattr(row, f"{side}_deleted"),
            skipped=getattr(row, f"{side}_skipped"),
            has_more=bool(getattr(row, f"{side}_has_more")),
        )
        for side in ("crm", "google")
    )
    return RunView(
        run_id=row.run_id,
        pair_id=row.pair_id,
        module=row.module,
        trigger=row.trigger,
        status=RunStatus(row.status),
        crm=crm,
        google=google,
        held=row.held,
        parked=row.parked,
        cut=row.cut,
        error_code=row.error_code,
        error_details=row.error_details or {},
        requested_utc=moment(row.requested_utc),
        started_utc=moment(row.started_utc),
        finished_utc=moment(row.finished_utc),
    )


def count_columns(result: RunResult) -> dict[str, Any]:
    """Return the columns of what a run did; what it cost comes on top of what earlier attempts cost."""
    sides = (("crm", result.crm), ("google", result.google))
    counts = {f"{side}_{name}": value for side, c in sides for name, value in asdict(c).items()}
    return {
        **counts,
        "cut": result.cut,
        "google_requests": runs.c.google_requests + result.google_requests,
        "quota_units": runs.c.quota_units + result.quota_units,
    }


def end_columns(result: RunResult, now_utc: datetime) -> dict[str, Any]:
    """Return the columns of a run that has ended; its pair is free for the next."""
    return {
        "status": result.status.value,
        "active_key": None,
        "finished_utc": stored(now_utc),
        "held": result.held,
        "parked": result.parked,
        "error_code": result.error_code,
        "error_details": dict(result.error_details) or None,
        **count_columns(result),
    }
