"""Three-way merge: no edit is lost unless both sides changed the same field, and then the journal is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.core.merge import changed_fields, merge, with_fields
from plugin.core.model import Event, Field, Side
from tests.builders import an_event, days, unchanged
from tests.strategies import few_events

winners = st.sampled_from(Side)


@given(few_events, few_events, few_events, winners)
def test_edit_of_one_side_alone_is_never_lost(
    base: Event, crm_now: Event, google_now: Event, winner: Side
) -> None:
    merged = merge(
        crm_now=crm_now, crm_half=base, google_now=google_now, google_half=base, winner=winner,
        to_crm=unchanged, to_google=unchanged,
    )  # fmt: skip

    for field in changed_fields(crm_now, base) - changed_fields(google_now, base):
        assert getattr(merged.google_content, field.value) == getattr(crm_now, field.value)
        assert getattr(merged.crm_content, field.value) == getattr(crm_now, field.value)
    for field in changed_fields(google_now, base) - changed_fields(crm_now, base):
        assert getattr(merged.crm_content, field.value) == getattr(google_now, field.value)
        assert getattr(merged.google_content, field.value) == getattr(google_now, field.value)


@given(few_events, few_events, few_events, winners)
def test_both_sides_agree_afterwards(base: Event, crm_now: Event, google_now: Event, winner: Side) -> None:
    merged = merge(
        crm_now=crm_now, crm_half=base, google_now=google_now, google_half=base, winner=winner,
        to_crm=unchanged, to_google=unchanged,
    )  # fmt: skip

    assert merged.crm_content == merged.google_content


@given(few_events, few_events, few_events, winners)
def test_conflict_is_decided_by_the_policy_and_the_loser_is_kept(
    base: Event, crm_now: Event, google_now: Event, winner: Side
) -> None:
    merged = merge(
        crm_now=crm_now, crm_half=base, google_now=google_now, google_half=base, winner=winner,
        to_crm=unchanged, to_google=unchanged,
    )  # fmt: skip

    conflicts = (
        changed_fields(crm_now, base) & changed_fields(google_now, base) & changed_fields(crm_now, google_now)
    )
    kept, loser = (google_now, crm_now) if winner is Side.GOOGLE else (crm_now, google_now)
    assert merged.lost == {field: getattr(loser, field.value) for field in conflicts}
    for field in conflicts:
        assert getattr(merged.crm_content, field.value) == getattr(kept, field.value)


@given(few_events, few_events, winners)
def test_equal_changes_write_nothing(base: Event, now: Event, winner: Side) -> None:
    merged = merge(
        crm_now=now, crm_half=base, google_now=now, google_half=base, winner=winner,
        to_crm=unchanged, to_google=unchanged,
    )  # fmt: skip

    assert (merged.crm_fields, merged.google_fields, merged.lost) == (frozenset(), frozenset(), {})


@given(few_events, few_events, winners)
def test_halves_that_differ_by_themselves_are_left_alone(crm: Event, google: Event, winner: Side) -> None:
    merged = merge(
        crm_now=crm, crm_half=crm, google_now=google, google_half=google, winner=winner,
        to_crm=unchanged, to_google=unchanged,
    )  # fmt: skip

    assert not merged.crm_fields
    assert not merged.google_fields


@pytest.mark.parametrize("winner", Side)
def test_change_that_is_lost_in_translation_writes_nothing(winner: Side) -> None:
    def cut(event: Event) -> Event:
        return replace(event, subject=event.subject[:4])

    half = an_event("long title")
    merged = merge(
        crm_now=cut(half), crm_half=cut(half), google_now=an_event("long tale"), google_half=half,
        winner=winner, to_crm=cut, to_google=unchanged,
    )  # fmt: skip

    assert not merged.crm_fields
    assert not merged.google_fields


@pytest.mark.parametrize("winner", Side)
def test_change_that_is_lost_in_translation_is_no_conflict(winner: Side) -> None:
    def cut(event: Event) -> Event:
        return replace(event, subject=event.subject[:4])

    half, edited = an_event("long title"), an_event("edited")
    merged = merge(
        crm_now=edited, crm_half=cut(half), google_now=an_event("long tale"), google_half=half,
        winner=winner, to_crm=cut, to_google=unchanged,
    )  # fmt: skip

    assert (merged.crm_fields, merged.google_fields) == (frozenset(), {Field.SUBJECT})
    assert (merged.google_content, merged.lost) == (edited, {})


def test_google_edit_that_ends_where_the_crm_stands_writes_nothing() -> None:
    merged = merge(
        crm_now=an_event("long title"), crm_half=an_event("long title"), google_now=an_event("long title"),
        google_half=an_event("long"), winner=Side.GOOGLE, to_crm=unchanged, to_google=unchanged,
    )  # fmt: skip

    assert not merged.crm_fields


def test_crm_edit_that_ends_where_google_stands_writes_nothing() -> None:
    merged = merge(
        crm_now=an_event("long title"), crm_half=an_event("long"), google_now=an_event("long title"),
        google_half=an_event("long title"), winner=Side.GOOGLE, to_crm=unchanged, to_google=unchanged,
    )  # fmt: skip

    assert not merged.google_fields


def test_time_is_one_field() -> None:
    base = an_event()
    assert changed_fields(replace(base, when=days()), base) == {Field.WHEN}


def test_fields_are_taken_over_one_by_one() -> None:
    mixed = with_fields(an_event("mine", location="here"), an_event("theirs"), frozenset({Field.SUBJECT}))

    assert (mixed.subject, mixed.location) == ("theirs", "here")
