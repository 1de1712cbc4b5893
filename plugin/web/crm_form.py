"""The settings form of the CRM's own page (7.x, 8.x), SaveSyncSettings: both modules' fields in arrays, in one request."""

from __future__ import annotations

from flask import Response

from plugin.core.errors import StoreError
from plugin.sentences import error_sentence, settings_sentence
from plugin.sync.views import CALENDAR, CONTACTS, MODULES, SettingsOutcome
from plugin.web import answers, contact_settings, preferences
from plugin.web.asking import Asker, services
from plugin.web.call import Call

_KEEP = {CALENDAR: preferences.keep, CONTACTS: contact_settings.keep}


def is_sent(call: Call) -> bool:
    """Tell whether the request is that form."""
    return call.action == "SaveSyncSettings" and any(module in call.arrays for module in MODULES)


def save(call: Call, asker: Asker) -> Response:
    """Keep what it says of each connected module, and go back to the page it stands on."""
    if call.method != "POST":
        return answers.sentence(call, "post_only")
    for module in MODULES:
        given = call.arrays.get(module, {})
        # There, a module that isn't ticked isn't synchronized: what else it says is of no use.
        if not given.get("enabled") or services().accounts.connection(asker.user, module).pair_id is None:
            continue
        try:
            outcome = _KEEP[module](given, asker)
        except ValueError:
            return _page(call, error_sentence("bad_settings"))
        except StoreError as error:
            return _page(call, error_sentence(error.code, module))
        if outcome is not SettingsOutcome.KEPT:
            return _page(call, settings_sentence(outcome, module))
    return Response(status=302, headers={"Location": f"{_way_back(call)}&saved=1"})


def _page(call: Call, message: str) -> Response:
    return answers.page("message.html", message=message, back=_way_back(call))


def _way_back(call: Call) -> str:
    """Return the page that the form stands on; it may stand among the CRM's settings."""
    page = preferences.extension_page(call.module or CALENDAR)
    return f"{page}&parent=Settings&mode=settings" if call.parameters.get("parent") == "Settings" else page
