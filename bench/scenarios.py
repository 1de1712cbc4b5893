"""The scenarios: what is there before, and which run is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bench import contacts, serial
from bench.installation import USER, Installation
from bench.measure import Measured, measure

Scenario = Callable[[Installation], Measured]


def push_new(there: Installation) -> Measured:
    """100 new activities go to Google."""
    measure(there, "first contact")
    add_activities(there, 100, "C")
    return measure(there, "push 100 new")


def push_changed(there: Installation) -> Measured:
    """100 changed activities go to Google."""
    push_new(there)
    settle(there)
    change_activities(there, "C")
    return measure(there, "push 100 changed")


def pull_new(there: Installation) -> Measured:
    """100 new Google events come into the CRM."""
    measure(there, "first contact")
    add_events(there, 100, "G")
    return measure(there, "pull 100 new")


def pull_series(there: Installation) -> Measured:
    """4 new weekly series of 25 come into the CRM, as 100 activities."""
    measure(there, "first contact")
    for number in range(4):
        day = date.today() + timedelta(days=1 + number)  # noqa: DTZ011 - any day will do
        weekly = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=25"]}
        there.google.edit("insert", body=_event(f"S{number}", day, 8) | weekly)
    return measure(there, "series")


def hundred_new(there: Installation) -> Measured:
    """100 new on each side."""
    measure(there, "first contact")
    add_events(there, 100, "G")
    add_activities(there, 100, "C")
    return measure(there, "hundred new")


def hundred(there: Installation) -> Measured:
    """100 changed on each side; and how long a serial client takes."""
    done = _hundred(there)
    return replace(done, serial_s=serial.wall_s(there.google, _google_ids(there, "C")))


def _hundred(there: Installation) -> Measured:
    add_events(there, 100, "G")
    measure(there, "pull")
    add_activities(there, 100, "C")
    measure(there, "push")
    settle(there)
    change_activities(there, "C")
    change_events(there, "G")
    return measure(there, "hundred")


def idle(there: Installation) -> Measured:
    """Nothing has changed since the last run."""
    _hundred(there)
    settle(there)
    return measure(there, "idle")


def first(events: int) -> Scenario:
    """A first listing of so many events; the first hundred of them come into the CRM."""

    def scenario(there: Installation) -> Measured:
        add_events(there, events, "F")
        return measure(there, f"first {events}")

    return scenario


def growth(links: int) -> Scenario:
    """10 changes on so many links."""

    def scenario(there: Installation) -> Measured:
        measure(there, "first contact")
        fill_links(there, links)
        change_activities(there, "L", 10)
        return measure(there, f"growth {links}")

    return scenario


def all_scenarios() -> Iterator[tuple[str, Scenario]]:
    """Yield name and scenario."""
    yield from (("push 100 new", push_new), ("push 100 changed", push_changed), ("pull 100 new", pull_new))
    yield "series", pull_series
    yield from (("hundred new", hundred_new), ("hundred", hundred), ("idle", idle))
    yield from (("contacts hundred", contacts.hundred), ("contacts idle", contacts.idle))
    yield from ((f"growth {links}", growth(links)) for links in (1_000, 10_000, 100_000))
    yield from ((f"first {events}", first(events)) for events in (5_000, 10_000, 20_000))


def settle(there: Installation) -> None:
    """Let the rows' versions grow old enough to tell of the next change, and run until nothing is left to remember."""
    there.execute("UPDATE vtiger_crmentity SET modifiedtime = modifiedtime - INTERVAL 1 HOUR")
    there.execute("UPDATE gsync_links SET crm_version = crm_version - INTERVAL 1 HOUR, is_settled = 1")
    measure(there, "settle")


# --- what is there ---


def add_events(there: Installation, count: int, prefix: str) -> None:
    """Put events into Google."""
    first_day = date.today() + timedelta(days=30)  # noqa: DTZ011 - any day will do
    for number in range(count):
        day = first_day + timedelta(days=number % 300)
        hour = 6 + number // 300 % 12
        body = _event(f"{prefix}{number:05}", day, hour)
        there.google.edit("insert", body=body)


def _event(title: str, day: date, hour: int) -> dict[str, Any]:
    return {
        "summary": title,
        "description": "Orden del día:\n- lo de siempre\n- lo nuevo",
        "location": "Sala 2",
        "start": {"dateTime": f"{day}T{hour:02}:00:00Z", "timeZone": "Europe/Madrid"},
        "end": {"dateTime": f"{day}T{hour:02}:30:00Z", "timeZone": "Europe/Madrid"},
    }


