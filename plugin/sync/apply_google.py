"""CRM→Google: an intent commits first, then the remote write, then link and journal. Two crashes apart, nothing doubles.

The intents of a batch commit together with what came of the one before it: how long a write may be on its way counts from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from plugin.core.errors import (
    FencedError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    Scope,
    StoreError,
    SyncError,
    VersionMismatchError,
)
from plugin.core.mapping.google_event import Resource
from plugin.core.model import LinkState, Side
from plugin.core.reconcile import Action, Decision
from plugin.sync.apply_memory import crm_keys, inbox_keys, journal_entry, refused
from plugin.sync.drafts import draft_of, draft_of_intent, with_push
from plugin.sync.listing import fetch_into_inbox
from plugin.sync.memory_ports import Intent, LinkDraft, ParkedItem
from plugin.sync.outgoing import batches, intent_of, intents_of, is_unseen, target_of, write
from plugin.sync.ports import Outcome, Run, UnitOfWork
from plugin.sync.series_drafts import drafts_of_deleted, drafts_of_edit, drafts_of_series
from plugin.sync.tally import Tally


@dataclass(slots=True)
class _Results:
    """What one batch of operations came to; `open_intents` are those of writes that may be carried out yet."""

    drafts: list[LinkDraft] = field(default_factory=list)
    dead_link_ids: list[int] = field(default_factory=list)
    ended_intents: list[str] = field(default_factory=list)
    open_intents: list[Intent] = field(default_factory=list)
    parked: list[ParkedItem] = field(default_factory=list)
    done: list[Decision] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    series: list[tuple[Resource, int]] = field(default_factory=list)
    edited_series: list[Resource] = field(default_factory=list)
    occurrences: list[Resource] = field(default_factory=list)
    stop: SyncError | None = None


def apply_google(
    run: Run, decisions: Sequence[Decision], remembered: Mapping[int, LinkDraft], tally: Tally
) -> int:
    """Write the decisions' Google side; `remembered` holds, by link id, what the CRM phase made of links.

    Return how many events weren't as we took them for: their present state is in the inbox now. Raises what stops the pair
    (StoreError of a wider scope than one item), after everything before it has been remembered.
    """
    # Only a rule has made these so far: once Google has told their version they are decided again.
    unseen = [target_of(d) for d in decisions if is_unseen(d, remembered)]
    fetch_into_inbox(run, unseen)
    to_send = [d for d in decisions if not is_unseen(d, remembered)]
    return len(unseen) + (_send(run, to_send, remembered, tally) if to_send else 0)


def _send(run: Run, decisions: Sequence[Decision], remembered: Mapping[int, LinkDraft], tally: Tally) -> int:
    again, sent = 0, 0
    chunks = [*batches(decisions, run.google.max_batch), []]
    with run.unit_of_work() as uow:
        intents = _note(run, uow, chunks[0], remembered)
        uow.commit()
    for chunk, following in pairwise(chunks):
        present = run.module.present(run, chunk)
        outcomes = write(run, chunk, intents, remembered, present)
        results = _sort(run, chunk, outcomes, intents, remembered, tally)
        sent += len(chunk)
        with run.unit_of_work(is_memory_only=True) as uow:
            _remember(run, uow, results)
            intents = _note(run, uow, following if results.stop is None else (), remembered)
            uow.commit()
        run.report("google", Side.GOOGLE, sent, len(decisions))
        fetch_into_inbox(run, results.stale)
        again += len(results.stale) + len(results.series) + len(results.edited_series)
        if results.stop is not None:
            raise results.stop
    return again


def _note(
    run: Run, uow: UnitOfWork, decisions: Sequence[Decision], remembered: Mapping[int, LinkDraft]
) -> Mapping[int, Intent]:
    intents = intents_of(run, decisions, remembered)
    uow.state.save_intents(list(intents.values()))
    return intents


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
        intent = intent_of(decision, intents)
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
    results.done.extend(decision.members or [decision])
    results.ended_intents.extend([intent.google_id] if intent else [])
    link, resource = decision.link, outcome.resource
    if decision.action is Action.DELETE_GOOGLE and link is not None:
        results.dead_link_ids.append(link.link_id)
        results.drafts.extend(drafts_of_deleted(link))
        results.occurrences.extend(
            _exceptions(decision, {"id": target_of(decision), "status": "cancelled", "etag": ""})
        )
        tally.google.deleted += 1
        return
    if resource is None:
        raise ValueError("Google answers a write with the event")
    if intent is None:
        raise ValueError("nothing is sent without its note")
    if intent.series_head_id is not None:
        results.series.append((resource, intent.series_head_id))
        results.drafts.extend(
            drafts_of_series(run, intent, run.module.answer(resource, intent.crm_half).content)
        )
        tally.google.created += 1
        return
    if decision.members:
        results.drafts.extend(drafts_of_edit(run, decision, resource))
        results.edited_series.append(resource)
        tally.google.updated += 1
        return
    if intent.is_create:
        draft = draft_of_intent(run, intent, run.module.answer(resource, intent.crm_half).content, link)
        tally.google.created += 1
    elif link is not None:
        draft = remembered.get(link.link_id, draft_of(link))
        results.occurrences.extend(_exceptions(decision, resource))
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
            results.stale.append(target_of(decision))
            results.ended_intents.extend([intent.google_id] if intent and not intent.is_create else [])
            tally.google.skipped += 1
        case RefusedError():
            for one in decision.members or (decision,):
                written = remembered.get(one.link.link_id) if one.link is not None else None
                version = written.crm_version if written is not None else None
                results.parked.extend(refused(run, tally, one, error.reason, version))
            tally.google.skipped += 1
            results.ended_intents.extend([intent.google_id] if intent else [])
        case StoreError() if error.scope is Scope.ITEM:
            # One record's trouble stops no other. Its intent stays, and the next run asks what became of it: "already
            # exists" is our own earlier attempt, since the id is ours.
            tally.google.skipped += 1
            results.open_intents.extend([intent] if intent else [])
        case RateLimitedError():
            # Turned away at the door: certainly not done, so nobody has to ask later what became of it.
            results.ended_intents.extend([intent.google_id] if intent else [])
            results.stop = results.stop or error
        case FencedError():
            # Noted and never sent: another calendar's pair must not take it for an event of this one.
            results.ended_intents.extend([intent.google_id] if intent else [])
            results.stop = results.stop or error.reason
        case _:
            results.open_intents.extend([intent] if intent else [])
            results.stop = results.stop or error


def _exceptions(decision: Decision, resource: Resource) -> list[Resource]:
    # Until Google lists it, its series would have it as the rule says.
    is_occurrence = any(
        part is not None and part.series_id is not None for part in (decision.link, decision.google)
    )
    return [resource] if is_occurrence else []


def _remember(run: Run, uow: UnitOfWork, results: _Results) -> None:
    uow.state.save_links(results.drafts)
    uow.state.set_link_state(results.dead_link_ids, LinkState.DEAD)
    uow.state.remove_intents([*results.ended_intents, *(intent.google_id for intent in results.open_intents)])
    # Sent later than it was noted, if Google asked for a pause: how long a write may be on its way counts from here.
    uow.state.save_intents([replace(intent, noted_utc=run.now_utc()) for intent in results.open_intents])
    uow.state.unpark(Side.CRM, crm_keys(results.done))
    uow.state.park(results.parked, run.now_utc())
    uow.state.add_journal([journal_entry(run, d, "google") for d in results.done], run.now_utc())
    uow.state.remove_inbox(inbox_keys(results.done))
    uow.state.save_inbox([*results.occurrences, *results.edited_series], run.now_utc())
    for resource, head_id in results.series:
        uow.state.begin_series(resource, head_id)
