"""The page behind 7.x's and 8.x's "Extensions > Google": the box, the last runs, nothing else yet."""

from __future__ import annotations

from flask import Response

from plugin.sentences import error_sentence
from plugin.web import answers, telling
from plugin.web.asking import Asker, services
from plugin.web.call import BUILT_MODULES, Call, Form
from plugin.web.preferences import preferences_of
from plugin.web.widget import box_values

RUNS_SHOWN = 20


def show_page(call: Call, asker: Asker) -> Response:
    """Return the page of one module; a PJAX request gets it without its frame."""
    if not call.module:
        return answers.sentence(call, "unknown_module")
    build = answers.fragment if call.form is Form.FRAGMENT else answers.page
    template = "extension.html" if call.form is Form.FRAGMENT else "extension_page.html"
    if call.module not in BUILT_MODULES:
        return build(template, module=call.module, message=error_sentence("contacts_not_built"))
    values = box_values(call.module, asker)
    runs = services().runs.history(asker.user.user_id, RUNS_SHOWN)
    stories = [
        telling.RunStory(run, run.module, run.finished_utc) for run in runs if run.module == call.module
    ]
    connection = services().accounts.connection(asker.user, call.module)
    pair_id, chosen = connection.pair_id, preferences_of(connection)
    parked = services().reviews.parked(pair_id) if pair_id is not None else ()
    return build(template, message="", stories=stories, preferences=chosen, parked=parked, **values)
