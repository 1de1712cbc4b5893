"""The state machine of contacts again, with a label that people get, lose and choose, and with the deletion brake.

Leaving the label is no deletion; and a run deletes only whom a person deleted on the other side, many at once only after that
was approved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from plugin.core.model import Side
from tests.fakes.contact_book import MY_CONTACTS, groups_of, membership
from tests.property.approving import ApprovingMachine
from tests.property.deletions import Approved, Moment, check_brake, deletions_of
from tests.property.test_contacts_machine import ContactMachine

CLIENTS = "contactGroups/clients"
UNDER, BESIDE = [membership(MY_CONTACTS), membership(CLIENTS)], [membership(MY_CONTACTS)]
MANY = 12


@dataclass(frozen=True)
class Tagged:
    """Who there was before a run, by tag; `outside`: not under the pair's label."""

    crm: frozenset[str]
    google: frozenset[str]
    outside: frozenset[str]
    moment: Moment


class WaitingContactMachine(ApprovingMachine, ContactMachine):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.world.batch_size = 20
        self.world.google.groups[CLIENTS] = "Clients"
        self.world.label = CLIENTS
        self.world.google.edit_as_user(self.foreign_id, memberships=UNDER)
        self.foreign = self._foreign()

    # --- people ---

    @rule(data=st.data(), is_under=st.booleans())
    def label(self, data: st.DataObject, *, is_under: bool) -> None:
        # With one of two gone, "deleted" and "left the label" would be told at once: then each side goes its own way.
        found = {tag: i for tag, i in self._alive(Side.GOOGLE).items() if tag in self._alive(Side.CRM)}
        if found:
            tag = data.draw(st.sampled_from(sorted(found)))
            self._label(tag, found[tag], is_under=is_under)

    @rule(is_narrow=st.booleans())
    def choose(self, *, is_narrow: bool) -> None:
        self.world.label = CLIENTS if is_narrow else None

    @rule(side=st.sampled_from(Side), data=st.data())
    def delete(self, side: Side, data: st.DataObject) -> None:
        found = self._deletable(side)
        if found:
            self._delete(side, data.draw(st.sampled_from(found)))

    @rule(side=st.sampled_from(Side))
    def create_many(self, side: Side) -> None:
        for _ in range(MANY):
            self.create(side)

    @rule(side=st.sampled_from(Side))
    def delete_many(self, side: Side) -> None:
        for tag in self._deletable(side)[:MANY]:
            self._delete(side, tag)

    # --- runs ---

    @precondition(lambda self: self.windows)
    @rule()
    def agree(self) -> None:
        for tag, google_id in self._alive(Side.GOOGLE).items():
            if google_id not in self._under():
                self._label(tag, google_id, is_under=True)
        self.world.google.catch_up()
        with self._all_approved():
            super().agree()

    # --- looking and doing ---

    def _create_in_google(self, tag: str, title: str) -> None:
        super()._create_in_google(tag, title)
        self.world.google.edit_as_user(self._alive(Side.GOOGLE)[tag], memberships=UNDER)

    def _label(self, tag: str, google_id: str, *, is_under: bool) -> None:
        self.world.google.edit_as_user(google_id, memberships=UNDER if is_under else BESIDE)
        self._note(tag, Side.GOOGLE)

    def _deletable(self, side: Side) -> list[str]:
        """Return whom both users and the label agree about: outside of it, deletes travel nowhere."""
        google = self._alive(Side.GOOGLE)
        return [tag for tag in self._alive(side) if tag not in google or google[tag] in self._under()]

    def _delete(self, side: Side, tag: str) -> None:
        record = self._alive(side)[tag]
        if side is Side.CRM:
            self.world.crm.delete(record)
        else:
            self.world.google.delete_as_user(record)
        self._note(tag, side)

    def _under(self) -> set[str]:
        return {i for i, person in self.world.google.alive.items() if CLIENTS in groups_of(person)}

    def _events(self) -> dict[str, Any]:
        return {}  # nobody is invited to a contact

    def _moment(self) -> Tagged:
        google = self._alive(Side.GOOGLE)
        outside = {t for t, i in google.items() if self.world.label is not None and i not in self._under()}
        moment = Moment({}, {}, self.world.links, deletions_of(self.world))
        return Tagged(frozenset(self._alive(Side.CRM)), frozenset(google), frozenset(outside), moment)

    def _check_deletions(self, before: Tagged, approved: Approved) -> None:
        from_crm = before.crm - self._alive(Side.CRM).keys()
        from_google = before.google - self._alive(Side.GOOGLE).keys()
        assert not from_crm & before.google
        assert not from_google & (before.crm | before.outside)
        check_brake(self.world, before.moment, 0 if approved else len(from_crm | from_google))


WaitingContactMachine.TestCase.settings = settings(
    max_examples=settings().max_examples // 6,
    stateful_step_count=25,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestWaitingContactMachine = pytest.mark.filterwarnings("error")(WaitingContactMachine.TestCase)
