"""The page behind 7.x's and 8.x's "Extensions > Google": the box, the settings, the last runs."""

from __future__ import annotations

from flask import Response

from plugin.sync.views import CONTACTS
from plugin.web import answers, telling
from plugin.web.asking import Asker, services
from plugin.web.call import Call, Form
from plugin.web.contact_settings import resting_sentences
from plugin.web.preferences import preferences_of
from plugin.web.widget import box_values

RUNS_SHOWN = 20


def show_page(call: Call, asker: Asker) -> Response:
    """Return the page of one module; a PJAX request gets it without its frame."""
    if not call.module:
        return answers.sentence(call, "unknown_module")
    build = answers.fragment if call.form is Form.FRAGMENT else answers.page
    template = "extension.html" if call.form is Form.FRAGMENT else "extension_page.html"
    values = box_values(call.module, asker)
    runs = services().runs.history(asker.user.user_id, RUNS_SHOWN)
    stories = [
        telling.RunStory(run, run.module, run.finished_utc) for run in runs if run.module == call.module
    ]
    connection = services().accounts.connection(asker.user, call.module)
    parked = services().reviews.parked(connection.pair_id) if connection.pair_id is not None else ()
    chosen = preferences_of(connection)
    resting = (
        resting_sentences(chosen, services().contact_fields()) if chosen and call.module == CONTACTS else ()
    )
    is_saved = call.parameters.get("saved") == "1"
    return build(
        template,
        stories=stories,
        parked=parked,
        preferences=chosen,
        resting=resting,
        is_saved=is_saved,
        **values,
    )
