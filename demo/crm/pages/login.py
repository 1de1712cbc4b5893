"""Login and logout, with the session keys that the CRM writes."""

from collections.abc import Mapping
from typing import Any

from flask import Response, render_template
from sqlalchemy import Connection

from demo.crm.installation import DEFAULT_LANGUAGE, Installation
from demo.crm.sessions import CONTINUED, INFO, Session
from demo.crm.texts import Texts
from demo.crm.turn import Turn, redirect
from demo.crm.users import check_login

DENIED = "php php3 php4 php5 pl cgi py asp cfm js vbs html htm exe bin bat sh dll phps phtml xhtml rb"


def show_login(parameters: Mapping[str, Any]) -> Response:
    texts = Texts(DEFAULT_LANGUAGE)
    return Response(render_template("login.html", t=texts, failed=parameters.get("error") == "login"))


def log_in(
    installation: Installation, session: Session, connection: Connection, parameters: Mapping[str, Any]
) -> Response:
    """Check name and password; a login moves the session to a new id."""
    name, password = str(parameters.get("username", "")), str(parameters.get("password", ""))
    user_id = check_login(connection, name, password)
    if user_id is None:
        return redirect("index.php?module=Users&view=Login&error=login")
    wanted = str(session.data.get("return_params", ""))
    session.regenerate()
    session.data = {
        INFO: CONTINUED,
        "AUTHUSERID": str(user_id),
        "authenticated_user_id": str(user_id),
        "app_unique_key": installation.app_key,
        "authenticated_user_language": DEFAULT_LANGUAGE,
        "KCFINDER": {
            "disabled": False,
            "uploadURL": "test/upload",
            "uploadDir": "../test/upload",
            "deniedExts": DENIED,
        },
    }
    return redirect(f"index.php?{wanted}" if wanted else "index.php")


def log_out(turn: Turn) -> Response:
    turn.session.destroy()
    return redirect("index.php")
