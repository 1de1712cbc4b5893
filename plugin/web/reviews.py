"""Deletions that wait for approval: which ones, and letting them go ahead."""

from __future__ import annotations

from flask import Response

from plugin.sync.preview import list_digest
from plugin.sync.views import ConnectionStatus
from plugin.web import answers, telling
from plugin.web.asking import Asker, services
from plugin.web.call import Call


def show_held(call: Call, asker: Asker) -> Response:
    """Return the list, as our memory has it now: Google isn't asked."""
    connection = services().accounts.connection(asker.user, call.module)
    if connection.pair_id is None:
        return answers.sentence(call, "not_connected")
    return _list(call, connection.pair_id)


def approve(call: Call, asker: Asker) -> Response:
    """Approve the list that was seen, and ask for the run that carries it out; another list is shown first."""
    connection = services().accounts.connection(asker.user, call.module)
    if connection.status is not ConnectionStatus.ACTIVE or connection.pair_id is None:
        return telling.refuse_connection(call, connection)
    if not services().reviews.approve(connection.pair_id, call.parameters.get("list", "")):
        return _list(call, connection.pair_id, is_new=True)
    run = services().runs.request(connection.pair_id, "manual")
    return telling.run_fragment(telling.build_story(run, connection))


def _list(call: Call, pair_id: int, *, is_new: bool = False) -> Response:
    changes = services().reviews.held(pair_id)
    return answers.fragment(
        "held.html", changes=changes, digest=list_digest(changes), is_new=is_new, module=call.module
    )