def change_events(there: Installation, prefix: str) -> None:
    """Change each event's place in Google."""
    for google_id in _google_ids(there, prefix):
        there.google.edit("patch", google_id, {"location": "Otra sala"})


def add_activities(there: Installation, count: int, prefix: str) -> None:
    """Put activities into the CRM, with the rows that the CRM writes."""
    first_id = int(there.scalar("SELECT id FROM vtiger_crmentity_seq")) + 1
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(hours=1)
    rows = [_activity(first_id + number, f"{prefix}{number:05}", number, now) for number in range(count)]
    for start in range(0, count, 5_000):
        _insert(there, rows[start : start + 5_000])
    there.execute(f"UPDATE vtiger_crmentity_seq SET id = {first_id + count - 1}")


def change_activities(there: Installation, prefix: str, limit: int = 1_000_000) -> None:
    """Change each activity's place in the CRM."""
    ids = _column(
        there, f"SELECT activityid FROM vtiger_activity WHERE subject LIKE '{prefix}%' LIMIT {limit}"
    )
    chosen = ",".join(str(crm_id) for crm_id in ids)
    there.execute(f"UPDATE vtiger_activity SET location = 'Cambiada' WHERE activityid IN ({chosen})")
    there.execute(
        f"UPDATE vtiger_crmentity SET modifiedtime = UTC_TIMESTAMP() - INTERVAL 1 MINUTE WHERE crmid IN ({chosen})"
    )


def fill_links(there: Installation, count: int) -> None:
    """Make so many activities that are linked already, and the ten that will change really be in Google."""
    add_activities(there, 10, "L")
    measure(there, "push ten")
    add_activities(there, count - 10, "X")
    there.execute(
        "INSERT INTO gsync_links (pair_id, link_key, crm_id, google_id, crm_version, google_etag, crm_half, google_half,"
        " origin, state, is_settled, has_guests)"
        " SELECT l.pair_id, MD5(a.activityid), a.activityid, MD5(a.activityid), e.modifiedtime,"
        " l.google_etag, l.crm_half, l.google_half, 'crm', 'live', 1, 0 FROM vtiger_activity a JOIN vtiger_crmentity e"
        " ON e.crmid = a.activityid JOIN (SELECT * FROM gsync_links LIMIT 1) l WHERE a.subject LIKE 'X%'"
    )
    there.execute("UPDATE gsync_links SET is_settled = 1")
    there.execute("ANALYZE TABLE gsync_links, vtiger_crmentity, vtiger_activity")
    there.let_rest()


def _activity(crm_id: int, subject: str, number: int, now: datetime) -> dict[str, Any]:
    start = now.replace(hour=8, minute=0, second=0) + timedelta(days=30 + number % 300)
    return {"id": crm_id, "user": USER, "subject": subject, "now": now, "day": start.date()}


def _insert(there: Installation, rows: list[dict[str, Any]]) -> None:
    there.execute(
        "INSERT INTO vtiger_crmentity (crmid, smcreatorid, smownerid, modifiedby, setype, description, createdtime,"
        " modifiedtime, version, presence, deleted, smgroupid, source, label) VALUES (:id, :user, :user, :user, 'Calendar',"
        " 'Llevar catálogo', :now, :now, 0, 1, 0, 0, 'CRM', :subject)",
        rows,
    )
    there.execute(
        "INSERT INTO vtiger_activity (activityid, subject, activitytype, date_start, due_date, time_start, time_end,"
        " eventstatus, location, visibility, sendnotification, notime)"
        " VALUES (:id, :subject, 'Meeting', :day, :day, '08:00:00', '09:00:00',"
        " 'Planned', 'Cádiz', 'Public', '0', '0')",
        rows,
    )
    there.execute("INSERT INTO vtiger_activitycf (activityid) VALUES (:id)", rows)
    there.execute("INSERT INTO vtiger_salesmanactivityrel (smid, activityid) VALUES (:user, :id)", rows)


def _google_ids(there: Installation, prefix: str) -> list[str]:
    return _column(
        there,
        "SELECT l.google_id FROM gsync_links l JOIN vtiger_activity a ON a.activityid = l.crm_id"
        f" WHERE a.subject LIKE '{prefix}%'",
    )


def _column(there: Installation, sql: str) -> list[Any]:
    with there.parts.engine.connect() as connection:
        return list(connection.execute(sa.text(sql)).scalars())
