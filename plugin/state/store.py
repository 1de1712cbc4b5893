"""Our memory of one pair, on a connection that somebody else opened: the `State` port.

Reads and writes are set-based: the number of statements does not grow with the number of records (but for chunks of
`CHUNK` rows, to stay below the server's packet size).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import insert

from plugin.by_key import delete_found, update_by_key
from plugin.core.mapping.google_event import Resource
from plugin.core.model import Link, LinkState, Side
from plugin.state import models as m
from plugin.state.bookkeeping import Bookkeeping
from plugin.state.contents import Contents
from plugin.state.halves import EVENT_HALVES, Halves
from plugin.state.rows import (
    inbox_row,
    intent_from_row,
    intent_row,
    link_from_row,
    row_from_draft,
    stored,
)
from plugin.state.series import SeriesShelf
from plugin.sync.memory_ports import Intent, LinkDraft, Pair

CHUNK = 500
T = TypeVar("T")


class PairState(Bookkeeping, SeriesShelf):
    """The `State` port over MariaDB or MySQL."""

    def __init__(
        self,
        connection: sa.Connection,
        pair: Pair,
        run_id: int,
        contents: Contents | None = None,
        halves: Halves = EVENT_HALVES,
    ) -> None:
        has, self._halves = contents or Contents(), halves
        Bookkeeping.__init__(self, connection, pair.pair_id, run_id, has)
        SeriesShelf.__init__(self, connection, pair.pair_id, has, is_listed=pair.is_listed)
        self._list_hash = pair.list_hash

    # --- inbox ---

    def save_listing(
        self,
        resources: Sequence[Resource],
        *,
        sync_token: str,
        list_hash: str,
        is_full: bool,
        now_utc: datetime,
    ) -> None:
        """See the port."""
        self.save_inbox(resources, now_utc)
        if list_hash != self._list_hash and self._has.parked:
            delete_found(self._connection, m.parked, m.parked.c.pair_id == self._pair_id)
        self._connection.execute(
            sa.update(m.pairs)
            .where(m.pairs.c.pair_id == self._pair_id)
            .values(
                sync_token=sync_token,
                list_hash=list_hash,
                is_listed=True,
                **({"is_matched": False} if is_full else {}),
            )
        )

    def save_inbox(self, resources: Sequence[Resource], now_utc: datetime) -> None:
        """See the port."""
        statement = insert(m.inbox)
        columns = ("etag", "is_tombstone", "payload", "received_utc")
        statement = statement.on_duplicate_key_update({c: statement.inserted[c] for c in columns})
        for chunk in _chunks(self.take_parts(resources)):
            self._connection.execute(statement, [inbox_row(self._pair_id, r, now_utc) for r in chunk])
            self._has.inbox = True

    def load_inbox(self, limit: int, now_utc: datetime) -> Sequence[Resource]:
        """See the port."""
        if not self._has.inbox:
            return []
        rows = self._connection.execute(self._waiting(m.inbox.c.payload, now_utc).limit(limit))
        return [row.payload for row in rows]

    def load_inbox_of(self, google_ids: Sequence[str]) -> Sequence[Resource]:
        """See the port."""
        if not google_ids or not self._has.inbox:
            return []
        query = sa.select(m.inbox.c.payload).where(
            m.inbox.c.pair_id == self._pair_id, m.inbox.c.google_id.in_(google_ids)
        )
        return [row.payload for row in self._connection.execute(query)]

    def load_unlinked_inbox(self) -> Sequence[Resource]:
        """See the port."""
        same = sa.and_(m.links.c.pair_id == m.inbox.c.pair_id, m.links.c.google_id == m.inbox.c.google_id)
        query = (
            sa.select(m.inbox.c.payload)
            .outerjoin(m.links, same)
            .where(m.inbox.c.pair_id == self._pair_id, ~m.inbox.c.is_tombstone, m.links.c.link_id.is_(None))
            .order_by(m.inbox.c.inbox_id)
        )
        return [row.payload for row in self._connection.execute(query)]

    def mark_matched(self) -> None:
        """See the port."""
        self._connection.execute(
            sa.update(m.pairs).where(m.pairs.c.pair_id == self._pair_id).values(is_matched=True)
        )

    def count_inbox(self, now_utc: datetime) -> int:
        """See the port."""
        waiting = self._waiting(m.inbox.c.inbox_id, now_utc).order_by(None).subquery()
        return self._connection.execute(sa.select(sa.func.count()).select_from(waiting)).scalar_one()

    def remove_inbox(self, seen: Sequence[tuple[str, str]]) -> None:
        """See the port."""
        for chunk in _chunks(seen if self._has.inbox else ()):
            is_seen = sa.tuple_(m.inbox.c.google_id, m.inbox.c.etag).in_(chunk)
            delete_found(self._connection, m.inbox, m.inbox.c.pair_id == self._pair_id, is_seen)
        self.unpark(Side.GOOGLE, [google_id for google_id, _ in seen])

    def _waiting(self, column: sa.Column[Any], now_utc: datetime) -> sa.Select[Any]:
        is_parked = (
            sa.select(sa.literal(1))
            .where(
                m.parked.c.pair_id == m.inbox.c.pair_id,
                m.parked.c.google_id == m.inbox.c.google_id,
                m.parked.c.google_etag == m.inbox.c.etag,
                sa.or_(m.parked.c.retry_at_utc.is_(None), m.parked.c.retry_at_utc > stored(now_utc)),
            )
            .exists()
        )
        return (
            sa.select(column)
            .where(m.inbox.c.pair_id == self._pair_id, ~is_parked)
            .order_by(m.inbox.c.inbox_id)
        )

    # --- links ---

    def load_links(
        self,
        *,
        crm_ids: Sequence[int] = (),
        google_ids: Sequence[str] = (),
        series_ids: Sequence[str] = (),
        link_keys: Sequence[str] = (),
        said_in_google: Sequence[str] = (),
    ) -> Sequence[Link]:
        """See the port."""
        columns = (
            (m.links.c.crm_id, crm_ids),
            (m.links.c.google_id, google_ids),
            (m.links.c.series_id, series_ids),
            (m.links.c.link_key, link_keys),
        )
        wanted: list[sa.ColumnElement[bool]] = [column.in_(ids) for column, ids in columns if ids]
        half = sa.type_coerce(m.links.c.google_half, sa.Text)
        wanted += [sa.func.instr(half, json.dumps(text)) > 0 for text in said_in_google]
        if not wanted:
            return []
        query = sa.select(m.links).where(m.links.c.pair_id == self._pair_id, sa.or_(*wanted))
        return [link_from_row(row, self._halves) for row in self._connection.execute(query)]

    def save_links(self, drafts: Sequence[LinkDraft]) -> None:
        """See the port."""
        rows = [row_from_draft(self._pair_id, draft, self._halves) for draft in drafts]
        for chunk in _chunks([row for row in rows if "link_id" not in row]):
            self._connection.execute(sa.insert(m.links), chunk)
        statement = insert(m.links)
        columns = [c.name for c in m.links.columns if c.name not in {"link_id", "pair_id"}]
        statement = statement.on_duplicate_key_update({c: statement.inserted[c] for c in columns})
        for chunk in _chunks([row for row in rows if "link_id" in row]):
            self._connection.execute(statement, chunk)

    def set_link_state(self, link_ids: Sequence[int], state: LinkState) -> None:
        """See the port."""
        if link_ids:
            self._connection.execute(update_by_key(m.links, link_ids).values(state=state.value))

    # --- intents ---

    def load_intents(self) -> Sequence[Intent]:
        """See the port."""
        if not self._has.intents:
            return []
        rows = self._connection.execute(sa.select(m.intents).where(m.intents.c.pair_id == self._pair_id))
        return [intent_from_row(row, self._halves) for row in rows]

    def save_intents(self, intents: Sequence[Intent]) -> None:
        """See the port."""
        rows = [intent_row(self._pair_id, intent, self._halves) for intent in intents]
        if rows:
            self._connection.execute(sa.insert(m.intents), rows)
            self._has.intents = True

    def remove_intents(self, google_ids: Sequence[str]) -> None:
        """See the port."""
        if google_ids:
            is_over = m.intents.c.google_id.in_(google_ids)
            delete_found(self._connection, m.intents, m.intents.c.pair_id == self._pair_id, is_over)


def _chunks(items: Sequence[T]) -> Iterator[list[T]]:
    for start in range(0, len(items), CHUNK):
        yield list(items[start : start + CHUNK])
