"""The whole engine on real parts: MariaDB in both SQL modes, the simulator for Google."""

from collections.abc import Iterator

import pytest

from demo.servers import MariaDb
from tests.installed import Installed, install
from tests.installed_contacts import ContactsInstalled
from tests.simulated_google import SimulatedGoogle, google, simulator

__all__ = ["google", "simulator"]


@pytest.fixture
def installed(mariadb: MariaDb, google: SimulatedGoogle) -> Iterator[Installed]:
    """A connected user, nothing synced yet."""
    with_plugin = install(mariadb, google)
    with_plugin.connect()
    yield with_plugin
    with_plugin.close()


@pytest.fixture
def contacts(mariadb: MariaDb, google: SimulatedGoogle) -> Iterator[ContactsInstalled]:
    """A user whose contacts are connected, and nothing else; nobody on either side."""
    with_plugin = install(mariadb, google)
    yield ContactsInstalled(with_plugin)
    with_plugin.close()
