"""What a state machine needs whose deletions wait for a person: approvals, and an oracle that looks at every run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from plugin.sync.preview import held_deletions
from tests.fakes.run import FakeRun
from tests.fakes.world import ALL_APPROVED, AnyWorld
from tests.property.accidents import AccidentMachine
from tests.property.deletions import Approved, has_guests

GUESTS = [{"email": "user@crm.example", "self": True}, {"email": "guest@elsewhere.example"}]


class ApprovingMachine(AccidentMachine):
    """A machine in which somebody approves what is held now and then; nothing else is approved."""

    def __init__(self, *world: AnyWorld) -> None:
        super().__init__(*world)
        self.world.change_pair(approved_deletions=frozenset())
        # Events, and whether they had guests when their deletion was approved.
        self.approved: set[tuple[str | None, bool]] = set()
        self.ever_approved: set[str | None] = set()

    @rule(is_followed_by_guests=st.booleans())
    def approve(self, *, is_followed_by_guests: bool) -> None:
        there = self._events()
        held = [change.google_id for change in held_deletions(self.world.run())]
        self.world.approve()
        self.ever_approved |= set(held)
        self.approved |= {(google_id, has_guests(there.get(google_id or "", {}))) for google_id in held}
        invited = [google_id for google_id in held if google_id in there]
        if is_followed_by_guests and invited:
            self._invite(str(invited[0]))

    def _run(self, run: FakeRun, *, is_soon: bool = False) -> None:
        before, begun = self._moment(), len(self.world.journal)
        try:
            super()._run(run, is_soon=is_soon)
        finally:
            self._check_deletions(before, self.approved)
            # A write without an answer is written down by a later run, when the approval is used up.
            said = {entry.google_id for entry in self.world.journal[begun:] if entry.is_approved}
            assert said <= self.ever_approved, said - self.ever_approved
        left = self.world.plan()
        if not (left.crm or left.google):
            # An approval is good for once (plugin/jobs/tasks.py).
            self._use_up_approvals()

    @contextlib.contextmanager
    def _all_approved(self) -> Iterator[None]:
        """Let nothing wait for approval meanwhile."""
        self.world.change_pair(approved_deletions=ALL_APPROVED)
        yield
        self._use_up_approvals()
        self.ever_approved |= {entry.google_id for entry in self.world.journal if entry.is_approved}

    def _use_up_approvals(self) -> None:
        self.world.change_pair(approved_deletions=frozenset())
        self.approved.clear()

    def _invite(self, google_id: str) -> None:
        self.world.google.edit_as_user(google_id, attendees=GUESTS)

    # What each kind of record says for itself. No abstract methods: Hypothesis' machines have a metaclass of their own.

    def _events(self) -> Mapping[str, Any]:
        """Return all that takes place in Google, by id."""
        raise NotImplementedError

    def _moment(self) -> Any:
        """Return what there is before a run."""
        raise NotImplementedError

    def _check_deletions(self, before: Any, approved: Approved) -> None:
        """Assert that the run since then deleted nothing on its own account."""
        raise NotImplementedError
