"""What a link is to remember after each kind of write. The halves move only as far as what was really written or read."""

from __future__ import annotations

from dataclasses import replace

from plugin.core.guests import guest_keys
from plugin.core.mapping.google_event import Resource
from plugin.core.matching import couple
from plugin.core.merge import Fields
from plugin.core.model import Content, Direction, Event, Field, GoogleChange, Link, LinkState, Side
from plugin.core.reconcile import Decision, Rules
from plugin.core.when import WholeDays
from plugin.sync.memory_ports import Intent, LinkDraft
from plugin.sync.ports import CrmRecord, Run

# Never one of Google's: while something is kept there, a write is refused until the event has been looked at again.
KEPT_ETAG = '"kept"'


def draft_of(link: Link) -> LinkDraft:
    """Return the link as it stands, to be changed by `dataclasses.replace`."""
    return LinkDraft(
        link_id=link.link_id,
        link_key=link.link_key,
        crm_id=link.crm_id,
        google_id=link.google_id,
        crm_version=link.crm_version,
        google_etag=link.google_etag,
        crm_half=link.crm_half,
        google_half=link.google_half,
        origin=link.origin,
        all_day_zone=link.all_day_zone,
        google_zone=link.google_zone,
        has_guests=link.has_guests,
        is_settled=link.is_settled,
        series_id=link.series_id,
        is_read_only=link.is_read_only,
        guest_keys=link.guest_keys,
        pushed_utc=link.pushed_utc,
    )


def new_from_google(run: Run, google: GoogleChange, content: Content, link_key: str) -> LinkDraft:
    """Return the draft of a record that comes into the CRM; its CRM half is read back after the write."""
    return LinkDraft(
        link_key=link_key,
        crm_id=0,
        google_id=google.google_id,
        crm_version="",
        google_etag=google.etag,
        crm_half=content,
        google_half=content,
        origin=Side.GOOGLE,
        all_day_zone=zone_of(run, content, None),
        google_zone=google.zone,
        has_guests=google.has_guests,
        series_id=google.series_id,
        is_read_only=google.is_read_only,
        guest_keys=guest_keys(google.guests),
    )


def linked(run: Run, decision: Decision, rules: Rules) -> LinkDraft:
    """Return the draft of an activity that was added to a series and Google's occurrence of it: nobody knows who edited what
    differs, so that goes by the pair's policy."""
    crm, google = decision.crm, decision.google
    if crm is None or google is None or google.content is None:
        raise ValueError("a link needs both sides")
    found = couple(crm, google, rules.to_crm, rules.to_google)
    return replace(
        new_from_google(run, google, found.google_half, run.new_key()),
        crm_id=crm.crm_id,
        crm_version=crm.version,
        crm_half=found.crm_half,
        origin=Side.CRM,
        # What differs has to be looked at again, even if neither side reports it any more.
        is_settled=crm.is_settled and (found.crm_half, found.google_half) == (crm.content, google.content),
        guest_keys=frozenset(),
    )


def with_google(
    run: Run, draft: LinkDraft, google: GoogleChange | None, kept: Fields = frozenset()
) -> LinkDraft:
    """Return the draft with what Google holds now, but for `kept` fields: those stay as they were agreed."""
    if google is None or google.content is None:
        return draft
    half = run.module.with_fields(google.content, draft.google_half, kept)
    return replace(
        draft,
        # An occurrence of a series that was moved has another id than before.
        google_id=google.google_id,
        series_id=google.series_id,
        google_etag=KEPT_ETAG if kept else google.etag,
        google_half=half,
        google_zone=draft.google_zone if Field.WHEN in kept else google.zone or draft.google_zone,
        has_guests=google.has_guests,
        all_day_zone=zone_of(run, half, draft.all_day_zone),
        is_read_only=google.is_read_only,
        guest_keys=guest_keys(google.guests) if relates_guests(run) else draft.guest_keys,
    )


def relates_guests(run: Run) -> bool:
    """Tell whether guests are looked up among the CRM's contacts: not where the CRM isn't written to."""
    return Direction(run.pair.direction) is not Direction.CRM_TO_GOOGLE


def with_crm_read_back(run: Run, draft: LinkDraft, record: CrmRecord, decision: Decision) -> LinkDraft:
    """Return the draft with the CRM's half as the CRM holds it after our write.

    Fields that are yet to be pushed keep their old half: should the run die now, they still differ from it.
    """
    half = run.module.crm_content(run, record, draft)
    if half is None:
        return draft
    if decision.merged is not None:
        half = run.module.with_fields(
            half, draft.crm_half, decision.merged.google_fields | kept_in_crm(decision)
        )
    return replace(
        draft,
        crm_id=record.crm_id,
        crm_version=record.version,
        crm_half=half,
        # What is kept there has to be looked at again: it is parked by its new version.
        is_settled=record.is_settled and not kept_in_crm(decision),
    )


