"""Which function answers which of the CRM's URLs (facts: the call table a–v of the CRM's Google module)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, g, request

from plugin.web import (
    answers,
    calendars,
    extension,
    oauth,
    preferences,
    previews,
    reviews,
    settings,
    sync_all,
    widget,
)
from plugin.web.asking import Asker, find_asker, has_valid_token, is_foreign
from plugin.web.call import BUILT_MODULES, Call, read_call

Answerer = Callable[[Call, Asker], Response]
POST, GET = "POST", "GET"

_OPERATIONS: dict[tuple[str, str], Answerer] = {
    ("", GET): widget.show_box,
    ("", POST): widget.show_box,
    ("sync", GET): oauth.open_popup,
    ("sync", POST): widget.start,
    ("removeSync", POST): widget.remove,
    ("changeUser", GET): oauth.ask_change_user,
    ("changeUser", POST): oauth.change_user,
    ("progress", GET): widget.tell_progress,
    ("status", GET): widget.tell_status,
    ("held", GET): reviews.show_held,
    ("calendars", GET): calendars.show,
    ("approve", POST): reviews.approve,
    ("preview", POST): previews.ask,
    ("preview", GET): previews.tell,
}


def add_to(blueprint: Blueprint) -> None:
    """Answer for index.php and for the bare path, as PHP does."""
    for path in ("/index.php", "/"):
        blueprint.add_url_rule(path, "crm_url", answer_crm_url, methods=[GET, POST])


def answer_crm_url() -> Response:
    """Answer a request that the CRM's Google module would have got."""
    g.call = call = read_call(request)
    if call.method == POST and not has_valid_token(request):
        # csrf-magic's own words; it looks before anybody asks who is logged in.
        return Response("Invalid request", content_type="text/html; charset=UTF-8")
    asker = find_asker(request)
    if asker is None:
        return answers.not_logged_in(call)
    if is_foreign(request, call):
        return answers.sentence(call, "illegal_request")
    return find_answerer(call)(call, asker)


def find_answerer(call: Call) -> Answerer:
    """Return the function for this call; what isn't built answers too, with a sentence."""
    if call.is_extension:
        return extension.show_page
    if not call.is_google:
        return settings.refuse_unknown
    if call.action == "SaveSyncSettings":
        return preferences.save
    if call.action:
        return settings.answer_action
    if call.view == "Sync":
        return sync_all.synchronize
    if call.is_callback or call.view == "Authenticate":
        return oauth.finish
    if call.view == "List":
        return _find_operation(call)
    return settings.answer_view


def _find_operation(call: Call) -> Answerer:
    if not call.module:
        return settings.refuse_module
    if call.module not in BUILT_MODULES and call.operation:
        return settings.refuse_unbuilt_module
    known = {operation for operation, _method in _OPERATIONS}
    if call.operation not in known:
        return settings.refuse_unknown
    return _OPERATIONS.get((call.operation, call.method), settings.refuse_method)
