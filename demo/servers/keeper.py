"""Ends servers and removes folders whose starter is gone, even when it was killed with SIGKILL.

Run as a small process of its own (`python keeper.py PID`), one per starter, that reads what to watch from its
standard input: `+PGID`, `-PGID`, `+/folder`, `-/folder`, one per line. When the starter disappears it ends
what is left.

PR_SET_PDEATHSIG would not do: it fires when the *thread* that started the child ends, and it does not reach
grandchildren such as the workers of gunicorn or of an RQ worker pool.
"""

import os
import select
import shutil
import signal
import sys
import time

GRACE_S = 5.0
LOOK_S = 0.5


def main() -> None:
    # Ctrl-C and a terminal's hang-up reach the starter; this process then sees it go.
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    starter = int(sys.argv[1])
    watched: list[str] = []
    pending = b""
    while True:
        if select.select([0], [], [], LOOK_S)[0]:
            received = os.read(0, 65536)
            if not received:
                break
            *lines, pending = (pending + received).split(b"\n")
            for line in lines:
                note(watched, line.decode())
        # Asked only when all is read: the starter may be gone before this process has read its first line.
        # And asked at all because a forked copy of the starter may hold the pipe open after it.
        elif os.getppid() != starter:
            break
    groups = [int(one) for one in watched if not one.startswith("/")]
    end_groups(groups)
    for one in watched:
        if one.startswith("/"):
            shutil.rmtree(one, ignore_errors=True)


def note(watched: list[str], line: str) -> None:
    sign, subject = line[0], line[1:]
    if sign == "+":
        watched.append(subject)
    elif subject in watched:
        watched.remove(subject)


def end_groups(groups: list[int], *, grace_s: float = GRACE_S) -> None:
    """Ask every process group to end, wait, then kill what is left."""
    left = [group for group in groups if signal_group(group, signal.SIGTERM)]
    deadline = time.monotonic() + grace_s
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [group for group in left if signal_group(group, 0)]
    for group in left:
        signal_group(group, signal.SIGKILL)


def signal_group(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main()
