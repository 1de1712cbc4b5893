"""What a user's first sync has to come to, and what it came to: counted from the tables and from Google, not by the plugin."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from demo.stack import Stack
from demo.visitor import Counts, Outcome

ACTIVITIES = """SELECT a.subject, a.date_start, a.time_start, a.due_date, a.time_end, a.location, a.activitytype,
                       a.recurringtype
                FROM vtiger_activity a JOIN vtiger_crmentity e ON e.crmid = a.activityid
                JOIN vtiger_users u ON u.id = e.smownerid
                WHERE e.deleted = 0 AND u.user_name = '{}' AND a.activitytype <> 'Emails'"""


@dataclass(frozen=True)
class Entry:
    """One appointment, the same whichever side it stands on."""

    subject: str
    start_utc: datetime
    end_utc: datetime
    location: str


@dataclass(frozen=True)
class Diary:
    """A user's appointments on one side, and how much else is there that is not synced yet.

    The CRM knows no whole days, only midnights; at Google they have to stay what they are.
    """

    entries: Counter[Entry]
    whole_days: int = 0
    series: int = 0
    tasks: int = 0

    @property
    def size(self) -> int:
        return self.entries.total()


@dataclass(frozen=True)
class Diaries:
    crm: Diary
    google: Diary


def read_diaries(stack: Stack, login: str, email: str) -> Diaries:
    """Return what the user has on both sides now."""
    [[zone]] = stack.mariadb.execute(
        f"SELECT time_zone FROM vtiger_users WHERE user_name = '{login}'", database=stack.database
    )
    rows = stack.mariadb.execute(ACTIVITIES.format(login), database=stack.database)
    state = stack.control("GET", "state")
    [calendar] = [calendar for calendar in state["calendars"] if calendar["id"] == email]
    return Diaries(crm_diary(rows), google_diary(calendar["events"], ZoneInfo(zone)))


def crm_diary(rows: list[tuple[Any, ...]]) -> Diary:
    entries: Counter[Entry] = Counter()
    tasks = series = 0
    for subject, first, begins, last, ends, location, kind, repeats in rows:
        if kind == "Task":
            tasks += 1
        elif repeats not in (None, "", "--None--"):
            series += 1
        else:
            entry = Entry(subject, _crm_moment(first, begins), _crm_moment(last, ends), location or "")
            entries[entry] += 1
    return Diary(entries, series=series, tasks=tasks)


def google_diary(events: list[Mapping[str, Any]], zone: ZoneInfo) -> Diary:
    entries: Counter[Entry] = Counter()
    whole_days = series = 0
    for event in events:
        if event["status"] == "cancelled":
            continue
        if "recurrence" in event or "recurringEventId" in event:
            series += 1
            continue
        start_utc, end_utc = (_google_moment(event[side], zone) for side in ("start", "end"))
        whole_days += "date" in event["start"]
        entries[Entry(event["summary"], start_utc, end_utc, event.get("location", ""))] += 1
    return Diary(entries, whole_days, series)


def problems(before: Diaries, outcome: Outcome, after: Diaries) -> list[str]:
    """Return what is wrong with a first sync, in words; nothing if all is well."""
    found = []
    for name, told, expected in (
        ("CRM", outcome.crm, before.google.size),
        ("Google", outcome.google, before.crm.size),
    ):
        wanted = Counts(created=expected, updated=0, deleted=0, skipped=told.skipped)
        if told != wanted:
            found.append(f"{name}: {expected} new ones and nothing else were expected, the box says {told}")
    wanted_entries = before.crm.entries + before.google.entries
    for name, diary in (("CRM", after.crm), ("Google", after.google)):
        missing, foreign = wanted_entries - diary.entries, diary.entries - wanted_entries
        found += [f"{name}: missing or different: {_shown(entry)}" for entry in missing.elements()]
        found += [f"{name}: not expected: {_shown(entry)}" for entry in foreign.elements()]
    if _untouched(before) != _untouched(after):
        found.append("a task, a repeating event or Google's mark of whole days was touched")
    return found


def _shown(entry: Entry) -> str:
    return f"{entry.subject}, {entry.start_utc:%Y-%m-%d %H:%M} UTC"


def _untouched(diaries: Diaries) -> tuple[int, ...]:
    crm, google = diaries.crm, diaries.google
    return crm.series, crm.tasks, google.series, google.whole_days


def _crm_moment(day: date, wall: str) -> datetime:
    """The stand-in's default zone is UTC, as is a fresh CRM's."""
    return datetime.combine(day, time.fromisoformat(wall), UTC)


def _google_moment(value: Mapping[str, str], zone: ZoneInfo) -> datetime:
    if "date" in value:
        return datetime.combine(date.fromisoformat(value["date"]), time.min, zone).astimezone(UTC)
    moment = datetime.fromisoformat(value["dateTime"])
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(value["timeZone"]))
    return moment.astimezone(UTC)
