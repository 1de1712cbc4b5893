"""Three-way merge of one record, field by field: each side against its own half of the base.

`divide` holds for any kind of record; `merge` is an event's, a contact's is in contact_merge.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from plugin.core.model import Content, Event, Field, Side

Translate = Callable[[Content], Content]
# `Field`s of an event, or a contact's slots.
Fields = frozenset[Any]
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Division(Generic[F]):
    """Which fields are written where; of the `conflicts`, those of the losing side are overwritten."""

    crm_fields: frozenset[F]
    google_fields: frozenset[F]
    conflicts: frozenset[F]


def divide(
    *, in_crm: frozenset[F], in_google: frozenset[F], differs_in_crm: frozenset[F], differs_in_google: frozenset[F],
    winner: Side,
) -> Division[F]:  # fmt: skip
    """Return who writes what, of any kind of record.

    `in_*`: what changed there since it was agreed. `differs_in_*`: where the side doesn't hold what the other would put there;
    equal changes on both sides are no conflict and write nothing.
    """
    conflicts = in_crm & in_google & differs_in_crm
    google_wins = conflicts if winner is Side.GOOGLE else frozenset()
    return Division(
        crm_fields=((in_google - in_crm) & differs_in_crm) | google_wins,
        # A CRM edit that ends where Google already stands is nothing to write.
        google_fields=((in_crm - in_google) & differs_in_google) | (conflicts - google_wins),
        conflicts=conflicts,
    )


@dataclass(frozen=True, slots=True)
class Merge:
    """What to write where, and what is lost by it.

    `crm_content` and `google_content` are what each side should hold afterwards; a side whose field set is empty isn't written.
    `lost` maps a conflicting field to the losing value, for the journal. `kept_in_*`: changes that a one-way pair
    leaves where they are, unlike the base.
    """

    crm_fields: Fields
    google_fields: Fields
    crm_content: Content
    google_content: Content
    lost: dict[Any, Any] = field(default_factory=dict)
    kept_in_crm: Fields = frozenset()
    kept_in_google: Fields = frozenset()


def changed_fields(now: Event, half: Event) -> frozenset[Field]:
    """Return the fields in which a side differs from its own half of the base."""
    return frozenset(f for f in Field if getattr(now, f.value) != getattr(half, f.value))


def with_fields(event: Event, source: Event, fields: frozenset[Field]) -> Event:
    """Return `event` with `fields` taken from `source`."""
    return replace(event, **{f.value: getattr(source, f.value) for f in fields})


def merge(
    *, crm_now: Event, crm_half: Event, google_now: Event, google_half: Event, winner: Side,
    to_crm: Translate, to_google: Translate,
) -> Merge:  # fmt: skip
    """Return the merge of both sides' changes; equal changes on both sides are no conflict and write nothing.

    `winner` is the side whose value stands where both changed the same field. `to_crm` says what the CRM would hold of a
    Google event (cut, without emoji), `to_google` the same the other way.
    """
    for_crm, for_google = to_crm(google_now), to_google(crm_now)
    in_crm = changed_fields(crm_now, crm_half)
    # What the CRM can't see (bold type, the end of a title that is cut there) is no change against an edit made there; but who
    # makes an event private means it, where the CRM took it for private already, too.
    seen = changed_fields(for_crm, to_crm(google_half)) | {Field.VISIBILITY}
    in_google = changed_fields(google_now, google_half) & seen
    division = divide(
        in_crm=in_crm,
        in_google=in_google,
        differs_in_crm=changed_fields(for_crm, crm_now),
        differs_in_google=changed_fields(for_google, google_now),
        winner=winner,
    )
    loser = crm_now if winner is Side.GOOGLE else google_now
    return Merge(
        crm_fields=division.crm_fields,
        google_fields=division.google_fields,
        crm_content=with_fields(crm_now, for_crm, division.crm_fields),
        google_content=with_fields(google_now, for_google, division.google_fields),
        lost={f: getattr(loser, f.value) for f in division.conflicts},
    )
