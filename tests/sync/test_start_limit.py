"""The start limit and records near it: moved across it on either side, or the limit moved across them. A link stays a link."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from plugin.core.model import LinkState, Side
from tests.builders import all_day_body, timed_body
from tests.fakes.crm import on
from tests.fakes.world import World, counts, is_quiet

LIMIT = date(2027, 3, 3)
BEFORE, AFTER = "2027-03-01", "2027-03-05"


def in_google(day: str) -> dict[str, Any]:
    return timed_body(f"{day}T10:00:00", f"{day}T11:00:00")


@pytest.fixture
def limited(world: World) -> World:
    world.change_pair(sync_from=LIMIT)
    return world


def is_still(world: World) -> bool:
    """Tell whether further runs write nothing, under sync tokens and after they are lost."""
    runs = [world.sync(), world.sync()]
    world.google.expire_sync_tokens()
    return all(is_quiet(tally) for tally in [*runs, world.sync(), world.sync()])


# --- moved to behind the limit: it comes in ---


def test_google_s_event_moved_behind_the_limit_comes_in(limited: World) -> None:
    limited.google.insert_as_user("google1", summary="Early", **in_google(BEFORE))
    assert is_quiet(limited.sync())

    limited.google.edit_as_user("google1", **in_google(AFTER))

    assert counts(limited.sync(), Side.CRM) == (1, 0, 0)
    assert is_still(limited)


def test_crm_s_activity_moved_behind_the_limit_comes_in(limited: World) -> None:
    crm_id = limited.crm.add("Early", **on(BEFORE))
    assert is_quiet(limited.sync())

    limited.crm.edit(crm_id, **on(AFTER))

    assert counts(limited.sync(), Side.GOOGLE) == (1, 0, 0)
    assert is_still(limited)


# --- moved to before the limit: the link stays ---


def test_linked_event_moved_before_the_limit_in_google_is_moved_in_the_crm(limited: World) -> None:
    limited.google.insert_as_user("google1", summary="Late", **in_google(AFTER))
    limited.sync()

    limited.google.edit_as_user("google1", **in_google(BEFORE))
    limited.sync()

    assert limited.crm.row(limited.link.crm_id).date_start == date.fromisoformat(BEFORE)
    assert limited.link.state is LinkState.LIVE
    assert is_still(limited)


def test_linked_activity_moved_before_the_limit_in_the_crm_is_moved_in_google(limited: World) -> None:
    crm_id = limited.crm.add("Late", **on(AFTER))
    limited.sync()

    limited.crm.edit(crm_id, **on(BEFORE))
    limited.sync()

    assert limited.event["start"]["dateTime"].startswith(BEFORE)
    assert is_still(limited)


@pytest.mark.parametrize("side", Side)
def test_record_that_goes_to_and_fro_stays_one(limited: World, side: Side) -> None:
    crm_id = limited.crm.add("Restless", **on(AFTER))
    limited.sync()
    google_id = limited.google_id

    for day in (BEFORE, AFTER, BEFORE, AFTER):
        if side is Side.CRM:
            limited.crm.edit(crm_id, **on(day))
        else:
            limited.google.edit_as_user(google_id, **in_google(day))
        limited.sync()

    assert list(limited.crm.rows()) == [crm_id]
    assert limited.google_id == google_id
    assert is_still(limited)


def test_linked_event_before_the_limit_is_edited_and_deleted_as_any_other(limited: World) -> None:
    crm_id = limited.crm.add("Late", **on(AFTER))
    limited.sync()
    limited.crm.edit(crm_id, **on(BEFORE))
    limited.sync()

    limited.google.edit_as_user(limited.google_id, summary="Renamed")
    limited.sync()
    assert limited.crm.subjects() == ["Renamed"]

    limited.google.delete_as_user(limited.google_id)
    limited.sync()
    assert limited.crm.subjects() == []
    assert is_still(limited)


# --- the limit moves ---


def test_limit_that_goes_to_and_fro_doubles_and_deletes_nothing(world: World) -> None:
    for number, day in enumerate((BEFORE, AFTER)):
        world.crm.add(f"CRM {day}", **on(day))
        world.google.insert_as_user(f"google{number}", summary=f"Google {day}", **in_google(day))
    world.change_pair(sync_from=LIMIT)
    world.sync()
    assert len(world.links) == 2

    for limit in (date(2027, 1, 1), LIMIT, None, date(2028, 1, 1), LIMIT):
        world.change_pair(sync_from=limit)
        world.sync()
        assert is_still(world)

    assert len(world.live_links) == len(world.crm.rows()) == len(world.google.alive) == 4


def test_new_records_before_a_later_limit_stay_out_and_linked_ones_go_on(world: World) -> None:
    crm_id = world.crm.add("Linked", **on(BEFORE))
    world.sync()
    world.change_pair(sync_from=LIMIT)

    world.crm.add("New", **on(BEFORE))
    world.crm.edit(crm_id, subject="Linked, renamed")
    world.sync()

    assert world.summaries() == ["Linked, renamed"]
    assert is_still(world)


# --- exactly on the edge ---


@pytest.mark.parametrize(
    ("times", "comes"),
    [
        (timed_body("2027-03-02T23:00:00", "2027-03-03T00:00:00"), False),
        (timed_body("2027-03-02T23:00:00", "2027-03-03T00:00:01"), True),
        (timed_body("2027-03-03T00:00:00", "2027-03-03T00:00:00"), True),
        (all_day_body("2027-03-02", "2027-03-03"), False),
        (all_day_body("2027-03-02", "2027-03-04"), True),
    ],
    ids=["ends on it", "ends behind it", "no length", "day before", "runs into it"],
)
def test_edge_is_the_same_for_both_sides(limited: World, times: dict[str, Any], *, comes: bool) -> None:
    limited.google.insert_as_user("google1", summary="Edge", **times)
    limited.sync()
    assert bool(limited.links) is comes
    assert is_still(limited)

    # The same activity, made in the CRM: let in and left out alike.
    limited.change_pair(sync_from=None)
    limited.sync()
    row = limited.crm.row(limited.link.crm_id)
    other = World(sync_from=LIMIT)
    other.crm.add("Edge", **on(str(row.date_start), row.time_start, row.time_end, str(row.due_date)))
    other.sync()
    assert bool(other.links) is comes
    assert is_still(other)
