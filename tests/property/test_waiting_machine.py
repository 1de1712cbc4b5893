"""The state machine again, with all that makes a record wait: the deletion brake, guests, colleagues, users who are deleted.

Whatever happens, a run deletes only what a person deleted or gave away, on the other side; what has guests, or is much at
once, only after a person approved just that. Once everything has come home and is approved, both sides agree as if nothing had
ever waited.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from plugin.core.model import LinkState, Side
from plugin.core.reconcile import Action
from plugin.sync.preview import preview
from plugin.sync.views import Deed
from tests.builders import COLLEAGUE_ID, USER_ID, a_user
from tests.fakes.world import ALL_APPROVED, World, is_quiet
from tests.property.approving import GUESTS, ApprovingMachine
from tests.property.deletions import Approved, Moment, check_deletions, moment_of
from tests.property.test_sync_machine import SyncMachine

CONNECTED_ID, LEAVER_ID = 70, 80
MANY = 12
_DEEDS = {
    Action.CREATE_CRM.value: Deed.CREATE,
    Action.CREATE_GOOGLE.value: Deed.CREATE,
    Action.REVIVE_CRM.value: Deed.CREATE,
    Action.UPDATE.value: Deed.UPDATE,
    Action.DELETE_CRM.value: Deed.DELETE,
    Action.DELETE_GOOGLE.value: Deed.DELETE,
}


class WaitingMachine(ApprovingMachine, SyncMachine):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.world.batch_size = 20
        self.theirs = World(approved_deletions=ALL_APPROVED, crm_user_id=CONNECTED_ID)
        self.theirs.user = a_user(user_id=CONNECTED_ID)
        self.theirs.database.sequences = self.world.database.sequences

    # --- people ---

    @rule(side=st.sampled_from(Side))
    def create_many(self, side: Side) -> None:
        for _ in range(MANY):
            self.create(side)

    @rule(side=st.sampled_from(Side))
    def delete_many(self, side: Side) -> None:
        for tag, record in list(self._alive(side).items())[:MANY]:
            if side is Side.CRM:
                self.world.crm.delete(record)
            else:
                self.world.google.delete_as_user(record)
            self._note(tag, side)

    @rule(data=st.data(), are_there=st.booleans())
    def invite(self, data: st.DataObject, *, are_there: bool) -> None:
        found = self._alive(Side.GOOGLE)
        if found:
            google_id = found[data.draw(st.sampled_from(sorted(found)))]
            self.world.google.edit_as_user(google_id, attendees=GUESTS if are_there else None)

    @rule(data=st.data(), owner_id=st.sampled_from((COLLEAGUE_ID, CONNECTED_ID, USER_ID)))
    def assign(self, data: st.DataObject, owner_id: int) -> None:
        found = self._alive(Side.CRM)
        if found:
            self._assign(data.draw(st.sampled_from(sorted(found))), owner_id)

    @rule(owner_id=st.sampled_from((COLLEAGUE_ID, CONNECTED_ID)))
    def transfer_all(self, owner_id: int) -> None:
        """The user is about to be deleted; `bring_home` says that it was a mistake."""
        for tag in self._alive(Side.CRM):
            self._assign(tag, owner_id)
        self.world.database.tables.emptied_users |= {USER_ID}

    @rule()
    def inherit(self) -> None:
        """A colleague is deleted, whose activity was in another calendar."""
        tag, leaver_id = f"tag {self._next()}", LEAVER_ID + self.counter
        title = self._value("inherited")
        crm_id = self.world.crm.add(title, description=tag, owner_id=leaver_id)
        self.world.crm.link_elsewhere(crm_id, leaver_id)
        self.world.crm.transfer(leaver_id, USER_ID)
        self._note(tag, Side.CRM, title)

    @rule(data=st.data(), is_edited=st.booleans(), is_restored=st.booleans())
    def hand_over(self, data: st.DataObject, *, is_edited: bool, is_restored: bool) -> None:
        """Give an activity away while somebody goes on working with its event."""
        found = self._alive(Side.CRM)
        if not found:
            return
        tag = data.draw(st.sampled_from(sorted(found)))
        self._assign(tag, COLLEAGUE_ID)
        google_id = self._alive(Side.GOOGLE).get(tag)
        if is_edited and google_id is not None:
            self._edit(Side.GOOGLE, google_id, tag, "title")
        self._run(self.world.run())
        google_id = self._restorable(Side.GOOGLE).get(tag)
        if is_restored and google_id is not None:
            self.world.google.edit_as_user(google_id, status="confirmed")
            self._note(tag, Side.GOOGLE)

    @rule(data=st.data())
    def purge(self, data: st.DataObject) -> None:
        """Events of released activities stay: what a colleague throws away for good has no end that could be foreseen."""
        activities, released = self.world.database.tables.activities, self._released()
        binned = [i for i, s in activities.items() if s.is_deleted and s.owner_id == USER_ID]
        binned = [i for i in binned if i not in released]
        if binned:
            self.world.crm.purge(data.draw(st.sampled_from(binned)))

    # --- runs ---

    @rule(times=st.integers(1, 2))
    def sync_theirs(self, times: int) -> None:
        mine, theirs = self.world.database, self.theirs.database
        self.theirs.now = self.world.now
        for _ in range(times):
            before = dict(mine.tables.activities)
            theirs.tables.activities = before
            self.theirs.sync()
            assert theirs.tables.activities == before
        tags = [event["description"] for event in self.theirs.google.alive.values()]
        assert len(set(tags)) == len(tags)

    @rule()
    def sync_as_previewed(self) -> None:
        twin = self.world.twin()
        twin.wait(minutes=15)
        told = preview(twin.run())
        done = len(self.world.journal)
        self._run(self.world.run())
        # What a run that died had already deleted isn't to come any more: it is only written down late, by the preview as well.
        late = twin.journal[done:]
        entries = [e for e in self.world.journal[done:] if e.side in {"crm", "google"} and e not in late]
        found = {(e.side, _DEEDS[e.action], e.crm_id, e.google_id) for e in entries}
        expected = {
            (c.side.value, Deed.CREATE if c.deed is Deed.RESTORE else c.deed, c.crm_id, c.google_id)
            for c in told.changes
            if c.deed not in {Deed.SET_ASIDE, Deed.RELEASE}
        }
        assert found == expected

    @rule()
    def rest(self) -> None:
        """Nobody approves anything: what is on one side only waits, and says so."""
        for _ in range(self.runs_to_agree):
            self._run(self.world.run())
        assert is_quiet(self.world.sync())
        held = {(d.action, d.link.google_id) for d in self.world.plan().held if d.link}
        state = {link.google_id: link.state for link in self.world.links}
        link_of = {link.crm_id: link for link in self.world.links}
        crm, google = self._alive(Side.CRM), self._alive(Side.GOOGLE)
        for tag in crm.keys() - google.keys():
            crm_id = crm[tag]
            is_held = crm_id in link_of and (Action.DELETE_CRM, link_of[crm_id].google_id) in held
            assert is_held or ("crm", str(crm_id)) in self.world.parked or not self._is_mine(crm_id), tag
        mine = {tag for tag, crm_id in crm.items() if self._is_mine(crm_id)}
        for tag in google.keys() - mine:
            is_held = (Action.DELETE_GOOGLE, google[tag]) in held
            assert is_held or state.get(google[tag]) is LinkState.RELEASED, tag

    @precondition(lambda self: self.windows)
    @rule()
    def agree(self) -> None:
        self._bring_home()
        self.sync_theirs(2)
        assert self.theirs.google.alive == {}
        with self._all_approved():
            super().agree()

    # --- looking and doing ---

    def _events(self) -> dict[str, Any]:
        return self.world.google.alive

    def _moment(self) -> Moment:
        return moment_of(self.world)

    def _check_deletions(self, before: Moment, approved: Approved) -> None:
        check_deletions(self.world, before, approved)

    def _assign(self, tag: str, owner_id: int) -> None:
        self.world.crm.assign(self._alive(Side.CRM)[tag], owner_id)
        self._note(tag, Side.CRM)

    def _bring_home(self) -> None:
        """Give back what is a colleague's, thrown away there or not; save what was inherited."""
        tables = self.world.database.tables
        tables.emptied_users -= {USER_ID}
        self.world.wait(seconds=1)  # what is saved within the second that it was made in doesn't show
        for crm_id, stored in list(tables.activities.items()):
            if not stored.row.description:
                continue
            if stored.owner_id != USER_ID:
                self.world.crm.assign(crm_id, USER_ID)
            is_away = stored.owner_id != USER_ID or crm_id in self._released()
            if stored.is_deleted and is_away and stored.row.description not in self._alive(Side.CRM):
                self.world.crm.restore(crm_id)
            if not self.world.crm.stored(crm_id).is_deleted and crm_id in tables.linked_elsewhere:
                self.world.crm.touch(crm_id)

    def _released(self) -> set[int]:
        return {link.crm_id for link in self.world.links if link.state is LinkState.RELEASED}

    def _is_mine(self, crm_id: int) -> bool:
        return self.world.crm.stored(crm_id).owner_id == USER_ID

    def _tagged(self, side: Side) -> list[tuple[str, Any]]:
        if side is Side.GOOGLE:
            return super()._tagged(side)
        activities = self.world.database.tables.activities
        return [
            (s.row.description, i) for i, s in activities.items() if s.row.description and not s.is_deleted
        ]

    def _restorable(self, side: Side) -> dict[str, Any]:
        """Return deleted records of either side that their links still stand for; see SyncMachine."""
        alive, links = self._alive(side), self.world.links
        if side is Side.CRM:
            activities = self.world.database.tables.activities
            binned = {i: s.row.description for i, s in activities.items() if s.is_deleted}
            return {binned[n.crm_id]: n.crm_id for n in links if binned.get(n.crm_id, "") not in {*alive, ""}}
        gone = {n.google_id for n in links} - self.world.google.alive.keys()
        tags = {self.world.google.resource(i)["description"]: i for i in gone}
        return {tag: i for tag, i in tags.items() if tag not in alive}


WaitingMachine.TestCase.settings = settings(
    stateful_step_count=30,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestWaitingMachine = pytest.mark.filterwarnings("error")(WaitingMachine.TestCase)
