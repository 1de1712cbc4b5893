"""The tables of plugin/core/reconcile.py, walked through: one row per situation, its reason as the test's name."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from plugin.core.model import CrmChange, Field, GoogleChange, Link, LinkState, Marker, Policy, Presence, Side
from plugin.core.reconcile import Action, Reason, decision_tables, reconcile
from tests.builders import a_crm_change, a_google_change, a_link, a_tombstone, an_event, the_rules

AGREED, EDITED, OTHER = an_event("agreed"), an_event("edited"), an_event("other")
LIVE = a_link(AGREED)
DEAD = replace(LIVE, state=LinkState.DEAD)
RELEASED = replace(LIVE, state=LinkState.RELEASED)
OF_GOOGLE = replace(LIVE, origin=Side.GOOGLE)
WITH_GUESTS = replace(LIVE, has_guests=True)

CRM_SAME, CRM_EDITED = a_crm_change(AGREED), a_crm_change(EDITED)
CRM_BINNED = a_crm_change(AGREED, presence=Presence.GONE)
CRM_PURGED = CrmChange(crm_id=11, presence=Presence.GONE, version="", content=None)
CRM_LEFT = a_crm_change(AGREED, presence=Presence.LEFT)

SAME, GOOGLE_EDITED, GONE = a_google_change(AGREED), a_google_change(EDITED), a_tombstone()
ELSEWISE_EDITED = a_google_change(OTHER)
CRM_REPEATS = replace(CRM_EDITED, repeats=True)
OCCURRENCE = replace(GOOGLE_EDITED, series_id="series")
GUESTS = replace(SAME, has_guests=True)
NO_GUESTS = replace(SAME, has_guests=False)
DECLINED = replace(GOOGLE_EDITED, is_declined=True)
MARKED = replace(GOOGLE_EDITED, marker=Marker("other-install", "key9"))


@dataclass(frozen=True)
class Case:
    link: Link | None
    crm: CrmChange | None
    google: GoogleChange | None
    action: Action
    reason: Reason


CASES = {
    # --- no link ---
    "new in the CRM": Case(None, CRM_SAME, None, Action.CREATE_GOOGLE, Reason.NEW_IN_CRM),
    "new in Google": Case(None, None, SAME, Action.CREATE_CRM, Reason.NEW_IN_GOOGLE),
    "deleted in the CRM before ever synced": Case(
        None, CRM_BINNED, None, Action.IGNORE, Reason.NEVER_SEEN
    ),
    "purged in the CRM before ever synced": Case(None, CRM_PURGED, None, Action.IGNORE, Reason.NEVER_SEEN),
    "nothing at all": Case(None, None, None, Action.IGNORE, Reason.NEVER_SEEN),
    "deleted in Google before ever synced": Case(None, None, GONE, Action.IGNORE, Reason.NEVER_SEEN),
    "new repeating activity": Case(None, CRM_REPEATS, None, Action.CREATE_GOOGLE, Reason.NEW_IN_CRM),
    "new, inherited from a deleted user": Case(
        None, replace(CRM_SAME, is_transferred=True), None, Action.PARK, Reason.TRANSFERRED
    ),
    "new occurrence": Case(None, None, OCCURRENCE, Action.CREATE_CRM, Reason.NEW_IN_GOOGLE),
    "cancelled occurrence": Case(
        None, None, replace(GONE, series_id="series"), Action.IGNORE, Reason.NEVER_SEEN
    ),
    "marked by another connection": Case(None, None, MARKED, Action.PARK, Reason.FOREIGN_MARKER),
    "declined invitation": Case(None, None, DECLINED, Action.IGNORE, Reason.DECLINED),
    # --- a living link, quiet ---
    "no news": Case(LIVE, None, None, Action.SETTLE, Reason.ECHO),
    "echo from Google": Case(LIVE, None, SAME, Action.SETTLE, Reason.ECHO),
    "echo from the CRM": Case(LIVE, CRM_SAME, None, Action.SETTLE, Reason.ECHO),
    "echo from both": Case(LIVE, CRM_SAME, SAME, Action.SETTLE, Reason.ECHO),
    "same edit on both": Case(LIVE, CRM_EDITED, GOOGLE_EDITED, Action.SETTLE, Reason.ECHO),
    # --- edits ---
    "edited in Google": Case(LIVE, None, GOOGLE_EDITED, Action.UPDATE, Reason.CHANGED),
    "edited in Google, touched in CRM": Case(LIVE, CRM_SAME, GOOGLE_EDITED, Action.UPDATE, Reason.CHANGED),
    "edited in CRM": Case(LIVE, CRM_EDITED, None, Action.UPDATE, Reason.CHANGED),
    "edited in CRM, touched in Google": Case(LIVE, CRM_EDITED, SAME, Action.UPDATE, Reason.CHANGED),
    "edited differently on both": Case(LIVE, CRM_EDITED, ELSEWISE_EDITED, Action.UPDATE, Reason.CHANGED),
    "linked event declined": Case(LIVE, None, DECLINED, Action.UPDATE, Reason.CHANGED),
    # --- deletions ---
    "binned in the CRM": Case(LIVE, CRM_BINNED, None, Action.DELETE_GOOGLE, Reason.DELETED_IN_CRM),
    "purged in the CRM": Case(LIVE, CRM_PURGED, None, Action.DELETE_GOOGLE, Reason.DELETED_IN_CRM),
    "binned in the CRM, echo": Case(LIVE, CRM_BINNED, SAME, Action.DELETE_GOOGLE, Reason.DELETED_IN_CRM),
    "binned in the CRM, edited in Google": Case(
        LIVE, CRM_BINNED, GOOGLE_EDITED, Action.REVIVE_CRM, Reason.EDIT_SURVIVES_CRM_DELETE
    ),
    "deleted in Google": Case(LIVE, None, GONE, Action.DELETE_CRM, Reason.DELETED_IN_GOOGLE),
    "deleted in Google, touched in CRM": Case(
        LIVE, CRM_SAME, GONE, Action.DELETE_CRM, Reason.DELETED_IN_GOOGLE
    ),
    "deleted in Google, edited in CRM": Case(
        LIVE, CRM_EDITED, GONE, Action.CREATE_GOOGLE, Reason.EDIT_SURVIVES_GOOGLE_DELETE
    ),
    "deleted on both": Case(LIVE, CRM_BINNED, GONE, Action.BURY, Reason.GONE_ON_BOTH),
    # --- left the set ---
    "reassigned, made in the CRM": Case(LIVE, CRM_LEFT, None, Action.DELETE_GOOGLE, Reason.LEFT_SET),
    "reassigned, echo": Case(LIVE, CRM_LEFT, NO_GUESTS, Action.DELETE_GOOGLE, Reason.LEFT_SET),
    "reassigned, made in Google": Case(OF_GOOGLE, CRM_LEFT, None, Action.RELEASE, Reason.LEFT_SET),
    "reassigned, had guests": Case(WITH_GUESTS, CRM_LEFT, None, Action.RELEASE, Reason.LEFT_SET),
    "reassigned, has guests now": Case(LIVE, CRM_LEFT, GUESTS, Action.RELEASE, Reason.LEFT_SET),
    "reassigned, guests are gone": Case(
        WITH_GUESTS, CRM_LEFT, NO_GUESTS, Action.DELETE_GOOGLE, Reason.LEFT_SET
    ),
    "transferred, made in the CRM": Case(
        LIVE, replace(CRM_LEFT, is_transferred=True), None, Action.RELEASE, Reason.LEFT_SET
    ),
    "transferred, echo": Case(
        LIVE, replace(CRM_LEFT, is_transferred=True), NO_GUESTS, Action.RELEASE, Reason.LEFT_SET
    ),
    "reassigned, edited in Google": Case(LIVE, CRM_LEFT, GOOGLE_EDITED, Action.RELEASE, Reason.LEFT_SET),
    "reassigned, deleted in Google": Case(LIVE, CRM_LEFT, GONE, Action.BURY, Reason.LEFT_SET),
    # --- repeats ---
    "linked occurrence edited in Google": Case(LIVE, None, OCCURRENCE, Action.UPDATE, Reason.CHANGED),
    "linked activity repeats": Case(LIVE, CRM_REPEATS, None, Action.UPDATE, Reason.CHANGED),
    "repeats, and deleted in Google": Case(
        LIVE, CRM_REPEATS, GONE, Action.CREATE_GOOGLE, Reason.EDIT_SURVIVES_GOOGLE_DELETE
    ),
    "repeating activity binned": Case(
        LIVE, replace(CRM_BINNED, repeats=True), None, Action.DELETE_GOOGLE, Reason.DELETED_IN_CRM
    ),
    # --- a dead link ---
    "restored in Google": Case(DEAD, CRM_BINNED, SAME, Action.REVIVE_CRM, Reason.RESTORED_IN_GOOGLE),
    "restored and edited in Google": Case(
        DEAD, CRM_BINNED, GOOGLE_EDITED, Action.REVIVE_CRM, Reason.RESTORED_IN_GOOGLE
    ),
    "restored in Google, CRM unknown": Case(DEAD, None, SAME, Action.REVIVE_CRM, Reason.RESTORED_IN_GOOGLE),
    "edited after restore, CRM unknown": Case(
        DEAD, None, GOOGLE_EDITED, Action.REVIVE_CRM, Reason.RESTORED_IN_GOOGLE
    ),
    "restored in the CRM": Case(DEAD, CRM_SAME, None, Action.CREATE_GOOGLE, Reason.RESTORED_IN_CRM),
    "restored and edited in CRM": Case(DEAD, CRM_EDITED, None, Action.CREATE_GOOGLE, Reason.RESTORED_IN_CRM),
    "restored in the CRM, old tombstone": Case(
        DEAD, CRM_SAME, GONE, Action.CREATE_GOOGLE, Reason.RESTORED_IN_CRM
    ),
    "edited after restore, old tombstone": Case(
        DEAD, CRM_EDITED, GONE, Action.CREATE_GOOGLE, Reason.RESTORED_IN_CRM
    ),
    "restored on both": Case(DEAD, CRM_SAME, SAME, Action.SETTLE, Reason.ECHO),
    "restored on both, edited in Google": Case(
        DEAD, CRM_SAME, GOOGLE_EDITED, Action.UPDATE, Reason.CHANGED
    ),
    "restored on both, edited in CRM": Case(DEAD, CRM_EDITED, SAME, Action.UPDATE, Reason.CHANGED),
    "restored and edited on both": Case(DEAD, CRM_EDITED, ELSEWISE_EDITED, Action.UPDATE, Reason.CHANGED),
    "tombstone of a dead link again": Case(DEAD, CRM_BINNED, GONE, Action.IGNORE, Reason.GONE_ON_BOTH),
    "dead link, nobody says anything": Case(DEAD, None, None, Action.IGNORE, Reason.GONE_ON_BOTH),
    "restored in Google, but reassigned": Case(DEAD, CRM_LEFT, SAME, Action.RELEASE, Reason.LEFT_SET),
    "restored and edited in Google, but reassigned": Case(
        DEAD, CRM_LEFT, GOOGLE_EDITED, Action.RELEASE, Reason.LEFT_SET
    ),
    # --- a released link ---
    "released, echo": Case(RELEASED, CRM_LEFT, SAME, Action.IGNORE, Reason.LEFT_SET),
    "released, edited in Google": Case(RELEASED, CRM_LEFT, GOOGLE_EDITED, Action.PARK, Reason.LEFT_SET),
    "released, edited in Google, CRM unknown": Case(
        RELEASED, None, GOOGLE_EDITED, Action.PARK, Reason.LEFT_SET
    ),
    "released, deleted in Google": Case(RELEASED, CRM_LEFT, GONE, Action.BURY, Reason.LEFT_SET),
    "released, no news": Case(RELEASED, CRM_LEFT, None, Action.IGNORE, Reason.LEFT_SET),
    "came back": Case(RELEASED, CRM_SAME, None, Action.SETTLE, Reason.ECHO),
    "came back edited": Case(RELEASED, CRM_EDITED, None, Action.UPDATE, Reason.CHANGED),
    "came back, edited in Google meanwhile": Case(
        RELEASED, CRM_SAME, GOOGLE_EDITED, Action.UPDATE, Reason.CHANGED
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_situation_leads_to_its_action(case: Case) -> None:
    decision = reconcile(case.link, case.crm, case.google, the_rules())

    assert (decision.action, decision.reason) == (case.action, case.reason)
    assert (decision.link, decision.crm, decision.google) == (case.link, case.crm, case.google)


@pytest.mark.parametrize(("crm", "google"), [(CRM_SAME, None), (None, SAME)], ids=["in the CRM", "in Google"])
def test_unlinked_record_before_the_limit_is_ignored(
    crm: CrmChange | None, google: GoogleChange | None
) -> None:
    decision = reconcile(None, crm, google, the_rules(is_before_limit=lambda event: True))

    assert (decision.action, decision.reason) == (Action.IGNORE, Reason.BEFORE_LIMIT)


def test_linked_record_before_the_limit_is_synced_on() -> None:
    decision = reconcile(LIVE, CRM_EDITED, None, the_rules(is_before_limit=lambda event: True))

    assert decision.action is Action.UPDATE


@pytest.mark.parametrize(
    ("policy", "crm_fields", "google_fields", "lost"),
    [
        (Policy.GOOGLE_WINS, {Field.SUBJECT}, set(), "edited"),
        (Policy.CRM_WINS, set(), {Field.SUBJECT}, "other"),
    ],
    ids=["Google wins", "CRM wins"],
)
def test_conflict_goes_by_the_policy_and_tells_what_is_lost(
    policy: Policy, crm_fields: set[Field], google_fields: set[Field], lost: str
) -> None:
    decision = reconcile(LIVE, CRM_EDITED, ELSEWISE_EDITED, the_rules(policy=policy))

    assert decision.merged is not None
    assert (decision.merged.crm_fields, decision.merged.google_fields) == (crm_fields, google_fields)
    assert decision.lost == {Field.SUBJECT: lost}


def test_decision_without_a_merge_loses_nothing() -> None:
    assert reconcile(LIVE, CRM_BINNED, None, the_rules()).lost == {}


def test_tables_are_told_for_the_documentation() -> None:
    assert [title for title, _ in decision_tables()] == ["A live link", "A dead link"]
