"""The whole engine on real parts: MariaDB in both SQL modes, the simulator for Google."""

from collections.abc import Iterator

import pytest

from demo.servers import MariaDb
from tests.installed import Installed, install
from tests.simulated_google import SimulatedGoogle, google, simulator

__all__ = ["google", "simulator"]


@pytest.fixture
def installed(mariadb: MariaDb, google: SimulatedGoogle) -> Iterator[Installed]:
    """A connected user, nothing synced yet."""
    with_plugin = install(mariadb, google)
    with_plugin.connect()
    yield with_plugin
    with_plugin.close()
