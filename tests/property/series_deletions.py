"""What runs may delete of series: the oracle of deletions.py, occurrence by occurrence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from plugin.core.model import Link, LinkState, Side
from plugin.core.plan import BRAKE_CEILING, BRAKE_FLOOR, BRAKE_SHARE
from plugin.core.series import slot_of_id, split_instance_id
from plugin.sync.memory_ports import JournalEntry
from tests.builders import USER_ID
from tests.fakes.series_world import SeriesWorld
from tests.fakes.tables import StoredActivity
from tests.property.deletions import DELETES, Approved, has_guests


@dataclass(frozen=True)
class SeriesMoment:
    """What there was before a run."""

    activities: Mapping[int, StoredActivity]
    items: Mapping[str, Any]
    links: list[Link]
    deletions: int


def series_moment_of(world: SeriesWorld) -> SeriesMoment:
    """Return what takes place now, occurrences that only a rule makes included."""
    stored = world.database.tables.activities
    activities = {i: s for i, s in stored.items() if s.row.description and not s.is_deleted}
    return SeriesMoment(activities, world.google_items(), world.links, _count(world.journal))


def check_series_deletions(world: SeriesWorld, before: SeriesMoment, approved: Approved) -> None:
    """Assert that the run since then deleted only what was deleted or given away on the other side, or what was approved."""
    links = [*world.links, *before.links]
    by_crm_id = {link.crm_id: link for link in links}
    by_google_id = {link.google_id: link for link in links}
    unapproved: set[str] = set()
    for crm_id, stored in before.activities.items():
        if world.crm.stored(crm_id).is_deleted:
            link = by_crm_id[crm_id]
            assert link.google_id not in before.items, f"{stored.row.description}: its event was there"
            assert stored.owner_id == USER_ID
            if (link.google_id, False) not in approved:
                unapproved.add(link.series_id or link.google_id)
    left = world.google_items()
    moved = _moved(before.items, left)
    for google_id, event in before.items.items():
        # Where all of a series got other hours in the CRM, each occurrence has another slot, and so another id.
        if google_id in left or (split_instance_id(google_id) or ("", ""))[0] in moved:
            continue
        link = by_google_id.get(google_id)
        is_approved = (google_id, has_guests(event)) in approved
        if link is None:
            _check_unseen(google_id, event, links, before)
            assert is_approved or not has_guests(event), f"{event['description']}: its guests are told"
            continue
        _check_event(event, link, before)
        assert is_approved or not has_guests(event), f"{event['description']}: its guests are told"
        if not is_approved:
            unapproved.add(link.series_id or google_id)
    _check_brake(world, before, unapproved)


def _moved(before: Mapping[str, Any], left: Mapping[str, Any]) -> set[str]:
    """Return the series that take place as often as before, and all of whose occurrences have other slots."""
    was, now = _slots(before), _slots(left)
    return {i for i, slots in was.items() if i in now and len(slots) == len(now[i]) and not slots & now[i]}


def _slots(items: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for series_id, slot in filter(None, map(split_instance_id, items)):
        found.setdefault(series_id, set()).add(slot)
    return found


def _check_event(event: Mapping[str, Any], link: Link, before: SeriesMoment) -> None:
    activity, tag = before.activities.get(link.crm_id), event["description"]
    assert activity is None or activity.owner_id != USER_ID, f"{tag}: its activity was there"
    assert activity is None or link.origin is Side.CRM, f"{tag}: Google's own"


def _check_unseen(google_id: str, event: Mapping[str, Any], links: list[Link], before: SeriesMoment) -> None:
    """An occurrence that the CRM never held goes only with the end of its series, which the CRM's user deleted."""
    split = split_instance_id(google_id)
    # An event that was repeated meanwhile has the link that it had alone.
    own = [link for link in links if split and split[0] in {link.series_id, link.google_id}]
    assert own, f"{event['description']}: never in the CRM"
    last = max(own, key=lambda link: str(slot_of_id(link.google_id)))
    activity = before.activities.get(last.crm_id)
    assert activity is None or activity.owner_id != USER_ID, f"{event['description']}: its series goes on"


def _check_brake(world: SeriesWorld, before: SeriesMoment, unapproved: set[str]) -> None:
    since = world.now - timedelta(hours=24)
    recent = [entry for at, entry in world.database.tables.journal if at > since]
    total = _count(recent)
    live = [link for link in before.links if link.state is not LinkState.DEAD]
    records = len({link.series_id or link.google_id for link in live})
    is_few = total <= BRAKE_FLOOR or total <= BRAKE_SHARE * (records + before.deletions)
    assert not unapproved or (is_few and total <= BRAKE_CEILING), (unapproved, total, records)


def _count(entries: list[JournalEntry]) -> int:
    deleted = [entry for entry in entries if entry.action in DELETES]
    # What was approved of a series speaks for all of it.
    approved = {entry.series_id or id(entry) for entry in deleted if entry.is_approved}
    return len({entry.series_id or id(entry) for entry in deleted} - approved)
