"""A CRM user's activities, on a connection that somebody else opened: the `CrmEvents` port.

Activities are rows of vtiger_crmentity (setype Calendar) and vtiger_activity; tasks and e-mails share those tables and are
none of ours. On an update only mapped columns change: reminders, invitees, repeats and relations stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from plugin.core.mapping.crm_event import ActivityRow
from plugin.core.model import Presence
from plugin.crm import tables as t
from plugin.crm.event_rows import EventWriter
from plugin.crm.guests import relate_contacts
from plugin.crm.legacy import read_mapping
from plugin.crm.records import ReserveIds, crm_time, moment_of
from plugin.crm.repeats import NO_REPEAT, Repeats
from plugin.crm.transfers import find_transferred
from plugin.sync.memory_ports import Pair
from plugin.sync.ports import CrmRecord, CrmRepeat, CrmUser, CrmWrite, JoinedSeries

NOT_EVENTS = ("Task", "Emails")
# modifiedtime has whole seconds: a row read this soon after it may change again without a sign (design.md §4.2).
UNSETTLED = timedelta(seconds=5)
# Keeps the server from melting a subquery into the query around it, where it would read whole rows in the order of their ids.
_ALL = 2**63 - 1


@dataclass(frozen=True, slots=True)
class MemoryTables:
    """Our tables that the CRM's rows are joined with; handed in, since `crm/` does not know `state/`."""

    links: sa.Table
    parked: sa.Table
    pairs: sa.Table


