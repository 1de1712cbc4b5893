"""The plan: the cap of each direction, the deletion brake, and what waits for a person."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from plugin.core.model import Side
from plugin.core.plan import DeletionLoad, Plan, approval_key, build_plan, written_sides
from plugin.core.reconcile import Action, Decision
from tests.builders import a_crm_change, a_decision, a_google_change, a_link, a_merge

CALM = DeletionLoad(pending=1, recent=0, links=100)
BRAKED = DeletionLoad(pending=101, recent=0, links=10_000)
INTO_CRM = a_decision(Action.CREATE_CRM)
INTO_GOOGLE = a_decision(Action.CREATE_GOOGLE)
INTO_BOTH = a_decision(Action.UPDATE, merged=a_merge(crm=True, google=True))
DELETES = (a_decision(Action.DELETE_CRM), a_decision(Action.DELETE_GOOGLE))
GUESTS = a_google_change(has_guests=True)


def plan_of(
    *decisions: Decision, load: DeletionLoad = CALM, crm_room: int = 100, google_room: int = 100
) -> Plan:
    return build_plan(decisions, load=load, crm_room=crm_room, google_room=google_room)


@pytest.mark.parametrize(
    ("decision", "sides"),
    [
        (INTO_CRM, (Side.CRM,)),
        (a_decision(Action.REVIVE_CRM), (Side.CRM,)),
        (a_decision(Action.DELETE_CRM), (Side.CRM,)),
        (INTO_GOOGLE, (Side.GOOGLE,)),
        (a_decision(Action.DELETE_GOOGLE), (Side.GOOGLE,)),
        (a_decision(Action.UPDATE, merged=a_merge(crm=True)), (Side.CRM,)),
        (a_decision(Action.UPDATE, merged=a_merge(google=True)), (Side.GOOGLE,)),
        (INTO_BOTH, (Side.CRM, Side.GOOGLE)),
        (a_decision(Action.SETTLE), ()),
        (a_decision(Action.BURY), ()),
        (a_decision(Action.RELEASE), ()),
        (a_decision(Action.PARK), ()),
        (a_decision(Action.IGNORE), ()),
    ],
    ids=lambda value: value.action.value if isinstance(value, Decision) else "",
)
def test_decision_is_planned_where_it_writes(decision: Decision, sides: tuple[Side, ...]) -> None:
    assert tuple(written_sides(decision)) == sides
    plan = plan_of(decision)
    assert (decision in plan.crm, decision in plan.google) == (Side.CRM in sides, Side.GOOGLE in sides)
    assert (decision in plan.memory) is (not sides)
    assert not plan.is_empty


def test_nothing_to_do_is_an_empty_plan() -> None:
    assert plan_of().is_empty
    assert Plan().is_empty


def test_cap_counts_each_direction_by_itself() -> None:
    plan = plan_of(INTO_CRM, INTO_CRM, INTO_GOOGLE, crm_room=1, google_room=1)

    assert (len(plan.crm), len(plan.google)) == (1, 1)
    assert (plan.has_more_in_crm, plan.has_more_in_google) == (True, False)


@pytest.mark.parametrize(("crm_room", "google_room"), [(0, 1), (1, 0)])
def test_update_of_both_sides_waits_for_room_on_both(crm_room: int, google_room: int) -> None:
    plan = plan_of(INTO_BOTH, crm_room=crm_room, google_room=google_room)

    assert (plan.crm, plan.google) == ((), ())
    assert (plan.has_more_in_crm, plan.has_more_in_google) == (True, True)


def test_memory_needs_no_room() -> None:
    assert len(plan_of(a_decision(Action.SETTLE), crm_room=0, google_room=0).memory) == 1


@pytest.mark.parametrize(
    ("pending", "recent", "links", "trips"),
    [
        (10, 0, 10, False),
        (11, 0, 54, True),
        (11, 0, 55, False),
        (21, 0, 100, True),
        (100, 0, 10_000, False),
        (101, 0, 10_000, True),
        (1, 100, 10_000, True),
        (0, 500, 10, False),
    ],
    ids=["ten are few", "eleven of 54", "eleven of 55", "over a fifth", "hundred of many", "over a hundred",
         "with those of the last day", "nothing pending"],
)  # fmt: skip
def test_brake_thresholds(pending: int, recent: int, links: int, *, trips: bool) -> None:
    assert DeletionLoad(pending, recent, links).trips_brake is trips


def test_deletions_already_applied_do_not_shrink_what_the_share_is_taken_of() -> None:
    assert not DeletionLoad(pending=20, recent=0, links=100).trips_brake
    assert not DeletionLoad(pending=10, recent=10, links=90).trips_brake


def test_brake_holds_all_deletes_and_nothing_else() -> None:
    plan = plan_of(*DELETES, INTO_CRM, INTO_GOOGLE, load=BRAKED)

    assert plan.held == DELETES
    assert (plan.crm, plan.google) == ((INTO_CRM,), (INTO_GOOGLE,))


def test_approval_lets_the_deletes_through_that_were_seen() -> None:
    guests = a_decision(Action.DELETE_GOOGLE, google=GUESTS, link=a_link(link_id=3))
    approved = frozenset({approval_key(DELETES[1]), approval_key(guests)})

    plan = plan_of(*DELETES, guests, load=replace(BRAKED, approved=approved))

    assert (plan.held, plan.google) == ((DELETES[0],), (DELETES[1], guests))


def test_approval_is_for_one_deletion_of_a_record() -> None:
    def deletion(action: Action, link_id: int, version: str) -> str:
        crm, google = a_crm_change(version=version), a_google_change(etag=version)
        return approval_key(a_decision(action, link=a_link(link_id=link_id), crm=crm, google=google))

    cases = product((Action.DELETE_CRM, Action.DELETE_GOOGLE), (1, 2), ("v1", "v2"))
    assert len({deletion(*case) for case in cases}) == 8


@pytest.mark.parametrize(
    ("decision", "is_held"),
    [
        (a_decision(Action.DELETE_GOOGLE, google=GUESTS), True),
        (a_decision(Action.DELETE_GOOGLE, link=a_link(has_guests=True)), True),
        (a_decision(Action.DELETE_GOOGLE, link=a_link(has_guests=True), google=a_google_change()), False),
        (a_decision(Action.DELETE_GOOGLE, link=a_link(), crm=a_crm_change()), False),
        (a_decision(Action.DELETE_CRM, google=GUESTS), False),
    ],
    ids=["guests now", "guests as last seen", "guests are gone", "no guests", "in the CRM"],
)
def test_event_with_guests_is_not_deleted_in_google_without_approval(
    decision: Decision, *, is_held: bool
) -> None:
    assert (decision in plan_of(decision).held) is is_held
