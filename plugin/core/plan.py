"""The plan: which decisions a run carries out, which wait, and which a person has to approve first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from plugin.core.model import Side
from plugin.core.reconcile import Action, Decision

# design.md §5: more than 10 and more than 20 % of the links, or more than 100.
BRAKE_FLOOR = 10
BRAKE_SHARE = 0.2
BRAKE_CEILING = 100

_WRITES_CRM = {Action.CREATE_CRM, Action.REVIVE_CRM, Action.DELETE_CRM}
_WRITES_GOOGLE = {Action.CREATE_GOOGLE, Action.CREATE_SERIES, Action.DELETE_GOOGLE}
DELETES = {Action.DELETE_CRM, Action.DELETE_GOOGLE}


@dataclass(frozen=True, slots=True)
class DeletionLoad:
    """All that a pair wants deleted: everything pending on both sides, and what the last 24 hours already deleted.

    What a person has seen and approved is in none of the counts (docs/adr/0014); `approved` are its keys (`approval_key`).
    """

    pending: int
    recent: int
    links: int
    approved: frozenset[str] = frozenset()

    @property
    def trips_brake(self) -> bool:
        """Tell whether nothing may be deleted until a person approves it."""
        total = self.pending + self.recent
        # What was deleted lately was a link before: else a large deletion, begun rightly, would stop half way.
        is_many = total > BRAKE_FLOOR and total > BRAKE_SHARE * (self.links + self.recent)
        return self.pending > 0 and (is_many or total > BRAKE_CEILING)


@dataclass(frozen=True, slots=True)
class Plan:
    """Ordered decisions of one pass.

    `crm` and `google` hold what is written on each side (an update of both stands in both), `memory` what only touches our
    tables, `held` the deletes that wait for approval. `has_more_*`: the cap left something over.
    """

    crm: tuple[Decision, ...] = ()
    google: tuple[Decision, ...] = ()
    memory: tuple[Decision, ...] = ()
    held: tuple[Decision, ...] = ()
    has_more_in_crm: bool = False
    has_more_in_google: bool = False
    load: DeletionLoad = field(default=DeletionLoad(0, 0, 0))

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to carry out."""
        return not (self.crm or self.google or self.memory)


def build_plan(
    decisions: Iterable[Decision], *, load: DeletionLoad, crm_room: int, google_room: int
) -> Plan:  # fmt: skip
    """Return the plan for these decisions, in their order, with at most `*_room` records written per side.

    An update of both sides needs room on both, so that neither half waits for the other.
    """
    crm: list[Decision] = []
    google: list[Decision] = []
    memory: list[Decision] = []
    held: list[Decision] = []
    left_over: dict[Side, bool] = {Side.CRM: False, Side.GOOGLE: False}
    for decision in decisions:
        sides = written_sides(decision)
        if _is_held(decision, load):
            held.append(decision)
        elif not sides:
            memory.append(decision)
        elif (Side.CRM in sides and len(crm) >= crm_room) or (
            Side.GOOGLE in sides and len(google) >= google_room
        ):
            left_over |= dict.fromkeys(sides, True)
        else:
            _place(decision, sides, crm, google)
    return Plan(
        tuple(crm), tuple(google), tuple(memory), tuple(held), left_over[Side.CRM], left_over[Side.GOOGLE], load
    )  # fmt: skip


def written_sides(decision: Decision) -> Sequence[Side]:
    """Return the sides that the decision writes to."""
    if decision.action in _WRITES_CRM:
        return (Side.CRM,)
    if decision.action in _WRITES_GOOGLE:
        return (Side.GOOGLE,)
    if decision.merged is None:
        return ()
    sides = ((Side.CRM, decision.merged.crm_fields), (Side.GOOGLE, decision.merged.google_fields))
    return tuple(side for side, fields in sides if fields)


def _place(decision: Decision, sides: Sequence[Side], crm: list[Decision], google: list[Decision]) -> None:
    if Side.CRM in sides:
        crm.append(decision)
    if Side.GOOGLE in sides:
        google.append(decision)


def approval_key(decision: Decision) -> str:
    """Return what names this deletion in an approval: the same record, deleted once more later, has another key."""
    link, crm, google = decision.link, decision.crm, decision.google
    seen = (
        decision.action.value,
        str(link.link_id if link else ""),
        # The deletion itself, as its own side reported it.
        crm.version if crm and decision.action is Action.DELETE_GOOGLE else "",
        google.etag if google and decision.action is Action.DELETE_CRM else "",
        # Who approved it as one of many hasn't been told of guests that came later.
        "guests" if _cancels_for_guests(decision) else "",
    )
    return hashlib.sha256("\0".join(seen).encode()).hexdigest()[:16]


def is_approved(decision: Decision, approved: frozenset[str]) -> bool:
    """Tell whether it is a deletion that a person has seen and approved; `approved` are the keys."""
    return decision.action in DELETES and bool(approved) and approval_key(decision) in approved


def _is_held(decision: Decision, load: DeletionLoad) -> bool:
    if decision.action not in DELETES or not (load.trips_brake or _cancels_for_guests(decision)):
        return False
    return not is_approved(decision, load.approved)


def _cancels_for_guests(decision: Decision) -> bool:
    # Deleting the organiser's copy cancels the meeting for every guest.
    if decision.action is not Action.DELETE_GOOGLE:
        return False
    if decision.google is not None:
        return decision.google.has_guests
    return decision.link is not None and decision.link.has_guests
