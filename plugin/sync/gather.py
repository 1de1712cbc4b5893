"""Reads, in one transaction, what both sides and our memory say, and pairs it up record by record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from plugin.core.errors import MappingError
from plugin.core.mapping.google_event import Resource
from plugin.core.model import CrmChange, Direction, GoogleChange, Link, LinkState, Presence, Side
from plugin.core.one_way import decide, keep_to
from plugin.core.plan import DeletionLoad
from plugin.core.reconcile import Decision, Rules
from plugin.core.series import Series
from plugin.sync.brake import deletion_load
from plugin.sync.copies import told_apart
from plugin.sync.edit_series import edits_of_series
from plugin.sync.handed_over import coming_back, with_left
from plugin.sync.listing import Listing, keep_listing
from plugin.sync.memory_ports import ParkedItem
from plugin.sync.module import Compared
from plugin.sync.ports import CrmRecord, Run, UnitOfWork
from plugin.sync.series import LaidOut, Repeats, SeriesReports, decide_repeats, lay_out_all

# How many records of each side one pass looks at; what is left over is looked at by the next pass or run.
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Gathered:
    """One pass's decisions in order, and what could not even be understood."""

    decisions: Sequence[Decision] = ()
    unreadable: Sequence[ParkedItem] = ()
    load: DeletionLoad = field(default_factory=lambda: DeletionLoad(0, 0, 0))
    parked: int = 0
    has_more_in_inbox: bool = False
    has_more_in_crm: bool = False
    has_more_series: bool = False
    is_crm_saving: bool = False
    series: Sequence[Series] = ()
    series_links: Sequence[Link] = ()
    waiting_series: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Reports:
    resources: Sequence[Resource]
    records: Sequence[CrmRecord]
    links: Sequence[Link]
    busy_crm_ids: frozenset[int]
    limit: int
    changed_crm_ids: frozenset[int]
    series: SeriesReports
    laid_out: LaidOut
    waiting: Mapping[str, str]
    returning: frozenset[int]


def gather(
    run: Run, held: int = 0, listing: Listing | None = None, compared: Compared | None = None
) -> Gathered:
    """Return the decisions of one pass; `held` deletes of the last pass are looked past, so that they block nothing.

    A `listing` that isn't in the inbox yet gets there in the same transaction. `compared`: see FirstContact.
    """
    run.report("comparing")
    with run.unit_of_work() as uow:
        if listing is None:
            return _gather(run, uow, CHUNK + held, compared)
        keep_listing(run, uow, listing)
        gathered = _gather(run, uow, CHUNK + held, compared)
        uow.commit()
    return gathered


def _gather(run: Run, uow: UnitOfWork, limit: int, compared: Compared | None) -> Gathered:
    reports = _read(run, uow, limit)
    matcher = _Matcher(run, reports.links, reports.laid_out)
    googles = [g for resource in reports.resources if (g := matcher.google_change(resource))]
    in_series = {change.google_id for change in reports.laid_out.changes}
    googles = [g for g in googles if g.google_id not in in_series]
    # An occurrence that was refused waits for its time, or for another version of its series; or for its activity to come back.
    googles += [
        c
        for c in reports.laid_out.changes
        if reports.waiting.get(c.google_id) != c.etag or matcher.crm_id_of(c) in reports.returning
    ]
    googles, undecided = told_apart(run, uow, googles, matcher.by_google_id)
    crms = [c for record in reports.records if (c := matcher.crm_change(record))]
    # One side alone tells half the story: a record whose create is still on its way, or that can't be read, waits as a whole.
    waiting = reports.busy_crm_ids | matcher.half_known
    crms = [c for c in crms if c.crm_id not in waiting]
    googles = [g for g in googles if matcher.crm_id_of(g) not in waiting]
    unseen = _entered_since(crms, matcher, compared)
    if unseen:
        # Whoever was entered, or saved, since both sides were compared may be somebody who is new in Google: both wait.
        crms = [c for c in crms if c.crm_id not in unseen]
        googles = [g for g in googles if g.google_id in matcher.by_google_id]
    contents = [g.content for g in googles if g.content is not None]
    rules = run.module.terms(run, uow, contents, is_writing=False).rules
    set_aside = _set_aside_in_crm(reports, matcher, googles, crms, rules)
    crms = [c for c in crms if c.crm_id not in set_aside]
    repeats = decide_repeats(run, reports.series, crms, reports.links, reports.busy_crm_ids)
    decisions = edits_of_series(uow, list(_decide(run, matcher, googles, crms, repeats, rules)))
    return Gathered(
        decisions=decisions,
        unreadable=[*matcher.unreadable, *reports.laid_out.unreadable],
        load=deletion_load(run, uow, decisions),
        parked=uow.state.count_parked(),
        has_more_in_inbox=len(reports.resources) >= reports.limit,
        has_more_in_crm=len(reports.records) >= reports.limit,
        has_more_series=reports.series.has_more,
        is_crm_saving=repeats.is_saving,
        series=reports.series.series,
        series_links=reports.links,
        waiting_series=frozenset(
            c.series_id for c in reports.laid_out.changes if c.series_id and c.google_id in reports.waiting
        )
        | {c.series_id for c in undecided if c.series_id}
        | {link.series_id for link in reports.links if link.series_id and link.crm_id in waiting}
        | {item.item_id for item in reports.laid_out.unreadable},
    )


