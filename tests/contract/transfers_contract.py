"""What `CrmEvents` promises of the CRM's delete-user transfer: one suite for the fake and for the adapter on MariaDB."""

from __future__ import annotations

from tests.builders import COLLEAGUE_ID, USER_ID
from tests.contract.crm_contract import CrmRig, link


def transferred(rig: CrmRig) -> frozenset[int]:
    with rig.unit_of_work() as uow:
        return uow.crm.find_transferred(uow.crm.read_changes(100))


class TransfersContract:
    """A transfer is told from a reassignment by what else happened to the old owner."""

    def test_all_that_left_with_everything_else_was_transferred(self, rig: CrmRig) -> None:
        ids = [rig.crm.add(), rig.crm.add()]
        for crm_id in ids:
            link(rig, crm_id)
        rig.crm.transfer(USER_ID, COLLEAGUE_ID)

        assert transferred(rig) == set(ids)

    def test_activity_that_left_alone_was_not(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        link(rig, crm_id)
        rig.crm.assign(crm_id, COLLEAGUE_ID)

        assert transferred(rig) == frozenset()

    def test_deleted_activity_was_not(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add()
        link(rig, crm_id)
        rig.crm.delete(crm_id)

        assert transferred(rig) == frozenset()

    def test_what_came_from_a_user_who_owns_nothing_any_more_was_transferred(self, rig: CrmRig) -> None:
        own, theirs = rig.crm.add(), rig.crm.add(owner_id=COLLEAGUE_ID)
        rig.crm.link_elsewhere(theirs, COLLEAGUE_ID)
        rig.crm.transfer(COLLEAGUE_ID, USER_ID)

        found = transferred(rig)

        assert theirs in found
        assert own not in found

    def test_what_its_new_owner_has_saved_since_is_as_any_other(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add(owner_id=COLLEAGUE_ID)
        rig.crm.link_elsewhere(crm_id, COLLEAGUE_ID)
        rig.crm.transfer(COLLEAGUE_ID, USER_ID)
        rig.wait(seconds=60)
        rig.crm.edit(crm_id, subject="Mine now")

        assert crm_id not in transferred(rig)

    def test_what_a_working_colleague_handed_over_is_as_any_other(self, rig: CrmRig) -> None:
        crm_id = rig.crm.add(owner_id=COLLEAGUE_ID)
        rig.crm.link_elsewhere(crm_id, COLLEAGUE_ID)
        rig.crm.assign(crm_id, USER_ID)

        assert crm_id not in transferred(rig)
