"""What the commands share: their group and options, and how failures are told."""

from __future__ import annotations

import os

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from plugin.bootstrap import Parts
from plugin.bootstrap.transaction import is_table_missing, translated
from plugin.core.errors import ConfigError, SyncError
from plugin.sentences import error_sentence
from plugin.sync.ports import CrmUser
from plugin.sync.views import CALENDAR, MODULES

google_commands = AppGroup("google", help="Synchronization with Google.")
as_json = click.option("--json", "is_json", is_flag=True, help="Report as JSON.")
of_user = click.option("--user", "login", required=True, metavar="LOGIN", help="The CRM user's login name.")
of_module = click.option(
    "--module",
    type=click.Choice(MODULES),
    default=CALENDAR,
    show_default=True,
    help="Which of the CRM's modules.",
)


class Failed(click.ClickException):
    """The command could not do what it was asked."""

    exit_code = 1


def loaded_parts() -> Parts:
    """Return the app's parts; from here on the command speaks the terminal's language."""
    parts: Parts = current_app.extensions["gsync_parts"]
    # The terminal's language, as the CRM's pages go by the user's.
    locale = force_locale("es" if os.environ.get("LANG", "").lower().startswith("es") else "en")
    click.get_current_context().with_resource(locale)
    return parts


class plainly:  # noqa: N801 - reads as the words it stands for
    """Turns what adapters raise into one sentence and exit code 1."""

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ConfigError):
            raise click.UsageError("\n".join(error.problems)) from error
        if isinstance(error, SQLAlchemyError):
            if is_table_missing(error):
                raise Failed(_("Our tables are missing or old: run flask --app wsgi db upgrade")) from error
            error = translated(error)
        if isinstance(error, SyncError):
            raise Failed(f"{error_sentence(error.code)} ({error})") from error


def find_user(parts: Parts, login: str) -> CrmUser:
    """Return the user; raises UsageError if the CRM has none of that name."""
    user = parts.users.user_by_login(login)
    if user is None:
        raise click.UsageError(_("The CRM has no user “%(login)s”.", login=login))
    return user


def connected(login: str, module: str = CALENDAR) -> tuple[Parts, CrmUser, int]:
    """Return the parts, the user and the pair that their module uses; raises Failed if there is none."""
    parts = loaded_parts()
    user = find_user(parts, login)
    pair_id = parts.pair_of(user.user_id, module)
    if pair_id is None:
        raise Failed(error_sentence("not_connected"))
    return parts, user, pair_id
