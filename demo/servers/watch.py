"""The starter's end of `keeper.py`: tells it what must not outlive this process."""

import atexit
import os
import subprocess
import sys
import threading
from pathlib import Path


class _Keeper:
    """One keeper per process; a forked child that starts servers gets one of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def tell(self, line: str) -> None:
        with self._lock:
            if self._process is None or self._owner != os.getpid():
                self._owner = os.getpid()
                atexit.register(self.end, self._owner)
                self._process = subprocess.Popen(
                    [
                        sys.executable,
                        "-I",
                        "-S",
                        str(Path(__file__).with_name("keeper.py")),
                        str(self._owner),
                    ],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            assert self._process.stdin is not None
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()

    def end(self, owner: int) -> None:
        """Have what is left ended now and wait for it; a forked child's exit is no reason to."""
        if self._process is not None and owner == os.getpid():
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait()


_keeper = _Keeper()


def watch(subject: int | Path) -> None:
    """End this process group, or remove this folder, should the present process go away."""
    _keeper.tell(f"+{subject}")


def unwatch(subject: int | Path) -> None:
    _keeper.tell(f"-{subject}")
