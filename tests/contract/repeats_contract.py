"""What `CrmEvents` says and writes of the CRM's own series: one suite for the fake and for the adapter on MariaDB.

The CRM's own rows are those of facts/crm_repeats.md §2 and §4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from plugin.core.crm_rules import CrmRule
from plugin.core.model import Field
from plugin.sync.ports import CrmRepeat, JoinedSeries
from tests.builders import COLLEAGUE_ID, a_row
from tests.contract.crm_contract import CrmRig, changes, create, link, record, update

WEEKLY = CrmRule("Weekly", 1, "Weekly::2")
DAILY = CrmRule("Daily", 2, "Daily")
TUESDAYS = ["2027-03-02", "2027-03-09", "2027-03-16", "2027-03-23"]
SINGLE = (None, None, "--None--")


def repeats(rig: CrmRig, *crm_ids: int) -> list[CrmRepeat]:
    with rig.unit_of_work() as uow:
        return list(uow.crm.read_repeats(crm_ids))


def joined(crm_ids: Sequence[int], **about: Any) -> JoinedSeries:
    """Return a series that is new to the CRM."""
    last = date(2027, 3, 2) + timedelta(weeks=len(crm_ids) - 1)
    return JoinedSeries(**{
        "head_id": crm_ids[0], "crm_ids": crm_ids, "rule": WEEKLY, "is_new_rule": True,
        "first_date": date(2027, 3, 2), "last_date": last, "moves_end": False, **about,
    })  # fmt: skip


def join(rig: CrmRig, *series: JoinedSeries) -> None:
    with rig.unit_of_work() as uow:
        uow.crm.join_repeats(series)
        uow.commit()


def delete(rig: CrmRig, *crm_ids: int) -> None:
    with rig.unit_of_work() as uow:
        uow.crm.delete(crm_ids, rig.clock())
        uow.commit()


def said(rig: CrmRig, crm_ids: Sequence[int]) -> list[tuple[int | None, CrmRule | None, str]]:
    return [rig.crm.repeat(crm_id) for crm_id in crm_ids]


def four(rig: CrmRig) -> list[int]:
    return [create(rig, date_start=date.fromisoformat(day)) for day in TUESDAYS]


class RepeatsContract:
    """Every test is a promise that the use cases count on."""

    # --- reading ---

    def test_series_is_read_whole_by_any_of_its_activities(self, rig: CrmRig) -> None:
        ids = rig.crm.add_series(WEEKLY, TUESDAYS)
        single = rig.crm.add()

        assert repeats(rig, ids[2]) == [CrmRepeat(ids[0], "Weekly", 1, tuple(ids))]
        assert repeats(rig, single, ids[1], ids[3]) == [CrmRepeat(ids[0], "Weekly", 1, tuple(ids))]
        assert repeats(rig, single) == []
        assert repeats(rig) == []

    def test_linked_activities_count_and_strangers_do_not(self, rig: CrmRig) -> None:
        ids = rig.crm.add_series(DAILY, TUESDAYS)
        link(rig, ids[0])
        rig.crm.assign(ids[1], COLLEAGUE_ID)
        rig.crm.delete(ids[2])

        assert repeats(rig, ids[3]) == [CrmRepeat(ids[0], "Daily", 2, (ids[0], ids[3]))]

    def test_what_lies_before_the_start_limit_is_left_out(self, rig: CrmRig) -> None:
        ids = rig.crm.add_series(WEEKLY, TUESDAYS)
        rig.limit_to(date(2027, 3, 12))

        assert repeats(rig, ids[3]) == [CrmRepeat(ids[0], "Weekly", 1, tuple(ids[2:]))]

    def test_series_keeps_its_name_when_its_first_activity_is_gone(self, rig: CrmRig) -> None:
        ids = rig.crm.add_series(WEEKLY, TUESDAYS)
        delete(rig, ids[0])

        assert repeats(rig, ids[1]) == [CrmRepeat(ids[0], "Weekly", 1, tuple(ids[1:]))]

    # --- joining ---

    def test_new_series_is_one_for_the_crm(self, rig: CrmRig) -> None:
        ids = four(rig)
        versions = [record(rig, crm_id).version for crm_id in ids]
        rig.wait(minutes=1)

        join(rig, joined(ids))

        assert said(rig, ids) == [(ids[0], WEEKLY, "Weekly")] * 4
        assert repeats(rig, ids[1]) == [CrmRepeat(ids[0], "Weekly", 1, tuple(ids))]
        # No save of the user's: it is not to come back as a change.
        assert [record(rig, crm_id).version for crm_id in ids] == versions

    def test_longer_series_takes_the_new_activity_in(self, rig: CrmRig) -> None:
        ids = four(rig)
        join(rig, joined(ids[:3], moves_end=True))

        join(rig, joined(ids, is_new_rule=False, moves_end=True))

        assert said(rig, ids) == [(ids[0], WEEKLY, "Weekly")] * 4

    def test_new_rule_replaces_the_old_one(self, rig: CrmRig) -> None:
        ids = four(rig)
        join(rig, joined(ids))

        join(rig, joined(ids, rule=DAILY))

        assert said(rig, ids) == [(ids[0], DAILY, "Daily")] * 4

    def test_part_that_was_split_off_becomes_a_series_of_its_own(self, rig: CrmRig) -> None:
        ids = four(rig)
        join(rig, joined(ids))

        join(rig, joined(ids[:2]), joined(ids[2:], rule=DAILY))

        assert said(rig, ids) == [(ids[0], WEEKLY, "Weekly")] * 2 + [(ids[2], DAILY, "Daily")] * 2

    def test_rule_that_the_crm_can_not_say_parts_the_series(self, rig: CrmRig) -> None:
        ids = four(rig)
        join(rig, joined(ids))

        join(rig, joined(ids, rule=None))

        assert said(rig, ids) == [SINGLE] * 4
        assert repeats(rig, *ids) == []

    def test_what_can_not_be_said_and_never_was_writes_nothing(self, rig: CrmRig) -> None:
        ids = four(rig)

        join(rig, joined(ids, rule=None, is_new_rule=False))
        join(rig)

        assert said(rig, ids) == [SINGLE] * 4

    def test_what_the_crm_says_already_is_not_written_again(self, rig: CrmRig) -> None:
        ids = rig.crm.add_series(WEEKLY, TUESDAYS)
        before = [rig.crm.unmapped(crm_id) for crm_id in ids]

        join(rig, joined(ids, is_new_rule=False))

        assert [rig.crm.unmapped(crm_id) for crm_id in ids] == before

    def test_two_series_are_kept_apart(self, rig: CrmRig) -> None:
        first, second = four(rig), four(rig)

        join(rig, joined(first), joined(second, rule=DAILY))

        assert said(rig, first) == [(first[0], WEEKLY, "Weekly")] * 4
        assert said(rig, second) == [(second[0], DAILY, "Daily")] * 4

    # --- one of them ---

    def test_field_of_one_occurrence_leaves_what_is_said_of_repeats(self, rig: CrmRig) -> None:
        ids = rig.crm.add_series(WEEKLY, TUESDAYS)
        before = [rig.crm.unmapped(crm_id) for crm_id in ids]

        update(rig, ids[1], {Field.SUBJECT, Field.WHEN}, subject="Exam", date_start=date(2027, 3, 10))

        assert [rig.crm.unmapped(crm_id) for crm_id in ids] == before

    def test_deleted_occurrence_is_out_of_its_series(self, rig: CrmRig) -> None:
        ids = rig.crm.add_series(WEEKLY, TUESDAYS)
        others = [rig.crm.unmapped(crm_id) for crm_id in ids if crm_id != ids[1]]

        delete(rig, ids[1])

        head, rule, _ = rig.crm.repeat(ids[1])
        assert (head, rule, rig.crm.has_reminder(ids[1])) == (None, None, False)
        assert repeats(rig, ids[1]) == []
        assert [rig.crm.unmapped(crm_id) for crm_id in ids if crm_id != ids[1]] == others

    def test_deleted_single_activity_keeps_its_reminder(self, rig: CrmRig) -> None:
        single = rig.crm.add()
        delete(rig, single, rig.crm.add_series(WEEKLY, TUESDAYS)[0])

        assert rig.crm.has_reminder(single)

    def test_occurrence_out_of_the_bin_is_a_single_activity(self, rig: CrmRig) -> None:
        ids = rig.crm.add_series(WEEKLY, TUESDAYS)
        delete(rig, ids[1])
        with rig.unit_of_work() as uow:
            uow.crm.revive([replace(a_row(ids[1]), subject="Back")], rig.clock())
            uow.commit()

        assert rig.crm.repeat(ids[1]) == SINGLE
        assert not changes(rig)[ids[1]].repeats
        assert repeats(rig, ids[0]) == [CrmRepeat(ids[0], "Weekly", 1, (ids[0], *ids[2:]))]