def with_push(run: Run, draft: LinkDraft, resource: Resource, decision: Decision) -> LinkDraft:
    """Return the draft after a write to Google: its half is what Google answered, the CRM's what was pushed."""
    series_id = draft.series_id
    if decision.merged is not None and decision.google is not None:
        # A single event that was made a series is an occurrence from here on; what is made anew for a cancelled one isn't.
        series_id = decision.google.series_id
    answer = replace(run.module.answer(resource, sent_by(decision)), series_id=series_id)
    return pushed(run, draft, answer, decision)


def pushed(run: Run, draft: LinkDraft, answer: GoogleChange, decision: Decision) -> LinkDraft:
    """Return the draft after a write to Google that it answered like this."""
    now = with_google(run, draft, answer, _kept_in_google(decision))
    # The CRM isn't written here: guests are looked up when the write comes back in the next listing.
    now = replace(now, guest_keys=draft.guest_keys, pushed_utc=run.now_utc())
    return _with_pushed_crm(run, now, decision)


def draft_if_pushed(run: Run, draft: LinkDraft, decision: Decision) -> LinkDraft:
    """Return the draft with the halves that it has after a write to Google that goes as it should."""
    half = run.module.with_fields(sent_by(decision), draft.google_half, _kept_in_google(decision))
    return _with_pushed_crm(run, replace(draft, google_half=half), decision)


def with_what_arrived(
    run: Run, draft: LinkDraft, intent: Intent, google: GoogleChange, differing: Fields
) -> LinkDraft:
    """Return the draft after an update without an answer: agreed is all that Google holds as sent, the `differing` isn't."""
    arrived = with_google(run, draft, replace(google, series_id=draft.series_id), differing)
    return replace(
        arrived,
        crm_half=run.module.with_fields(intent.crm_half, draft.crm_half, differing),
        crm_version=intent.crm_version,
        guest_keys=draft.guest_keys,
        pushed_utc=intent.noted_utc,
        # What the user has made of it since has to be looked at.
        is_settled=False,
    )


def _with_pushed_crm(run: Run, pushed: LinkDraft, decision: Decision) -> LinkDraft:
    crm, merged = decision.crm, decision.merged
    if crm is None or crm.content is None:
        return pushed
    if merged is not None and merged.crm_fields:
        # The CRM's side was written just before, and its version with it; only the pushed fields were pending.
        return replace(
            pushed, crm_half=run.module.with_fields(pushed.crm_half, crm.content, merged.google_fields)
        )
    return replace(pushed, crm_half=crm.content, crm_version=crm.version, is_settled=crm.is_settled)


def settled(run: Run, decision: Decision) -> LinkDraft | None:
    """Return the draft of a link whose sides agree; None if there is nothing new to remember."""
    link, crm, google = decision.link, decision.crm, decision.google
    if link is None:
        return None
    draft = with_google(run, draft_of(link), google, _kept_in_google(decision))
    if crm is not None and crm.content is not None:
        kept = kept_in_crm(decision)
        half = run.module.with_fields(crm.content, link.crm_half, kept)
        is_settled = crm.is_settled and not kept
        draft = replace(draft, crm_version=crm.version, crm_half=half, is_settled=is_settled)
    return None if draft == draft_of(link) and link.state is LinkState.LIVE else draft


def kept_in_crm(decision: Decision) -> Fields:
    """Return the fields whose change stays in the CRM alone, in a one-way pair."""
    return decision.merged.kept_in_crm if decision.merged else frozenset()


def _kept_in_google(decision: Decision) -> Fields:
    return decision.merged.kept_in_google if decision.merged else frozenset()


def sent_by(decision: Decision) -> Content:
    """Return what Google is to hold after the write."""
    if decision.merged is not None:
        return decision.merged.google_content
    return decision.crm.content if decision.crm is not None else None


def zone_of(run: Run, content: Content, remembered: str | None) -> str | None:
    """Return whose midnights an all-day event stands on in the CRM: the remembered zone, else the user's now."""
    is_all_day = isinstance(content, Event) and isinstance(content.when, WholeDays)
    return (remembered or run.user.time_zone) if is_all_day else None


def draft_of_intent(run: Run, intent: Intent, google_half: Content, link: Link | None) -> LinkDraft:
    """Return the draft of the link that an intent was the note for."""
    # All-day in Google and on midnights in the CRM: without its zone the CRM's side would look like an edit.
    return LinkDraft(
        link_id=intent.existing_link_id,
        link_key=intent.link_key,
        crm_id=intent.crm_id,
        google_id=intent.google_id,
        crm_version=intent.crm_version,
        google_etag="",
        crm_half=intent.crm_half,
        google_half=google_half,
        origin=Side.CRM,
        all_day_zone=zone_of(run, google_half, link.all_day_zone if link else None),
        google_zone=link.google_zone if link else run.user.time_zone,
    )
