"""The private servers start, tell why when they cannot, and never outlive their starter."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy

from demo.servers import STRICT, MariaDb, Nginx, PythonServer, Redis, ServerError, free_port
from demo.servers import mariadb as mariadb_module
from demo.servers import process as process_module
from demo.servers.python import REPOSITORY

# What a shell starts in the background ignores Ctrl-C, and so would this without its second line.
KILLED_STARTER = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from demo.servers import Redis, temporary_folder
with temporary_folder() as folder, Redis(folder / "redis") as redis:
    print(folder, redis.port, flush=True)
    if sys.argv[1] == "wait":
        time.sleep(60)
    raise SystemExit(3)
"""


def is_open(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def start_starter(mode: str) -> tuple[subprocess.Popen[str], Path, int]:
    starter = subprocess.Popen(
        [sys.executable, "-c", KILLED_STARTER, mode], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert starter.stdout is not None
    folder, port = starter.stdout.readline().split()
    starter.stdout.close()
    return starter, Path(folder), int(port)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_starter_killed_leaves_neither_server_nor_folder(number: int, server_folder: Path) -> None:
    starter, folder, port = start_starter("wait")
    assert is_open(port)
    os.kill(starter.pid, number)
    assert starter.wait(20) != 3
    deadline = time.monotonic() + 8
    while (is_open(port) or folder.exists()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_open(port)
    assert not folder.exists()


def test_starter_failing_leaves_neither_server_nor_folder(server_folder: Path) -> None:
    starter, folder, port = start_starter("fail")
    assert starter.wait() == 3
    assert not is_open(port)
    assert not folder.exists()


def test_mariadb_runs_in_the_crm_s_mode_and_on_wish_in_strict(mariadb: MariaDb) -> None:
    def mode_of(server: MariaDb) -> str:
        engine = sqlalchemy.create_engine(server.url("mysql"), poolclass=sqlalchemy.NullPool)
        with engine.connect() as connection:
            return str(connection.scalar(sqlalchemy.text("SELECT @@SESSION.sql_mode")))

    assert mode_of(mariadb) == "NO_ENGINE_SUBSTITUTION"
    assert mode_of(mariadb.in_mode(STRICT)) == STRICT
    assert mariadb.in_mode(STRICT).execute("SELECT 1; SELECT @@SESSION.sql_mode") == [(STRICT,)]


def test_mariadb_s_set_up_leaves_the_temporary_tables_of_another_server_alone(
    server_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two test processes set their servers up at once, and each removed what the other was using."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    in_use = tmp_path / "#sql-temptable-6420-1-4.MAI"
    in_use.touch()
    server = MariaDb(server_folder / "mariadb-set-up")
    server.prepare()
    assert server.data.is_dir()
    assert in_use.exists()


def test_mariadb_s_set_up_that_fails_tells_the_error_and_not_just_advice(
    server_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mariadb_module, "FRUGAL", ["--innodb-data-file-path=nonsense"])
    with pytest.raises(ServerError, match=r"could not set up its data folder(?s:.)*\[ERROR\].*nonsense"):
        MariaDb(server_folder / "mariadb-failing").prepare()


def test_redis_is_killed_and_comes_back_empty(server_folder: Path) -> None:
    with Redis(server_folder / "redis-killed") as server:
        server.kill()
        assert not is_open(server.port)
        assert is_open(server.start().port)


def test_missing_program_is_one_sentence_with_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module.shutil, "which", lambda *_, **__: None)
    with pytest.raises(ServerError) as caught:
        Redis(tmp_path).start()
    assert str(caught.value) == "redis-server is missing: install the Debian package redis-server."


def test_server_that_ends_at_its_start_shows_its_log(tmp_path: Path) -> None:
    server = PythonServer(tmp_path, ["-c", "raise SystemExit('no such wish')"], ready_line="ready")
    with pytest.raises(ServerError, match=r"(?s)exit code 1.*no such wish"):
        server.start()


def test_python_server_is_ready_when_its_url_answers(tmp_path: Path) -> None:
    port = free_port()
    arguments = ["-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with PythonServer(tmp_path, arguments, ready_url=f"http://127.0.0.1:{port}/LICENSE"):
        assert is_open(port)
    assert not is_open(port)


def test_bad_nginx_configuration_names_the_line(server_folder: Path) -> None:
    with pytest.raises(ServerError, match='unknown directive "nonsense"'):
        Nginx(server_folder / "nginx-bad", "nonsense;").start()


def test_free_ports_differ() -> None:
    assert len({free_port() for _ in range(50)}) == 50
