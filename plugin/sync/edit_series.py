"""CRM→Google: an edit of "all" of a series is sent once, for the series, where that says the same."""

from __future__ import annotations

from collections.abc import Sequence

from plugin.core.errors import MappingError
from plugin.core.reconcile import Decision
from plugin.core.series_edit import FEWEST, edit_of_series, is_part_of_an_edit
from plugin.sync.ports import UnitOfWork


def edits_of_series(uow: UnitOfWork, decisions: Sequence[Decision]) -> Sequence[Decision]:
    """Return the decisions, with those that are one edit of a whole series put together, where the first of them was."""
    parts: dict[str, list[Decision]] = {}
    for decision in decisions:
        if is_part_of_an_edit(decision) and decision.link is not None and decision.link.series_id is not None:
            parts.setdefault(decision.link.series_id, []).append(decision)
    ids = sorted(series_id for series_id, of in parts.items() if len(of) >= FEWEST)
    if not ids:
        return decisions
    links = uow.state.load_links(series_ids=ids)
    edit_at: dict[int, Decision] = {}
    covered: set[int] = set()
    for series in uow.state.load_series_of(google_ids=ids):
        try:
            edit = edit_of_series(series, links, parts[series.google_id])
        except MappingError:
            continue  # it is set aside for that; its occurrences are written one by one
        if edit is not None:
            edit_at[id(edit.members[0])] = edit
            covered |= {id(member) for member in edit.members}
    return [edit_at.get(id(d), d) for d in decisions if id(d) in edit_at or id(d) not in covered]
