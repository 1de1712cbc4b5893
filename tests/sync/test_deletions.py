"""The deletion brake, guests, and activities that leave the set."""

from __future__ import annotations

import pytest

from plugin.core.errors import UnavailableError
from plugin.core.model import LinkState, Side
from plugin.sync.preview import held_deletions
from tests.builders import COLLEAGUE_ID, USER_ID, timed_body
from tests.fakes.crm import on
from tests.fakes.world import World, counts, is_quiet

GUESTS = [
    {"email": "lucia@empresa.example", "self": True},
    {"email": "marco@empresa.example", "responseStatus": "accepted"},
]


def fill(world: World, number: int, side: Side = Side.GOOGLE) -> None:
    for n in range(number):
        if side is Side.GOOGLE:
            world.google.insert_as_user(f"google{n:03}", summary=f"Meeting {n:03}", **timed_body())
        else:
            world.crm.add(f"Meeting {n:03}")
    world.sync()
    world.sync()


# --- the brake ---


def test_brake_holds_all_deletes_and_edits_still_flow(world: World) -> None:
    fill(world, 30)
    for n in range(11):
        world.google.delete_as_user(f"google{n:03}")
    world.google.edit_as_user("google020", summary="Edited")

    tally = world.sync()

    assert (tally.held, counts(tally, Side.CRM)) == (11, (0, 1, 0))
    assert len(world.crm.rows()) == 30


def test_brake_looks_at_both_sides_together(world: World) -> None:
    fill(world, 30)
    for n in range(6):
        world.google.delete_as_user(f"google{n:03}")
    for link in world.links[10:15]:
        world.crm.delete(link.crm_id)

    tally = world.sync()

    assert tally.held == 11
    assert (len(world.crm.rows()), len(world.google.alive)) == (25, 24)


def test_brake_remembers_the_last_day(world: World) -> None:
    fill(world, 30)
    for start in (0, 6):
        for n in range(start, start + 6):
            world.google.delete_as_user(f"google{n:03}")
        tally = world.sync()

    assert (tally.held, len(world.crm.rows())) == (6, 24)

    world.wait(days=1)
    assert counts(world.sync(), Side.CRM) == (0, 0, 6)


def test_approval_lets_the_held_deletes_through(world: World) -> None:
    fill(world, 30)
    for n in range(11):
        world.google.delete_as_user(f"google{n:03}")
    world.sync()
    assert world.approve() == 11

    tally = world.sync()

    assert (tally.held, counts(tally, Side.CRM)) == (0, (0, 0, 11))


def test_many_that_become_pending_after_the_approval_are_held(world: World) -> None:
    fill(world, 60)
    for n in range(20):
        world.google.delete_as_user(f"google{n:03}")
    world.sync()
    world.approve()
    for n in range(20, 26):
        world.google.delete_as_user(f"google{n:03}")
    for link in world.links[30:35]:
        world.crm.delete(link.crm_id)

    tally = world.sync()

    assert (tally.held, counts(tally, Side.CRM)) == (11, (0, 0, 20))
    assert (len(world.crm.rows()), len(world.google.alive)) == (35, 34)


def approve_eleven_of(world: World, number: int) -> None:
    fill(world, number)
    for n in range(11):
        world.google.delete_as_user(f"google{n:03}")
    assert world.sync().held == 11
    world.approve()


def test_one_more_beside_those_approved_is_a_deletion_like_any(world: World) -> None:
    approve_eleven_of(world, 30)
    world.google.delete_as_user("google020")

    tally = world.sync()

    assert (tally.held, counts(tally, Side.CRM)) == (0, (0, 0, 12))


def test_what_a_person_approved_holds_back_no_later_deletion_of_that_day(world: World) -> None:
    approve_eleven_of(world, 30)
    world.sync()
    world.crm.delete(world.links[20].crm_id)

    tally = world.sync()

    assert (tally.held, counts(tally, Side.GOOGLE)) == (0, (0, 0, 1))


def test_what_nobody_approved_is_counted_on_after_an_approval(world: World) -> None:
    """The brake begins anew at none; ten more are few, and with the eleventh all wait."""
    approve_eleven_of(world, 40)
    world.sync()
    for n in range(20, 26):
        world.google.delete_as_user(f"google{n:03}")
    assert world.sync().held == 0
    for n in range(26, 31):
        world.google.delete_as_user(f"google{n:03}")

    assert world.sync().held == 5


def test_approved_delete_whose_answer_is_lost_counts_as_approved(world: World) -> None:
    fill(world, 30)
    for link in world.links[:11]:
        world.crm.delete(link.crm_id)
    world.sync()
    world.approve()
    world.google.fail("delete", UnavailableError("lost"), is_after_commit=True, times=11)
    with pytest.raises(UnavailableError):
        world.sync()
    world.sync()
    # As the end of a run leaves the pair.
    world.change_pair(approved_deletions=frozenset())
    world.crm.delete(world.links[20].crm_id)

    assert world.sync().held == 0


