"""What the page at / shows: one account, one month, perhaps one event opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from demo.google.calendars_api import CALENDAR_COLOURS
from demo.google.events import find
from demo.google.model import Account, Calendar
from demo.google.recurrence import take_place
from demo.google.times import bounds, is_all_day
from demo.google.wire import Json, Request
from demo.google.world import World

WRITERS = ("owner", "writer", "writerWithoutPrivateAccess")


@dataclass
class Shelf:
    """A calendar as one account sees it."""

    calendar: Calendar
    role: str
    colour: str
    name: str

    @property
    def writable(self) -> bool:
        return self.role in WRITERS


@dataclass
class Chip:
    """An event on one day of the grid."""

    shelf: Shelf
    event: Json
    time: str
    continues: bool

    @property
    def hidden(self) -> bool:
        private = self.event.get("visibility") in ("private", "confidential")
        return self.shelf.role == "freeBusyReader" or (private and self.shelf.role == "reader")


@dataclass
class Form:
    """What the form for one event is filled with."""

    shelf: Shelf
    event_id: str
    summary: str
    all_day: bool
    start: datetime
    end: datetime
    location: str = ""
    description: str = ""
    guests: list[str] = field(default_factory=list)
    in_series: bool = False
    problem: str = ""


@dataclass
class View:
    language: str
    hl: str
    account: Account
    accounts: list[Account]
    shelves: list[Shelf]
    month: date
    today: date
    days: dict[date, list[Chip]]
    mails: int
    form: Form | None = None
    page: str = "/"

    def address_of(self, page: str) -> str:
        """Another page, with the same account."""
        return page_address(page, self.account, self.hl)

    def address(self, **changes: str) -> str:
        query = {"account": self.account.email, "month": self.month.strftime("%Y-%m")} | changes
        if self.hl:
            query["hl"] = self.hl
        return "/?" + urlencode({name: value for name, value in query.items() if value})


def page_address(page: str, account: Account, hl: str) -> str:
    """Where a page shows an account."""
    return f"{page}?" + urlencode({"account": account.email} | ({"hl": hl} if hl else {}))


def build_view(world: World, request: Request, language: str) -> View | None:
    """None in a world without accounts."""
    accounts = list(world.accounts.values())
    if not accounts:
        return None
    account = world.account_of(request.param("account")) or accounts[0]
    shelves = _shelves(world, account)
    today = world.clock.now().astimezone(shelves[0].calendar.zone).date()
    month = _month(request.param("month"), today)
    view = View(
        language=language,
        hl=request.param("hl"),
        account=account,
        accounts=accounts,
        shelves=shelves,
        month=month,
        today=today,
        days=_days(shelves, month),
        mails=len(world.outbox.mails),
    )
    view.form = _form(view, request)
    return view


def _shelves(world: World, account: Account) -> list[Shelf]:
    found = []
    for entry in account.entries:
        calendar = world.calendars.get(entry["id"])
        if calendar and not entry.get("deleted"):
            colour = CALENDAR_COLOURS[(int(entry["colorId"]) * 7 + 8) % len(CALENDAR_COLOURS)]
            name = account.name if calendar.id == account.email else calendar.summary
            found.append(Shelf(calendar, entry["accessRole"], colour, entry.get("summaryOverride") or name))
    return sorted(found, key=lambda shelf: shelf.calendar.id != account.email)


def _month(text: str, today: date) -> date:
    return (_day(f"{text}-01") or today).replace(day=1)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 < day.year < 2200 else None


def grid(month: date) -> list[date]:
    """Whole weeks from Monday that cover the month."""
    first = month - timedelta(days=month.weekday())
    after = (month + timedelta(days=32)).replace(day=1)
    weeks = -(-(after - first).days // 7)
    return [first + timedelta(days=n) for n in range(7 * weeks)]


def _days(shelves: list[Shelf], month: date) -> dict[date, list[Chip]]:
    days: dict[date, list[Chip]] = {day: [] for day in grid(month)}
    for shelf in shelves:
        zone = shelf.calendar.zone
        since = datetime.combine(min(days), time(), zone)
        until = datetime.combine(max(days) + timedelta(days=1), time(), zone)
        for event in take_place(shelf.calendar, since, until):
            begin, end = (moment.astimezone(zone) for moment in bounds(event, zone))
            clock = "" if is_all_day(event) else begin.strftime("%H:%M")
            day, last = begin.date(), max(begin, end - timedelta(seconds=1)).date()
            while day <= last:
                if day in days:
                    days[day].append(Chip(shelf, event, clock, continues=day > begin.date()))
                day += timedelta(days=1)
    for chips in days.values():
        chips.sort(key=lambda chip: (chip.time, chip.event.get("summary", "")))
    return days


def _form(view: View, request: Request) -> Form | None:
    new_day = request.param("new")
    if new_day:
        day = _day(new_day) or view.today
        start = datetime.combine(day, time(9), view.shelves[0].calendar.zone)
        return Form(view.shelves[0], "", "", False, start, start + timedelta(hours=1))
    shelf = next((s for s in view.shelves if s.calendar.id == request.param("cal")), None)
    event = find(shelf.calendar, request.param("event")) if shelf and request.param("event") else None
    if shelf is None or event is None or event["status"] == "cancelled" or "start" not in event:
        return None
    if Chip(shelf, event, "", continues=False).hidden:
        return None
    start, end = (moment.astimezone(shelf.calendar.zone) for moment in bounds(event, shelf.calendar.zone))
    if is_all_day(event):
        end -= timedelta(days=1)  # people write the last day, Google the day after
    return Form(
        shelf=shelf,
        event_id=event["id"],
        summary=event.get("summary", ""),
        all_day=is_all_day(event),
        start=start,
        end=end,
        location=event.get("location", ""),
        description=event.get("description", ""),
        guests=[person["email"] for person in event.get("attendees", ())],
        in_series="recurringEventId" in event or bool(event.get("recurrence")),
    )
