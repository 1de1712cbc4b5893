"""What the deletion brake looks at (design.md §5): all that is pending on both sides, whatever the cap lets through.

What a person has approved is in none of the counts (docs/adr/0014).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plugin.core.model import Direction, Link, LinkState
from plugin.core.plan import DELETES, DeletionLoad, is_approved
from plugin.core.reconcile import Action, Decision
from plugin.sync.ports import Run, UnitOfWork


def deletion_load(run: Run, uow: UnitOfWork, decisions: Sequence[Decision]) -> DeletionLoad:
    """Return all that the pair wants deleted, and what was deleted lately; `decisions` are those of the pass."""
    if not any(decision.action in DELETES for decision in decisions):
        return DeletionLoad(0, 0, 0)  # with nothing to judge, nothing is counted
    counts = uow.state.count_deletions(run.now_utc())
    approved = run.pair.approved_deletions
    seen = _approved(decisions, approved)
    # The inbox was counted whole; what was deleted or left in the CRM is always read whole. A series counts as one.
    from_crm = {_counted_as(d.link) for d in decisions if d.action is Action.DELETE_GOOGLE and d.link}
    of_series = {
        d.link.series_id for d in decisions if d.action is Action.DELETE_CRM and d.link and d.link.series_id
    }
    # The inbox was counted by live links; a released one lives again in the run that finds its event deleted.
    come_back = [
        d
        for d in decisions
        if d.action is Action.DELETE_CRM and d.link and d.link.series_id is None
        if d.link.state is not LinkState.LIVE
    ]
    is_kept = Direction(run.pair.direction) is Direction.CRM_TO_GOOGLE
    return DeletionLoad(
        pending=(0 if is_kept else counts.pending + len(of_series) + len(come_back)) + len(from_crm) - seen,
        recent=counts.recent,
        links=counts.links - seen,
        approved=approved,
    )


def _approved(decisions: Iterable[Decision], approved: frozenset[str]) -> int:
    """Return how many of the pending deletions a person has approved; of a series, all that is pending."""
    counted: dict[str, bool] = {}
    for d in decisions:
        if d.action in DELETES and d.link is not None:
            key = _counted_as(d.link)
            counted[key] = is_approved(d, approved) and counted.get(key, True)
    return sum(counted.values())


def _counted_as(link: Link) -> str:
    return link.series_id or link.google_id
