"""What is sent to Google: the note before it, the request itself, and what goes into one batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plugin.core.model import Link
from plugin.core.plan import is_approved
from plugin.core.reconcile import Action, Decision
from plugin.core.recurrence import slot_name
from plugin.core.series import BY_RULE, split_instance_id
from plugin.sync.drafts import draft_if_pushed, draft_of
from plugin.sync.memory_ports import Intent, LinkDraft
from plugin.sync.ports import Outcome, Run

_CREATES = {Action.CREATE_GOOGLE, Action.CREATE_SERIES}


def intents_of(
    run: Run, decisions: Sequence[Decision], remembered: Mapping[int, LinkDraft]
) -> dict[int, Intent]:
    """Return the decisions' notes by CRM id; `remembered` holds, by link id, what links are since the CRM's turn."""
    intents: dict[int, Intent] = {}
    for d in decisions:
        if d.action in _CREATES and d.crm is not None and d.crm.content is not None:
            intents[d.crm.crm_id] = Intent(
                # A re-create keeps its link; its key only where no old one can live on in a record that it was merged into.
                link_key=d.link.link_key if d.link and run.module.knows_new_ids() else run.new_key(),
                crm_id=d.crm.crm_id,
                google_id=run.new_key(),
                crm_version=d.crm.version,
                crm_half=d.crm.content,
                noted_utc=run.now_utc(),
                existing_link_id=d.link.link_id if d.link else None,
                series_head_id=d.series.head_id if d.series else None,
                occurrences=d.series.crm_ids if d.series else {},
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
                is_approved=is_approved(d, run.pair.approved_deletions),
            )
        elif d.link is not None:
            intents[d.link.crm_id] = _note_of_update(run, d, d.link, remembered)
    return intents


def _note_of_update(run: Run, decision: Decision, link: Link, remembered: Mapping[int, LinkDraft]) -> Intent:
    draft = draft_if_pushed(run, remembered.get(link.link_id, draft_of(link)), decision)
    return Intent(
        link_key=draft.link_key,
        crm_id=draft.crm_id,
        google_id=target_of(decision),
        crm_version=draft.crm_version,
        crm_half=draft.crm_half,
        noted_utc=run.now_utc(),
        existing_link_id=link.link_id,
        google_half=draft.google_half,
        google_etag=etag_of(decision, remembered),
        occurrences={
            slot_name(member.merged.google_content.when): member.crm.crm_id
            for member in decision.members
            if member.merged is not None and member.crm is not None
        },
    )


def intent_of(decision: Decision, intents: Mapping[int, Intent]) -> Intent | None:
    """Return the decision's note."""
    record = decision.crm if decision.action in _CREATES else decision.link
    return intents.get(record.crm_id) if record is not None else None


def target_of(decision: Decision) -> str:
    """Return the id of the event that a patch or a delete is for; a moved occurrence has its new one."""
    if decision.google is not None:
        return decision.google.google_id
    if decision.link is None:
        raise ValueError("only creates have neither link nor event")
    return decision.link.google_id


def is_unseen(decision: Decision, remembered: Mapping[int, LinkDraft]) -> bool:
    """Tell whether it is for an occurrence that only a rule made: its version has to be asked for first."""
    if decision.action in _CREATES:
        return False
    return etag_of(decision, remembered).startswith(BY_RULE)


def batches(decisions: Sequence[Decision], size: int) -> Iterator[list[Decision]]:
    """Return the decisions in batches, no two for one series in the same: Google refuses the second or takes it for stale."""
    left = list(decisions)
    while left:
        batch: list[Decision] = []
        rest: list[Decision] = []
        series: set[str] = set()
        for decision in left:
            key = _series_key(decision)
            if len(batch) < size and key not in series:
                batch.append(decision)
                series |= {key} - {""}
            else:
                rest.append(decision)
        yield batch
        left = rest


def operation_of(
    run: Run,
    decision: Decision,
    intents: Mapping[int, Intent],
    remembered: Mapping[int, LinkDraft],
    present: Mapping[str, Outcome],
) -> Any:
    """Return the request that carries a decision out.

    `remembered` holds, by link id, what links are since the CRM's turn; `present` what the module asked of Google for it.
    """
    if decision.action in _CREATES:
        intent = intent_of(decision, intents)
        if intent is None:
            raise ValueError("a create needs its note")
        return run.module.insert(run, decision, intent)
    google_id, etag = target_of(decision), etag_of(decision, remembered)
    if decision.action is Action.DELETE_GOOGLE:
        return run.module.delete(google_id, etag)
    if decision.link is None:
        raise ValueError("an update needs its link")
    draft = remembered.get(decision.link.link_id, draft_of(decision.link))
    asked = present.get(google_id)
    return run.module.patch(run, decision, google_id, etag, draft, asked.resource if asked else None)


def write(
    run: Run,
    decisions: Sequence[Decision],
    intents: Mapping[int, Intent],
    remembered: Mapping[int, LinkDraft],
    present: Mapping[str, Outcome],
) -> list[Outcome]:
    """Send one batch and return what came of each decision; who couldn't be asked of Google before isn't written."""
    # A field that is written whole, made from nothing, would wipe out what isn't mapped.
    unread = [_unread(decision, present) for decision in decisions]
    to_write = [d for d, outcome in zip(decisions, unread, strict=True) if outcome is None]
    operations = [operation_of(run, d, intents, remembered, present) for d in to_write]
    written = iter(run.google.write(operations) if operations else ())
    return [outcome or next(written) for outcome in unread]


def _unread(decision: Decision, present: Mapping[str, Outcome]) -> Outcome | None:
    if decision.action in _CREATES or not present:
        return None
    asked = present.get(target_of(decision))
    return asked if asked is not None and asked.error is not None else None


def etag_of(decision: Decision, remembered: Mapping[int, LinkDraft]) -> str:
    """Return the version that the event is to have still when it is patched or deleted."""
    if decision.google is not None:
        return decision.google.etag
    if decision.link is None:
        raise ValueError("only creates have no link")
    return remembered.get(decision.link.link_id, draft_of(decision.link)).google_etag


def _series_key(decision: Decision) -> str:
    if decision.action in _CREATES:
        return ""
    split = split_instance_id(target_of(decision))
    return split[0] if split else target_of(decision)
