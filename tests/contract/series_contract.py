"""What `State` keeps of Google's series: one suite for the fake and for the tables on MariaDB, in both SQL modes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from plugin.core.mapping.google_event import Resource
from plugin.core.model import LinkState
from plugin.core.reconcile import Action
from plugin.core.series import Series
from tests.builders import NOW, a_draft, a_resource, timed_body
from tests.contract.crm_contract import CrmRig
from tests.contract.state_contract import deleted, do, listing, park, put, tombstone, waiting

FAR, NEAR = date(2027, 9, 1), date(2027, 4, 1)
FIRST, SECOND = "series1_20270302T090000Z", "series1_20270309T090000Z"


def a_master(google_id: str = "series1", **fields: Any) -> Resource:
    return a_resource(google_id, **{"recurrence": ["RRULE:FREQ=WEEKLY"], **timed_body(), **fields})


def an_exception(google_id: str = FIRST, **fields: Any) -> Resource:
    series_id = google_id.rpartition("_")[0]
    return a_resource(google_id, **{"recurringEventId": series_id, **timed_body(), **fields})


def pending(rig: CrmRig, until: date = date.min, limit: int = 100) -> list[Series]:
    return list(do(rig, lambda state: state.load_series(until, limit, rig.clock())))


def kept(rig: CrmRig, google_id: str = "series1") -> Series:
    [series] = do(rig, lambda state: list(state.load_series_of(google_ids=[google_id])))
    return series


def lay_out(rig: CrmRig, google_id: str = "series1", **about: Any) -> Series:
    laid_out = replace(kept(rig, google_id), **{"laid_out_rule": "rule1", "laid_out_until": NEAR, **about})
    do(rig, lambda state: state.save_laid_out([laid_out]))
    return laid_out


def occurrence(n: int, series_id: str = "series1", **fields: Any) -> Any:
    return a_draft(crm_id=n, google_id=f"{series_id}_202703{n:02}T090000Z", series_id=series_id, **fields)


class SeriesContract:
    """Every test is a promise that the use cases count on."""

    # --- what is listed ---

    def test_master_and_exceptions_make_a_series_and_stay_out_of_the_inbox(self, rig: CrmRig) -> None:
        master, exception, other = a_master(summary="🎉"), an_exception(), a_resource("google9")
        listing(rig, [exception, master, other])

        assert waiting(rig) == ["google9"]
        assert pending(rig) == [Series("series1", master, {FIRST: exception})]

    def test_event_that_waits_alone_goes_when_it_is_listed_as_a_series(self, rig: CrmRig) -> None:
        put(rig, a_resource("series1"), an_exception(), a_resource("google9"))
        assert waiting(rig) == ["series1", FIRST, "google9"]

        put(rig, a_master(etag='"2"'), an_exception(etag='"2"'))

        assert waiting(rig) == ["google9"]
        assert [one.google_id for one in pending(rig)] == ["series1"]

    def test_what_comes_later_is_added_in_its_newest_state(self, rig: CrmRig) -> None:
        put(rig, a_master(), an_exception(), an_exception(SECOND))
        newer = an_exception(etag='"2"', summary="Newer")
        gone = {"id": SECOND, "status": "cancelled", "etag": '"3"'}
        put(rig, newer, gone)
        master = a_master(etag='"4"', summary="Course")
        put(rig, master)

        assert pending(rig) == [Series("series1", master, {FIRST: newer, SECOND: gone})]

    def test_exception_without_its_series_is_an_event_like_any_other(self, rig: CrmRig) -> None:
        put(rig, an_exception())

        assert (waiting(rig), pending(rig)) == ([FIRST], [])

    def test_series_taken_away_or_made_single_is_still_told_as_one(self, rig: CrmRig) -> None:
        put(rig, a_master(), a_master("series2"))
        single = a_resource("series2", **timed_body())
        put(rig, tombstone("series1"), single)

        over, alone = pending(rig)
        assert (over.is_over, alone.is_single, waiting(rig)) == (True, True, [])

    def test_series_of_many_listings_are_taken_in_together(self, rig: CrmRig) -> None:
        put(
            rig,
            *(a_master(f"series{n}") for n in range(30)),
            *(an_exception(f"series{n}_20270302T090000Z") for n in range(30)),
        )

        found = pending(rig)
        assert [one.google_id for one in found] == [f"series{n}" for n in range(30)]
        assert all(len(one.exceptions) == 1 for one in found)

    def test_links_of_single_occurrences_are_adopted_when_their_series_comes(self, rig: CrmRig) -> None:
        listing(rig)
        others = ("series1_R20270316T090000", "series10_20270302T090000Z", "series1")
        drafts = [a_draft(crm_id=1, google_id=FIRST), a_draft(crm_id=2, google_id="series1_20270310")]
        drafts += [a_draft(crm_id=n, google_id=i) for n, i in enumerate(others, 3)]
        do(rig, lambda state: state.save_links(drafts))
        put(rig, a_master())

        found = do(rig, lambda state: state.load_links(crm_ids=[1, 2, 3, 4, 5]))
        assert {link.crm_id: link.series_id for link in found} == {
            1: "series1", 2: "series1", 3: None, 4: None, 5: None,
        }  # fmt: skip

    # --- what is to be laid out ---

    def test_series_is_due_until_it_is_laid_out_and_again_when_days_have_passed(self, rig: CrmRig) -> None:
        put(rig, a_master())
        assert len(pending(rig)) == 1

        laid_out = lay_out(rig, crm_head_id=7)
        assert pending(rig) == []
        assert pending(rig, until=NEAR) == []
        assert pending(rig, until=FAR) == [laid_out]

    def test_series_that_ends_by_itself_is_never_due_again(self, rig: CrmRig) -> None:
        put(rig, a_master())
        lay_out(rig, laid_out_until=None)

        assert pending(rig, until=FAR) == []

    def test_news_make_a_series_due_and_keep_how_it_was_laid_out(self, rig: CrmRig) -> None:
        put(rig, a_master())
        lay_out(rig, crm_head_id=7)
        put(rig, an_exception())

        [series] = pending(rig)
        assert (series.laid_out_rule, series.laid_out_until, series.crm_head_id) == ("rule1", NEAR, 7)

    def test_single_series_is_forgotten_once_laid_out_and_one_that_is_over_kept(self, rig: CrmRig) -> None:
        put(rig, a_master(), a_master("series2"), a_master("series3"))
        put(rig, tombstone("series1"), a_resource("series2", **timed_body()))
        for google_id in ("series1", "series2", "series3"):
            lay_out(rig, google_id)

        found = do(rig, lambda s: s.load_series_of(google_ids=["series1", "series2", "series3"]))
        assert sorted(one.google_id for one in found) == ["series1", "series3"]

    def test_cancelled_days_of_a_single_series_are_kept_for_when_it_is_repeated_again(
        self, rig: CrmRig
    ) -> None:
        gone = {"id": SECOND, "status": "cancelled", "etag": '"3"'}
        put(rig, a_master(), an_exception(), gone)
        put(rig, a_resource("series1", **timed_body()))
        lay_out(rig, crm_head_id=7)
        put(rig, a_resource("series1", etag='"5"', **timed_body()))
        assert (waiting(rig), pending(rig, until=FAR), kept(rig).is_dormant) == (["series1"], [], True)

        put(rig, a_master())
        [series] = pending(rig)
        assert (dict(series.exceptions), series.crm_head_id) == ({SECOND: gone}, None)

    def test_cancelled_days_listed_with_a_single_event_are_kept_as_well(self, rig: CrmRig) -> None:
        gone = {"id": SECOND, "status": "cancelled", "etag": '"3"'}
        put(rig, a_resource("series1", **timed_body()), gone)
        # They may as well have been events of their own, if the user was invited to nothing else.
        assert (sorted(waiting(rig)), pending(rig, until=FAR)) == (["series1", SECOND], [])

        put(rig, a_master())
        [series] = pending(rig)
        assert dict(series.exceptions) == {SECOND: gone}

    def test_parked_series_waits_for_its_time_or_for_news(self, rig: CrmRig) -> None:
        put(rig, a_master(etag='"1"'), a_master("series2"))
        park(rig, "series1", retry_at_utc=rig.clock() + timedelta(hours=1))
        assert [one.google_id for one in pending(rig)] == ["series2"]

        rig.wait(hours=1)
        assert len(pending(rig)) == 2
        park(rig, "series1")
        assert len(pending(rig)) == 1
        # The version is the master's, but what could not be read may have been an exception.
        put(rig, an_exception())
        assert len(pending(rig)) == 2

    def test_oldest_series_are_looked_at_first(self, rig: CrmRig) -> None:
        put(rig, *(a_master(f"series{n}") for n in (3, 1, 2)))
        put(rig, a_master("series3", etag='"2"'))

        assert [one.google_id for one in pending(rig, limit=2)] == ["series3", "series1"]

    def test_series_are_found_by_either_side_s_name(self, rig: CrmRig) -> None:
        put(rig, *(a_master(f"series{n}") for n in (1, 2, 3)))
        lay_out(rig, "series2", crm_head_id=7)

        found = do(rig, lambda s: s.load_series_of(google_ids=["series3", "unknown"], crm_head_ids=[7, 8]))
        assert {one.google_id for one in found} == {"series2", "series3"}
        assert do(rig, lambda state: list(state.load_series_of())) == []

    @pytest.mark.parametrize("is_listed", [False, True], ids=["new", "listed"])
    def test_series_that_the_crm_made_waits_under_its_name(self, rig: CrmRig, *, is_listed: bool) -> None:
        if is_listed:
            put(rig, a_master(), an_exception())
            lay_out(rig)
        master = a_master(etag='"5"')
        do(rig, lambda state: state.begin_series(master, 11))

        [series] = pending(rig)
        assert (series.crm_head_id, series.master, len(series.exceptions)) == (11, master, int(is_listed))

    # --- what is linked, listed, parked, counted ---

    def test_all_links_of_a_series_are_found_by_it(self, rig: CrmRig) -> None:
        drafts = [occurrence(2), occurrence(9, state=LinkState.DEAD), occurrence(3, "series2"), a_draft()]
        do(rig, lambda state: state.save_links(drafts))

        found = do(rig, lambda state: state.load_links(series_ids=["series1"]))
        assert {(link.crm_id, link.series_id) for link in found} == {(2, "series1"), (9, "series1")}
        found = do(rig, lambda s: s.load_links(crm_ids=[11], series_ids=["series2"], google_ids=[]))
        assert {link.crm_id for link in found} == {3, 11}

    def test_full_listing_should_show_series_and_living_exceptions_but_no_occurrences(
        self, rig: CrmRig
    ) -> None:
        put(rig, a_master(), an_exception(), an_exception(SECOND, status="cancelled"))
        do(
            rig,
            lambda s: s.save_links(
                [
                    occurrence(2),
                    occurrence(16),
                    a_draft(),
                    a_draft(crm_id=5, google_id="dead", state=LinkState.DEAD),
                ]
            ),
        )

        assert sorted(do(rig, lambda s: s.load_listed_google_ids())) == ["google1", "series1", FIRST]

    def test_parked_occurrences_are_told_with_their_version_until_they_are_due(self, rig: CrmRig) -> None:
        park(rig, FIRST, "by rule 1", retry_at_utc=rig.clock() + timedelta(hours=1))
        park(rig, SECOND, "by rule 2")
        wanted = [FIRST, SECOND, "unknown"]

        assert do(rig, lambda s: s.load_waiting_google_ids(wanted, rig.clock())) == {
            FIRST: "by rule 1",
            SECOND: "by rule 2",
        }
        assert do(rig, lambda s: s.load_waiting_google_ids([], rig.clock())) == {}
        rig.wait(hours=1)
        assert do(rig, lambda s: s.load_waiting_google_ids(wanted, rig.clock())) == {SECOND: "by rule 2"}

    def test_brake_counts_a_series_as_one(self, rig: CrmRig) -> None:
        drafts = [occurrence(n) for n in range(1, 9)] + [occurrence(9, "series2"), a_draft(crm_id=10)]
        do(rig, lambda state: state.save_links(drafts))
        entries = [
            replace(deleted(Action.DELETE_CRM), series_id=i)
            for i in ("series1", "series1", "series2", None, None)
        ]
        do(rig, lambda state: state.add_journal(entries, NOW))

        counts = do(rig, lambda state: state.count_deletions(NOW))
        assert (counts.links, counts.recent) == (3, 4)

    def test_brake_does_not_count_a_series_of_which_somebody_approved_something(self, rig: CrmRig) -> None:
        """What is deleted of it without a question only follows from that, as the rest of its rule does."""
        of = [("series1", True), ("series1", False), ("series2", False), (None, False), (None, True)]
        entries = [replace(deleted(Action.DELETE_CRM), series_id=i, is_approved=a) for i, a in of]
        do(rig, lambda state: state.add_journal(entries, NOW))

        assert do(rig, lambda state: state.count_deletions(NOW)).recent == 2

    def test_uncommitted_series_never_was(self, rig: CrmRig) -> None:
        with rig.unit_of_work() as uow:
            uow.state.save_inbox([a_master()], rig.clock())

        assert pending(rig) == []
