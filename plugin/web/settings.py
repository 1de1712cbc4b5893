"""Calls whose place is elsewhere now, or that nobody should make: each gets a plain sentence in its caller's form."""

from __future__ import annotations

from flask import Response

from plugin.sync.views import CALENDAR
from plugin.web import answers
from plugin.web.asking import Asker
from plugin.web.call import Call, Form
from plugin.web.preferences import extension_page


def answer_view(call: Call, _asker: Asker) -> Response:
    """Answer for the calendar's view=Setting and for view=Index: the extension page has what they showed."""
    if call.view not in ("Setting", "Index"):
        return answers.sentence(call, "unknown_call")
    if call.form is Form.PAGE:
        return Response(status=302, headers={"Location": extension_page(call.module or CALENDAR)})
    return answers.sentence(call, "elsewhere")


def answer_action(call: Call, _asker: Asker) -> Response:
    """Answer for action=Import, and for what nobody knows."""
    is_elsewhere = call.action in ("SaveSettings", "Import")
    return answers.sentence(call, "elsewhere" if is_elsewhere else "unknown_call")


def refuse_unknown(call: Call, _asker: Asker) -> Response:
    """Answer a request that isn't in the CRM's Google module."""
    return answers.sentence(call, "unknown_call")


def refuse_method(call: Call, _asker: Asker) -> Response:
    """Answer a GET for what changes something."""
    return answers.sentence(call, "post_only")


def refuse_module(call: Call, _asker: Asker) -> Response:
    """Answer for a module that can't be synchronized."""
    return answers.sentence(call, "unknown_module")
