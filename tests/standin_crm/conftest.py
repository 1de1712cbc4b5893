"""A MariaDB of our own for these tests, started once, and a fresh database in it for each test that asks."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pymysql
import pytest
from sqlalchemy import Connection, Engine

from demo.crm.database import create_database, open_engine

TODAY = date(2026, 11, 25)


@pytest.fixture(scope="session")
def mariadb_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("mariadb")
    data = folder / "data"
    subprocess.run(
        [
            "mariadb-install-db",
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            f"--user={getpass.getuser()}",
            f"--datadir={data}",
        ],
        check=True,
        capture_output=True,
    )
    port = free_port()
    log_fd = os.open(folder / "log", os.O_WRONLY | os.O_CREAT)
    server = subprocess.Popen(
        [
            shutil.which("mariadbd") or "/usr/sbin/mariadbd",
            "--no-defaults",
            f"--user={getpass.getuser()}",
            f"--datadir={data}",
            f"--socket={folder / 'socket'}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-buffer-pool-size=64M",
        ],
        stdout=subprocess.DEVNULL,
        stderr=log_fd,
    )
    os.close(log_fd)
    try:
        _wait_for_server(port, folder / "log")
        yield port
    finally:
        server.terminate()
        server.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_server(port: int, log: Path) -> None:
    for _ in range(150):
        try:
            pymysql.connect(host="127.0.0.1", port=port, user="root").close()
        except pymysql.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(log.read_text())


@pytest.fixture
def database_url(mariadb_port: int) -> Iterator[str]:
    """The URL of a database with the sample company in it, dropped after the test."""
    url = f"mysql+pymysql://root@127.0.0.1:{mariadb_port}/crm"
    create_database(url, today=TODAY)
    yield url
    server = pymysql.connect(host="127.0.0.1", port=mariadb_port, user="root")
    server.query("DROP DATABASE crm")
    server.close()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection
