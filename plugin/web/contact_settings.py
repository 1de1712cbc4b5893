"""The settings window of contacts, at the CRM's own addresses view=Setting and action=SaveSettings: which contacts of Google's,
direction, who wins, missing organisations, and the field mapping (web/mapping_form.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Response

from plugin.contact_sentences import problem_sentence, resting_sentence
from plugin.core.errors import StoreError
from plugin.core.mapping.contact_mapping import Fields, in_force
from plugin.core.model import Direction
from plugin.sentences import error_sentence, settings_sentence
from plugin.sync.views import (
    ALL_CONTACTS,
    CONTACTS,
    ConnectionStatus,
    ConnectionView,
    OfferedLabel,
    Preferences,
    SettingsOutcome,
)
from plugin.web import answers, mapping_form, telling
from plugin.web.asking import Asker, new_token, services
from plugin.web.call import Call, Form
from plugin.web.preferences import chosen_settings, extension_page, saved_page

# What the CRM's own form says for no label; of its "none" there is nothing to take over.
_GROUPS = {"all": ALL_CONTACTS, "none": ""}
_CAN_CHOOSE = (ConnectionStatus.ACTIVE, ConnectionStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class _Window:
    """What the window shows besides what stands in the pair."""

    chosen: Preferences
    rows: Sequence[mapping_form.Row]
    problems: Sequence[str] = ()
    # The label that was chosen together with what was refused.
    group_id: str = ""


def show(call: Call, asker: Asker) -> Response:
    """Return the window; Google is asked for the labels, and is done without if it doesn't answer."""
    connection = services().accounts.connection(asker.user, CONTACTS)
    if connection.pair_id is None:
        return answers.sentence(call, telling.why_not(connection))
    chosen = services().preferences.load(connection.pair_id)
    rows = mapping_form.rows_of(chosen.field_choice, services().contact_fields())
    return _show(call, asker, connection, _Window(chosen, rows))


def save(call: Call, asker: Asker) -> Response:
    """Keep what was chosen, all of it or nothing; what the form leaves out stays as it was."""
    if call.method != "POST":
        return answers.sentence(call, "post_only")
    connection = services().accounts.connection(asker.user, CONTACTS)
    if connection.pair_id is None:
        return answers.sentence(call, "not_connected")
    fields = services().contact_fields()
    try:
        chosen, problems = _read(call.parameters, services().preferences.load(connection.pair_id), fields)
    except ValueError:
        return _refused(call, error_sentence("bad_settings"))
    if problems:
        if call.is_fragment_wanted:
            return answers.failure("bad_settings", " ".join(problems))
        rows = mapping_form.rows_of(chosen.field_choice, fields)
        return _show(
            call, asker, connection, _Window(chosen, rows, problems, call.parameters.get("google_group", ""))
        )
    try:
        outcome = _keep(call.parameters.get("google_group", ""), connection, connection.pair_id, chosen)
    except StoreError as error:
        return _refused(call, error_sentence(error.code, CONTACTS))
    if outcome is not SettingsOutcome.KEPT:
        return _refused(call, settings_sentence(outcome, CONTACTS))
    if call.is_fragment_wanted:
        return answers.success({"settingssaved": True})
    return Response(status=302, headers={"Location": saved_page(CONTACTS)})


def keep(given: Mapping[str, str], asker: Asker) -> SettingsOutcome:
    """Keep what the CRM's own settings form says of a connected user's contacts. Raises ValueError, StoreError."""
    connection = services().accounts.connection(asker.user, CONTACTS)
    if connection.pair_id is None:
        return SettingsOutcome.KEPT
    chosen = chosen_settings(given, services().preferences.load(connection.pair_id))
    group_id = given.get("google_group", "")
    return _keep(_GROUPS.get(group_id, group_id), connection, connection.pair_id, chosen)


def resting_sentences(chosen: Preferences, fields: Fields) -> list[str]:
    """Return a sentence for each mapped field that has vanished from the CRM; nobody misses one that they never chose."""
    if chosen.field_choice is None:
        return []
    resting = in_force(chosen.field_choice, fields)[1]
    return [resting_sentence(slot) for slot in resting if slot in chosen.field_choice]


def _read(given: Mapping[str, str], before: Preferences, fields: Fields) -> tuple[Preferences, list[str]]:
    """Return the settings with what the form says, and what is wrong with it. Raises ValueError for nonsense."""
    chosen = chosen_settings(given, before)
    creates = given.get("creates_accounts")
    if creates is not None:
        chosen = replace(chosen, creates_accounts=creates == "1")
    if not mapping_form.is_given(given):
        return chosen, []
    choice = mapping_form.read_choice(given, before.field_choice, fields)
    found = mapping_form.new_problems(choice, before.field_choice, fields)
    return replace(chosen, field_choice=choice), [problem_sentence(problem, fields) for problem in found]


def _keep(group_id: str, connection: ConnectionView, pair_id: int, chosen: Preferences) -> SettingsOutcome:
    outcome = SettingsOutcome.KEPT
    # Choosing a lost label once more takes it up again: it may be back.
    is_other = group_id != connection.collection_id or connection.status is ConnectionStatus.PAUSED
    if group_id and is_other:
        outcome = services().labels.choose(pair_id, group_id)
    if outcome is SettingsOutcome.UNKNOWN:
        return outcome
    if outcome is SettingsOutcome.TAKEN:
        chosen = replace(chosen, direction=Direction.GOOGLE_TO_CRM)
    kept = services().preferences.save(pair_id, chosen)
    return outcome if kept is SettingsOutcome.KEPT else kept


def _show(call: Call, asker: Asker, connection: ConnectionView, window: _Window) -> Response:
    fields = services().contact_fields()
    labels, label_problem = _labels(connection, window.group_id or connection.collection_id)
    build = answers.fragment if call.form is Form.FRAGMENT else answers.page
    template = "contact_form.html" if call.form is Form.FRAGMENT else "contact_settings.html"
    return build(
        template,
        module=CONTACTS,
        connection=connection,
        preferences=window.chosen,
        problems=window.problems,
        resting=resting_sentences(window.chosen, fields),
        labels=labels,
        label_problem=label_problem,
        rows=window.rows,
        field_groups=mapping_form.offered_fields(fields),
        places=mapping_form.offered_places(),
        back_url=extension_page(CONTACTS),
        csrf_token=new_token(asker.session_id),
    )


def _labels(connection: ConnectionView, chosen_id: str) -> tuple[Sequence[OfferedLabel], str]:
    if connection.status not in _CAN_CHOOSE or connection.pair_id is None:
        return (), telling.problem_of(connection, CONTACTS)
    try:
        return services().labels.offered(connection.pair_id, chosen_id), ""
    except StoreError as error:
        return (), error_sentence(error.code, CONTACTS)


def _refused(call: Call, message: str) -> Response:
    if call.is_fragment_wanted:
        return answers.failure("bad_settings", message)
    back = f"index.php?module=Google&view=Setting&sourcemodule={CONTACTS}"
    return answers.page("message.html", message=message, back=back)
