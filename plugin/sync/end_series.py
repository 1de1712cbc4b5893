"""CRM→Google: the end that the CRM's user put to a series, told to Google as a shorter rule.

Needs no note before it: what it writes follows from what is remembered, so a run that dies here does it again, and Google's own
version of the series keeps it from being done on top of somebody's change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from plugin.core.errors import FencedError, MappingError, Scope
from plugin.core.model import Direction, Link, LinkState
from plugin.core.plan import Plan
from plugin.core.reconcile import Action, Reason
from plugin.core.series import DELETED_FOR_CRM, Series
from plugin.core.series_end import SeriesEnd, end_to_write
from plugin.sync.apply_series import finished
from plugin.sync.gather import Gathered
from plugin.sync.memory_ports import JournalEntry
from plugin.sync.ports import EventDelete, EventPatch, Outcome, Run
from plugin.sync.series import window
from plugin.sync.tally import Tally


def end_series(run: Run, gathered: Gathered, plan: Plan, tally: Tally) -> None:
    """Shorten in Google the series of this pass whose last activities were deleted, or delete those of which nothing is left.

    Only those of which nothing else was to be written.

    What Google refuses for one series is left as it is: what was deleted stays deleted, and its rule goes on. Raises SyncError
    of a wider scope.
    """
    if Direction(run.pair.direction) is Direction.GOOGLE_TO_CRM:
        return
    ends = list(_ends(run, gathered, plan))
    for start in range(0, len(ends), run.google.max_batch):
        _write(run, ends[start : start + run.google.max_batch], tally)


def ends_after(run: Run, plan: Plan) -> list[SeriesEnd]:
    """Return how Google's series would be ended once the plan is carried out; for a preview."""
    deletes = [d.link for d in plan.google if d.action is Action.DELETE_GOOGLE and d.link]
    ids = sorted({link.series_id for link in deletes if link.series_id})
    if not ids:
        return []
    with run.unit_of_work() as uow:
        links, series = uow.state.load_links(series_ids=ids), uow.state.load_series_of(google_ids=ids)
    deleted = {link.link_id for link in deletes}
    after = [
        replace(link, state=LinkState.DEAD, google_etag=DELETED_FOR_CRM) if link.link_id in deleted else link
        for link in links
    ]
    ends = (_end(one, after, window(run).horizon) for one in series)
    return [end for end in ends if end is not None]


def _end(series: Series, links: Sequence[Link], horizon: timedelta) -> SeriesEnd | None:
    try:
        return end_to_write(series, links, horizon)
    except MappingError:
        return None  # it is set aside for that


def _ends(run: Run, gathered: Gathered, plan: Plan) -> Iterator[SeriesEnd]:
    horizon = window(run).horizon
    quiet = {one.google_id for one in finished(run, gathered, plan)}
    for one in (one for one in gathered.series if one.google_id in quiet):
        end = _end(one, gathered.series_links, horizon)
        if end is not None:
            yield end


def _write(run: Run, ends: list[SeriesEnd], tally: Tally) -> None:
    outcomes = run.google.write([_operation(end) for end in ends])
    with run.unit_of_work(is_memory_only=True) as uow:
        for end, outcome in zip(ends, outcomes, strict=True):
            if outcome.error is not None:
                continue
            uow.state.save_inbox([_now(end.series, outcome)], run.now_utc())
            uow.state.add_journal([_entry(end)], run.now_utc())
            # Of one that is deleted whole, its occurrences have been counted.
            tally.google.updated += end.lines is not None
        uow.commit()
    for outcome in outcomes:
        if outcome.error is not None and outcome.error.scope is not Scope.ITEM:
            raise outcome.error.reason if isinstance(outcome.error, FencedError) else outcome.error


def _operation(end: SeriesEnd) -> EventPatch | EventDelete:
    etag = end.series.master.get("etag", "")
    if end.lines is None:
        return EventDelete(end.series.google_id, etag)
    return EventPatch(end.series.google_id, etag, {"recurrence": list(end.lines)})


def _now(series: Series, outcome: Outcome) -> dict[str, object]:
    return dict(outcome.resource or {"id": series.google_id, "status": "cancelled", "etag": ""})


def _entry(end: SeriesEnd) -> JournalEntry:
    action = Action.DELETE_GOOGLE if end.lines is None else Action.UPDATE
    series_id = end.series.google_id
    return JournalEntry(
        action.value,
        Reason.DELETED_IN_CRM.value,
        "google",
        end.series.crm_head_id,
        series_id,
        series_id=series_id,
    )
