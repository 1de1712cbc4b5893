"""Our own tables in memory, held to the same contract as the real ones (tests/contract/state_contract.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime, timedelta

from plugin.core.errors import RefusedError
from plugin.core.mapping.google_event import Resource
from plugin.core.model import Link, LinkState, Side
from plugin.core.reconcile import Action
from plugin.core.series import OVER, Series, split_instance_id
from plugin.core.series_parts import (
    cancelled_days,
    kept_parts,
    listed_exceptions,
    sort_parts,
    with_parts,
)
from plugin.sync.memory_ports import (
    UNTOLD,
    DeletionCounts,
    Intent,
    JournalEntry,
    LinkDraft,
    ParkedItem,
    State,
)
from tests.fakes.tables import KeptSeries, Parked, Sequences, Tables

BRAKE_WINDOW = timedelta(hours=24)
_DELETES = {Action.DELETE_CRM.value, Action.DELETE_GOOGLE.value}


class FakeState(State):
    """The memory of one pair inside a transaction; unique keys are kept as the real tables keep them."""

    def __init__(self, tables: Tables, sequences: Sequences) -> None:
        self._tables, self._sequences = tables, sequences

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
        if list_hash != self._tables.pair.list_hash:
            self._tables.parked.clear()
        pair = self._tables.pair
        self._tables.pair = replace(
            pair,
            sync_token=sync_token,
            list_hash=list_hash,
            is_listed=True,
            is_matched=pair.is_matched and not is_full,
        )

    def save_inbox(self, resources: Sequence[Resource], now_utc: datetime) -> None:
        """See the port. A newer state takes the place of an older one in the queue."""
        del now_utc
        kept = self._tables.series
        there = [i for i, one in kept.items() if one.is_pending or one.series.laid_out_rule != OVER]
        alone, parts = sort_parts(resources, there)
        for resource in alone:
            self._tables.inbox[resource["id"]] = resource
        for resource in (resource for of in parts.values() for resource in of):
            self._tables.inbox.pop(resource["id"], None)
        for series_id, of in parts.items():
            if series_id not in there:
                self._adopt(series_id)
            kept[series_id] = KeptSeries(self._with_parts(series_id, of), is_pending=True)
        self.unpark(Side.GOOGLE, list(parts))
        self.save_laid_out([self._with_parts(i, of) for i, of in cancelled_days(alone).items()])

    def load_inbox(self, limit: int, now_utc: datetime) -> Sequence[Resource]:
        """See the port."""
        return self._waiting(now_utc)[:limit]

    def load_inbox_of(self, google_ids: Sequence[str]) -> Sequence[Resource]:
        """See the port."""
        return [self._tables.inbox[i] for i in google_ids if i in self._tables.inbox]

    def load_unlinked_inbox(self) -> Sequence[Resource]:
        """See the port."""
        linked = {link.google_id for link in self._tables.links.values()}
        waiting = self._tables.inbox.items()
        return [r for i, r in waiting if i not in linked and r.get("status") != "cancelled"]

    def mark_matched(self) -> None:
        """See the port."""
        self._tables.pair = replace(self._tables.pair, is_matched=True)

    def count_inbox(self, now_utc: datetime) -> int:
        """See the port."""
        return len(self._waiting(now_utc))

    def remove_inbox(self, seen: Sequence[tuple[str, str]]) -> None:
        """See the port."""
        for google_id, etag in seen:
            if google_id in self._tables.inbox and self._tables.inbox[google_id].get("etag", "") == etag:
                del self._tables.inbox[google_id]
        self.unpark(Side.GOOGLE, [google_id for google_id, _ in seen])

    def _waiting(self, now_utc: datetime) -> list[Resource]:
        return [r for r in self._tables.inbox.values() if not self._is_parked(r, now_utc)]

    def _is_parked(self, resource: Resource, now_utc: datetime) -> bool:
        parked = self._tables.parked.get((Side.GOOGLE.value, resource["id"]))
        if parked is None or parked.item.version != resource.get("etag", ""):
            return False
        return parked.item.retry_at_utc is None or parked.item.retry_at_utc > now_utc

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
        crm, google, series, keys = set(crm_ids), set(google_ids), set(series_ids), set(link_keys)
        return [
            link
            for link in self._tables.links.values()
            if link.crm_id in crm
            or link.google_id in google
            or link.series_id in series
            or link.link_key in keys
            or any(repr(text) in repr(link.google_half) for text in said_in_google)
        ]

    def load_listed_google_ids(self, *, with_resting: bool = False) -> Sequence[str]:
        """See the port."""
        links = self._tables.links.values() if with_resting else self._live()
        alone = [link for link in links if link.series_id is None]
        listed = [link.google_id for link in alone if link.state is not LinkState.DEAD]
        for series_id, kept in self._tables.series.items():
            if kept.series.laid_out_rule != OVER:
                listed += [series_id, *listed_exceptions(kept.series.exceptions)]
        return listed

    # --- series ---

    def load_series(self, until: date, limit: int, now_utc: datetime) -> Sequence[Series]:
        """See the port."""
        due: list[Series] = []
        for kept in self._tables.series.values():
            laid_out = kept.series.laid_out_until
            is_due = kept.is_pending or (laid_out is not None and laid_out < until)
            if is_due and not self._is_parked(kept.series.master, now_utc):
                due.append(kept.series)
        return due[:limit]

    def load_series_of(
        self, *, google_ids: Sequence[str] = (), crm_head_ids: Sequence[int] = ()
    ) -> Sequence[Series]:
        """See the port."""
        series = [kept.series for kept in self._tables.series.values()]
        return [one for one in series if one.google_id in google_ids or one.crm_head_id in crm_head_ids]

    def begin_series(self, resource: Resource, crm_head_id: int) -> None:
        """See the port."""
        kept = self._tables.series.get(resource["id"])
        series = with_parts(kept.series if kept else None, resource["id"], [resource])
        self._tables.series[resource["id"]] = KeptSeries(
            replace(series, crm_head_id=crm_head_id), is_pending=True
        )

    def save_laid_out(self, series: Sequence[Series]) -> None:
        """See the port."""
        for one in series:
            self._tables.series.pop(one.google_id, None)
            if (part := kept_parts(one)) is not None:
                self._tables.series[one.google_id] = KeptSeries(part, is_pending=False)

    def load_waiting_google_ids(self, google_ids: Sequence[str], now_utc: datetime) -> Mapping[str, str]:
        """See the port."""
        parked = {i: self._tables.parked.get((Side.GOOGLE.value, i)) for i in google_ids}
        items = {i: p.item for i, p in parked.items() if p is not None}
        return {
            i: item.version
            for i, item in items.items()
            if item.retry_at_utc is None or item.retry_at_utc > now_utc
        }

    def _with_parts(self, series_id: str, parts: Sequence[Resource]) -> Series:
        before = self._tables.series.get(series_id)
        return with_parts(before.series if before else None, series_id, parts)

    def _live(self) -> list[Link]:
        return [link for link in self._tables.links.values() if link.state is LinkState.LIVE]

    def _adopt(self, series_id: str) -> None:
        for link_id, link in list(self._tables.links.items()):
            split = split_instance_id(link.google_id)
            if split is not None and split[0] == series_id:
                self._tables.links[link_id] = replace(link, series_id=series_id)

    # --- links, written ---

    def save_links(self, drafts: Sequence[LinkDraft]) -> None:
        """See the port."""
        by_crm_id = {link.crm_id: i for i, link in self._tables.links.items()}
        by_google_id = {link.google_id: i for i, link in self._tables.links.items()}
        for draft in drafts:
            link_id = draft.link_id or self._sequences.next_link_id()
            owners = {by_crm_id.get(draft.crm_id, link_id), by_google_id.get(draft.google_id, link_id)}
            if owners != {link_id}:
                raise RefusedError("a record has two links", "database error 1062")
            values = {field.name: getattr(draft, field.name) for field in fields(draft)}
            self._tables.links[link_id] = Link(**{**values, "link_id": link_id})
            by_crm_id[draft.crm_id] = by_google_id[draft.google_id] = link_id

    def set_link_state(self, link_ids: Sequence[int], state: LinkState) -> None:
        """See the port."""
        for link_id in link_ids:
            self._tables.links[link_id] = replace(self._tables.links[link_id], state=state)

    # --- intents ---

    def load_intents(self) -> Sequence[Intent]:
        """See the port."""
        return list(self._tables.intents.values())

    def save_intents(self, intents: Sequence[Intent]) -> None:
        """See the port."""
        for intent in intents:
            if any(other.crm_id == intent.crm_id for other in self._tables.intents.values()):
                raise RefusedError("a record has two intents", "database error 1062")
            if intent.google_id in self._tables.intents:
                raise RefusedError("an event has two intents", "database error 1062")
            self._tables.intents[intent.google_id] = intent

    def remove_intents(self, google_ids: Sequence[str]) -> None:
        """See the port."""
        for google_id in google_ids:
            self._tables.intents.pop(google_id, None)

    # --- parked, journal, brake ---

    def park(self, items: Sequence[ParkedItem], now_utc: datetime) -> None:
        """See the port."""
        del now_utc
        for item in items:
            key = (item.side.value, item.item_id)
            before = self._tables.parked.get(key)
            self._tables.parked[key] = Parked(item, before.attempts + 1 if before else 1)

    def unpark(self, side: Side, item_ids: Sequence[str]) -> None:
        """See the port."""
        for item_id in item_ids:
            self._tables.parked.pop((side.value, item_id), None)

    def load_parked(self, reasons: Sequence[str]) -> Sequence[ParkedItem]:
        """See the port."""
        return [p.item for p in self._tables.parked.values() if p.item.reason in reasons]

    def load_due_google_ids(self, reasons: Sequence[str], now_utc: datetime) -> Sequence[str]:
        """See the port."""
        items = [parked.item for parked in self._tables.parked.values() if parked.item.reason in reasons]
        return [
            item.item_id
            for item in items
            if item.side is Side.GOOGLE and item.retry_at_utc is not None and item.retry_at_utc <= now_utc
        ]

    def add_journal(self, entries: Sequence[JournalEntry], now_utc: datetime) -> None:
        """See the port."""
        self._tables.journal += [(now_utc, JournalEntry(**asdict(entry))) for entry in entries]

    def count_parked(self) -> int:
        """See the port."""
        counted = {key for key, p in self._tables.parked.items() if p.item.reason not in UNTOLD}
        told_by_crm = {
            ("google", link.google_id)
            for link in self._tables.links.values()
            if ("crm", str(link.crm_id)) in counted
        }
        return len(counted - told_by_crm)

    def count_deletions(self, now_utc: datetime) -> DeletionCounts:
        """See the port."""
        live = {link.google_id for link in self._live()}
        gone = [i for i, r in self._tables.inbox.items() if r.get("status") == "cancelled" and i in live]
        since = now_utc - BRAKE_WINDOW
        recent = [e for at, e in self._tables.journal if e.action in _DELETES and at > since]
        return DeletionCounts(
            pending=len(gone),
            recent=len(
                {e.series_id or id(e) for e in recent}
                - {e.series_id or id(e) for e in recent if e.is_approved}
            ),
            links=len({link.series_id or id(link) for link in self._live()}),
        )
