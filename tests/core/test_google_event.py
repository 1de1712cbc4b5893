"""A Google event resource to and from the neutral event."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from plugin.core.errors import MappingError
from plugin.core.mapping.google_event import (
    MARKER_INSTALL,
    MARKER_KEY,
    as_crm_reads,
    as_google_holds,
    body_from_event,
    change_from_resource,
    event_from_resource,
    has_guests,
    marker_body,
)
from plugin.core.model import Event, Field, Marker, Presence, Visibility
from tests.builders import MADRID, a_resource, all_day_body, an_event, days, hours
from tests.strategies import events, zones

ME = {"email": "lucia@empresa.example", "self": True, "responseStatus": "accepted"}
GUEST = {"email": "marco@empresa.example", "responseStatus": "needsAction"}
ROOM = {"email": "room@resource.example", "resource": True}


# --- reading ---


@pytest.mark.parametrize(
    "start",
    [
        {"dateTime": "2027-03-02T09:00:00Z"},
        {"dateTime": "2027-03-02T10:00:00+01:00", "timeZone": MADRID},
        {"dateTime": "2027-03-02T10:00:00", "timeZone": MADRID},
    ],
    ids=["UTC", "offset", "wall time in a zone"],
)
def test_moments_are_understood_in_all_of_google_s_forms(start: dict[str, str]) -> None:
    resource = a_resource(start=start, end={"dateTime": "2027-03-02T10:30:00Z"})

    assert event_from_resource(resource).when == hours()


def test_all_day_event_ends_before_its_end_date() -> None:
    assert event_from_resource(a_resource(**all_day_body())).when == days()


def test_fields_that_google_leaves_out_are_empty() -> None:
    resource = {k: v for k, v in a_resource().items() if k != "summary"}

    event = event_from_resource(resource)

    assert (event.subject, event.description, event.location) == ("", "", "")
    assert event.visibility is Visibility.DEFAULT


@pytest.mark.parametrize(
    ("word", "visibility"),
    [(v.value, v) for v in Visibility] + [("", Visibility.DEFAULT), ("secret", Visibility.CONFIDENTIAL)],
)
def test_unknown_visibility_is_the_strictest(word: str, visibility: Visibility) -> None:
    assert event_from_resource(a_resource(visibility=word)).visibility is visibility


@pytest.mark.parametrize(
    "times",
    [
        {"start": {"dateTime": "tomorrow"}},
        {"start": {"dateTime": "2027-03-02T10:00:00"}},
        {"start": {"dateTime": "2027-03-02T10:00:00", "timeZone": "Nowhere/Land"}},
        {"start": {"dateTime": "2027-03-02T10:00:00", "timeZone": "Europe"}},
        {"start": {"date": "2027-03-02"}},
        {"start": {}},
        {"start": {"dateTime": None}},
        {"start": {"dateTime": "0001-01-01T00:00:00+14:00"}},
    ],
    ids=[
        "no moment",
        "no zone",
        "unknown zone",
        "folder of zones",
        "half all-day",
        "nothing",
        "null",
        "before the calendar",
    ],
)
def test_times_that_can_t_be_read_are_told_with_their_event(times: dict[str, Any]) -> None:
    with pytest.raises(MappingError) as caught:
        change_from_resource(a_resource(**times))

    assert (caught.value.side, caught.value.item_id) == ("google", "google1")


def test_living_event_is_reported_with_what_the_decision_needs() -> None:
    change = change_from_resource(a_resource())

    assert (change.google_id, change.presence, change.etag) == ("google1", Presence.ALIVE, '"1"')
    assert (change.zone, change.has_guests, change.series_id, change.marker) == (MADRID, False, None, None)
    assert change.content == an_event()


def test_tombstone_needs_no_more_than_its_id() -> None:
    change = change_from_resource({"id": "google1", "status": "cancelled"})

    assert (change.presence, change.content, change.zone, change.etag) == (Presence.GONE, None, None, "")


@pytest.mark.parametrize("zone", ["W. Europe Standard Time", "../etc", "Europe", "x" * 300, None])
def test_zone_that_nobody_knows_is_left_to_the_calendar(zone: str | None) -> None:
    start = {"dateTime": "2027-03-02T10:00:00+01:00", "timeZone": zone}

    assert change_from_resource(a_resource(start=start)).zone is None


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({}, False),
        ({"attendees": [ME]}, False),
        ({"attendees": [ME, ROOM]}, False),
        ({"attendees": [ME, GUEST]}, True),
        ({"attendees": [ME], "attendeesOmitted": True}, True),
    ],
    ids=["nobody", "only me", "a room", "a guest", "hidden list"],
)
def test_guests_are_people_other_than_the_owner(about: dict[str, Any], *, expected: bool) -> None:
    assert has_guests(a_resource(**about)) is expected


@pytest.mark.parametrize(
    ("guest", "expected"),
    [({**ME, "responseStatus": "declined"}, True), (ME, False), ({**GUEST, "responseStatus": "declined"}, False)],
    ids=["declined by me", "accepted by me", "declined by a guest"],
)  # fmt: skip
def test_only_the_owner_s_own_no_counts_as_declined(guest: dict[str, Any], *, expected: bool) -> None:
    assert change_from_resource(a_resource(attendees=[guest])).is_declined is expected


def test_our_marker_is_read_back() -> None:
    marker = Marker("install-1", "key1")

    assert change_from_resource(a_resource(**marker_body(marker))).marker == marker


@pytest.mark.parametrize("name", [MARKER_INSTALL, MARKER_KEY])
def test_half_a_marker_is_none(name: str) -> None:
    properties = {"private": {name: "x"}}

    assert change_from_resource(a_resource(extendedProperties=properties)).marker is None


# --- writing ---


@given(events(), zones)
def test_what_is_written_comes_back(event: Event, zone: str) -> None:
    body = body_from_event(as_google_holds(event), Field, zone, is_patch=False)

    assert event_from_resource({"id": "google1", **body}) == event


def test_only_the_named_fields_are_written() -> None:
    event = an_event(location="here", description="text")

    assert body_from_event(event, [Field.LOCATION], None, is_patch=True) == {"location": "here"}


def test_timed_event_is_written_in_its_zone() -> None:
    body = body_from_event(an_event(), [Field.WHEN], MADRID, is_patch=False)

    assert body["start"] == {"dateTime": "2027-03-02T10:00:00+01:00", "timeZone": MADRID}


def test_timed_event_without_a_zone_is_written_in_utc() -> None:
    body = body_from_event(an_event(), [Field.WHEN], None, is_patch=False)

    assert body["end"] == {"dateTime": "2027-03-02T10:30:00+00:00"}


def test_patch_takes_the_other_kind_of_time_away() -> None:
    timed = body_from_event(an_event(), [Field.WHEN], MADRID, is_patch=True)
    whole = body_from_event(an_event(when=days()), [Field.WHEN], MADRID, is_patch=True)

    assert timed["start"]["date"] is None
    assert whole["end"] == {"date": "2027-03-03", "dateTime": None, "timeZone": None}


def test_crm_reads_the_text_of_an_html_description() -> None:
    event = an_event(description="<b>Bring</b> coffee", visibility=Visibility.PRIVATE, location="here")

    read = as_crm_reads(event)

    assert read == an_event(description="Bring coffee", visibility=Visibility.PRIVATE, location="here")


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("2027-03-01T08:00:00.250Z", datetime(2027, 3, 1, 8, 0, 0, 250_000, tzinfo=UTC)),
        ("2027-03-01T09:00:00+01:00", datetime(2027, 3, 1, 8, tzinfo=UTC)),
        ("2027-03-01T08:00:00", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_moment_of_the_last_change_is_an_instant_or_unknown(
    stamp: str | None, moment: datetime | None
) -> None:
    assert change_from_resource(a_resource(updated=stamp)).updated_utc == moment
