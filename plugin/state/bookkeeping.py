"""What one pair has set aside, what was done for it, and what the deletion brake counts: a part of the `State` port."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import insert

from plugin.by_key import delete_found
from plugin.core.model import LinkState, Side
from plugin.core.reconcile import Action
from plugin.state import models as m
from plugin.state.contents import Contents
from plugin.state.rows import moment, stored, version_from_text, version_text
from plugin.sync.memory_ports import UNTOLD, DeletionCounts, JournalEntry, ParkedItem

BRAKE_WINDOW = timedelta(hours=24)


class Bookkeeping:
    """Parked records, journal and counts of one pair, on a connection that somebody else opened."""

    def __init__(self, connection: sa.Connection, pair_id: int, run_id: int, contents: Contents) -> None:
        self._connection, self._pair_id, self._run_id = connection, pair_id, run_id
        self._has = contents

    def park(self, items: Sequence[ParkedItem], now_utc: datetime) -> None:
        """See the port."""
        if not items:
            return
        statement = insert(m.parked)
        new = statement.inserted
        statement = statement.on_duplicate_key_update(
            crm_version=new.crm_version,
            google_etag=new.google_etag,
            reason=new.reason,
            detail=new.detail,
            # A bound value here would break PyMySQL's way of sending many rows in one statement.
            attempts=m.parked.c.attempts + sa.literal_column("1"),
            retry_at_utc=new.retry_at_utc,
        )
        self._connection.execute(statement, [self._parked_row(item, now_utc) for item in items])
        self._has.parked = True

    def unpark(self, side: Side, item_ids: Sequence[str]) -> None:
        """See the port."""
        if item_ids and self._has.parked:
            is_crm = side is Side.CRM
            column: sa.Column[Any] = m.parked.c.crm_id if is_crm else m.parked.c.google_id
            ids: list[Any] = [int(i) for i in item_ids] if is_crm else list(item_ids)
            delete_found(self._connection, m.parked, m.parked.c.pair_id == self._pair_id, column.in_(ids))

    def load_parked(self, reasons: Sequence[str]) -> Sequence[ParkedItem]:
        """See the port."""
        if not reasons or not self._has.parked:
            return []
        query = sa.select(m.parked).where(
            m.parked.c.pair_id == self._pair_id, m.parked.c.reason.in_(list(reasons))
        )
        return [_parked_item(row) for row in self._connection.execute(query)]

    def load_due_google_ids(self, reasons: Sequence[str], now_utc: datetime) -> Sequence[str]:
        """See the port."""
        if not self._has.parked:
            return []
        query = sa.select(m.parked.c.google_id).where(
            m.parked.c.pair_id == self._pair_id,
            m.parked.c.reason.in_(list(reasons)),
            m.parked.c.google_id.is_not(None),
            m.parked.c.retry_at_utc <= stored(now_utc),
        )
        return list(self._connection.execute(query).scalars())

    def add_journal(self, entries: Sequence[JournalEntry], now_utc: datetime) -> None:
        """See the port."""
        rows = [
            {
                "pair_id": self._pair_id,
                "run_id": self._run_id,
                "at_utc": stored(now_utc),
                "action": entry.action,
                "reason": entry.reason,
                "side": entry.side,
                "crm_id": entry.crm_id,
                "google_id": entry.google_id,
                "series_id": entry.series_id,
                "lost": dict(entry.lost) or None,
                "cut": list(entry.cut) or None,
                "is_approved": entry.is_approved,
            }
            for entry in entries
        ]
        if rows:
            self._connection.execute(sa.insert(m.journal), rows)

    def count_parked(self) -> int:
        """See the port."""
        if not self._has.parked:
            return 0

        def is_counted(parked: sa.FromClause) -> sa.ColumnElement[bool]:
            return parked.c.reason.not_in(UNTOLD)

        # A linked record may be set aside on both of its sides.
        partner = m.parked.alias()
        is_told_by_crm = (
            sa.select(sa.literal(1))
            .join(
                partner,
                sa.and_(
                    partner.c.pair_id == m.links.c.pair_id,
                    partner.c.crm_id == m.links.c.crm_id,
                    is_counted(partner),
                ),
            )
            .where(m.links.c.pair_id == self._pair_id, m.links.c.google_id == m.parked.c.google_id)
            .exists()
        )
        query = sa.select(sa.func.count()).where(
            m.parked.c.pair_id == self._pair_id, is_counted(m.parked), ~is_told_by_crm
        )
        return self._connection.execute(query).scalar_one()

    def count_deletions(self, now_utc: datetime) -> DeletionCounts:
        """See the port."""
        live = sa.and_(m.links.c.pair_id == self._pair_id, m.links.c.state == LinkState.LIVE.value)
        pending = (
            sa.select(sa.func.count())
            .select_from(m.inbox)
            .join(m.links, sa.and_(live, m.links.c.google_id == m.inbox.c.google_id))
            .where(m.inbox.c.pair_id == self._pair_id, m.inbox.c.is_tombstone)
        )
        recent = sa.select(_not_approved()).where(
            m.journal.c.pair_id == self._pair_id,
            m.journal.c.at_utc > stored(now_utc - BRAKE_WINDOW),
            m.journal.c.action.in_([Action.DELETE_CRM.value, Action.DELETE_GOOGLE.value]),
        )
        total = sa.select(
            sa.func.count(sa.case((m.links.c.series_id.is_(None), m.links.c.link_id)))
            + sa.func.count(sa.distinct(m.links.c.series_id))
        ).where(live)
        row = self._connection.execute(
            sa.select(pending.scalar_subquery(), recent.scalar_subquery(), total.scalar_subquery())
        ).one()
        return DeletionCounts(pending=row[0], recent=row[1], links=row[2])

    def _parked_row(self, item: ParkedItem, now_utc: datetime) -> dict[str, Any]:
        is_crm = item.side is Side.CRM
        return {
            "pair_id": self._pair_id,
            "side": item.side.value,
            "crm_id": int(item.item_id) if is_crm else None,
            "google_id": None if is_crm else item.item_id,
            "crm_version": version_from_text(item.version) if is_crm else None,
            "google_etag": None if is_crm else item.version,
            "reason": item.reason,
            "detail": item.detail[:255],
            "parked_utc": stored(now_utc),
            "retry_at_utc": stored(item.retry_at_utc) if item.retry_at_utc else None,
        }


def _not_approved() -> sa.ColumnElement[int]:
    """Count deletions that nobody approved, those of one series as one; what was approved of a series speaks for all of it."""
    deleted = m.journal.c
    alone = sa.case((sa.and_(deleted.series_id.is_(None), ~deleted.is_approved), deleted.journal_id))
    approved = sa.case((deleted.is_approved, deleted.series_id))
    return (
        sa.func.count(alone)
        + sa.func.count(sa.distinct(deleted.series_id))
        - sa.func.count(sa.distinct(approved))
    )


def _parked_item(row: sa.Row[tuple[object, ...]]) -> ParkedItem:
    is_crm = row.side == Side.CRM.value
    return ParkedItem(
        side=Side(row.side),
        item_id=str(row.crm_id if is_crm else row.google_id),
        version=version_text(row.crm_version) if is_crm else row.google_etag,
        reason=row.reason,
        retry_at_utc=moment(row.retry_at_utc),
        detail=row.detail or "",
    )
