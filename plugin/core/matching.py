"""First contact: what exists on both sides before the first sync is linked, not doubled.

In this order, one to one: by the old module's mapping, then by same title and same times. What is ambiguous (three meetings of
one title at one time against two) is paired in order of age as far as it goes: the rest is new on its side.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from plugin.core.merge import Translate
from plugin.core.model import CrmChange, Event, Field, GoogleChange
from plugin.core.when import instants


@dataclass(frozen=True, slots=True)
class Match:
    """One couple, and the halves of the base to begin with: what differs is then synced as if it had been changed."""

    crm: CrmChange
    google: GoogleChange
    crm_half: Event
    google_half: Event


def match(
    crms: Sequence[CrmChange],
    googles: Sequence[GoogleChange],
    *,
    mapped: Mapping[str, int],
    to_crm: Translate,
    to_google: Translate,
    zone: str,
) -> list[Match]:
    """Return the couples among unlinked records; `mapped` is the old module's memory, google_id → crm_id.

    `zone` is the user's: an all-day event and an activity over the same local midnights take place at the same time.
    """
    free = {crm.crm_id: crm for crm in crms if crm.content is not None}
    couples: list[tuple[CrmChange, GoogleChange]] = []
    left: list[GoogleChange] = []
    for google in googles:
        crm = free.pop(mapped.get(google.google_id, 0), None)
        if crm is not None:
            couples.append((crm, google))
        else:
            left.append(google)
    alike: dict[Hashable, deque[CrmChange]] = defaultdict(deque)
    for crm in free.values():
        if crm.content is not None:  # pragma: no branch - the others were never taken up
            alike[_likeness(crm.content, zone)].append(crm)
    for google in left:
        candidates = (
            alike.get(_likeness(to_crm(google.content), zone)) if google.content is not None else None
        )
        if candidates:
            couples.append((candidates.popleft(), google))
    return [couple(crm, google, to_crm, to_google) for crm, google in couples]


def _likeness(event: Event, zone: str) -> Hashable:
    return " ".join(event.subject.split()).casefold(), instants(event.when, zone)


def couple(crm: CrmChange, google: GoogleChange, to_crm: Translate, to_google: Translate) -> Match:
    """Return the match of two that are one: nothing is wiped out by its absence, two different values are a conflict like any.

    Nobody knows who changed what differs. A side whose half is what the other one holds looks changed; so do both, if both
    have something.
    """
    if crm.content is None or google.content is None:
        raise ValueError("only records that are there are matched")
    crm_half, google_half = crm.content, google.content
    as_crm, as_google = to_crm(google.content), to_google(crm.content)
    for field in Field:
        mine, theirs = getattr(crm.content, field.value), getattr(as_crm, field.value)
        if mine == theirs:
            continue
        if theirs:
            google_half = replace(google_half, **{field.value: getattr(as_google, field.value)})
        if mine:
            crm_half = replace(crm_half, **{field.value: theirs})
    return Match(crm, google, crm_half, google_half)
