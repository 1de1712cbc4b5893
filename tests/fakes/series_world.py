"""What people do to series, on either side, in words a test can draw from; and what both sides show of them.

Every series has a tag in its description; each of its titles, places and times of day is another, so that two records of one
tag that begin at the same moment are doubles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from plugin.core.crm_rules import CrmRule
from plugin.core.mapping.crm_event import event_from_row
from plugin.core.mapping.google_event import change_from_resource
from plugin.core.model import Event, Side
from plugin.core.recurrence import slot_start
from plugin.core.series import split_instance_id
from plugin.core.when import Timed, instants
from tests.builders import MADRID, USER_ID, all_day_body, timed_body
from tests.fakes.world import World

Json = dict[str, Any]
# 2 March 2027 is a Tuesday; DST begins in Madrid on 28 March.
FIRST_DAY = date(2027, 3, 2)
GOOGLE_RULES = (
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;COUNT=5",
    "FREQ=DAILY;INTERVAL=3;COUNT=6",
    "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=7",
    "FREQ=WEEKLY;UNTIL=20270325",
    "FREQ=MONTHLY;BYDAY=1TU",
)
CRM_RULES = (
    (CrmRule("Weekly", 1, "Weekly::2"), (0, 7, 14, 21)),
    (CrmRule("Weekly", 1, "Weekly::2"), (14, 21, 28, 35)),
    (CrmRule("Daily", 2, "Daily"), (0, 2, 4, 6)),
    (CrmRule("Monthly", 1, "Monthly::date::31"), (29, 60)),
)
Content = tuple[str, str, datetime]  # title, place, start


class SeriesWorld(World):
    """See the module."""

    def __init__(self, **pair: Any) -> None:
        super().__init__(**pair)
        self.counter = 0
        self.whole_day_tags: set[str] = set()

    # --- Google's users ---

    def add_google_series(self, line: str, *, is_all_day: bool) -> str:
        """Begin a series and return its tag."""
        tag = f"tag {self.next()}"
        if is_all_day:
            self.whole_day_tags.add(tag)
        self.google.insert_as_user(
            f"series{self.counter}",
            summary=self.value("new"),
            description=tag,
            colorId=tag,
            recurrence=[f"RRULE:{line}"],
            **(all_day_body() if is_all_day else self.times(FIRST_DAY)),
        )
        return tag

    def masters(self) -> list[str]:
        """Return the ids of living events that aren't occurrences."""
        return sorted(i for i, e in self.google.alive.items() if "recurringEventId" not in e)

    def slots(self) -> list[str]:
        """Return the ids of all that takes place of living series in the first months."""
        ids = [i for i, e in self.google.alive.items() if e.get("recurrence")]
        return sorted(o for i in ids for o in self.google.occurrences(i) if _slot(o) < self.far)

    @property
    def far(self) -> datetime:
        """Return a moment farther than any series is laid out."""
        return self.now + timedelta(days=60)

    def move_master(self, google_id: str, *, days: int) -> None:
        """Give a series other hours, and another day."""
        master = self.google.alive[google_id]
        if "date" in master["start"]:
            day = date.fromisoformat(master["start"]["date"]) + timedelta(days=days)
            body = all_day_body(day.isoformat(), (day + timedelta(days=1)).isoformat())
        else:
            body = self.times(_day(master) + timedelta(days=days))
        self.google.edit_as_user(google_id, **body)

    def except_date(self, google_id: str, slot_id: str) -> None:
        """Take one day out of a rule."""
        self._add_line(google_id, "EXDATE", slot_id)

    def _add_line(self, google_id: str, kind: str, slot_id: str) -> None:
        split = split_instance_id(slot_id)
        lines = self.google.alive[google_id].get("recurrence", [])
        if split:
            self.google.edit_as_user(google_id, recurrence=[*lines, f"{kind}:{split[1]}"])

    def add_date(self, google_id: str, days: int) -> None:
        """Add one day to a rule."""
        master = self.google.alive[google_id]
        day = _day(master) + timedelta(days=days)
        if "date" in master["start"]:
            line = f"RDATE;VALUE=DATE:{day:%Y%m%d}"
        else:
            line = f"RDATE;TZID={MADRID}:{day:%Y%m%d}T{master['start']['dateTime'][11:19].replace(':', '')}"
        self.google.edit_as_user(google_id, recurrence=[*master["recurrence"], line])

    def split_series(self, slot_id: str) -> str | None:
        """Edit "this and following": the old series ends before, a new one goes on, marker and all; return its tag."""
        google_id, slot = split_instance_id(slot_id) or ("", "")
        master = self.google.alive[google_id]
        by_rule = [i for i in self.google.occurrences(google_id) if _slot(i) < _slot(slot_id)]
        new_id = f"{google_id.partition('_R')[0]}_R{slot.rstrip('Z')}"
        is_taken = new_id in self.google.alive or new_id == google_id
        if not by_rule or is_taken or "EXDATE" in repr(master["recurrence"]):
            return None
        tag = f"tag {self.next()}"
        rule = master["recurrence"][0].partition(";COUNT")[0].partition(";UNTIL")[0]
        before = _slot(slot_id) - timedelta(seconds=1)
        until = f"{before:%Y%m%d}" if "T" not in slot else f"{before:%Y%m%dT%H%M%SZ}"
        self.google.edit_as_user(google_id, recurrence=[f"{rule};UNTIL={until}", *master["recurrence"][1:]])
        day = _slot(slot_id).date()
        copied = {name: master[name] for name in ("location", "extendedProperties") if name in master}
        times = all_day_body(day.isoformat(), (day + timedelta(days=1)).isoformat())
        self.google.insert_as_user(
            new_id,
            summary=self.value("split"),
            description=tag,
            colorId=tag,
            recurrence=[f"{rule};COUNT=4"],
            **copied,
            **(times if "T" not in slot else self.times(day)),
        )
        return tag

    def edit_slot(self, slot_id: str, *, moves: bool) -> None:
        """Rename one occurrence, or move it to another time and day."""
        is_all_day = "T" not in slot_id.rpartition("_")[2]
        if moves and not is_all_day:
            self.google.edit_as_user(slot_id, **self.times(_slot(slot_id).date() + timedelta(days=1)))
        else:
            self.google.edit_as_user(slot_id, summary=self.value("one"))

    # --- the CRM's users ---

    def add_crm_series(self, rule: CrmRule, offsets: Sequence[int]) -> str:
        """Begin a series, at the same UTC time each day, and return its tag."""
        tag, clock = f"tag {self.next()}", self.crm_times(FIRST_DAY)
        days = [(FIRST_DAY + timedelta(days=offset)).isoformat() for offset in offsets]
        hours = {name: clock[name] for name in ("time_start", "time_end")}
        self.crm.add_series(rule, days, self.value("visit"), description=tag, **hours)
        return tag

    def activities(self) -> dict[int, str]:
        """Return the tags of the user's living activities."""
        rows = self.crm.rows(USER_ID).items()
        return {i: row.description for i, row in sorted(rows) if row.description}

    def fellows(self, crm_id: int, *, is_future: bool) -> list[int]:
        """Return the CRM's whole series of an activity, or from it on, by date."""
        head = self.crm.stored(crm_id).head_id
        rows = {i: r for i, r in self.crm.rows().items() if i == crm_id or (head and self._head(i) == head)}
        ids = sorted(rows, key=lambda i: (rows[i].date_start, rows[i].time_start, i))
        return ids[ids.index(crm_id) :] if is_future else ids

    def _head(self, crm_id: int) -> int | None:
        return self.crm.stored(crm_id).head_id

    def rename_activities(self, crm_ids: Sequence[int]) -> None:
        """Rename as the dialog's "this", "future" and "all" do: the same title for each."""
        title = self.value("renamed")
        for crm_id in crm_ids:
            self.crm.edit(crm_id, subject=title)

    def delete_activities(self, crm_ids: Sequence[int], *, is_proper: bool) -> None:
        """Delete as the CRM does; not `is_proper`: the list of the series keeps them, as in Spanish."""
        for crm_id in crm_ids:
            self.crm.delete(crm_id)
            if is_proper:
                self.crm.leave_series(crm_id)

    def redate_activities(self, crm_ids: Sequence[int], days: int) -> None:
        """Lay the series' activities on other days, one after another, as another rule does."""
        columns = self.crm_times(FIRST_DAY)
        first = self.crm.row(crm_ids[0]).date_start
        for number, crm_id in enumerate(crm_ids):
            day = first + timedelta(days=1 + number * days)
            self.crm.edit(crm_id, **columns | {"date_start": day, "due_date": day})

    def give_other_hours(self, crm_ids: Sequence[int]) -> None:
        """Change the time of day, as the dialog's "this", "future" and "all" do: the same for each, on its own day."""
        clock = self.crm_times(FIRST_DAY)
        for crm_id in crm_ids:
            day = self.crm.row(crm_id).date_start
            self.crm.edit(crm_id, **clock | {"date_start": day, "due_date": day})

    def lengthen(self, crm_id: int) -> None:
        """Add one to the end of a CRM series."""
        ids = self.fellows(crm_id, is_future=False)
        last, head, rule = self.crm.row(ids[-1]), self._head(crm_id), self.crm.stored(crm_id).rule
        if head is not None and rule is not None:
            day = (last.date_start + timedelta(days=7)).isoformat()
            hours = {"time_start": last.time_start, "time_end": last.time_end}
            [new] = self.crm.add_series(rule, [day], last.subject, description=last.description, **hours)
            self.crm.put_into_series(new, head)

    def untick(self, crm_id: int) -> None:
        """Make a series a single activity: the others go."""
        others = [i for i in self.fellows(crm_id, is_future=False) if i != crm_id]
        self.delete_activities(others, is_proper=True)
        self.crm.leave_series(crm_id)
        self.crm.touch(crm_id)

    # --- what is there ---

    def shown(self, side: Side) -> dict[str, list[Content]]:
        """Return all that takes place, by tag."""
        found: dict[str, list[Content]] = {}
        for tag, event in self._crm_events() if side is Side.CRM else self._google_events():
            start = instants(event.when, MADRID).start_utc
            found.setdefault(tag, []).append((event.subject, event.location, start))
        return {tag: sorted(contents) for tag, contents in found.items()}

    def google_items(self) -> Mapping[str, Json]:
        """Return all that takes place in Google, by id."""
        found: dict[str, Json] = {}
        for google_id in self.masters():
            master = self.google.alive[google_id]
            found |= self.google.occurrences(google_id) if master.get("recurrence") else {google_id: master}
        return {i: e for i, e in found.items() if "description" in e}

    def _google_events(self) -> list[tuple[str, Event]]:
        changes = [change_from_resource(resource) for resource in self.google_items().values()]
        return [(c.content.description, c.content) for c in changes if c.content is not None]

    def _crm_events(self) -> list[tuple[str, Event]]:
        zone_of = {link.crm_id: link.all_day_zone for link in self.links}
        rows = self.crm.rows()
        return [
            (r.description, event_from_row(r, "UTC", zone_of.get(i)))
            for i, r in rows.items()
            if r.description
        ]

    # --- values that come once ---

    def next(self) -> int:
        self.counter += 1
        return self.counter

    def value(self, name: str) -> str:
        return f"{name} {self.next()}"

    def times(self, day: date) -> Json:
        """Return start and end in Google, at a time of day that nobody else has."""
        start = datetime(day.year, day.month, day.day, 7) + timedelta(minutes=self.next())
        return timed_body(start.isoformat(), (start + timedelta(hours=1)).isoformat())

    def crm_times(self, day: date) -> Json:
        """The same in the CRM's columns, in UTC."""
        start = datetime(day.year, day.month, day.day, 5, 0, 30, tzinfo=UTC) + timedelta(minutes=self.next())
        end = start + timedelta(hours=1)
        return {"date_start": day, "time_start": f"{start:%H:%M:%S}",
                "due_date": day, "time_end": f"{end:%H:%M:%S}"}  # fmt: skip

    def is_timed(self, crm_id: int) -> bool:
        """Tell whether an activity has hours of its own."""
        link = next((link for link in self.links if link.crm_id == crm_id), None)
        return link is None or isinstance(link.google_half.when, Timed)


def _slot(google_id: str) -> datetime:
    split = split_instance_id(google_id)
    return (slot_start(split[1]) if split else None) or datetime.max.replace(tzinfo=UTC)


def _day(resource: Json) -> date:
    start = resource["start"]
    return date.fromisoformat((start.get("date") or start["dateTime"])[:10])
