"""What it means to be `State`: one suite for the fake and for the tables on MariaDB, in both SQL modes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from plugin.core.errors import RefusedError
from plugin.core.mapping.google_event import Resource
from plugin.core.model import Link, LinkState, Side, Visibility
from plugin.core.reconcile import Action, Reason
from plugin.sync.memory_ports import UNTOLD, JournalEntry, ParkedItem, State
from tests.builders import NOW, a_draft, a_resource, an_event, an_intent, days
from tests.contract.crm_contract import CrmRig

T = TypeVar("T")


def do(rig: CrmRig, act: Callable[[State], T]) -> T:
    with rig.unit_of_work() as uow:
        result = act(uow.state)
        uow.commit()
        return result


def waiting(rig: CrmRig, limit: int = 100) -> list[str]:
    return [r["id"] for r in do(rig, lambda state: state.load_inbox(limit, rig.clock()))]


def put(rig: CrmRig, *resources: Resource) -> None:
    do(rig, lambda state: state.save_inbox(resources, rig.clock()))


def listing(rig: CrmRig, resources: Sequence[Resource] = (), **about: Any) -> None:
    given = {"sync_token": "token1", "list_hash": "hash1", "is_full": False, "now_utc": rig.clock(), **about}
    do(rig, lambda state: state.save_listing(resources, **given))


def park(rig: CrmRig, google_id: str = "google1", etag: str = '"1"', **fields: Any) -> None:
    do(
        rig,
        lambda state: state.park([ParkedItem(Side.GOOGLE, google_id, etag, "why", **fields)], rig.clock()),
    )


def tombstone(google_id: str) -> Resource:
    return {"id": google_id, "status": "cancelled", "etag": '"9"'}


def deleted(action: Action) -> JournalEntry:
    return JournalEntry(action.value, "why", "crm", 11, "google1")


class StateContract:
    """Every test is a promise that the use cases count on."""

    # --- inbox ---

    def test_listing_brings_its_events_in_order(self, rig: CrmRig) -> None:
        first, second = a_resource("google1", summary="🎉"), a_resource("google2")
        listing(rig, [first, second])

        assert do(rig, lambda state: list(state.load_inbox(10, NOW))) == [first, second]
        assert do(rig, lambda state: state.count_inbox(NOW)) == 2
        assert waiting(rig, limit=1) == ["google1"]

    def test_newer_state_takes_the_place_of_the_older_one(self, rig: CrmRig) -> None:
        put(rig, a_resource("google1"), a_resource("google2"))
        newer = a_resource("google1", etag='"2"', summary="Newer")
        put(rig, newer)

        assert do(rig, lambda state: state.load_inbox(10, NOW))[0] == newer
        assert waiting(rig) == ["google1", "google2"]

    def test_ids_that_differ_by_case_are_two_events(self, rig: CrmRig) -> None:
        put(rig, a_resource("google1a"), a_resource("google1A"))

        assert len(waiting(rig)) == 2

    def test_only_the_state_that_was_dealt_with_is_removed(self, rig: CrmRig) -> None:
        put(
            rig,
            a_resource("google1"),
            a_resource("google2", etag='"2"'),
            {"id": "google3", "status": "cancelled"},
        )
        do(rig, lambda state: state.remove_inbox([("google1", '"1"'), ("google2", '"1"'), ("google3", "")]))

        assert waiting(rig) == ["google2"]
        do(rig, lambda state: state.remove_inbox([]))

    def test_parked_event_waits_until_it_changes(self, rig: CrmRig) -> None:
        put(rig, a_resource("google1"))
        park(rig)
        assert (waiting(rig), do(rig, lambda s: s.count_inbox(NOW))) == ([], 0)
        assert do(rig, lambda state: len(state.load_inbox_of(["google1"]))) == 1

        put(rig, a_resource("google1", etag='"2"'))
        assert waiting(rig) == ["google1"]

    def test_parked_event_is_due_at_its_time(self, rig: CrmRig) -> None:
        put(rig, a_resource("google1"))
        park(rig, retry_at_utc=rig.clock() + timedelta(hours=1))
        assert waiting(rig) == []

        rig.wait(hours=1)
        assert waiting(rig) == ["google1"]

    def test_dealing_with_an_event_unparks_it(self, rig: CrmRig) -> None:
        put(rig, a_resource("google1"))
        park(rig)
        do(rig, lambda state: state.remove_inbox([("google1", '"1"')]))

        assert do(rig, lambda state: state.count_parked()) == 0

    def test_what_was_parked_for_a_reason_comes_up_when_it_is_due(self, rig: CrmRig) -> None:
        park(rig, retry_at_utc=rig.clock() + timedelta(hours=1))
        park(rig, "google2")
        assert do(rig, lambda s: list(s.load_due_google_ids(["why"], rig.clock()))) == []

        rig.wait(hours=1)
        assert do(rig, lambda s: list(s.load_due_google_ids(["other", "why"], rig.clock()))) == ["google1"]
        assert do(rig, lambda s: list(s.load_due_google_ids(["another"], rig.clock()))) == []

    def test_what_was_parked_is_found_by_its_reason(self, rig: CrmRig) -> None:
        items = [
            ParkedItem(Side.GOOGLE, "google1", '"1"', "why", rig.clock() + timedelta(hours=1), "detail"),
            ParkedItem(Side.CRM, "11", "2027-03-01 07:00:00", "why"),
            ParkedItem(Side.CRM, "12", "2027-03-01 07:00:00", "another"),
        ]
        do(rig, lambda s: s.park(items, rig.clock()))

        assert set(do(rig, lambda s: s.load_parked(["why"]))) == set(items[:2])
        assert do(rig, lambda s: list(s.load_parked([]))) == []

    def test_items_are_found_by_their_events(self, rig: CrmRig) -> None:
        put(rig, a_resource("google1"), a_resource("google2"))

        assert do(rig, lambda s: [r["id"] for r in s.load_inbox_of(["google2", "google9"])]) == ["google2"]
        assert do(rig, lambda state: list(state.load_inbox_of([]))) == []

    def test_first_contact_sees_living_events_without_a_link(self, rig: CrmRig) -> None:
        put(rig, a_resource("google1"), a_resource("google2"), tombstone("google3"), a_resource("google4"))
        do(rig, lambda state: state.save_links([a_draft()]))
        park(rig, "google4")

        found = do(rig, lambda state: [r["id"] for r in state.load_unlinked_inbox()])

        assert found == ["google2", "google4"]
        do(rig, lambda state: state.mark_matched())

    def test_another_question_lifts_what_was_parked(self, rig: CrmRig) -> None:
        listing(rig, [a_resource("google1")])
        park(rig)
        listing(rig, sync_token="token2")
        assert do(rig, lambda state: state.count_parked()) == 1

        listing(rig, list_hash="hash2")
        assert (do(rig, lambda state: state.count_parked()), waiting(rig)) == (0, ["google1"])

    # --- links ---

    def test_saved_link_comes_back_whole(self, rig: CrmRig) -> None:
        draft = a_draft(
            crm_half=an_event("Día libre 🎉", days(), description="ñ", visibility=Visibility.PRIVATE),
            google_half=an_event("Day off", days()),
            origin=Side.GOOGLE, all_day_zone="Europe/Madrid", google_zone="America/New_York",
            has_guests=True, is_settled=False, is_read_only=True, guest_keys=frozenset({"a1", "b2"}),
        )  # fmt: skip
        do(rig, lambda state: state.save_links([draft]))

        [found] = do(rig, lambda state: state.load_links(crm_ids=[11]))

        wanted = {name: getattr(draft, name) for name in Link.__slots__ if name != "link_id"}
        assert found == Link(link_id=found.link_id, **wanted)

    def test_links_are_found_by_either_side_and_by_key(self, rig: CrmRig) -> None:
        drafts = [a_draft(crm_id=n, google_id=f"google{n}", link_key=f"key{n}") for n in (1, 2, 3, 4)]
        do(rig, lambda s: s.save_links(drafts))

        found = do(rig, lambda s: s.load_links(crm_ids=[1], google_ids=["google3"], link_keys=["key4"]))

        assert {link.crm_id for link in found} == {1, 3, 4}
        assert do(rig, lambda state: list(state.load_links())) == []

    def test_links_are_found_by_what_google_says(self, rig: CrmRig) -> None:
        subjects = ("ana@casa.example", 'Ana "la Ñ"', "100 %_")
        drafts = [
            a_draft(
                crm_id=n, google_id=f"google{n}", link_key=f"key{n}", google_half=an_event(subject=subject)
            )
            for n, subject in enumerate((*subjects, "and ana@casa.example"), start=1)
        ]
        do(rig, lambda s: s.save_links(drafts))

        found = [do(rig, lambda s, said=said: s.load_links(said_in_google=[said])) for said in subjects]

        assert [[link.crm_id for link in links] for links in found] == [[1], [2], [3]]

    def test_draft_with_an_id_replaces_its_link(self, rig: CrmRig) -> None:
        do(rig, lambda state: state.save_links([a_draft(state=LinkState.DEAD)]))
        [link] = do(rig, lambda state: state.load_links(crm_ids=[11]))
        changed = a_draft(link_id=link.link_id, crm_id=12, google_id="google2", crm_version="")
        do(rig, lambda state: state.save_links([changed, a_draft(crm_id=13, google_id="google3")]))

        [found] = do(rig, lambda state: state.load_links(crm_ids=[12]))
        assert (found.link_id, found.google_id, found.state) == (link.link_id, "google2", LinkState.LIVE)
        assert found.crm_version == ""
        assert do(rig, lambda state: list(state.load_links(crm_ids=[11]))) == []

    @pytest.mark.parametrize("double", [{"crm_id": 12}, {"google_id": "google2"}], ids=["CRM", "Google"])
    def test_record_never_gets_two_links(self, rig: CrmRig, double: dict[str, Any]) -> None:
        do(rig, lambda state: state.save_links([a_draft()]))

        with pytest.raises(RefusedError):
            do(rig, lambda state: state.save_links([a_draft(**double)]))

    def test_link_changes_its_state(self, rig: CrmRig) -> None:
        do(rig, lambda s: s.save_links([a_draft(crm_id=n, google_id=f"google{n}") for n in (1, 2)]))
        [link] = do(rig, lambda state: state.load_links(crm_ids=[1]))
        do(rig, lambda state: state.set_link_state([link.link_id], LinkState.RELEASED))
        do(rig, lambda state: state.set_link_state([], LinkState.DEAD))

        assert do(rig, lambda state: list(state.load_listed_google_ids())) == ["google2"]
        resting = do(rig, lambda state: list(state.load_listed_google_ids(with_resting=True)))
        assert sorted(resting) == ["google1", "google2"]
        assert do(rig, lambda s: s.load_links(crm_ids=[1])) == [replace(link, state=LinkState.RELEASED)]

    # --- intents ---

    def test_intent_is_kept_until_its_end_is_known(self, rig: CrmRig) -> None:
        intents = [
            an_intent(crm_half=an_event(when=days()), existing_link_id=7),
            an_intent(crm_id=12, google_id="google2", crm_version="", is_delete=True, is_approved=True),
            an_intent(
                crm_id=13, google_id="google3", existing_link_id=8, google_half=an_event(), google_etag='"3"'
            ),
        ]
        do(rig, lambda state: state.save_intents(intents))
        assert sorted(do(rig, lambda s: s.load_intents()), key=lambda i: i.crm_id) == intents

        do(rig, lambda state: state.remove_intents(["google1"]))
        do(rig, lambda state: state.remove_intents([]))
        do(rig, lambda state: state.save_intents([]))
        assert do(rig, lambda state: list(state.load_intents())) == intents[1:]

    def test_record_never_gets_two_intents(self, rig: CrmRig) -> None:
        do(rig, lambda state: state.save_intents([an_intent()]))

        with pytest.raises(RefusedError):
            do(rig, lambda state: state.save_intents([an_intent(google_id="google2")]))
        with pytest.raises(RefusedError):
            do(rig, lambda state: state.save_intents([an_intent(crm_id=12)]))

    # --- parked, journal, brake ---

    def test_record_parked_twice_counts_once(self, rig: CrmRig) -> None:
        for etag in ('"1"', '"2"'):
            park(rig, etag=etag)
        crm = [ParkedItem(Side.CRM, str(n), "2027-03-01 07:00:00", "why", None, "x" * 300) for n in (11, 12)]
        do(rig, lambda state: state.park([*crm, ParkedItem(Side.CRM, "13", "", "why")], rig.clock()))
        do(rig, lambda state: state.park([], rig.clock()))
        assert do(rig, lambda state: state.count_parked()) == 4

        do(rig, lambda state: state.unpark(Side.CRM, ["11", "13"]))
        do(rig, lambda state: state.unpark(Side.CRM, []))
        assert do(rig, lambda state: state.count_parked()) == 2

        do(rig, lambda state: state.unpark(Side.GOOGLE, ["google1"]))
        assert do(rig, lambda state: state.count_parked()) == 1

    def test_what_nobody_is_told_of_is_not_counted_as_parked(self, rig: CrmRig) -> None:
        reasons = (*UNTOLD, Reason.FOREIGN_MARKER.value)
        items = [ParkedItem(Side.CRM, str(n), "", reason) for n, reason in enumerate(reasons, 1)]
        do(rig, lambda state: state.park(items, rig.clock()))

        assert do(rig, lambda state: state.count_parked()) == 1

    def test_brake_counts_pending_and_recent_deletions_and_living_links(self, rig: CrmRig) -> None:
        drafts = [a_draft(crm_id=n, google_id=f"google{n}") for n in range(1, 5)]
        drafts.append(a_draft(crm_id=9, google_id="google9", state=LinkState.DEAD))
        do(rig, lambda state: state.save_links(drafts))
        put(rig, tombstone("google1"), tombstone("google9"), tombstone("unlinked"), a_resource("google2"))
        entries = [deleted(action) for action in (Action.DELETE_CRM, Action.DELETE_GOOGLE, Action.UPDATE)]
        do(rig, lambda state: state.add_journal(entries, rig.clock()))
        do(rig, lambda state: state.add_journal([], rig.clock()))

        counts = do(rig, lambda state: state.count_deletions(rig.clock()))
        assert (counts.pending, counts.recent, counts.links) == (1, 2, 4)

        rig.wait(hours=24)
        assert do(rig, lambda state: state.count_deletions(rig.clock())).recent == 0

    def test_brake_does_not_count_what_was_approved(self, rig: CrmRig) -> None:
        entries = [replace(deleted(Action.DELETE_GOOGLE), is_approved=n < 3) for n in range(5)]
        do(rig, lambda state: state.add_journal(entries, rig.clock()))

        assert do(rig, lambda state: state.count_deletions(rig.clock())).recent == 2

    def test_journal_takes_what_was_lost(self, rig: CrmRig) -> None:
        entry = JournalEntry("update", "changed", "crm", None, None, lost={"subject": "Perdido 🎉"})

        do(rig, lambda state: state.add_journal([entry, replace(entry, lost={})], rig.clock()))

        assert do(rig, lambda state: state.count_deletions(rig.clock())).recent == 0

    def test_what_is_not_committed_is_forgotten(self, rig: CrmRig) -> None:
        with rig.unit_of_work() as uow:
            uow.state.save_inbox([a_resource()], rig.clock())
            uow.state.save_links([a_draft()])

        assert waiting(rig) == []
        assert do(rig, lambda state: list(state.load_listed_google_ids())) == []
