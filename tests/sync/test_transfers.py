"""The CRM's delete-user transfer: all records change hands at once, the user is deleted later; Google stays as it is."""

from __future__ import annotations

from plugin.core.model import LinkState
from plugin.core.reconcile import Reason
from tests.builders import COLLEAGUE_ID, USER_ID
from tests.fakes.world import World, is_quiet


def test_run_between_transfer_and_deletion_deletes_nothing_in_google(world: World) -> None:
    for number in range(5):
        world.crm.add(f"Meeting {number}")
    world.sync()
    world.crm.transfer(USER_ID, COLLEAGUE_ID)

    assert is_quiet(world.sync())
    assert is_quiet(world.sync())
    assert len(world.summaries()) == 5
    assert {link.state for link in world.links} == {LinkState.RELEASED}


def test_what_is_given_back_is_synced_again(world: World) -> None:
    crm_id = world.crm.add("Meeting")
    world.sync()
    world.crm.transfer(USER_ID, COLLEAGUE_ID)
    world.sync()
    world.crm.assign(crm_id, USER_ID)
    world.crm.edit(crm_id, subject="Back again")

    world.sync()

    assert world.summaries() == ["Back again"]


def test_new_owner_s_google_stays_as_it_is_until_the_activity_is_saved(world: World) -> None:
    crm_id = world.crm.add("Inherited", owner_id=COLLEAGUE_ID)
    world.crm.link_elsewhere(crm_id, COLLEAGUE_ID)
    world.crm.transfer(COLLEAGUE_ID, USER_ID)

    tally = world.sync()

    assert world.summaries() == []
    assert (tally.parked, world.parked) == (1, {("crm", str(crm_id)): Reason.TRANSFERRED.value})
    assert is_quiet(world.sync())

    world.crm.edit(crm_id, location="My office")
    world.sync()

    assert (world.summaries(), world.parked) == (["Inherited"], {})


def test_activity_that_only_changes_hands_is_made_in_the_new_owner_s_google(world: World) -> None:
    crm_id = world.crm.add("Handed over", owner_id=COLLEAGUE_ID)
    world.crm.link_elsewhere(crm_id, COLLEAGUE_ID)
    world.crm.assign(crm_id, USER_ID)

    world.sync()

    assert world.summaries() == ["Handed over"]
