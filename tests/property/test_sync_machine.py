"""Edits, deletes and restores on both sides, faults, crashes and lost tokens in any order; then both sides must agree.

Every record carries a tag in its description, which nobody edits; titles and places get a new value with each edit. Between two
moments of agreement the machine notes who did what, and from that it knows what must be left in the end.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from plugin.core.mapping.google_event import marker_body
from plugin.core.model import Marker, Side
from tests.builders import COLLEAGUE_ID, timed_body
from tests.fakes.world import ALL_APPROVED, World, is_quiet
from tests.property.accidents import AccidentMachine, Window

# Besides those that it takes to write all records, so many at a time.
RUNS_TO_AGREE = 8
Content = tuple[str, str]  # title and place
FIELDS = ("title", "place")


class SyncMachine(AccidentMachine):
    """See the module."""

    def __init__(self) -> None:
        super().__init__(World(approved_deletions=ALL_APPROVED))
        self.world.google.max_batch = 3
        self.world.batch_size = 4
        self.counter = 0
        self.agreed: dict[str, Content] = {}
        self.said: dict[str, set[str]] = {}
        self.colleague_s = self.world.crm.add("Colleague's", owner_id=COLLEAGUE_ID)
        self.task = self.world.crm.add("Task", activity_type="Task")
        marker = marker_body(Marker("install-of-a-copy", "key9"))
        self.world.google.insert_as_user("foreign", summary="Theirs", **marker, **timed_body())
        self.foreign = self._foreign()

    # --- people ---

    @rule(side=st.sampled_from(Side))
    def create(self, side: Side) -> None:
        tag, title = f"tag {self._next()}", self._value("new")
        if side is Side.CRM:
            self.world.crm.add(title, description=tag)
        else:
            google_id = f"google{self.counter}"
            self.world.google.insert_as_user(
                google_id, summary=title, description=tag, colorId=tag, **timed_body()
            )
        self._note(tag, side, title)

    @rule(side=st.sampled_from(Side), data=st.data(), name=st.sampled_from(("title", "place")))
    def edit(self, side: Side, data: st.DataObject, name: str) -> None:
        found = self._alive(side)
        if found:
            tag = data.draw(st.sampled_from(sorted(found)))
            self._edit(side, found[tag], tag, name)

    @rule(side=st.sampled_from(Side), data=st.data())
    def delete(self, side: Side, data: st.DataObject) -> None:
        found = self._alive(side)
        if found:
            tag = data.draw(st.sampled_from(sorted(found)))
            if side is Side.CRM:
                self.world.crm.delete(found[tag])
            else:
                self.world.google.delete_as_user(found[tag])
            self._note(tag, side)

    @rule(side=st.sampled_from(Side), data=st.data())
    def restore(self, side: Side, data: st.DataObject) -> None:
        found = self._restorable(side)
        if found:
            tag = data.draw(st.sampled_from(sorted(found)))
            if side is Side.CRM:
                self.world.crm.restore(found[tag])
            else:
                self.world.google.edit_as_user(found[tag], status="confirmed")
            self._note(tag, side)

    @rule(data=st.data())
    def purge(self, data: st.DataObject) -> None:
        binned = [i for i, s in self.world.database.tables.activities.items() if s.is_deleted]
        if binned:
            self.world.crm.purge(data.draw(st.sampled_from(binned)))

    @rule(data=st.data())
    def touch(self, data: st.DataObject) -> None:
        crm, google = self._alive(Side.CRM), self._alive(Side.GOOGLE)
        if crm:
            self.world.crm.touch(crm[data.draw(st.sampled_from(sorted(crm)))])
        if google:
            self.world.google.touch(google[data.draw(st.sampled_from(sorted(google)))])

    # --- the administrator's doings ---

    @rule(limit=st.sampled_from((None, date(2026, 1, 1), date(2026, 6, 1))))
    def move_start_limit(self, limit: date | None) -> None:
        self.world.change_pair(sync_from=limit)

    # --- runs ---

    @rule(number=st.integers(2, 8), side=st.sampled_from(Side), data=st.data())
    def sync_while_somebody_edits(self, number: int, side: Side, data: st.DataObject) -> None:
        found = self._alive(side)
        if not found:
            return
        tag = data.draw(st.sampled_from(sorted(found)))
        run, begun = self.world.run(), []

        def edit() -> None:
            begun.append(1)
            if len(begun) == number and tag in self._alive(side):
                self._edit(side, self._alive(side)[tag], tag, "title")
                self.windows[tag].is_blurred = True

        run.before_transaction.append(edit)
        self._run(run)

    @precondition(lambda self: self.windows)
    @rule()
    def agree(self) -> None:
        expected = {tag: self._expected(tag, window) for tag, window in self.windows.items()}
        ruled = {tag: self._edits_of_one_side(tag, window) for tag, window in self.windows.items()}
        for _ in range(self.runs_to_agree):
            if is_quiet(self.world.sync()) and not self.world.database.tables.intents:
                break
        self._check_agreement()
        now = self._contents(Side.CRM)
        for tag, possible in expected.items():
            assert now.get(tag) in possible if possible else True, (tag, now.get(tag), possible)
            self._check_values(tag, now)
            found = dict(zip(FIELDS, now.get(tag, ()), strict=False))
            assert ruled[tag].items() <= found.items(), (tag, found, ruled[tag])
        self.agreed, self.windows = now, {}

    @property
    def runs_to_agree(self) -> int:
        return RUNS_TO_AGREE + self.counter // self.world.batch_size

    def teardown(self) -> None:
        if self.windows:
            self.agree()

    # --- what must hold ---

    @invariant()
    def nothing_is_doubled(self) -> None:
        links = self.world.live_links
        assert len({link.crm_id for link in links}) == len({link.google_id for link in links}) == len(links)
        for side in Side:
            self._alive(side)  # asserts that each tag is there once

    @invariant()
    def foreign_records_are_as_they_were(self) -> None:
        assert self._foreign() == self.foreign

    @invariant()
    def unmapped_parts_are_as_they_were(self) -> None:
        for crm_id, stored in self.world.database.tables.activities.items():
            reminder = stored.unmapped.get("reminder")
            assert reminder in (None, f"reminder of {crm_id}")
        for event in self.world.google.alive.values():
            assert event.get("colorId") in (None, event.get("description"))

    def _check_agreement(self) -> None:
        assert self._contents(Side.CRM) == self._contents(Side.GOOGLE)
        linked = {(link.crm_id, link.google_id) for link in self.world.live_links}
        google = self._alive(Side.GOOGLE)
        assert {(crm_id, google[tag]) for tag, crm_id in self._alive(Side.CRM).items()} == linked
        tables = self.world.database.tables
        assert (set(tables.inbox), tables.intents) == (self._left_waiting(), {})
        plan = self.world.plan()
        assert (plan.crm, plan.google, plan.held) == ((), (), ())
        operations = len(self.world.google.operations)
        assert is_quiet(self.world.sync())
        assert len(self.world.google.operations) == operations

    def _left_waiting(self) -> set[str]:
        return {"foreign"}

    def _expected(self, tag: str, window: Window) -> set[Content | None]:
        """Return what may be left of a record; nothing if only its values can be judged."""
        crm, google = (self._contents(side).get(tag) for side in Side)
        if window.sides == {Side.CRM}:
            return {crm}
        if window.sides == {Side.GOOGLE}:
            return {google}
        base = self.agreed.get(tag)
        if window.is_blurred or base is None:
            return set()
        if crm is None or google is None:
            alive = crm or google
            return {alive if alive != base else None}
        return {tuple(g if g != b else c for c, g, b in zip(crm, google, base, strict=True))}  # type: ignore[arg-type]

    def _edits_of_one_side(self, tag: str, window: Window) -> dict[str, str]:
        """Return, by field, the last edit of what only one side edited: whatever runs came in between, or died, it stands."""
        if not window.is_only_edited:
            return {}
        found: dict[str, str] = {}
        for name, sides in window.editors.items():
            if len(sides) == 1:
                found[name] = self._contents(*sides)[tag][FIELDS.index(name)]
        return found

    def _check_values(self, tag: str, now: dict[str, Content]) -> None:
        assert set(now.get(tag, ())) <= self.said[tag] | {""}

    # --- looking and doing ---

    def _edit(self, side: Side, record: Any, tag: str, name: str) -> None:
        value = self._value(name)
        if side is Side.CRM:
            self.world.crm.edit(record, **{"title": {"subject": value}, "place": {"location": value}}[name])
        else:
            self.world.google.edit_as_user(
                record, **{"title": {"summary": value}, "place": {"location": value}}[name]
            )
        self._note(tag, side, value, name)

    def _note(self, tag: str, side: Side, value: str | None = None, name: str = "") -> None:
        window = self.windows.setdefault(tag, Window())
        window.editors.setdefault(name, set()).add(side)
        window.is_only_edited = "" not in window.editors
        window.sides.add(side)
        self.said.setdefault(tag, set()).update({value} if value else set())

    def _next(self) -> int:
        self.counter += 1
        return self.counter

    def _value(self, name: str) -> str:
        return f"{name} {self._next()}"

    def _alive(self, side: Side) -> dict[str, Any]:
        found = self._tagged(side)
        tags = [tag for tag, _ in found]
        assert len(set(tags)) == len(tags), f"doubled in {side}: {sorted(tags)}"
        return dict(found)

    def _tagged(self, side: Side) -> list[tuple[str, Any]]:
        if side is Side.CRM:
            return [(r.description, i) for i, r in self.world.crm.rows().items() if r.description]
        return [(e["description"], i) for i, e in self.world.google.alive.items() if "description" in e]

    def _contents(self, side: Side) -> dict[str, Content]:
        if side is Side.CRM:
            return {
                r.description: (r.subject, r.location)
                for r in self.world.crm.rows().values()
                if r.description
            }
        alive = self.world.google.alive.values()
        return {e["description"]: (e["summary"], e.get("location", "")) for e in alive if "description" in e}

    def _restorable(self, side: Side) -> dict[str, Any]:
        """Return deleted records that nothing stands in for: restoring another one would rightly make two."""
        tables, alive = self.world.database.tables, self._alive(Side.CRM) | self._alive(Side.GOOGLE)
        if side is Side.CRM:
            binned = {i: s.row.description for i, s in tables.activities.items() if s.is_deleted}
            ids = {link.crm_id for link in self.world.links}
            return {tag: i for i, tag in binned.items() if i in ids and tag not in alive}
        ids = {link.google_id for link in self.world.links}
        gone = {i: self.world.google.resource(i) for i in ids if i not in self.world.google.alive}
        return {e["description"]: i for i, e in gone.items() if e["description"] not in alive}

    def _foreign(self) -> tuple[Any, ...]:
        crm = self.world.crm
        return crm.stored(self.colleague_s), crm.stored(self.task), self.world.google.resource("foreign")


SyncMachine.TestCase.settings = settings(
    max_examples=2 * settings().max_examples,
    stateful_step_count=40,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestSyncMachine = pytest.mark.filterwarnings("error")(SyncMachine.TestCase)