def test_approved_record_that_is_restored_and_deleted_again_waits_again(world: World) -> None:
    fill(world, 20)
    for n in range(11):
        world.google.delete_as_user(f"google{n:03}")
    world.sync()
    world.approve()
    for n in range(11):
        world.google.edit_as_user(f"google{n:03}", status="confirmed")
    world.sync()
    for n in range(11):
        world.google.delete_as_user(f"google{n:03}")

    assert world.sync().held == 11


def test_approval_holds_over_the_runs_that_a_long_list_takes(world: World) -> None:
    fill(world, 30)
    world.batch_size = 5
    for n in range(11):
        world.google.delete_as_user(f"google{n:03}")
    world.sync()
    world.approve()

    assert [world.sync().crm.deleted for _ in range(4)] == [5, 5, 1, 0]


def test_large_deletion_within_the_share_is_not_stopped_half_way(world: World) -> None:
    fill(world, 60)
    world.batch_size = 7
    for n in range(12):
        world.google.delete_as_user(f"google{n:03}")

    tallies = [world.sync(), world.sync()]

    assert [(t.crm.deleted, t.held) for t in tallies] == [(7, 0), (5, 0)]


def test_restored_in_google_the_held_delete_is_forgotten(world: World) -> None:
    fill(world, 20)
    for n in range(11):
        world.google.delete_as_user(f"google{n:03}")
    world.sync()
    for n in range(11):
        world.google.edit_as_user(f"google{n:03}", status="confirmed")

    tally = world.sync()

    assert (tally.held, len(world.crm.rows())) == (0, 20)


FIRST = {f"series{n:03}_20270302T090000Z" for n in range(11)}


def weekly(world: World, number: int) -> None:
    """That many series of three activities each, on both sides."""
    for n in range(number):
        rule = ["RRULE:FREQ=WEEKLY;COUNT=3"]
        world.google.insert_as_user(
            f"series{n:03}", summary=f"Course {n:03}", recurrence=rule, **timed_body()
        )
    world.sync()
    world.sync()
    assert len(world.live_links) == 3 * number


def test_brake_counts_each_series_that_was_deleted_once(world: World) -> None:
    weekly(world, 12)
    for n in range(10):
        world.google.delete_as_user(f"series{n:03}")
    few = world.sync()
    assert (few.held, few.crm.deleted) == (0, 30)


def test_brake_holds_many_deleted_series(world: World) -> None:
    weekly(world, 12)
    for n in range(11):
        world.google.delete_as_user(f"series{n:03}")

    assert world.sync().held == 33
    assert len(world.crm.rows()) == 36

    assert world.approve() == 33
    assert world.sync().crm.deleted == 33


def test_series_counts_until_all_that_is_pending_of_it_was_approved(world: World) -> None:
    """Somebody approved its last two only."""
    weekly(world, 12)
    for n in range(11):
        world.google.delete_as_user(f"series{n:03}")
    world.sync()
    first = {change.approval_key for change in held_deletions(world.run()) if change.google_id in FIRST}
    world.approve()
    approved = world.database.tables.pair.approved_deletions - first
    world.change_pair(approved_deletions=approved)

    tally = world.sync()

    assert (tally.held, tally.crm.deleted) == (11, 22)


# --- guests ---


@pytest.fixture
def with_guests(world: World) -> World:
    world.google.insert_as_user("google1", summary="Party", attendees=GUESTS, **timed_body())
    world.sync()
    world.sync()
    return world


def test_event_with_guests_is_not_deleted_without_approval(with_guests: World) -> None:
    with_guests.crm.delete(with_guests.link.crm_id)

    assert with_guests.sync().held == 1
    assert with_guests.sync().held == 1
    assert with_guests.summaries() == ["Party"]

    assert with_guests.approve() == 1
    with_guests.sync()
    assert with_guests.summaries() == []


def test_guests_who_came_later_count_too(world: World) -> None:
    world.crm.add("Party")
    world.sync()
    world.google.edit_as_user(world.google_id, attendees=GUESTS)
    world.sync()
    world.crm.delete(world.link.crm_id)

    assert world.sync().held == 1
    assert world.summaries() == ["Party"]


def test_approval_of_a_deletion_does_not_speak_for_guests_who_came_since(world: World) -> None:
    fill(world, 20)
    for link in world.links[:11]:
        world.crm.delete(link.crm_id)
    assert world.sync().held == 11
    world.approve()
    world.google.edit_as_user("google000", attendees=GUESTS)

    tally = world.sync()

    assert (tally.held, counts(tally, Side.GOOGLE)) == (1, (0, 0, 10))
    assert "Meeting 000" in world.summaries()


