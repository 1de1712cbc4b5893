"""The state machine of series again, with guests, colleagues and the deletion brake, which counts a series as one.

Whatever happens, a run deletes only what a person deleted or gave away, on the other side; what has guests, or is much at
once, only after a person approved just that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from plugin.core.crm_rules import CrmRule
from plugin.core.model import LinkState, Side
from tests.builders import COLLEAGUE_ID, USER_ID
from tests.fakes.series_world import FIRST_DAY
from tests.fakes.world import is_quiet
from tests.property.approving import ApprovingMachine
from tests.property.deletions import Approved
from tests.property.series_deletions import SeriesMoment, check_series_deletions, series_moment_of
from tests.property.test_series_machine import RUNS_TO_AGREE, SeriesMachine

MANY = 9
PAIR_OF_DAYS = (CrmRule("Daily", 1, "Daily"), (0, 1))


class WaitingSeriesMachine(ApprovingMachine, SeriesMachine):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.world.batch_size = 20

    # --- people ---

    @rule(side=st.sampled_from(Side))
    def create_many(self, side: Side) -> None:
        """Single events, and a few series among them."""
        for _ in range(MANY):
            tag = f"tag {self.world.next()}"
            if side is Side.CRM:
                self.world.crm.add(
                    self.world.value("new"), description=tag, **self.world.crm_times(FIRST_DAY)
                )
            else:
                self.google.insert_as_user(
                    f"single{self.world.counter}",
                    summary=self.world.value("new"),
                    description=tag,
                    colorId=tag,
                    **self.world.times(FIRST_DAY),
                )
            self._note(tag, side)
        for _ in range(2):
            if side is Side.CRM:
                self._note(self.world.add_crm_series(*PAIR_OF_DAYS), side)
            else:
                self._note(self.world.add_google_series("FREQ=DAILY;COUNT=2", is_all_day=False), side)

    @rule(side=st.sampled_from(Side), is_proper=st.booleans())
    def delete_all(self, side: Side, *, is_proper: bool) -> None:
        if side is Side.CRM:
            for tag in set(self.world.activities().values()):
                self._note(tag, side)
            self.world.delete_activities(list(self.world.activities()), is_proper=is_proper)
            return
        for google_id in self.world.masters():
            if google_id != "foreign":
                self._note(self.google.resource(google_id)["description"], side)
                self.google.delete_as_user(google_id)

    @rule(data=st.data(), is_whole=st.booleans())
    def invite(self, data: st.DataObject, *, is_whole: bool) -> None:
        if found := self._draw(data, self.world.masters() if is_whole else self.world.slots()):
            self._invite(found)

    @rule(data=st.data())
    def disinvite(self, data: st.DataObject) -> None:
        invited = [i for i, event in self._events().items() if event.get("attendees")]
        if found := self._draw(data, invited):
            self.google.edit_as_user(found, attendees=None)

    @rule(data=st.data(), reach=st.sampled_from(("this", "future", "all")))
    def give_away(self, data: st.DataObject, reach: str) -> None:
        if found := self._draw_activity(data):
            for crm_id in self._reach(found, reach):
                self.world.crm.assign(crm_id, COLLEAGUE_ID)

    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        away = self._away()
        if away:
            self._bring_home(data.draw(st.sampled_from(sorted(away))))

    @rule()
    def transfer_all(self) -> None:
        """The user is about to be deleted; `agree` says that it was a mistake."""
        for crm_id, tag in self.world.activities().items():
            self.world.crm.assign(crm_id, COLLEAGUE_ID)
            self._note(tag, Side.CRM)
        self.world.database.tables.emptied_users |= {USER_ID}

    # --- runs ---

    @rule()
    def rest(self) -> None:
        """Nobody approves anything: a link of which only one side is there waits, and says so."""
        for _ in range(RUNS_TO_AGREE):
            self._run(self.world.run())
        assert is_quiet(self.world.sync())
        held = {decision.link.google_id for decision in self.world.plan().held if decision.link}
        rows, items = self.world.activities(), self._events()
        for link in self.world.links:
            if link.state is LinkState.LIVE and (link.crm_id in rows) != (link.google_id in items):
                assert link.google_id in held, link

    @precondition(lambda self: self.windows)
    @rule()
    def agree(self) -> None:
        self.world.database.tables.emptied_users -= {USER_ID}
        for crm_id in self._away():
            self._bring_home(crm_id)
        with self._all_approved():
            super().agree()

    # --- looking and doing ---

    def _away(self) -> list[int]:
        activities = self.world.database.tables.activities.items()
        return [i for i, s in activities if s.row.description and s.owner_id != USER_ID and not s.is_deleted]

    def _bring_home(self, crm_id: int) -> None:
        self.world.crm.assign(crm_id, USER_ID)
        self._note(self.world.crm.row(crm_id).description, Side.CRM)

    def _events(self) -> Mapping[str, Any]:
        return self.world.google_items()

    def _moment(self) -> SeriesMoment:
        return series_moment_of(self.world)

    def _check_deletions(self, before: SeriesMoment, approved: Approved) -> None:
        check_series_deletions(self.world, before, approved)


WaitingSeriesMachine.TestCase.settings = settings(
    max_examples=settings().max_examples // 8,
    stateful_step_count=25,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestWaitingSeriesMachine = pytest.mark.filterwarnings("error")(WaitingSeriesMachine.TestCase)
