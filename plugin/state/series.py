"""The series that one pair keeps, with their exceptions: a part of the `State` port."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import insert

from plugin.by_key import delete_found, update_by_key
from plugin.core.mapping.google_event import Resource
from plugin.core.model import LinkState
from plugin.core.series import OVER, Series, split_instance_id
from plugin.core.series_parts import (
    cancelled_days,
    kept_parts,
    listed_exceptions,
    sort_parts,
    with_parts,
)
from plugin.state import models as m
from plugin.state.contents import Contents
from plugin.state.rows import stored


class SeriesShelf:
    """Series of one pair, on a connection that somebody else opened."""

    def __init__(
        self, connection: sa.Connection, pair_id: int, contents: Contents, *, is_listed: bool
    ) -> None:
        self._connection, self._pair_id, self._is_listed = connection, pair_id, is_listed
        self._has = contents

    def take_parts(self, resources: Sequence[Resource]) -> Sequence[Resource]:
        """Keep what belongs to series, which then wait to be laid out; return the rest."""
        if not resources:
            return resources
        # What is left of a series that is over is kept in case that it is restored; until then its ids are anybody's.
        is_there = sa.or_(m.series.c.is_pending, m.series.c.laid_out_rule != OVER)
        query = self._select(m.series.c.google_id).where(is_there)
        known = set(self._connection.execute(query).scalars()) if self._has.series else set()
        alone, parts = sort_parts(resources, known)
        if parts:
            self._adopt(sorted(parts.keys() - known))
            self._save(self._with_parts(parts), is_pending=True)
            self._unpark(sorted(parts))
            self._forget_alone({resource["id"] for of in parts.values() for resource in of})
        if days := cancelled_days(alone):
            self.save_laid_out(self._with_parts(days))
        return alone

    def _forget_alone(self, google_ids: Collection[str]) -> None:
        # What still waited of an event from before it was made a series would be decided about beside it.
        if self._has.inbox:
            is_alone = m.inbox.c.google_id.in_(sorted(google_ids))
            delete_found(self._connection, m.inbox, m.inbox.c.pair_id == self._pair_id, is_alone)

    def load_series(self, until: date, limit: int, now_utc: datetime) -> Sequence[Series]:
        """See the port."""
        if not self._has.series:
            return []
        is_parked = (
            sa.select(sa.literal(1))
            .where(
                m.parked.c.pair_id == m.series.c.pair_id,
                m.parked.c.google_id == m.series.c.google_id,
                m.parked.c.google_etag == m.series.c.etag,
                sa.or_(m.parked.c.retry_at_utc.is_(None), m.parked.c.retry_at_utc > stored(now_utc)),
            )
            .exists()
        )
        is_due = sa.or_(m.series.c.is_pending, m.series.c.laid_out_until < until)
        query = (
            self._select(m.series).where(is_due, ~is_parked).order_by(m.series.c.series_row_id).limit(limit)
        )
        return [_from_row(row) for row in self._connection.execute(query)]

    def load_series_of(
        self, *, google_ids: Sequence[str] = (), crm_head_ids: Sequence[int] = ()
    ) -> Sequence[Series]:
        """See the port."""
        wanted = [
            column.in_(ids)
            for column, ids in ((m.series.c.google_id, google_ids), (m.series.c.crm_head_id, crm_head_ids))
            if ids
        ]
        if not wanted:
            return []
        rows = self._connection.execute(self._select(m.series).where(sa.or_(*wanted)))
        return [_from_row(row) for row in rows]

    def begin_series(self, resource: Resource, crm_head_id: int) -> None:
        """See the port."""
        known = next(iter(self.load_series_of(google_ids=[resource["id"]])), None)
        series = with_parts(known, resource["id"], [resource])
        self._save([replace(series, crm_head_id=crm_head_id)], is_pending=True)

    def save_laid_out(self, series: Sequence[Series]) -> None:
        """See the port."""
        kept = [part for one in series if (part := kept_parts(one)) is not None]
        self._save(kept, is_pending=False)
        ended = sorted({one.google_id for one in series} - {one.google_id for one in kept})
        if ended:
            is_ended = m.series.c.google_id.in_(ended)
            delete_found(self._connection, m.series, m.series.c.pair_id == self._pair_id, is_ended)

    def load_listed_google_ids(self, *, with_resting: bool = False) -> Sequence[str]:
        """See the port."""
        states = [
            s.value for s in LinkState if s is LinkState.LIVE or (with_resting and s is not LinkState.DEAD)
        ]
        links = sa.select(m.links.c.google_id).where(
            m.links.c.pair_id == self._pair_id,
            m.links.c.state.in_(states),
            m.links.c.series_id.is_(None),
        )
        listed = list(self._connection.execute(links).scalars())
        is_over = m.series.c.laid_out_rule == OVER
        query = self._select(m.series.c.google_id, m.series.c.exceptions).where(~is_over)
        for row in self._connection.execute(query):
            exceptions: Mapping[str, Resource] = row.exceptions
            listed += [row.google_id, *listed_exceptions(exceptions)]
        return listed

    def load_waiting_google_ids(self, google_ids: Sequence[str], now_utc: datetime) -> Mapping[str, str]:
        """See the port."""
        if not google_ids:
            return {}
        query = sa.select(m.parked.c.google_id, m.parked.c.google_etag).where(
            m.parked.c.pair_id == self._pair_id,
            m.parked.c.google_id.in_(google_ids),
            sa.or_(m.parked.c.retry_at_utc.is_(None), m.parked.c.retry_at_utc > stored(now_utc)),
        )
        return {row.google_id: row.google_etag or "" for row in self._connection.execute(query)}

    def _with_parts(self, parts: Mapping[str, Sequence[Resource]]) -> list[Series]:
        before = {one.google_id: one for one in self.load_series_of(google_ids=sorted(parts))}
        return [with_parts(before.get(i), i, of) for i, of in parts.items()]

    def _adopt(self, series_ids: Sequence[str]) -> None:
        # The user was invited to single occurrences first, and to the whole series later.
        links = m.links.c
        if not series_ids or not self._is_listed:
            return
        is_of_one = sa.or_(*(links.google_id.startswith(f"{i}_", autoescape=True) for i in series_ids))
        begun = sa.select(links.link_id, links.google_id).where(links.pair_id == self._pair_id, is_of_one)
        # What "this and following" split off begins with the same id.
        parts = {link_id: split_instance_id(i) for link_id, i in self._connection.execute(begun)}
        series_of = {i: split[0] for i, split in parts.items() if split and split[0] in series_ids}
        if series_of:
            of_link = sa.case(series_of, value=links.link_id, else_=links.series_id)
            self._connection.execute(update_by_key(m.links, series_of).values(series_id=of_link))

    def _unpark(self, series_ids: Sequence[str]) -> None:
        # Its version is the master's; what could not be read may have been an exception.
        parked = m.parked.c
        is_of_one = parked.google_id.in_(series_ids)
        delete_found(self._connection, m.parked, parked.pair_id == self._pair_id, is_of_one)

    def _select(self, *columns: Any) -> sa.Select[Any]:
        return sa.select(*columns).where(m.series.c.pair_id == self._pair_id)

    def _save(self, series: Sequence[Series], *, is_pending: bool) -> None:
        if not series:
            return
        statement = insert(m.series)
        names = [c.name for c in m.series.columns if c.name not in {"series_row_id", "pair_id", "google_id"}]
        statement = statement.on_duplicate_key_update({name: statement.inserted[name] for name in names})
        rows = [_row(self._pair_id, one, is_pending=is_pending) for one in series]
        self._connection.execute(statement, rows)
        self._has.series = True


def _row(pair_id: int, series: Series, *, is_pending: bool) -> dict[str, Any]:
    return {
        "pair_id": pair_id,
        "google_id": series.google_id,
        "etag": series.master.get("etag", ""),
        "master": dict(series.master),
        "exceptions": {google_id: dict(part) for google_id, part in series.exceptions.items()},
        "crm_head_id": series.crm_head_id,
        "laid_out_rule": series.laid_out_rule,
        "laid_out_until": series.laid_out_until,
        "is_pending": is_pending,
    }


def _from_row(row: Any) -> Series:
    return Series(
        google_id=row.google_id,
        master=row.master,
        exceptions=row.exceptions,
        crm_head_id=row.crm_head_id,
        laid_out_rule=row.laid_out_rule,
        laid_out_until=row.laid_out_until,
    )
