"""What `CrmRecords` promises of the CRM's delete-user transfer: one suite for activities and contacts, for the fakes and for

the adapters on MariaDB.
"""

from __future__ import annotations

from typing import Any

from tests.builders import COLLEAGUE_ID, USER_ID, a_draft


def transferred(rig: Any) -> frozenset[int]:
    with rig.unit_of_work() as uow:
        found: frozenset[int] = uow.crm.find_transferred(uow.crm.read_changes(100))
    return found


def link(rig: Any, crm_id: int) -> None:
    """Remember the record as it is now."""
    with rig.unit_of_work() as uow:
        version = uow.crm.read_records([crm_id])[crm_id].version
        uow.state.save_links([a_draft(crm_id=crm_id, google_id=f"google{crm_id}", crm_version=version)])
        uow.commit()


class TransfersContract:
    """A transfer is told from a reassignment by what else happened to the old owner.

    `saved`: a field and its value after an edit.
    """

    saved = ("subject", "Mine now")

    def test_all_that_left_with_everything_else_was_transferred(self, rig: Any) -> None:
        ids = [rig.crm.add(), rig.crm.add()]
        for crm_id in ids:
            link(rig, crm_id)
        rig.crm.transfer(USER_ID, COLLEAGUE_ID)

        assert transferred(rig) == set(ids)

    def test_record_that_left_alone_was_not(self, rig: Any) -> None:
        crm_id, _ = rig.crm.add(), rig.crm.add()
        link(rig, crm_id)
        rig.crm.assign(crm_id, COLLEAGUE_ID)

        assert transferred(rig) == frozenset()

    def test_deleted_record_was_not(self, rig: Any) -> None:
        crm_id = rig.crm.add()
        link(rig, crm_id)
        rig.crm.delete(crm_id)

        assert transferred(rig) == frozenset()

    def test_what_came_from_a_user_who_owns_nothing_any_more_was_transferred(self, rig: Any) -> None:
        own, theirs = rig.crm.add(), rig.crm.add(owner_id=COLLEAGUE_ID)
        rig.crm.link_elsewhere(theirs, COLLEAGUE_ID)
        rig.crm.transfer(COLLEAGUE_ID, USER_ID)

        found = transferred(rig)

        assert theirs in found
        assert own not in found

    def test_what_its_new_owner_has_saved_since_is_as_any_other(self, rig: Any) -> None:
        crm_id = rig.crm.add(owner_id=COLLEAGUE_ID)
        rig.crm.link_elsewhere(crm_id, COLLEAGUE_ID)
        rig.crm.transfer(COLLEAGUE_ID, USER_ID)
        rig.wait(seconds=60)
        rig.crm.edit(crm_id, **dict([self.saved]))

        assert crm_id not in transferred(rig)

    def test_what_a_working_colleague_handed_over_is_as_any_other(self, rig: Any) -> None:
        crm_id, _ = (rig.crm.add(owner_id=COLLEAGUE_ID) for _ in range(2))
        rig.crm.link_elsewhere(crm_id, COLLEAGUE_ID)
        rig.crm.assign(crm_id, USER_ID)

        assert crm_id not in transferred(rig)
