"""Which language a page speaks: the CRM user's; while we don't know who asks, the browser's."""

from __future__ import annotations

from flask import g, has_request_context, request

SPANISH, ENGLISH = "es", "en"


def locale_of_request() -> str:
    """Return the language of the answer to the current request."""
    if not has_request_context():
        return ENGLISH
    user = g.get("crm_user")
    if user is not None:
        return locale_of(user.language)
    return request.accept_languages.best_match([SPANISH, ENGLISH]) or SPANISH


def locale_of(crm_language: str) -> str:
    """Return our language for the CRM's (`es_es`, `es_mx`: Spanish; anything else: English)."""
    return SPANISH if crm_language.lower().replace("-", "_").split("_")[0] == SPANISH else ENGLISH
