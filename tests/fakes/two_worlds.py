"""Two CRM users over one CRM, each with a pair of their own: with two calendars, or with one that both see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from plugin.core.model import Direction, LinkState
from plugin.sync.tally import Tally
from tests.builders import COLLEAGUE_ID, NOW, USER_ID, a_user
from tests.fakes.run import FakeRun, all_keys
from tests.fakes.world import World


@dataclass
class _Clock:
    now: datetime = NOW


class UserWorld(World):
    """One user's world; time passes in both. `after_run` is called once a run has ended, however it did."""

    after_run: Callable[[], None]

    def __init__(self, clock: _Clock, user_id: int, **pair: Any) -> None:
        self._time = clock
        super().__init__(crm_user_id=user_id, **pair)
        self.user = a_user(user_id=user_id)

    @property
    def now(self) -> datetime:  # type: ignore[override] # an attribute there; here both worlds have one clock
        return self._time.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self._time.now = moment

    def sync(self, run: FakeRun | None = None) -> Tally:
        """See AnyWorld."""
        try:
            return super().sync(run)
        finally:
            self.after_run()


class TwoWorlds:
    """See the module. Only one of the two runs at a time."""

    def __init__(self, *, is_shared: bool) -> None:
        clock, keys = _Clock(), all_keys()
        self.is_shared = is_shared
        self.by_user = {user_id: UserWorld(clock, user_id) for user_id in (USER_ID, COLLEAGUE_ID)}
        mine, theirs = self.by_user[USER_ID], self.by_user[COLLEAGUE_ID]
        mine._keys = theirs._keys = keys
        theirs.database.sequences = mine.database.sequences
        if is_shared:
            # One collection, one two-way pair: the other one reads.
            theirs.google = mine.google
            theirs.change_pair(direction=Direction.GOOGLE_TO_CRM.value)
        for world in (mine, theirs):
            world.after_run = partial(self._share, world)
        self._share(mine)

    def _share(self, after: UserWorld) -> None:
        """Let the other user's CRM be as this one's run has left it, and know what is linked here."""
        mine, theirs = after.database.tables, self.other(after).database.tables
        theirs.activities, theirs.emptied_users = mine.activities, mine.emptied_users
        theirs.linked_elsewhere = _linked_in(after)
        mine.linked_elsewhere = _linked_in(self.other(after))

    def other(self, world: UserWorld) -> UserWorld:
        """Return the other user's."""
        [other] = [one for one in self.by_user.values() if one is not world]
        return other

    def swap_roles(self) -> None:
        """Let the one who reads a shared calendar write to it, and the other way round."""
        mine, theirs = self.by_user.values()
        before = mine.database.tables.pair.direction, theirs.database.tables.pair.direction
        mine.change_pair(direction=before[1])
        theirs.change_pair(direction=before[0])

    def empty(self, user_ids: frozenset[int]) -> None:
        """Let these be the users who own nothing any more."""
        for world in self.by_user.values():
            world.database.tables.emptied_users = user_ids


def _linked_in(world: UserWorld) -> dict[int, tuple[int, str]]:
    links = [link for link in world.links if link.state is not LinkState.DEAD]
    return {link.crm_id: (world.user.user_id, link.crm_version) for link in links}
