"""Settings > Scheduler: the planner's rows, for administrators. Only frequency and status can be changed."""

import time

from flask import Response

from demo.crm.rows import fetch_rows, update_row
from demo.crm.turn import NotPermittedError, Turn, json_result

DISABLED, ENABLED, RUNNING = 0, 1, 2
MINIMUM_FREQUENCY_S = 15 * 60


def show_list(turn: Turn) -> Response:
    _check_admin(turn)
    now_s = int(time.time())
    rows = fetch_rows(turn.connection, "SELECT * FROM vtiger_cron_task ORDER BY sequence, id")
    words = {DISABLED: turn.texts.inactive, ENABLED: turn.texts.active, RUNNING: turn.texts.running}
    for row in rows:
        hours, rest = divmod(row["frequency"] or 0, 3600)
        row["hours"], row["minutes"] = hours, rest // 60
        row["status_text"] = words.get(row["status"], "")
        for name in ("laststart", "lastend"):
            row[f"{name}_text"] = turn.texts.ago(max(0, now_s - row[name])) if row[name] else ""
    return turn.page("planner.html", rows=rows, boxes=[], extensions=[])


def save(turn: Turn) -> Response:
    _check_admin(turn)
    if turn.request.method != "POST" or turn.record_id is None:
        raise NotPermittedError
    frequency, status = int(turn.parameter("frequency")), int(turn.parameter("status"))
    if frequency < MINIMUM_FREQUENCY_S:
        raise ValueError(turn.texts.bad_frequency)
    update_row(
        turn.connection, "vtiger_cron_task", {"id": turn.record_id}, frequency=frequency, status=status
    )
    return json_result([turn.record_id])


def _check_admin(turn: Turn) -> None:
    if not turn.user.is_admin:
        raise NotPermittedError
