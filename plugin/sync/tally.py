"""What a run has done so far, counted while it is done: a run that fails half way still tells what it did."""

from __future__ import annotations

from dataclasses import dataclass, field

from plugin.sync.views import SideCounts


@dataclass(slots=True)
class SideTally:
    """Counts of one side; `taken` is what goes against the cap of records per run."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    skipped: int = 0
    has_more: bool = False

    @property
    def taken(self) -> int:
        """Return how many records of the cap are used up."""
        return self.created + self.updated + self.deleted + self.skipped

    @classmethod
    def from_view(cls, counts: SideCounts) -> SideTally:
        """Return the tally that goes on from these counts."""
        return cls(counts.created, counts.updated, counts.deleted, counts.skipped)

    def view(self) -> SideCounts:
        """Return the counts as they are told."""
        return SideCounts(self.created, self.updated, self.deleted, self.skipped, self.has_more)


@dataclass(slots=True)
class Tally:
    """Both sides' counts, deletes that wait for approval, records set aside, records that the CRM couldn't hold wholly."""

    crm: SideTally = field(default_factory=SideTally)
    google: SideTally = field(default_factory=SideTally)
    held: int = 0
    parked: int = 0
    cut: int = 0

    @property
    def taken(self) -> int:
        """Return how many records have been looked after, on both sides."""
        return self.crm.taken + self.google.taken
