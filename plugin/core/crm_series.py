"""What to do about activities that the CRM made as one series: one series in Google where a rule says it, else single events.

The CRM stores an activity per occurrence, each complete in itself; a list of ids holds them together (facts/crm_repeats.md §0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from plugin.core.crm_rules import recurrence_of_rows
from plugin.core.model import CrmChange, GoogleChange
from plugin.core.reconcile import Action, CrmSeriesDraft, Decision, Reason
from plugin.core.recurrence import slot_name
from plugin.core.when import Timed, instants


@dataclass(frozen=True, slots=True)
class CrmSeries:
    """Activities of one CRM series that have no link yet; `is_whole`: these are all there are of it."""

    head_id: int
    kind: str
    interval: int
    members: Sequence[CrmChange]
    is_whole: bool


def decide_new_series(series: CrmSeries, zones: Sequence[str]) -> list[Decision]:
    """Return one decision that makes the Google series in the first of `zones` that allows it, else one per activity."""
    members = sorted(series.members, key=_start)
    spans = [_span(member) for member in members]
    is_distinct = len({span.start_utc for span in spans}) == len(spans)
    if series.is_whole and is_distinct:
        recurrence = recurrence_of_rows(series.kind, series.interval, spans, zones)
        if recurrence is not None:
            slots = {slot_name(span): one.crm_id for span, one in zip(spans, members, strict=True)}
            draft = CrmSeriesDraft(series.head_id, recurrence, slots)
            return [Decision(Action.CREATE_SERIES, Reason.NEW_IN_CRM, None, members[0], series=draft)]
    return [_single(member) for member in members]


def decide_known_series(series: CrmSeries, occurrences: Sequence[GoogleChange], zone: str) -> list[Decision]:
    """Return which activity is which of Google's unlinked occurrences: by start, then by day in `zone`; the rest are single.

    An activity that says something else than its occurrence is linked all the same: that is then a change made in the CRM.
    """
    free = {change.google_id: change for change in occurrences if change.event is not None}
    decisions: list[Decision] = []
    left = sorted(series.members, key=_start)
    for key in (_start_of, _day_of):
        places = {key(change, zone): google_id for google_id, change in free.items()}
        unmatched: list[CrmChange] = []
        for member in left:
            google_id = places.pop(key(member, zone), None)
            if google_id is None:
                unmatched.append(member)
            else:
                decisions.append(Decision(Action.LINK, Reason.IN_SERIES, None, member, free.pop(google_id)))
        left = unmatched
    return decisions + [_single(member) for member in left]


def _single(member: CrmChange) -> Decision:
    return Decision(Action.CREATE_GOOGLE, Reason.NEW_IN_CRM, None, member)


def _span(change: CrmChange | GoogleChange, zone: str = "UTC") -> Timed:
    if change.event is None:
        raise ValueError("only what is there has a time")
    return instants(change.event.when, zone)


def _start(member: CrmChange) -> tuple[datetime, int]:
    return _span(member).start_utc, member.crm_id


def _start_of(change: CrmChange | GoogleChange, zone: str) -> object:
    return _span(change, zone).start_utc


def _day_of(change: CrmChange | GoogleChange, zone: str) -> object:
    return _span(change, zone).start_utc.astimezone(ZoneInfo(zone)).date()
