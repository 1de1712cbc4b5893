"""Pairs, as pages, jobs and the planner need them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from plugin.by_key import update_found
from plugin.core.errors import MissingScopeError
from plugin.state import models as m
from plugin.state.rows import pair_from_row, stored
from plugin.sync.memory_ports import Pair
from plugin.sync.views import ALL_CONTACTS, CALENDAR, ConnectionStatus

ACTIVE, RECONNECT, PAUSED, OFF = "active", "reconnect", "paused", "off"


class SqlPairs:
    """Pairs as runs and jobs need them."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def load(self, pair_id: int) -> tuple[Pair, ConnectionStatus, str] | None:
        """Return the pair, its status and the code of its problem; None if there is no such pair."""
        query = joined().where(m.pairs.c.pair_id == pair_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return pair_from_row(row), *status_of_pair(row)

    def active_pairs(self) -> Mapping[int, int]:
        """Return the pairs that the planner syncs, connected and nothing in their way, each with its CRM user."""
        query = joined().where(m.pairs.c.status == ACTIVE, m.accounts.c.status == ACTIVE)
        with self._engine.connect() as connection:
            return {row.pair_id: row.crm_user_id for row in connection.execute(query)}

    def pair_of_user(self, crm_user_id: int, module: str) -> int | None:
        """Return the pair that the user's module uses now."""
        with self._engine.connect() as connection:
            row = connection.execute(current(crm_user_id, module)).one_or_none()
        return None if row is None else int(row.pair_id)

    def mark_reconnect(self, pair: Pair, code: str) -> None:
        """Note that Google no longer accepts the grant of the pair's account; one given since stays in force."""
        self._set(m.accounts, sa.and_(*is_grant_of(pair)), status=RECONNECT, problem_code=code)

    def mark_not_allowed(self, pair: Pair) -> None:
        """Note that the grant of the pair's account doesn't hold for its module; the other module goes on."""
        with self._engine.begin() as connection:
            query = sa.select(m.accounts.c.account_id).where(*is_grant_of(pair)).with_for_update()
            if connection.execute(query).one_or_none() is not None:
                ask_again(connection, pair.account_id, [pair.module])

    def mark_paused(self, pair_id: int, code: str) -> None:
        """Note that the pair can't go on until somebody does something about it; one out of use stays so."""
        where = sa.and_(m.pairs.c.pair_id == pair_id, m.pairs.c.status != OFF)
        self._set(m.pairs, where, status=PAUSED, problem_code=code)

    def mark_active(self, pair_id: int) -> None:
        """Note that nothing is in the pair's way any more; a pair that was disconnected meanwhile stays so."""
        where = sa.and_(m.pairs.c.pair_id == pair_id, m.pairs.c.status == PAUSED)
        self._set(m.pairs, where, status=ACTIVE, problem_code="")

    def mark_synced(self, pair_id: int, now_utc: datetime, used_up_utc: datetime | None = None) -> None:
        """Note the end of a sync; it carried out what was approved at `used_up_utc`, unless more was approved meanwhile."""
        self._set(m.pairs, m.pairs.c.pair_id == pair_id, **synced_columns(now_utc, used_up_utc))

    def approve_deletions(self, pair_id: int, keys: Collection[str], now_utc: datetime) -> None:
        """Let these deletions go ahead, besides those approved before and not carried out yet."""
        this = m.pairs.c.pair_id == pair_id
        with self._engine.begin() as connection:
            query = sa.select(m.pairs.c.approved_deletions).where(this).with_for_update()
            before = connection.execute(query).scalar_one() or []
            connection.execute(
                sa.update(m.pairs)
                .where(this)
                .values(approved_deletions=sorted({*before, *keys}), deletions_approved_utc=stored(now_utc))
            )

    def forget_sync_token(self, pair_id: int) -> None:
        """Have everything listed again: Google no longer knows the token. Nothing else is forgotten."""
        self._set(m.pairs, m.pairs.c.pair_id == pair_id, sync_token=None, list_hash=None)

    def _set(self, table: sa.Table, where: sa.ColumnElement[bool], **values: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.update(table).where(where).values(**values))


def is_grant_of(pair: Pair) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions under which an account's grant is still the one that it had when the pair was read."""
    given_utc = None if pair.connected_utc is None else stored(pair.connected_utc)
    return m.accounts.c.account_id == pair.account_id, m.accounts.c.connected_utc == given_utc


def ask_again(connection: sa.Connection, account_id: int, modules: Collection[str]) -> None:
    """Have the user allow again what the account's grant doesn't hold for: the pairs in use of these modules."""
    is_of_them = sa.and_(m.pairs.c.account_id == account_id, m.pairs.c.module.in_(list(modules)))
    asked = {"status": RECONNECT, "problem_code": MissingScopeError.code}
    update_found(connection, m.pairs, is_of_them, m.pairs.c.status != OFF, **asked)


def synced_columns(now_utc: datetime, used_up_utc: datetime | None) -> dict[str, Any]:
    """Return the columns of a pair that has been synced; see `SqlPairs.mark_synced`."""
    values: dict[str, Any] = {"last_sync_utc": stored(now_utc)}
    if used_up_utc is not None:
        is_over = m.pairs.c.deletions_approved_utc == stored(used_up_utc)
        values["approved_deletions"] = sa.case((is_over, sa.null()), else_=m.pairs.c.approved_deletions)
    return values


def two_way_key(module: str, google_sub: str, collection_id: str) -> str:
    """Return the key that only one pair which writes to a Google collection can have.

    A calendar's id names the same calendar whoever sees it; every account's address book has the same id, and labels are no
    parts that would keep two pairs apart: one person may have several.
    """
    if module == CALENDAR:
        google_sub = ""
    else:
        collection_id = ALL_CONTACTS
    return hashlib.sha256(f"{module}\0{google_sub}\0{collection_id}".encode()).hexdigest()


def joined() -> sa.Select[Any]:
    """Select pairs with what their account adds."""
    account = m.accounts.c
    return sa.select(
        m.pairs,
        account.email,
        account.connected_utc,
        account.status.label("account_status"),
        account.problem_code.label("account_problem"),
    ).join(m.accounts, account.account_id == m.pairs.c.account_id)


def current(crm_user_id: int, module: str) -> sa.Select[Any]:
    """Select the pair that a user's module uses now."""
    return (
        joined()
        .where(m.pairs.c.crm_user_id == crm_user_id, m.pairs.c.module == module, m.pairs.c.status != OFF)
        .order_by(m.pairs.c.pair_id.desc())
        .limit(1)
    )


def status_of_pair(row: Any) -> tuple[ConnectionStatus, str]:
    """Return where a joined row stands, and the code of its problem; one that isn't used any more stands nowhere."""
    return (ConnectionStatus.NONE, "") if row.status == OFF else status_of(row)


def status_of(row: Any) -> tuple[ConnectionStatus, str]:
    """Return where a joined row stands, and the code of its problem."""
    if row.account_status != ACTIVE:
        return ConnectionStatus.RECONNECT, row.account_problem or RECONNECT
    if row.status == RECONNECT:
        return ConnectionStatus.RECONNECT, row.problem_code
    if row.status == PAUSED:
        return ConnectionStatus.PAUSED, row.problem_code
    return ConnectionStatus.ACTIVE, ""
