"""What became of updates without an answer: what Google holds as it was sent is agreed, and a later edit is just an edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from plugin.core.errors import MappingError, NotFoundError
from plugin.core.mapping.google_event import Resource
from plugin.core.model import Link, LinkState
from plugin.core.reconcile import Action, Reason, Rules
from plugin.core.series import split_instance_id
from plugin.core.series_parts import as_asked_for
from plugin.sync.drafts import draft_of, with_what_arrived
from plugin.sync.memory_ports import Intent, JournalEntry, LinkDraft
from plugin.sync.ports import Outcome, Run, UnitOfWork
from plugin.sync.series_drafts import draft_of_recovered_edit

# A request whose sender died may still reach Google: until then "not there" doesn't mean that it never will be. Requests
# are given up after 30 s (plugin/google/transport.py).
IN_FLIGHT = timedelta(seconds=60)


@dataclass(slots=True)
class _Findings:
    """`as_written` are occurrences that are exceptions now, listed yet or not; `as_told` is looked at as it is."""

    over: list[str] = field(default_factory=list)
    drafts: list[LinkDraft] = field(default_factory=list)
    as_written: list[Resource] = field(default_factory=list)
    as_told: list[Resource] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)


def recover_updates(run: Run, uow: UnitOfWork, asked: Sequence[tuple[Intent, Outcome]]) -> None:
    """Conclude, from what Google holds of these events now, which updates arrived; those not known yet keep their note."""
    if not asked:
        return
    links = uow.state.load_links(crm_ids=sorted({i for intent, _ in asked for i in intent.crm_ids}))
    live = {link.link_id: link for link in links if link.state is LinkState.LIVE}
    rules = run.module.terms(run, uow, (), is_writing=False).rules
    findings = _Findings()
    for intent, outcome in asked:
        _find_out(run, findings, intent, outcome, live, rules)
    uow.state.save_links(findings.drafts)
    uow.state.save_inbox([*findings.as_written, *_by_rule(uow, findings.as_told)], run.now_utc())
    uow.state.add_journal(findings.journal, run.now_utc())
    uow.state.remove_intents(findings.over)


def _find_out(
    run: Run, findings: _Findings, intent: Intent, outcome: Outcome, live: Mapping[int, Link], rules: Rules
) -> None:
    link, resource = live.get(intent.existing_link_id or 0), outcome.resource
    is_gone = isinstance(outcome.error, NotFoundError) or (
        resource is not None and resource.get("status") == "cancelled"
    )
    if link is None or is_gone:
        findings.over.append(intent.google_id)
        return
    if resource is None:
        return  # not known yet: the record waits
    if resource.get("etag", "") == intent.google_etag:
        if run.now_utc() - intent.noted_utc < max(IN_FLIGHT, run.module.lag()):
            return  # on its way, maybe
        # It never arrived, and is decided again. A series may count as laid out meanwhile.
        findings.as_told.extend([resource] if link.series_id is not None else [])
    elif intent.occurrences:
        _conclude_series(run, findings, intent, resource, live, rules)
    else:
        _conclude(run, findings, intent, resource, link, rules)
    findings.over.append(intent.google_id)


def _conclude(
    run: Run, findings: _Findings, intent: Intent, resource: Resource, link: Link, rules: Rules
) -> None:
    try:
        google = run.module.answer(resource, intent.google_half)
    except MappingError:
        findings.as_told.append(resource)  # it is set aside like any that can't be read
        return
    differing = rules.changed(google.content, intent.google_half)
    if not rules.changed(intent.google_half, link.google_half) - differing:
        findings.as_told.append(resource)  # nothing of it is there: never arrived, or undone since
        return
    findings.drafts.append(with_what_arrived(run, draft_of(link), intent, google, differing))
    findings.as_written.append(resource)
    findings.journal.append(_entry(link))


def _conclude_series(
    run: Run,
    findings: _Findings,
    intent: Intent,
    resource: Resource,
    live: Mapping[int, Link],
    rules: Rules,
) -> None:
    """The same of an edit of a whole series, for each of its occurrences. It is laid out anew, whatever became of it."""
    findings.as_told.append(resource)
    try:
        master = run.module.answer(resource, intent.google_half)
    except MappingError:
        return
    link_of = {link.crm_id: link for link in live.values()}
    sent = rules.changed(intent.google_half, link_of[intent.crm_id].google_half)
    arrived = sent - rules.changed(master.content, intent.google_half)
    for slot, crm_id in intent.occurrences.items() if arrived else ():
        if link := link_of.get(crm_id):
            findings.drafts.append(draft_of_recovered_edit(run, link, intent, master, slot, arrived))
            findings.journal.append(_entry(link))


def _entry(link: Link) -> JournalEntry:
    return JournalEntry(
        Action.UPDATE.value,
        Reason.CHANGED.value,
        "google",
        link.crm_id,
        link.google_id,
        series_id=link.series_id,
    )


def _by_rule(uow: UnitOfWork, resources: Sequence[Resource]) -> list[Resource]:
    ids = sorted({split[0] for resource in resources if (split := split_instance_id(resource["id"]))})
    known = {one.google_id: one for one in uow.state.load_series_of(google_ids=ids)} if ids else {}
    return [as_asked_for(resource, known) for resource in resources]
