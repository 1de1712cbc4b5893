"""The rules that hold for all tests: nothing outside this machine is reached, marks come by themselves."""

import asyncio
import os
import socket

import pytest
from pytest_socket import SocketConnectBlockedError

from demo.servers import Redis


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_outside_addresses_are_out_of_reach() -> None:
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 443), timeout=1)  # TEST-NET-1, RFC 5737


def test_asyncio_works() -> None:
    async def answer() -> int:
        return await asyncio.sleep(0, 42)

    assert asyncio.run(answer()) == 42


def test_settings_of_the_developer_s_own_install_are_not_seen() -> None:
    assert [name for name in os.environ if name.startswith("GSYNC_")] == []


def test_test_with_a_server_is_marked_real(redis_server: Redis, request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("real") is not None
    assert redis_server.is_running()


def test_test_without_a_server_is_not(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("real") is None