def _entered_since(crms: Iterable[CrmChange], matcher: _Matcher, compared: Compared | None) -> set[int]:
    if compared is None:
        return set()
    new = [c for c in crms if c.presence is Presence.ALIVE and c.crm_id not in matcher.by_crm_id]
    return {c.crm_id for c in new if (c.crm_id, c.version) not in compared}


def _read(run: Run, uow: UnitOfWork, limit: int) -> _Reports:
    resources = list(uow.state.load_inbox(limit, run.now_utc()))
    records = list(uow.crm.read_changes(limit))
    crm_ids, google_ids = {r.crm_id for r in records}, {r["id"] for r in resources}
    series = run.module.read_series(run, uow, records, limit - CHUNK)
    series_ids = sorted(one.google_id for one in series.series)
    links = uow.state.load_links(
        crm_ids=sorted(crm_ids), google_ids=sorted({*google_ids, *series_ids}), series_ids=series_ids
    )
    returning = coming_back(records, links)
    if missed := {link.series_id for link in returning if link.series_id} - set(series_ids):
        # What Google made of these meanwhile was told while nobody could take it; its series isn't due for that.
        more = uow.state.load_series_of(google_ids=sorted(missed))
        series = replace(series, series=[*series.series, *(one for one in more if not one.is_dormant)])
        known = {link.link_id for link in links}
        of_series = uow.state.load_links(google_ids=sorted(missed), series_ids=sorted(missed))
        links = [*links, *(link for link in of_series if link.link_id not in known)]
    laid_out = lay_out_all(run, series.series, with_left(records, links))
    # A link is decided from both sides: what the other side holds, even if it is parked there, even if it didn't change.
    other_records = uow.crm.read_records([link.crm_id for link in links if link.crm_id not in crm_ids])
    other_items = uow.state.load_inbox_of(
        [link.google_id for link in links if link.google_id not in google_ids]
    )
    all_records = [*records, *other_records.values()]
    return _Reports(
        resources=[*resources, *other_items],
        records=run.module.flagged(uow, all_records),
        links=links,
        busy_crm_ids=frozenset(i for intent in uow.state.load_intents() for i in intent.crm_ids),
        limit=limit,
        changed_crm_ids=frozenset(crm_ids),
        series=series,
        laid_out=laid_out,
        waiting=uow.state.load_waiting_google_ids(
            [change.google_id for change in laid_out.changes], run.now_utc()
        ),
        returning=frozenset(link.crm_id for link in returning),
    )


