"""The inbox: every page or nothing, tokens that die, start limits that move. Absence never means deleted."""

from __future__ import annotations

from datetime import date

import pytest

from plugin.core.errors import SyncTokenExpiredError, UnavailableError
from plugin.core.model import LinkState, Side
from plugin.sync.ports import ChangePage
from tests.builders import timed_body
from tests.fakes.world import World, counts, is_quiet


@pytest.fixture
def linked(world: World) -> World:
    for number in range(3):
        world.google.insert_as_user(f"google{number}", summary=f"Meeting {number}", **timed_body())
    world.sync()
    world.sync()
    return world


def test_second_run_asks_for_changes_only(linked: World) -> None:
    linked.google.listings.clear()

    linked.sync()

    assert [bool(sync_token) for sync_token, _ in linked.google.listings] == [True]


def test_pages_are_put_together(world: World) -> None:
    world.google.page_size = 2
    for number in range(5):
        world.google.insert_as_user(f"google{number}", summary=f"Meeting {number}", **timed_body())

    world.sync()

    assert len(world.crm.rows()) == 5


def test_listing_that_breaks_off_leaves_nothing_behind(world: World) -> None:
    world.google.page_size = 1
    for number in range(3):
        world.google.insert_as_user(f"google{number}", summary=f"Meeting {number}", **timed_body())
    run = world.run()
    whole = world.google.fetch_changes

    def break_off(sync_token: str | None, page_token: str | None) -> ChangePage:
        if page_token is not None:
            world.google.fail("list", UnavailableError("gone"))
        return whole(sync_token, page_token)

    run.calendar.fetch_changes = break_off  # type: ignore[method-assign]
    world.crm.add("Waits")
    with pytest.raises(UnavailableError):
        world.sync(run)

    assert (world.database.tables.inbox, world.database.tables.pair.sync_token) == ({}, None)
    assert world.google.operations == []


def test_last_page_without_a_token_is_an_error(world: World) -> None:
    run = world.run()
    run.calendar.fetch_changes = lambda sync_token, page_token: ChangePage([], None, None)  # type: ignore[method-assign]

    with pytest.raises(SyncTokenExpiredError):
        world.sync(run)


def test_dead_token_means_a_full_listing(linked: World) -> None:
    linked.google.expire_sync_tokens()
    linked.google.edit_as_user("google1", summary="Edited")
    linked.google.listings.clear()

    tally = linked.sync()

    assert [bool(sync_token) for sync_token, _ in linked.google.listings] == [True, False]
    assert counts(tally, Side.CRM) == (0, 1, 0)


def test_missing_from_a_full_listing_is_asked_for_before_it_counts_as_deleted(linked: World) -> None:
    linked.google.expire_sync_tokens()
    linked.google.delete_as_user("google1")
    linked.google.forget("google1")

    tally = linked.sync()

    assert counts(tally, Side.CRM) == (0, 0, 1)
    assert linked.crm.subjects() == ["Meeting 0", "Meeting 2"]


@pytest.mark.parametrize("is_first", [True, False], ids=["never listed", "after token loss"])
def test_empty_full_listing_deletes_nothing(linked: World, *, is_first: bool) -> None:
    if is_first:
        linked.change_pair(sync_token=None, list_hash=None, is_listed=False)
    linked.google.expire_sync_tokens()
    run = linked.run()
    whole = linked.google.fetch_changes

    def nothing_in_it(sync_token: str | None, page_token: str | None) -> ChangePage:
        return ChangePage([], None, whole(sync_token, page_token).sync_token)

    run.calendar.fetch_changes = nothing_in_it  # type: ignore[method-assign]

    assert is_quiet(linked.sync(run))
    assert (len(linked.live_links), len(linked.crm.rows())) == (3, 3)


def test_missing_ones_that_can_t_be_asked_for_stop_the_run(linked: World) -> None:
    linked.google.expire_sync_tokens()
    linked.google.forget("google1")
    linked.google.fail("get", UnavailableError("gone"))

    with pytest.raises(UnavailableError):
        linked.sync()
    assert len(linked.crm.rows()) == 3


