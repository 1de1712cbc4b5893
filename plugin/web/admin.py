"""The administrator's page: what to register in Google's console, and whether it has been done."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from plugin.bootstrap.parts import redirect_uri
from plugin.sentences import error_sentence
from plugin.sync.views import MODULES
from plugin.web import answers
from plugin.web.asking import find_asker, services


def add_to(blueprint: Blueprint) -> None:
    """Answer google-sync/admin."""
    blueprint.add_url_rule("/google-sync/admin", "admin", show_admin)


def show_admin() -> Response:
    """Return the page, to administrators."""
    asker = find_asker(request)
    if asker is None:
        response = answers.page("message.html", message=error_sentence("login"))
        response.status_code = 302
        response.headers["Location"] = "../index.php"
        return response
    if not asker.user.is_admin:
        response = answers.page("message.html", message=error_sentence("admin_only"))
        response.status_code = 403
        return response
    settings = services().settings
    return answers.page(
        "admin.html",
        origin=origin_of(settings.crm_url),
        redirect_uris=[redirect_uri(settings.crm_url, module) for module in MODULES],
        has_client=services().has_client(),
        down=list(services().ready()),
        error_sentence=error_sentence,
    )


def origin_of(crm_url: str) -> str:
    """Return the JavaScript origin to register."""
    parts = urlsplit(crm_url)
    return f"{parts.scheme}://{parts.netloc}"
