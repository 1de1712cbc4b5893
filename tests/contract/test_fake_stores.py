"""The fakes of the CRM and of our tables keep the contracts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from plugin.core.errors import LockLostError
from plugin.sync.ports import UnitOfWork
from tests.contract.crm_contract import CrmContract, refuse_too_long
from tests.contract.guests_contract import GuestsContract
from tests.contract.repeats_contract import RepeatsContract
from tests.contract.series_contract import SeriesContract
from tests.contract.state_contract import StateContract
from tests.contract.transfers_contract import TransfersContract
from tests.fakes.world import World


class FakeRig(World):
    """A world in the contract's terms."""

    def unit_of_work(self) -> UnitOfWork:
        return self.run().unit_of_work()

    def reserve_crm_ids(self, count: int) -> Sequence[int]:
        return self.run().reserve_crm_ids(count)

    def limit_to(self, sync_from: date | None) -> None:
        self.change_pair(sync_from=sync_from)

    def link_elsewhere(self, crm_id: int) -> None:
        self.database.tables.linked_in_resting |= {crm_id}


@pytest.fixture
def rig() -> FakeRig:
    return FakeRig()


class TestFakeCrmEvents(CrmContract):
    pass


class TestFakeCrmRepeats(RepeatsContract):
    pass


class TestFakeGuests(GuestsContract):
    pass


class TestFakeTransfers(TransfersContract):
    pass


class TestFakeState(StateContract):
    pass


class TestFakeSeries(SeriesContract):
    pass


def test_row_that_does_not_fit_is_refused(rig: FakeRig) -> None:
    refuse_too_long(rig)


def test_nothing_is_opened_without_the_lock(rig: FakeRig) -> None:
    run = rig.run()
    run.accidents.has_lock = False

    with pytest.raises(LockLostError), run.unit_of_work():
        pass


def test_nothing_is_committed_outside_a_unit_of_work(rig: FakeRig) -> None:
    with pytest.raises(RuntimeError):
        rig.unit_of_work().commit()
