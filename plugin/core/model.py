"""The neutral values that travel between the CRM and Google, and the memory kept of them.

A side's *half* of the base is an `Event` as that side last held it. An event has changed on a side only if it differs
from that side's own half: so what one side can't hold (a cut subject, a lost emoji) is never written back to the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from plugin.core.when import When


class Side(Enum):
    """Where a record was born, or a write goes to."""

    CRM = "crm"
    GOOGLE = "google"


class Visibility(Enum):
    """Who may read an event. `DEFAULT` leaves it to the calendar or the CRM user's sharing."""

    DEFAULT = "default"
    PUBLIC = "public"
    PRIVATE = "private"
    CONFIDENTIAL = "confidential"


class Field(Enum):
    """The mapped fields. Start, end and all-day are one field: merging halves of a time would invent a third one."""

    SUBJECT = "subject"
    DESCRIPTION = "description"
    LOCATION = "location"
    WHEN = "when"
    VISIBILITY = "visibility"


@dataclass(frozen=True, slots=True)
class Event:
    """What a CRM activity and a Google event have in common."""

    subject: str
    when: When
    description: str = ""
    location: str = ""
    visibility: Visibility = Visibility.DEFAULT


class LinkState(Enum):
    """`LIVE` both exist; `RELEASED` linked but left alone on both sides; `DEAD` both gone, kept so that a restore revives."""

    LIVE = "live"
    RELEASED = "released"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Link:
    """The remembered couple crm_id ⇄ google_id, with both versions (opaque) and both halves of the base.

    `all_day_zone` is the zone whose midnights the CRM side stands on while the event is all-day; `google_zone` the
    zone Google keeps for a timed event. `series_id`: the Google series that it is an occurrence of. `guest_keys` tell
    which guests were looked up among the CRM's contacts. `is_read_only`: Google lets nobody change the event.
    """

    link_id: int
    link_key: str
    crm_id: int
    google_id: str
    crm_version: str
    google_etag: str
    crm_half: Event
    google_half: Event
    origin: Side
    state: LinkState = LinkState.LIVE
    all_day_zone: str | None = None
    google_zone: str | None = None
    has_guests: bool = False
    is_settled: bool = True
    series_id: str | None = None
    is_read_only: bool = False
    guest_keys: frozenset[str] = frozenset()


class Presence(Enum):
    """What a side says of a record: it is there, it was deleted, or it is there but no longer this pair's."""

    ALIVE = "alive"
    GONE = "gone"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class CrmChange:
    """One CRM record that isn't known to equal its link, as gather read it.

    `event` is None when its row is gone for good. `version` is what the row must still have, under lock, for a write.
    `is_settled` is false while the row could yet change within the same second, unseen. `modified_utc` is read by the policy
    "newest wins" only. `is_transferred`: it changed hands because a CRM user is being deleted, not because of itself.
    """

    crm_id: int
    presence: Presence
    version: str
    event: Event | None
    link_id: int | None = None
    repeats: bool = False
    is_settled: bool = True
    modified_utc: datetime | None = None
    is_transferred: bool = False


@dataclass(frozen=True, slots=True)
class GoogleChange:
    """The newest state that Google reported of an event, or of one occurrence of a series (`series_id`).

    `updated_utc` is read by the policy "newest wins" only. `guests` are addresses in lower case, the user's own left out.
    """

    google_id: str
    presence: Presence
    etag: str
    event: Event | None
    zone: str | None = None
    has_guests: bool = False
    series_id: str | None = None
    is_declined: bool = False
    is_read_only: bool = False
    marker: Marker | None = None
    updated_utc: datetime | None = None
    guests: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True)
class Marker:
    """What we leave in a Google item: which install made it, and under which link key."""

    install_id: str
    link_key: str


@dataclass(frozen=True, slots=True)
class CrmLimits:
    """What the CRM's columns can hold, as probed: characters, and whether only the Basic Multilingual Plane fits (utf8mb3)."""

    subject_chars: int = 255
    location_chars: int = 150
    description_bytes: int = 16_777_215
    has_only_bmp: bool = True


class Direction(Enum):
    """Which way a pair's changes travel; the values are the CRM's own codes (facts: SaveSyncSettings)."""

    BOTH = "11"
    GOOGLE_TO_CRM = "10"
    CRM_TO_GOOGLE = "01"


class Policy(Enum):
    """Who wins when both sides changed the same field. `NEWEST_WINS` trusts both clocks: by the user's choice only."""

    GOOGLE_WINS = "google"
    CRM_WINS = "crm"
    NEWEST_WINS = "newest"
