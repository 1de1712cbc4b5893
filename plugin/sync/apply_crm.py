"""Google→CRM: rows locked, compared with what gather saw, written, read back and remembered in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plugin.core.errors import RefusedError
from plugin.core.model import Content, LinkState, Presence, Side
from plugin.core.reconcile import Action, Decision
from plugin.sync.apply_memory import crm_keys, inbox_keys, journal_entry, refused
from plugin.sync.drafts import draft_of, new_from_google, with_crm_read_back, with_google
from plugin.sync.memory_ports import LinkDraft, ParkedItem
from plugin.sync.module import Terms
from plugin.sync.ports import CrmRecord, CrmWrite, Run, UnitOfWork
from plugin.sync.tally import Tally

Drafts = dict[int, LinkDraft]


@dataclass(slots=True)
class _Batch:
    """What one transaction writes, sorted by kind of write; `drafts` by the CRM id that each link will have."""

    creates: list[tuple[Decision, Any]] = field(default_factory=list)
    revives: list[tuple[Decision, Any]] = field(default_factory=list)
    updates: list[tuple[Decision, CrmWrite]] = field(default_factory=list)
    deletes: list[Decision] = field(default_factory=list)
    changed_meanwhile: list[Decision] = field(default_factory=list)
    drafts: dict[int, LinkDraft] = field(default_factory=dict)

    @property
    def done(self) -> list[Decision]:
        return [d for d, _ in (*self.creates, *self.revives)] + [d for d, _ in self.updates] + self.deletes


def apply_crm(
    run: Run,
    decisions: Sequence[Decision],
    tally: Tally,
    with_it: Callable[[UnitOfWork], None],
) -> Drafts:
    """Write the decisions' CRM side; `with_it` commits in the same transaction.

    Return, by link id, what links remember now. All records share a transaction; should the database refuse it, each gets
    one of its own, and the one that fails is set aside.
    """
    try:
        return _write(run, decisions, tally, with_it)
    except RefusedError:
        if len(decisions) == 0:
            raise
    drafts: Drafts = {}
    for decision in decisions:
        try:
            drafts |= _write(run, [decision], tally, _nothing)
        except RefusedError as error:
            _set_aside(run, refused(run, tally, decision, error.reason))
            tally.crm.skipped += 1
    with run.unit_of_work() as uow:
        with_it(uow)
        uow.commit()
    return drafts


def _nothing(uow: UnitOfWork) -> None:
    del uow


def _set_aside(run: Run, items: Sequence[ParkedItem]) -> None:
    with run.unit_of_work() as uow:
        uow.state.park(items, run.now_utc())
        uow.commit()


def _write(
    run: Run, decisions: Sequence[Decision], tally: Tally, with_it: Callable[[UnitOfWork], None]
) -> Drafts:
    run.report("crm", Side.CRM, tally.crm.taken, tally.crm.taken + len(decisions))
    new_ids = iter(run.reserve_crm_ids(sum(1 for d in decisions if _may_need_id(d))))
    with run.unit_of_work() as uow:
        batch = _Batch()
        locked = uow.crm.lock_records([i for d in decisions if (i := _existing_id(d)) is not None])
        contents = [content for d in decisions if (content := _written(d)) is not None]
        terms = run.module.terms(run, uow, contents, is_writing=True)
        for decision in decisions:
            _sort(run, batch, decision, locked, new_ids, terms)
        now = run.now_utc()
        # New rows last: the CRM's saves read whole tables from their beginning, and would wait at the new rows with all
        # older ones locked, while we want one of those.
        uow.crm.delete([_crm_id(d) for d in batch.deletes], now)
        uow.crm.update([write for _, write in batch.updates], now)
        uow.crm.revive([row for _, row in batch.revives], now)
        uow.crm.create([row for _, row in batch.creates], now)
        drafts = _remember(run, uow, batch)
        with_it(uow)
        uow.commit()
    _count(run, tally, batch)
    return drafts


def _sort(
    run: Run,
    batch: _Batch,
    decision: Decision,
    locked: Mapping[int, CrmRecord],
    new_ids: Iterator[int],
    terms: Terms,
) -> None:
    existing_id = _existing_id(decision)
    record = locked[existing_id] if existing_id is not None else None
    if record is not None and not _is_as_seen(run, record, decision):
        batch.changed_meanwhile.append(decision)
        return
    match decision.action:
        case Action.DELETE_CRM:
            batch.deletes.append(decision)
        case Action.UPDATE:
            _sort_update(run, batch, decision, record, terms)
        case _:
            _sort_appearance(run, batch, decision, record, new_ids, terms)


def _sort_update(run: Run, batch: _Batch, decision: Decision, record: CrmRecord | None, terms: Terms) -> None:
    link, merged = decision.link, decision.merged
    if link is None or merged is None or record is None or record.row is None:
        raise ValueError("an update needs its link, its merge and its row")
    draft = with_google(run, draft_of(link), decision.google)
    row = terms.row_of(link.crm_id, merged.crm_content, draft, record.row)
    batch.updates.append((decision, run.module.crm_write(row, record.row, merged.crm_fields)))
    batch.drafts[link.crm_id] = draft


def _sort_appearance(
    run: Run,
    batch: _Batch,
    decision: Decision,
    record: CrmRecord | None,
    new_ids: Iterator[int],
    terms: Terms,
) -> None:
    google = decision.google
    if google is None or google.content is None:
        raise ValueError("only what Google holds appears in the CRM")
    content = terms.rules.to_crm(google.content)
    draft = new_from_google(run, google, google.content, run.new_key())
    if decision.link is not None:
        draft = with_google(run, draft_of(decision.link), google)
    is_in_bin = record is not None and record.row is not None and record.presence is Presence.GONE
    crm_id = record.crm_id if is_in_bin and record is not None else next(new_ids)
    row = terms.row_of(crm_id, content, draft, record.row if is_in_bin and record is not None else None)
    (batch.revives if is_in_bin else batch.creates).append((decision, row))
    batch.drafts[crm_id] = draft


def _remember(run: Run, uow: UnitOfWork, batch: _Batch) -> Drafts:
    after = uow.crm.read_records(list(batch.drafts))
    decision_of = {row.crm_id: d for d, row in (*batch.creates, *batch.revives)}
    decision_of |= {write.row.crm_id: d for d, write in batch.updates}
    drafts = [
        with_crm_read_back(run, draft, after[crm_id], decision_of[crm_id])
        for crm_id, draft in batch.drafts.items()
    ]
    run.module.relate(run, uow, decision_of)
    uow.state.save_links(drafts)
    uow.state.set_link_state([d.link.link_id for d in batch.deletes if d.link], LinkState.DEAD)
    uow.state.add_journal(
        [journal_entry(run, d, "crm", run.module.cut(run, d)) for d in batch.done], run.now_utc()
    )
    uow.state.remove_inbox(inbox_keys(batch.done))
    uow.state.unpark(Side.CRM, crm_keys(batch.done))
    return {draft.link_id: draft for draft in drafts if draft.link_id is not None}


def _count(run: Run, tally: Tally, batch: _Batch) -> None:
    tally.crm.created += len(batch.creates) + len(batch.revives)
    tally.crm.updated += len(batch.updates)
    tally.crm.deleted += len(batch.deletes)
    tally.crm.skipped += len(batch.changed_meanwhile)
    tally.cut += sum(1 for decision in batch.done if run.module.cut(run, decision))


def _written(decision: Decision) -> Content | None:
    if decision.merged is not None:
        return decision.merged.crm_content
    return decision.google.content if decision.google is not None else None


def _existing_id(decision: Decision) -> int | None:
    return decision.link.crm_id if decision.link is not None else None


def _crm_id(decision: Decision) -> int:
    if decision.link is None:
        raise ValueError("only linked records are deleted")
    return decision.link.crm_id


def _may_need_id(decision: Decision) -> bool:
    return decision.action in {Action.CREATE_CRM, Action.REVIVE_CRM}


def _is_as_seen(run: Run, record: CrmRecord, decision: Decision) -> bool:
    """Tell whether the locked row is still the one that was decided about.

    The version alone would miss a second edit within the same second, so the content is compared as well.
    """
    seen, link = decision.crm, decision.link
    if seen is None:
        return record.presence is Presence.ALIVE
    if record.version != seen.version or record.presence is not seen.presence:
        return False
    if record.row is None or seen.content is None:
        return record.row is None and seen.content is None
    return bool(run.module.crm_content(run, record, link) == seen.content)
