"""The popup: to Google's consent page and back, and changing the Google account.

A GET never starts a sync: the popup tells the page that opened it, which sends the POST.
"""

from __future__ import annotations

from flask import Response

from plugin.sentences import outcome_sentence
from plugin.sync.views import ConnectionStatus, ConnectOutcome
from plugin.web import answers
from plugin.web.asking import Asker, new_token, services
from plugin.web.call import Call

_SUCCESSES = (ConnectOutcome.CONNECTED, ConnectOutcome.ALREADY)


def open_popup(call: Call, asker: Asker) -> Response:
    """Send the window to Google; who is connected already goes on to the sync. Raises MissingClientError."""
    connection = services().accounts.connection(asker.user, call.module)
    if connection.status is ConnectionStatus.ACTIVE:
        return _closing_page(call, ConnectOutcome.ALREADY)
    if connection.status is ConnectionStatus.FROZEN:
        return answers.sentence(call, "frozen")
    return _to_google(call, asker)


def finish(call: Call, asker: Asker) -> Response:
    """Take in what Google sent and tell the page that opened the window."""
    outcome = services().accounts.complete_connect(asker.user, asker.session_id, call.parameters)
    return _closing_page(call, outcome)


def ask_change_user(call: Call, asker: Asker) -> Response:
    """Show a button: disconnecting by a mere link could be done by any site."""
    return answers.page("change_user.html", call=call, csrf_token=new_token(asker.session_id))


def change_user(call: Call, asker: Asker) -> Response:
    """Disconnect and go to Google for another account; the other module keeps the one it has."""
    services().accounts.disconnect(asker.user, call.module)
    return _to_google(call, asker)


def _to_google(call: Call, asker: Asker) -> Response:
    address = services().accounts.begin_connect(asker.user, call.module, asker.session_id)
    return Response(status=302, headers={"Location": address})


def _closing_page(call: Call, outcome: ConnectOutcome) -> Response:
    is_success = outcome in _SUCCESSES
    return answers.page("popup.html", message=outcome_sentence(outcome, call.module), is_success=is_success)
