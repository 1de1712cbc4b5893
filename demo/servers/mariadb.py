"""A private MariaDB: the CRM's database."""

import contextlib
import copy
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import pymysql
from pymysql.constants import CLIENT

from demo.servers.process import Server, find_program, free_port

# What vtiger's installer asks for, and what MariaDB does by itself.
LENIENT = "NO_ENGINE_SUBSTITUTION"
STRICT = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION"

# Nothing here must survive a power cut, and a test machine has better use for its memory.
FRUGAL = [
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    "--performance-schema=OFF",
    "--skip-name-resolve",
]


class MariaDb(Server):
    """User root, no password, loopback only. The data stay in the folder, so a second start finds them."""

    name = "mariadb"

    def __init__(self, folder: Path, sql_mode: str = LENIENT) -> None:
        super().__init__(folder)
        self.sql_mode = sql_mode
        self._first_statement: str | None = None
        self.port = free_port()
        self.data = self.folder / "data"

    def url(self, database: str) -> str:
        """An SQLAlchemy URL."""
        url = f"mysql+pymysql://root@127.0.0.1:{self.port}/{database}?charset=utf8mb4"
        return f"{url}&init_command={quote(self._first_statement)}" if self._first_statement else url

    def in_mode(self, sql_mode: str) -> Self:
        """The same running server, but connections made through the answer (or its URLs) run in this mode."""
        same = copy.copy(self)
        same._first_statement = f"SET SESSION sql_mode='{sql_mode}'"
        return same

    def create_database(self, name: str) -> None:
        """A new, empty database; an old one of that name goes."""
        self.execute(f"DROP DATABASE IF EXISTS `{name}`; CREATE DATABASE `{name}` CHARACTER SET utf8mb4")

    def execute(self, sql: str, *, database: str | None = None) -> list[tuple[Any, ...]]:
        """Run one or more statements; the rows of the last one."""
        with contextlib.closing(self._connect(database)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            while cursor.nextset():
                pass
            connection.commit()
            return list(cursor.fetchall())

    def command(self) -> Sequence[str]:
        return [
            find_program("mariadbd", "mariadb-server"),
            "--no-defaults",
            *FRUGAL,
            f"--datadir={self.data}",
            *run_as(),
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            # Relative to the data folder: a socket's path holds 107 characters at most.
            "--socket=mariadb.sock",
            f"--tmpdir={self.folder}",
            f"--sql-mode={self.sql_mode}",
            "--character-set-server=utf8mb4",
        ]

    def prepare(self) -> None:
        super().prepare()
        if self.data.exists():
            return
        command = [
            find_program("mariadb-install-db", "mariadb-server"),
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            f"--datadir={self.data}",
            # A starting server removes what others left in its folder for temporary tables, those in use included.
            f"--tmpdir={self.folder}",
            *run_as(),
            *FRUGAL,
        ]
        with self.log.open("ab") as log:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
        if done.returncode != 0:
            raise self.failure("could not set up its data folder")

    def is_ready(self) -> bool:
        try:
            self._connect(None).close()
        except pymysql.Error:
            return False
        return True

    def _connect(self, database: str | None) -> "pymysql.Connection[Any]":
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="root",
            database=database,
            charset="utf8mb4",
            init_command=self._first_statement,
            # The server has no TLS; PyMySQL would read all the machine's CA certificates to ask for it (30 ms).
            ssl_disabled=True,
            client_flag=CLIENT.MULTI_STATEMENTS,
        )


def run_as() -> list[str]:
    """MariaDB refuses to run as root unless told so; any other user it runs as without a word."""
    return ["--user=root"] if os.geteuid() == 0 else []
