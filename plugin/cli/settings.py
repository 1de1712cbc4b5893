"""`flask --app wsgi google settings`: what a user chose, shown or changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import click
from flask_babel import gettext as _

from plugin.cli.common import Failed, as_json, connected, google_commands, of_user, plainly
from plugin.cli.report import tell_json
from plugin.core.model import Direction, Policy
from plugin.sentences import outcome_sentence
from plugin.sync.views import ConnectOutcome, Preferences


@google_commands.command("settings")
@of_user
@click.option(
    "--direction",
    type=click.Choice([d.value for d in Direction]),
    help="11 both, 10 to the CRM, 01 to Google.",
)
@click.option("--policy", type=click.Choice([p.value for p in Policy]), help="Who wins a conflict.")
@click.option("--from", "sync_from", metavar="DATE|none", help="Leave out what ends before it.")
@as_json
def settings_of_user(
    login: str, direction: str | None, policy: str | None, sync_from: str | None, is_json: bool
) -> None:
    """Show a user's direction, policy and start date, or change and show them."""
    with plainly():
        parts, _user, pair_id = connected(login)
        before = parts.preferences.load(pair_id)
        chosen = replace(
            before,
            direction=Direction(direction) if direction else before.direction,
            policy=Policy(policy) if policy else before.policy,
            sync_from=_date(sync_from) if sync_from else before.sync_from,
        )
        if chosen != before and not parts.preferences.save(pair_id, chosen):
            raise Failed(outcome_sentence(ConnectOutcome.TAKEN))
    _tell(chosen, is_json=is_json)


def _date(text: str) -> date | None:
    try:
        return None if text == "none" else date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(_("Say a date like 2026-01-31, or none."), param_hint="--from") from None


def _tell(chosen: Preferences, *, is_json: bool) -> None:
    values = {
        "direction": chosen.direction.value,
        "policy": chosen.policy.value,
        "from": chosen.sync_from.isoformat() if chosen.sync_from else None,
    }
    if is_json:
        tell_json(values)
        return
    for name, value in values.items():
        click.echo(f"{name:<10} {value or 'none'}")
