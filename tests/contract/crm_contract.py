"""What it means to be `CrmEvents`: one suite for the fake and for the adapter on MariaDB, in both SQL modes.

A subclass gives the fixture `rig`: the pair's units of work, and the CRM's own pages in the hands of its users.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

import pytest

from plugin.core.crm_rules import CrmRule
from plugin.core.errors import RefusedError
from plugin.core.mapping.crm_event import ActivityRow, as_crm_holds, row_from_event
from plugin.core.model import CrmLimits, Field, LinkState, Presence, Side, Visibility
from plugin.sync.memory_ports import LinkDraft, ParkedItem
from plugin.sync.ports import CrmRecord, CrmWrite, UnitOfWork
from tests.builders import COLLEAGUE_ID, a_draft, a_row, an_event


class CrmHands(Protocol):
    """What users do in the CRM, at once and for all to see."""

    def add(self, subject: str = ..., *, owner_id: int = ..., **columns: Any) -> int: ...

    def edit(self, crm_id: int, **columns: Any) -> None: ...

    def assign(self, crm_id: int, owner_id: int) -> None: ...

    def delete(self, crm_id: int) -> None: ...

    def restore(self, crm_id: int) -> None: ...

    def purge(self, crm_id: int) -> None: ...

    def unmapped(self, crm_id: int) -> Mapping[str, Any]: ...

    def add_series(self, rule: CrmRule, days: Sequence[str], subject: str = ...) -> list[int]: ...

    def put_into_series(self, crm_id: int, head_id: int) -> None: ...

    def repeat(self, crm_id: int) -> tuple[int | None, CrmRule | None, str]: ...

    def has_reminder(self, crm_id: int) -> bool: ...

    def add_contact(self, email: str, *, owner_id: int = ..., secondary_email: str = ...) -> int: ...

    def delete_contact(self, contact_id: int) -> None: ...

    def contacts_of(self, crm_id: int) -> list[int]: ...

    def transfer(self, owner_id: int, new_owner_id: int) -> None: ...

    def link_elsewhere(self, crm_id: int, user_id: int) -> None: ...

    def keep_contacts_private(self) -> None: ...


class CrmRig(Protocol):
    """A pair over one database."""

    crm: CrmHands
    limits: CrmLimits

    def unit_of_work(self) -> UnitOfWork: ...

    def reserve_crm_ids(self, count: int) -> Sequence[int]: ...

    def clock(self) -> datetime: ...

    def wait(self, **duration: float) -> None: ...

    def limit_to(self, sync_from: date | None) -> None: ...

    def link_elsewhere(self, crm_id: int) -> None:
        """Link the activity in another pair of the account, one that rests."""


def changes(rig: CrmRig, limit: int = 100) -> dict[int, CrmRecord]:
    with rig.unit_of_work() as uow:
        return {record.crm_id: record for record in uow.crm.read_changes(limit)}


def record(rig: CrmRig, crm_id: int) -> CrmRecord:
    with rig.unit_of_work() as uow:
        return uow.crm.read_records([crm_id])[crm_id]


def link(rig: CrmRig, crm_id: int, **fields: Any) -> LinkDraft:
    """Remember the record as it is now."""
    draft = a_draft(crm_id=crm_id, google_id=f"google{crm_id}", crm_version=record(rig, crm_id).version)
    with rig.unit_of_work() as uow:
        uow.state.save_links([replace(draft, **fields)])
        uow.commit()
    return draft


def create(rig: CrmRig, **columns: Any) -> int:
    [crm_id] = rig.reserve_crm_ids(1)
    with rig.unit_of_work() as uow:
        uow.crm.create([a_row(crm_id, **columns)], rig.clock())
        uow.commit()
    return crm_id


def update(rig: CrmRig, crm_id: int, fields: set[Field], **columns: Any) -> None:
    with rig.unit_of_work() as uow:
        before = uow.crm.lock_records([crm_id])[crm_id].row
        assert before is not None
        uow.crm.update([CrmWrite(replace(before, **columns), before, frozenset(fields))], rig.clock())
        uow.commit()


class CrmContract:
    """Every test is a promise that the use cases count on."""

    # --- reading ---

    def test_new_activity_is_reported_with_its_columns(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add("Visita", location="Cádiz", description="Llevar catálogo")

        found = changes(rig)[crm_id]

        assert found.row == a_row(crm_id, subject="Visita", location="Cádiz", description="Llevar catálogo")
        assert (found.presence, found.link_id, found.repeats, found.is_owned) == (
            Presence.ALIVE, None, False, True,
        )  # fmt: skip

    def test_other_people_s_tasks_and_deleted_ones_are_none_of_ours(self, rig: CrmRig) -> None:
        rig.crm.add("Theirs", owner_id=COLLEAGUE_ID)
        rig.crm.add("Task", activity_type="Task")
        rig.crm.delete(rig.crm.add("Deleted"))

        assert changes(rig) == {}

    def test_linked_activity_is_quiet_until_it_changes(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        rig.wait(seconds=60)
        link(rig, crm_id)
        assert changes(rig) == {}

        rig.crm.edit(crm_id, subject="Moved")

        found = changes(rig)[crm_id]
        assert found.link_id is not None
        assert found.row is not None
        assert found.row.subject == "Moved"

    def test_record_is_settled_some_seconds_after_it_was_saved(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        rig.wait(seconds=5)
        assert not record(rig, crm_id).is_settled

        rig.wait(seconds=1)
        assert record(rig, crm_id).is_settled

    def test_unsettled_link_is_read_again_though_its_version_is_the_same(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        link(rig, crm_id, is_settled=False)

        assert list(changes(rig)) == [crm_id]

    @pytest.mark.parametrize("state", [LinkState.DEAD, LinkState.RELEASED])
    def test_living_activity_of_a_resting_link_is_reported(self, rig: CrmRig, state: LinkState) -> None:
        crm_id = rig.crm.add()
        link(rig, crm_id, state=state)

        assert list(changes(rig)) == [crm_id]

    @pytest.mark.parametrize("how", ["delete", "purge", "assign", "edit"])
    def test_linked_activity_that_left_the_set_is_reported(self, rig: CrmRig, how: str) -> None:
        crm_id = rig.crm.add()
        rig.wait(seconds=60)
        link(rig, crm_id)
        {
            "delete": lambda: rig.crm.delete(crm_id),
            "purge": lambda: rig.crm.purge(crm_id),
            "assign": lambda: rig.crm.assign(crm_id, COLLEAGUE_ID),
            "edit": lambda: rig.crm.edit(crm_id, activity_type="Task"),
        }[how]()

        found = changes(rig)[crm_id]

        is_gone = how in {"delete", "purge"}
        assert found.presence is (Presence.GONE if is_gone else Presence.LEFT)
        assert (found.row is None) is (how == "purge")
        assert found.is_owned is (how != "assign")
        assert found.link_id is not None

    def test_what_a_colleague_deletes_had_left_the_set_before(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        link(rig, crm_id)
        rig.crm.assign(crm_id, COLLEAGUE_ID)
        rig.crm.delete(crm_id)

        assert changes(rig)[crm_id].presence is Presence.LEFT

    @pytest.mark.parametrize("state", [LinkState.DEAD, LinkState.RELEASED])
    def test_resting_link_whose_activity_is_gone_is_quiet(self, rig: CrmRig, state: LinkState) -> None:
        crm_id = rig.crm.add()
        link(rig, crm_id, state=state)
        rig.crm.delete(crm_id)

        assert changes(rig) == {}

    def test_limit_caps_what_is_read_but_never_what_left(self, rig: CrmRig) -> None:
        ids = [rig.crm.add(f"Meeting {number}") for number in range(4)]
        gone = rig.crm.add("Gone")
        link(rig, gone)
        rig.crm.delete(gone)

        assert list(changes(rig, limit=2)) == [*ids[:2], gone]

    def test_parked_activity_is_left_out_until_it_changes(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        self._park(rig, crm_id, None)
        assert changes(rig) == {}

        rig.wait(seconds=1)
        rig.crm.edit(crm_id, subject="Moved")
        assert list(changes(rig)) == [crm_id]

    def test_parked_activity_is_read_again_when_it_is_due(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        self._park(rig, crm_id, rig.clock() + timedelta(hours=1))
        assert changes(rig) == {}

        rig.wait(hours=1)
        assert list(changes(rig)) == [crm_id]

    def test_unlinked_activity_before_the_start_limit_is_left_out(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        linked = rig.crm.add("Linked")
        link(rig, linked, is_settled=False)

        rig.limit_to(date(2027, 4, 1))
        assert list(changes(rig)) == [linked]

        rig.limit_to(date(2027, 3, 1))
        assert list(changes(rig)) == [crm_id, linked]

    def test_start_limit_leaves_room_for_any_two_zones(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()  # on 2 March 2027, in the CRM's zone

        rig.limit_to(date(2027, 3, 4))
        assert list(changes(rig)) == [crm_id]

        rig.limit_to(date(2027, 3, 5))
        assert changes(rig) == {}

    def test_end_before_the_start_says_nothing_about_the_limit(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        rig.crm.edit(crm_id, due_date=date(2027, 1, 1))

        rig.limit_to(date(2027, 3, 2))
        assert list(changes(rig)) == [crm_id]

    def test_all_unlinked_activities_are_read_for_the_first_contact(self, rig: CrmRig) -> None:
        linked, first, second = (rig.crm.add(name) for name in ("Linked", "First", "Second"))
        link(rig, linked)
        self._park(rig, second, None)
        rig.crm.add("Theirs", owner_id=COLLEAGUE_ID)

        with rig.unit_of_work() as uow:
            assert [r.crm_id for r in uow.crm.read_unlinked()] == [first, second]
            assert uow.crm.read_legacy_mapping() == {}

    def test_activity_that_is_linked_in_a_resting_pair_is_not_new(self, rig: CrmRig) -> None:
        free, elsewhere, in_both = (rig.crm.add(name) for name in ("Free", "Elsewhere", "Both"))
        link(rig, in_both, is_settled=False)
        rig.link_elsewhere(elsewhere)
        rig.link_elsewhere(in_both)

        assert list(changes(rig)) == [free, in_both]
        with rig.unit_of_work() as uow:
            assert [r.crm_id for r in uow.crm.read_unlinked()] == [free]

    def test_repeating_activity_is_known_as_such(self, rig: CrmRig) -> None:
        assert record(rig, rig.crm.add(recurring_type="Daily")).repeats

    @pytest.mark.parametrize("method", ["read_records", "lock_records"])
    def test_records_are_read_whoever_they_belong_to(self, rig: CrmRig, method: str) -> None:
        mine, theirs, gone = rig.crm.add(), rig.crm.add(owner_id=COLLEAGUE_ID), rig.crm.add()
        rig.crm.purge(gone)

        with rig.unit_of_work() as uow:
            found = getattr(uow.crm, method)([mine, theirs, gone])
            assert getattr(uow.crm, method)([]) == {}

        assert {i: r.presence for i, r in found.items()} == {
            mine: Presence.ALIVE, theirs: Presence.LEFT, gone: Presence.GONE,
        }  # fmt: skip
        assert found[gone].row is None

    # --- writing ---

    def test_created_activity_reads_as_it_was_written(self, rig: CrmRig) -> None:
        crm_id = create(rig, subject="Reunión", location="Sala 2", description="Con café", visibility="all")

        found = record(rig, crm_id)

        expected = a_row(
            crm_id, subject="Reunión", location="Sala 2", description="Con café", visibility="all"
        )
        assert (found.row, found.presence, found.is_owned) == (expected, Presence.ALIVE, True)

    def test_reserved_ids_are_never_given_twice(self, rig: CrmRig) -> None:
        first = rig.reserve_crm_ids(3)
        added = rig.crm.add()
        second = rig.reserve_crm_ids(2)

        assert len({*first, added, *second}) == 6
        assert list(rig.reserve_crm_ids(0)) == []

    @pytest.mark.parametrize(
        ("fields", "columns"),
        [
            ({Field.SUBJECT}, {"subject": "Moved"}),
            ({Field.DESCRIPTION}, {"description": "text"}),
            ({Field.LOCATION}, {"location": "there"}),
            ({Field.VISIBILITY}, {"visibility": "Private"}),
            ({Field.WHEN}, {"date_start": date(2027, 4, 1), "due_date": date(2027, 4, 2)}),
            ({Field.SUBJECT, Field.LOCATION}, {"subject": "Moved", "location": "there"}),
        ],
        ids=["subject", "description", "location", "visibility", "when", "two"],
    )
    def test_update_writes_the_named_fields_and_nothing_else(
        self, rig: CrmRig, fields: set[Field], columns: dict[str, Any]
    ) -> None:
        crm_id, other = rig.crm.add(), rig.crm.add("Other")
        unmapped, untouched = rig.crm.unmapped(crm_id), record(rig, other)
        everything = {
            "subject": "x", "description": "x", "location": "x", "visibility": "all", "time_start": "01:00:00",
        }  # fmt: skip
        ignored = everything if Field.WHEN not in fields else {}
        ignored = {name: value for name, value in ignored.items() if name not in columns}

        update(rig, crm_id, fields, **{**ignored, **columns})

        expected: ActivityRow = a_row(crm_id, **columns)
        assert record(rig, crm_id).row == expected
        assert rig.crm.unmapped(crm_id) == unmapped
        assert record(rig, other).row == untouched.row

    def test_many_updates_each_get_their_own_values(self, rig: CrmRig) -> None:
        ids = [rig.crm.add(f"Meeting {number}") for number in range(3)]
        with rig.unit_of_work() as uow:
            before = {i: r.row for i, r in uow.crm.lock_records(ids).items() if r.row}
            writes = [
                CrmWrite(replace(before[ids[0]], subject="One"), before[ids[0]], frozenset({Field.SUBJECT})),
                CrmWrite(
                    replace(before[ids[1]], location="two"), before[ids[1]], frozenset({Field.LOCATION})
                ),
            ]
            uow.crm.update(writes, rig.clock())
            uow.commit()

        rows = [record(rig, crm_id).row for crm_id in ids]
        assert [(r.subject, r.location) for r in rows if r] == [
            ("One", ""), ("Meeting 1", "two"), ("Meeting 2", ""),
        ]  # fmt: skip

    def test_moment_of_the_last_save_is_an_instant(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add("Saved")

        assert record(rig, crm_id).modified_utc == rig.clock().replace(microsecond=0)

    def test_write_moves_the_version(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        before = record(rig, crm_id).version
        rig.wait(seconds=10)

        update(rig, crm_id, {Field.SUBJECT}, subject="Moved")

        assert record(rig, crm_id).version > before

    def test_deleted_activity_is_in_the_bin_and_whole(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        unmapped = rig.crm.unmapped(crm_id)
        with rig.unit_of_work() as uow:
            uow.crm.delete([crm_id], rig.clock())
            uow.commit()

        found = record(rig, crm_id)
        assert (found.presence, found.row) == (Presence.GONE, a_row(crm_id))
        assert rig.crm.unmapped(crm_id) == unmapped

    def test_revived_activity_lives_with_its_new_values(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        rig.crm.delete(crm_id)
        # The CRM's own delete takes reminder and rule away; what is left stays.
        unmapped = rig.crm.unmapped(crm_id)
        with rig.unit_of_work() as uow:
            uow.crm.revive([a_row(crm_id, subject="Back", location="there")], rig.clock())
            uow.commit()

        found = record(rig, crm_id)
        assert (found.presence, found.row) == (
            Presence.ALIVE,
            a_row(crm_id, subject="Back", location="there"),
        )
        assert rig.crm.unmapped(crm_id) == unmapped

    def test_writing_nothing_writes_nothing(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        before = record(rig, crm_id)
        rig.wait(seconds=60)
        with rig.unit_of_work() as uow:
            uow.crm.create([], rig.clock())
            uow.crm.update([], rig.clock())
            uow.crm.revive([], rig.clock())
            uow.crm.delete([], rig.clock())
            uow.commit()

        assert replace(record(rig, crm_id), is_settled=before.is_settled) == before

    def test_what_is_not_committed_never_was(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        [new] = rig.reserve_crm_ids(1)
        with rig.unit_of_work() as uow:
            uow.crm.create([a_row(new)], rig.clock())
            uow.crm.delete([crm_id], rig.clock())

        assert record(rig, new).presence is Presence.GONE
        assert record(rig, crm_id).presence is Presence.ALIVE

    @pytest.mark.parametrize("subject", ["x" * 300, "🎉 Fiesta", "ñ" * 255], ids=["long", "emoji", "full"])
    def test_what_was_made_to_fit_is_held_as_it_is(self, rig: CrmRig, subject: str) -> None:
        event = an_event(subject, location="🎉" * 200, description="🎉 ñ" * 10)
        fitting = as_crm_holds(event, rig.limits, Visibility.PRIVATE)
        [crm_id] = rig.reserve_crm_ids(1)
        row = row_from_event(crm_id, fitting, "UTC", None)
        with rig.unit_of_work() as uow:
            uow.crm.create([row], rig.clock())
            uow.commit()

        assert record(rig, crm_id).row == row

    @pytest.mark.parametrize("how", ["delete", "purge"])
    def test_parked_activity_that_is_gone_is_not_reported(self, rig: CrmRig, how: str) -> None:
        crm_id = rig.crm.add()
        link(rig, crm_id)
        rig.crm.delete(crm_id)
        if how == "purge":
            rig.crm.purge(crm_id)
        assert list(changes(rig)) == [crm_id]
        self._park(rig, crm_id, None)

        assert changes(rig) == {}

    def _park(self, rig: CrmRig, crm_id: int, retry_at_utc: datetime | None) -> None:
        item = ParkedItem(Side.CRM, str(crm_id), record(rig, crm_id).version, "why", retry_at_utc)
        with rig.unit_of_work() as uow:
            uow.state.park([item], rig.clock())
            uow.commit()


def refuse_too_long(rig: CrmRig) -> None:
    """Assert that a row which doesn't fit is refused, and nothing of its transaction stays."""
    [first, second] = rig.reserve_crm_ids(2)
    with pytest.raises(RefusedError), rig.unit_of_work() as uow:
        uow.crm.create([a_row(first), a_row(second, subject="x" * 256)], rig.clock())
        uow.commit()

    assert record(rig, first).presence is Presence.GONE
