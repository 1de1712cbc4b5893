"""Users in zones far apart, a CRM whose own zone isn't UTC, changes of the clock, midnight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from demo.servers import MariaDb
from tests.engine.test_thirteen_faults import is_quiet
from tests.installed import USER, Installed, install
from tests.simulated_google import SimulatedGoogle

# From −11 to +14, with half hours, and a zone that changes its clock by half an hour.
USER_ZONES = (
    "Pacific/Midway",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
)
CRM_ZONES = ("UTC", "America/Bogota", "Europe/Madrid")


@pytest.fixture(params=CRM_ZONES)
def in_zone(request: pytest.FixtureRequest, mariadb: MariaDb, google: SimulatedGoogle) -> Iterator[Installed]:
    """A connected user of a CRM with this `$default_timezone`."""
    installed = install(mariadb, google, GSYNC_CRM_TIMEZONE=request.param)
    installed.connect()
    yield installed
    installed.close()


def set_user_zone(installed: Installed, zone: str) -> None:
    installed.execute("UPDATE vtiger_users SET time_zone = :zone WHERE id = :id", zone=zone, id=USER)


def stored(installed: Installed, subject: str) -> tuple[datetime, datetime]:
    """Return start and end as aware moments, the way the CRM itself reads its columns."""
    [activity] = installed.rows("SELECT * FROM vtiger_activity WHERE subject = :subject", subject=subject)
    zone = ZoneInfo(installed.parts.settings.crm_timezone)
    start = datetime.fromisoformat(f"{activity['date_start']}T{activity['time_start']}")
    end = datetime.fromisoformat(f"{activity['due_date']}T{activity['time_end']}")
    return start.replace(tzinfo=zone), end.replace(tzinfo=zone)


def all_day(subject: str, day: str, days: int = 1) -> dict[str, Any]:
    last = (datetime.fromisoformat(day) + timedelta(days=days)).date().isoformat()
    return {"summary": subject, "start": {"date": day}, "end": {"date": last}}


def timed_in(subject: str, start: str, end: str, zone: str) -> dict[str, Any]:
    return {
        "summary": subject,
        "start": {"dateTime": start, "timeZone": zone},
        "end": {"dateTime": end, "timeZone": zone},
    }


# Winter, summer, and the days on which Madrid, Auckland and St John's change their clocks.
DAYS = ("2027-01-15", "2027-07-01", "2027-03-28", "2027-10-31", "2027-04-04", "2027-03-14")


def test_all_day_events_stand_on_the_user_s_midnights_and_stay_all_day(in_zone: Installed) -> None:
    """The user moves from zone to zone; each event stays on the midnights it came with."""
    wanted = {f"{zone} {day}": (zone, day) for zone in USER_ZONES for day in DAYS}
    for zone in USER_ZONES:
        set_user_zone(in_zone, zone)
        for day in DAYS:
            in_zone.google.edit("insert", body=all_day(f"{zone} {day}", day, days=2))
        in_zone.sync()
    for subject, (zone, day) in wanted.items():
        midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
        assert stored(in_zone, subject) == (midnight, midnight + timedelta(days=2)), subject

    for activity in in_zone.activities().values():
        in_zone.edit_activity(activity["activityid"], location="Sevilla")
    run = in_zone.sync()

    assert run.google.updated == len(wanted)
    events = {event["summary"]: event for event in in_zone.events()}
    for subject, (_, day) in wanted.items():
        event = events[subject]
        assert event["location"] == "Sevilla"
        assert {name: event[name] for name in ("summary", "start", "end")} == all_day(subject, day, 2)
    assert is_quiet(in_zone.sync())


# Start and end of a timed event, and the zone that Google keeps for it.
TIMES = {
    "hour that comes twice": (
        "2027-10-31T02:30:00+02:00",
        "2027-10-31T02:30:00+01:00",
        "Europe/Madrid",
    ),
    "over the lost hour": ("2027-03-28T01:30:00+01:00", "2027-03-28T03:30:00+02:00", "Europe/Madrid"),
    "over local midnight": ("2027-05-04T23:00:00+02:00", "2027-05-05T07:15:00+02:00", "Europe/Madrid"),
    "to local midnight": ("2027-05-04T22:00:00+02:00", "2027-05-05T00:00:00+02:00", "Europe/Madrid"),
    "at midnight UTC": ("2027-05-05T00:00:00+00:00", "2027-05-05T00:30:00+00:00", "UTC"),
    "at midnight in Bogotá": (
        "2027-05-05T00:00:00-05:00",
        "2027-05-05T01:00:00-05:00",
        "America/Bogota",
    ),
    "a flight": ("2027-05-05T12:00:00+12:45", "2027-05-05T14:00:00+12:45", "Pacific/Chatham"),
    "without a length": ("2027-05-05T12:00:00+02:00", "2027-05-05T12:00:00+02:00", "Europe/Madrid"),
}


def test_timed_events_are_the_same_instants_and_keep_their_zone(in_zone: Installed) -> None:
    for subject, (start, end, zone) in TIMES.items():
        in_zone.google.edit("insert", body=timed_in(subject, start, end, zone))
    in_zone.sync()
    for subject, (start, end, _) in TIMES.items():
        if subject == "hour that comes twice" and in_zone.parts.settings.crm_timezone == "Europe/Madrid":
            continue  # a wall clock can't tell the two hours apart
        assert stored(in_zone, subject) == (datetime.fromisoformat(start), datetime.fromisoformat(end))

    for activity in in_zone.activities().values():
        in_zone.edit_activity(activity["activityid"], location="Sevilla")
    in_zone.sync()

    events = {event["summary"]: event for event in in_zone.events()}
    for subject, (start, end, zone) in TIMES.items():
        event = events[subject]
        assert (event["location"], event["start"]["timeZone"]) == ("Sevilla", zone)
        moments = tuple(datetime.fromisoformat(event[side]["dateTime"]) for side in ("start", "end"))
        assert moments == (datetime.fromisoformat(start), datetime.fromisoformat(end)), subject
    assert is_quiet(in_zone.sync())


def test_event_moved_in_the_crm_keeps_its_zone_in_google(in_zone: Installed) -> None:
    body = timed_in("Llamada", "2027-05-04T09:00:00+09:00", "2027-05-04T10:00:00+09:00", "Asia/Tokyo")
    in_zone.google.edit("insert", body=body)
    in_zone.sync()
    activity = in_zone.activities()["Llamada"]
    moved = stored(in_zone, "Llamada")[0].replace(tzinfo=None) + timedelta(days=200, hours=1)

    in_zone.edit_activity(activity["activityid"], start_utc=moved, end_utc=moved + timedelta(hours=1))
    in_zone.sync()

    [event] = in_zone.events()
    zone = ZoneInfo(in_zone.parts.settings.crm_timezone)
    assert event["start"]["timeZone"] == event["end"]["timeZone"] == "Asia/Tokyo"
    assert datetime.fromisoformat(event["start"]["dateTime"]) == moved.replace(tzinfo=zone)
    assert is_quiet(in_zone.sync())


def test_new_activity_goes_to_google_in_the_user_s_zone(in_zone: Installed) -> None:
    set_user_zone(in_zone, "Pacific/Auckland")
    start = datetime(2027, 7, 1, 23, 30)
    in_zone.add_activity("Visita", start_utc=start, end_utc=start + timedelta(hours=1))

    in_zone.sync()

    [event] = in_zone.events()
    zone = ZoneInfo(in_zone.parts.settings.crm_timezone)
    assert event["start"]["timeZone"] == "Pacific/Auckland"
    assert datetime.fromisoformat(event["start"]["dateTime"]) == start.replace(tzinfo=zone)


def test_user_who_changes_zone_rewrites_nothing(installed: Installed) -> None:
    installed.google.edit("insert", body=all_day("Feria", "2027-07-01"))
    start, end = "2027-05-04T09:00:00+02:00", "2027-05-04T10:00:00+02:00"
    installed.google.edit("insert", body=timed_in("Cita", start, end, "Europe/Madrid"))
    installed.add_activity("Visita")
    installed.sync()

    set_user_zone(installed, "Pacific/Kiritimati")
    runs = [installed.sync(), installed.sync()]
    installed.edit_activity(installed.activities()["Feria"]["activityid"], location="Sevilla")
    installed.sync()

    assert all(is_quiet(run) for run in runs)
    [fair] = [event for event in installed.events() if event["summary"] == "Feria"]
    assert (fair["start"], fair["location"]) == ({"date": "2027-07-01"}, "Sevilla")


def test_stamps_are_in_the_crm_s_own_zone(in_zone: Installed) -> None:
    in_zone.google.edit("insert", body=all_day("Feria", "2027-07-01"))

    in_zone.sync()

    zone = ZoneInfo(in_zone.parts.settings.crm_timezone)
    now = in_zone.clock().astimezone(zone).replace(tzinfo=None)
    assert in_zone.activities()["Feria"]["modifiedtime"] == now
    changed = in_zone.rows("SELECT changedon FROM vtiger_modtracker_basic ORDER BY id DESC LIMIT 1")
    assert changed == [{"changedon": now}]
