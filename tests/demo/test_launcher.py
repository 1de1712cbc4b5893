"""`python -m demo`: what it prints, what it leaves behind, and what it says when a part dies."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.servers.python import REPOSITORY

# Seconds are enough on a quiet machine; on one that does five other things at once a start alone takes a minute.
PATIENCE_S = 240


@contextmanager
def launched(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The launcher, speaking English, with a folder of its own for temporary files."""
    environ = {**os.environ, "LC_ALL": "en_US.UTF-8", "TMPDIR": str(folder)}
    demo = subprocess.Popen(
        [sys.executable, "-m", "demo", *arguments],
        cwd=REPOSITORY,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield demo
    finally:
        demo.kill()
        demo.wait()
        assert demo.stdout is not None
        demo.stdout.close()


def read_until(demo: subprocess.Popen[str], words: str) -> str:
    assert demo.stdout is not None
    read = ""
    for line in demo.stdout:
        read += line
        if words in line:
            return read
    raise AssertionError(f"it ended without {words!r}:\n{read}")


def processes_of(folder: Path) -> dict[int, str]:
    """Return the living processes whose command line or environment names the folder."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command, environ = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(folder).encode() in command + environ:
                found[int(entry.name)] = command.replace(b"\0", b" ").decode()
    return found


@pytest.fixture
def folder(tmp_path: Path, server_folder: Path) -> Path:
    """A folder for temporary files, short of name: a server's socket has to fit."""
    del server_folder
    return tmp_path


def test_once_ends_with_the_right_numbers_and_leaves_nothing(folder: Path) -> None:
    with launched(folder, "--once") as demo:
        output, _ = demo.communicate(timeout=PATIENCE_S)

    assert demo.returncode == 0, output
    rows = [line.split() for line in output.splitlines()]
    # Mondays, of which the window holds one more or less, make up the rest of the CRM's new ones.
    [crm_counts, google_counts, crm_contacts, google_contacts] = [
        row[1:] for row in rows if row[:1] in (["CRM"], ["Google"]) and len(row) == 5
    ]
    assert int(crm_counts[0]) > 40 and crm_counts[1:] == ["0", "0", "0"]
    assert google_counts == ["14", "0", "0", "0"]
    # Pilar is on both sides, each with something that the other lacks.
    assert (crm_contacts, google_contacts) == (["4", "1", "0", "0"], ["6", "1", "0", "0"])
    assert "All 11 contacts are the same on both sides" in output
    assert "9 events and 2 series (19 appointments)" in output
    assert "4 events and 2 series" in output
    assert "17 events and 3 series" in output
    assert "are the same on both sides" in output
    assert "Left as they were: 2 tasks." in output
    assert list(folder.iterdir()) == []
    assert processes_of(folder) == {}


def test_stays_up_for_a_user_until_it_is_told_to_stop(folder: Path) -> None:
    with launched(folder) as demo:
        output = read_until(demo, "Ctrl-C to stop.")
        [settings] = re.findall(r"export GSYNC_ENV_FILE=(\S+)", output)
        assert "GSYNC_CRM_ROOT" in Path(settings).read_text()
        assert "google doctor" in output

        demo.send_signal(signal.SIGTERM)
        output, _ = demo.communicate(timeout=PATIENCE_S)

    assert demo.returncode == 0
    assert "nothing is left running" in output
    assert list(folder.iterdir()) == []
    assert processes_of(folder) == {}


def test_part_that_dies_is_named_with_the_end_of_its_log(folder: Path) -> None:
    with launched(folder) as demo:
        read_until(demo, "Ctrl-C to stop.")
        [victim] = [pid for pid, command in processes_of(folder).items() if "demo.crm" in command]

        os.kill(victim, signal.SIGKILL)
        output, _ = demo.communicate(timeout=PATIENCE_S)

    assert demo.returncode == 1
    assert "Sample CRM has died" in output
    assert "CRM ready on" in output
    assert processes_of(folder) == {}
