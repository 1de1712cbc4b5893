"""The box in the CRM's sidebar: its HTML, and the calls that its buttons and its progress make.

The element ids, `#firsttime`, `#norefresh` and the 401 are the contract of the CRM's 6.x script, which works with it unchanged.
"""

from __future__ import annotations

from flask import Response

from plugin.sentences import outcome_sentence
from plugin.sync.views import CONTACTS, ConnectionStatus, RunView
from plugin.web import answers, telling
from plugin.web.asking import Asker, new_token, services
from plugin.web.call import Call


def show_box(call: Call, asker: Asker) -> Response:
    """Return the box; a run that is going on is shown in it."""
    return answers.fragment("box.html", **box_values(call.module, asker))


def box_values(module: str, asker: Asker) -> dict[str, object]:
    """Return what box.html needs."""
    connection = services().accounts.connection(asker.user, module)
    story = telling.latest_story(connection)
    is_new = connection.status is ConnectionStatus.NONE
    return {
        "module": module,
        "connection": connection,
        "is_connected": not is_new,
        "is_consent_needed": telling.is_consent_needed(connection),
        "problem": telling.problem_of(connection, module),
        "settings_url": settings_url(module),
        "story": story,
        "csrf_token": new_token(asker.session_id),
    }


def settings_url(module: str) -> str:
    """Return where the module's settings are: contacts have the CRM's own settings window."""
    if module == CONTACTS:
        return f"index.php?module=Google&view=Setting&sourcemodule={module}"
    return f"index.php?module={module}&view=Extension&extensionModule=Google&extensionView=Index#gsync_preferences"


def start(call: Call, asker: Asker) -> Response:
    """Ask for a run, or join the one going on, and show how far it is."""
    connection = services().accounts.connection(asker.user, call.module)
    if connection.status is not ConnectionStatus.ACTIVE or connection.pair_id is None:
        return telling.refuse_connection(call, connection)
    run = services().runs.request(connection.pair_id, "manual")
    return telling.run_fragment(telling.build_story(run, connection))


def remove(call: Call, asker: Asker) -> Response:
    """Disconnect. The empty answer is what the CRM's script expects."""
    services().accounts.disconnect(asker.user, call.module)
    return Response("", content_type="text/html; charset=UTF-8")


def tell_progress(call: Call, asker: Asker) -> Response:
    """Return how far a run of the asker's own is, as HTML in an envelope."""
    connection = services().accounts.connection(asker.user, call.module)
    run = _find_run(call.parameters.get("run", ""))
    if run is None or run.pair_id != connection.pair_id:
        return answers.sentence(call, "run_unknown")
    story = telling.build_story(run, connection)
    return answers.success(
        {
            "run": run.run_id,
            "status": run.status.value,
            "ended": story.is_ended,
            "html": telling.run_fragment(story).get_data(as_text=True),
        }
    )


def tell_status(call: Call, asker: Asker) -> Response:
    """Return where the user stands: the page asks while the consent window is open."""
    accounts = services().accounts
    connection = accounts.connection(asker.user, call.module)
    outcome = accounts.last_outcome(asker.user, call.module, asker.session_id)
    return answers.success(
        {
            "status": connection.status.value,
            "email": connection.email,
            "outcome": outcome.value if outcome else None,
            "message": outcome_sentence(outcome, call.module) if outcome else "",
        }
    )


def _find_run(run_id: str) -> RunView | None:
    is_number = run_id.isascii() and run_id.isdigit() and len(run_id) <= 18
    return services().runs.view(int(run_id)) if is_number else None
