"""The demo's own judge: it has to see what a wrong sync would leave."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from demo.reckoning import Diaries, Diary, Entry, Window, crm_diary, google_diary, problems
from demo.visitor import Counts, Outcome

MADRID = ZoneInfo("Europe/Madrid")
WINDOW = Window.around(date(2026, 6, 20), MADRID)
TALK = Entry("Charla", datetime(2026, 7, 1, 8, tzinfo=UTC), datetime(2026, 7, 1, 9, tzinfo=UTC), "")
FAIR = Entry("Feria", datetime(2026, 7, 1, 22, tzinfo=UTC), datetime(2026, 7, 2, 22, tzinfo=UTC), "IFEMA")
MONDAYS = [
    Entry("Lunes", TALK.start_utc + timedelta(days=d), TALK.end_utc + timedelta(days=d), "") for d in (5, 12)
]
FRIDAYS = [
    Entry("Viernes", TALK.start_utc + timedelta(days=d), TALK.end_utc + timedelta(days=d), "") for d in (2, 9)
]
ALL = Counter([TALK, FAIR, *MONDAYS, *FRIDAYS])
BEFORE = Diaries(
    Diary(Counter([TALK, *MONDAYS]), singles=1, series=1, tasks=1),
    Diary(Counter([FAIR, *FRIDAYS]), singles=1, series=1, whole_days=1),
)
AFTER = Diaries(Diary(ALL, 2, 2, tasks=1), Diary(ALL, 2, 2, whole_days=1))
GOOD = Outcome(Counts(3, 0, 0, 0), Counts(2, 0, 0, 0), seconds=0.1)


def row(entry: Entry, head_id: int | None = None, kind: str = "Meeting") -> tuple[Any, ...]:
    ends = "" if kind == "Task" else f"{entry.end_utc:%H:%M:%S}"
    start, end = entry.start_utc, entry.end_utc
    return entry.subject, start.date(), f"{start:%H:%M:%S}", end.date(), ends, entry.location, kind, head_id


def event(entry: Entry, **more: str) -> dict[str, Any]:
    start, end = ({"dateTime": moment.isoformat()} for moment in (entry.start_utc, entry.end_utc))
    return {"summary": entry.subject, "location": entry.location, "start": start, "end": end, **more}


def test_right_sync_has_no_problems() -> None:
    assert problems(BEFORE, GOOD, AFTER) == []


def test_wrong_count_missing_doubled_and_moved_appointments_are_seen() -> None:
    assert problems(BEFORE, replace(GOOD, crm=Counts(4, 0, 0, 0)), AFTER)
    assert problems(BEFORE, replace(GOOD, google=Counts(3, 0, 0, 0)), AFTER)
    for lost in (TALK, FRIDAYS[1]):
        assert problems(BEFORE, GOOD, replace(AFTER, crm=replace(AFTER.crm, entries=ALL - Counter([lost]))))
    assert problems(BEFORE, GOOD, replace(AFTER, crm=replace(AFTER.crm, entries=ALL + Counter([FAIR]))))
    moved = replace(MONDAYS[1], start_utc=datetime(2026, 7, 13, 7, tzinfo=UTC))
    entries = ALL - Counter([MONDAYS[1]]) + Counter([moved])
    assert len(problems(BEFORE, GOOD, replace(AFTER, google=replace(AFTER.google, entries=entries)))) == 2


def test_task_and_whole_day_have_to_stay() -> None:
    assert problems(BEFORE, GOOD, replace(AFTER, crm=replace(AFTER.crm, tasks=0)))
    assert problems(BEFORE, GOOD, replace(AFTER, google=replace(AFTER.google, whole_days=0)))


def test_series_that_falls_to_single_events_is_seen() -> None:
    apart = replace(AFTER, google=replace(AFTER.google, singles=4, series=1))
    assert problems(BEFORE, replace(GOOD, google=Counts(3, 0, 0, 0)), apart)


def test_both_sides_are_read_to_the_same_entry() -> None:
    fair = event(FAIR) | {"start": {"date": "2026-07-02"}, "end": {"date": "2026-07-03"}}
    assert crm_diary([row(FAIR)], WINDOW).entries == google_diary([fair], MADRID).entries == Counter([FAIR])


def test_series_is_counted_once_and_its_appointments_each() -> None:
    crm = crm_diary([row(TALK), *(row(one, head_id=7) for one in MONDAYS)], WINDOW)
    google = google_diary([event(TALK), *(event(one, recurringEventId="s") for one in MONDAYS)], MADRID)
    assert crm == google == Diary(Counter([TALK, *MONDAYS]), singles=1, series=1)


def test_tasks_and_what_lies_outside_the_window_are_not_compared() -> None:
    years = timedelta(days=400)
    far = replace(TALK, start_utc=TALK.start_utc + years, end_utc=TALK.end_utc + years)
    assert crm_diary([row(TALK, kind="Task"), row(far)], WINDOW) == Diary(Counter(), tasks=1)
