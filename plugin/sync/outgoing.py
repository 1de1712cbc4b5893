"""What is sent to Google: the note before it, the request itself, and what goes into one batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from plugin.core.mapping.google_event import (
    Resource,
    as_google_holds,
    body_from_event,
    marker_body,
    recurrence_body,
)
from plugin.core.model import Event, Field, Marker
from plugin.core.reconcile import Action, Decision
from plugin.core.series import BY_RULE, split_instance_id
from plugin.sync.drafts import draft_of
from plugin.sync.memory_ports import Intent, LinkDraft
from plugin.sync.ports import EventDelete, EventInsert, EventOperation, EventPatch, Run

_CREATES = {Action.CREATE_GOOGLE, Action.CREATE_SERIES}


def intents_of(run: Run, decisions: Sequence[Decision]) -> dict[int, Intent]:
    """Return the notes for creates and deletes, by CRM id."""
    intents: dict[int, Intent] = {}
    for d in decisions:
        if d.action in _CREATES and d.crm is not None and d.crm.event is not None:
            intents[d.crm.crm_id] = Intent(
                # A re-create keeps its link, and with it its key; the event's id is new each time.
                link_key=d.link.link_key if d.link else run.new_key(),
                crm_id=d.crm.crm_id,
                google_id=run.new_key(),
                crm_version=d.crm.version,
                crm_half=d.crm.event,
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
            )
    return intents


def intent_of(decision: Decision, intents: Mapping[int, Intent]) -> Intent | None:
    """Return the decision's note, if it needs one."""
    if decision.action is Action.DELETE_GOOGLE and decision.link is not None:
        return intents.get(decision.link.crm_id)
    if decision.action in _CREATES and decision.crm is not None:
        return intents.get(decision.crm.crm_id)
    return None


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
    run: Run, decision: Decision, intents: Mapping[int, Intent], remembered: Mapping[int, LinkDraft]
) -> EventOperation:
    """Return the request that carries a decision out; `remembered` holds, by link id, what links are since the CRM's turn."""
    if decision.action in _CREATES:
        intent = intent_of(decision, intents)
        if intent is None:
            raise ValueError("a create needs its note")
        return EventInsert(intent.google_id, _insert_body(run, decision, intent))
    etag = etag_of(decision, remembered)
    if decision.action is Action.DELETE_GOOGLE:
        return EventDelete(target_of(decision), etag)
    if decision.merged is None or decision.link is None:
        raise ValueError("an update needs its link and its merge")
    fields = sorted(decision.merged.google_fields, key=lambda f: f.value)
    zone = remembered.get(decision.link.link_id, draft_of(decision.link)).google_zone or run.user.time_zone
    body = body_from_event(decision.merged.google_event, fields, zone, is_patch=True)
    return EventPatch(target_of(decision), etag, body)


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
    return split[0] if split else ""


def _insert_body(run: Run, decision: Decision, intent: Intent) -> Resource:
    event = as_google_holds(intent.crm_half)
    marker = marker_body(Marker(run.install_id, intent.link_key))
    if decision.series is not None:
        recurrence = decision.series.recurrence
        body = body_from_event(event, _filled(event), recurrence.zone, is_patch=False)
        return body | recurrence_body(recurrence) | marker
    return body_from_event(event, _filled(event), run.user.time_zone, is_patch=False) | marker


def _filled(event: Event) -> list[Field]:
    return [f for f in Field if f is Field.WHEN or getattr(event, f.value) != ""]
