"""The front controller: what index.php and WebUI.php of the CRM do with a request before a page gets it.

Order as measured: session (locked), csrf, site URL, login, Referer, page.
"""

import sys
import traceback
from pathlib import Path

from flask import Flask, Response, render_template, request, send_from_directory
from sqlalchemy import Connection, Engine
from werkzeug.wrappers import Request

from demo.crm import csrf
from demo.crm.database import open_engine
from demo.crm.installation import DEFAULT_LANGUAGE, Installation
from demo.crm.pages import find_handler
from demo.crm.pages.login import log_in, show_login
from demo.crm.parameters import read_parameters
from demo.crm.sessions import COOKIE, Session, open_session
from demo.crm.texts import Texts
from demo.crm.turn import NotPermittedError, Turn, json_error, redirect
from demo.crm.users import User, load_user

STATIC = Path(__file__).parent / "static"
POST_LIMIT = 8 * 1024 * 1024  # PHP's default post_max_size


def create_app(installation: Installation) -> Flask:
    """Return the stand-in as a WSGI application that answers under the path of its site URL."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_FORM_MEMORY_SIZE"] = POST_LIMIT
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    engine = open_engine(installation.database_url)
    app.extensions["crm_engine"] = engine

    @app.route(installation.path, methods=["GET", "POST"])
    @app.route(f"{installation.path}index.php", methods=["GET", "POST"])
    def index() -> Response:
        return answer(installation, engine, request)

    @app.get(f"{installation.path}<path:name>")
    def static_file(name: str) -> Response:
        return send_from_directory(STATIC, name)

    return app


def answer(installation: Installation, engine: Engine, request: Request) -> Response:
    """Answer one request; its session file stays locked until the answer is complete."""
    session = open_session(installation.sessions, request.cookies.get(COOKIE))
    try:
        with engine.begin() as connection:
            response = _respond(installation, request, session, connection)
    except Exception:  # noqa: BLE001 - a fatal error in the CRM is a silent 500; here at least the log names it
        traceback.print_exc(file=sys.stderr)
        response = Response("", status=500)
    finally:
        session.close()
    if response.mimetype == "text/html" and not response.is_streamed:
        token = csrf.make_token(installation.csrf_secret, session.session_id)
        fragment = "X-Requested-With" in request.headers or "X-PJAX" in request.headers
        response.set_data(csrf.add_token(response.get_data(as_text=True), token, fragment=fragment))
    if request.cookies.get(COOKIE) != session.session_id:
        # Bare, as PHP's defaults make it: no HttpOnly, no Secure, no SameSite.
        response.headers.add("Set-Cookie", f"{COOKIE}={session.session_id}; path=/")
    response.headers["Cache-Control"] = "no-store, no-cache, must-revalidate"
    return response


def _respond(
    installation: Installation, request: Request, session: Session, connection: Connection
) -> Response:
    parameters = read_parameters(request)
    if request.method == "POST" and not csrf.is_exempt(parameters):
        given = parameters.get(csrf.FIELD)
        if not isinstance(given, str) or not csrf.is_valid(
            given, installation.csrf_secret, session.session_id
        ):
            return Response("Invalid request")
    if not _asked_url(installation, request).lower().startswith(installation.site_url.lower()):
        return Response(status=301, headers={"Location": installation.site_url})
    if parameters.get("action") == "Login" and parameters.get("module") == "Users":
        return log_in(installation, session, connection, parameters)
    user = _logged_in(installation, session, connection)
    if user is None:
        return _send_to_login(request, session, parameters)
    referer = request.headers.get("Referer")
    if referer and not referer.lower().startswith(installation.site_url.lower()):
        return Response("Illegal request")
    session.data.setdefault("vtiger_authenticated_user_theme", "softed")
    texts = Texts(user.language or DEFAULT_LANGUAGE)
    return _run(Turn(installation, request, parameters, session, connection, user, texts))


def _asked_url(installation: Installation, request: Request) -> str:
    scheme = "https" if installation.tls_in_front else "http"
    uri = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or request.full_path
    return f"{scheme}://{request.environ.get('HTTP_HOST', '')}{uri}"


def _logged_in(installation: Installation, session: Session, connection: Connection) -> User | None:
    """Return the session's user by the CRM's own three conditions."""
    if "authenticated_user_id" not in session.data:
        return None
    user_id = str(session.data.get("AUTHUSERID", session.data["authenticated_user_id"]))
    if not user_id.isdigit() or session.data.get("app_unique_key") != installation.app_key:
        return None
    return load_user(connection, int(user_id))


def _send_to_login(request: Request, session: Session, parameters: dict[str, object]) -> Response:
    if not parameters.get("module") or (
        parameters["module"] == "Users" and parameters.get("view") == "Login"
    ):
        return show_login(parameters)
    session.data["return_params"] = request.query_string.decode("utf-8", "replace")
    if parameters.get("action"):
        return redirect("index.php", json_error("Login required").get_data(as_text=True))
    return redirect("index.php", "Login required")


def _run(turn: Turn) -> Response:
    """Run the page or action; what goes wrong in it is told with HTTP status 200, as the CRM does."""
    handler = find_handler(turn)
    is_action = bool(turn.parameter("action"))
    try:
        return handler(turn)
    except NotPermittedError:
        message = turn.texts.not_permitted
    except (LookupError, ValueError) as error:
        message = str(error)
    turn.connection.rollback()
    return json_error(message) if is_action else Response(render_message(turn, message))


def render_message(turn: Turn, message: str) -> str:
    return render_template("message.html", turn=turn, user=turn.user, t=turn.texts, message=message)
