"""First contact: what is on both sides already becomes a couple, one to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from plugin.core.matching import Match, match
from plugin.core.merge import Merge, merge
from plugin.core.model import CrmChange, Field, GoogleChange, Side
from tests.builders import (
    MADRID,
    a_crm_change,
    a_google_change,
    a_tombstone,
    an_event,
    days,
    hours,
    unchanged,
)

LUNCH = an_event("Lunch")


def crm(crm_id: int, subject: str = "Lunch", **fields: object) -> CrmChange:
    return a_crm_change(replace(LUNCH, subject=subject, **fields), crm_id=crm_id)  # type: ignore[arg-type]


def google(google_id: str, subject: str = "Lunch", **fields: object) -> GoogleChange:
    event = replace(LUNCH, subject=subject, **fields)  # type: ignore[arg-type]
    return a_google_change(event, google_id=google_id)


def matches(
    crms: Sequence[CrmChange],
    googles: Sequence[GoogleChange],
    mapped: Mapping[str, int] | None = None,
) -> list[Match]:
    return match(crms, googles, mapped=mapped or {}, to_crm=unchanged, to_google=unchanged, zone=MADRID)


def couples(found: Sequence[Match]) -> set[tuple[int, str]]:
    return {(m.crm.crm_id, m.google.google_id) for m in found}


def test_same_title_and_times_are_a_couple() -> None:
    assert couples(matches([crm(1)], [google("a")])) == {(1, "a")}


@pytest.mark.parametrize("title", ["lunch", "  Lunch ", "LUNCH"])
def test_case_and_spaces_don_t_matter(title: str) -> None:
    assert couples(matches([crm(1, title)], [google("a")])) == {(1, "a")}


@pytest.mark.parametrize(
    "other", [google("a", "Dinner"), google("a", when=hours("2027-03-02T09:01"))], ids=["title", "time"]
)
def test_another_title_or_time_is_another_event(other: GoogleChange) -> None:
    assert matches([crm(1)], [other]) == []


def test_all_day_event_and_activity_over_the_same_midnights_are_a_couple() -> None:
    over_midnights = hours("2027-03-01T23:00", "2027-03-02T23:00")

    assert couples(matches([crm(1, when=over_midnights)], [google("a", when=days())])) == {(1, "a")}


def test_old_module_s_memory_comes_first() -> None:
    found = matches([crm(1), crm(2, "Renamed")], [google("a")], mapped={"a": 2})

    assert couples(found) == {(2, "a")}


def test_memory_of_a_record_that_is_gone_does_not_count() -> None:
    assert couples(matches([crm(1)], [google("a")], mapped={"a": 9})) == {(1, "a")}


def test_like_ones_are_paired_one_to_one_as_far_as_they_go() -> None:
    found = matches([crm(1), crm(2)], [google("a"), google("b"), google("c")])

    assert couples(found) == {(1, "a"), (2, "b")}


def test_what_is_not_there_is_not_matched() -> None:
    assert matches([replace(crm(1), content=None)], [google("a")]) == []
    assert matches([crm(1)], [a_tombstone()]) == []


def test_what_is_not_there_is_not_matched_even_by_memory() -> None:
    with pytest.raises(ValueError, match="there"):
        matches([crm(1)], [a_tombstone(google_id="a")], mapped={"a": 1})


def test_equal_records_agree_from_the_start() -> None:
    [found] = matches([crm(1)], [google("a")])

    assert found.crm_half == found.google_half == LUNCH


@pytest.mark.parametrize(
    ("winner", "stays", "lost"), [(Side.GOOGLE, "there", "here"), (Side.CRM, "here", "there")]
)
def test_difference_is_a_conflict(winner: Side, stays: str, lost: str) -> None:
    [found] = matches([crm(1, location="here")], [google("a", location="there")])

    merged = merged_by(found, winner)

    assert (merged.crm_content.location, merged.google_content.location) == (stays, stays)
    assert merged.lost == {Field.LOCATION: lost}


@pytest.mark.parametrize("winner", Side)
@pytest.mark.parametrize(("mine", "theirs"), [("here", ""), ("", "there")])
def test_absence_wipes_nothing_out(winner: Side, mine: str, theirs: str) -> None:
    [found] = matches([crm(1, location=mine)], [google("a", location=theirs)])

    merged = merged_by(found, winner)

    stays = mine or theirs
    assert (merged.crm_content.location, merged.google_content.location) == (stays, stays)
    assert merged.lost == {}


def merged_by(found: Match, winner: Side) -> Merge:
    """What the first pass makes of a couple."""
    return merge(
        crm_now=found.crm.content, crm_half=found.crm_half, google_now=found.google.content,
        google_half=found.google_half, winner=winner, to_crm=unchanged, to_google=unchanged,
    )  # fmt: skip
