"""`flask --app wsgi google …`: what an administrator does on the command line.

Exit code 0 done, 1 failed, 2 bad usage or settings.
"""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from plugin.bootstrap import Parts
from plugin.bootstrap.parts import redirect_uri
from plugin.bootstrap.transaction import is_table_missing, translated
from plugin.cli.report import run_json, run_line, tell_json, tell_run
from plugin.core.errors import ConfigError, SyncError
from plugin.crm import planner
from plugin.doctor import examine
from plugin.jobs.schedule import take_back_abandoned
from plugin.jobs.tasks import carry_out
from plugin.sentences import error_sentence
from plugin.sync.ports import CrmUser
from plugin.sync.views import MODULES, RunStatus, RunView

APPROVAL = timedelta(hours=1)

google_commands = AppGroup("google", help="Synchronization with Google.")
as_json = click.option("--json", "is_json", is_flag=True, help="Report as JSON.")
of_user = click.option("--user", "login", required=True, metavar="LOGIN", help="The CRM user's login name.")


class _Failed(click.ClickException):
    exit_code = 1


@google_commands.command("urls")
@as_json
def tell_urls(is_json: bool) -> None:
    """Tell the origin and redirect URIs to paste into Google's console."""
    url = _parts().settings.crm_url
    split = urlsplit(url)
    origin = f"{split.scheme}://{split.netloc}"
    uris = [redirect_uri(url, module) for module in MODULES]
    if is_json:
        tell_json({"origin": origin, "redirect_uris": uris})
        return
    click.echo(_("Authorized JavaScript origin:"))
    click.echo(f"  {origin}")
    click.echo(_("Authorized redirect URIs:"))
    for uri in uris:
        click.echo(f"  {uri}")


@google_commands.command("credentials")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def register_client(file: Path) -> None:
    """Register the OAuth client: FILE is the JSON that Google's console gives."""
    parts = _parts()
    client_id, secret, uris = _read_client(file)
    with _plainly():
        parts.tokens.save_client(client_id, secret, parts.clock())
    click.echo(_("Registered the client %(client)s.", client=client_id))
    for uri in sorted({redirect_uri(parts.settings.crm_url, m) for m in MODULES} - uris):
        click.echo(_("Not in its redirect URIs yet, add it in Google's console: %(uri)s", uri=uri), err=True)
    if parts.settings.google_client_id:
        click.echo(_("GSYNC_GOOGLE_CLIENT_ID is set and goes before it."), err=True)


@google_commands.command("sync")
@of_user
@as_json
def sync_user(login: str, is_json: bool) -> None:
    """Sync a user's calendar now, in this process."""
    parts = _parts()
    with _plainly():
        user = _user(parts, login)
        pair_id = parts.pair_of(user.user_id)
        if pair_id is None:
            raise _Failed(error_sentence("not_connected"))
        run, is_new = parts.run_store.request(pair_id, "cli", parts.clock())
        if not is_new and not is_json:
            click.echo(_("A synchronization is already under way; waiting for it."))
        run = _carried_out(parts, run)
    tell_json(run_json(run)) if is_json else tell_run(run)
    if run.status is RunStatus.FAILED:
        raise SystemExit(1)


