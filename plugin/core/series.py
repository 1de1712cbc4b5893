"""A Google series and its occurrences: one activity each in the CRM, one link each in our memory.

Google lists a series as its master (with the rule) and its exceptions; what isn't an exception exists only by the rule. An
occurrence is known by when it was *meant* to take place, its slot, which stays when it is moved: that is in its Google id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from plugin.core.mapping.google_event import Resource, change_from_resource
from plugin.core.model import GoogleChange, Link, LinkState, Presence
from plugin.core.recurrence import Recurrence, has_end, occurrences, slot_name, slot_start
from plugin.core.when import Timed, WholeDays, instants

# The etag of an occurrence that only the rule makes, with the series' own: never one that Google gives. What bears it has to be
# looked at before it is written.
BY_RULE = "by rule "
# What an occurrence carries that we had to ask for: the etag, as above, that it was asked for by.
SEEN_BY_RULE = "gsyncByRule"
# The etag of an occurrence that we deleted for the CRM's user: never one that Google gives.
DELETED_FOR_CRM = '"deleted for the CRM"'
# So many of the last occurrences deleted in the CRM mean "this and all that follow"; one is just one.
FEWEST_AT_THE_END = 2
# What the rule of a series that Google no longer has is called.
OVER = "over"
# A series whose rule was changed moves its activities along, if they need not go further than this.
FARTHEST_MOVE = timedelta(days=31)

_INSTANCE = re.compile(r"^(.+)_(\d{8}(?:T\d{6}Z)?)$")
_SPLIT_OFF = re.compile(r"_R\d{8}(T\d{6})?$")


@dataclass(frozen=True, slots=True)
class Series:
    """What our memory keeps of a series: its master, its exceptions by id, and how far it is laid out in the CRM.

    `laid_out_rule` names the rule that it was laid out by, "" if it never was; `crm_head_id` the CRM's own series.
    """

    google_id: str
    master: Resource
    exceptions: Mapping[str, Resource] = field(default_factory=dict)
    crm_head_id: int | None = None
    laid_out_rule: str = ""
    laid_out_until: date | None = None

    @property
    def is_over(self) -> bool:
        """Tell whether Google no longer has it."""
        return self.master.get("status") == "cancelled"

    @property
    def is_single(self) -> bool:
        """Tell whether it is a series no longer: its rule was taken away."""
        return not self.master.get("recurrence")

    @property
    def is_dormant(self) -> bool:
        """Tell whether it is kept only for when its event is repeated again: until then that is an event like any other."""
        return self.is_single and not self.is_over and self.laid_out_rule == OVER


def split_instance_id(google_id: str) -> tuple[str, str] | None:
    """Return the series' id and the slot of an occurrence's id; None if it isn't one."""
    match = _INSTANCE.match(google_id)
    return (match[1], match[2]) if match else None


def family_of(series_id: str) -> str:
    """Return the id that a series shares with those that "this and following" split off it."""
    return _SPLIT_OFF.sub("", series_id)


def recurrence_of(series: Series) -> Recurrence:
    """Return the series' rule; raises MappingError if its start can't be read."""
    change = change_from_resource(series.master)
    if change.content is None:
        raise ValueError("a series that is over has no rule")
    lines = tuple(str(line) for line in series.master.get("recurrence", ()))
    return Recurrence(change.content.when, lines, change.zone or "UTC")


def rule_name(series: Series) -> str:
    """Return a name of when the series takes place; cancelled occurrences and dates taken out of it aside."""
    if series.is_over:
        return OVER
    lines = [line for line in series.master.get("recurrence", ()) if not line.upper().startswith("EXDATE")]
    start = series.master.get("start", {})
    return sha256(repr([sorted(start.items()), sorted(lines)]).encode()).hexdigest()


def ends_before(series: Series, until_utc: datetime) -> bool:
    """Tell whether nothing of it takes place from that moment on, by its rule: laid out that far, it is done with."""
    if series.is_over or series.is_single:
        return True
    recurrence = recurrence_of(series)
    return has_end(recurrence) and not occurrences(recurrence, until_utc, until_utc + timedelta(days=36500))


