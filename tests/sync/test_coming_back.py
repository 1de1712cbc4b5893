"""Activities that leave the user and come back, while their events go on living."""

from __future__ import annotations

from plugin.core.model import LinkState
from tests.builders import COLLEAGUE_ID, USER_ID, timed_body
from tests.fakes.world import World, is_quiet


def test_edit_that_google_made_as_the_activity_left_is_met_when_it_comes_back(world: World) -> None:
    world.google.insert_as_user("google1", summary="Meeting", **timed_body())
    world.sync()
    crm_id = world.link.crm_id
    world.crm.assign(crm_id, COLLEAGUE_ID)
    world.google.edit_as_user("google1", location="there")
    world.sync()
    world.sync()
    assert world.link.state is LinkState.RELEASED
    world.crm.assign(crm_id, USER_ID)

    world.sync()

    assert world.crm.row(crm_id).location == "there"
    assert (world.database.tables.inbox, is_quiet(world.sync())) == ({}, True)


def test_event_restored_while_its_activity_is_a_colleague_s_is_not_made_twice(world: World) -> None:
    crm_id = world.crm.add("Meeting")
    world.sync()
    google_id = world.google_id
    world.crm.assign(crm_id, COLLEAGUE_ID)
    world.sync()
    assert world.summaries() == []
    world.google.edit_as_user(google_id, status="confirmed")
    world.sync()
    assert world.crm.subjects() == []
    world.crm.assign(crm_id, USER_ID)

    world.sync()

    assert (world.summaries(), world.crm.subjects()) == (["Meeting"], ["Meeting"])
    assert (world.link.google_id, world.link.state) == (google_id, LinkState.LIVE)


def test_restored_and_renamed_while_its_activity_is_a_colleague_s_the_new_name_waits(world: World) -> None:
    crm_id = world.crm.add("Meeting")
    world.sync()
    google_id = world.google_id
    world.crm.assign(crm_id, COLLEAGUE_ID)
    world.sync()
    world.google.edit_as_user(google_id, status="confirmed", summary="Renamed")
    world.sync()
    world.sync()
    world.crm.assign(crm_id, USER_ID)

    world.sync()
    world.sync()

    assert (world.summaries(), world.crm.subjects()) == (["Renamed"], ["Renamed"])


def test_colleague_who_deletes_what_was_handed_over_deletes_nothing_in_the_old_owner_s_google(
    world: World,
) -> None:
    world.google.insert_as_user("google1", summary="Meeting", **timed_body())
    world.sync()
    world.crm.assign(world.link.crm_id, COLLEAGUE_ID)
    world.crm.delete(world.link.crm_id)

    assert is_quiet(world.sync())
    assert (world.link.state, world.summaries()) == (LinkState.RELEASED, ["Meeting"])


def test_brake_counts_what_comes_back_just_as_its_events_were_deleted(world: World) -> None:
    for n in range(30):
        world.google.insert_as_user(f"google{n:03}", summary=f"Meeting {n:03}", **timed_body())
    world.sync()
    crm_ids = [link.crm_id for link in world.links]
    for crm_id in crm_ids:
        world.crm.assign(crm_id, COLLEAGUE_ID)
    world.sync()
    for crm_id in crm_ids:
        world.crm.assign(crm_id, USER_ID)
    for n in range(30):
        world.google.delete_as_user(f"google{n:03}")

    assert world.sync().held == 30
    assert len(world.crm.rows()) == 30
