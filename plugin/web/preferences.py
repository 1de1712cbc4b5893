"""The calendar's settings form, on the extension page: calendar, direction, who wins, start date.

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
from plugin.web import answers
from plugin.web.asking import Asker, services
from plugin.web.call import Call


def extension_page(module: str) -> str:
    """Return the address of the module's extension page."""
    return f"index.php?module={module}&view=Extension&extensionModule=Google&extensionView=Index"


def saved_page(module: str) -> str:
    """Return the address at which the extension page also says that the settings were kept."""
    return f"{extension_page(module)}&saved=1"


def preferences_of(connection: ConnectionView) -> Preferences | None:
    """Return what the connected user chose, None for anybody else."""
    return None if connection.pair_id is None else services().preferences.load(connection.pair_id)


def save(call: Call, asker: Asker) -> Response:
    """Keep what was chosen and show the page again; what the form leaves out stays as it was."""
    if call.module != CALENDAR:
        return answers.sentence(call, "unknown_module")
    if call.method != "POST":
        return answers.sentence(call, "post_only")
    connection = services().accounts.connection(asker.user, CALENDAR)
    if connection.pair_id is None:
        return _page(error_sentence("not_connected"))
    try:
        outcome = keep(call.parameters, asker)
    except ValueError:
        return _page(error_sentence("bad_settings"))
    except StoreError as error:
        return _page(error_sentence(error.code))
    if outcome is not SettingsOutcome.KEPT:
        return _page(settings_sentence(outcome))
    return Response(status=302, headers={"Location": saved_page(CALENDAR)})


def keep(fields: Mapping[str, str], asker: Asker) -> SettingsOutcome:
    """Keep what was chosen for a connected user's calendar.

    The calendar is taken up first: direction, policy and date are then those of its pair. Raises ValueError, StoreError.
    """
    connection = services().accounts.connection(asker.user, CALENDAR)
    calendar_id = fields.get("google_group", "")
    outcome, pair_id = SettingsOutcome.KEPT, connection.pair_id
    # What can't be understood keeps the calendar from being changed, too.
    chosen_settings(fields, Preferences())
    if _is_choice(connection, calendar_id):
        outcome = services().calendars.choose(connection.pair_id or 0, calendar_id)
        pair_id = services().accounts.connection(asker.user, CALENDAR).pair_id
    if pair_id is None or outcome is SettingsOutcome.UNKNOWN:
        return outcome
    before = services().preferences.load(pair_id)
    chosen = chosen_settings(fields, before)
    if chosen == before:
        return outcome
    kept = services().preferences.save(pair_id, chosen)
    return outcome if kept is SettingsOutcome.KEPT else kept


def _is_choice(connection: ConnectionView, calendar_id: str) -> bool:
    # Choosing a paused calendar once more takes it up again: the access may be back.
    is_other = calendar_id != connection.collection_id or connection.status is ConnectionStatus.PAUSED
    return bool(calendar_id) and is_other


def chosen_settings(given: Mapping[str, str], before: Preferences) -> Preferences:
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


def _page(message: str) -> Response:
    return answers.page("message.html", message=message, back=extension_page(CALENDAR))
