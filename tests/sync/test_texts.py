"""Visibility, HTML, and texts that one side can't hold as the other does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugin.core.model import Visibility
from tests.builders import a_user, timed_body
from tests.fakes.world import World, is_quiet

# --- visibility ---


@pytest.mark.parametrize(
    ("in_google", "in_crm"),
    [("public", "Public"), ("private", "Private"), ("confidential", "Private"), ("default", "Private"),
     ("newfangled", "Private"), (None, "Private")],
)  # fmt: skip
def test_visibility_of_google_in_the_crm(world: World, in_google: str | None, in_crm: str) -> None:
    about = {"visibility": in_google} if in_google else {}
    world.google.insert_as_user("google1", summary="Meeting", **about, **timed_body())

    world.sync()

    assert world.crm.row(world.link.crm_id).visibility == in_crm
    assert is_quiet(world.sync())
    assert world.event.get("visibility") == in_google


@pytest.mark.parametrize(
    ("in_crm", "in_google"),
    [("Public", "public"), ("Private", "private"), ("all", "default"), ("", "default"), ("odd", "default")],
)
def test_visibility_of_the_crm_in_google(world: World, in_crm: str, in_google: str) -> None:
    world.crm.add("Meeting", visibility=in_crm)

    world.sync()

    assert world.event["visibility"] == in_google
    assert is_quiet(world.sync())
    assert world.crm.row(world.link.crm_id).visibility == in_crm


def test_confidential_event_stays_so_when_the_crm_edits_something_else(world: World) -> None:
    world.google.insert_as_user("google1", summary="Meeting", visibility="confidential", **timed_body())
    world.sync()
    world.crm.edit(world.link.crm_id, subject="Moved")

    world.sync()

    assert world.event["visibility"] == "confidential"


def test_visibility_left_to_the_calendar_follows_the_user_s_sharing(world: World) -> None:
    world.user = a_user(default_visibility=Visibility.PUBLIC)
    world.google.insert_as_user("google1", summary="Meeting", **timed_body())

    world.sync()

    assert world.crm.row(world.link.crm_id).visibility == "Public"


# --- texts ---


def test_html_stays_in_google_while_the_crm_edits_something_else(world: World) -> None:
    html = "<b>Bring</b> coffee"
    world.google.insert_as_user("google1", summary="Meeting", description=html, **timed_body())
    world.sync()
    assert world.crm.row(world.link.crm_id).description == "Bring coffee"
    world.crm.edit(world.link.crm_id, subject="Moved")

    world.sync()

    assert (world.event["summary"], world.event["description"]) == ("Moved", html)


def test_line_breaks_as_a_form_sends_them_are_no_edit(world: World) -> None:
    html = "<b>Bring</b><br>coffee"
    world.google.insert_as_user("google1", summary="Meeting", description=html, **timed_body())
    world.sync()
    world.crm.edit(world.link.crm_id, subject="Moved", description="Bring\r\ncoffee")

    world.sync()

    assert (world.event["summary"], world.event["description"]) == ("Moved", html)
    assert is_quiet(world.sync())


def test_place_of_several_lines_is_one_line_in_the_crm_and_as_it_was_in_google(world: World) -> None:
    """A form has one line for it, and would put the lines together without a space."""
    place = " Calle Mayor 1\r\n\n 28013 Madrid \n"
    world.google.insert_as_user("google1", summary="Meeting", location=place, **timed_body())

    assert world.sync().cut == 0

    assert world.crm.row(world.link.crm_id).location == "Calle Mayor 1, 28013 Madrid"
    assert is_quiet(world.sync())
    assert world.event["location"] == place


def test_html_gives_way_to_a_text_that_the_crm_edits(world: World) -> None:
    world.google.insert_as_user("google1", summary="M", description="<b>Bring</b> coffee", **timed_body())
    world.sync()
    world.crm.edit(world.link.crm_id, description="Bring tea")

    world.sync()

    assert world.event["description"] == "Bring tea"


def test_link_of_a_meeting_outlives_an_edit_in_the_crm(world: World) -> None:
    html = '<a href="https://meet.example/j/1">Join</a><br>Ana <ana@a.example>'
    world.google.insert_as_user("google1", summary="M", description=html, **timed_body())
    world.sync()
    row = world.crm.row(world.link.crm_id)
    world.crm.edit(row.crm_id, description=f"{row.description}\nBring tea")

    world.sync()

    assert world.event["description"] == "Join (https://meet.example/j/1)\nAna (ana@a.example)\nBring tea"
    assert is_quiet(world.sync())


def test_change_of_html_alone_is_no_conflict_with_an_edit_in_the_crm(world: World) -> None:
    world.google.insert_as_user("google1", summary="M", description="<b>Bring</b> coffee", **timed_body())
    world.sync()
    world.google.edit_as_user("google1", description="<i>Bring</i> coffee")
    world.crm.edit(world.link.crm_id, description="Bring tea")

    world.sync()

    assert world.event["description"] == world.crm.row(world.link.crm_id).description == "Bring tea"
    assert is_quiet(world.sync())


def test_change_of_html_alone_writes_nothing(world: World) -> None:
    world.google.insert_as_user("google1", summary="M", description="<b>Bring</b> coffee", **timed_body())
    world.sync()
    world.google.edit_as_user("google1", description="<i>Bring</i> coffee")

    assert is_quiet(world.sync())
    assert is_quiet(world.sync())


@pytest.mark.parametrize(
    ("title", "stored"), [("x" * 300, "x" * 255), ("🎉 Party", "? Party"), ("", "Google Event")],
    ids=["long", "emoji", "none"],
)  # fmt: skip
def test_title_that_the_crm_can_t_hold_is_never_cut_in_google(world: World, title: str, stored: str) -> None:
    world.google.insert_as_user("google1", summary=title, **timed_body())
    world.sync()
    assert world.crm.subjects() == [stored]
    world.crm.edit(world.link.crm_id, location="there")

    world.sync()

    assert (world.event["summary"], world.event["location"]) == (title, "there")
    assert is_quiet(world.sync())


def test_emoji_stay_where_the_crm_holds_them(world: World) -> None:
    world.limits = replace(world.limits, has_only_bmp=False)
    world.google.insert_as_user("google1", summary="🎉 Party", **timed_body())

    world.sync()

    assert world.crm.subjects() == ["🎉 Party"]


def test_empty_fields_are_not_sent_with_a_new_event(world: World) -> None:
    world.crm.add("Meeting")

    world.sync()

    assert {"description", "location"}.isdisjoint(world.event)
