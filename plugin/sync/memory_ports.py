"""What a sync needs of our own memory: pairs, links, the inbox, intents, what is set aside. The other ports are in ports.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from plugin.core.contact import Slot
from plugin.core.mapping.google_event import Resource
from plugin.core.model import Content, Link, LinkState, Side
from plugin.core.reconcile import Reason
from plugin.core.series import Series

# Google's lists lag behind a write of ours: what they say of the record is looked at later.
LAGGING = "lagging"
# A person outside the chosen label, kept to be compared with: the CRM's contact that may be it is what people are told of.
KEPT_OUT = "kept_out"
# What isn't told as set aside: what stays on its side by the user's own choice, and what only waits.
UNTOLD = (Reason.ONE_WAY.value, LAGGING, KEPT_OUT)


@dataclass(frozen=True, slots=True)
class Pair:
    """One CRM module ⇄ one Google collection of an account: a calendar; all contacts or those of a label.

    A user's contacts stay one pair whichever label is chosen (docs/adr/0012): `collection_id` belongs into the list hash.
    `has_questions`: False if nobody has to ask Google what became of an intent, or of an event set aside until now.
    """

    pair_id: int
    account_id: int
    crm_user_id: int
    google_sub: str
    module: str
    collection_id: str
    policy: str = "google"
    direction: str = "11"
    sync_from: date | None = None
    # Of contacts: the user's own field mapping (None: the CRM's), and whether missing organisations are created.
    field_choice: tuple[Slot, ...] | None = None
    creates_accounts: bool = False
    sync_token: str | None = None
    list_hash: str | None = None
    is_listed: bool = False
    is_matched: bool = False
    # Keys of the deletions that a person approved (core/plan.py), and when the last of them were.
    approved_deletions: frozenset[str] = frozenset()
    deletions_approved_utc: datetime | None = None
    has_questions: bool = True
    connected_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """The note before a remote write: all that the link needs, should the run die before it is remembered.

    `google_half`: of an update, what Google is to hold afterwards; `crm_half` is then what the CRM's half is to be, and
    `google_etag` the version that it was sent for. Without the note, our own write would look like the user's edit.

    `series_head_id`: a whole CRM series becomes one in Google; `occurrences` are then its activities by slot.

    `existing_link_id`: a link that gets a new Google event, or loses its event. Without the note, our own delete would look
    like the user's, and take an activity with it that was restored meanwhile. `is_approved`: a person has approved it.
    """

    link_key: str
    crm_id: int
    google_id: str
    crm_version: str
    crm_half: Content
    noted_utc: datetime
    existing_link_id: int | None = None
    is_delete: bool = False
    is_approved: bool = False
    series_head_id: int | None = None
    occurrences: Mapping[str, int] = field(default_factory=dict)
    google_half: Content | None = None
    google_etag: str = ""

    @property
    def is_update(self) -> bool:
        """Tell whether it is for a change of an event that is there."""
        return self.google_half is not None

    @property
    def is_create(self) -> bool:
        """Tell whether it is for an event that isn't there yet."""
        return not (self.is_delete or self.is_update)

    @property
    def crm_ids(self) -> set[int]:
        """Return the activities that wait for its end."""
        return {self.crm_id, *self.occurrences.values()}


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """A link to be remembered; `link_id` names the one it replaces, if any."""

    link_key: str
    crm_id: int
    google_id: str
    crm_version: str
    google_etag: str
    crm_half: Content
    google_half: Content
    origin: Side
    all_day_zone: str | None = None
    google_zone: str | None = None
    has_guests: bool = False
    is_settled: bool = False
    is_read_only: bool = False
    state: LinkState = LinkState.LIVE
    link_id: int | None = None
    series_id: str | None = None
    guest_keys: frozenset[str] = frozenset()
    pushed_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class ParkedItem:
    """A record set aside: its side, id and version, why, and when to look again (None: not before something changes)."""

    side: Side
    item_id: str
    version: str
    reason: str
    retry_at_utc: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One thing done, what it overwrote, and which fields the CRM's columns couldn't hold wholly.

    `is_approved`: a deletion that a person had seen and approved.
    """

    action: str
    reason: str
    side: str
    crm_id: int | None
    google_id: str | None
    lost: Mapping[str, Any] = field(default_factory=dict)
    cut: Sequence[str] = ()
    series_id: str | None = None
    is_approved: bool = False


@dataclass(frozen=True, slots=True)
class DeletionCounts:
    """Pending deletions of the whole pair, those applied in the last 24 hours, and its live links; a series counts as one.

    What is pending of series isn't in it: the layout tells. Nor is, among those applied, what a person had approved.
    """

    pending: int
    recent: int
    links: int


class State(Protocol):
    """Our tables for one pair, inside a unit of work."""

    def save_listing(
        self,
        resources: Sequence[Resource],
        *,
        sync_token: str,
        list_hash: str,
        is_full: bool,
        now_utc: datetime,
    ) -> None:
        """Put the newest state of each event into the inbox and keep the sync token, as one; see `save_inbox`.

        A full listing may bring what was on both sides all along: the pair is to be matched again.

        Another `list_hash` than the last also lifts what was parked until something changes: it may be understood now.
        """

    def save_inbox(self, resources: Sequence[Resource], now_utc: datetime) -> None:
        """Put these into the inbox without a new sync token: events asked for one by one.

        What belongs to a series goes to that series instead, which waits to be laid out; what waited of it alone is over.
        """

    def load_inbox(self, limit: int, now_utc: datetime) -> Sequence[Resource]:
        """Return waiting items, oldest first, without those parked and not yet due."""

    def load_inbox_of(self, google_ids: Sequence[str]) -> Sequence[Resource]:
        """Return the items of these events, parked or not."""

    def load_unlinked_inbox(self) -> Sequence[Resource]:
        """Return all items, tombstones left out, of events without a link, oldest first."""

    def mark_matched(self) -> None:
        """Note that the pair's first contact is over: what was on both sides is linked."""

    def count_inbox(self, now_utc: datetime) -> int:
        """Return how many items wait, without those parked and not yet due."""

    def remove_inbox(self, seen: Sequence[tuple[str, str]]) -> None:
        """Remove items (google_id, etag) that have been dealt with, parked or not; one that changed meanwhile stays."""

    def load_links(
        self,
        *,
        crm_ids: Sequence[int] = (),
        google_ids: Sequence[str] = (),
        series_ids: Sequence[str] = (),
        link_keys: Sequence[str] = (),
        said_in_google: Sequence[str] = (),
    ) -> Sequence[Link]:
        """Return the links of these records and of all occurrences of these series, and those that have these keys.

        Also those whose Google half has one of these texts as a value. Dead and released ones included.
        """

    def load_listed_google_ids(self, *, with_resting: bool = False) -> Sequence[str]:
        """Return what a full listing should show: the ids of linked events, of series, and of their living exceptions.

        `with_resting`: also of links that were released, or left the label.
        """

    def load_series(self, until: date, limit: int, now_utc: datetime) -> Sequence[Series]:
        """Return series of which Google reported something, or that aren't laid out until that day, the oldest first.

        Without those parked and not yet due.
        """

    def load_series_of(
        self, *, google_ids: Sequence[str] = (), crm_head_ids: Sequence[int] = ()
    ) -> Sequence[Series]:
        """Return the series of these ids, on either side."""

    def begin_series(self, resource: Resource, crm_head_id: int) -> None:
        """Keep a series that the CRM has made and Google holds now; it waits to be laid out."""

    def save_laid_out(self, series: Sequence[Series]) -> None:
        """Note how far these are laid out, and under which CRM series; of what is a series no longer cancelled days stay."""

    def load_waiting_google_ids(self, google_ids: Sequence[str], now_utc: datetime) -> Mapping[str, str]:
        """Return, of these events, those parked and not yet due, with the version that they are parked by."""

    def save_links(self, drafts: Sequence[LinkDraft]) -> None:
        """Remember new links and replace those whose `link_id` is given."""

    def set_link_state(self, link_ids: Sequence[int], state: LinkState) -> None:
        """Bury, release or bring back links."""

    def load_intents(self) -> Sequence[Intent]:
        """Return the writes whose end isn't known: a run died between note and link."""

    def save_intents(self, intents: Sequence[Intent]) -> None:
        """Note writes before they are sent; a record, and an event, has one note at most."""

    def remove_intents(self, google_ids: Sequence[str]) -> None:
        """Forget notes whose end is known."""

    def park(self, items: Sequence[ParkedItem], now_utc: datetime) -> None:
        """Set records aside; the payload stays where it is."""

    def unpark(self, side: Side, item_ids: Sequence[str]) -> None:
        """Forget that these were set aside."""

    def load_parked(self, reasons: Sequence[str]) -> Sequence[ParkedItem]:
        """Return what is set aside for these reasons."""

    def load_due_google_ids(self, reasons: Sequence[str], now_utc: datetime) -> Sequence[str]:
        """Return the events that were set aside for these reasons and whose time to be looked at again has come."""

    def add_journal(self, entries: Sequence[JournalEntry], now_utc: datetime) -> None:
        """Write down what was done."""

    def count_parked(self) -> int:
        """Return how many records of the pair are set aside, without those that nobody is told of (`UNTOLD`)."""

    def count_deletions(self, now_utc: datetime) -> DeletionCounts:
        """Return what the deletion brake has to look at; rows that left the set are counted by the caller."""
