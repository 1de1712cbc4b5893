"""view=Sync, the button of 7.x and 8.x: one call runs all connected modules and answers with their counts."""

from __future__ import annotations

import time

from flask import Response, current_app

from plugin.sentences import error_sentence
from plugin.sync.views import MODULES, ConnectionStatus, RunStatus, RunView, SideCounts
from plugin.web import answers
from plugin.web.asking import Asker, services
from plugin.web.call import Call

LOOK_PAUSE_S = 0.5


def synchronize(call: Call, asker: Asker) -> Response:
    """Run what is connected, wait a while for the end, and answer as the CRM does.

    The caller's page reads counts out of a success, so a run that still goes on or failed is told as an error.
    """
    if call.method != "POST":
        return answers.sentence(call, "post_only")
    runs: dict[str, RunView] = {}
    problems: list[tuple[str, str]] = []
    for module in MODULES:
        connection = services().accounts.connection(asker.user, module)
        if connection.status is ConnectionStatus.RECONNECT:
            # The other module goes on; this is told at the end.
            problems.append((connection.problem_code or "reconnect", module))
        if connection.status is ConnectionStatus.ACTIVE and connection.pair_id is not None:
            runs[module] = services().runs.request(connection.pair_id, "manual")
    ended = _wait_for(runs)
    if ended is None:
        return answers.sentence(call, "in_background")
    failed = (run for run in ended.values() if run.status is RunStatus.FAILED)
    problems.extend((run.error_code or "unexpected", run.module) for run in failed)
    for code, module in problems:
        return answers.sentence(call, code, error_sentence(code, module))
    # PHP writes an empty map as a list.
    return answers.success({module: _counts(run) for module, run in ended.items()} or [])


def _wait_for(runs: dict[str, RunView]) -> dict[str, RunView] | None:
    """Return the runs once all have ended, or None if that takes too long."""
    give_up = time.monotonic() + float(current_app.config["SYNC_WAIT_S"])
    while True:
        if all(run.status in (RunStatus.DONE, RunStatus.FAILED) for run in runs.values()):
            return runs
        if time.monotonic() >= give_up:
            return None
        time.sleep(LOOK_PAUSE_S)
        runs = {module: services().runs.view(run.run_id) or run for module, run in runs.items()}


def _counts(run: RunView) -> dict[str, dict[str, int | bool]]:
    return {"vtiger": _side(run.crm), "google": _side(run.google)}


def _side(counts: SideCounts) -> dict[str, int | bool]:
    return {
        "update": counts.updated,
        "create": counts.created,
        "delete": counts.deleted,
        "skip": counts.skipped,
        "more": counts.has_more,
    }
