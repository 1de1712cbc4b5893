"""`flask google sync --plan`: what a run would do, record by record."""

from __future__ import annotations

import click
from flask_babel import gettext as _

from plugin.bootstrap import Parts
from plugin.cli.common import Failed
from plugin.cli.records import change_json, change_line
from plugin.cli.report import failure_text, tell_json
from plugin.jobs.previews import make_preview
from plugin.sync.ports import CrmUser


def tell_preview(parts: Parts, user: CrmUser, pair_id: int, module: str, *, is_json: bool) -> None:
    """Print what a run of the pair would do now; raises Failed if that can't be told."""
    view = make_preview(parts, pair_id)
    found = view.preview
    if found is None:
        raise Failed(failure_text(view.error_code, module))
    if is_json:
        changes, held = ([change_json(c) for c in some] for some in (found.changes, found.held))
        tell_json({"changes": changes, "held": held, "more": found.has_more})
        return
    told = [*found.changes, *found.held]
    if not told:
        click.echo(_("Both sides are the same: there is nothing to synchronize."))
        return
    click.echo(_("A synchronization would do this now; nothing has been written yet."))
    for change in told:
        click.echo(change_line(change, user, parts.settings.crm_timezone))
    if found.has_more:
        click.echo(_("There are more records; they would follow in the next synchronization."))
