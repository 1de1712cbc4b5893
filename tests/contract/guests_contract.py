"""What `CrmEvents` promises of guests who are contacts: one suite for the fake and for the adapter on MariaDB."""

from __future__ import annotations

from tests.builders import COLLEAGUE_ID
from tests.contract.crm_contract import CrmRig, record

ADDRESS = "pilar@olivares.test"


def relate(rig: CrmRig, crm_id: int, *addresses: str) -> None:
    with rig.unit_of_work() as uow:
        uow.crm.relate_contacts({crm_id: addresses})
        uow.commit()


class GuestsContract:
    """Guests become contacts of the activity; nothing else of it changes."""

    def test_contact_with_the_address_is_added(self, rig: CrmRig) -> None:
        rig.crm.add_contact("somebody@else.test")
        before = self._contacts(rig, crm_id := rig.crm.add())
        contact = rig.crm.add_contact("Pilar@Olivares.TEST")
        version = record(rig, crm_id).version
        rig.wait(seconds=60)

        relate(rig, crm_id, ADDRESS, "unknown@olivares.test")

        assert self._contacts(rig, crm_id) == before | {contact}
        assert record(rig, crm_id).version == version

    def test_second_address_counts_and_relating_twice_is_relating_once(self, rig: CrmRig) -> None:
        crm_id, contact = rig.crm.add(), rig.crm.add_contact("", secondary_email=ADDRESS)

        relate(rig, crm_id, ADDRESS)
        relate(rig, crm_id, ADDRESS)

        assert contact in self._contacts(rig, crm_id)

    def test_contacts_that_share_an_address_are_all_added(self, rig: CrmRig) -> None:
        crm_id, two = rig.crm.add(), {rig.crm.add_contact(ADDRESS) for _ in range(2)}

        relate(rig, crm_id, ADDRESS)

        assert two <= self._contacts(rig, crm_id)

    def test_each_activity_gets_its_own_guests(self, rig: CrmRig) -> None:
        one, two = rig.crm.add(), rig.crm.add()
        pilar, blas = rig.crm.add_contact(ADDRESS), rig.crm.add_contact("blas@bisiesto.test")
        with rig.unit_of_work() as uow:
            uow.crm.relate_contacts({one: [ADDRESS], two: [ADDRESS, "blas@bisiesto.test"]})
            uow.commit()

        assert {pilar, blas} & self._contacts(rig, one) == {pilar}
        assert {pilar, blas} <= self._contacts(rig, two)

    def test_deleted_contact_is_left_out(self, rig: CrmRig) -> None:
        crm_id, contact = rig.crm.add(), rig.crm.add_contact(ADDRESS)
        rig.crm.delete_contact(contact)

        relate(rig, crm_id, ADDRESS)

        assert contact not in self._contacts(rig, crm_id)

    def test_private_contact_of_a_colleague_is_left_out(self, rig: CrmRig) -> None:
        crm_id, own = rig.crm.add(), rig.crm.add_contact(ADDRESS)
        theirs = rig.crm.add_contact(ADDRESS, owner_id=COLLEAGUE_ID)
        rig.crm.keep_contacts_private()

        relate(rig, crm_id, ADDRESS)

        assert {own, theirs} & self._contacts(rig, crm_id) == {own}

    def test_public_contact_of_a_colleague_is_added(self, rig: CrmRig) -> None:
        crm_id, theirs = rig.crm.add(), rig.crm.add_contact(ADDRESS, owner_id=COLLEAGUE_ID)

        relate(rig, crm_id, ADDRESS)

        assert theirs in self._contacts(rig, crm_id)

    def _contacts(self, rig: CrmRig, crm_id: int) -> set[int]:
        return set(rig.crm.contacts_of(crm_id))
