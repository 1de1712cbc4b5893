"""What runs may delete: an oracle that knows nothing of decisions, only what was there before and what a person approved."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from plugin.core.model import Link, LinkState, Side
from plugin.core.plan import BRAKE_CEILING, BRAKE_FLOOR, BRAKE_SHARE
from plugin.core.reconcile import Action
from plugin.sync.memory_ports import JournalEntry
from tests.fakes.tables import StoredActivity
from tests.fakes.world import AnyWorld, World

DELETES = {Action.DELETE_CRM.value, Action.DELETE_GOOGLE.value}
# An event, and whether it had guests when its deletion was approved.
Approved = Collection[tuple[str | None, bool]]


@dataclass(frozen=True)
class Moment:
    """What there was before a run."""

    activities: Mapping[int, StoredActivity]
    events: Mapping[str, Any]
    links: list[Link]
    deletions: int


def moment_of(world: World) -> Moment:
    """Return what there is now of tagged records."""
    stored = world.database.tables.activities
    activities = {i: s for i, s in stored.items() if s.row.description and not s.is_deleted}
    events = {i: e for i, e in world.google.alive.items() if "description" in e}
    return Moment(activities, events, world.links, deletions_of(world))


def deletions_of(world: AnyWorld) -> int:
    """Return how many there have been."""
    return len([1 for entry in world.journal if is_counted(entry)])


def has_guests(event: Mapping[str, Any]) -> bool:
    """Tell whether somebody is invited."""
    return bool(event.get("attendees"))


def is_counted(entry: JournalEntry) -> bool:
    """Tell whether the brake is to count it: a deletion that nobody approved."""
    return entry.action in DELETES and not entry.is_approved


def check_deletions(world: World, before: Moment, approved: Approved) -> None:
    """Assert that the run since then deleted only what was deleted or given away on the other side, or what was approved."""
    # Of what a run that died has made, only the next one knows.
    links = [*world.links, *before.links]
    by_crm_id = {link.crm_id: link for link in links}
    by_google_id = {link.google_id: link for link in links}
    unapproved = 0
    for crm_id, stored in before.activities.items():
        if world.crm.stored(crm_id).is_deleted:
            google_id = by_crm_id[crm_id].google_id
            assert google_id not in before.events, f"{stored.row.description}: its event was there"
            assert stored.owner_id == world.user.user_id
            unapproved += (google_id, False) not in approved
    for google_id, event in before.events.items():
        if google_id not in world.google.alive:
            _check_event(event, by_google_id[google_id], before, world.user.user_id)
            is_approved = (google_id, has_guests(event)) in approved
            assert is_approved or not has_guests(event), f"{event['description']}: its guests are told"
            unapproved += not is_approved
    check_brake(world, before, unapproved)


def _check_event(event: Mapping[str, Any], link: Link, before: Moment, user_id: int) -> None:
    activity, tag = before.activities.get(link.crm_id), event["description"]
    assert activity is None or activity.owner_id != user_id, f"{tag}: its activity was there"
    assert activity is None or link.origin is Side.CRM, f"{tag}: Google's own"


def check_brake(world: AnyWorld, before: Moment, unapproved: int) -> None:
    """Assert that no more was deleted than goes without approval, if anything was."""
    since, journal = world.now - timedelta(hours=24), world.database.tables.journal
    total = len([1 for at, entry in journal if is_counted(entry) and at > since])
    live = len([link for link in before.links if link.state is not LinkState.DEAD])
    is_few = total <= BRAKE_FLOOR or total <= BRAKE_SHARE * (live + before.deletions)
    assert not unapproved or (is_few and total <= BRAKE_CEILING), (unapproved, total, live)