@google_commands.command("history")
@click.option("--user", "login", metavar="LOGIN", help="Only this CRM user's runs.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@as_json
def tell_history(login: str | None, limit: int, is_json: bool) -> None:
    """Tell the latest runs."""
    parts = _parts()
    with _plainly():
        user_id = _user(parts, login).user_id if login else None
        runs = parts.run_store.history(user_id, limit)
    if is_json:
        tell_json([run_json(run) for run in runs])
        return
    if not runs:
        click.echo(_("No synchronization yet."))
    for run in runs:
        click.echo(run_line(run))


@google_commands.command("approve")
@of_user
def approve_deletions(login: str) -> None:
    """Let a user's held deletions go ahead in the runs of the next hour."""
    parts = _parts()
    with _plainly():
        pair_id = parts.pair_of(_user(parts, login).user_id)
        if pair_id is None:
            raise _Failed(error_sentence("not_connected"))
        parts.pairs.approve_deletions(pair_id, parts.clock() + APPROVAL)
    click.echo(_("Approved for one hour: the next synchronization carries the held deletions out."))


@google_commands.command("adopt")
@click.option("--moved", "how", flag_value="moved", help="The same CRM, now at another address.")
@click.option(
    "--copy", "how", flag_value="copy", help="A copy: drop its grants, so that it touches nobody's calendar."
)
def adopt(how: str | None) -> None:
    """Say what this database is, after it was moved or copied."""
    if how is None:
        raise click.UsageError(_("Say --moved or --copy."))
    install = _parts().install
    with _plainly():
        install.adopt_moved() if how == "moved" else install.adopt_copy()
    click.echo(_("Done. The synchronization may run again."))


@google_commands.command("planner")
def create_planner_task() -> None:
    """Create the planner's task, disabled, and its handler file under the CRM's root."""
    parts = _parts()
    task = parts.settings.planner_task
    with _plainly():
        is_there = planner.create(parts.engine, task, parts.settings.crm_root)
    if not is_there:
        raise _Failed(_("Give GSYNC_CRM_ROOT: the task's handler file has to stand under the CRM's root."))
    click.echo(
        _("The task “%(task)s” is in the CRM's planner; an administrator enables it there.", task=task)
    )


@google_commands.command("doctor")
@as_json
def tell_health(is_json: bool) -> None:
    """Look at every part, and say what to do about what isn't well."""
    findings = list(examine(_parts()))
    if is_json:
        tell_json([{"part": f.part, "ok": f.is_well, "message": f.sentence} for f in findings])
    else:
        for f in findings:
            click.echo(f"{'ok  ' if f.is_well else 'FAIL'} {f.part:<9} {f.sentence}")
    if not all(f.is_well for f in findings):
        raise SystemExit(1)


# --- what the commands share ---


def _parts() -> Parts:
    parts: Parts = current_app.extensions["gsync_parts"]
    # The terminal's language, as the CRM's pages go by the user's.
    locale = force_locale("es" if os.environ.get("LANG", "").lower().startswith("es") else "en")
    click.get_current_context().with_resource(locale)
    return parts


class _plainly:  # noqa: N801 - reads as the words it stands for
    """Turns what adapters raise into one sentence and exit code 1."""

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ConfigError):
            raise click.UsageError("\n".join(error.problems)) from error
        if isinstance(error, SQLAlchemyError):
            if is_table_missing(error):
                raise _Failed(_("Our tables are missing or old: run flask --app wsgi db upgrade")) from error
            error = translated(error)
        if isinstance(error, SyncError):
            raise _Failed(f"{error_sentence(error.code)} ({error})") from error


def _read_client(file: Path) -> tuple[str, str, set[str]]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        if "installed" in document:
            raise click.UsageError(
                _(
                    "%(file)s belongs to a desktop client: in Google's console, create one of the type web application",
                    file=file,
                )
            )
        client = document["web"]
        client_id, secret = client["client_id"], client["client_secret"]
        if not (client_id and isinstance(client_id, str) and secret and isinstance(secret, str)):
            raise ValueError("a client has id and secret")
        return client_id, secret, {uri for uri in client.get("redirect_uris") or [] if isinstance(uri, str)}
    except (OSError, ValueError, KeyError, TypeError):
        raise click.UsageError(
            _(
                "%(file)s is not the JSON of a web client: in Google's console, download it under Credentials",
                file=file,
            )
        ) from None


def _user(parts: Parts, login: str) -> CrmUser:
    user = parts.users.user_by_login(login)
    if user is None:
        raise click.UsageError(_("The CRM has no user “%(login)s”.", login=login))
    return user


def _carried_out(parts: Parts, run: RunView) -> RunView:
    while run.status in {RunStatus.QUEUED, RunStatus.RUNNING}:
        # Whoever asked for it, and whether or not workers are running: one of us carries it out.
        take_back_abandoned(parts)
        carry_out(parts, run.run_id)
        latest = parts.run_store.view(run.run_id)
        if latest is None:
            raise _Failed(error_sentence("run_unknown"))
        run = latest
        if run.status in {RunStatus.QUEUED, RunStatus.RUNNING}:
            time.sleep(1)
    return run


# The commands that stand in files of their own share them too.
CommandFailed, find_parts, find_user, plainly = _Failed, _parts, _user, _plainly
