"""What became of writes to Google whose run died between the remote write and its memory."""

from __future__ import annotations

from dataclasses import replace

from plugin.core.errors import NotFoundError
from plugin.core.mapping.google_event import as_google_holds
from plugin.core.model import LinkState, Side
from plugin.core.reconcile import Action, Reason
from plugin.sync.drafts import draft_of_intent
from plugin.sync.memory_ports import Intent, JournalEntry
from plugin.sync.ports import Outcome, Run, UnitOfWork
from plugin.sync.recovered_updates import IN_FLIGHT, recover_updates
from plugin.sync.series_drafts import drafts_of_deleted, drafts_of_series


def recover_intents(run: Run) -> None:
    """Find out what became of writes whose run died between Google and the link, and remember it."""
    if not run.pair.has_questions:
        return
    with run.unit_of_work() as uow:
        intents = [i for i in uow.state.load_intents() if not i.is_create or run.module.knows_new_ids()]
    for start in range(0, len(intents), run.google.max_batch):
        chunk = intents[start : start + run.google.max_batch]
        outcomes = run.google.fetch_records([intent.google_id for intent in chunk])
        with run.unit_of_work() as uow:
            asked = list(zip(chunk, outcomes, strict=True))
            recover_updates(run, uow, [(i, outcome) for i, outcome in asked if i.is_update])
            for intent, outcome in asked:
                if not intent.is_update:
                    _recover(run, uow, intent, outcome)
            uow.commit()


def _recover(run: Run, uow: UnitOfWork, intent: Intent, outcome: Outcome) -> None:
    if intent.is_delete:
        _recover_delete(run, uow, intent, outcome)
        return
    if isinstance(outcome.error, NotFoundError):
        if run.now_utc() - intent.noted_utc < IN_FLIGHT:
            return
        uow.state.remove_intents([intent.google_id])  # it never arrived; the record is created anew
        return
    if outcome.resource is None:
        return  # not known yet: the record waits, rather than be created twice
    if intent.series_head_id is not None:
        uow.state.save_links(drafts_of_series(run, intent, as_google_holds(intent.crm_half)))
        uow.state.begin_series(outcome.resource, intent.series_head_id)
        uow.state.remove_intents([intent.google_id])
        return
    links = {link.link_id: link for link in uow.state.load_links(crm_ids=[intent.crm_id])}
    # Agreed is what was sent: what the user has made of it since is a change like any other, and so is a delete.
    sent = as_google_holds(intent.crm_half)
    draft = draft_of_intent(run, intent, sent, links.get(intent.existing_link_id or 0))
    uow.state.save_links([replace(draft, google_etag=outcome.resource.get("etag", ""))])
    uow.state.save_inbox([outcome.resource], run.now_utc())
    # Listed between the create and now, it looked like another connection's.
    uow.state.unpark(Side.GOOGLE, [intent.google_id])
    uow.state.remove_intents([intent.google_id])


def _recover_delete(run: Run, uow: UnitOfWork, intent: Intent, outcome: Outcome) -> None:
    resource = outcome.resource
    is_gone = isinstance(outcome.error, NotFoundError) or (
        resource is not None and resource.get("status") == "cancelled"
    )
    if is_gone and intent.existing_link_id is not None:
        # Done, then: the link is dead, and an activity that was restored since gets a new event.
        links = uow.state.load_links(crm_ids=[intent.crm_id])
        uow.state.save_links([draft for link in links for draft in drafts_of_deleted(link)])
        uow.state.set_link_state([intent.existing_link_id], LinkState.DEAD)
        # What waits was told before, and would look like a restore.
        waiting = uow.state.load_inbox_of([intent.google_id])
        uow.state.remove_inbox([(resource["id"], resource.get("etag", "")) for resource in waiting])
        entry = JournalEntry(
            Action.DELETE_GOOGLE.value,
            Reason.DELETED_IN_CRM.value,
            "google",
            intent.crm_id,
            intent.google_id,
            # A series counts as one for the deletion brake, also if the run died over it.
            series_id=next((link.series_id for link in links), None),
            is_approved=intent.is_approved,
        )
        uow.state.add_journal([entry], run.now_utc())
    elif resource is None or run.now_utc() - intent.noted_utc < IN_FLIGHT:
        return  # not known yet, or on its way: the record waits
    uow.state.remove_intents([intent.google_id])
