"""What is set aside, to be shown to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from plugin.core.model import Side
from plugin.state import models as m
from plugin.state.rows import moment
from plugin.sync.memory_ports import UNTOLD


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """One row of the table, its moments aware."""

    side: Side
    crm_id: int | None
    google_id: str | None
    reason: str
    attempts: int
    since_utc: datetime
    retry_at_utc: datetime | None


def load_parked(connection: sa.Connection, pair_id: int) -> Sequence[ParkedRow]:
    """Return all that the pair has set aside and people are told of, the latest first."""
    query = (
        sa.select(m.parked)
        .where(m.parked.c.pair_id == pair_id, m.parked.c.reason.not_in(UNTOLD))
        .order_by(m.parked.c.parked_utc.desc(), m.parked.c.parked_id.desc())
    )
    return [_from_row(row) for row in connection.execute(query)]


def _from_row(row: sa.Row[tuple[object, ...]]) -> ParkedRow:
    since_utc = moment(row.parked_utc)
    if since_utc is None:
        raise LookupError(f"parked record {row.parked_id} has no moment")
    return ParkedRow(
        side=Side(row.side),
        crm_id=row.crm_id,
        google_id=row.google_id,
        reason=row.reason,
        attempts=row.attempts,
        since_utc=since_utc,
        retry_at_utc=moment(row.retry_at_utc),
    )
