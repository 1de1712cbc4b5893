"""What all private servers share: a free port, a log in a folder, a ready check, a certain end."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from demo.servers.watch import unwatch, watch

# Below Linux' range for outgoing connections (32768 up), so that none can take a port between choice and use.
PORTS = range(20000, 32000)
# Nor may a process beside this one: each draws from a share of its own (two started together have neighbouring ids).
SHARES = 12
READY_S = 30.0
STOP_S = 10.0
LOG_TAIL_LINES = 25

_given: set[int] = set()


class ServerError(Exception):
    """A server could not be started; the text says why, with the end of its log."""


def free_port() -> int:
    """A loopback port nobody listens on, never the same one twice in a process."""
    while True:
        port = random.choice(PORTS[os.getpid() % SHARES :: SHARES])
        if port in _given:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            # Without SO_REUSEADDR, servers that do not set it would fail where this probe succeeds.
            probe.bind(("127.0.0.1", port))
            _given.add(port)
            return port


def find_program(name: str, package: str) -> str:
    """Where a program is; /usr/sbin is looked at too, as a plain user's PATH leaves it out."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    if path is None:
        raise ServerError(f"{name} is missing: install the Debian package {package}.")
    return path


def accepts_connections(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Server(ABC):
    """One server process. `start` returns when it is ready; `stop` when it is gone; usable in `with`."""

    name = "server"

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.log = self.folder / f"{self.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The program and its arguments; it must stay in the foreground."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it answers; asked again and again after the start."""

    def prepare(self) -> None:
        """What must be there before the start."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def environment(self) -> Mapping[str, str] | None:
        return None

    def working_folder(self) -> Path:
        return self.folder

    def start(self) -> Self:
        self.prepare()
        command = self.command()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment(),
                cwd=self.working_folder(),
                start_new_session=True,
            )
        watch(self.process.pid)
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self) -> None:
        """End it in good order; kill what has not ended after a while."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a power cut would: for tests of crashes, too. `start` works again afterwards."""
        self._end(signal.SIGKILL)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def log_tail(self, lines: int = LOG_TAIL_LINES) -> str:
        """The last lines, after those before them that name an error: MariaDB's set-up ends in a page of advice."""
        if not self.log.exists():
            return ""
        told = self.log.read_text(errors="replace").splitlines()
        return "\n".join([*(line for line in told[:-lines] if "ERROR" in line), *told[-lines:]])

    def failure(self, sentence: str) -> ServerError:
        return ServerError(f"{self.name} {sentence}. The end of {self.log}:\n{self.log_tail()}")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + READY_S
        while not self.is_ready():
            if self.process.poll() is not None:
                raise self.failure(f"ended at its start with exit code {self.process.returncode}")
            if time.monotonic() > deadline:
                raise self.failure(f"was not ready within {READY_S:.0f} s")
            time.sleep(0.02)

    def _end(self, number: int) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
        # What the process left of its group, or all of it when it did not listen.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        unwatch(process.pid)
