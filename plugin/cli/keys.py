"""The command about GSYNC_TOKEN_KEYS."""

from __future__ import annotations

import click
from flask_babel import gettext as _

from plugin.cli.common import as_json, google_commands, loaded_parts, plainly
from plugin.cli.report import tell_json
from plugin.state.rotation import encrypt_anew


@google_commands.command("rotate")
@click.option(
    "--drop-lost",
    is_flag=True,
    help="Ask users whose grant no key decrypts to connect again: the key is lost for good.",
)
@as_json
def rotate_keys(drop_lost: bool, is_json: bool) -> None:
    """Encrypt all grants anew with the first of GSYNC_TOKEN_KEYS, so that the others can be taken out."""
    parts = loaded_parts()
    with plainly():
        done = encrypt_anew(parts.engine, parts.secrets, drop_lost=drop_lost)
    lost = list(done.lost_user_ids)
    if is_json:
        tell_json({"renewed": done.renewed, "lost_user_ids": lost, "is_client_lost": done.is_client_lost})
    else:
        click.echo(_("%(count)d secrets are encrypted with the first key now.", count=done.renewed))
        _tell_lost(lost, drop_lost=drop_lost, is_client_lost=done.is_client_lost)
    if done.is_client_lost or (lost and not drop_lost):
        raise SystemExit(1)


def _tell_lost(user_ids: list[int], *, drop_lost: bool, is_client_lost: bool) -> None:
    if user_ids:
        users = ", ".join(str(user_id) for user_id in user_ids)
        how = (
            _("they have to connect again")
            if drop_lost
            else _("put the key back behind the first; if it is lost, --drop-lost")
        )
        click.echo(
            _("No key decrypts the grants of the CRM users %(users)s: %(how)s.", users=users, how=how),
            err=True,
        )
    if is_client_lost:
        how = _("put the key back, or register the client again: flask --app wsgi google credentials FILE")
        click.echo(_("No key decrypts the OAuth client's secret: %(how)s.", how=how), err=True)