def _set_aside_in_crm(
    reports: _Reports,
    matcher: _Matcher,
    googles: Iterable[GoogleChange],
    crms: Iterable[CrmChange],
    rules: Rules,
) -> set[int]:
    """Return the activities of series that wait for their time: a series is looked at whole, they would be tried in every pass.

    They differ from their link, and yet the CRM didn't report them. Google's news about the same occurrence ends the wait.
    """
    if len(reports.changed_crm_ids) >= reports.limit:
        return set()  # not reported may just be left over
    news = {
        crm_id
        for g in googles
        if (link := matcher.by_google_id.get(g.google_id)) and (crm_id := link.crm_id)
        if g.content is None or rules.changed(g.content, link.google_half)
    }
    links = {
        i: link for i, link in matcher.by_crm_id.items() if link.series_id and link.state is LinkState.LIVE
    }
    return {
        c.crm_id
        for c in crms
        if c.crm_id in links and c.crm_id not in reports.changed_crm_ids | news
        if c.content is None
        or c.presence is not Presence.ALIVE
        or rules.changed(c.content, links[c.crm_id].crm_half)
    }


class _Matcher:
    """Turns raw reports into changes, each in the light of its link."""

    def __init__(self, run: Run, links: Sequence[Link], laid_out: LaidOut) -> None:
        self._run = run
        # An occurrence that takes over another's link is found by its new id.
        self.by_google_id: Mapping[str, Link] = {link.google_id: link for link in links} | laid_out.moved
        self.by_crm_id: Mapping[int, Link] = {link.crm_id: link for link in links}
        self.unreadable: list[ParkedItem] = []
        self.half_known: set[int] = set()

    def crm_id_of(self, google: GoogleChange) -> int | None:
        link = self.by_google_id.get(google.google_id)
        return link.crm_id if link else None

    def google_change(self, resource: Resource) -> GoogleChange | None:
        try:
            return self._run.module.google_change(resource, self.by_google_id.get(resource["id"]))
        except MappingError as error:
            etag = resource.get("etag", "")
            if link := self.by_google_id.get(resource["id"]):
                self.half_known.add(link.crm_id)
            self.unreadable.append(
                ParkedItem(Side.GOOGLE, resource["id"], etag, "unreadable", detail=str(error))
            )
            return None

    def crm_change(self, record: CrmRecord) -> CrmChange | None:
        try:
            return change_from_record(self._run, record, self.by_crm_id.get(record.crm_id))
        except MappingError as error:
            crm_id = str(record.crm_id)
            self.half_known.add(record.crm_id)
            self.unreadable.append(
                ParkedItem(Side.CRM, crm_id, record.version, "unreadable", detail=str(error))
            )
            return None


def change_from_record(run: Run, record: CrmRecord, link: Link | None) -> CrmChange:
    """Return what the CRM reports of a record, read in the light of its link; raises MappingError."""
    return CrmChange(
        crm_id=record.crm_id,
        presence=record.presence,
        version=record.version,
        content=run.module.crm_content(run, record, link),
        link_id=link.link_id if link else None,
        repeats=record.repeats,
        is_settled=record.is_settled,
        modified_utc=record.modified_utc,
        is_transferred=record.is_transferred,
    )


def _decide(
    run: Run,
    matcher: _Matcher,
    googles: Iterable[GoogleChange],
    crms: Sequence[CrmChange],
    repeats: Repeats,
    rules: Rules,
) -> Iterable[Decision]:
    direction = Direction(run.pair.direction)
    yield from (keep_to(direction, decision) for decision in repeats.decisions)
    taken = {d.google.google_id for d in repeats.decisions if d.google is not None}
    crm_of = {change.crm_id: change for change in crms if change.crm_id not in repeats.looked_after}
    for google in googles:
        if google.google_id in taken:
            continue
        link = matcher.by_google_id.get(google.google_id)
        crm = crm_of.pop(link.crm_id, None) if link else None
        yield decide(direction, link, crm, google, rules)
    for crm in crm_of.values():
        link = matcher.by_crm_id.get(crm.crm_id)
        if link is None and crm.presence is not Presence.ALIVE:
            continue
        yield decide(direction, link, crm, None, rules)
