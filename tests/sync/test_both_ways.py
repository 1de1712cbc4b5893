"""Creates, updates and deletes go either way, once."""

from __future__ import annotations

import pytest

from plugin.core.model import LinkState, Side
from tests.builders import timed_body
from tests.fakes.crm import on
from tests.fakes.world import World, counts, is_quiet


@pytest.fixture
def linked(world: World) -> World:
    """One event, made in the CRM, on both sides."""
    world.crm.add("Meeting", location="here")
    world.sync()
    return world


def only_id(world: World) -> int:
    [crm_id] = world.crm.rows()
    return crm_id


def test_new_activity_appears_in_google(world: World) -> None:
    world.crm.add("Meeting", location="here", description="text")

    tally = world.sync()

    assert (counts(tally, Side.CRM), counts(tally, Side.GOOGLE)) == ((0, 0, 0), (1, 0, 0))
    event = world.event
    assert (event["summary"], event["location"], event["description"]) == ("Meeting", "here", "text")
    assert event["start"] == {"dateTime": "2027-03-02T10:00:00+01:00", "timeZone": "Europe/Madrid"}


def test_new_google_event_appears_in_the_crm(world: World) -> None:
    world.google.insert_as_user("google1", summary="Meeting", location="here", **timed_body())

    tally = world.sync()

    assert (counts(tally, Side.CRM), counts(tally, Side.GOOGLE)) == ((1, 0, 0), (0, 0, 0))
    [row] = world.crm.rows().values()
    assert (row.subject, row.location, row.time_start, row.time_end) == (
        "Meeting", "here", "09:00:00", "10:30:00",
    )  # fmt: skip


def test_edit_in_the_crm_reaches_google(linked: World) -> None:
    linked.crm.edit(only_id(linked), subject="Moved", **on("2027-03-05"))

    tally = linked.sync()

    assert counts(tally, Side.GOOGLE) == (0, 1, 0)
    assert linked.event["summary"] == "Moved"
    assert linked.event["start"]["dateTime"] == "2027-03-05T10:00:00+01:00"


def test_edit_in_google_reaches_the_crm(linked: World) -> None:
    linked.google.edit_as_user(linked.google_id, summary="Moved", **timed_body("2027-03-05T12:00:00"))

    tally = linked.sync()

    assert counts(tally, Side.CRM) == (0, 1, 0)
    row = linked.crm.row(only_id(linked))
    assert (row.subject, str(row.date_start), row.time_start) == ("Moved", "2027-03-05", "11:00:00")


def test_only_the_edited_field_is_sent(linked: World) -> None:
    linked.crm.edit(only_id(linked), location="there")

    linked.sync()

    assert dict(linked.google.operations[-1].body) == {"location": "there"}  # type: ignore[union-attr]


def test_delete_in_the_crm_reaches_google(linked: World) -> None:
    linked.crm.delete(only_id(linked))

    tally = linked.sync()

    assert counts(tally, Side.GOOGLE) == (0, 0, 1)
    assert linked.google.alive == {}
    assert linked.link.state is LinkState.DEAD


def test_activity_purged_from_the_bin_is_deleted_in_google(linked: World) -> None:
    linked.crm.purge(only_id(linked))

    linked.sync()

    assert linked.google.alive == {}


def test_delete_in_google_puts_the_activity_into_the_bin(linked: World) -> None:
    crm_id = only_id(linked)
    linked.google.delete_as_user(linked.google_id)

    tally = linked.sync()

    assert counts(tally, Side.CRM) == (0, 0, 1)
    assert linked.crm.stored(crm_id).is_deleted
    assert linked.link.state is LinkState.DEAD


def test_deleted_on_both_sides_is_only_remembered(linked: World) -> None:
    linked.google.delete_as_user(linked.google_id)
    linked.crm.delete(only_id(linked))

    assert is_quiet(linked.sync())
    assert linked.link.state is LinkState.DEAD


@pytest.mark.parametrize("side", Side)
def test_own_write_coming_back_plans_nothing(world: World, side: Side) -> None:
    if side is Side.CRM:
        world.crm.add("Meeting")
    else:
        world.google.insert_as_user("google1", summary="Meeting", **timed_body())
    world.sync()
    run = world.run()

    assert is_quiet(world.sync(run))
    plan = world.plan()
    assert (plan.crm, plan.google) == ((), ())


def test_tombstone_of_our_own_delete_brings_nothing_back(linked: World) -> None:
    linked.crm.delete(only_id(linked))
    linked.sync()
    linked.google.expire_sync_tokens()

    assert all(is_quiet(linked.sync()) for _ in range(3))
    assert linked.link.state is LinkState.DEAD
    assert len([e for e in linked.journal if e.action == "delete in Google"]) == 1


