"""The state machine again, with a direction that people change at any time.

No run writes against its direction; and whatever was kept back, once both ways are wanted both sides agree as if it had
always been so.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from plugin.core.model import Direction, Side
from tests.fakes.run import FakeRun
from tests.property.test_sync_machine import SyncMachine


class OneWayMachine(SyncMachine):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.is_edited_inside = False

    @rule(direction=st.sampled_from(Direction))
    def turn(self, direction: Direction) -> None:
        self.world.change_pair(direction=direction.value)

    @rule(is_soon=st.booleans())
    def sync(self, *, is_soon: bool) -> None:
        self._run(self.world.run(), is_soon=is_soon)

    @precondition(lambda self: self.windows)
    @rule()
    def agree(self) -> None:
        self.turn_back()
        super().agree()

    @precondition(lambda self: self._direction is not Direction.BOTH)
    @rule()
    def second_run_in_a_row_writes_nothing(self) -> None:
        for _ in range(8):
            self._run(self.world.run())
        operations, links = len(self.world.google.operations), self.world.links
        activities, parked = self._activities(), dict(self.world.database.tables.parked)
        self._run(self.world.run())
        assert len(self.world.google.operations) == operations
        assert (self.world.links, self._activities()) == (links, activities)
        assert dict(self.world.database.tables.parked) == parked

    def turn_back(self) -> None:
        self.world.change_pair(direction=Direction.BOTH.value)

    @property
    def _direction(self) -> Direction:
        return Direction(self.world.database.tables.pair.direction)

    def _activities(self) -> dict[int, Any]:
        return dict(self.world.database.tables.activities)

    def _run(self, run: FakeRun, *, is_soon: bool = False) -> None:
        operations, activities = len(self.world.google.operations), self._activities()
        self.is_edited_inside = False
        try:
            super()._run(run, is_soon=is_soon)
        finally:
            if self._direction is Direction.GOOGLE_TO_CRM:
                assert len(self.world.google.operations) == operations
            if self._direction is Direction.CRM_TO_GOOGLE and not self.is_edited_inside:
                assert self._activities() == activities

    def _edit(self, side: Side, record: Any, tag: str, name: str) -> None:
        self.is_edited_inside = True
        super()._edit(side, record, tag, name)


OneWayMachine.TestCase.settings = settings(
    stateful_step_count=40,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestOneWayMachine = pytest.mark.filterwarnings("error")(OneWayMachine.TestCase)
