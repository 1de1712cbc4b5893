"""Previews for the pages: a worker finds out what a run would do, Redis keeps the answer for ten minutes."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from redis.exceptions import RedisError
from rq import Queue
from sqlalchemy.exc import SQLAlchemyError

from plugin.bootstrap import Parts, obstacle, open_preview
from plugin.bootstrap.transaction import translated
from plugin.core.errors import SyncError
from plugin.core.model import Side
from plugin.core.reconcile import Reason
from plugin.core.when import Timed, When, WholeDays
from plugin.jobs.queue import QueueDownError, queue_names
from plugin.jobs.tasks import bound
from plugin.logs import about
from plugin.sync.preview import preview
from plugin.sync.views import Deed, Hold, PlannedChange, Preview, PreviewView, RunStatus

TASK = "plugin.jobs.previews.preview_pair"
KEEP_S = 600
JOB_TIMEOUT_S = 300
# A question that waits longer is asked again: its job may have been lost.
PATIENCE = timedelta(minutes=1)
log = logging.getLogger(__name__)


class PreviewQueue:
    """The `Previews` that pages are given."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def ask(self, pair_id: int) -> PreviewView:
        """Have a worker find out, or return the question already waiting. Raises QueueDownError without Redis."""
        now_utc = self._parts.clock()
        waiting = self.answer(pair_id)
        if waiting and waiting.status is RunStatus.QUEUED and now_utc - waiting.asked_utc < PATIENCE:
            return waiting
        asked = PreviewView(RunStatus.QUEUED, now_utc)
        try:
            keep(self._parts, pair_id, asked)
            Queue(queue_names(self._parts)[0], connection=self._parts.redis).enqueue(
                TASK,
                args=(pair_id,),
                job_id=f"gsync-preview-{pair_id}-{secrets.token_hex(8)}",
                job_timeout=JOB_TIMEOUT_S,
                ttl=KEEP_S,
                result_ttl=0,
                failure_ttl=3600,
                description=f"preview of pair {pair_id}",
            )
        except RedisError as error:
            raise QueueDownError("Redis does not answer") from error
        return asked

    def answer(self, pair_id: int) -> PreviewView | None:
        """Return the latest question with its answer. Raises QueueDownError without Redis."""
        try:
            text = self._parts.redis.get(preview_key(self._parts, pair_id))
        except RedisError as error:
            raise QueueDownError("Redis does not answer") from error
        return _view_from_json(json.loads(text)) if isinstance(text, bytes | str) else None


def preview_pair(pair_id: int) -> None:
    """Answer a question from a page; run by a worker. What was not foreseen is raised, after the page was told."""
    parts = bound()
    asked_utc, loaded = parts.clock(), parts.pairs.load(pair_id)
    with about(user_id=loaded[0].crm_user_id if loaded else None):
        try:
            keep(parts, pair_id, make_preview(parts, pair_id))
        except Exception:
            log.exception("the preview failed for a reason nobody foresaw")
            keep(parts, pair_id, PreviewView(RunStatus.FAILED, asked_utc, error_code="unexpected"))
            raise


def make_preview(parts: Parts, pair_id: int) -> PreviewView:
    """Return what a run of the pair would do now, or why that can't be told; no run goes on meanwhile.

    Google is listed and compared as in a run, in a transaction that is rolled back: nothing is written, our inbox included.
    """
    failed = PreviewView(RunStatus.FAILED, parts.clock())
    try:
        loaded = parts.pairs.load(pair_id)
        if loaded is None:
            return replace(failed, error_code="not_connected")
        pair, status, code = loaded
        user = parts.users.user(pair.crm_user_id)
        problem = obstacle(user, status, code)
        if user is None or problem:
            return replace(failed, error_code=problem)
        with open_preview(parts, pair, user) as rehearsal:
            found = preview(rehearsal)
    except SQLAlchemyError as error:
        return replace(failed, error_code=translated(error).code)
    except SyncError as error:
        log.warning("the preview stopped: %s", error.told)
        return replace(failed, error_code=error.code)
    return replace(failed, status=RunStatus.DONE, preview=found)


def preview_key(parts: Parts, pair_id: int) -> str:
    """Return the Redis key of a pair's preview. It holds subjects of the user's events, so it doesn't live long."""
    return f"gsync:{parts.settings.namespace}:preview:{pair_id}"


def keep(parts: Parts, pair_id: int, view: PreviewView) -> None:
    """Keep question or answer for those who look."""
    parts.redis.set(preview_key(parts, pair_id), json.dumps(_view_to_json(view)), ex=KEEP_S)


# --- as JSON ---


def _view_to_json(view: PreviewView) -> dict[str, Any]:
    found = view.preview
    return {
        "status": view.status.value,
        "asked_utc": view.asked_utc.isoformat(),
        "error_code": view.error_code,
        "preview": None if found is None else {
            "changes": [_change_to_json(change) for change in found.changes],
            "held": [_change_to_json(change) for change in found.held],
            "has_more": found.has_more,
        },
    }  # fmt: skip


def _view_from_json(values: Mapping[str, Any]) -> PreviewView:
    found = values["preview"]
    return PreviewView(
        status=RunStatus(values["status"]),
        asked_utc=datetime.fromisoformat(values["asked_utc"]),
        error_code=values["error_code"],
        preview=None if found is None else Preview(
            changes=tuple(_change_from_json(change) for change in found["changes"]),
            held=tuple(_change_from_json(change) for change in found["held"]),
            has_more=found["has_more"],
        ),
    )  # fmt: skip


def _change_to_json(change: PlannedChange) -> dict[str, Any]:
    return {
        "deed": change.deed.value,
        "side": change.side.value,
        "reason": change.reason.name,
        "subject": change.subject,
        "when": _when_to_json(change.when),
        "crm_id": change.crm_id,
        "google_id": change.google_id,
        "hold": change.hold.value,
        "cut": list(change.cut),
        "fields": list(change.fields),
        "overwritten": list(change.overwritten),
    }


def _change_from_json(values: Mapping[str, Any]) -> PlannedChange:
    return PlannedChange(
        deed=Deed(values["deed"]),
        side=Side(values["side"]),
        reason=Reason[values["reason"]],
        subject=values["subject"],
        when=_when_from_json(values["when"]),
        crm_id=values["crm_id"],
        google_id=values["google_id"],
        hold=Hold(values["hold"]),
        cut=tuple(values["cut"]),
        fields=tuple(values["fields"]),
        overwritten=tuple(values["overwritten"]),
    )


def _when_to_json(when: When | None) -> list[str] | None:
    if when is None:
        return None
    if isinstance(when, WholeDays):
        return ["days", when.start_date.isoformat(), when.end_date.isoformat()]
    return ["timed", when.start_utc.isoformat(), when.end_utc.isoformat()]


def _when_from_json(values: list[str] | None) -> When | None:
    if values is None:
        return None
    kind, start, end = values
    if kind == "days":
        return WholeDays(date.fromisoformat(start), date.fromisoformat(end))
    return Timed(datetime.fromisoformat(start), datetime.fromisoformat(end))
