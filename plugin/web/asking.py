"""Who is asking, and may they: the CRM's session, csrf token and Referer, as the CRM itself looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Request, current_app, g

from plugin.bootstrap import Services
from plugin.crm.session import COOKIE, CsrfTokens
from plugin.logs import set_user
from plugin.sync.ports import CrmUser
from plugin.web.call import Call

CSRF_FIELD = "__vtrftk"


@dataclass(frozen=True, slots=True)
class Asker:
    """A logged-in, active CRM user and the session they ask from."""

    user: CrmUser
    session_id: str


def services() -> Services:
    """Return what this app was given."""
    return cast(Services, current_app.extensions["gsync"])


def forget() -> None:
    """Forget who asked last: threads are used again, and their log lines must not name somebody else."""
    set_user(None)


def find_asker(request: Request) -> Asker | None:
    """Return who is logged in, or None. Raises what the session store and the database raise."""
    session_id = request.cookies.get(COOKIE, "")
    user_id = services().sessions.user_id(session_id) if session_id else None
    user = services().users.user(user_id) if user_id is not None else None
    if user is None or not user.is_active:
        return None
    # Languages, time zones and the log lines of this request go by the user.
    g.crm_user = user
    set_user(user.user_id)
    return Asker(user, session_id)


def has_valid_token(request: Request) -> bool:
    """Tell whether a POST carries a csrf token of its session; PHP looks for it in the body only."""
    tokens = request.form.getlist(CSRF_FIELD)
    session_id = request.cookies.get(COOKIE, "")
    return bool(tokens) and _tokens().is_valid_token(tokens[-1], session_id, services().clock())


def new_token(session_id: str) -> str:
    """Return a csrf token for what our own pages send."""
    return _tokens().make_token(session_id, services().clock())


def is_foreign(request: Request, call: Call) -> bool:
    """Tell whether another site's page sent the browser here; Google may, with its callback."""
    referer = request.headers.get("Referer", "")
    if not referer or call.is_callback:
        return False
    return not referer.lower().startswith(services().settings.crm_url.lower())


def _tokens() -> CsrfTokens:
    return CsrfTokens(services().settings.crm_csrf_secret)
