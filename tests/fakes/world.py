"""A CRM, a Google calendar and a pair between them, in memory; tests edit either side and call `sync`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from plugin.core.model import CrmLimits, Link, LinkState, Side
from plugin.core.plan import Plan
from plugin.sync.memory_ports import JournalEntry
from plugin.sync.ports import CrmUser
from plugin.sync.preview import held_deletions
from plugin.sync.run import plan_run, run_sync
from plugin.sync.tally import Tally
from tests.builders import NOW, a_pair, a_user
from tests.fakes.calendar import FakeCalendar
from tests.fakes.crm import FakeCrmHands
from tests.fakes.run import LIMITS, FakeRun, all_keys
from tests.fakes.tables import FakeDatabase, Tables


class _Everything(frozenset[str]):
    """Contains whatever is looked for."""

    def __contains__(self, key: object) -> bool:
        return True


# Of a pair for which the brake is off. Not empty: an empty set of approvals is not looked at.
ALL_APPROVED = _Everything({"all"})


class AnyWorld:
    """What the worlds of all modules have in common. Time passes only with `sync` and `wait`."""

    def __init__(self, tables: Tables) -> None:
        self.now = NOW
        self.user: CrmUser = a_user()
        self.limits: CrmLimits = LIMITS
        self.batch_size = 100
        self.database = FakeDatabase(tables)
        self._keys = all_keys()

    # --- time ---

    def clock(self) -> datetime:
        return self.now

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    # --- runs ---

    def run(self) -> FakeRun:
        """Return a run that can be given accidents before it starts."""
        raise NotImplementedError

    def sync(self, run: FakeRun | None = None) -> Tally:
        """Carry out one run, a quarter of an hour later."""
        self.wait(minutes=15)
        tally = Tally()
        run_sync(run or self.run(), tally)
        return tally

    def plan(self) -> Plan:
        """Return what the next pass would do."""
        return plan_run(self.run())

    def change_pair(self, **fields: Any) -> None:
        self.database.tables.pair = replace(self.database.tables.pair, **fields)

    def approve(self) -> int:
        """Approve the deletions that are held now; return their number."""
        changes = held_deletions(self.run())
        keys = frozenset(change.approval_key for change in changes)
        self.change_pair(approved_deletions=self.database.tables.pair.approved_deletions | keys)
        return len(changes)

    # --- looking ---

    @property
    def links(self) -> list[Link]:
        return list(self.database.tables.links.values())

    @property
    def live_links(self) -> list[Link]:
        return [link for link in self.links if link.state is LinkState.LIVE]

    @property
    def link(self) -> Link:
        """Return the only link there is."""
        [link] = self.links
        return link

    @property
    def journal(self) -> list[JournalEntry]:
        return [entry for _, entry in self.database.tables.journal]

    @property
    def parked(self) -> dict[tuple[str, str], str]:
        """Return the reasons of what is set aside, by side and id."""
        return {key: parked.item.reason for key, parked in self.database.tables.parked.items()}


class World(AnyWorld):
    """A world of activities and events."""

    def __init__(self, **pair: Any) -> None:
        super().__init__(Tables(a_pair(**pair)))
        # The longest subject that the database takes; less than `limits` says: a column narrower than it was probed.
        self.refuses_over = LIMITS.subject_chars
        self.crm = FakeCrmHands(self.database, self.clock)
        self.google = FakeCalendar()
        self.google.clock = self.clock

    def run(self) -> FakeRun:
        """See AnyWorld."""
        return FakeRun(
            database=self.database,
            google=self.google,
            clock=self.clock,
            keys=self._keys,
            user=self.user,
            limits=self.limits,
            batch_size=self.batch_size,
            refuses_over=self.refuses_over,
        )

    def twin(self) -> World:
        """Return another world that is the same now."""
        twin = World()
        twin.now, twin.user, twin.limits = self.now, self.user, self.limits
        twin.batch_size, twin.refuses_over = self.batch_size, self.refuses_over
        twin.database.tables = self.database.tables.copy()
        twin.database.sequences = replace(self.database.sequences)
        twin.google = self.google.twin()
        twin.google.clock = twin.clock
        twin.crm = FakeCrmHands(twin.database, twin.clock)
        return twin

    @property
    def event(self) -> Mapping[str, Any]:
        """Return the only living event in Google."""
        [event] = self.google.alive.values()
        return event

    @property
    def google_id(self) -> str:
        return str(self.event["id"])

    def summaries(self) -> list[str]:
        """Return the titles of Google's living events, sorted."""
        return sorted(event.get("summary", "") for event in self.google.alive.values())


def counts(tally: Tally, side: Side) -> tuple[int, int, int]:
    """Return what was created, updated and deleted on a side."""
    found = tally.crm if side is Side.CRM else tally.google
    return found.created, found.updated, found.deleted


def is_quiet(tally: Tally) -> bool:
    """Tell whether a run wrote on neither side."""
    return tally.crm.view().is_nothing and tally.google.view().is_nothing
