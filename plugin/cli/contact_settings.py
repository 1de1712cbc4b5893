"""What `flask google settings --module Contacts` shows and changes besides, and `flask google labels`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import click
from flask_babel import gettext as _

from plugin.bootstrap import Parts, choose_label
from plugin.cli.common import Failed, as_json, connected, google_commands, of_user, plainly
from plugin.cli.report import tell_json
from plugin.contact_sentences import label_name, problem_sentence, resting_sentence
from plugin.core.contact import Kind, Slot
from plugin.core.mapping.contact_mapping import (
    CHOOSABLE,
    Fields,
    ProblemCode,
    in_force,
    json_from_choice,
    problems_of,
)
from plugin.core.model import Direction
from plugin.sentences import settings_sentence
from plugin.sync.views import ALL_CONTACTS, CONTACTS, ConnectionView, Preferences, SettingsOutcome

EVERYBODY = "all"


def contact_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that only contacts have."""
    options = (
        click.option("--label", "label_id", metavar="ID|all", help="Contacts: one of flask google labels."),
        click.option(
            "--create-organizations/--no-create-organizations",
            "creates_accounts",
            default=None,
            help="Contacts: create organizations that the CRM lacks.",
        ),
        click.option(
            "--map",
            "mapping",
            multiple=True,
            metavar="FIELD=KIND:TYPE|default",
            help="Contacts: the whole field mapping, one --map for each row; default: the CRM's own.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def change_contacts(
    parts: Parts,
    pair_id: int,
    before: Preferences,
    *,
    label_id: str | None,
    creates_accounts: bool | None,
    mapping: tuple[str, ...],
) -> Preferences:
    """Take up the label, and return the settings with what was given besides. Raises Failed, BadParameter."""
    chosen = before
    if mapping:
        chosen = replace(chosen, field_choice=_choice(mapping, before, parts.contact_fields()))
    if creates_accounts is not None:
        chosen = replace(chosen, creates_accounts=creates_accounts)
    if label_id is None:
        return chosen
    outcome = choose_label(parts).choose(pair_id, ALL_CONTACTS if label_id == EVERYBODY else label_id)
    if outcome is SettingsOutcome.UNKNOWN:
        raise Failed(settings_sentence(outcome, CONTACTS))
    if outcome is SettingsOutcome.TAKEN:
        click.echo(settings_sentence(outcome, CONTACTS), err=True)
        chosen = replace(chosen, direction=Direction.GOOGLE_TO_CRM)
    return chosen


def tell_contacts(chosen: Preferences, connection: ConnectionView, fields: Fields, *, is_json: bool) -> None:
    """Print what holds for a user's contacts."""
    mapping, resting = in_force(chosen.field_choice, fields)
    if chosen.field_choice is None:
        resting = ()
    rows = [slot for slot in mapping.slots if slot.kind in CHOOSABLE]
    if is_json:
        tell_json(
            {
                "label": connection.collection_id if connection.collection_id != ALL_CONTACTS else EVERYBODY,
                "direction": chosen.direction.value,
                "policy": chosen.policy.value,
                "creates_organizations": chosen.creates_accounts,
                "is_own_mapping": chosen.field_choice is not None,
                "mapping": json_from_choice(rows),
                "resting": json_from_choice(resting),
            }
        )
        return
    values = {
        "label": label_name(connection),
        "direction": chosen.direction.value,
        "policy": chosen.policy.value,
        "create-organizations": "yes" if chosen.creates_accounts else "no",
    }
    for name, value in values.items():
        click.echo(f"{name:<21} {value}")
    for slot in rows:
        click.echo(f"{'map':<21} {slot.crm_field}={slot.kind.value}:{slot.type}")
    for slot in resting:
        click.echo(resting_sentence(slot), err=True)


@google_commands.command("labels")
@of_user
@as_json
def tell_labels(login: str, is_json: bool) -> None:
    """List the labels of Google's contacts that a user may choose, as Google knows them now."""
    with plainly():
        parts, user, pair_id = connected(login, CONTACTS)
        current_id = parts.grants.connection(user.user_id, CONTACTS).collection_id
        offered = choose_label(parts).offered(pair_id, current_id)
    if is_json:
        tell_json([asdict(label) for label in offered])
        return
    for label in offered:
        label_id = EVERYBODY if label.group_id == ALL_CONTACTS else label.group_id
        note = _("Another CRM user synchronizes it: from Google to the CRM only.") if label.is_taken else ""
        mark = "*" if label.is_current else " "
        click.echo(f"{mark} {label_id}  {label_name(label)}{f'  ({note})' if note else ''}")


def _choice(mapping: tuple[str, ...], before: Preferences, fields: Fields) -> tuple[Slot, ...] | None:
    if mapping == ("default",):
        return None
    choice = tuple(_slot(row) for row in mapping)
    kept = before.field_choice or ()
    problems = [
        problem_sentence(problem, fields)
        for problem in problems_of(choice, fields)
        if problem.code is not ProblemCode.UNKNOWN_FIELD or problem.slot not in kept
    ]
    if problems:
        raise click.BadParameter("\n".join(problems), param_hint="--map")
    return choice


def _slot(row: str) -> Slot:
    crm_field, _equals, place = row.partition("=")
    kind, colon, type_ = place.partition(":")
    known = {kind.value: kind for kind in Kind if kind in CHOOSABLE}
    if not (crm_field and colon and kind in known):
        text = _(
            "Say FIELD=KIND:TYPE, for instance otherphone=phone:main; kinds: %(kinds)s.",
            kinds=", ".join(sorted(known)),
        )
        raise click.BadParameter(text, param_hint="--map")
    return Slot(crm_field, known[kind], type_.strip())
