"""The demo's own judge: it has to see what a wrong sync would leave."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from demo.reckoning import Diaries, Diary, Entry, crm_diary, google_diary, problems
from demo.visitor import Counts, Outcome

MADRID = ZoneInfo("Europe/Madrid")
TALK = Entry("Charla", datetime(2026, 7, 1, 8, tzinfo=UTC), datetime(2026, 7, 1, 9, tzinfo=UTC), "")
FAIR = Entry("Feria", datetime(2026, 7, 1, 22, tzinfo=UTC), datetime(2026, 7, 2, 22, tzinfo=UTC), "IFEMA")
BEFORE = Diaries(Diary(Counter([TALK]), series=2, tasks=1), Diary(Counter([FAIR]), whole_days=1))
AFTER = Diaries(Diary(Counter([TALK, FAIR]), series=2, tasks=1), Diary(Counter([TALK, FAIR]), whole_days=1))
GOOD = Outcome(Counts(1, 0, 0, 0), Counts(1, 0, 0, 0), seconds=0.1)


def test_right_sync_has_no_problems() -> None:
    assert problems(BEFORE, GOOD, AFTER) == []


def test_wrong_count_missing_doubled_and_moved_events_are_seen() -> None:
    assert problems(BEFORE, replace(GOOD, crm=Counts(2, 0, 0, 0)), AFTER)
    assert problems(BEFORE, GOOD, replace(AFTER, google=Diary(Counter([FAIR]), whole_days=1)))
    doubled = Diary(Counter([TALK, FAIR, FAIR]), series=2, tasks=1)
    assert problems(BEFORE, GOOD, replace(AFTER, crm=doubled))
    moved = replace(TALK, start_utc=datetime(2026, 7, 1, 7, tzinfo=UTC))
    assert len(problems(BEFORE, GOOD, replace(AFTER, google=Diary(Counter([moved, FAIR]), 1)))) == 2


def test_task_series_and_whole_day_have_to_stay() -> None:
    assert problems(BEFORE, GOOD, replace(AFTER, crm=replace(AFTER.crm, tasks=0)))
    assert problems(BEFORE, GOOD, replace(AFTER, google=replace(AFTER.google, whole_days=0)))


def test_both_sides_are_read_to_the_same_entry() -> None:
    day = date(2026, 7, 1)
    row = ("Feria", day, "22:00:00", date(2026, 7, 2), "22:00:00", "IFEMA", "Meeting", "--None--")
    event = {
        "status": "confirmed",
        "summary": "Feria",
        "location": "IFEMA",
        "start": {"date": "2026-07-02"},
        "end": {"date": "2026-07-03"},
    }
    assert crm_diary([row]).entries == google_diary([event], MADRID).entries == Counter([FAIR])
    assert google_diary([{**event, "status": "cancelled"}], MADRID).size == 0
    assert google_diary([{**event, "recurrence": ["RRULE:FREQ=DAILY"]}], MADRID).series == 1
