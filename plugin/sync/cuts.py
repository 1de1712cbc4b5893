"""What of a Google event the CRM's columns can't hold: said in the run's report, and never written back to Google."""

from __future__ import annotations

from plugin.core.mapping.crm_event import cut_fields
from plugin.core.mapping.google_event import as_crm_reads
from plugin.core.model import CrmLimits, Field
from plugin.core.reconcile import Action, Decision

_WHOLE = {Action.CREATE_CRM, Action.REVIVE_CRM}


def cut_by(decision: Decision, limits: CrmLimits) -> tuple[str, ...]:
    """Return the fields that the decision writes to the CRM and that don't fit there wholly, in a fixed order."""
    google = decision.google
    if google is None or google.event is None:
        return ()
    written = frozenset(Field) if decision.action in _WHOLE else frozenset[Field]()
    if decision.merged is not None:
        written = decision.merged.crm_fields
    cut = cut_fields(as_crm_reads(google.event), limits) & written
    return tuple(f.value for f in Field if f in cut)
