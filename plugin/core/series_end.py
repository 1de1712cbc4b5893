"""The end that the CRM's user put to a series by deleting its last activities: "all", or "this and all that follow".

The CRM deletes activities, the laid out ones only; Google's rule goes on beyond them. Else what comes within the horizon later
would bring back, one by one, what was deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from plugin.core.mapping.google_event import has_guests
from plugin.core.model import Link, LinkState
from plugin.core.recurrence import occurrences, shortened
from plugin.core.series import (
    DELETED_FOR_CRM,
    SEEN_BY_RULE,
    Series,
    place_of,
    recurrence_of,
    rule_name,
    slot_of_id,
    start_of,
)

# One that is deleted is just one.
FEWEST_AT_THE_END = 2
# Beside what still takes place, deleted ones are an end only if they reach over this share of the horizon: two that are called
# off in half a year's time must not cost the user all that come after them.
SHARE_OF_HORIZON = 1 / 3
# Farther than any series is looked at.
EVER = timedelta(days=36500)


@dataclass(frozen=True, slots=True)
class SeriesEnd:
    """What is to be done to a series in Google: `lines` are its new ones, None if nothing is left of it."""

    series: Series
    lines: tuple[str, ...] | None


def end_in_crm(series: Series, links: Iterable[Link], horizon: timedelta) -> datetime | None:
    """Return the slot from which on the CRM's user wants no more of it; None if there is no such.

    Another rule in Google begins anew.
    """
    if series.laid_out_rule != rule_name(series):
        return None
    own = sorted((link for link in links if link.series_id == series.google_id), key=place_of)
    alive = [number for number, link in enumerate(own) if link.state is not LinkState.DEAD]
    deleted = [
        place_of(link) for link in own[alive[-1] + 1 if alive else 0 :] if link.google_etag == DELETED_FOR_CRM
    ]
    if len(deleted) < FEWEST_AT_THE_END or (alive and deleted[-1] - deleted[0] < SHARE_OF_HORIZON * horizon):
        return None
    return deleted[0]


def end_to_write(series: Series, links: Iterable[Link], horizon: timedelta) -> SeriesEnd | None:
    """Return how Google is to end a series whose end was deleted in the CRM; None if there is nothing to do or to dare.

    One with guests, or with an exception behind its end, is left alone. Raises MappingError if its rule can't be read.
    """
    own = [link for link in links if link.series_id == series.google_id]
    end = end_in_crm(series, own, horizon)
    if end is None or series.is_over or series.is_single or has_guests(series.master):
        return None
    exceptions = {
        i: e for i, e in series.exceptions.items() if e.get("status") != "cancelled" and SEEN_BY_RULE not in e
    }
    if any((slot_of_id(google_id) or end) >= end for google_id in exceptions):
        return None
    recurrence = recurrence_of(series)
    first = start_of(recurrence.first)
    if not (exceptions or (first < end and occurrences(recurrence, first, end))):
        return SeriesEnd(series, None)
    last = max(place_of(link) for link in own)
    if not occurrences(recurrence, last + timedelta(days=1), end + EVER):
        return None  # Google's ends there, too
    lines = shortened(recurrence, end)
    return SeriesEnd(series, lines) if lines is not None else None
