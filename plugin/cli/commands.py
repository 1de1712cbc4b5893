"""`flask --app wsgi google …`: what an administrator does on the command line.

Exit code 0 done, 1 failed, 2 bad usage or settings.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask_babel import gettext as _

from plugin.bootstrap import Parts
from plugin.bootstrap.parts import redirect_uri
from plugin.cli.common import (
    Failed,
    as_json,
    connected,
    find_user,
    google_commands,
    loaded_parts,
    of_module,
    of_user,
    plainly,
)
from plugin.cli.preview import tell_preview
from plugin.cli.report import run_json, run_line, tell_json, tell_run
from plugin.core.errors import ForeignInstallError
from plugin.crm import planner
from plugin.doctor import examine
from plugin.jobs.schedule import take_back_abandoned
from plugin.jobs.tasks import carry_out
from plugin.sentences import error_sentence
from plugin.state.install import Install
from plugin.sync.views import MODULES, RunStatus, RunView


@google_commands.command("urls")
@as_json
def tell_urls(is_json: bool) -> None:
    """Tell the origin and redirect URIs to paste into Google's console."""
    url = loaded_parts().settings.crm_url
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
    parts = loaded_parts()
    client_id, secret, uris = _read_client(file)
    with plainly():
        parts.tokens.save_client(client_id, secret, parts.clock())
    click.echo(_("Registered the client %(client)s.", client=client_id))
    for uri in sorted({redirect_uri(parts.settings.crm_url, m) for m in MODULES} - uris):
        click.echo(_("Not in its redirect URIs yet, add it in Google's console: %(uri)s", uri=uri), err=True)
    if parts.settings.google_client_id:
        click.echo(_("GSYNC_GOOGLE_CLIENT_ID is set and goes before it."), err=True)


@google_commands.command("sync")
@of_user
@of_module
@click.option("--plan", "is_plan", is_flag=True, help="Only tell what would be done; nothing is written.")
@as_json
def sync_user(login: str, module: str, is_plan: bool, is_json: bool) -> None:
    """Sync a user's calendar or contacts now, in this process; with --plan, tell what that would do.

    For a plan Google is listed and compared as in a sync, in a transaction that is rolled back.
    """
    with plainly():
        parts, user, pair_id = connected(login, module)
        if is_plan:
            tell_preview(parts, user, pair_id, module, is_json=is_json)
            return
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
    parts = loaded_parts()
    with plainly():
        user_id = find_user(parts, login).user_id if login else None
        runs = parts.run_store.history(user_id, limit)
    if is_json:
        tell_json([run_json(run) for run in runs])
        return
    if not runs:
        click.echo(_("No synchronization yet."))
    for run in runs:
        click.echo(run_line(run))


@google_commands.command("adopt")
@click.option("--moved", "how", flag_value="moved", help="The same CRM, now at another address.")
@click.option(
    "--copy", "how", flag_value="copy", help="A copy: drop its grants, so that it touches nobody's calendar."
)
@click.option("--yes", "is_sure", is_flag=True, help="Don't ask.")
def adopt(how: str | None, is_sure: bool) -> None:
    """Say what this database is, after it was moved or copied."""
    if how is None:
        raise click.UsageError(_("Say --moved or --copy."))
    install = loaded_parts().install
    with plainly():
        if how == "copy" and not is_sure and _is_ours(install):
            # Typed on the wrong machine it would disconnect everybody, and nothing brings grants back.
            question = _(
                "This database belongs to this CRM already; --copy disconnects all its users. Do it?"
            )
            click.confirm(question, abort=True)
        install.adopt_moved() if how == "moved" else install.adopt_copy()
    click.echo(_("Done. The synchronization may run again."))


@google_commands.command("planner")
def create_planner_task() -> None:
    """Create the planner's task, disabled, and its handler file under the CRM's root."""
    parts = loaded_parts()
    task = parts.settings.planner_task
    with plainly():
        is_there = planner.create(parts.engine, task, parts.settings.crm_root)
    if not is_there:
        raise Failed(_("Give GSYNC_CRM_ROOT: the task's handler file has to stand under the CRM's root."))
    click.echo(
        _("The task “%(task)s” is in the CRM's planner; an administrator enables it there.", task=task)
    )


@google_commands.command("doctor")
@as_json
def tell_health(is_json: bool) -> None:
    """Look at every part, and say what to do about what isn't well."""
    findings = list(examine(loaded_parts()))
    if is_json:
        tell_json([{"part": f.part, "ok": f.is_well, "message": f.sentence} for f in findings])
    else:
        for f in findings:
            click.echo(f"{'ok  ' if f.is_well else 'FAIL'} {f.part:<9} {f.sentence}")
    if not all(f.is_well for f in findings):
        raise SystemExit(1)


# --- in pieces ---


def _is_ours(install: Install) -> bool:
    try:
        install.check()
    except ForeignInstallError:
        return False
    return True


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


def _carried_out(parts: Parts, run: RunView) -> RunView:
    while run.status in {RunStatus.QUEUED, RunStatus.RUNNING}:
        # Whoever asked for it, and whether or not workers are running: one of us carries it out.
        take_back_abandoned(parts)
        carry_out(parts, run.run_id)
        latest = parts.run_store.view(run.run_id)
        if latest is None:
            raise Failed(error_sentence("run_unknown"))
        run = latest
        if run.status in {RunStatus.QUEUED, RunStatus.RUNNING}:
            time.sleep(1)
    return run
