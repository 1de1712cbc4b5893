"""Which of the events that bear our marker are copies of ours: Google's "this and following" takes the marker along.

So does an event of ours that was made a series after its activity had gone on with another event. A stranger's marker is never
taken off: what another connection made must not become a new record here.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from plugin.core.model import GoogleChange
from plugin.sync.ports import Run, UnitOfWork


def without_own_marker(
    run: Run, uow: UnitOfWork, changes: Sequence[GoogleChange], linked: Container[str]
) -> list[GoogleChange]:
    """Return the changes, those that aren't `linked` without a marker whose link is this pair's and remembers another event.

    While a create with that link's key is on its way, the event may be what it makes: then it keeps its marker.
    """
    keys = {
        change.marker.link_key
        for change in changes
        if change.marker is not None
        and change.marker.install_id == run.install_id
        and not change.is_merged
        and change.google_id not in linked
    }
    if not keys:
        return list(changes)
    known = {link.link_key for link in uow.state.load_links(link_keys=sorted(keys))}
    known -= {intent.link_key for intent in uow.state.load_intents() if intent.is_create}
    return [
        replace(change, marker=None)
        if change.marker is not None
        and change.marker.link_key in known & keys
        and change.google_id not in linked
        else change
        for change in changes
    ]
