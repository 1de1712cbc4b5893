"""A run in memory: the `Run` port over FakeDatabase and FakeCalendar, with a fence that can be lost and crashes to order."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType

from plugin.core.errors import LockLostError
from plugin.core.model import CrmLimits, Side
from plugin.sync.listing import UNANSWERED
from plugin.sync.memory_ports import LAGGING, Pair
from plugin.sync.module import Module
from plugin.sync.modules.calendar import CALENDAR
from plugin.sync.ports import CrmUser
from tests.builders import a_user
from tests.fakes.calendar import FakeCalendar
from tests.fakes.crm import FakeCrmEvents
from tests.fakes.state import FakeState
from tests.fakes.tables import FakeDatabase

# What the CRM's columns were measured to hold.
LIMITS = CrmLimits()


class CrashError(BaseException):
    """The process dies here: nothing of ours may catch it."""


@dataclass(slots=True)
class Accidents:
    """What happens to a run. A *step* is a moment before or after a commit or a remote write.

    `crash_at` is the number of the step at which the process dies, `lose_lock_at` the one from which the lock is another's.
    """

    steps: int = 0
    crash_at: int | None = None
    lose_lock_at: int | None = None
    has_lock: bool = True
    before_refusal: list[Callable[[], None]] = field(default_factory=list)

    def step(self) -> None:
        """Count one; may be the last."""
        self.steps += 1
        if self.steps == self.lose_lock_at:
            self.has_lock = False
        if self.steps == self.crash_at:
            raise CrashError(f"at step {self.steps}")

    def check(self) -> None:
        """Raise LockLostError once the lock is gone."""
        if not self.has_lock:
            for hook in self.before_refusal:
                hook()
            raise LockLostError("the fake lock was taken over")


class FakeUnitOfWork:
    """A transaction over a copy: nobody sees it before `commit`."""

    crm: FakeCrmEvents
    state: FakeState

    def __init__(self, run: FakeRun) -> None:
        self._run = run
        self._is_open = False

    def __enter__(self) -> FakeUnitOfWork:
        self._run.accidents.check()
        for hook in self._run.before_transaction:
            hook()
        self._tables = self._run.database.tables.copy()
        real = replace(self._run.limits, subject_chars=self._run.refuses_over)
        self.crm = FakeCrmEvents(self._tables, self._run.user, real, self._run.now_utc())
        self.state = FakeState(self._tables, self._run.database.sequences)
        self._is_open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False

    def commit(self) -> None:
        """Make everything done in it permanent, together."""
        if not self._is_open:
            raise RuntimeError("the unit of work is not open")
        self._run.accidents.step()
        self._run.database.tables = self._tables
        self._tables = self._tables.copy()
        self._run.commits += 1
        self._run.accidents.step()


@dataclass
class FakeRun:
    """What `run_sync` is given. `before_transaction` is called as one begins: other people's edits go there."""

    database: FakeDatabase
    google: FakeCalendar
    clock: Callable[[], datetime]
    keys: Iterator[str]
    user: CrmUser = field(default_factory=a_user)
    limits: CrmLimits = LIMITS
    crm_zone: str = "UTC"
    install_id: str = "install-1"
    batch_size: int = 100
    horizon_days: int = 30
    module: Module = CALENDAR
    refuses_over: int = LIMITS.subject_chars
    accidents: Accidents = field(default_factory=Accidents)
    before_transaction: list[Callable[[], None]] = field(default_factory=list)
    reports: list[tuple[str, int, int]] = field(default_factory=list)
    commits: int = 0
    pair: Pair = field(init=False)

    def __post_init__(self) -> None:
        tables, now = self.database.tables, self.clock()
        due = FakeState(tables, self.database.sequences).load_due_google_ids((UNANSWERED, LAGGING), now)
        self.pair = replace(tables.pair, has_questions=bool(tables.intents or due))
        self.google.before_request = self.accidents.check
        self.google.before_write = self.google.after_write = lambda operation: self.accidents.step()

    def unit_of_work(self, *, is_memory_only: bool = False) -> FakeUnitOfWork:
        """See the port."""
        del is_memory_only
        return FakeUnitOfWork(self)

    def reserve_crm_ids(self, count: int) -> Sequence[int]:
        """See the port."""
        return self.database.sequences.reserve_crm_ids(count)

    def now_utc(self) -> datetime:
        """See the port."""
        return self.clock()

    def new_key(self) -> str:
        """See the port."""
        return next(self.keys)

    def report(self, phase: str, side: Side | None = None, done: int = 0, total: int = 0) -> None:
        """See the port."""
        del side
        self.reports.append((phase, done, total))


def all_keys() -> Iterator[str]:
    """Return keys of 32 hex digits, the same in every test."""
    return (f"{number:032x}" for number in itertools.count(1))
