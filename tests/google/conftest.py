"""The simulator, one for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.simulated_google import SimulatedGoogle, running_simulator


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatedGoogle]:
    with running_simulator() as running:
        yield running


@pytest.fixture
def google(simulator: SimulatedGoogle) -> SimulatedGoogle:
    """The simulator, as it was at its start."""
    simulator.reset()
    return simulator