def take_place(series: Series, since_utc: datetime, until_utc: datetime) -> list[GoogleChange]:
    """Return what Google holds of each occurrence between the two, cancelled ones as tombstones, exceptions wherever they are.

    Raises MappingError if the rule, or an exception, can't be read.
    """
    if series.is_over:
        return []
    master = change_from_resource(series.master)
    if master.content is None or series.is_single:
        return [master]
    by_rule = f"{BY_RULE}{master.etag}"
    found = {
        google_id: _exception(series, part)
        for google_id, part in series.exceptions.items()
        if part.get(SEEN_BY_RULE, by_rule) == by_rule
    }
    for when in occurrences(recurrence_of(series), since_utc, until_utc):
        google_id = f"{series.google_id}_{slot_name(when)}"
        if google_id not in found:
            found[google_id] = replace(
                master,
                google_id=google_id,
                etag=by_rule,
                content=replace(master.content, when=when),
                series_id=series.google_id,
            )
    return sorted(found.values(), key=_slot)


def _exception(series: Series, part: Resource) -> GoogleChange:
    change = change_from_resource(part)
    zone = change.zone or series.master.get("start", {}).get("timeZone")
    return replace(change, series_id=series.google_id, zone=zone)


def _slot(change: GoogleChange) -> tuple[datetime, str]:
    return slot_of_id(change.google_id) or datetime.max.replace(tzinfo=UTC), change.google_id


def slot_of_id(google_id: str) -> datetime | None:
    """Return when an occurrence was meant to start, whole days as midnight UTC; None if the id is no occurrence's."""
    split = split_instance_id(google_id)
    return slot_start(split[1]) if split else None


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a series that the CRM is to hold: what ends after `since_utc` and starts before `until_utc`, in `zone`."""

    since_utc: datetime
    until_utc: datetime
    zone: str

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
        slots = [_place(link) for link in links]
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
    stale = [link for link in links if link.google_id not in there and link.state is LinkState.LIVE]
    ends = {one.google_id: end for one in series if (end := end_in_crm(one, links)) is not None}
    free = [
        c
        for c in changes
        if c.google_id not in linked
        and window.holds(c)
        and not (c.series_id in ends and _slot(c)[0] > ends[c.series_id])
    ]
    moved = _moved(series, stale, free)
    kept = {link.link_id for link in moved.values()}
    gone = [_tombstone(link) for link in stale if link.link_id not in kept]
    shown = linked | {change.google_id for change in free}
    return Layout([*(c for c in changes if c.google_id in shown), *gone], moved)


def end_in_crm(series: Series, links: Iterable[Link]) -> datetime | None:
    """Return the slot after which the CRM's user wants no more of it, having deleted the last ones; None if there is none.

    Else what comes within the horizon later would bring back, one by one, what was deleted. Another rule in Google begins anew.
    """
    if series.laid_out_rule != rule_name(series):
        return None
    last = sorted((link for link in links if link.series_id == series.google_id), key=_place)[
        -FEWEST_AT_THE_END:
    ]
    is_end = len(last) == FEWEST_AT_THE_END and all(
        link.state is LinkState.DEAD and link.google_etag == DELETED_FOR_CRM for link in last
    )
    return _place(last[-1]) if is_end else None


def _moved(series: Sequence[Series], stale: Sequence[Link], free: Sequence[GoogleChange]) -> dict[str, Link]:
    # Only a new rule moves occurrences; with the old one, what has no slot any more was taken out.
    has_new_rule = {one.google_id for one in series if one.laid_out_rule != rule_name(one)}
    distances = sorted(
        (abs(_place(link) - _begin(change)), _place(link), link.link_id, change.google_id)
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


def _place(link: Link) -> datetime:
    return slot_of_id(link.google_id) or _start(link.google_half.when)


def _begin(change: GoogleChange) -> datetime:
    if change.content is None:
        raise ValueError("only what takes place can be moved to")
    return _start(change.content.when)


def _start(when: Timed | WholeDays) -> datetime:
    return instants(when, "UTC").start_utc


def _tombstone(link: Link) -> GoogleChange:
    return GoogleChange(link.google_id, Presence.GONE, "", None, series_id=link.series_id)


def window_of(since: date, today: date, horizon_days: int, zone: str) -> Window:
    """Return the window from one day on to the horizon, at midnights of the user's zone."""
    local = ZoneInfo(zone)
    since_utc, until_utc = (
        datetime.combine(day, datetime.min.time(), local).astimezone(UTC)
        for day in (since, today + timedelta(days=horizon_days))
    )
    return Window(since_utc, until_utc, zone)
