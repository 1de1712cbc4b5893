"""A plan as people are told it: record by record, on the side that it is written to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from plugin.core.contact import Slot
from plugin.core.model import Content, Event, Field, Side
from plugin.core.plan import Plan, approval_key
from plugin.core.reconcile import Action, Decision, Reason
from plugin.sync.end_series import ends_after
from plugin.sync.first_contact import match_first_contact
from plugin.sync.listing import fetch_listing, take_in
from plugin.sync.ports import Run
from plugin.sync.recovery import recover_intents
from plugin.sync.run import plan_run
from plugin.sync.views import Deed, Hold, PlannedChange, Preview

_WRITES = {
    Action.CREATE_CRM: (Deed.CREATE, Side.CRM),
    Action.REVIVE_CRM: (Deed.RESTORE, Side.CRM),
    Action.DELETE_CRM: (Deed.DELETE, Side.CRM),
    Action.CREATE_GOOGLE: (Deed.CREATE, Side.GOOGLE),
    Action.CREATE_SERIES: (Deed.CREATE, Side.GOOGLE),
    Action.DELETE_GOOGLE: (Deed.DELETE, Side.GOOGLE),
}

# What changes on neither side, but people may wonder about.
_REMEMBERED = {Action.PARK: Deed.SET_ASIDE, Action.RELEASE: Deed.RELEASE}


def preview(run: Run) -> Preview:
    """Return what a run would do now. Lists Google into the inbox; writes nothing to either side.

    Given a rehearsal (plugin/bootstrap/rehearsal.py), inbox and links are put back as they were, too.
    """
    recover_intents(run)
    listing = run.module.settle_listing(run, fetch_listing(run))
    take_in(run, listing)
    match_first_contact(run, is_full=listing.is_full)
    plan = plan_run(run)
    return Preview(
        changes=tuple(_planned(run, plan)),
        held=tuple(_held(run, plan)),
        has_more=plan.has_more_in_crm or plan.has_more_in_google,
    )


def held_deletions(run: Run) -> Sequence[PlannedChange]:
    """Return the deletions that wait for approval, as far as our memory and the CRM know; Google isn't asked."""
    return _held(run, plan_run(run))


def list_digest(changes: Sequence[PlannedChange]) -> str:
    """Return what names a list of held deletions, whatever its order: whoever approves says which list was seen."""
    keys = sorted(change.approval_key for change in changes)
    return hashlib.sha256("\0".join(keys).encode()).hexdigest()[:16]


def _planned(run: Run, plan: Plan) -> Iterator[PlannedChange]:
    for side, decisions in ((Side.CRM, plan.crm), (Side.GOOGLE, plan.google)):
        for decision in decisions:
            deed, _side = _WRITES.get(decision.action, (Deed.UPDATE, side))
            if deed is Deed.CREATE and decision.link is not None:
                deed = Deed.RESTORE
            if decision.members:
                deed = Deed.UPDATE_SERIES
            change = _change(run, decision, deed, side)
            if side is Side.CRM:
                change = replace(change, cut=run.module.cut(run, decision))
            if decision.merged is not None and deed in {Deed.UPDATE, Deed.UPDATE_SERIES}:
                written = decision.merged.crm_fields if side is Side.CRM else decision.merged.google_fields
                overwritten = _names(written & decision.lost.keys())
                change = replace(change, fields=_names(written), overwritten=overwritten)
            yield change
    for end in ends_after(run, plan):
        series = end.series
        yield PlannedChange(
            Deed.END_SERIES,
            Side.GOOGLE,
            Reason.DELETED_IN_CRM,
            subject=series.master.get("summary", ""),
            google_id=series.google_id,
        )
    for decision in plan.memory:
        if decision.action in _REMEMBERED:
            side = Side.CRM if decision.google is None else Side.GOOGLE
            yield _change(run, decision, _REMEMBERED[decision.action], side)


def _names(fields: Iterable[Field | Slot]) -> tuple[str, ...]:
    """Return an event's fields in their own order, a contact's by the names of the CRM."""
    given = set(fields)
    events = tuple(field.value for field in Field if field in given)
    return events or tuple(sorted({slot.crm_field for slot in given if isinstance(slot, Slot)}))


def _held(run: Run, plan: Plan) -> Sequence[PlannedChange]:
    hold = Hold.BRAKE if plan.load.trips_brake else Hold.GUESTS
    return [_change(run, decision, *_WRITES[decision.action], hold) for decision in plan.held]


def _change(run: Run, decision: Decision, deed: Deed, side: Side, hold: Hold = Hold.NONE) -> PlannedChange:
    link, content = decision.link, _content(decision, side)
    google_id = decision.google.google_id if decision.google else link.google_id if link else None
    return PlannedChange(
        deed=deed,
        side=side,
        reason=decision.reason,
        subject=run.module.title(content) if content is not None else "",
        when=content.when if isinstance(content, Event) else None,
        crm_id=decision.crm.crm_id if decision.crm else link.crm_id if link else None,
        google_id=google_id,
        hold=hold,
        approval_key="" if hold is Hold.NONE else approval_key(decision),
    )


def _content(decision: Decision, side: Side) -> Content | None:
    """Return the record as it is to be on that side; of a deleted one, as it was there."""
    return next((content for content in _contents(decision, side) if content is not None), None)


def _contents(decision: Decision, side: Side) -> Iterator[Content | None]:
    is_crm = side is Side.CRM
    if decision.merged is not None:
        yield decision.merged.crm_content if is_crm else decision.merged.google_content
    in_crm = decision.crm.content if decision.crm else None
    in_google = decision.google.content if decision.google else None
    if decision.action in {Action.DELETE_CRM, Action.DELETE_GOOGLE} and decision.link is not None:
        yield decision.link.crm_half if is_crm else decision.link.google_half
    # What is created or restored on one side is what the other one holds.
    yield from (in_google, in_crm) if is_crm else (in_crm, in_google)
    if decision.link is not None:
        yield decision.link.crm_half
