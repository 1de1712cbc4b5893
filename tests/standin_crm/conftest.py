"""A database with the sample company, the stand-in CRM over it, and browsers to log in with."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine

from demo.crm.database import copy_tables, create_database, open_engine
from demo.crm.front import create_app
from demo.crm.installation import Installation, prepare_installation
from demo.servers import MariaDb
from tests.standin_crm.browser import SITE_URL, Browser

TODAY = date(2026, 11, 25)
TEMPLATE = "standin_crm_template"


@pytest.fixture(scope="session")
def crm_database(mariadb: MariaDb) -> str:
    """A database for all these tests, and beside it one with the sample company, to copy from."""
    create_database(mariadb.url(TEMPLATE), today=TODAY)
    url = mariadb.url("standin_crm")
    create_database(url, sample=False)
    return url


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
