"""What calls of the People API cost, by Google's five metrics, and the limits a switch may set.

https://developers.google.com/people/v1/contacts (costs); the limits stand in the Cloud console only. Minutes and days go by the
simulator's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from demo.google.people_errors import PlatformError, quota_exceeded

if TYPE_CHECKING:
    from demo.google.world import World

READ = {"critical_reads": 1}
WRITE = {"critical_reads": 1, "critical_writes": 1, "daily_writes": 1}
BATCH_WRITE = {"critical_reads": 6, "critical_writes": 6, "daily_writes": 200}
DELETE = {"writes": 1}
DELETE_MANY = {"writes": 10}
GROUP_READ = {"group_reads": 1}
GROUP_WRITE = {"writes": 1}
FULL_SYNC = "full_syncs"

_NAMES = {
    "critical_reads": "Critical read requests (Contact and Profile Reads)",
    "critical_writes": "Critical write requests (Contact and Profile Writes)",
    "daily_writes": "Daily Contact Writes (Total)",
    "writes": "Write requests (Contact deletes and group writes)",
    "group_reads": "Contact group read requests",
    FULL_SYNC: "FBS quota: first page of a full sync",
}


class PeopleQuota:
    """What each user spent, by metric."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._spent: dict[tuple[str, str], list[tuple[float, int]]] = {}

    def charge(self, user: str, costs: Mapping[str, int]) -> PlatformError | None:
        """Count the call; the error to answer when a limit is passed (refused calls cost nothing)."""
        for metric, units in costs.items():
            limit = getattr(self._world.switches, f"people_{metric}")
            if limit is not None and self._used(user, metric) + units > limit:
                span = "day" if metric == "daily_writes" else "minute"
                return quota_exceeded(_NAMES[metric], f"{_NAMES[metric]} per {span} per user")
        now = self._world.clock.now().timestamp()
        for metric, units in costs.items():
            self._spent.setdefault((user, metric), []).append((now, units))
        return None

    def _used(self, user: str, metric: str) -> int:
        window_s = 86_400 if metric == "daily_writes" else 60
        since = self._world.clock.now().timestamp() - window_s
        kept = [entry for entry in self._spent.get((user, metric), ()) if entry[0] > since]
        self._spent[user, metric] = kept
        return sum(units for _, units in kept)


def charge_full_sync(world: World, user: str) -> None:
    """The extra quota of the first page of a full sync; raises 429."""
    refused = world.people_quota.charge(user, {FULL_SYNC: 1})
    if refused:
        raise refused
