"""The settings form of the extension page: calendar, direction, who wins, start date.

Its address is the CRM's own, SaveSyncSettings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from flask import Response

from plugin.core.errors import StoreError
from plugin.core.model import Direction, Policy
from plugin.sentences import error_sentence, settings_sentence
from plugin.sync.views import CALENDAR, ConnectionStatus, ConnectionView, Preferences, SettingsOutcome
from plugin.web import answers, settings
from plugin.web.asking import Asker, services
from plugin.web.call import BUILT_MODULES, Call


def preferences_of(connection: ConnectionView) -> Preferences | None:
    """Return what the connected user chose, None for anybody else."""
    return None if connection.pair_id is None else services().preferences.load(connection.pair_id)


def save(call: Call, asker: Asker) -> Response:
    """Keep what was chosen and show the page again; what the form leaves out stays as it was."""
    module, fields = _form(call)
    if module not in BUILT_MODULES:
        return settings.answer_action(call, asker)
    if call.method != "POST":
        return answers.sentence(call, "post_only")
    connection = services().accounts.connection(asker.user, module)
    if connection.pair_id is None:
        return _page(call, error_sentence("not_connected"))
    try:
        outcome = _keep(fields, asker, connection)
    except ValueError:
        return _page(call, error_sentence("bad_settings"))
    except StoreError as error:
        return _page(call, error_sentence(error.code))
    if outcome is not SettingsOutcome.KEPT:
        return _page(call, settings_sentence(outcome))
    return Response(status=302, headers={"Location": _way_back(call)})


def _form(call: Call) -> tuple[str, Mapping[str, str]]:
    """Return the module and its fields: ours come bare, the CRM's own form (7.x, 8.x) has those of both modules in arrays."""
    fields = call.arrays.get(CALENDAR)
    if fields is None:
        return call.module, call.parameters
    # There, a module that isn't ticked isn't synchronized: what else it says is of no use.
    return CALENDAR, fields if fields.get("enabled") else {}


def _keep(fields: Mapping[str, str], asker: Asker, connection: ConnectionView) -> SettingsOutcome:
    """Take up the calendar first: direction, policy and date are then those of its pair. Raises ValueError, StoreError."""
    calendar_id = fields.get("google_group", "")
    outcome, pair_id = SettingsOutcome.KEPT, connection.pair_id
    _chosen(fields, Preferences())  # what can't be understood keeps the calendar from being changed, too
    if _is_choice(connection, calendar_id):
        outcome = services().calendars.choose(connection.pair_id or 0, calendar_id)
        pair_id = services().accounts.connection(asker.user, CALENDAR).pair_id
    if pair_id is None or outcome is SettingsOutcome.UNKNOWN:
        return outcome
    before = services().preferences.load(pair_id)
    chosen = _chosen(fields, before)
    if chosen == before:
        return outcome
    kept = services().preferences.save(pair_id, chosen)
    return outcome if kept is SettingsOutcome.KEPT else kept


def _is_choice(connection: ConnectionView, calendar_id: str) -> bool:
    # Choosing a paused calendar once more takes it up again: the access may be back.
    is_other = calendar_id != connection.collection_id or connection.status is ConnectionStatus.PAUSED
    return bool(calendar_id) and is_other


def _chosen(given: Mapping[str, str], before: Preferences) -> Preferences:
    """Return the settings with what the form says. Raises ValueError for what can't be understood."""
    from_text = given.get("sync_from")
    return replace(
        before,
        direction=Direction(given.get("sync_direction", before.direction.value)),
        policy=Policy(given.get("policy", before.policy.value)),
        sync_from=before.sync_from if from_text is None else _date(from_text),
    )


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _page(call: Call, message: str) -> Response:
    return answers.page("message.html", message=message, back=_way_back(call))


def _way_back(call: Call) -> str:
    """Return the page that the form stands on; the CRM's own may stand among its settings."""
    page = f"index.php?module={call.module or CALENDAR}&view=Extension&extensionModule=Google&extensionView=Index"
    return f"{page}&parent=Settings&mode=settings" if call.parameters.get("parent") == "Settings" else page
