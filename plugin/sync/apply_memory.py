"""Carries out what touches only our own tables: settled links, buried and released ones, parked and forgotten reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import Enum

from plugin.core.contact import Slot
from plugin.core.model import CrmChange, Field, LinkState, Side
from plugin.core.plan import is_approved
from plugin.core.reconcile import Action, Decision, Reason
from plugin.sync.drafts import kept_in_crm, linked, settled
from plugin.sync.memory_ports import JournalEntry, ParkedItem
from plugin.sync.ports import Run, UnitOfWork
from plugin.sync.tally import Tally

# A record that one side refuses is tried again once a day: somebody may have mended it, or the rule may have changed.
RETRY_REFUSED_AFTER = timedelta(days=1)


def apply_memory(
    run: Run, uow: UnitOfWork, decisions: Sequence[Decision], unreadable: Sequence[ParkedItem]
) -> None:
    """Write what the decisions mean for our memory, inside an open unit of work."""
    agreed = _of(decisions, Action.SETTLE)
    # New guests alone change nothing that is mapped; the activity's version stays, so nothing comes back of it.
    run.module.relate(run, uow, {d.link.crm_id: d for d in agreed if d.link})
    made = _of(decisions, Action.LINK)
    rules = run.module.terms(run, uow, (), is_writing=False).rules if made else None
    new = [linked(run, d, rules) for d in made if rules]
    uow.state.save_links([*new, *(draft for d in agreed if (draft := settled(run, d)))])
    buried, released = _of(decisions, Action.BURY), _of(decisions, Action.RELEASE)
    uow.state.set_link_state([d.link.link_id for d in buried if d.link], LinkState.DEAD)
    for reason, state in ((Reason.LEFT_LABEL, LinkState.UNLABELLED), (Reason.LEFT_SET, LinkState.RELEASED)):
        ids = [d.link.link_id for d in released if d.link and d.reason is reason]
        uow.state.set_link_state(ids, state)
    uow.state.park([*_parked(decisions), *unreadable], run.now_utc())
    uow.state.add_journal([journal_entry(run, d, "memory") for d in (*buried, *released)], run.now_utc())
    dealt_with = [d for d in decisions if d.action is not Action.PARK]
    # What Google made of an event as its record left is looked at once more, and kept for the day the record comes back.
    uow.state.remove_inbox(inbox_keys([d for d in dealt_with if not _is_left(d)]))
    uow.state.unpark(Side.CRM, crm_keys([d for d in dealt_with if not kept_in_crm(d)]))


def _is_left(decision: Decision) -> bool:
    return decision.action is Action.RELEASE and decision.reason is Reason.LEFT_SET


def inbox_keys(decisions: Sequence[Decision]) -> list[tuple[str, str]]:
    """Return the inbox items that the decisions have dealt with."""
    return [(d.google.google_id, d.google.etag) for d in decisions if d.google is not None]


def crm_keys(decisions: Sequence[Decision]) -> list[str]:
    """Return the CRM ids, as they are parked by, of decisions that have dealt with a CRM record."""
    return [str(d.crm.crm_id) for d in decisions if d.crm is not None]


def journal_entry(run: Run, decision: Decision, side: str, cut: Sequence[str] = ()) -> JournalEntry:
    """Return the journal's line for a decision that was carried out; `cut` as in plugin/sync/cuts.py."""
    link, crm, google = decision.link, decision.crm, decision.google
    return JournalEntry(
        action=decision.action.value,
        reason=decision.reason.value,
        side=side,
        crm_id=crm.crm_id if crm else link.crm_id if link else None,
        google_id=google.google_id if google else link.google_id if link else None,
        series_id=google.series_id if google else link.series_id if link else None,
        lost=_lost(decision, side),
        cut=cut,
        is_approved=is_approved(decision, run.pair.approved_deletions),
    )


def refused(
    run: Run, tally: Tally, decision: Decision, reason: str, crm_version: str | None = None
) -> list[ParkedItem]:
    """Return what sets a refused record aside, and count it: each side that has news of it, or it would be tried every run.

    `crm_version`: the CRM's after this run's own write there.
    """
    tally.parked += 1
    retry_at = run.now_utc() + RETRY_REFUSED_AFTER
    crm, google = decision.crm, decision.google
    items: list[ParkedItem] = []
    if google is not None:
        items.append(ParkedItem(Side.GOOGLE, google.google_id, google.etag, "refused", retry_at, reason))
    if crm is not None and _is_news(decision, crm):
        items.append(
            ParkedItem(Side.CRM, str(crm.crm_id), crm_version or crm.version, "refused", retry_at, reason)
        )
    return items


def _is_news(decision: Decision, crm: CrmChange) -> bool:
    # A row that wasn't settled when the link was made is read again until that is remembered, and here it won't be.
    link = decision.link
    return (
        link is None
        or crm.version != link.crm_version
        or crm.content != link.crm_half
        or (crm.is_settled and not link.is_settled)
    )


def _of(decisions: Sequence[Decision], action: Action) -> list[Decision]:
    return [d for d in decisions if d.action is action]


def _parked(decisions: Sequence[Decision]) -> list[ParkedItem]:
    items: list[ParkedItem] = []
    for d in decisions:
        is_parked, is_kept = d.action is Action.PARK, bool(kept_in_crm(d))
        if is_parked and d.google is not None:
            items.append(ParkedItem(Side.GOOGLE, d.google.google_id, d.google.etag, d.reason.value))
        # Else the Google item stands for both; against the direction, the CRM's row would be read in every run.
        is_alone = d.google is None or d.reason in {Reason.ONE_WAY, Reason.READ_ONLY}
        if d.crm is not None and (is_kept or (is_parked and is_alone)):
            items.append(ParkedItem(Side.CRM, str(d.crm.crm_id), d.crm.version, d.reason.value))
    return items


def _lost(decision: Decision, side: str) -> dict[str, object]:
    # An update of both sides has a line for each; what was overwritten stands in the line of the side that lost it.
    if decision.merged is None:
        return {}
    written = decision.merged.crm_fields if side == Side.CRM.value else decision.merged.google_fields
    return {_name(f): _plain(value) for f, value in decision.lost.items() if f in written}


def _name(mapped: Field | Slot) -> str:
    return mapped.value if isinstance(mapped, Field) else mapped.crm_field


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    return value if isinstance(value, str) else "" if value is None else str(value)
