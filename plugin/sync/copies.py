"""Which of the events that bear our marker are copies of ours: Google's "this and following" takes the marker along.

So does an event of ours that was made a series after its activity had gone on with another event. A stranger's marker is never
taken off: what another connection made must not become a new record here.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from plugin.core.model import GoogleChange
from plugin.sync.ports import Run, UnitOfWork


def told_apart(
    run: Run, uow: UnitOfWork, changes: Sequence[GoogleChange], linked: Container[str]
) -> tuple[list[GoogleChange], list[GoogleChange]]:
    """Return the changes to decide about, and those that wait for it to be known what became of our own create.

    Of those that aren't `linked`, a marker whose link is this pair's and remembers another event is taken off. While a create
    with its key is on its way, the event may be what that makes.
    """
    ours = [change for change in changes if change.google_id not in linked and _is_marked(run, change)]
    keys = sorted({change.marker.link_key for change in ours if change.marker is not None})
    if not keys:
        return list(changes), []
    known = {link.link_key for link in uow.state.load_links(link_keys=keys)}
    busy = {intent.link_key for intent in uow.state.load_intents() if intent.is_create}
    marks = {change.google_id: change.marker.link_key for change in ours if change.marker is not None}
    # A person whose create is in doubt is looked for by its module itself.
    waiting = {i for i, key in marks.items() if key in busy and run.module.knows_new_ids()}
    copies = {i for i, key in marks.items() if key in known}
    decided = [
        replace(change, marker=None) if change.google_id in copies else change
        for change in changes
        if change.google_id not in waiting
    ]
    return decided, [change for change in ours if change.google_id in waiting]


def _is_marked(run: Run, change: GoogleChange) -> bool:
    marker = change.marker
    return marker is not None and marker.install_id == run.install_id and not change.is_merged
