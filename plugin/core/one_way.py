"""What a one-way pair does instead of writing to the side that it doesn't write to.

Nothing is written there and nothing is forgotten: what differs stays different from its half of the base, so that the
same rules sync it once the user wants both directions again. Deletions travel in the pair's direction only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plugin.core.merge import Merge
from plugin.core.model import CrmChange, Direction, GoogleChange, Link, Policy
from plugin.core.reconcile import Action, Decision, Reason, Rules, reconcile

# What isn't reported again has to be parked (the CRM's rows, tombstones against edits); Google's events are all listed again
# when the direction changes.
_INSTEAD: Mapping[Direction, Mapping[Action, Action]] = {
    Direction.BOTH: {},
    Direction.GOOGLE_TO_CRM: {Action.CREATE_GOOGLE: Action.PARK, Action.DELETE_GOOGLE: Action.PARK},
    Direction.CRM_TO_GOOGLE: {
        Action.CREATE_CRM: Action.IGNORE,
        Action.REVIVE_CRM: Action.PARK,
        Action.DELETE_CRM: Action.SETTLE,
    },
}


def instead_tables() -> Mapping[Direction, Mapping[Action, Action]]:
    """Return what takes the place of which action, to be printed into the documentation."""
    return _INSTEAD


def policy_in(direction: Direction, policy: Policy) -> Policy:
    """Return who wins a conflict: in a one-way pair the side that is read, else what would be its copy blocks it for good."""
    one_way = {Direction.GOOGLE_TO_CRM: Policy.GOOGLE_WINS, Direction.CRM_TO_GOOGLE: Policy.CRM_WINS}
    return one_way.get(direction, policy)


def decide(
    direction: Direction, link: Link | None, crm: CrmChange | None, google: GoogleChange | None, rules: Rules
) -> Decision:
    """Return what to do about one record of a pair with this direction.

    An event that Google lets nobody change is one-way by itself: it comes into the CRM, and what is done to it there stays.
    """
    if not ((google is not None and google.is_read_only) or (link is not None and link.is_read_only)):
        return keep_to(direction, reconcile(link, crm, google, rules))
    rules = replace(rules, policy=Policy.GOOGLE_WINS)
    decision = keep_to(direction, reconcile(link, crm, google, rules))
    return keep_to(Direction.GOOGLE_TO_CRM, decision, Reason.READ_ONLY)


def keep_to(direction: Direction, decision: Decision, reason: Reason = Reason.ONE_WAY) -> Decision:
    """Return the decision without what it would write against the direction; `reason` says why if nothing is left."""
    if direction is Direction.BOTH:
        return decision
    if decision.merged is not None:
        return _partly(direction, decision, decision.merged, reason)
    action = _INSTEAD[direction].get(decision.action)
    if action is None:
        return decision
    if decision.reason is Reason.LEFT_SET:
        return replace(decision, action=Action.RELEASE)
    return replace(decision, action=action, reason=reason)


def _partly(direction: Direction, decision: Decision, merged: Merge, reason: Reason) -> Decision:
    if direction is Direction.GOOGLE_TO_CRM:
        kept, written = merged.google_fields, merged.crm_fields
        merged = replace(merged, google_fields=frozenset(), kept_in_crm=kept)
    else:
        kept, written = merged.crm_fields, merged.google_fields
        merged = replace(merged, crm_fields=frozenset(), kept_in_google=kept)
    if not kept:
        return decision
    if written:
        return replace(decision, merged=merged)
    return replace(decision, action=Action.SETTLE, reason=reason, merged=merged)
