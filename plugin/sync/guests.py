"""Which guests of Google's events are to be looked up among the CRM's contacts."""

from __future__ import annotations

from collections.abc import Mapping

from plugin.core.guests import new_guests
from plugin.core.reconcile import Action, Decision
from plugin.sync.drafts import relates_guests
from plugin.sync.ports import Run

# The CRM's own delete took the activity's contacts away; a new one never had any.
_FROM_SCRATCH = {Action.CREATE_CRM, Action.REVIVE_CRM}


def guests_to_relate(run: Run, decisions: Mapping[int, Decision]) -> Mapping[int, frozenset[str]]:
    """Return, by CRM id, the addresses of guests that the decisions' links don't know yet."""
    if not relates_guests(run):
        return {}
    found: dict[int, frozenset[str]] = {}
    for crm_id, decision in decisions.items():
        if decision.google is not None:
            link = None if decision.action in _FROM_SCRATCH else decision.link
            found[crm_id] = new_guests(decision.google, link)
    return {crm_id: guests for crm_id, guests in found.items() if guests}
