"""What the CRM is to hold of a series: which of its occurrences lie in the window, and which activity goes on with which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from plugin.core.model import GoogleChange, Link, LinkState, Presence
from plugin.core.series import Series, place_of, rule_name, slot_of_id, start_of, take_place
from plugin.core.series_end import end_in_crm
from plugin.core.when import instants

# A series whose rule was changed moves its activities along, if they need not go further than this.
FARTHEST_MOVE = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a series that the CRM is to hold: what ends after `since_utc` and starts before `until_utc`, in `zone`.

    `horizon`: how far ahead of the day that is.
    """

    since_utc: datetime
    until_utc: datetime
    zone: str
    horizon: timedelta

    def holds(self, change: GoogleChange) -> bool:
        """Tell whether the occurrence lies in it; what is cancelled lies nowhere."""
        if change.content is None:
            return False
        span = instants(change.content.when, self.zone)
        return span.start_utc < self.until_utc and (
            span.end_utc > self.since_utc or span.start_utc >= self.since_utc
        )

    def around(self, links: Iterable[Link]) -> Window:
        """Return the window that reaches as far as what is linked already, too, and a day further for zones and DST."""
        slots = [place_of(link) for link in links]
        day = timedelta(days=1)
        return replace(
            self,
            since_utc=min([self.since_utc, *slots]) - day,
            until_utc=max([self.until_utc, *slots]) + day,
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """What to decide about, and which link an occurrence is to take over that had another slot before."""

    changes: Sequence[GoogleChange]
    moved: Mapping[str, Link]


def lay_out(series: Sequence[Series], links: Sequence[Link], window: Window) -> Layout:
    """Return what Google reports of the occurrences of these series, each against the link that it has or takes over.

    An occurrence without a link counts only inside the window. A live link whose slot is no more goes on with the
    nearest new one, if the rule was changed; else its occurrence is gone. Raises MappingError.
    """
    reach = window.around(links)
    changes = [change for one in series for change in take_place(one, reach.since_utc, reach.until_utc)]
    linked = {link.google_id for link in links}
    there = {change.google_id for change in changes}
    stale = [
        link
        for link in links
        if link.google_id not in there and link.state in {LinkState.LIVE, LinkState.RELEASED}
    ]
    ends = {
        one.google_id: end for one in series if (end := end_in_crm(one, links, window.horizon)) is not None
    }
    free = [
        c
        for c in changes
        if c.google_id not in linked
        and window.holds(c)
        and not (c.series_id in ends and _slot(c) >= ends[c.series_id])
    ]
    # Whose activity is somebody else's is left where it is; it has no event any more to come back to.
    moved = _moved(series, [link for link in stale if link.state is LinkState.LIVE], free)
    kept = {link.link_id for link in moved.values()}
    gone = [_tombstone(link) for link in stale if link.link_id not in kept]
    shown = linked | {change.google_id for change in free}
    return Layout([*(c for c in changes if c.google_id in shown), *gone], moved)


def _moved(series: Sequence[Series], stale: Sequence[Link], free: Sequence[GoogleChange]) -> dict[str, Link]:
    # Only a new rule moves occurrences; with the old one, what has no slot any more was taken out.
    has_new_rule = {one.google_id for one in series if one.laid_out_rule != rule_name(one)}
    distances = sorted(
        (abs(place_of(link) - _begin(change)), place_of(link), link.link_id, change.google_id)
        for link in stale
        for change in free
        if (change.series_id or change.google_id) in has_new_rule
    )
    link_of, change_ids = {link.link_id: link for link in stale}, {change.google_id for change in free}
    moved: dict[str, Link] = {}
    for distance, _, link_id, google_id in distances:
        if distance <= FARTHEST_MOVE and link_id in link_of and google_id in change_ids:
            moved[google_id] = link_of.pop(link_id)
            change_ids.remove(google_id)
    return moved


def _slot(change: GoogleChange) -> datetime:
    return slot_of_id(change.google_id) or _begin(change)


def _begin(change: GoogleChange) -> datetime:
    if change.content is None:
        raise ValueError("only what takes place can be moved to")
    return start_of(change.content.when)


def _tombstone(link: Link) -> GoogleChange:
    return GoogleChange(link.google_id, Presence.GONE, "", None, series_id=link.series_id)


def window_of(since: date, today: date, horizon_days: int, zone: str) -> Window:
    """Return the window from one day on to the horizon, at midnights of the user's zone."""
    local = ZoneInfo(zone)
    since_utc, until_utc = (
        datetime.combine(day, datetime.min.time(), local).astimezone(UTC)
        for day in (since, today + timedelta(days=horizon_days))
    )
    return Window(since_utc, until_utc, zone, timedelta(days=horizon_days))
