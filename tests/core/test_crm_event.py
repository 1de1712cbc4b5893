"""A CRM activity to and from the neutral event."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from plugin.core.errors import MappingError
from plugin.core.mapping.crm_event import (
    UNTITLED,
    as_crm_holds,
    duration,
    event_from_row,
    row_from_event,
)
from plugin.core.model import CrmLimits, Event, Visibility
from plugin.core.when import Timed
from tests.builders import MADRID, a_row, an_event, days, hours, utc
from tests.strategies import events, zones

LIMITS = CrmLimits(subject_chars=10, location_chars=5, description_bytes=12)
ROOMY = CrmLimits(has_only_bmp=False)


def held(event: Event, limits: CrmLimits = ROOMY, default: Visibility = Visibility.PRIVATE) -> Event:
    return as_crm_holds(event, limits, default)


# --- reading ---


@pytest.mark.parametrize(
    ("columns", "start", "end"),
    [
        ({}, "2027-03-02T09:00", "2027-03-02T10:30"),
        ({"time_start": "09:00", "time_end": "10:30"}, "2027-03-02T09:00", "2027-03-02T10:30"),
        ({"time_start": "9:00", "time_end": "9:30:00"}, "2027-03-02T09:00", "2027-03-02T09:30"),
        ({"time_start": ""}, "2027-03-02T00:00", "2027-03-02T10:30"),
        ({"time_end": ""}, "2027-03-02T09:00", "2027-03-02T09:00"),
        ({"due_date": None}, "2027-03-02T09:00", "2027-03-02T09:00"),
        ({"due_date": date(2027, 3, 1)}, "2027-03-02T09:00", "2027-03-02T09:00"),
        ({"due_date": date(2027, 3, 4)}, "2027-03-02T09:00", "2027-03-04T10:30"),
    ],
    ids=[
        "plain",
        "no seconds",
        "hours of one digit",
        "no start",
        "no end",
        "no due date",
        "ends before it begins",
        "days long",
    ],
)
def test_columns_are_one_span(columns: dict[str, Any], start: str, end: str) -> None:
    assert event_from_row(a_row(**columns), "UTC").when == hours(start, end)


def test_columns_are_wall_time_of_the_crm_s_zone() -> None:
    assert event_from_row(a_row(), MADRID).when == hours("2027-03-02T08:00", "2027-03-02T09:30")


def test_whole_days_are_seen_where_the_link_says_so() -> None:
    row = a_row(date_start=date(2027, 3, 1), time_start="23:00:00", time_end="23:00:00")

    assert event_from_row(row, "UTC", MADRID).when == days("2027-03-02", "2027-03-03")
    assert isinstance(event_from_row(row, "UTC").when, Timed)


@pytest.mark.parametrize(
    "columns",
    [
        {"time_start": "nine"},
        {"time_end": "25:00:00"},
        # PyMySQL gives the CRM's zero dates as they are.
        {"date_start": "0000-00-00"},
        {"date_start": None},
        {"due_date": "0000-00-00"},
        {"date_start": date(1, 1, 1), "time_start": "00:00:00"},
    ],
    ids=["no time", "no hour", "zero date", "no date", "zero due date", "before the calendar"],
)
def test_time_that_can_t_be_read_is_told_with_its_record(columns: dict[str, Any]) -> None:
    with pytest.raises(MappingError) as caught:
        event_from_row(a_row(**columns), "Asia/Tokyo")

    assert (caught.value.side, caught.value.item_id) == ("crm", "11")


@pytest.mark.parametrize(
    ("stored", "visibility"),
    [
        ("Public", Visibility.PUBLIC),
        ("public", Visibility.PUBLIC),
        ("Private", Visibility.PRIVATE),
        ("all", Visibility.DEFAULT),
        ("", Visibility.DEFAULT),
        ("Whatever", Visibility.DEFAULT),
    ],
)
def test_visibility_of_the_crm(stored: str, visibility: Visibility) -> None:
    assert event_from_row(a_row(visibility=stored), "UTC").visibility is visibility


# --- writing ---


@pytest.mark.parametrize(
    ("visibility", "stored"),
    [
        (Visibility.PUBLIC, "Public"),
        (Visibility.PRIVATE, "Private"),
        (Visibility.CONFIDENTIAL, "Private"),
        (Visibility.DEFAULT, "all"),
    ],
)
def test_visibility_for_the_crm(visibility: Visibility, stored: str) -> None:
    assert row_from_event(11, an_event(visibility=visibility), "UTC", None).visibility == stored


def test_whole_days_stand_on_the_link_s_midnights() -> None:
    row = row_from_event(11, an_event(when=days()), "UTC", MADRID)

    assert (row.date_start, row.time_start) == (date(2027, 3, 1), "23:00:00")
    assert (row.due_date, row.time_end) == (date(2027, 3, 2), "23:00:00")


def test_whole_days_without_a_zone_stand_on_the_crm_s_midnights() -> None:
    row = row_from_event(11, an_event(when=days()), MADRID, None)

    assert (row.date_start, row.time_start, row.due_date) == (date(2027, 3, 2), "00:00:00", date(2027, 3, 3))


@given(events(), zones)
def test_what_the_crm_holds_comes_back(event: Event, zone: str) -> None:
    fitting = held(event)

    row = row_from_event(11, fitting, "UTC", zone)

    assert event_from_row(row, "UTC", None if isinstance(fitting.when, Timed) else zone) == fitting


@given(events())
def test_what_the_crm_holds_is_held_again_unchanged(event: Event) -> None:
    once = held(event, LIMITS)

    assert held(once, LIMITS) == once


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, ("1", "30")),
        ({"due_date": date(2027, 3, 3)}, ("25", "30")),
        ({"due_date": None}, ("0", "0")),
        ({"time_end": "09:00:00"}, ("0", "0")),
    ],
    ids=["hour and a half", "over a day", "no due date", "no length"],
)
def test_duration_is_whole_hours_and_the_rest(columns: dict[str, Any], expected: tuple[str, str]) -> None:
    assert duration(a_row(**columns)) == expected


# --- what the columns can't hold ---


def test_long_texts_are_cut_to_the_columns() -> None:
    event = held(an_event("a title too long", location="a place", description="á" * 10), LIMITS)

    assert (event.subject, event.location, event.description) == ("a title to", "a pla", "á" * 6)


def test_description_is_not_cut_inside_a_character() -> None:
    assert held(an_event(description="a" + "á" * 10), LIMITS).description == "a" + "á" * 5


@pytest.mark.parametrize(
    ("limits", "subject"), [(CrmLimits(), "? party"), (ROOMY, "🎉 party")], ids=["utf8mb3", "utf8mb4"]
)
def test_emoji_stay_only_where_the_columns_hold_them(limits: CrmLimits, subject: str) -> None:
    assert held(an_event("🎉 party"), limits).subject == subject


@pytest.mark.parametrize("field", ["subject", "location", "description"])
def test_script_is_stored_encoded_as_the_crm_stores_it(field: str) -> None:
    event = an_event(**{field: '<SCRIPT src="//x"> </script >'})

    stored = getattr(held(event), field)

    assert stored == "&lt;SCRIPT src=&quot;//x&quot;&gt; &lt;/script &gt;"
    assert held(an_event(**{field: stored})) == held(event)


def test_talk_of_scripts_stays_as_it_is() -> None:
    assert held(an_event('<b>"Description"</b>: /script')).subject == '<b>"Description"</b>: /script'


@pytest.mark.parametrize("subject", ["", "   "])
def test_event_without_a_title_gets_the_crm_s_own(subject: str) -> None:
    assert held(an_event(subject)).subject == UNTITLED


@pytest.mark.parametrize("default", [Visibility.PUBLIC, Visibility.PRIVATE])
@pytest.mark.parametrize(
    ("visibility", "expected"),
    [
        (Visibility.DEFAULT, None),
        (Visibility.CONFIDENTIAL, Visibility.PRIVATE),
        (Visibility.PRIVATE, Visibility.PRIVATE),
        (Visibility.PUBLIC, Visibility.PUBLIC),
    ],
)
def test_visibility_left_to_the_calendar_follows_the_user_s_sharing(
    default: Visibility, visibility: Visibility, expected: Visibility | None
) -> None:
    assert held(an_event(visibility=visibility), default=default).visibility is (expected or default)


def test_fractions_of_a_second_are_dropped() -> None:
    start = utc("2027-03-02T09:00:00.750")

    assert held(an_event(when=Timed(start, start))).when == hours("2027-03-02T09:00", "2027-03-02T09:00")
