"""A Google series and its occurrences: one activity each in the CRM, one link each in our memory.

Google lists a series as its master (with the rule) and its exceptions; what isn't an exception exists only by the rule. An
occurrence is known by when it was *meant* to take place, its slot, which stays when it is moved: that is in its Google id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from plugin.core.mapping.google_event import Resource, change_from_resource
from plugin.core.model import GoogleChange, Link
from plugin.core.recurrence import Recurrence, has_end, occurrences, slot_name, slot_start
from plugin.core.when import When, instants

# The etag of an occurrence that only the rule makes, with the series' own: never one that Google gives. What bears it has to be
# looked at before it is written.
BY_RULE = "by rule "
# What an occurrence carries that we had to ask for: the etag, as above, that it was asked for by.
SEEN_BY_RULE = "gsyncByRule"
# The etag of an occurrence that we deleted for the CRM's user: never one that Google gives.
DELETED_FOR_CRM = '"deleted for the CRM"'
# What the rule of a series that Google no longer has is called.
OVER = "over"

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
    by_rule = _by_rule(master)
    found = {
        google_id: _exception(series, part)
        for google_id, part in series.exceptions.items()
        if part.get(SEEN_BY_RULE, by_rule) == by_rule
    }
    for when in occurrences(recurrence_of(series), since_utc, until_utc):
        change = occurrence_of(master, when)
        found.setdefault(change.google_id, change)
    return sorted(found.values(), key=_slot)


def occurrence_of(master: GoogleChange, when: When) -> GoogleChange:
    """Return what Google holds of the occurrence that a series has then, by its rule alone."""
    if master.content is None:
        raise ValueError("a series that is over has no occurrences")
    return replace(
        master,
        google_id=f"{master.google_id}_{slot_name(when)}",
        etag=_by_rule(master),
        content=replace(master.content, when=when),
        series_id=master.google_id,
    )


def _by_rule(master: GoogleChange) -> str:
    return f"{BY_RULE}{master.etag}"


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


def place_of(link: Link) -> datetime:
    """Return when a linked occurrence was meant to start; of a single event, when it starts."""
    return slot_of_id(link.google_id) or start_of(link.google_half.when)


def start_of(when: When) -> datetime:
    """Return when it begins, whole days at midnight UTC."""
    return instants(when, "UTC").start_utc
