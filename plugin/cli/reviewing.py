"""Commands about what waits for a person: deletions that are held, records that are set aside."""

from __future__ import annotations

from typing import Any

import click
from flask_babel import gettext as _

from plugin.bootstrap import SqlReviews
from plugin.cli.common import Failed, as_json, connected, google_commands, of_user, plainly
from plugin.cli.records import change_json, change_line, parked_json, parked_line
from plugin.cli.report import tell_json
from plugin.sync.preview import list_digest


@google_commands.command("held")
@of_user
@as_json
def tell_held(login: str, is_json: bool) -> None:
    """List a user's deletions that wait for approval."""
    with plainly():
        parts, user, pair_id = connected(login)
        changes = SqlReviews(parts).held(pair_id)
    zone = parts.settings.crm_timezone
    _tell([change_json(c) for c in changes], [change_line(c, user, zone) for c in changes],
          _("No deletion waits for approval."), is_json=is_json)  # fmt: skip


@google_commands.command("parked")
@of_user
@as_json
def tell_parked(login: str, is_json: bool) -> None:
    """List a user's records that are set aside: why, since when, and when they are tried again."""
    with plainly():
        parts, user, pair_id = connected(login)
        records = SqlReviews(parts).parked(pair_id)
    zone = parts.settings.crm_timezone
    _tell([parked_json(r) for r in records], [parked_line(r, user, zone) for r in records],
          _("No record is set aside."), is_json=is_json)  # fmt: skip


@google_commands.command("approve")
@of_user
@click.option("--yes", "is_sure", is_flag=True, help="Don't ask.")
def approve_deletions(login: str, is_sure: bool) -> None:
    """List a user's held deletions, and approve just those after a question; what is held later waits again."""
    with plainly():
        parts, user, pair_id = connected(login)
        reviews = SqlReviews(parts)
        changes = reviews.held(pair_id)
    _tell([], [change_line(c, user, parts.settings.crm_timezone) for c in changes],
          _("No deletion waits for approval."), is_json=False)  # fmt: skip
    if not changes:
        return
    if not is_sure:
        click.confirm(_("Delete these?"), abort=True)
    with plainly():
        if not reviews.approve(pair_id, list_digest(changes)):
            raise Failed(
                _("The list has changed meanwhile; nothing was approved. Please look at it once more.")
            )
    click.echo(_("Approved: the next synchronization carries these deletions out."))


def _tell(values: list[dict[str, Any]], lines: list[str], nothing: str, *, is_json: bool) -> None:
    if is_json:
        tell_json(values)
        return
    for line in lines or [nothing]:
        click.echo(line)