def test_calendar_that_forgets_everything_trips_the_brake(world: World) -> None:
    for number in range(20):
        world.google.insert_as_user(f"google{number:02}", summary=f"Meeting {number}", **timed_body())
    world.sync()
    world.google.expire_sync_tokens()
    for number in range(20):
        world.google.forget(f"google{number:02}")

    tally = world.sync()

    assert (tally.held, len(world.crm.rows())) == (20, 20)


def test_token_that_is_dead_again_in_the_same_run_stops_it(world: World) -> None:
    world.google.fail("list", SyncTokenExpiredError("dead"))

    with pytest.raises(SyncTokenExpiredError):
        world.sync()


@pytest.mark.parametrize("what", ["limit", "parameters"])
def test_another_question_means_a_full_listing(linked: World, what: str) -> None:
    if what == "limit":
        linked.change_pair(sync_from=date(2027, 1, 1))
    else:
        linked.google.parameters = "asks for more"
    linked.google.listings.clear()

    linked.sync()

    assert [sync_token for sync_token, _ in linked.google.listings] == [None]


def test_later_limit_releases_and_deletes_nothing(linked: World) -> None:
    linked.change_pair(sync_from=date(2028, 1, 1))

    assert is_quiet(linked.sync())
    assert all(link.state is LinkState.LIVE for link in linked.links)
    assert (len(linked.crm.rows()), len(linked.google.alive)) == (3, 3)


def test_records_before_the_limit_are_left_alone_run_after_run(world: World) -> None:
    world.change_pair(sync_from=date(2027, 3, 3))
    world.google.insert_as_user("google1", summary="Early in Google", **timed_body())
    world.crm.add("Early in the CRM")

    assert all(is_quiet(world.sync()) for _ in range(3))
    assert (world.links, world.parked, world.database.tables.inbox) == ([], {}, {})


def test_earlier_limit_lets_in_what_was_left_out(world: World) -> None:
    world.change_pair(sync_from=date(2027, 3, 3))
    world.google.insert_as_user("google1", summary="Early in Google", **timed_body())
    world.crm.add("Early in the CRM")
    world.sync()
    world.change_pair(sync_from=date(2027, 1, 1))

    world.sync()

    assert world.crm.subjects() == world.summaries() == ["Early in Google", "Early in the CRM"]


def test_event_moved_behind_the_limit_comes_in(world: World) -> None:
    world.change_pair(sync_from=date(2027, 3, 3))
    world.google.insert_as_user("google1", summary="Early", **timed_body())
    world.sync()
    world.google.edit_as_user("google1", **timed_body("2027-03-05T10:00:00", "2027-03-05T11:00:00"))

    world.sync()

    assert world.crm.subjects() == ["Early"]


def test_what_is_on_both_sides_before_the_first_sync_is_linked(world: World) -> None:
    world.crm.add("Meeting", location="here")
    world.google.insert_as_user("google1", summary="Meeting", **timed_body())

    world.sync()

    assert (world.crm.subjects(), world.summaries()) == (["Meeting"], ["Meeting"])
    assert world.event["location"] == "here"
    assert world.link.origin is Side.GOOGLE


def test_old_module_s_memory_links_what_was_renamed(world: World) -> None:
    crm_id = world.crm.add("Renamed in the CRM")
    world.google.insert_as_user("google1", summary="Meeting", **timed_body())
    world.database.tables.legacy_mapping = {"google1": crm_id}

    world.sync()

    assert world.crm.subjects() == world.summaries() == ["Meeting"]


def test_first_contact_passes_over_what_is_not_ours_or_can_not_be_read(world: World) -> None:
    world.change_pair(sync_from=date(2027, 3, 1))
    world.crm.add("Unreadable", time_start="nine")
    world.google.insert_as_user("series", summary="Meeting", recurrence=["RRULE"], **timed_body())
    world.google.insert_as_user("unreadable", summary="Unreadable", start={}, end={})

    world.sync()

    assert world.links == []
    assert len(world.parked) == 3