def test_unmapped_change_in_google_is_forgotten(linked: World) -> None:
    linked.google.touch(linked.google_id)

    assert is_quiet(linked.sync())
    assert linked.database.tables.inbox == {}


def test_saving_without_a_change_writes_nothing(linked: World) -> None:
    linked.crm.touch(only_id(linked))

    assert is_quiet(linked.sync())


def test_edit_within_the_second_of_our_own_write_is_seen(world: World) -> None:
    world.google.insert_as_user("google1", summary="Meeting", **timed_body())
    world.sync()
    before = world.link.crm_version
    world.crm.edit(only_id(world), subject="Edited at once")
    assert world.crm.stored(only_id(world)).modified.isoformat(" ") == before

    world.sync()

    assert world.summaries() == ["Edited at once"]


def test_two_edits_of_a_second_around_a_run_are_both_seen(linked: World) -> None:
    linked.wait(minutes=15)
    linked.crm.edit(only_id(linked), subject="First")
    linked.wait(minutes=-15)
    linked.sync()
    linked.crm.edit(only_id(linked), subject="Second")

    linked.sync()

    assert linked.summaries() == ["Second"]


def test_settled_link_is_not_read_again(linked: World) -> None:
    linked.sync()
    linked.sync()

    with linked.run().unit_of_work() as uow:
        assert uow.crm.read_changes(10) == []


def test_restored_in_the_crm_comes_back_in_google(linked: World) -> None:
    crm_id = only_id(linked)
    linked.crm.delete(crm_id)
    linked.sync()
    linked.crm.restore(crm_id)

    assert counts(linked.sync(), Side.GOOGLE) == (1, 0, 0)
    assert linked.summaries() == ["Meeting"]
    assert is_quiet(linked.sync())


def test_restored_in_google_comes_back_in_the_crm(linked: World) -> None:
    crm_id, google_id = only_id(linked), linked.google_id
    linked.google.delete_as_user(google_id)
    linked.sync()
    linked.google.edit_as_user(google_id, status="confirmed")

    assert counts(linked.sync(), Side.CRM) == (1, 0, 0)
    assert list(linked.crm.rows()) == [crm_id]
    assert is_quiet(linked.sync())


def test_restored_in_google_after_a_purge_is_a_new_activity(linked: World) -> None:
    crm_id, google_id = only_id(linked), linked.google_id
    linked.google.delete_as_user(google_id)
    linked.sync()
    linked.crm.purge(crm_id)
    linked.google.edit_as_user(google_id, status="confirmed")

    linked.sync()

    assert only_id(linked) != crm_id
    assert linked.link.crm_id == only_id(linked)
    assert is_quiet(linked.sync())


def test_restored_on_both_sides_is_linked_again(linked: World) -> None:
    crm_id, google_id = only_id(linked), linked.google_id
    linked.crm.delete(crm_id)
    linked.sync()
    linked.crm.restore(crm_id)
    linked.google.edit_as_user(google_id, status="confirmed")

    linked.sync()

    assert linked.link.state is LinkState.LIVE
    assert (len(linked.crm.rows()), len(linked.google.alive)) == (1, 1)


def test_event_deleted_in_google_before_we_saw_it_is_forgotten(world: World) -> None:
    world.google.insert_as_user("google1", summary="Short-lived", **timed_body())
    world.google.delete_as_user("google1")

    assert is_quiet(world.sync())
    assert world.database.tables.inbox == {}


def test_unmapped_parts_of_an_activity_survive_an_update(linked: World) -> None:
    before = linked.crm.unmapped(only_id(linked))
    linked.google.edit_as_user(linked.google_id, summary="Moved")

    linked.sync()

    assert linked.crm.unmapped(only_id(linked)) == before


def test_unmapped_parts_of_an_event_survive_an_update(world: World) -> None:
    world.google.insert_as_user(
        "google1", summary="Meeting", colorId="7", conferenceData={"id": "meet"}, **timed_body()
    )
    world.sync()
    world.crm.edit(only_id(world), subject="Moved")

    world.sync()

    assert (world.event["summary"], world.event["colorId"]) == ("Moved", "7")
    assert world.event["conferenceData"] == {"id": "meet"}


def test_run_tells_how_far_it_is(linked: World) -> None:
    run = linked.run()
    linked.crm.add("Another")

    linked.sync(run)

    assert {"fetching", "comparing", "google"} <= {phase for phase, _, _ in run.reports}
