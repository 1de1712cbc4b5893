"""Plays the CRM's vtigercron.php: python -m demo.crm.cron --database-url URL --crm-root DIR.

Status and times of vtiger_cron_task change exactly as measured, with the real one's oddities. PHP is not run:
a handler file that exists counts as done, unless it holds one of three statements that end it otherwise.
"""

import argparse
import re
import secrets
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from demo.crm.database import open_engine
from demo.crm.installation import CONFIG, read_setting
from demo.crm.rows import fetch_rows, update_row

TOLERANCE_S = 60
ENABLED, RUNNING = 1, 2
DIED = "Sorry! Attempt to access restricted file."


class HandlerDiedError(Exception):
    """The handler, or the check of its file, ended the whole run with this exit code."""

    def __init__(self, exit_code: int, message: str = "") -> None:
        super().__init__(message)
        self.exit_code = exit_code


class HandlerThrewError(Exception):
    """The handler threw a PHP Exception, which the runner catches."""


def run(engine: Engine, root: Path) -> int:
    """Run every due task once, in order, and return the process's exit code."""
    run_id = f"{time.time():.4f}{secrets.randbelow(10**6)}"
    site_url = read_setting(root / CONFIG, "site_URL") or ""
    _print_line(run_id, site_url, "Instance", _now_text(), "", "STARTS")
    with engine.connect() as connection:
        tasks = fetch_rows(connection, "SELECT * FROM vtiger_cron_task WHERE status <> 0 ORDER BY sequence")
    for task in tasks:
        if not is_due(task, int(time.time())):
            print(f"[INFO] {task['name']} - not ready to run as the time to run again is not completed")
            continue
        started = _now_text()
        _mark(engine, task, status=RUNNING, laststart=int(time.time()), lastend=0)
        _print_line(run_id, site_url, task["name"], started, "", "STARTS")
        try:
            _run_handler(root, task["handler_file"] or "")
        except HandlerThrewError as error:
            print(f"[ERROR]: {task['name']} - cron task execution throwed exception.\n{error}")
            continue
        except HandlerDiedError as error:
            print(error)
            return error.exit_code
        # Status 1 whatever it was: a row that was switched off while it ran comes back on.
        _mark(engine, task, status=ENABLED, lastend=int(time.time()))
        _print_line(run_id, site_url, task["name"], started, _now_text(), "ENDS")
    _print_line(run_id, site_url, "Instance", "", _now_text(), "ENDS")
    return 0


def is_due(task: dict[str, Any], now_s: int) -> bool:
    """Count from the last start, or from the last end where there is none; "running" holds nothing back."""
    last = (task["laststart"] or 0) or (task["lastend"] or 0)
    return now_s - last >= (task["frequency"] or 0) - TOLERANCE_S


def _run_handler(root: Path, handler_file: str) -> None:
    path = (root / handler_file).resolve()
    if not handler_file or not path.is_file() or not path.is_relative_to(root.resolve()):
        (root / "logs").mkdir(exist_ok=True)
        with (root / "logs" / "fileMissing.log").open("a", encoding="utf-8") as log:
            log.write(f"{_now_text()} {handler_file}\n")
        # PHP's die() with a text: exit code 0, and nothing after it in this run happens.
        raise HandlerDiedError(0, DIED)
    code = path.read_text("utf-8", "replace")
    if thrown := re.search(r"throw new Exception\('([^']*)'\)", code):
        raise HandlerThrewError(thrown[1])
    if "throw new Error(" in code:
        raise HandlerDiedError(255)
    if ended := re.search(r"\bexit\((\d+)\)", code):
        raise HandlerDiedError(int(ended[1]))


def _mark(engine: Engine, task: dict[str, Any], **values: int) -> None:
    with engine.begin() as connection:
        update_row(connection, "vtiger_cron_task", {"id": task["id"]}, **values)


def _print_line(run_id: str, site_url: str, name: str, start: str, end: str, word: str) -> None:
    print(f'[CRON],"{run_id}",{site_url},{name},"{start}","{end}",[{word}]')


def _now_text() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m demo.crm.cron", description="The stand-in CRM's cron job."
    )
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--crm-root", type=Path, required=True)
    arguments = parser.parse_args()
    engine = open_engine(arguments.database_url)
    try:
        return run(engine, arguments.crm_root)
    finally:
        engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
