"""What a user's first sync has to come to, and what it came to: counted from the tables and from Google, not by the plugin.

Both sides are compared appointment by appointment: the CRM has a row for each of a series, Google lays them out itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from demo.stack import Stack
from demo.visitor import Counts, Outcome

ACTIVITIES = """SELECT a.subject, a.date_start, a.time_start, a.due_date, a.time_end, a.location, a.activitytype,
                       IF(a.recurringtype IN ('', '--None--'), NULL,
                          (SELECT MIN(i.activityid) FROM vtiger_activity_recurring_info i
                           WHERE i.recurrenceid = a.activityid))
                FROM vtiger_activity a JOIN vtiger_crmentity e ON e.crmid = a.activityid
                JOIN vtiger_users u ON u.id = e.smownerid
                WHERE e.deleted = 0 AND u.user_name = '{}' AND a.activitytype <> 'Emails'"""

# What a series is laid out for where nobody sets a start date or GSYNC_HORIZON_DAYS: 180 days, and a week in stock.
DAYS_BEFORE, DAYS_AHEAD = 30, 180 + 7


@dataclass(frozen=True)
class Window:
    """The time that is compared: what ends after one moment and starts before the other."""

    since: datetime
    until: datetime

    @classmethod
    def around(cls, today: date, zone: ZoneInfo) -> Self:
        """Return the window of somebody who connects today, from midnight to midnight in their zone."""
        days = (today - timedelta(days=DAYS_BEFORE), today + timedelta(days=DAYS_AHEAD))
        return cls(*(datetime.combine(day, time(), zone).astimezone(UTC) for day in days))

    def holds(self, entry: "Entry") -> bool:
        return entry.end_utc > self.since and entry.start_utc < self.until


@dataclass(frozen=True)
class Entry:
    """One appointment, the same whichever side it stands on."""

    subject: str
    start_utc: datetime
    end_utc: datetime
    location: str


@dataclass(frozen=True)
class Diary:
    """A user's appointments on one side: how many stand alone, how many series hold the others, and what isn't synced.

    The CRM knows no whole days, only midnights; at Google they have to stay what they are.
    """

    entries: Counter[Entry]
    singles: int = 0
    series: int = 0
    whole_days: int = 0
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
    [[name]] = stack.mariadb.execute(
        f"SELECT time_zone FROM vtiger_users WHERE user_name = '{login}'", database=stack.database
    )
    zone = ZoneInfo(name)
    window = Window.around(datetime.now(zone).date(), zone)
    rows = stack.mariadb.execute(ACTIVITIES.format(login), database=stack.database)
    times = {"since": window.since.isoformat(), "until": window.until.isoformat()}
    shown = stack.control("GET", "occurrences?" + urlencode({"calendar": email, **times}))
    return Diaries(crm_diary(rows, window), google_diary(shown["events"], zone))


def crm_diary(rows: Iterable[tuple[Any, ...]], window: Window) -> Diary:
    entries: Counter[Entry] = Counter()
    heads: set[int] = set()
    singles = tasks = 0
    for subject, first, begins, last, ends, location, kind, head_id in rows:
        if kind == "Task":
            tasks += 1
            continue
        entry = Entry(subject, _crm_moment(first, begins), _crm_moment(last, ends), location or "")
        if window.holds(entry):
            entries[entry] += 1
            singles += head_id is None
            heads |= {head_id} - {None}
    return Diary(entries, singles, len(heads), tasks=tasks)


def google_diary(shown: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> Diary:
    entries: Counter[Entry] = Counter()
    masters: set[str] = set()
    singles = whole_days = 0
    for event in shown:
        start_utc, end_utc = (_google_moment(event[side], zone) for side in ("start", "end"))
        entries[Entry(event["summary"], start_utc, end_utc, event.get("location", ""))] += 1
        whole_days += "date" in event["start"]
        singles += "recurringEventId" not in event
        masters |= {event.get("recurringEventId", "")} - {""}
    return Diary(entries, singles, len(masters), whole_days)


def problems(before: Diaries, outcome: Outcome, after: Diaries) -> list[str]:
    """Return what is wrong with a first sync, in words; nothing if all is well."""
    found = []
    for name, told, expected in (
        ("CRM", outcome.crm, before.google.size),
        ("Google", outcome.google, _written(after.google) - _written(before.google)),
    ):
        wanted = Counts(created=expected, updated=0, deleted=0, skipped=told.skipped)
        if told != wanted:
            found.append(f"{name}: {expected} new ones and nothing else were expected, the box says {told}")
    wanted_entries = before.crm.entries + before.google.entries
    for name, diary in (("CRM", after.crm), ("Google", after.google)):
        missing, foreign = wanted_entries - diary.entries, diary.entries - wanted_entries
        found += [f"{name}: missing or different: {_shown(entry)}" for entry in missing.elements()]
        found += [f"{name}: not expected: {_shown(entry)}" for entry in foreign.elements()]
    if (before.crm.tasks, before.google.whole_days) != (after.crm.tasks, after.google.whole_days):
        found.append("a task or Google's mark of whole days was touched")
    for name, earlier, later in (("CRM", before.crm, after.crm), ("Google", before.google, after.google)):
        if later.series <= earlier.series:
            found.append(f"{name}: none of the other side's series has become one here")
    return found


def _written(google: Diary) -> int:
    """Return how many requests make it: a series is one, however often it takes place."""
    return google.singles + google.series


def _shown(entry: Entry) -> str:
    return f"{entry.subject}, {entry.start_utc:%Y-%m-%d %H:%M} UTC"


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
