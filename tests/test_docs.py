"""What the documentation promises is there, and what is there is documented."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from plugin.cli import google_commands
from plugin.config import known_settings

ROOT = Path(__file__).parent.parent
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
TRACKED = subprocess.run(
    ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.split()


@pytest.mark.parametrize("name", sorted(known_settings()))
def test_every_setting_is_in_the_operations_page(name: str) -> None:
    assert f"`{name}`" in OPERATIONS


def test_operations_page_names_no_setting_that_does_not_exist() -> None:
    named = set(re.findall(r"`(GSYNC_[A-Z_]+)`", OPERATIONS))
    assert named <= known_settings() | {"GSYNC_ENV_FILE"}


@pytest.mark.parametrize("name", sorted(google_commands.commands))
def test_every_command_is_in_the_operations_page(name: str) -> None:
    assert re.search(rf"^\| `{name}\b", OPERATIONS, re.MULTILINE)


@pytest.mark.parametrize(
    ("script", "page"), [("print-reconcile", "reconcile.md"), ("print-fault-matrix", "fault_matrix.md")]
)
def test_printed_tables_are_those_of_the_code(script: str, page: str) -> None:
    printed = subprocess.run(
        [sys.executable, ROOT / "scripts" / script], capture_output=True, text=True, check=True
    ).stdout
    assert printed == (ROOT / "docs" / page).read_text("utf-8"), "run make docs"


@pytest.mark.parametrize("page", sorted(p for p in TRACKED if p.endswith(".md")))
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / page).parent.joinpath(target).exists(), f"{page} links to {target}"


def test_no_file_names_a_machine_s_folders() -> None:
    own = Path(__file__).name
    # Spelled so that this file doesn't find itself.
    folders = re.compile("/" + "work/|/" + "root/|/" + "tmp/wt")
    texts = (p for p in TRACKED if Path(p).suffix not in {".png", ".mo"} and Path(p).name != own)
    found = [p for p in texts if folders.search((ROOT / p).read_text("utf-8", errors="replace"))]
    assert found == []
