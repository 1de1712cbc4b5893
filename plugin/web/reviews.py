"""Deletions that wait for approval: which ones, and letting them go ahead."""

from __future__ import annotations

from flask import Response

from plugin.sync.views import ConnectionStatus
from plugin.web import answers, telling
from plugin.web.asking import Asker, services
from plugin.web.call import Call


def show_held(call: Call, asker: Asker) -> Response:
    """Return the list, as our memory has it now: Google isn't asked."""
    connection = services().accounts.connection(asker.user, call.module)
    if connection.pair_id is None:
        return answers.sentence(call, "not_connected")
    changes = services().reviews.held(connection.pair_id)
    return answers.fragment("held.html", changes=changes, module=call.module)


def approve(call: Call, asker: Asker) -> Response:
    """Approve once, as the command line does, and ask for the run that carries it out."""
    connection = services().accounts.connection(asker.user, call.module)
    if connection.status is not ConnectionStatus.ACTIVE or connection.pair_id is None:
        return telling.refuse_connection(call, connection)
    services().reviews.approve(connection.pair_id)
    run = services().runs.request(connection.pair_id, "manual")
    return telling.run_fragment(telling.build_story(run, connection))