class UserEvents:
    """The `CrmEvents` port over the CRM's own tables, for the user of one pair."""

    def __init__(
        self,
        connection: sa.Connection,
        schema: t.CrmSchema,
        memory: MemoryTables,
        *,
        pair: Pair,
        user: CrmUser,
        crm_zone: str,
        now_utc: datetime,
        reserve: ReserveIds,
    ) -> None:
        self._connection, self._schema, self._memory = connection, schema, memory
        self._pair, self._user = pair, user
        self._crm_zone, self._now = crm_zone, crm_time(now_utc, crm_zone)
        self._now_utc = now_utc
        self._repeats = Repeats(connection, schema)
        self._writer = EventWriter(connection, schema, user=user, crm_zone=crm_zone, reserve=reserve)

    def read_changes(self, limit: int) -> Sequence[CrmRecord]:
        """See the port."""
        # First which ones, from narrow indexes: a scan of whole rows would grow with the links (docs/performance.md).
        waiting = self._connection.execute(sa.union_all(self._linked(), self._unlinked(limit))).all()
        changed = sorted((row.crm_id, row.link_id) for row in waiting if not row.has_left)
        left = [(row.crm_id, row.link_id) for row in waiting if row.has_left]
        link_ids = dict([*changed[:limit], *left])
        found = self.read_records(list(link_ids))
        return [replace(found[crm_id], link_id=link_id) for crm_id, link_id in link_ids.items()]

    def read_unlinked(self) -> Sequence[CrmRecord]:
        """See the port."""
        query = (
            self._select()
            .where(self._is_in_set(), self._is_unlinked(), self._after_limit(), self._is_free())
            .order_by(t.entity.c.crmid)
        )
        return [self._record(row) for row in self._connection.execute(query)]

    def read_repeats(self, crm_ids: Sequence[int]) -> Sequence[CrmRepeat]:
        """See the port."""
        return self._repeats.read(crm_ids, sa.and_(self._is_in_set(), self._after_limit()))

    def join_repeats(self, series: Sequence[JoinedSeries]) -> None:
        """See the port."""
        self._repeats.join(series)

    def read_legacy_mapping(self) -> Mapping[str, int]:
        """See the port."""
        return read_mapping(self._connection, self._user.user_id)

    def read_records(self, crm_ids: Sequence[int]) -> Mapping[int, CrmRecord]:
        """See the port."""
        return self._by_id(crm_ids, self._select().where(t.entity.c.crmid.in_(crm_ids)))

    def lock_records(self, crm_ids: Sequence[int]) -> Mapping[int, CrmRecord]:
        """See the port. One statement in id order, so that two lockers never wait for each other."""
        # Each record's rows in the order in which the CRM saves them: the other way round, both would wait for ever.
        query = self._select().where(t.entity.c.crmid.in_(crm_ids)).order_by(t.entity.c.crmid)
        in_order = query.prefix_with("STRAIGHT_JOIN").with_hint(t.entity, t.BY_KEY)
        return self._by_id(crm_ids, in_order.with_for_update())

    def create(self, rows: Sequence[ActivityRow], now_utc: datetime) -> None:
        """See the port."""
        self._writer.insert(rows, now_utc)

    def update(self, writes: Sequence[CrmWrite], now_utc: datetime) -> None:
        """See the port."""
        self._writer.update(writes, now_utc)

    def revive(self, rows: Sequence[ActivityRow], now_utc: datetime) -> None:
        """See the port."""
        self._writer.revive(rows, now_utc)

    def delete(self, crm_ids: Sequence[int], now_utc: datetime) -> None:
        """See the port."""
        self._writer.delete(crm_ids, now_utc)
        if crm_ids:
            self._repeats.forget(crm_ids)

    def relate_contacts(self, guests: Mapping[int, Collection[str]]) -> None:
        """See the port."""
        relate_contacts(self._connection, self._schema, self._user, guests)

    def find_transferred(self, records: Sequence[CrmRecord]) -> frozenset[int]:
        """See the port."""
        links, pairs = self._memory.links, self._memory.pairs
        return find_transferred(self._connection, links, pairs, self._user.user_id, records)

    # --- queries ---

    def _select(self) -> sa.Select[Any]:
        return _COLUMNS.join(t.activity, t.activity.c.activityid == t.entity.c.crmid)

    def _linked(self) -> sa.Select[Any]:
        """Select the linked rows that changed and those that left the set."""
        links, parked = self._memory.links, self._memory.parked
        is_not_owned = sa.or_(
            t.entity.c.crmid.is_(None),
            t.entity.c.deleted != 0,
            t.entity.c.smownerid != self._user.user_id,
        )
        has_left = sa.or_(
            is_not_owned, t.activity.c.activityid.is_(None), t.activity.c.activitytype.in_(NOT_EVENTS)
        )
        has_changed = sa.or_(
            links.c.state != "live",
            links.c.crm_version.is_(None),
            links.c.crm_version != t.VERSION,
            sa.not_(links.c.is_settled),
        )
        return (
            sa.select(links.c.crm_id, links.c.link_id, sa.case((has_left, 1), else_=0).label("has_left"))
            .outerjoin(t.entity, t.entity.c.crmid == links.c.crm_id)
            .outerjoin(t.activity, t.activity.c.activityid == links.c.crm_id)
            .outerjoin(parked, self._is_parked(links.c.crm_id))
            .where(
                links.c.pair_id == self._pair.pair_id,
                # Said apart, so that the server asks this first and looks up the activities of the few that are left over.
                # No activity changes its kind without a new modifiedtime.
                sa.or_(is_not_owned, has_changed),
                parked.c.parked_id.is_(None),
                sa.or_(sa.and_(links.c.state == "live", has_left), sa.and_(self._is_in_set(), has_changed)),
            )
        )

    def _unlinked(self, limit: int) -> sa.Select[Any]:
        parked = self._memory.parked
        owned = sa.select(t.entity.c.crmid).where(self._is_owned(), self._is_unlinked())
        ids = owned.limit(_ALL).subquery("unlinked")
        return (
            sa.select(t.entity.c.crmid, sa.null(), sa.literal_column("0"))
            .join(ids, ids.c.crmid == t.entity.c.crmid)
            .join(t.activity, t.activity.c.activityid == ids.c.crmid)
            .outerjoin(parked, self._is_parked(ids.c.crmid))
            .where(
                t.activity.c.activitytype.not_in(NOT_EVENTS),
                parked.c.parked_id.is_(None),
                self._after_limit(),
                self._is_free(),
            )
            .order_by(ids.c.crmid)
            .limit(limit)
        )

    def _is_owned(self) -> sa.ColumnElement[bool]:
        return sa.and_(
            t.entity.c.smownerid == self._user.user_id,
            t.entity.c.deleted == 0,
            t.entity.c.setype == "Calendar",
        )

    def _is_in_set(self) -> sa.ColumnElement[bool]:
        return sa.and_(self._is_owned(), t.activity.c.activitytype.not_in(NOT_EVENTS))

    def _is_unlinked(self) -> sa.ColumnElement[bool]:
        # As a list, links are read once and hashed; in a join, each of the user's activities would be looked up among them.
        links = self._memory.links
        return t.entity.c.crmid.not_in(sa.select(links.c.crm_id).where(links.c.pair_id == self._pair.pair_id))

    def _after_limit(self) -> sa.ColumnElement[bool]:
        # Two days' room: the CRM's zone and the user's may be 25 hours apart; reconcile decides exactly.
        if self._pair.sync_from is None:
            return sa.true()
        edge = self._pair.sync_from - timedelta(days=2)
        # The CRM stores ends before starts, too; such an activity has no length.
        return sa.or_(t.activity.c.due_date >= edge, t.activity.c.date_start >= edge)

    def _is_free(self) -> sa.ColumnElement[bool]:
        # What is linked in another calendar of the account stays that calendar's while its pair rests (docs/adr/0007).
        links, pairs, pair = self._memory.links.alias(), self._memory.pairs, self._pair
        resting = sa.select(pairs.c.pair_id).where(
            pairs.c.account_id == pair.account_id,
            pairs.c.module == pair.module,
            pairs.c.pair_id != pair.pair_id,
        )
        is_linked = sa.and_(
            links.c.pair_id.in_(resting), links.c.crm_id == t.entity.c.crmid, links.c.state == "live"
        )
        return ~sa.exists().where(is_linked).correlate(t.entity)

    def _is_parked(self, crm_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        parked = self._memory.parked
        return sa.and_(
            parked.c.pair_id == self._pair.pair_id,
            parked.c.crm_id == crm_id,
            # A row that is gone for good has no version, and is parked by none.
            parked.c.crm_version.is_not_distinct_from(t.VERSION),
            sa.or_(
                parked.c.retry_at_utc.is_(None), parked.c.retry_at_utc > self._now_utc.replace(tzinfo=None)
            ),
        )

    # --- rows to values ---

    def _by_id(self, crm_ids: Sequence[int], query: sa.Select[Any]) -> Mapping[int, CrmRecord]:
        rows = self._connection.execute(query) if crm_ids else ()
        found = {row.crmid: self._record(row) for row in rows}
        gone = {i: CrmRecord(i, Presence.GONE, "", None) for i in crm_ids if i not in found}
        return {**found, **gone}

    def _record(self, row: Any) -> CrmRecord:
        return CrmRecord(
            crm_id=row.crmid,
            presence=self._presence(row),
            version=row.modifiedtime.isoformat(" "),
            row=_activity_row(row),
            repeats=(row.recurringtype or "") not in {"", NO_REPEAT},
            is_settled=self._now - row.modifiedtime > UNSETTLED,
            is_owned=row.smownerid == self._user.user_id,
            modified_utc=moment_of(row.modifiedtime, self._crm_zone),
        )

    def _presence(self, row: Any) -> Presence:
        # What somebody else deletes after it was handed over has left this user's set; it wasn't the user's to delete any more.
        if row.smownerid != self._user.user_id:
            return Presence.LEFT
        if row.deleted:
            return Presence.GONE
        return Presence.LEFT if row.activitytype in NOT_EVENTS else Presence.ALIVE


_COLUMNS = sa.select(
    t.entity.c.crmid,
    t.entity.c.smownerid,
    t.entity.c.deleted,
    t.VERSION.label("modifiedtime"),
    t.entity.c.description,
    t.activity.c.activityid,
    t.activity.c.subject,
    t.activity.c.activitytype,
    t.activity.c.date_start,
    t.activity.c.time_start,
    t.activity.c.due_date,
    t.activity.c.time_end,
    t.activity.c.location,
    t.activity.c.visibility,
    t.activity.c.recurringtype,
)


def _activity_row(row: Any) -> ActivityRow:
    return ActivityRow(
        crm_id=row.crmid,
        subject=row.subject or "",
        description=row.description or "",
        location=row.location or "",
        date_start=row.date_start,
        time_start=row.time_start or "",
        due_date=row.due_date,
        time_end=row.time_end or "",
        visibility=row.visibility or "",
    )
