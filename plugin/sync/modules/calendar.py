"""Calendar: activities ⇄ events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from plugin.core.mapping.crm_event import as_crm_holds, event_from_row, row_from_event
from plugin.core.mapping.google_event import (
    Resource,
    as_crm_reads,
    as_google_holds,
    body_from_event,
    change_from_resource,
    marker_body,
    recurrence_body,
)
from plugin.core.merge import Fields, with_fields
from plugin.core.model import Content, Direction, Event, Field, GoogleChange, Link, Marker, Policy
from plugin.core.one_way import policy_in
from plugin.core.reconcile import Decision, Rules
from plugin.core.when import ends_before
from plugin.sync.cuts import cut_by
from plugin.sync.first_contact import match_events
from plugin.sync.guests import guests_to_relate
from plugin.sync.listing import Listing
from plugin.sync.memory_ports import Intent, LinkDraft
from plugin.sync.module import FirstContact, Terms
from plugin.sync.ports import (
    CrmEvents,
    CrmRecord,
    CrmWrite,
    EventDelete,
    EventInsert,
    EventPatch,
    Outcome,
    Run,
    UnitOfWork,
)
from plugin.sync.series import SeriesReports, read_series


class CalendarModule:
    """The `Module` of Calendar."""

    def terms(self, run: Run, uow: UnitOfWork, contents: Iterable[Content], *, is_writing: bool) -> Terms:
        """See the port."""
        del uow, contents, is_writing

        def row_of(crm_id: int, content: Event, draft: LinkDraft, before: object) -> object:
            del before
            return row_from_event(crm_id, content, run.crm_zone, draft.all_day_zone)

        return Terms(event_rules(run), row_of)

    def crm_content(self, run: Run, record: CrmRecord, link: Link | LinkDraft | None) -> Content | None:
        """See the port."""
        if record.row is None:
            return None
        return event_from_row(record.row, run.crm_zone, link.all_day_zone if link else None)

    def google_change(self, resource: Resource, link: Link | None) -> GoogleChange:
        """See the port."""
        del link
        return change_from_resource(resource)

    def answer(self, resource: Resource, sent: Content) -> GoogleChange:
        """See the port."""
        del sent
        return change_from_resource(resource)

    def with_fields(self, content: Content, source: Content, fields: Fields) -> Content:
        """See the port."""
        return with_fields(content, source, fields)

    def crm_write(self, row: Any, before: Any, fields: Fields) -> CrmWrite:
        """See the port."""
        return CrmWrite(row, before, fields)

    def cut(self, run: Run, decision: Decision) -> tuple[str, ...]:
        """See the port."""
        return cut_by(decision, run.limits)

    def title(self, content: Content) -> str:
        """See the port."""
        return str(content.subject)

    def flagged(self, uow: UnitOfWork, records: Sequence[CrmRecord]) -> Sequence[CrmRecord]:
        """See the port: which came from a user that was deleted."""
        transferred = events(uow).find_transferred(records)
        return [replace(r, is_transferred=r.crm_id in transferred) for r in records]

    def read_series(
        self, run: Run, uow: UnitOfWork, records: Sequence[CrmRecord], extra: int
    ) -> SeriesReports:
        """See the port."""
        return read_series(run, uow, events(uow), records, extra)

    def relate(self, run: Run, uow: UnitOfWork, decisions: Mapping[int, Decision]) -> None:
        """See the port: guests who are contacts."""
        events(uow).relate_contacts(guests_to_relate(run, decisions))

    def settle_listing(self, run: Run, listing: Listing) -> Listing:
        """See the port. What a calendar lists is the truth."""
        del run
        return listing

    def knows_new_ids(self) -> bool:
        """See the port."""
        return True

    def lag(self) -> timedelta:
        """See the port."""
        return timedelta(0)

    def matches_always(self) -> bool:
        """See the port. Two meetings of one name at one time may well be two."""
        return False

    def lists_everything(self, run: Run) -> bool:
        """See the port: what changed is enough."""
        del run
        return False

    def present(self, run: Run, decisions: Sequence[Decision]) -> Mapping[str, Outcome]:
        """See the port. A patch names nothing but what it changes."""
        del run, decisions
        return {}

    def insert(self, run: Run, decision: Decision, intent: Intent) -> EventInsert:
        """See the port."""
        event = as_google_holds(intent.crm_half)
        marker = marker_body(Marker(run.install_id, intent.link_key))
        zone = run.user.time_zone
        recurrence: Mapping[str, Any] = {}
        if decision.series is not None:
            zone, recurrence = decision.series.recurrence.zone, recurrence_body(decision.series.recurrence)
        body = body_from_event(event, _filled(event), zone, is_patch=False)
        return EventInsert(intent.google_id, {**body, **recurrence, **marker})

    def patch(
        self,
        run: Run,
        decision: Decision,
        google_id: str,
        etag: str,
        draft: LinkDraft,
        resource: Resource | None,
    ) -> EventPatch:
        """See the port."""
        del resource
        if decision.merged is None:
            raise ValueError("an update needs its merge")
        fields = sorted(decision.merged.google_fields, key=lambda f: f.value)
        zone = draft.google_zone or run.user.time_zone
        body = body_from_event(decision.merged.google_content, fields, zone, is_patch=True)
        if decision.lines is not None:
            body["recurrence"] = list(decision.lines)
        return EventPatch(google_id, etag, body)

    def delete(self, google_id: str, etag: str) -> EventDelete:
        """See the port."""
        return EventDelete(google_id, etag)

    def match(self, run: Run, uow: UnitOfWork, *, is_full: bool) -> FirstContact:
        """See the port."""
        del is_full
        return FirstContact(match_events(run, uow, event_rules(run)))


CALENDAR = CalendarModule()


def events(uow: UnitOfWork) -> CrmEvents:
    """Return the unit's CRM side; in a pair of Calendar it is the activities."""
    return cast(CrmEvents, uow.crm)


def event_rules(run: Run) -> Rules:
    """Return what decisions about events depend on besides the records."""

    def to_crm(event: Event) -> Event:
        return as_crm_holds(as_crm_reads(event), run.limits, run.user.default_visibility)

    def is_before_limit(event: Event) -> bool:
        limit = run.pair.sync_from
        return limit is not None and ends_before(event.when, limit, run.user.time_zone)

    return Rules(
        to_crm=to_crm,
        to_google=as_google_holds,
        policy=policy_in(Direction(run.pair.direction), Policy(run.pair.policy)),
        is_before_limit=is_before_limit,
    )


def _filled(event: Event) -> list[Field]:
    return [f for f in Field if f is Field.WHEN or getattr(event, f.value) != ""]
