"""One-way pairs: what would be written against the direction stays where it is, and stays different from its half."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.core import one_way
from plugin.core.model import (
    CrmChange,
    Direction,
    Event,
    Field,
    GoogleChange,
    Link,
    LinkState,
    Policy,
    Presence,
    Side,
)
from plugin.core.one_way import instead_tables, keep_to, policy_in
from plugin.core.plan import written_sides
from plugin.core.reconcile import Action, Decision, Reason, reconcile
from tests.builders import a_crm_change, a_google_change, a_link, a_tombstone, an_event, the_rules
from tests.strategies import few_events

AGREED = an_event("agreed", location="here")
IN_CRM, IN_GOOGLE = an_event("CRM's", location="here"), an_event("agreed", location="there")
LIVE = a_link(AGREED)
DEAD, OF_GOOGLE = replace(LIVE, state=LinkState.DEAD), replace(LIVE, origin=Side.GOOGLE)

SAME_C, EDITED_C = a_crm_change(AGREED), a_crm_change(IN_CRM)
BINNED = a_crm_change(AGREED, presence=Presence.GONE)
LEFT = a_crm_change(AGREED, presence=Presence.LEFT)
SAME_G, EDITED_G, GONE = a_google_change(AGREED), a_google_change(IN_GOOGLE), a_tombstone()

TO_CRM, TO_GOOGLE = Direction.GOOGLE_TO_CRM, Direction.CRM_TO_GOOGLE


@dataclass(frozen=True)
class Case:
    link: Link | None
    crm: CrmChange | None
    google: GoogleChange | None
    to_crm: tuple[Action, Reason]
    to_google: tuple[Action, Reason]


def kept(action: Action) -> tuple[Action, Reason]:
    return action, Reason.ONE_WAY


CHANGED = (Action.UPDATE, Reason.CHANGED)
CASES = {
    "new in the CRM": Case(None, SAME_C, None, kept(Action.PARK), (Action.CREATE_GOOGLE, Reason.NEW_IN_CRM)),
    "new in Google": Case(None, None, SAME_G, (Action.CREATE_CRM, Reason.NEW_IN_GOOGLE), kept(Action.IGNORE)),
    "edited in the CRM": Case(LIVE, EDITED_C, None, kept(Action.SETTLE), CHANGED),
    "edited in Google": Case(LIVE, None, EDITED_G, CHANGED, kept(Action.SETTLE)),
    "edited on both": Case(LIVE, EDITED_C, EDITED_G, CHANGED, CHANGED),
    "echo": Case(LIVE, SAME_C, SAME_G, (Action.SETTLE, Reason.ECHO), (Action.SETTLE, Reason.ECHO)),
    "deleted in the CRM": Case(
        LIVE, BINNED, None, kept(Action.PARK), (Action.DELETE_GOOGLE, Reason.DELETED_IN_CRM)
    ),
    "deleted in Google": Case(
        LIVE, None, GONE, (Action.DELETE_CRM, Reason.DELETED_IN_GOOGLE), kept(Action.SETTLE)
    ),
    "deleted in the CRM, edited in Google": Case(
        LIVE, BINNED, EDITED_G, (Action.REVIVE_CRM, Reason.EDIT_SURVIVES_CRM_DELETE), kept(Action.PARK)
    ),
    "deleted in Google, edited in the CRM": Case(
        LIVE, EDITED_C, GONE, kept(Action.PARK), (Action.CREATE_GOOGLE, Reason.EDIT_SURVIVES_GOOGLE_DELETE)
    ),
    "deleted on both": Case(
        LIVE, BINNED, GONE, (Action.BURY, Reason.GONE_ON_BOTH), (Action.BURY, Reason.GONE_ON_BOTH)
    ),
    "restored in the CRM": Case(
        DEAD, SAME_C, None, kept(Action.PARK), (Action.CREATE_GOOGLE, Reason.RESTORED_IN_CRM)
    ),
    "restored in Google": Case(
        DEAD, BINNED, SAME_G, (Action.REVIVE_CRM, Reason.RESTORED_IN_GOOGLE), kept(Action.PARK)
    ),
    "reassigned, made in the CRM": Case(
        LIVE, LEFT, None, (Action.RELEASE, Reason.LEFT_SET), (Action.DELETE_GOOGLE, Reason.LEFT_SET)
    ),
    "reassigned, made in Google": Case(
        OF_GOOGLE, LEFT, None, (Action.RELEASE, Reason.LEFT_SET), (Action.RELEASE, Reason.LEFT_SET)
    ),
}


def decide(
    direction: Direction, link: Link | None, crm: CrmChange | None, google: GoogleChange | None
) -> Decision:
    policy = policy_in(direction, Policy.GOOGLE_WINS)
    return keep_to(direction, reconcile(link, crm, google, the_rules(policy=policy)))


@pytest.mark.parametrize("direction", [TO_CRM, TO_GOOGLE], ids=["Google to CRM", "CRM to Google"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_situation_leads_to_its_action_in_each_direction(case: Case, direction: Direction) -> None:
    decision = decide(direction, case.link, case.crm, case.google)

    expected = case.to_crm if direction is TO_CRM else case.to_google
    assert (decision.action, decision.reason) == expected
    assert set(written_sides(decision)) <= {Side.CRM if direction is TO_CRM else Side.GOOGLE}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_both_ways_nothing_is_taken_away(case: Case) -> None:
    decision = reconcile(case.link, case.crm, case.google, the_rules())

    assert keep_to(Direction.BOTH, decision) is decision


def test_edits_of_different_fields_are_written_in_the_direction_and_kept_against_it() -> None:
    to_crm, to_google = (decide(d, LIVE, EDITED_C, EDITED_G).merged for d in (TO_CRM, TO_GOOGLE))

    assert to_crm is not None
    assert to_google is not None
    assert (to_crm.crm_fields, to_crm.kept_in_crm) == ({Field.LOCATION}, {Field.SUBJECT})
    assert (to_google.google_fields, to_google.kept_in_google) == ({Field.SUBJECT}, {Field.LOCATION})
    assert to_crm.google_fields == to_crm.kept_in_google == frozenset()
    assert to_google.crm_fields == to_google.kept_in_crm == frozenset()


@pytest.mark.parametrize("policy", Policy)
def test_conflict_is_won_by_the_side_that_is_read(policy: Policy) -> None:
    assert policy_in(Direction.BOTH, policy) is policy
    assert policy_in(TO_CRM, policy) is Policy.GOOGLE_WINS
    assert policy_in(TO_GOOGLE, policy) is Policy.CRM_WINS


@given(st.sampled_from([TO_CRM, TO_GOOGLE]), few_events, few_events, few_events)
def test_one_way_never_writes_the_other_side(
    direction: Direction, base: Event, crm_now: Event, google_now: Event
) -> None:
    decision = decide(direction, a_link(base), a_crm_change(crm_now), a_google_change(google_now))

    against = Side.GOOGLE if direction is TO_CRM else Side.CRM
    assert against not in written_sides(decision)


@pytest.mark.parametrize(
    ("link", "google"),
    [(replace(LIVE, is_read_only=True), None), (LIVE, a_google_change(AGREED, is_read_only=True))],
    ids=["as remembered", "as Google says now"],
)
def test_what_google_lets_nobody_change_is_not_written_there(link: Link, google: GoogleChange | None) -> None:
    decision = one_way.decide(Direction.BOTH, link, EDITED_C, google, the_rules(policy=Policy.CRM_WINS))

    assert (decision.action, decision.reason) == (Action.SETTLE, Reason.READ_ONLY)
    assert written_sides(decision) == ()


def test_tables_are_told_for_the_documentation() -> None:
    assert set(instead_tables()) == set(Direction)
