"""Our tables in the CRM's database."""

from collections.abc import Iterator

import pytest

from demo.servers import MariaDb
from tests.installed import Installed, install
from tests.simulated_google import SimulatedGoogle, google, simulator

__all__ = ["google", "simulator"]


@pytest.fixture
def installed(mariadb: MariaDb, google: SimulatedGoogle) -> Iterator[Installed]:
    """Nobody connected yet."""
    with_plugin = install(mariadb, google)
    yield with_plugin
    with_plugin.close()
