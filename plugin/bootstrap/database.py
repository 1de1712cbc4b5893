"""How the one engine connects: as the CRM does, without reading the machine's CA certificates anew each time, and to see rows
that others have changed meanwhile.
"""

from __future__ import annotations

import ssl
from contextlib import closing
from functools import cache
from typing import Any

import sqlalchemy as sa
from pymysql.connections import Connection

# As the CRM sets up its own connections (facts/crm_repeats.md §9): tables of other modules count on it. What our own values
# could lose by it is cut before, and every write is read back.
_AS_THE_CRM = "SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION'"


def engine_options(database_url: str) -> dict[str, Any]:
    """Return the options of the one engine; a URL that sets up its connections itself has the last word."""
    connect_args: dict[str, Any] = {"connect_timeout": 5, "read_timeout": 120}
    if "init_command" not in sa.make_url(database_url).query:
        connect_args["init_command"] = _AS_THE_CRM
    return {
        "pool_pre_ping": True,
        "pool_recycle": 1800,
        # Every transaction here ends itself; the pool's own ROLLBACK after each COMMIT would be a statement for nothing.
        "pool_reset_on_return": None,
        "connect_args": connect_args,
        # What is sent to the database are people's appointments: not even an error may quote it.
        "hide_parameters": True,
    }


def with_quick_connections(engine: sa.Engine) -> sa.Engine:
    """Return the engine; if it connects by PyMySQL, it no longer takes 50 to 100 ms for each connection."""
    sa.event.listen(engine, "connect", _NoSnapshotIsolation())
    if engine.dialect.driver == "pymysql":
        sa.event.listen(engine, "do_connect", _connect)
    return engine


class _NoSnapshotIsolation:
    """Has locking reads and writes act on rows as they are now, as every server does but MariaDB from 11.6.2 on.

    There they fail if a row has changed since the transaction began to read (error 1020). Whoever has waited for the account's
    lock, or for a record that somebody saves in the CRM, would be thrown out instead of going on with what is there now.
    """

    def __init__(self) -> None:
        self._is_on: bool | None = None

    def __call__(self, connection: Any, record: object) -> None:
        with closing(connection.cursor()) as cursor:
            if self._is_on is None:
                cursor.execute("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'")
                found = cursor.fetchone()
                self._is_on = found is not None and found[1] == "ON"
            if self._is_on:
                cursor.execute("SET SESSION innodb_snapshot_isolation = OFF")


def _connect(
    dialect: object, record: object, arguments: list[Any], options: dict[str, Any]
) -> Connection[Any]:
    del dialect, record
    return _QuickConnection(*arguments, **options)


class _QuickConnection(Connection):
    """Offers TLS to the server as PyMySQL does, with one context for all connections.

    Where the URL names no certificates, nothing is verified, and yet PyMySQL reads all of the machine's into each context.
    """

    def _create_ssl_ctx(self, sslp: Any) -> ssl.SSLContext:
        # misc: the parent has this method, but not in its stubs; tests/state/test_connections.py would see it go.
        return super()._create_ssl_ctx(sslp) if sslp else _unverified()  # type: ignore[misc]


@cache
def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
