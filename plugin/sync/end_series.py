"""CRM→Google: the end that the CRM's user put to a series, told to Google as a shorter rule.

Needs no note before it: what it writes follows from what is remembered, so a run that dies here does it again, and Google's own
version of the series keeps it from being done on top of somebody's change.
"""

from __future__ import annotations

from collections.abc import Iterator

from plugin.core.errors import FencedError, MappingError, Scope
from plugin.core.model import Direction
from plugin.core.plan import Plan
from plugin.core.reconcile import Action, Reason
from plugin.core.series import Series
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


def _ends(run: Run, gathered: Gathered, plan: Plan) -> Iterator[SeriesEnd]:
    horizon = window(run).horizon
    quiet = {one.google_id for one in finished(run, gathered, plan)}
    for one in (one for one in gathered.series if one.google_id in quiet):
        try:
            end = end_to_write(one, gathered.series_links, horizon)
        except MappingError:
            continue  # it is set aside for that
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
            if end.lines is None:
                tally.google.deleted += 1
            else:
                tally.google.updated += 1
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
