"""What waits for a person: deletions that are held, records that are set aside. Read from memory, Google isn't asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from plugin.bootstrap.parts import Parts
from plugin.bootstrap.rehearsal import Rehearsal, open_rehearsal
from plugin.core.errors import MappingError
from plugin.core.mapping.google_event import Resource
from plugin.core.model import Content, Event, Side
from plugin.core.series import split_instance_id
from plugin.state.parked import ParkedRow, load_parked
from plugin.sync.ports import CrmRecord, UnitOfWork
from plugin.sync.preview import held_deletions, list_digest
from plugin.sync.views import ParkedView, PlannedChange


class SqlReviews:
    """The `Reviews` that pages and the command line are given."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def held(self, pair_id: int) -> Sequence[PlannedChange]:
        """Return the deletions that wait for approval."""
        with self._looking(pair_id) as run:
            return held_deletions(run)

    def parked(self, pair_id: int) -> Sequence[ParkedView]:
        """Return the records that are set aside, the latest first."""
        with self._looking(pair_id) as run:
            rows = load_parked(run.connection, pair_id)
            uow = run.unit_of_work()
            records = uow.crm.read_records([row.crm_id for row in rows if row.crm_id is not None])
            google_ids = [row.google_id for row in rows if row.google_id is not None]
            resources = _resources(uow, google_ids)
            # Who is gone is in no inbox; what was last agreed tells who it was.
            links = uow.state.load_links(google_ids=[i for i in google_ids if i not in resources])
            last = {link.google_id: link.google_half for link in links}
            return [_parked_view(run, row, records.get(row.crm_id or 0), resources, last) for row in rows]

    def approve(self, pair_id: int, digest: str) -> bool:
        """Let the deletions of the list go ahead, once; False, and nothing is approved, if others are held by now."""
        changes = self.held(pair_id)
        if not changes or list_digest(changes) != digest:
            return False
        keys = [change.approval_key for change in changes]
        self._parts.pairs.approve_deletions(pair_id, keys, self._parts.clock())
        return True

    @contextmanager
    def _looking(self, pair_id: int) -> Iterator[Rehearsal]:
        loaded = self._parts.pairs.load(pair_id)
        user = self._parts.users.user(loaded[0].crm_user_id) if loaded else None
        if loaded is None or user is None:
            raise LookupError(f"pair {pair_id} or its user is gone")
        with open_rehearsal(self._parts, loaded[0], user) as run:
            yield run


def _resources(uow: UnitOfWork, google_ids: Sequence[str]) -> dict[str, Resource]:
    """Return what is known of these events; of an occurrence that only a rule makes, the title alone."""
    series_of = {google_id: (split_instance_id(google_id) or (google_id,))[0] for google_id in google_ids}
    known = {one.google_id: one for one in uow.state.load_series_of(google_ids=sorted({*series_of.values()}))}
    found: dict[str, Resource] = {}
    for google_id, series_id in series_of.items():
        if google_id in known:
            found[google_id] = known[google_id].master
        elif series_id in known:
            series = known[series_id]
            by_rule = {"id": google_id, "summary": series.master.get("summary", "")}
            found[google_id] = series.exceptions.get(google_id, by_rule)
    return found | {item["id"]: item for item in uow.state.load_inbox_of(list(google_ids))}


def _parked_view(
    run: Rehearsal,
    row: ParkedRow,
    record: CrmRecord | None,
    resources: Mapping[str, Resource],
    last: Mapping[str, Content],
) -> ParkedView:
    is_crm, google_id = row.side is Side.CRM, row.google_id or ""
    if google_id in last:
        content, title = last[google_id], ""
    else:
        content, title = _of_record(run, record) if is_crm else _of_resource(run, resources.get(google_id))
    return ParkedView(
        side=row.side,
        item_id=str(row.crm_id if is_crm else row.google_id),
        reason=row.reason,
        attempts=row.attempts,
        since_utc=row.since_utc,
        retry_at_utc=row.retry_at_utc,
        subject=run.module.title(content) if content is not None else title,
        when=content.when if isinstance(content, Event) else None,
    )


def _of_record(run: Rehearsal, record: CrmRecord | None) -> tuple[Content | None, str]:
    if record is None or record.row is None:
        return None, ""
    try:
        return run.module.crm_content(run, record, None), ""
    except MappingError:
        return None, str(record.row.subject)


def _of_resource(run: Rehearsal, resource: Resource | None) -> tuple[Content | None, str]:
    if resource is None:
        return None, ""
    try:
        return run.module.google_change(resource, None).content, ""
    except MappingError:
        return None, str(resource.get("summary", ""))
