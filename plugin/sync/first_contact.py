"""Links what exists on both sides before they are synced, against the whole inbox: nothing is doubled.

At the first sync, and whenever everything was listed again: an earlier start limit lets old records in on both sides at once.

Only our memory is written. Where the two records differ, the link begins with halves that make the difference a change
(plugin/core/matching.py), and the run's passes sync it like any other.
"""

from __future__ import annotations

from collections.abc import Sequence

from plugin.core.errors import MappingError
from plugin.core.mapping.google_event import Resource, change_from_resource
from plugin.core.matching import Match, match
from plugin.core.model import CrmChange, GoogleChange, Side
from plugin.core.reconcile import Rules
from plugin.sync.drafts import zone_of
from plugin.sync.gather import change_from_record
from plugin.sync.memory_ports import LinkDraft
from plugin.sync.module import Compared
from plugin.sync.ports import CrmRecord, Run, UnitOfWork
from plugin.sync.series import unlinked_occurrences


def match_first_contact(run: Run, *, is_full: bool) -> Compared | None:
    """Link what the user already has on both sides; does nothing if nothing was listed anew since the last time.

    Return what was looked at, if nothing else may be taken for new in this run.
    """
    if run.pair.is_matched and not (is_full or run.module.matches_always()):
        return None
    run.report("comparing")
    with run.unit_of_work() as uow:
        found = run.module.match(run, uow, is_full=is_full)
    with run.unit_of_work() as uow:
        uow.state.save_links(found.drafts)
        over = {side: [item.item_id for item in found.over if item.side is side] for side in Side}
        uow.state.unpark(Side.CRM, [*over[Side.CRM], *(str(draft.crm_id) for draft in found.drafts)])
        uow.state.unpark(Side.GOOGLE, [*over[Side.GOOGLE], *(draft.google_id for draft in found.drafts)])
        uow.state.park(found.doubtful, run.now_utc())
        uow.state.mark_matched()
        uow.commit()
    return found.compared


def match_events(run: Run, uow: UnitOfWork, rules: Rules) -> list[LinkDraft]:
    """Return the links of events and activities that are the same."""
    # A create whose end isn't known yet has its link already, as good as.
    busy = {crm_id for intent in uow.state.load_intents() for crm_id in intent.crm_ids}
    records = [record for record in uow.crm.read_unlinked() if record.crm_id not in busy]
    if not records:
        return []  # and a whole calendar needn't be looked through
    resources = uow.state.load_unlinked_inbox()
    occurrences = unlinked_occurrences(run, uow)
    mapped = uow.crm.read_legacy_mapping() if resources or occurrences else {}
    matches = match(
        _crms(run, records, rules),
        [*_googles(resources, rules), *(o for o in occurrences if _is_to_match(o, rules))],
        mapped=mapped,
        to_crm=rules.to_crm,
        to_google=rules.to_google,
        zone=run.user.time_zone,
    )
    return [_draft(run, found) for found in matches]


def _googles(resources: Sequence[Resource], rules: Rules) -> list[GoogleChange]:
    changes: list[GoogleChange] = []
    for resource in resources:
        try:
            change = change_from_resource(resource)
        except MappingError:
            continue  # the first pass sets it aside, with its reason
        if _is_to_match(change, rules):
            changes.append(change)
    return changes


def _is_to_match(change: GoogleChange, rules: Rules) -> bool:
    is_ours = change.content is not None and not rules.is_before_limit(change.content)
    return is_ours and not change.is_declined and change.marker is None


def _crms(run: Run, records: Sequence[CrmRecord], rules: Rules) -> list[CrmChange]:
    changes: list[CrmChange] = []
    for record in records:
        try:
            change = change_from_record(run, record, None)
        except MappingError:
            continue
        if change.content is not None and not rules.is_before_limit(change.content):
            changes.append(change)
    return changes


def _draft(run: Run, found: Match) -> LinkDraft:
    event = found.google.content
    return LinkDraft(
        link_key=run.new_key(),
        crm_id=found.crm.crm_id,
        google_id=found.google.google_id,
        crm_version=found.crm.version,
        google_etag=found.google.etag,
        crm_half=found.crm_half,
        google_half=found.google_half,
        # Deleting it in Google when the activity leaves the set would take what the CRM never made there.
        origin=Side.GOOGLE,
        all_day_zone=zone_of(run, event, None) if event is not None else None,
        google_zone=found.google.zone,
        has_guests=found.google.has_guests,
        is_settled=found.crm.is_settled,
        series_id=found.google.series_id,
        is_read_only=found.google.is_read_only,
    )
