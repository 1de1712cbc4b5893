"""Any Python program of this repository, or gunicorn, as a private server."""

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from demo.servers.process import Server

REPOSITORY = Path(__file__).resolve().parents[2]

# A proxy set in the environment must not see requests to loopback.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class PythonServer(Server):
    """`python <arguments>`, e.g. ["-m", "demo.google", "--port", "8001"] or ["worker.py"].

    Ready when `ready_line` stands in its log, or when `ready_url` answers with less than 500; with neither,
    at once.
    `environ` is added to the present environment; a None takes a variable out.
    """

    def __init__(
        self,
        folder: Path,
        arguments: Sequence[str],
        *,
        name: str = "python",
        ready_line: str | None = None,
        ready_url: str | None = None,
        environ: Mapping[str, str | None] | None = None,
    ) -> None:
        self.name = name
        super().__init__(folder)
        self.arguments = list(arguments)
        self.ready_line = ready_line
        self.ready_url = ready_url
        self.environ = dict(environ or {})
        self._log_start = 0

    def prepare(self) -> None:
        super().prepare()
        # A second start appends to the log; the first one's ready line must not count again.
        self._log_start = self.log.stat().st_size if self.log.exists() else 0

    def command(self) -> Sequence[str]:
        return [sys.executable, *self.arguments]

    def environment(self) -> Mapping[str, str]:
        merged = {**os.environ, "PYTHONUNBUFFERED": "1", **self.environ}
        return {name: value for name, value in merged.items() if value is not None}

    def working_folder(self) -> Path:
        return REPOSITORY

    def is_ready(self) -> bool:
        if self.ready_line is not None:
            with self.log.open("rb") as log:
                log.seek(self._log_start)
                return self.ready_line.encode() in log.read()
        return self.ready_url is None or answers(self.ready_url)


def answers(url: str) -> bool:
    """Whether an HTTP server answers there, with anything but an error of its own."""
    try:
        with _direct.open(url, timeout=2):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
