"""How runs are told on the command line: a table, a line, JSON."""

from __future__ import annotations

import json
from typing import Any

import click
from flask_babel import gettext as _

from plugin.sentences import cut_sentence, error_sentence, held_sentence, parked_sentence
from plugin.sync.views import RunStatus, RunView

_DOCTOR_KNOWS = {"config", "schema", "database", "redis", "key_missing", "no_client", "foreign_install"}


def tell_run(run: RunView) -> None:
    """Print what a run did, as a table."""
    header = ("", _("created"), _("updated"), _("deleted"), _("skipped"))
    click.echo("{:<8}{:>10}{:>10}{:>10}{:>10}".format(*header))
    for name, side in (("CRM", run.crm), ("Google", run.google)):
        click.echo(f"{name:<8}{side.created:>10}{side.updated:>10}{side.deleted:>10}{side.skipped:>10}")
    if run.crm.has_more or run.google.has_more:
        click.echo(_("There are more records to be synchronized; run it again."))
    for sentence in (held_sentence(run), parked_sentence(run), cut_sentence(run)):
        if sentence:
            click.echo(sentence)
    if run.status is RunStatus.FAILED:
        click.echo(failure_text(run.error_code, run.module), err=True)


def failure_text(code: str, module: str) -> str:
    """Return what went wrong; whoever reads it here is the administrator that the sentence sends people to."""
    advice = _("flask --app wsgi google doctor says what to do.") if code in _DOCTOR_KNOWS else ""
    return f"{error_sentence(code, module)} {advice}".rstrip()


def run_line(run: RunView) -> str:
    """Return a run in one line."""
    when = run.requested_utc.strftime("%Y-%m-%d %H:%M:%SZ") if run.requested_utc else ""
    counts = " ".join(
        f"{name} +{side.created} ~{side.updated} -{side.deleted} !{side.skipped}"
        for name, side in (("CRM", run.crm), ("Google", run.google))
    )
    problem = f"  {error_sentence(run.error_code, run.module)}" if run.error_code else ""
    return f"{run.run_id:>6} {when} {run.module:<8} {run.trigger:<7} {run.status.value:<7} {counts}{problem}"


def run_json(run: RunView) -> dict[str, Any]:
    """Return a run as programs read it."""
    sides = {
        name: {
            "created": side.created,
            "updated": side.updated,
            "deleted": side.deleted,
            "skipped": side.skipped,
            "more": side.has_more,
        }
        for name, side in (("crm", run.crm), ("google", run.google))
    }
    return {
        "run_id": run.run_id,
        "module": run.module,
        "trigger": run.trigger,
        "status": run.status.value,
        **sides,
        "held": run.held,
        "parked": run.parked,
        "cut": run.cut,
        "error": run.error_code or None,
        "requested_utc": run.requested_utc.isoformat() if run.requested_utc else None,
        "finished_utc": run.finished_utc.isoformat() if run.finished_utc else None,
    }


def tell_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
