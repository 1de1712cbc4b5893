"""Series in a pass: which are to be laid out, what that means occurrence by occurrence, and which are done with.

The cap counts activities, so a long series takes several runs: it waits until nothing of it is left to write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from plugin.core.crm_series import CrmSeries, decide_known_series, decide_new_series
from plugin.core.errors import MappingError
from plugin.core.model import CrmChange, Direction, GoogleChange, Link, Presence, Side
from plugin.core.reconcile import Decision
from plugin.core.series import Series, family_of, start_of, take_place
from plugin.core.series_layout import Window, lay_out, window_of
from plugin.sync.memory_ports import ParkedItem
from plugin.sync.ports import CrmEvents, CrmRecord, CrmRepeat, Run, UnitOfWork

# How many series one pass looks at.
CHUNK = 200
# More than anybody has; the first contact looks at all of them.
EVERY_SERIES = 10_000
# Without a start limit, a series is laid out from so long before the user connected.
DAYS_BEFORE_CONNECTING = timedelta(days=30)
# Laid out so much farther than the horizon, so that not every day is a day for it.
SLACK_DAYS = 7


@dataclass(frozen=True, slots=True)
class SeriesReports:
    """What both sides and our memory hold of the series of one pass; `waiting` are occurrences parked, with their version."""

    series: Sequence[Series] = ()
    repeats: Sequence[CrmRepeat] = ()
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Repeats:
    """Decisions about the CRM's own series, and the ids of all activities that are looked after by them or by waiting.

    `is_saving`: the CRM may be at one of them still.
    """

    decisions: Sequence[Decision] = ()
    looked_after: Collection[int] = ()
    is_saving: bool = False


@dataclass(frozen=True, slots=True)
class LaidOut:
    """Reports on occurrences, the links that some of them take over, and series that can't be understood."""

    changes: Sequence[GoogleChange]
    moved: dict[str, Link]
    unreadable: Sequence[ParkedItem]


def read_series(
    run: Run, uow: UnitOfWork, crm: CrmEvents, records: Iterable[CrmRecord], extra: int
) -> SeriesReports:
    """Return the series that Google reported on, that are due, or that new activities of the CRM belong to."""
    limit = CHUNK + extra
    due = list(uow.state.load_series(today(run) + timedelta(days=run.horizon_days), limit, run.now_utc()))
    new_ids = [r.crm_id for r in records if r.repeats and r.link_id is None and r.presence is Presence.ALIVE]
    repeats = crm.read_repeats(new_ids) if new_ids else ()
    heads = [repeat.head_id for repeat in repeats]
    known = {one.google_id for one in due}
    # What was split off a series is told from a stranger's by the one that it came from.
    origins = sorted({family_of(google_id) for google_id in known} - known)
    more = uow.state.load_series_of(google_ids=origins, crm_head_ids=heads) if origins or heads else ()
    return SeriesReports(
        series=[*due, *(one for one in more if not (one.google_id in known or one.is_dormant))],
        repeats=repeats,
        has_more=len(due) >= limit,
    )


def unlinked_occurrences(run: Run, uow: UnitOfWork) -> list[GoogleChange]:
    """Return the occurrences, of all series that wait to be laid out, that the CRM is to hold and no activity is linked to."""
    due = list(uow.state.load_series(date.min, EVERY_SERIES, run.now_utc()))
    if not due:
        return []
    ids = [one.google_id for one in due]
    links = uow.state.load_links(google_ids=ids, series_ids=ids)
    linked = {link.google_id for link in links}
    return [
        c for c in lay_out_all(run, due, links).changes if c.content is not None and c.google_id not in linked
    ]


def lay_out_all(run: Run, series: Sequence[Series], links: Sequence[Link]) -> LaidOut:
    """Return what Google reports of all occurrences that count; what "this and following" split is laid out together."""
    whole = window(run)
    changes: list[GoogleChange] = []
    moved: dict[str, Link] = {}
    unreadable: list[ParkedItem] = []
    families: dict[str, list[Series]] = {}
    for one in series:
        families.setdefault(family_of(one.google_id), []).append(one)
    for members in families.values():
        ids = {one.google_id for one in members}
        own = [link for link in links if link.series_id in ids or link.google_id in ids]
        try:
            layout = lay_out(members, own, whole)
        except MappingError as error:
            unreadable += [
                ParkedItem(
                    Side.GOOGLE, one.google_id, one.master.get("etag", ""), "unreadable", detail=str(error)
                )
                for one in members
            ]
            continue
        # An event that we made and that was then repeated, or split, bears our marker everywhere: no other connection's.
        is_ours = any(one.crm_head_id is not None for one in members) or bool(own)
        changes += [replace(c, marker=None) for c in layout.changes] if is_ours else layout.changes
        moved |= layout.moved
    return LaidOut(changes, moved, unreadable)


def decide_repeats(
    run: Run, reports: SeriesReports, crms: Sequence[CrmChange], links: Sequence[Link], busy: frozenset[int]
) -> Repeats:
    """Return what to do about unlinked activities that the CRM holds as series.

    A series that the CRM is still saving, or whose create is on its way, is looked after by waiting.
    """
    decisions: list[Decision] = []
    looked_after: set[int] = set()
    is_saving = False
    if Direction(run.pair.direction) is Direction.GOOGLE_TO_CRM:
        return Repeats()  # nothing of it goes to Google, as with any other activity
    change_of = {
        change.crm_id: change
        for change in crms
        if change.content is not None and change.repeats and not change.is_transferred
    }
    linked = {link.crm_id for link in links}
    by_head = {
        one.crm_head_id: one for one in reports.series if one.crm_head_id is not None and not one.is_over
    }
    for repeat in reports.repeats:
        members = [change_of[i] for i in repeat.crm_ids if i in change_of and i not in linked]
        looked_after |= {member.crm_id for member in members}
        if busy & set(repeat.crm_ids) or not members:
            continue
        is_whole = len(members) == len(repeat.crm_ids)
        crm = CrmSeries(repeat.head_id, repeat.kind, repeat.interval, members, is_whole)
        if series := by_head.get(repeat.head_id):
            decisions += decide_known_series(crm, _free(series, members, links), run.user.time_zone)
        elif all(member.is_settled for member in members):
            # Else the CRM, which writes a new series row by row, may be at it still.
            decisions += decide_new_series(crm, _zones(run))
        else:
            is_saving = True
    return Repeats(decisions, looked_after, is_saving)


def _free(series: Series, members: Sequence[CrmChange], links: Sequence[Link]) -> list[GoogleChange]:
    starts = [start_of(member.content.when) for member in members if member.content is not None]
    day = timedelta(days=1)
    try:
        there = take_place(series, min(starts) - day, max(starts) + 2 * day)
    except MappingError:
        return []  # it is parked for that; its activities go as single events
    linked = {link.google_id for link in links}
    return [change for change in there if change.google_id not in linked]


def today(run: Run) -> date:
    """Return the user's date."""
    return run.now_utc().astimezone(ZoneInfo(run.user.time_zone)).date()


def window(run: Run) -> Window:
    """Return the part of every series that the CRM is to hold."""
    connected = (run.pair.connected_utc or run.now_utc()).astimezone(ZoneInfo(run.user.time_zone)).date()
    since = run.pair.sync_from or connected - DAYS_BEFORE_CONNECTING
    return window_of(since, today(run), run.horizon_days + SLACK_DAYS, run.user.time_zone)


def _zones(run: Run) -> list[str]:
    # In the user's zone a series reads as the user means it; in the CRM's it is at least where its rows are.
    return [run.user.time_zone, run.crm_zone, "UTC"]
