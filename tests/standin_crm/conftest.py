"""A MariaDB of our own for these tests, started once, the sample company in it, and browsers."""

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
from flask import Flask
from sqlalchemy import Connection, Engine

from demo.crm.database import copy_tables, create_database, open_engine
from demo.crm.front import create_app
from demo.crm.installation import Installation, prepare_installation
from tests.standin_crm.browser import SITE_URL, Browser

TODAY = date(2026, 11, 25)
TEMPLATE = "crm_template"


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


@pytest.fixture(scope="session")
def crm_database(mariadb_port: int) -> str:
    server = f"mysql+pymysql://root@127.0.0.1:{mariadb_port}"
    create_database(f"{server}/{TEMPLATE}", today=TODAY)
    create_database(f"{server}/crm", sample=False)
    return f"{server}/crm"


@pytest.fixture
def engine(crm_database: str) -> Iterator[Engine]:
    """Connections to a database that holds the sample company, laid around TODAY."""
    engine = open_engine(crm_database)
    with engine.begin() as connection:
        copy_tables(connection, TEMPLATE)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection that sees what others commit while the test runs."""
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
        yield connection


@pytest.fixture
def installation(engine: Engine, crm_database: str, tmp_path: Path) -> Installation:
    return prepare_installation(SITE_URL, crm_database, tmp_path / "sessions", root=tmp_path / "root")


@pytest.fixture
def app(installation: Installation) -> Iterator[Flask]:
    app = create_app(installation)
    yield app
    app.extensions["crm_engine"].dispose()


@pytest.fixture
def visitor(app: Flask, installation: Installation) -> Browser:
    return Browser(app, installation)


@pytest.fixture
def lucia(app: Flask, installation: Installation) -> Browser:
    return Browser(app, installation).log_in("lucia")


@pytest.fixture
def helen(app: Flask, installation: Installation) -> Browser:
    return Browser(app, installation).log_in("helen")


@pytest.fixture
def admin(app: Flask, installation: Installation) -> Browser:
    return Browser(app, installation).log_in("admin")
