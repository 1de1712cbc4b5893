"""What befalls runs in every state machine: faults of Google's, crashes, a lost lock, a forgotten token, time."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from plugin.core.errors import LockLostError, RateLimitedError, StoreError, UnavailableError
from plugin.core.model import Side
from tests.fakes.run import CrashError, FakeRun
from tests.fakes.world import AnyWorld


@dataclass
class Window:
    """What happened to one record since both sides last agreed; `is_blurred`: a run came in between and may have moved it.

    `editors`: by field, who edited it; `is_only_edited`: nobody made, deleted or restored the record.
    """

    sides: set[Side] = field(default_factory=set)
    is_blurred: bool = False
    editors: dict[str, set[Side]] = field(default_factory=dict)
    is_only_edited: bool = True


class AccidentMachine(RuleBasedStateMachine):
    """A machine whose runs end badly now and then; `windows` holds what people did since both sides last agreed."""

    # What can fail, as the world's Google names it: reads first, then creates, updates and deletes.
    kinds = ("list", "get", "insert", "patch", "delete")

    def __init__(self, world: AnyWorld) -> None:
        super().__init__()
        self.world: Any = world
        self.windows: dict[str, Window] = {}

    @rule(seconds=st.integers(1, 8))
    def wait(self, seconds: int) -> None:
        self.world.wait(seconds=seconds)

    @rule()
    def lose_token(self) -> None:
        self.world.google.expire_sync_tokens()

    @rule(
        kind=st.integers(0, 4),
        error=st.sampled_from((UnavailableError("lost"), RateLimitedError("slow down"))),
        is_after_commit=st.booleans(),
        is_soon=st.booleans(),
    )
    def sync_with_fault(self, kind: int, error: StoreError, *, is_after_commit: bool, is_soon: bool) -> None:
        # What is turned away for its rate was certainly not done (plugin/google/transport.py).
        is_done = is_after_commit and isinstance(error, UnavailableError)
        self.world.google.fail(self.kinds[kind], error, is_after_commit=is_done)
        with contextlib.suppress(UnavailableError, RateLimitedError):
            self._run(self.world.run(), is_soon=is_soon)
        self.world.google.stop_failing()

    @rule(step=st.integers(1, 25), is_soon=st.booleans())
    def crash(self, step: int, *, is_soon: bool) -> None:
        run = self.world.run()
        run.accidents.crash_at = step
        with contextlib.suppress(CrashError):
            self._run(run, is_soon=is_soon)

    @rule(step=st.integers(1, 25))
    def lose_lock(self, step: int) -> None:
        run = self.world.run()
        run.accidents.lose_lock_at = step
        with contextlib.suppress(LockLostError):
            self._run(run)

    def _run(self, run: FakeRun, *, is_soon: bool = False) -> None:
        for window in self.windows.values():
            window.is_blurred = True
        if is_soon:
            self.world.wait(minutes=-15, seconds=7)
        self.world.sync(run)
