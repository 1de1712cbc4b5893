"""`flask --app wsgi google settings`: what a user chose, shown or changed."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date

import click
from flask_babel import gettext as _

from plugin.bootstrap import Parts, choose_calendar
from plugin.cli.common import Failed, as_json, connected, google_commands, of_user, plainly
from plugin.cli.report import tell_json
from plugin.core.model import Direction, Policy
from plugin.sentences import settings_sentence
from plugin.sync.ports import CrmUser
from plugin.sync.views import CALENDAR, ConnectionView, OfferedCalendar, Preferences, SettingsOutcome


@google_commands.command("settings")
@of_user
@click.option(
    "--direction",
    type=click.Choice([d.value for d in Direction]),
    help="11 both, 10 to the CRM, 01 to Google.",
)
@click.option("--policy", type=click.Choice([p.value for p in Policy]), help="Who wins a conflict.")
@click.option("--calendar", "calendar_id", metavar="ID|primary", help="One of flask google calendars.")
@click.option("--from", "sync_from", metavar="DATE|none", help="Leave out what ends before it.")
@as_json
def settings_of_user(
    login: str,
    direction: str | None,
    policy: str | None,
    calendar_id: str | None,
    sync_from: str | None,
    is_json: bool,
) -> None:
    """Show a user's calendar, direction, policy and start date, or change and show them."""
    from_date = _date(sync_from) if sync_from else None
    with plainly():
        parts, user, pair_id = connected(login)
        if calendar_id:
            pair_id = _choose(parts, user, pair_id, calendar_id)
        before = parts.preferences.load(pair_id)
        chosen = replace(
            before,
            direction=Direction(direction) if direction else before.direction,
            policy=Policy(policy) if policy else before.policy,
            sync_from=from_date if sync_from else before.sync_from,
        )
        if chosen != before:
            outcome = parts.preferences.save(pair_id, chosen)
            if outcome is not SettingsOutcome.KEPT:
                raise Failed(settings_sentence(outcome))
        connection = parts.grants.connection(user.user_id, CALENDAR)
    _tell(chosen, connection, is_json=is_json)


@google_commands.command("calendars")
@of_user
@as_json
def tell_calendars(login: str, is_json: bool) -> None:
    """List the Google calendars that a user may choose, as Google knows them now."""
    with plainly():
        parts, user, pair_id = connected(login)
        current_id = parts.grants.connection(user.user_id, CALENDAR).collection_id
        offered = choose_calendar(parts).offered(pair_id, current_id)
    if is_json:
        tell_json([asdict(calendar) for calendar in offered])
        return
    for calendar in offered:
        click.echo(_line(calendar))


def _choose(parts: Parts, user: CrmUser, pair_id: int, calendar_id: str) -> int:
    outcome = choose_calendar(parts).choose(pair_id, calendar_id)
    if outcome is SettingsOutcome.UNKNOWN:
        raise Failed(settings_sentence(outcome))
    if outcome is not SettingsOutcome.KEPT:
        click.echo(settings_sentence(outcome), err=True)
    return parts.pair_of(user.user_id) or pair_id


def _line(calendar: OfferedCalendar) -> str:
    notes = [
        _("main calendar") if calendar.is_primary else "",
        "" if calendar.can_write else _("You may only read it: from Google to the CRM only."),
        _("Another CRM user synchronizes it: from Google to the CRM only.") if calendar.is_taken else "",
    ]
    told = "; ".join(note for note in notes if note)
    mark = "*" if calendar.is_current else " "
    return f"{mark} {calendar.calendar_id}  {calendar.name}{f'  ({told})' if told else ''}"


def _date(text: str) -> date | None:
    try:
        return None if text == "none" else date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(_("Say a date like 2026-01-31, or none."), param_hint="--from") from None


def _tell(chosen: Preferences, connection: ConnectionView, *, is_json: bool) -> None:
    values = {
        "calendar": connection.collection_id,
        "direction": chosen.direction.value,
        "policy": chosen.policy.value,
        "from": chosen.sync_from.isoformat() if chosen.sync_from else None,
    }
    if is_json:
        tell_json(values)
        return
    for name, value in values.items():
        click.echo(f"{name:<10} {value or 'none'}")
