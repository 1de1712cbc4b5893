"""First contact: what is on both sides already becomes a couple, one to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from plugin.core.matching import Match, match
from plugin.core.model import CrmChange, GoogleChange, Policy
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
    policy: Policy = Policy.GOOGLE_WINS,
) -> list[Match]:
    return match(
        crms, googles, mapped=mapped or {}, policy=policy,
        to_crm=unchanged, to_google=unchanged, zone=MADRID,
    )  # fmt: skip


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


@pytest.mark.parametrize("policy", Policy)
def test_equal_records_agree_from_the_start(policy: Policy) -> None:
    [found] = matches([crm(1)], [google("a")], policy=policy)

    assert found.crm_half == found.google_half == LUNCH


def test_difference_counts_as_google_s_change_where_google_wins() -> None:
    [found] = matches([crm(1, location="here")], [google("a", location="there")])

    assert (found.crm_half.location, found.google_half.location) == ("here", "here")


def test_difference_counts_as_the_crm_s_change_where_the_crm_wins() -> None:
    [found] = matches([crm(1, location="here")], [google("a", location="there")], policy=Policy.CRM_WINS)

    assert (found.crm_half.location, found.google_half.location) == ("there", "there")


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize(("mine", "theirs"), [("here", ""), ("", "there")])
def test_absence_wipes_nothing_out(policy: Policy, mine: str, theirs: str) -> None:
    [found] = matches([crm(1, location=mine)], [google("a", location=theirs)], policy=policy)

    # The side that has a value looks changed against its half; the other one doesn't.
    assert (found.crm_half.location != mine) is bool(mine)
    assert (found.google_half.location != theirs) is bool(theirs)
