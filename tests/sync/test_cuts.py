"""What the CRM's columns can't hold wholly: counted in the run, named in the journal and in the preview."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugin.core.model import Side
from plugin.sync.preview import preview
from tests.builders import timed_body
from tests.fakes.world import World

LONG, PARTY = "x" * 300, "🎉 Party"


def journal_of_cuts(world: World) -> list[tuple[str, ...]]:
    return [tuple(entry.cut) for entry in world.journal if entry.cut]


@pytest.mark.parametrize(
    ("fields", "cut"),
    [
        ({"summary": LONG}, ("subject",)),
        ({"summary": PARTY}, ("subject",)),
        ({"summary": "Meeting", "location": "y" * 151}, ("location",)),
        ({"summary": "Meeting", "description": "🎉"}, ("description",)),
        ({"summary": LONG, "description": "🎉", "location": "🎉"}, ("subject", "description", "location")),
    ],
    ids=["long title", "emoji", "long place", "description", "all"],
)
def test_what_does_not_fit_is_counted_and_named(
    world: World, fields: dict[str, str], cut: tuple[str, ...]
) -> None:
    world.google.insert_as_user("google1", **fields, **timed_body())

    assert world.sync().cut == 1
    assert journal_of_cuts(world) == [cut]
    assert world.sync().cut == 0


@pytest.mark.parametrize(
    "fields",
    [{"summary": "x" * 255}, {}, {"summary": " Meeting "}, {"summary": "M", "description": "<b>x</b>"}],
    ids=["just fits", "no title", "spaces", "html"],
)
def test_what_fits_is_not_counted(world: World, fields: dict[str, str]) -> None:
    world.google.insert_as_user("google1", **fields, **timed_body())

    assert world.sync().cut == 0
    assert journal_of_cuts(world) == []


def test_description_longer_than_its_column_is_counted(world: World) -> None:
    world.limits = replace(world.limits, description_bytes=10)
    world.google.insert_as_user("google1", summary="M", description="x" * 11, **timed_body())

    assert world.sync().cut == 1


def test_change_of_another_field_is_not_counted_again(world: World) -> None:
    world.google.insert_as_user("google1", summary=LONG, **timed_body())
    world.sync()

    world.google.edit_as_user("google1", location="there")
    tally = world.sync()
    assert (tally.crm.updated, tally.cut) == (1, 0)

    world.google.edit_as_user("google1", summary="y" * 300)
    assert world.sync().cut == 1


def test_activity_of_the_crm_is_never_counted(world: World) -> None:
    world.crm.add("Meeting")

    assert world.sync().cut == 0


def test_preview_names_what_will_not_fit(world: World) -> None:
    world.google.insert_as_user("google1", summary=PARTY, **timed_body())
    world.crm.add("Meeting")

    found = preview(world.run())

    assert {(change.side, change.cut) for change in found.changes} == {
        (Side.CRM, ("subject",)),
        (Side.GOOGLE, ()),
    }
