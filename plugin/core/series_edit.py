"""An edit that the CRM's user made to "all" of a series, said once of Google's series instead of once per occurrence.

The CRM edits its activities one by one. Patched one by one, too, each occurrence would be an exception that no longer follows
its series, and what comes within the horizon later would be as the series was before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from plugin.core.mapping.google_event import change_from_resource
from plugin.core.model import Field, Link, LinkState
from plugin.core.reconcile import Action, Decision, Reason
from plugin.core.recurrence import Recurrence, has_end, occurrences, postponed, slot_name
from plugin.core.series import SEEN_BY_RULE, Series, place_of, recurrence_of, slot_of_id, start_of, take_place
from plugin.core.when import Timed

# An edit of one is an edit of one.
FEWEST = 2
# Farther than any series is looked at.
EVER = timedelta(days=36500)


def is_part_of_an_edit(decision: Decision) -> bool:
    """Tell whether it changes an occurrence in Google, and nothing in the CRM."""
    link, merged = decision.link, decision.merged
    return (
        decision.action is Action.UPDATE
        and link is not None
        and link.series_id is not None
        and link.state is LinkState.LIVE
        and merged is not None
        and bool(merged.google_fields)
        and not merged.crm_fields
    )


def edit_of_series(series: Series, links: Iterable[Link], decisions: Iterable[Decision]) -> Decision | None:
    """Return the one edit that says the same as these `decisions`, for all but exceptions; None if there is no such.

    It is one only if every occurrence from the very first to the last one linked is to be changed alike, or keeps its own
    appearance as an exception does: one that the CRM doesn't hold isn't the CRM's user's to change. Raises MappingError if the
    series' rule can't be read.
    """
    if series.is_over or series.is_single:
        return None
    ordinary = [
        d
        for d in decisions
        if is_part_of_an_edit(d) and d.link and not _is_exception(series, d.link.google_id)
    ]
    members = tuple(sorted(ordinary, key=lambda d: place_of(d.link) if d.link else EVER))
    if len(members) < FEWEST or not _are_alike(members) or not _are_all(series, links, members):
        return None
    lines: tuple[str, ...] | None = None
    first = members[0]
    if first.merged is not None and Field.WHEN in first.merged.google_fields:
        moved = _moved(series, links, members)
        if moved is None:
            return None
        lines = moved.lines
    master = change_from_resource(series.master)
    return Decision(
        Action.UPDATE,
        Reason.CHANGED,
        first.link,
        first.crm,
        master,
        first.merged,
        members=members,
        lines=lines,
    )


def _is_exception(series: Series, google_id: str) -> bool:
    return SEEN_BY_RULE not in series.exceptions.get(google_id, {SEEN_BY_RULE: ""})


def _are_alike(members: Sequence[Decision]) -> bool:
    """Tell whether the same is to be written of all; a time of day is looked at by `_moved`."""

    def written(decision: Decision) -> object:
        merged, crm = decision.merged, decision.crm
        if merged is None or crm is None or crm.content is None:
            return None
        fields = sorted(f.value for f in merged.google_fields)
        plain = [name for name in fields if name != Field.WHEN.value]
        return fields, [(getattr(merged.google_content, n), getattr(crm.content, n)) for n in plain]

    said = [written(decision) for decision in members]
    return said[0] is not None and all(one == said[0] for one in said)


def _are_all(series: Series, links: Iterable[Link], members: Sequence[Decision]) -> bool:
    """Tell whether the members are all that takes place by the rule alone, up to the last one linked."""
    own = [link for link in links if link.series_id == series.google_id]
    last = max(place_of(link) for link in own)
    day = timedelta(days=1)
    there = take_place(series, start_of(recurrence_of(series).first) - day, last + day)
    by_rule = {
        c.google_id
        for c in there
        if c.content is not None
        and not _is_exception(series, c.google_id)
        and (slot_of_id(c.google_id) or last) <= last
    }
    return by_rule == {decision.link.google_id for decision in members if decision.link}


def _moved(series: Series, links: Iterable[Link], members: Sequence[Decision]) -> Recurrence | None:
    """Return the rule by which the members take place when they are to; None where one start and one rule don't say it.

    With exceptions, cancelled ones included, or dates beside the rule nobody knows what Google makes of those. And no
    occurrence may take the place of another, whose link it would be mixed up with.
    """
    before = recurrence_of(series)
    wanted = [d.merged.google_content.when for d in members if d.merged is not None]
    first = wanted[0]
    has_exceptions = any(SEEN_BY_RULE not in part for part in series.exceptions.values())
    if (
        has_exceptions
        or len(before.lines) != 1
        or not isinstance(first, Timed)
        or not isinstance(before.first, Timed)
    ):
        return None
    after = postponed(replace(before, first=first), first.start_utc - before.first.start_utc)
    taken = {link.google_id for link in links} & {f"{series.google_id}_{slot_name(when)}" for when in wanted}
    if taken or occurrences(after, first.start_utc, start_of(wanted[-1]) + timedelta(seconds=1)) != wanted:
        return None
    # A rule with an end must not gain or lose one behind what the CRM holds.
    is_as_long = not has_end(before) or _count(after, first) == _count(before, before.first)
    return after if is_as_long else None


def _count(recurrence: Recurrence, first: Timed) -> int:
    return len(occurrences(recurrence, first.start_utc, first.start_utc + EVER))
