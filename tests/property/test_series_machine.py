"""Series under all that people do to them on both sides, with faults, crashes and passing time; then both sides must agree.

Between two moments of agreement the machine notes who touched a series. If only one side did, nothing of what it shows may be
another in the end than that side left it: neither lost, nor doubled, nor changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from plugin.core.crm_rules import CrmRule
from plugin.core.mapping.google_event import change_from_resource, marker_body
from plugin.core.model import Marker, Side
from plugin.core.reconcile import Reason
from plugin.core.series import split_instance_id
from plugin.core.series_end import end_in_crm
from plugin.sync.series import SLACK_DAYS, window
from tests.builders import COLLEAGUE_ID, timed_body
from tests.fakes.series_world import CRM_RULES, GOOGLE_RULES, Content, SeriesWorld
from tests.fakes.world import ALL_APPROVED, is_quiet
from tests.property.accidents import AccidentMachine, Window

RUNS_TO_AGREE = 30


class SeriesMachine(AccidentMachine):
    """See the module."""

    world: SeriesWorld

    def __init__(self) -> None:
        super().__init__(SeriesWorld(approved_deletions=ALL_APPROVED))
        self.world.google.max_batch = 3
        self.world.batch_size = 6
        self.google = self.world.google
        self.colleague_s = self.world.crm.add("Colleague's", owner_id=COLLEAGUE_ID)
        marker = marker_body(Marker("install-of-a-copy", "key9"))
        self.google.insert_as_user("foreign", summary="Theirs", **marker, **timed_body())
        self.foreign = self._foreign()
        self.laid_out_until = self._laid_out_until()

    # --- Google's users ---

    @rule(line=st.sampled_from(GOOGLE_RULES), is_all_day=st.booleans())
    def begin_in_google(self, line: str, *, is_all_day: bool) -> None:
        self._note(self.world.add_google_series(line, is_all_day=is_all_day), Side.GOOGLE)

    @rule(data=st.data(), name=st.sampled_from(("summary", "location")))
    def edit_master(self, data: st.DataObject, name: str) -> None:
        if found := self._draw(data, self.world.masters()):
            self.google.edit_as_user(found, **{name: self.world.value(name)})

    @rule(data=st.data(), days=st.integers(-1, 2))
    def move_master(self, data: st.DataObject, days: int) -> None:
        if found := self._draw(data, self.world.masters()):
            self.world.move_master(found, days=days)

    @rule(data=st.data(), line=st.sampled_from((*GOOGLE_RULES, None)))
    def change_rule(self, data: st.DataObject, line: str | None) -> None:
        if found := self._draw(data, self.world.masters()):
            self.google.edit_as_user(found, recurrence=[f"RRULE:{line}"] if line else None)

    @rule(data=st.data(), days=st.sampled_from((1, 4)))
    def add_date(self, data: st.DataObject, days: int) -> None:
        series = [i for i in self.world.masters() if self.google.alive[i].get("recurrence")]
        if found := self._draw(data, series):
            self.world.add_date(found, days)

    @rule(data=st.data())
    def except_date(self, data: st.DataObject) -> None:
        if (found := self._draw(data, self.world.slots())) and (split := split_instance_id(found)):
            self.world.except_date(split[0], found)

    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        if found := self._draw(data, self.world.slots()):
            tag = self.world.split_series(found)
            if tag is not None:
                self._note(tag, Side.GOOGLE)

    @rule(data=st.data(), moves=st.booleans())
    def edit_slot(self, data: st.DataObject, *, moves: bool) -> None:
        if found := self._draw(data, self.world.slots()):
            self.world.edit_slot(found, moves=moves)

    @rule(data=st.data(), is_whole=st.booleans())
    def delete_in_google(self, data: st.DataObject, *, is_whole: bool) -> None:
        if found := self._draw(data, self.world.masters() if is_whole else self.world.slots()):
            self.google.delete_as_user(found)

    @rule(data=st.data())
    def restore_in_google(self, data: st.DataObject) -> None:
        if found := self._draw(data, self._restorable_in_google()):
            self.google.edit_as_user(found, status="confirmed")

    # --- the CRM's users ---

    @rule(what=st.sampled_from(CRM_RULES))
    def begin_in_crm(self, what: tuple[CrmRule, tuple[int, ...]]) -> None:
        self._note(self.world.add_crm_series(*what), Side.CRM)

    @rule(data=st.data(), reach=st.sampled_from(("this", "future", "all")))
    def rename_in_crm(self, data: st.DataObject, reach: str) -> None:
        if found := self._draw_activity(data):
            self.world.rename_activities(self._reach(found, reach))

    @rule(data=st.data(), reach=st.sampled_from(("this", "future", "all")), is_proper=st.booleans())
    def delete_in_crm(self, data: st.DataObject, reach: str, *, is_proper: bool) -> None:
        if found := self._draw_activity(data):
            self.world.delete_activities(self._reach(found, reach), is_proper=is_proper)

    @rule(data=st.data(), reach=st.sampled_from(("this", "future", "all")), days=st.sampled_from((2, 7)))
    def redate_in_crm(self, data: st.DataObject, reach: str, days: int) -> None:
        if found := self._draw_activity(data, is_timed=True):
            self.world.redate_activities(self._reach(found, reach), days)

    @rule(data=st.data(), reach=st.sampled_from(("this", "all", "all")))
    def give_other_hours_in_crm(self, data: st.DataObject, reach: str) -> None:
        if found := self._draw_activity(data, is_timed=True):
            self.world.give_other_hours(self._reach(found, reach))

    @rule(data=st.data(), is_longer=st.booleans())
    def lengthen_or_untick(self, data: st.DataObject, *, is_longer: bool) -> None:
        if found := self._draw_activity(data, is_timed=True):
            self._reach(found, "all")
            (self.world.lengthen if is_longer else self.world.untick)(found)

    @rule(data=st.data())
    def restore_in_crm(self, data: st.DataObject) -> None:
        alive = self.world.google_items()
        gone = {link.crm_id for link in self.world.links if link.google_id not in alive}
        binned = [i for i, s in self.world.database.tables.activities.items() if s.is_deleted and i in gone]
        if binned:
            crm_id = data.draw(st.sampled_from(sorted(binned)))
            self._note(self.world.crm.row(crm_id).description, Side.CRM)
            self.world.crm.restore(crm_id)

    # --- time ---

    @rule(days=st.sampled_from((1, 5, 12)))
    def pass_days(self, days: int) -> None:
        self.world.wait(days=days)

    @rule(is_soon=st.booleans())
    def sync(self, *, is_soon: bool) -> None:
        self._run(self.world.run(), is_soon=is_soon)

    @precondition(lambda self: self.windows)
    @rule()
    def agree(self) -> None:
        before = {side: self.world.shown(side) for side in Side}
        until = self.laid_out_until
        for _ in range(RUNS_TO_AGREE):
            is_done = is_quiet(self.world.sync()) and not self.world.database.tables.intents
            plan = self.world.plan()
            if is_done and not (plan.crm or plan.google):
                break
        self._check_agreement()
        after = {side: self.world.shown(side) for side in Side}
        for tag, seen in self.windows.items():
            self._check_tag(tag, seen, before, after, until)
        self.windows = {}
        self.laid_out_until = self._laid_out_until()

    def teardown(self) -> None:
        if self.windows:
            self.agree()

    # --- what must hold ---

    @invariant()
    def links_are_one_to_one(self) -> None:
        links = self.world.live_links
        assert len({link.crm_id for link in links}) == len({link.google_id for link in links}) == len(links)

    @invariant()
    def foreign_and_unmapped_parts_are_as_they_were(self) -> None:
        assert self._foreign() == self.foreign
        for crm_id, stored in self.world.database.tables.activities.items():
            assert stored.unmapped.get("reminder") in (None, f"reminder of {crm_id}")
        for event in self.google.alive.values():
            assert event.get("colorId") in (None, event.get("description"))

    def _check_agreement(self) -> None:
        items, rows = self.world.google_items(), self.world.activities()
        links = {link.google_id: link.crm_id for link in self.world.live_links}
        assert sorted(links.values()) == sorted(rows)
        assert not links.keys() - items.keys()
        # Not every day is a day for laying out more.
        inside = replace(window(self.world.run()), until_utc=self._laid_out_until())
        kept = self.world.database.tables.series
        for google_id in items.keys() - links.keys():
            split = split_instance_id(google_id)
            series = kept[split[0]].series if split and split[0] in kept else None
            if series and end_in_crm(series, self.world.links, inside.horizon):
                continue  # its end was deleted in the CRM
            assert not inside.holds(change_from_resource(items[google_id])), google_id
        both = {side: self.world.shown(side) for side in Side}
        for tag, contents in both[Side.CRM].items():
            assert not set(contents) - set(both[Side.GOOGLE][tag]), tag
        tables = self.world.database.tables
        waiting = (set(tables.inbox), tables.intents, self.world.parked)
        assert waiting == ({"foreign"}, {}, {("google", "foreign"): Reason.FOREIGN_MARKER.value}), waiting
        plan = self.world.plan()
        assert (plan.crm, plan.google, plan.held) == ((), (), ())
        operations = len(self.google.operations)
        assert is_quiet(self.world.sync())
        assert len(self.google.operations) == operations

    def _check_tag(self, tag: str, seen: Window, before: Any, after: Any, until: datetime) -> None:
        # People may make doubles: what survived as an event of its own can be repeated, or its day brought back in the series.
        theirs = _doubles(before[Side.GOOGLE].get(tag, ())) | _doubles(before[Side.CRM].get(tag, ()))
        for side in Side:
            is_distinct = _doubles(after[side].get(tag, ())) <= theirs or tag in self._standing_in()
            assert is_distinct, f"{tag} doubled in {side}"
        if seen.sides == {Side.GOOGLE}:
            assert after[Side.GOOGLE].get(tag) == before[Side.GOOGLE].get(tag), tag
        if seen.sides == {Side.CRM}:
            was: set[Content] = set(before[Side.CRM].get(tag, ()))
            now: set[Content] = set(after[Side.CRM].get(tag, ()))
            assert was <= now, tag
            assert all(start >= until for _, _, start in now - was), tag

    # --- drawing ---

    def _draw(self, data: st.DataObject, google_ids: list[str]) -> str | None:
        """Return one of Google's events, and note that its series is touched there."""
        items = {i for i in google_ids if i != "foreign"}
        if not items:
            return None
        found = data.draw(st.sampled_from(sorted(items)))
        split = split_instance_id(found)
        self._note(self.google.resource(split[0] if split else found)["description"], Side.GOOGLE)
        return found

    def _draw_activity(self, data: st.DataObject, *, is_timed: bool = False) -> int | None:
        found = {i: tag for i, tag in self.world.activities().items()
                 if not is_timed or self.world.is_timed(i)}  # fmt: skip
        if not found:
            return None
        crm_id = data.draw(st.sampled_from(sorted(found)))
        self._note(found[crm_id], Side.CRM)
        return crm_id

    def _reach(self, crm_id: int, reach: str) -> list[int]:
        ids = [crm_id] if reach == "this" else self.world.fellows(crm_id, is_future=reach == "future")
        for one in ids:
            self._note(self.world.crm.row(one).description, Side.CRM)
        return ids

    def _restorable_in_google(self) -> list[str]:
        """Return what nothing stands in for: restoring another would rightly make two."""
        rows, standing_in = self.world.crm.rows(), self._standing_in()
        linked = {link.google_id: link.crm_id for link in self.world.links}
        found: list[str] = []
        for google_id in self.google.cancelled:
            split, tag = split_instance_id(google_id), self.google.resource(google_id)["description"]
            is_there = split is None or self.google.has_slot(google_id)
            if is_there and tag not in standing_in and linked.get(google_id, 0) not in rows:
                found.append(google_id)
        return found

    def _standing_in(self) -> set[str]:
        """Return the tags of series of which something has become a single event."""
        rows = self.world.crm.rows()
        single = [link.crm_id for link in self.world.live_links if link.series_id is None]
        return {rows[crm_id].description for crm_id in single if crm_id in rows}

    def _note(self, tag: str, side: Side) -> None:
        self.windows.setdefault(tag, Window()).sides.add(side)

    def _laid_out_until(self) -> datetime:
        return window(self.world.run()).until_utc - timedelta(days=SLACK_DAYS)

    def _foreign(self) -> tuple[Any, ...]:
        return self.world.crm.stored(self.colleague_s), self.google.resource("foreign")


def _doubles(contents: Iterable[Content]) -> set[datetime]:
    """Return when more than one of these begins."""
    counts = Counter(start for _, _, start in contents)
    return {start for start, number in counts.items() if number > 1}


SeriesMachine.TestCase.settings = settings(
    stateful_step_count=30,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestSeriesMachine = pytest.mark.filterwarnings("error")(SeriesMachine.TestCase)
