"""“View changes” in the box: a worker finds out what a synchronization would do, the page asks until it knows."""

from __future__ import annotations

from flask import Response

from plugin.sentences import error_sentence
from plugin.sync.views import ConnectionStatus, PreviewView, RunStatus
from plugin.web import answers, telling
from plugin.web.asking import Asker, services
from plugin.web.call import Call


def ask(call: Call, asker: Asker) -> Response:
    """Put the question, or join the one that waits, and show that it is being looked into."""
    connection = services().accounts.connection(asker.user, call.module)
    if connection.status is not ConnectionStatus.ACTIVE or connection.pair_id is None:
        return telling.refuse_connection(call, connection)
    return _fragment(call, services().previews.ask(connection.pair_id))


def tell(call: Call, asker: Asker) -> Response:
    """Return the asker's own preview, as HTML in an envelope."""
    connection = services().accounts.connection(asker.user, call.module)
    pair_id = connection.pair_id
    view = services().previews.answer(pair_id) if pair_id is not None else None
    if view is None:
        return answers.sentence(call, "preview_unknown")
    return answers.success(
        {
            "status": view.status.value,
            "ended": view.status is not RunStatus.QUEUED,
            "html": _fragment(call, view).get_data(as_text=True),
        }
    )


def _fragment(call: Call, view: PreviewView) -> Response:
    if view.status is RunStatus.FAILED:
        return answers.fragment("sentence.html", message=error_sentence(view.error_code or "unexpected"))
    if view.preview is not None:
        return answers.fragment("preview.html", preview=view.preview, module=call.module)
    is_late = services().clock() - view.asked_utc > telling.WORKER_PATIENCE
    hint = error_sentence("worker") if is_late else ""
    return answers.fragment("preview_progress.html", module=call.module, hint=hint)
