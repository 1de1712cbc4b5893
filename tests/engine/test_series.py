"""Series on real parts: the CRM's rows about repeats, Google's exceptions, and what either side's users do with them later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from demo.crm.activities import Activity
from demo.crm.series import Reach, create_series, delete_series, edit_series, extend_series
from demo.servers import MariaDb
from plugin.sync.views import RunStatus, RunView
from tests.engine.test_first_sync import timed
from tests.installed import USER, Installed, install
from tests.simulated_google import SimulatedGoogle
from tests.snapshots import differences, snapshot

# 2 March 2027 is a Tuesday; DST begins in Madrid on 28 March.
TUESDAYS = ["2027-03-02", "2027-03-09", "2027-03-16", "2027-03-23", "2027-03-30", "2027-04-06"]
WEEKLY = ["RRULE:FREQ=WEEKLY;COUNT=6"]
FEW_DAYS = [date.fromisoformat(day) for day in TUESDAYS[:4]]
REPEATS = ["vtiger_activity_recurring_info", "vtiger_recurringevents"]


def install_in_march(mariadb: MariaDb, google: SimulatedGoogle, **more: str) -> Installed:
    """A connected user at nine o'clock of Monday, 1 March 2027."""
    installed = install(mariadb, google, **more)
    installed.clock.now = datetime(2027, 3, 1, 8, tzinfo=UTC)
    installed.connect()
    return installed


@pytest.fixture
def march(mariadb: MariaDb, google: SimulatedGoogle) -> Iterator[Installed]:
    installed = install_in_march(mariadb, google)
    yield installed
    installed.close()


@pytest.fixture
def each_mode(mariadb_each_mode: MariaDb, google: SimulatedGoogle) -> Iterator[Installed]:
    installed = install_in_march(mariadb_each_mode, google)
    yield installed
    installed.close()


def insert_course(installed: Installed, **more: Any) -> str:
    """Put a series into Google, as its user does; return its id."""
    google_id = installed.google.edit("insert", body=timed("Curso", recurrence=WEEKLY, **more))["id"]
    return str(google_id)


@pytest.fixture
def course(march: Installed) -> str:
    """Six Tuesdays, on both sides."""
    google_id = insert_course(march)
    settle(march)
    return google_id


def slot(google_id: str, day: str, hour: str = "09") -> str:
    return f"{google_id}_{day.replace('-', '')}T{hour}0000Z"


def occurrences(installed: Installed) -> list[Mapping[str, Any]]:
    """Return the user's living activities with what the CRM says of their repeats, in order of time."""
    return installed.rows(
        """SELECT a.activityid, a.subject, CONCAT(a.date_start, ' ', LEFT(a.time_start, 5)) AS start,
             a.recurringtype AS kind, i.activityid AS head, r.recurringtype, r.recurringfreq, r.recurringinfo,
             CAST(r.recurringdate AS CHAR) AS first, CAST(r.recurringenddate AS CHAR) AS last
           FROM vtiger_activity a JOIN vtiger_crmentity e ON e.crmid = a.activityid
           LEFT JOIN vtiger_activity_recurring_info i ON i.recurrenceid = a.activityid
           LEFT JOIN vtiger_recurringevents r ON r.activityid = a.activityid
           WHERE e.deleted = 0 AND e.smownerid = :user ORDER BY a.date_start, a.time_start""",
        user=USER,
    )


def starts(installed: Installed) -> list[str]:
    return [row["start"] for row in occurrences(installed)]


def subjects(installed: Installed) -> list[str]:
    return [row["subject"] for row in occurrences(installed)]


def shown(installed: Installed) -> list[str]:
    """Return the titles that Google shows, occurrence by occurrence, in order of time."""
    calendar = installed.google.calendar()
    ids = [link["google_id"] for link in installed.links()]
    found = [o.resource for o in calendar.fetch_events(ids) if o.resource]
    alive = [event for event in found if event["status"] != "cancelled"]
    return [e["summary"] for e in sorted(alive, key=lambda e: datetime.fromisoformat(e["start"]["dateTime"]))]


def settle(installed: Installed) -> RunView:
    """Sync until nothing happens any more; return the first run."""
    runs = [installed.sync()]
    while not (runs[-1].crm.is_nothing and runs[-1].google.is_nothing):
        assert (runs[-1].status, runs[-1].error_code, runs[-1].parked) == (RunStatus.DONE, "", 0)
        assert len(runs) < 5, "it does not come to rest"
        runs.append(installed.sync())
    return runs[0]