def test_guests_are_never_written(with_guests: World) -> None:
    with_guests.crm.edit(with_guests.link.crm_id, subject="Bigger party")

    with_guests.sync()

    assert with_guests.event["attendees"] == GUESTS


# --- leaving the set ---


def test_reassigned_activity_that_the_crm_made_goes_from_the_old_owner_s_google(world: World) -> None:
    crm_id = world.crm.add("Meeting")
    world.sync()
    world.crm.assign(crm_id, COLLEAGUE_ID)

    assert counts(world.sync(), Side.GOOGLE) == (0, 0, 1)
    assert world.crm.subjects(COLLEAGUE_ID) == ["Meeting"]
    assert is_quiet(world.sync())


def test_reassigned_activity_that_google_made_is_released(world: World) -> None:
    fill(world, 1)
    world.crm.assign(world.link.crm_id, COLLEAGUE_ID)

    assert is_quiet(world.sync())
    assert (world.link.state, world.summaries()) == (LinkState.RELEASED, ["Meeting 000"])


def test_reassigned_activity_with_guests_is_released(world: World) -> None:
    crm_id = world.crm.add("Party")
    world.sync()
    world.google.edit_as_user(world.google_id, attendees=GUESTS)
    world.sync()
    world.crm.assign(crm_id, COLLEAGUE_ID)

    assert is_quiet(world.sync())
    assert (world.link.state, world.summaries()) == (LinkState.RELEASED, ["Party"])


def test_what_a_colleague_deletes_stays_in_the_old_owner_s_google(world: World) -> None:
    """As if there had been a run between the two: the event was made in Google."""
    fill(world, 1)
    world.crm.assign(world.link.crm_id, COLLEAGUE_ID)
    world.crm.delete(world.link.crm_id)

    assert is_quiet(world.sync())
    assert (world.link.state, world.summaries()) == (LinkState.RELEASED, ["Meeting 000"])


def test_event_restored_in_google_is_left_alone_while_its_activity_is_a_colleague_s(world: World) -> None:
    fill(world, 1)
    old_id = world.link.crm_id
    world.google.delete_as_user("google000")
    world.sync()
    world.crm.restore(old_id)
    world.crm.assign(old_id, COLLEAGUE_ID)
    world.google.edit_as_user("google000", status="confirmed")

    world.sync()

    assert (world.crm.subjects(), world.crm.subjects(COLLEAGUE_ID)) == ([], ["Meeting 000"])
    assert (world.link.state, is_quiet(world.sync())) == (LinkState.RELEASED, True)


@pytest.fixture
def released(world: World) -> World:
    fill(world, 1)
    world.crm.assign(world.link.crm_id, COLLEAGUE_ID)
    world.sync()
    return world


def test_released_event_is_left_alone_on_both_sides(released: World) -> None:
    released.google.edit_as_user("google000", summary="Edited in Google")
    released.crm.edit(released.link.crm_id, subject="Edited by the colleague")

    assert is_quiet(released.sync())
    assert released.crm.subjects(COLLEAGUE_ID) == ["Edited by the colleague"]
    assert released.summaries() == ["Edited in Google"]


def test_released_event_that_is_deleted_in_google_leaves_the_colleague_s_activity(released: World) -> None:
    released.google.delete_as_user("google000")

    assert is_quiet(released.sync())
    assert released.crm.subjects(COLLEAGUE_ID) == ["Meeting 000"]


def test_activity_that_comes_back_is_synced_again(released: World) -> None:
    released.crm.assign(released.link.crm_id, USER_ID)
    released.crm.edit(released.link.crm_id, subject="Back again")

    released.sync()

    assert (released.link.state, released.summaries()) == (LinkState.LIVE, ["Back again"])


def test_activity_that_comes_back_meets_what_google_made_of_it(released: World) -> None:
    released.google.edit_as_user("google000", location="there")
    released.sync()
    released.crm.assign(released.link.crm_id, USER_ID)

    tally = released.sync()

    assert released.crm.row(released.link.crm_id).location == "there"
    assert (tally.parked, released.database.tables.inbox) == (0, {})
    assert is_quiet(released.sync())


def test_activity_that_comes_back_after_its_event_was_deleted_is_made_again(released: World) -> None:
    released.google.delete_as_user("google000")
    released.sync()
    released.crm.assign(released.link.crm_id, USER_ID)

    released.sync()

    assert released.crm.subjects() == released.summaries() == ["Meeting 000"]


def test_activity_that_becomes_a_task_leaves_the_set(world: World) -> None:
    crm_id = world.crm.add("Meeting")
    world.sync()
    world.crm.edit(crm_id, activity_type="Task")

    assert counts(world.sync(), Side.GOOGLE) == (0, 0, 1)


def test_task_is_none_of_ours(world: World) -> None:
    world.crm.add("Task", activity_type="Task", **on("2027-03-05"))

    assert is_quiet(world.sync())
