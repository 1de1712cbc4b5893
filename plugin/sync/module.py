"""What a CRM module's sync does its own way, as a Protocol: how its records are read, said to either side, and recognised.

The engine (gather, apply, recovery …) asks these and looks into no record itself. Implementations: plugin/sync/modules/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from plugin.core.mapping.google_event import Resource
from plugin.core.merge import Fields
from plugin.core.model import Content, GoogleChange, Link
from plugin.core.reconcile import Decision, Rules
from plugin.sync.listing import Listing
from plugin.sync.memory_ports import Intent, LinkDraft, ParkedItem
from plugin.sync.ports import CrmRecord, CrmWrite, Outcome, Run, UnitOfWork
from plugin.sync.series import SeriesReports


@dataclass(frozen=True, slots=True)
class Terms:
    """How the records at hand are said to the CRM.

    `row_of(crm_id, content, draft, row before)` returns the columns; `content` is as the CRM holds it.
    """

    rules: Rules
    row_of: Callable[[int, Content, LinkDraft, Any], Any]


Compared = frozenset[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class FirstContact:
    """Links to begin with, and records whose partner is the user's to say; `over`: who was in doubt and isn't any more.

    `compared`: the CRM's records without a link, with their versions, that were looked at; None if others need no comparison.
    """

    drafts: Sequence[LinkDraft]
    doubtful: Sequence[ParkedItem] = ()
    over: Sequence[ParkedItem] = ()
    compared: Compared | None = None


class Module(Protocol):
    """See the module. `run` tells the user, the pair and the CRM's limits."""

    def terms(self, run: Run, uow: UnitOfWork, contents: Iterable[Content], *, is_writing: bool) -> Terms:
        """Return the rules for these contents of Google's; `is_writing`: what they need in the CRM may be made there now."""

    def crm_content(self, run: Run, record: CrmRecord, link: Link | LinkDraft | None) -> Content | None:
        """Return what the CRM's record says, read in the light of its link; raises MappingError."""

    def google_change(self, resource: Resource, link: Link | None) -> GoogleChange:
        """Return what Google reports, read in the light of its link; raises MappingError."""

    def answer(self, resource: Resource, sent: Content) -> GoogleChange:
        """Return what Google holds after it was sent `sent`."""

    def with_fields(self, content: Content, source: Content, fields: Fields) -> Content:
        """Return `content` with these fields of `source`."""

    def crm_write(self, row: Any, before: Any, fields: Fields) -> CrmWrite:
        """Return the update of these fields."""

    def cut(self, run: Run, decision: Decision) -> tuple[str, ...]:
        """Return the names of the fields that the decision writes to the CRM and that don't fit there wholly."""

    def title(self, content: Content) -> str:
        """Return what people call the record."""

    # --- what only one of them has ---

    def flagged(self, uow: UnitOfWork, records: Sequence[CrmRecord]) -> Sequence[CrmRecord]:
        """Return the records with what only the CRM's other tables tell."""

    def read_series(
        self, run: Run, uow: UnitOfWork, records: Sequence[CrmRecord], extra: int
    ) -> SeriesReports:
        """Return the series to look at in this pass."""

    def relate(self, run: Run, uow: UnitOfWork, decisions: Mapping[int, Decision]) -> None:
        """Write what belongs to CRM records (by id) beside their own fields."""

    # --- Google's side ---

    def settle_listing(self, run: Run, listing: Listing) -> Listing:
        """Return the listing with what must be known before it is taken in; may remember what it tells of earlier writes."""

    def knows_new_ids(self) -> bool:
        """Tell whether a create goes under an id of ours, by which it can be asked for afterwards."""

    def lag(self) -> timedelta:
        """Return for how long Google may go on telling what was before a write."""

    def matches_always(self) -> bool:
        """Tell whether new records of both sides are compared in every run, not at the first contact only."""

    def lists_everything(self, run: Run) -> bool:
        """Tell whether this run needs to hear of everything in Google, not only of what changed."""

    def present(self, run: Run, decisions: Sequence[Decision]) -> Mapping[str, Outcome]:
        """Return, by id, the records as Google holds them now, where an update needs the whole record.

        Whose outcome is an error isn't written: it ends in that error.
        """

    def insert(self, run: Run, decision: Decision, intent: Intent) -> Any:
        """Return the operation that creates what the intent notes."""

    def patch(
        self,
        run: Run,
        decision: Decision,
        google_id: str,
        etag: str,
        draft: LinkDraft,
        resource: Resource | None,
    ) -> Any:
        """Return the operation that writes the decision's fields, if the record still has this etag."""

    def delete(self, google_id: str, etag: str) -> Any:
        """Return the operation that deletes the record, if it still has this etag."""

    # --- first contact ---

    def match(self, run: Run, uow: UnitOfWork, *, is_full: bool) -> FirstContact:
        """Return what is linked because it is on both sides already; `is_full`: everything in Google was listed just now."""
