"""Answers in the caller's form. The CRM's scripts have no error callbacks: whatever happens they get 200 and a sentence."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, make_response, render_template, request

from plugin.sentences import error_sentence
from plugin.web.call import Call, Form

JSON_TYPE = "text/json; charset=UTF-8"
# Fragments live in the CRM's page and under its rules; these are for our own windows.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; frame-ancestors 'self'"
)


def fragment(template: str, **values: Any) -> Response:
    """Return a piece of HTML that a script puts into its page."""
    return make_response(render_template(f"google_sync/{template}", **values))


def page(template: str, **values: Any) -> Response:
    """Return a whole page."""
    response = make_response(render_template(f"google_sync/{template}", **values))
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


def success(result: Any) -> Response:
    """Return the CRM's JSON envelope."""
    return _envelope({"success": True, "result": result})


def failure(code: str, message: str) -> Response:
    """Return the CRM's JSON envelope for an error."""
    return _envelope({"success": False, "error": {"code": code, "message": message}})


def sentence(call: Call, code: str, text: str | None = None) -> Response:
    """Return one sentence in the form that the caller can show."""
    text = error_sentence(code, call.module) if text is None else text
    if call.form is Form.JSON:
        return failure(code, text)
    if call.form is Form.PAGE and not call.is_extension:
        return page("popup.html", message=text, is_success=False)
    if call.form is Form.PAGE:
        return page("message.html", message=text)
    return fragment("sentence.html", message=text)


def not_logged_in(call: Call) -> Response:
    """Send the browser to the CRM's login, as the CRM does; our own script is told in words."""
    response = sentence(call, "login")
    if not call.is_asked_by_script:
        response.status_code = 302
        # Relative to the path asked for: under every site_URL that is the CRM's own index.php.
        response.headers["Location"] = "index.php"
    return response


def add_headers(response: Response) -> Response:
    """Keep answers out of caches, of guessing browsers and of other sites' frames."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Content-Security-Policy", "frame-ancestors 'self'")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.endpoint == "google_sync.static":
        response.headers.pop("Content-Disposition", None)
        if "v" in request.args and response.status_code in (200, 304):
            response.headers["Cache-Control"] = (
                f"{response.headers.get('Cache-Control', 'public')}, immutable"
            )
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def _envelope(content: dict[str, Any]) -> Response:
    # "<" is escaped, so that a browser that takes it for HTML finds no tags.
    body = json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")
    return Response(body, content_type=JSON_TYPE)
