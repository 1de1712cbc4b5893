"""The settings form of the extension page: direction, who wins, start date. Its address is the CRM's own, SaveSyncSettings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import Response

from plugin.core.model import Direction, Policy
from plugin.sentences import error_sentence, outcome_sentence
from plugin.sync.views import ConnectionView, ConnectOutcome, Preferences
from plugin.web import answers, settings
from plugin.web.asking import Asker, services
from plugin.web.call import BUILT_MODULES, Call


def preferences_of(connection: ConnectionView) -> Preferences | None:
    """Return what the connected user chose, None for anybody else."""
    return None if connection.pair_id is None else services().preferences.load(connection.pair_id)


def save(call: Call, asker: Asker) -> Response:
    """Keep what was chosen and show the page again; what the form leaves out stays as it was."""
    if call.module not in BUILT_MODULES:
        return settings.answer_action(call, asker)
    if call.method != "POST":
        return answers.sentence(call, "post_only")
    connection = services().accounts.connection(asker.user, call.module)
    if connection.pair_id is None:
        return _page(error_sentence("not_connected"))
    chosen = _chosen(call, services().preferences.load(connection.pair_id))
    if chosen is None:
        return _page(error_sentence("bad_settings"))
    if not services().preferences.save(connection.pair_id, chosen):
        return _page(outcome_sentence(ConnectOutcome.TAKEN))
    page = f"index.php?module={call.module}&view=Extension&extensionModule=Google&extensionView=Index"
    return Response(status=302, headers={"Location": page})


def _chosen(call: Call, before: Preferences) -> Preferences | None:
    given = call.parameters
    try:
        from_text = given.get("sync_from")
        return replace(
            before,
            direction=Direction(given.get("sync_direction", before.direction.value)),
            policy=Policy(given.get("policy", before.policy.value)),
            sync_from=before.sync_from if from_text is None else _date(from_text),
        )
    except ValueError:
        return None


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _page(message: str) -> Response:
    return answers.page("message.html", message=message)
