"""The window in which a user chooses the Google calendar to be synchronized; its form goes to web/preferences.py.

A window of its own, because Google is asked for the list: the settings page shows without waiting for it.
"""

from __future__ import annotations

from flask import Response

from plugin.core.errors import StoreError
from plugin.sync.views import ConnectionStatus
from plugin.web import answers, telling
from plugin.web.asking import Asker, new_token, services
from plugin.web.call import Call

_CAN_CHOOSE = (ConnectionStatus.ACTIVE, ConnectionStatus.PAUSED)


def show(call: Call, asker: Asker) -> Response:
    """Return the list of calendars, or the sentence that says why there is none."""
    connection = services().accounts.connection(asker.user, call.module)
    if connection.status not in _CAN_CHOOSE or connection.pair_id is None:
        return answers.sentence(call, telling.why_not(connection))
    try:
        offered = services().calendars.offered(connection.pair_id, connection.collection_id)
    except StoreError as error:
        return answers.sentence(call, error.code)
    return answers.page(
        "calendars.html",
        module=call.module,
        offered=offered,
        email=connection.email,
        csrf_token=new_token(asker.session_id),
    )
