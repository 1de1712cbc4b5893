"""Worlds in memory: no server, no network, no patching."""

import pytest

from tests.fakes.world import World


@pytest.fixture
def world() -> World:
    return World()
