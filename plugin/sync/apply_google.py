"""CRM→Google: an intent commits first, then the remote write, then link and journal. Two crashes apart, nothing doubles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from plugin.core.errors import (
    NotFoundError,
    RateLimitedError,
    RefusedError,
    Scope,
    StoreError,
    VersionMismatchError,
)
from plugin.core.mapping.google_event import (
    Resource,
    as_google_holds,
    body_from_event,
    event_from_resource,
    marker_body,
)
from plugin.core.model import Event, Field, LinkState, Marker, Side
from plugin.core.reconcile import Action, Decision
from plugin.sync.apply_memory import crm_keys, inbox_keys, journal_entry, refused
from plugin.sync.drafts import draft_of, draft_of_intent, with_push
from plugin.sync.listing import fetch_into_inbox
from plugin.sync.memory_ports import Intent, LinkDraft, ParkedItem
from plugin.sync.ports import EventDelete, EventInsert, EventOperation, EventPatch, Outcome, Run, UnitOfWork
from plugin.sync.tally import Tally


@dataclass(slots=True)
class _Results:
    """What one batch of operations came to."""

    drafts: list[LinkDraft] = field(default_factory=list)
    dead_link_ids: list[int] = field(default_factory=list)
    ended_intents: list[str] = field(default_factory=list)
    parked: list[ParkedItem] = field(default_factory=list)
    done: list[Decision] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    stop: StoreError | None = None


def apply_google(
    run: Run, decisions: Sequence[Decision], remembered: Mapping[int, LinkDraft], tally: Tally
) -> int:
    """Write the decisions' Google side; `remembered` holds, by link id, what the CRM phase made of links.

    Return how many events weren't as we took them for: their present state is in the inbox now. Raises what stops the pair
    (StoreError of a wider scope than one item), after everything before it has been remembered.
    """
    intents = _intents(run, decisions)
    if intents:
        with run.unit_of_work() as uow:
            uow.state.save_intents(list(intents.values()))
            uow.commit()
    stale = 0
    size = run.calendar.max_batch
    for start in range(0, len(decisions), size):
        chunk, rest = decisions[start : start + size], decisions[start + size :]
        run.check_lock()
        outcomes = run.calendar.write([_operation(run, d, intents, remembered) for d in chunk])
        results = _sort(run, chunk, outcomes, intents, remembered, tally)
        if results.stop is not None:
            results.ended_intents += [i.google_id for d in rest if (i := _intent_of(d, intents))]
        with run.unit_of_work() as uow:
            _remember(run, uow, results)
            uow.commit()
        run.report("google", Side.GOOGLE, min(start + size, len(decisions)), len(decisions))
        fetch_into_inbox(run, results.stale)
        stale += len(results.stale)
        if results.stop is not None:
            raise results.stop
    return stale


# --- what to send ---


def _intents(run: Run, decisions: Sequence[Decision]) -> dict[int, Intent]:
    intents: dict[int, Intent] = {}
    for d in decisions:
        if d.action is Action.CREATE_GOOGLE and d.crm is not None and d.crm.event is not None:
            intents[d.crm.crm_id] = Intent(
                # A re-create keeps its link, and with it its key; the event's id is new each time.
                link_key=d.link.link_key if d.link else run.new_key(),
                crm_id=d.crm.crm_id,
                google_id=run.new_key(),
                crm_version=d.crm.version,
                crm_half=d.crm.event,
                noted_utc=run.now_utc(),
                existing_link_id=d.link.link_id if d.link else None,
            )
        elif d.action is Action.DELETE_GOOGLE and d.link is not None:
            intents[d.link.crm_id] = Intent(
                link_key=d.link.link_key,
                crm_id=d.link.crm_id,
                google_id=d.link.google_id,
                crm_version=d.link.crm_version,
                crm_half=d.link.crm_half,
                noted_utc=run.now_utc(),
                existing_link_id=d.link.link_id,
                is_delete=True,
            )
    return intents


def _intent_of(decision: Decision, intents: Mapping[int, Intent]) -> Intent | None:
    if decision.action is Action.DELETE_GOOGLE and decision.link is not None:
        return intents.get(decision.link.crm_id)
    return intents.get(_crm_id(decision)) if decision.action is Action.CREATE_GOOGLE else None


def _operation(
    run: Run, decision: Decision, intents: Mapping[int, Intent], remembered: Mapping[int, LinkDraft]
) -> EventOperation:
    if decision.action is Action.CREATE_GOOGLE:
        intent = intents[_crm_id(decision)]
        return EventInsert(intent.google_id, _insert_body(run, intent))
    link = decision.link
    if link is None:
        raise ValueError("only creates have no link")
    draft = remembered.get(link.link_id, draft_of(link))
    etag = decision.google.etag if decision.google is not None else draft.google_etag
    if decision.action is Action.DELETE_GOOGLE:
        return EventDelete(link.google_id, etag)
    if decision.merged is None:
        raise ValueError("an update needs its merge")
    fields = sorted(decision.merged.google_fields, key=lambda f: f.value)
    zone = draft.google_zone or run.user.time_zone
    return EventPatch(
        link.google_id, etag, body_from_event(decision.merged.google_event, fields, zone, is_patch=True)
    )


def _insert_body(run: Run, intent: Intent) -> Resource:
    event = as_google_holds(intent.crm_half)
    body = body_from_event(event, _filled(event), run.user.time_zone, is_patch=False)
    return body | marker_body(Marker(run.install_id, intent.link_key))


def _filled(event: Event) -> list[Field]:
    return [f for f in Field if f is Field.WHEN or getattr(event, f.value) != ""]


# --- what came of it ---


def _sort(
    run: Run,
    decisions: Sequence[Decision],
    outcomes: Sequence[Outcome],
    intents: Mapping[int, Intent],
    remembered: Mapping[int, LinkDraft],
    tally: Tally,
) -> _Results:
    results = _Results()
    for decision, outcome in zip(decisions, outcomes, strict=True):
        intent = _intent_of(decision, intents)
        if outcome.error is None:
            _take_success(run, results, decision, outcome, intent, remembered, tally)
        else:
            _take_error(run, results, decision, outcome.error, intent, remembered, tally)
    return results


def _take_success(
    run: Run,
    results: _Results,
    decision: Decision,
    outcome: Outcome,
    intent: Intent | None,
    remembered: Mapping[int, LinkDraft],
    tally: Tally,
) -> None:
    results.done.append(decision)
    results.ended_intents.extend([intent.google_id] if intent else [])
    link, resource = decision.link, outcome.resource
    if decision.action is Action.DELETE_GOOGLE and link is not None:
        results.dead_link_ids.append(link.link_id)
        tally.google.deleted += 1
        return
    if resource is None:
        raise ValueError("Google answers a write with the event")
    if intent is not None:
        draft = draft_of_intent(run, intent, event_from_resource(resource), link)
        tally.google.created += 1
    elif link is not None:
        draft = remembered.get(link.link_id, draft_of(link))
        tally.google.updated += 1
    else:
        raise ValueError("only creates have no link")
    results.drafts.append(with_push(run, draft, resource, decision))


def _take_error(
    run: Run,
    results: _Results,
    decision: Decision,
    error: StoreError,
    intent: Intent | None,
    remembered: Mapping[int, LinkDraft],
    tally: Tally,
) -> None:
    match error:
        case VersionMismatchError() | NotFoundError() if decision.link is not None:
            results.stale.append(decision.link.google_id)
            results.ended_intents.extend([intent.google_id] if intent and intent.is_delete else [])
            tally.google.skipped += 1
        case RefusedError():
            written = remembered.get(decision.link.link_id) if decision.link is not None else None
            version = written.crm_version if written is not None else None
            results.parked.extend(refused(run, tally, decision, error.reason, version))
            tally.google.skipped += 1
            results.ended_intents.extend([intent.google_id] if intent else [])
        case StoreError() if error.scope is Scope.ITEM:
            # One record's trouble stops no other. A create's intent stays, and the next run asks what became of it: "already
            # exists" is our own earlier attempt, since the id is ours.
            tally.google.skipped += 1
        case RateLimitedError():
            # Turned away at the door: certainly not done, so nobody has to ask later what became of it.
            results.ended_intents.extend([intent.google_id] if intent else [])
            results.stop = results.stop or error
        case _:
            results.stop = results.stop or error


def _remember(run: Run, uow: UnitOfWork, results: _Results) -> None:
    uow.state.save_links(results.drafts)
    uow.state.set_link_state(results.dead_link_ids, LinkState.DEAD)
    uow.state.remove_intents(results.ended_intents)
    uow.state.unpark(Side.CRM, crm_keys(results.done))
    uow.state.park(results.parked, run.now_utc())
    uow.state.add_journal([journal_entry(d, "google") for d in results.done], run.now_utc())
    uow.state.remove_inbox(inbox_keys(results.done))


def _crm_id(decision: Decision) -> int:
    if decision.crm is None:
        raise ValueError("what is created in Google comes from the CRM")
    return decision.crm.crm_id
