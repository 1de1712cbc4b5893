"""What the links of a series' occurrences are to remember after a write for the series, or after a delete."""

from __future__ import annotations

from dataclasses import replace

from plugin.core.mapping.google_event import Resource
from plugin.core.merge import Fields
from plugin.core.model import Content, Field, GoogleChange, Link, Side
from plugin.core.reconcile import Decision
from plugin.core.recurrence import slot_start
from plugin.core.series import DELETED_FOR_CRM, occurrence_of
from plugin.core.when import Timed, When, instants
from plugin.sync.drafts import draft_of, pushed, sent_by
from plugin.sync.memory_ports import Intent, LinkDraft
from plugin.sync.ports import Run


def drafts_of_series(run: Run, intent: Intent, google_half: Content) -> list[LinkDraft]:
    """Return the drafts of a new series' links, made together with it: what is deleted before it is laid out stays deleted.

    No version is known yet, so that both sides are looked at. `google_half`: the first occurrence, as Google holds it.
    """
    drafts: list[LinkDraft] = []
    for slot, crm_id in intent.occurrences.items():
        when = _when_of(slot, intent.crm_half.when, run.crm_zone)
        drafts.append(
            LinkDraft(
                # The series bears the first one's key, and so does all that Google makes of it.
                link_key=run.new_key() if drafts else intent.link_key,
                crm_id=crm_id,
                google_id=f"{intent.google_id}_{slot}",
                crm_version="",
                google_etag="",
                crm_half=replace(intent.crm_half, when=when),
                google_half=replace(google_half, when=when),
                origin=Side.CRM,
                google_zone=run.user.time_zone,
                series_id=intent.google_id,
            )
        )
    return drafts


def drafts_of_edit(run: Run, decision: Decision, resource: Resource) -> list[LinkDraft]:
    """Return the drafts after an edit of a whole series, `resource` in Google: each occurrence is as the rule has it now."""
    master = run.module.answer(resource, sent_by(decision))
    return [
        pushed(run, draft_of(member.link), occurrence_of(master, member.merged.google_content.when), member)
        for member in decision.members
        if member.link is not None and member.merged is not None
    ]


def draft_of_recovered_edit(
    run: Run, link: Link, intent: Intent, master: GoogleChange, slot: str, arrived: Fields
) -> LinkDraft:
    """Return the draft of one occurrence after an edit of its whole series of which `arrived` is in Google's `master` now.

    `slot` is when the occurrence takes place since then.
    """
    google = occurrence_of(master, _when_of(slot, intent.crm_half.when, run.crm_zone))
    crm_half, google_half = (
        run.module.with_fields(
            run.module.with_fields(half, sent, arrived - {Field.WHEN}), google.content, arrived & {Field.WHEN}
        )
        for half, sent in ((link.crm_half, intent.crm_half), (link.google_half, intent.google_half))
    )
    return replace(
        draft_of(link),
        google_id=google.google_id if Field.WHEN in arrived else link.google_id,
        google_etag=google.etag,
        crm_half=crm_half,
        google_half=google_half,
        pushed_utc=intent.noted_utc,
        # What the user has made of it since has to be looked at.
        is_settled=False,
    )


def drafts_of_deleted(link: Link) -> list[LinkDraft]:
    """Return what the link of an occurrence remembers once it was deleted in Google because it was in the CRM."""
    return [replace(draft_of(link), google_etag=DELETED_FOR_CRM)] if link.series_id is not None else []


def _when_of(slot: str, like: When, zone: str) -> Timed:
    """Return when an occurrence takes place that is as long as another one."""
    start, first = slot_start(slot), instants(like, zone)
    if start is None:
        raise ValueError(f"{slot} names no slot")
    return Timed(start, start + (first.end_utc - first.start_utc))
