"""Two CRM users over one CRM, who give activities to each other: with a calendar each, or with one of which both have a pair.

No run touches what is the other user's; what people did on one side only stands; nobody's appointment is there twice unless it
was given to somebody who had it already.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from plugin.core.model import Direction, LinkState
from tests.builders import COLLEAGUE_ID, USER_ID
from tests.fakes.run import FakeRun
from tests.fakes.two_worlds import UserWorld
from tests.fakes.world import is_quiet
from tests.property.deletions import Approved, Moment, check_deletions, moment_of
from tests.property.two_users import ROLES, USERS, TwoUsers

# Besides those that it takes to write all records, so many at a time.
RUNS_TO_AGREE = 8


class TwoUsersMachine(TwoUsers):
    """See the module."""

    # --- runs ---

    @rule(user_id=USERS, is_soon=st.booleans())
    def sync(self, user_id: int, *, is_soon: bool) -> None:
        self.turn_to(user_id)
        self._run(self.world.run(), is_soon=is_soon)

    @precondition(lambda self: self.worlds.is_shared)
    @rule()
    def swap_roles(self) -> None:
        self.worlds.swap_roles()
        # What a reader kept to herself, and what a writer did meanwhile, meet now.
        for tag in {*self.touched, *self._tags_in_google(), *(self._tag(i) for i in self._activities())}:
            self.touched.setdefault(tag, {})[ROLES] = None
            self.sides.setdefault(tag, set()).add("roles")

    @precondition(lambda self: self.touched)
    @rule()
    def agree(self) -> None:
        self.worlds.empty(frozenset())
        self.frozen.clear()
        self.world.wait(seconds=1)  # what is saved within the second that it was made in doesn't show
        for crm_id in self._activities():
            if any(("crm", str(crm_id)) in world.parked for world in self.worlds.by_user.values()):
                self.world.crm.touch(crm_id)  # what was inherited comes with the next save
        for _ in range(RUNS_TO_AGREE + self.counter // self.world.batch_size):
            are_done = [self._settle(user_id) for user_id in self.worlds.by_user]
            if all(are_done):
                break
        for world in self.worlds.by_user.values():
            self._check_agreement(world)
        self._check_records()
        self.touched = {}

    def _settle(self, user_id: int) -> bool:
        self.turn_to(user_id)
        with self._all_approved():
            return is_quiet(self.world.sync()) and not self.world.database.tables.intents

    def teardown(self) -> None:
        if self.touched:
            self.agree()

    def _run(self, run: FakeRun, *, is_soon: bool = False) -> None:
        mine = self.world
        before = {i: s for i, s in self._stored().items() if s.owner_id != mine.user.user_id}
        events, frozen = self.worlds.other(mine).google.alive, self._frozen()
        try:
            super()._run(run, is_soon=is_soon)
        finally:
            assert {i: s for i, s in self._stored().items() if i in before} == before
            if not self.worlds.is_shared:
                assert self.worlds.other(mine).google.alive == events
            assert self._frozen() == frozen

    # --- what must hold ---

    @invariant()
    def links_are_one_to_one(self) -> None:
        for world in self.worlds.by_user.values():
            links = world.live_links
            assert len({n.crm_id for n in links}) == len({n.google_id for n in links}) == len(links)

    @invariant()
    def nothing_is_doubled(self) -> None:
        """Of what was never given away: one activity a user, and one event a calendar."""
        activities = Counter((self._tag(i), self._stored()[i].owner_id) for i in self._activities())
        events = Counter((self._content(record)[0], record[1]) for record in self._events_of_all())
        for (tag, _), number in [*activities.items(), *events.items()]:
            # Two activities of one event that both outlived it have an event each, once either user could write.
            assert number == 1 or tag in self.assigned or "roles" in self.sides[tag], tag

    def _check_agreement(self, world: UserWorld) -> None:
        alive, user_id = world.google.alive, world.user.user_id
        link_of = {link.crm_id: link for link in world.live_links}
        is_reader = Direction(world.database.tables.pair.direction) is not Direction.BOTH
        for crm_id in self._activities():
            if self._stored()[crm_id].owner_id != user_id:
                assert crm_id not in link_of, self._tag(crm_id)
            elif not is_reader:
                event, row = alive[link_of[crm_id].google_id], world.crm.row(crm_id)
                assert (event["summary"], event.get("location", "")) == (row.subject, row.location)
        keys = {link.link_key for link in self.worlds.other(world).links}
        linked = {link.google_id: link for link in world.links if link.state is not LinkState.DEAD}
        for google_id, event in alive.items():
            is_other_s = event.get("extendedProperties", {}).get("private", {}).get("gsyncLink") in keys
            assert is_other_s or google_id in linked, event["description"]
            assert not (is_other_s and google_id in linked), event["description"]
        plan, operations = world.plan(), len(world.google.operations)
        assert (plan.crm, plan.google, plan.held, world.database.tables.intents) == ((), (), (), {})
        assert is_quiet(world.sync())
        assert len(world.google.operations) == operations

    def _check_records(self) -> None:
        """What only one record's people did, stands."""
        for tag, records in self.touched.items():
            if len(records) == 1 and ROLES not in records:
                [(record, content)] = records.items()
                now = self._content(record)
                if record[0] == "crm" and tag in self.assigned and "google" in self.sides[tag]:
                    # Given back, it takes in what Google made of its event while it was the other's: whose it is stands.
                    now, content = now[:1] + now[3:], content[:1] + content[3:]
                assert now == content, (tag, record)
        for tag, sides in self.sides.items():
            if len(sides) == 1:
                self._check_places(tag, *sides)

    def _check_places(self, tag: str, side: str) -> None:
        """What people ever did on one side only is on the other just where it belongs."""
        owners = sorted(self._stored()[i].owner_id for i in self._activities() if self._tag(i) == tag)
        calendars = sorted(record[1] for record in self._events_of_all() if self._content(record)[0] == tag)
        if side == "google":
            # Whoever sees the calendar has an activity of their own.
            both = [USER_ID, COLLEAGUE_ID] * len(calendars)
            assert owners == (both if self.worlds.is_shared else calendars), tag
        elif not self.worlds.is_shared:
            assert calendars == owners, tag
        else:
            assert calendars == [USER_ID] * owners.count(self._writer_id), tag

    @property
    def _writer_id(self) -> int:
        pairs = {user_id: world.database.tables.pair for user_id, world in self.worlds.by_user.items()}
        [writer_id] = [i for i, pair in pairs.items() if Direction(pair.direction) is Direction.BOTH]
        return writer_id

    def _events(self) -> dict[str, Any]:
        return self.world.google.alive

    def _moment(self) -> Moment:
        return moment_of(self.world)

    def _check_deletions(self, before: Moment, approved: Approved) -> None:
        check_deletions(self.world, before, approved)


TwoUsersMachine.TestCase.settings = settings(
    stateful_step_count=30,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestTwoUsersMachine = pytest.mark.filterwarnings("error")(TwoUsersMachine.TestCase)
