"""All state of the simulated Google, behind one lock."""

from __future__ import annotations

import secrets
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from demo.google.clock import Clock, stamp
from demo.google.errors import not_found
from demo.google.faults import Faults
from demo.google.grants import GrantBook
from demo.google.journal import Journal
from demo.google.model import Account, Calendar, Client
from demo.google.outbox import Outbox
from demo.google.people_model import AddressBook, build_book
from demo.google.people_quota import PeopleQuota
from demo.google.quota import Quota
from demo.google.switches import Switches

if TYPE_CHECKING:
    from demo.google.wire import Json


class World:
    """Accounts, calendars, grants, clock, switches, faults, log; callers hold `lock` while using it."""

    def __init__(self, plant: Callable[[World], None]) -> None:
        self.lock = threading.RLock()
        self.root_url = ""
        self.latency_s = 0.0
        self.part_latency_s = 0.0
        self.clients: dict[str, Client] = {}
        self._plant = plant
        self._clear()

    def reset(self) -> None:
        """Back to the seed. Registered clients stay: they are configuration, not data."""
        self._clear()
        self._plant(self)
        self.outbox.mails.clear()

    def _clear(self) -> None:
        self.clock = Clock()
        self.switches = Switches()
        self.faults = Faults()
        self.journal = Journal()
        self.quota = Quota(self.switches)
        self.people_quota = PeopleQuota(self)
        self.people_writing: Counter[str] = Counter()
        self.outbox = Outbox(self.clock)
        self.accounts: dict[str, Account] = {}
        self.calendars: dict[str, Calendar] = {}
        self.books: dict[str, AddressBook] = {}
        self.grants = GrantBook(self.clock, self.switches)
        self.snapshots: OrderedDict[str, Any] = OrderedDict()
        self.pending: dict[str, Any] = {}
        self.epoch = secrets.token_hex(4)
        self._last_version = 0

    def new_etag(self) -> str:
        """A quoted decimal, never given twice."""
        version = int(self.clock.now().timestamp() * 1000) * 2
        self._last_version = max(self._last_version + 2, version)
        return f'"{self._last_version}"'

    def now_stamp(self) -> str:
        return stamp(self.clock.now())

    def account_of(self, hint: str) -> Account | None:
        """By e-mail (in any case) or by `sub`."""
        wanted = hint.strip().lower()
        return next((a for a in self.accounts.values() if wanted in (a.email.lower(), a.sub)), None)

    def calendar_for(self, account: Account, calendar_id: str) -> tuple[Calendar, str]:
        """The calendar and the account's role on it; 404 without any role."""
        key = account.email if calendar_id == "primary" else calendar_id
        calendar = self.calendars.get(key)
        role = calendar.roles.get(account.email) if calendar else None
        if calendar is None or role is None:
            raise not_found()
        return calendar, role

    def add_account(
        self, email: str, name: str, time_zone: str, locale: str = "es", sub: str = ""
    ) -> Account:
        number = len(self.accounts) + 1
        account = Account(email, sub or f"10000000000000000{number:04d}", name, locale)
        self.accounts[email] = account
        self.books[email] = build_book(self)
        self.add_calendar(account, email, email, time_zone)
        return account

    def add_calendar(self, owner: Account, calendar_id: str, summary: str, time_zone: str) -> Calendar:
        calendar = Calendar(calendar_id, summary, time_zone, owner.email, etag=self.new_etag())
        self.calendars[calendar_id] = calendar
        self.share(calendar, owner, "owner")
        return calendar

    def share(self, calendar: Calendar, account: Account, role: str | None) -> None:
        """Give, change or take a role; like any change of the ACL it ends the calendar's sync tokens."""
        calendar.token_generation += 1
        old = account.entries.get(calendar.id) or {
            "colorId": str(len(account.entries) % 24 + 1),
            "selected": True,
        }
        if role is None:
            calendar.roles.pop(account.email, None)
            entry: Json = {**old, "id": calendar.id, "deleted": True}
        else:
            calendar.roles[account.email] = role
            entry = {**old, "id": calendar.id, "accessRole": role}
            entry.pop("deleted", None)
        if calendar.id == account.email:
            entry["primary"] = True
        account.entries.put(calendar.id, entry | {"etag": self.new_etag()})

    def dump(self) -> Json:
        """Everything, for /_sim/state."""
        return {
            "now": self.now_stamp(),
            "switches": self.switches.dump(),
            "accounts": [
                {
                    "email": a.email,
                    "sub": a.sub,
                    "name": a.name,
                    "locale": a.locale,
                    "calendar_list": list(a.entries),
                }
                for a in self.accounts.values()
            ],
            "calendars": [
                {
                    "id": c.id,
                    "summary": c.summary,
                    "time_zone": c.time_zone,
                    "owner": c.owner,
                    "roles": c.roles,
                    "position": c.events.position,
                    "events": list(c.events),
                }
                for c in self.calendars.values()
            ],
            "contacts": {email: book.dump() for email, book in self.books.items()},
            "clients": [
                {"client_id": c.client_id, "redirect_uris": c.redirect_uris} for c in self.clients.values()
            ],
            "grants": self.grants.dump(),
            "faults": self.faults.dump(),
            "outbox": self.outbox.mails,
        }
