"""Connections to the database: made quickly, and encrypted wherever the server offers it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from demo.servers import MariaDb
from plugin.bootstrap.database import engine_options, with_quick_connections
from tests.certificates import self_signed


class MariaDbWithTls(MariaDb):
    """A server that offers TLS, with a certificate that no authority has signed."""

    def command(self) -> Sequence[str]:
        certificate = self_signed(self.folder / "certificate.pem", "127.0.0.2")
        return [*super().command(), f"--ssl-cert={certificate}", f"--ssl-key={certificate}"]


@pytest.fixture(scope="module")
def tls_server(server_folder: Path) -> Iterator[MariaDb]:
    with MariaDbWithTls(server_folder / "mariadb-tls") as server:
        yield server


def connect(server: MariaDb) -> Any:
    url = server.url("mysql")
    return with_quick_connections(sa.create_engine(url, **engine_options(url))).connect()


def context_of(connection: sa.Connection) -> ssl.SSLContext:
    made = connection.connection.dbapi_connection
    assert made is not None
    context = made.ctx
    assert isinstance(context, ssl.SSLContext)
    return context


def test_connections_offer_tls_with_one_context_that_holds_no_certificates(mariadb: MariaDb) -> None:
    with connect(mariadb) as first, connect(mariadb) as second:
        assert context_of(first) is context_of(second)
        # Reading the machine's, some hundred, took longer than all the rest of connecting.
        assert context_of(first).cert_store_stats()["x509_ca"] == 0


def test_connection_is_encrypted_where_the_server_offers_it(tls_server: MariaDb, mariadb: MariaDb) -> None:
    def cipher(server: MariaDb) -> str:
        with connect(server) as connection:
            return str(connection.execute(sa.text("SHOW STATUS LIKE 'Ssl_cipher'")).one()[1])

    assert cipher(tls_server) != ""
    assert cipher(mariadb) == ""


def test_named_certificates_are_verified(tls_server: MariaDb) -> None:
    url = f"{tls_server.url('mysql')}&ssl_ca={tls_server.folder / 'certificate.pem'}"
    engine = with_quick_connections(sa.create_engine(url, **engine_options(url)))

    # The certificate is the server's own, but it isn't in the name of 127.0.0.1.
    with pytest.raises(sa.exc.OperationalError, match="certificate"), engine.connect():
        pass


@pytest.fixture(params=["ON", "OFF"])
def isolating(request: pytest.FixtureRequest, mariadb: MariaDb) -> Iterator[MariaDb]:
    """A server that refuses to lock rows which changed since, MariaDB's default from 11.6.2 on; and one that doesn't."""
    mariadb.execute(f"SET GLOBAL innodb_snapshot_isolation = {request.param}")
    yield mariadb
    mariadb.execute("SET GLOBAL innodb_snapshot_isolation = DEFAULT")


def test_row_that_changed_since_the_transaction_began_can_be_locked(isolating: MariaDb) -> None:
    isolating.execute("CREATE DATABASE IF NOT EXISTS isolation")
    url = isolating.url("isolation")
    engine = with_quick_connections(sa.create_engine(url, **engine_options(url)))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE OR REPLACE TABLE held (id INT PRIMARY KEY, label VARCHAR(9))")
        connection.exec_driver_sql("INSERT INTO held VALUES (1, 'before')")
    with engine.connect() as reading, engine.connect() as saving:
        reading.exec_driver_sql("SELECT label FROM held").all()
        saving.exec_driver_sql("UPDATE held SET label = 'after'")
        saving.commit()

        seen = reading.exec_driver_sql("SELECT label FROM held WHERE id = 1 FOR UPDATE").scalar_one()

    assert seen == "after"
    engine.dispose()