def in_the_crm(installed: Installed, act: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Do something as the CRM's pages do it."""
    with installed.parts.engine.begin() as connection:
        return act(installed.saving(connection), *arguments, **named)


def rename(subject: str) -> Callable[[Activity], Activity]:
    return lambda activity: replace(activity, subject=subject)


def add_visits(installed: Installed, days: Sequence[date] = FEW_DAYS) -> list[int]:
    """Make a weekly series in the CRM; return its activities."""
    start = datetime(2027, 3, 2, 9)
    head = Activity("Visita", start, start + timedelta(minutes=90), USER, reminder_min=15)
    ids: list[int] = in_the_crm(installed, create_series, head, days, frequency=1, rule="Weekly::2")
    return ids


# --- from Google ---


def test_google_series_is_laid_out_as_the_crm_stores_one(each_mode: Installed) -> None:
    google_id = insert_course(each_mode)
    moved = timed("Examen", "2027-03-11")
    each_mode.google.edit("patch", slot(google_id, TUESDAYS[1]), moved)
    each_mode.google.edit("delete", slot(google_id, TUESDAYS[2]))

    settle(each_mode)

    found = occurrences(each_mode)
    assert [row["start"] for row in found] == [
        "2027-03-02 09:00", "2027-03-11 09:00", "2027-03-23 09:00", "2027-03-30 08:00", "2027-04-06 08:00",
    ]  # fmt: skip
    assert [row["subject"] for row in found] == ["Curso", "Examen", "Curso", "Curso", "Curso"]
    said = {(r["kind"], r["recurringtype"], r["recurringfreq"], r["recurringinfo"]) for r in found}
    assert said == {("Weekly", "Weekly", 1, "Weekly::2")}
    assert {(r["head"], r["first"], r["last"]) for r in found} == {
        (found[0]["activityid"], "2027-03-02", "2027-04-06")
    }


def test_days_of_a_series_are_those_of_the_crm_s_own_zone(mariadb: MariaDb, google: SimulatedGoogle) -> None:
    installed = install_in_march(mariadb, google, GSYNC_CRM_TIMEZONE="Asia/Tokyo")
    evening = {
        name: {"dateTime": f"2027-03-02T2{hour}:00:00+01:00", "timeZone": "Europe/Madrid"}
        for name, hour in (("start", 0), ("end", 1))
    }
    installed.google.edit("insert", body={"summary": "Curso", "recurrence": WEEKLY, **evening})

    settle(installed)

    found = occurrences(installed)
    assert (found[0]["start"], found[-1]["start"]) == ("2027-03-03 04:00", "2027-04-07 03:00")
    assert {(row["first"], row["last"]) for row in found} == {("2027-03-03", "2027-04-07")}
    installed.close()


def test_old_release_without_ties_gets_the_activities_alone(
    mariadb_each_mode: MariaDb, google: SimulatedGoogle
) -> None:
    installed = install_in_march(mariadb_each_mode, google)
    installed.alter("DROP TABLE vtiger_activity_recurring_info")
    google_id = insert_course(installed)
    settle(installed)
    assert [len(installed.rows(f"SELECT 1 FROM {table}")) for table in ("vtiger_activity", REPEATS[1])] == [
        6,
        0,
    ]

    installed.google.edit("delete", slot(google_id, TUESDAYS[1]))
    installed.google.edit("patch", google_id, {"summary": "Taller"})
    settle(installed)

    alive = "SELECT 1 FROM vtiger_activity JOIN vtiger_crmentity ON crmid = activityid WHERE deleted = 0 AND subject = 'Taller'"
    assert len(installed.rows(alive)) == 5
    installed.close()


def test_edits_on_both_sides_meet_in_the_same_occurrences(march: Installed, course: str) -> None:
    ids = [row["activityid"] for row in occurrences(march)]
    march.edit_activity(ids[1], location="Sala 3")
    march.edit_activity(ids[2], subject="Oral")
    march.google.edit("patch", slot(course, TUESDAYS[3]), {"summary": "Examen"})
    settle(march)
    march.google.edit("patch", course, {"summary": "Taller"})
    settle(march)
    march.delete_activity(ids[4])

    settle(march)

    # What is an exception keeps its own title.
    expected = ["Taller", "Curso", "Oral", "Examen", "Taller"]
    assert (subjects(march), shown(march)) == (expected, expected)
    [moved] = march.google.calendar().fetch_events([slot(course, TUESDAYS[1])])
    assert moved.resource is not None
    assert moved.resource["location"] == "Sala 3"
    master = next(event for event in march.events() if event["id"] == course)
    assert (master["recurrence"], "location" in master) == (WEEKLY, False)


def test_rename_in_google_touches_nothing_that_is_said_of_repeats(march: Installed, course: str) -> None:
    before = snapshot(march)
    march.google.edit("patch", course, {"summary": "Taller", "location": "Sala 3"})
    settle(march)

    touched = differences(before, snapshot(march))

    history = ["vtiger_modtracker_basic", "vtiger_modtracker_basic_seq", "vtiger_modtracker_detail"]
    assert sorted(touched) == ["vtiger_activity", "vtiger_crmentity", *history]
    changed = touched["vtiger_activity"].changed.values()
    assert {tuple(sorted(columns)) for columns in changed} == {("location", "subject")}


def test_moved_series_keeps_reminders_and_invitees(march: Installed, course: str) -> None:
    ids = [row["activityid"] for row in occurrences(march)]
    for crm_id in ids:
        march.execute("INSERT INTO vtiger_invitees VALUES (:id, 6, 'sent')", id=crm_id)
        march.execute("INSERT INTO vtiger_activity_reminder VALUES (:id, 15, 0, 0)", id=crm_id)
    kept = "SELECT * FROM vtiger_invitees i JOIN vtiger_activity_reminder r ON r.activity_id = i.activityid"
    before = march.rows(kept)
    start, end = (
        {"dateTime": f"2027-03-03T1{hour}:00:00+01:00", "timeZone": "Europe/Madrid"} for hour in "67"
    )
    march.google.edit("patch", course, {"start": start, "end": end})

    settle(march)

    found = occurrences(march)
    assert [row["activityid"] for row in found] == ids
    assert [row["start"] for row in found[:2]] == ["2027-03-03 15:00", "2027-03-10 15:00"]
    assert {row["recurringinfo"] for row in found} == {"Weekly::3"}
    assert march.rows(kept) == before


def test_endless_series_is_topped_up_and_its_end_moves_along(march: Installed) -> None:
    march.google.edit("insert", body=timed("Curso", recurrence=["RRULE:FREQ=WEEKLY"]))
    settle(march)
    first = occurrences(march)
    # 180 days and a week: until 3 September
    assert (len(first), first[-1]["start"]) == (27, "2027-08-31 08:00")
    march.sync(after_minutes=60 * 24 * 15)

    found = occurrences(march)

    assert found[-1]["start"] == "2027-09-14 08:00"
    assert {(row["head"], row["last"]) for row in found} == {(first[0]["activityid"], "2027-09-14")}


def test_two_occurrences_of_one_series_are_never_in_one_batch(march: Installed, course: str) -> None:
    ids = [row["activityid"] for row in occurrences(march)]
    singles = [march.add_activity(f"Cita {n}") for n in range(3)]
    settle(march)
    seen = len(march.google.control("GET", "log")["entries"])
    for crm_id in ids[:4]:
        march.edit_activity(crm_id, subject="Taller")
    for crm_id in singles:
        march.edit_activity(crm_id, location="Sala 3")
    march.delete_activity(ids[5])

    settle(march)

    batches = [part for part in batched(march, seen) if len(part) > 1]
    written = [path for paths in batched(march, seen) for path in paths if course in path]
    assert len(written) == 5
    # Other events fill the batch up.
    assert [len([path for path in paths if course in path]) for paths in batches] == [1]
    assert "Taller" in subjects(march)


def batched(installed: Installed, seen: int) -> list[list[str]]:
    """Return what was patched or deleted since, request by request; the parts of a batch come before its own entry."""
    requests: list[list[str]] = [[]]
    for entry in installed.google.control("GET", "log")["entries"][seen:]:
        if entry["route"] in {"events.patch", "events.delete"}:
            requests[-1].append(entry["path"])
        if "batch" not in entry:
            requests.append([])
    return [paths for paths in requests if paths]


# --- from the CRM ---


def test_crm_series_becomes_one_google_series(each_mode: Installed) -> None:
    ids = add_visits(each_mode)
    before = snapshot(each_mode)

    run = settle(each_mode)

    [event] = each_mode.events()
    assert event["recurrence"] == ["RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;UNTIL=20270323T090000Z"]
    assert (run.google.created, run.crm.is_nothing, len(each_mode.google.requests("events.insert"))) == (
        1,
        True,
        1,
    )
    assert [link["crm_id"] for link in each_mode.links()] == ids
    assert differences(before, snapshot(each_mode)) == {}


def test_exceptions_of_a_crm_series_go_to_their_occurrences(march: Installed) -> None:
    ids = add_visits(march)
    in_the_crm(march, edit_series, ids[1], rename("Examen"), Reach.CURRENT)
    in_the_crm(march, delete_series, ids[2], Reach.CURRENT)

    settle(march)

    assert len([event for event in march.events() if "recurrence" in event]) == 1
    assert shown(march) == subjects(march) == ["Visita", "Examen", "Visita"]


def test_longer_crm_series_reaches_google(march: Installed) -> None:
    ids = add_visits(march)
    settle(march)
    in_the_crm(march, extend_series, ids[1], [date(2027, 3, 30), date(2027, 4, 6)])

    settle(march)

    assert shown(march) == subjects(march) == ["Visita"] * 6
    assert settle(march).crm.is_nothing


# --- the CRM's own "this / future / all" afterwards ---


@pytest.fixture
def worn(march: Installed, course: str) -> list[int]:
    """The activities of a series that one was taken out of, in Google, and that was made longer there."""
    march.google.edit("delete", slot(course, TUESDAYS[1]))
    march.google.edit("patch", course, {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=8"]})
    settle(march)
    return [row["activityid"] for row in occurrences(march)]


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (Reach.CURRENT, ["Curso", "Curso", "Taller", "Curso", "Curso", "Curso", "Curso"]),
        (Reach.FUTURE, ["Curso", "Curso", *["Taller"] * 5]),
        (Reach.ALL, ["Taller"] * 7),
    ],
    ids=[reach.value for reach in Reach],
)
def test_crm_edits_its_series_after_our_changes(
    march: Installed, worn: list[int], reach: Reach, expected: list[str]
) -> None:
    in_the_crm(march, edit_series, worn[2], rename("Taller"), reach)

    settle(march)

    assert (subjects(march), shown(march)) == (expected, expected)


@pytest.mark.parametrize(("reach", "left"), [(Reach.CURRENT, 6), (Reach.FUTURE, 2), (Reach.ALL, 0)])
def test_crm_deletes_its_series_after_our_changes(
    march: Installed, worn: list[int], reach: Reach, left: int
) -> None:
    in_the_crm(march, delete_series, worn[2], reach)

    settle(march)

    assert (len(occurrences(march)), len(shown(march))) == (left, left)


def test_crm_series_that_google_shortened_is_still_one_for_the_crm(march: Installed) -> None:
    ids = add_visits(march)
    settle(march)
    [event] = march.events()
    march.google.edit("delete", slot(event["id"], TUESDAYS[0]))
    march.google.edit("delete", slot(event["id"], TUESDAYS[2]))
    settle(march)
    assert [row["activityid"] for row in occurrences(march)] == [ids[1], ids[3]]

    in_the_crm(march, edit_series, ids[3], rename("Taller"), Reach.ALL)
    settle(march)
    assert shown(march) == ["Taller", "Taller"]
    in_the_crm(march, delete_series, ids[3], Reach.ALL)
    settle(march)
    assert (occurrences(march), shown(march)) == ([], [])


# --- what it costs ---


def statements(installed: Installed) -> int:
    """Return how many statements one run sends."""
    counted: list[str] = []

    def count(conn: object, cursor: object, statement: str, *rest: object) -> None:
        counted.append(statement)

    sa.event.listen(installed.parts.engine, "before_cursor_execute", count)
    run = installed.sync()
    sa.event.remove(installed.parts.engine, "before_cursor_execute", count)
    assert (run.status, run.error_code) == (RunStatus.DONE, "")
    return len(counted)


def test_statements_do_not_grow_with_occurrences_or_series(march: Installed) -> None:
    for number in range(2):
        march.google.edit("insert", body=timed(f"Antes {number}", recurrence=WEEKLY))
        settle(march)
    counts: list[int] = []
    for series, length in ((1, 3), (1, 26), (20, 4)):
        for number in range(series):
            rule = f"RRULE:FREQ=WEEKLY;COUNT={length}"
            march.google.edit("insert", body=timed(f"{series} {number}", recurrence=[rule]))
        counts.append(statements(march))
        settle(march)

    assert len(occurrences(march)) == 2 * 6 + 3 + 26 + 80
    assert counts == [counts[0]] * 3
