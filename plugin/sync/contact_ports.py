"""What a sync of contacts needs of the CRM, as a Protocol: the counterpart of `CrmEvents`.

tests/contract holds each implementation, the fake included, to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from plugin.core.mapping.crm_contact import Account, ContactRow
from plugin.core.model import Presence


@dataclass(frozen=True, slots=True)
class CrmContactRecord:
    """One contact as the CRM holds it now; the fields are those of `CrmRecord`."""

    crm_id: int
    presence: Presence
    version: str
    row: ContactRow | None
    link_id: int | None = None
    is_settled: bool = True
    is_owned: bool = True
    modified_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContactWrite:
    """One contact to be updated: of `row` only `fields`, by the CRM's names, are written; `before` is what was there under
    lock."""

    row: ContactRow
    before: ContactRow
    fields: frozenset[str]


class CrmContacts(Protocol):
    """The CRM's contacts of one user, inside a unit of work, in the fields of the mapping in force."""

    def read_changes(self, limit: int) -> Sequence[CrmContactRecord]:
        """Return owned contacts without a link, or whose version isn't their link's, or that are unsettled; and linked ones
        that left the set. Parked ones of an unchanged version are left out."""

    def read_unlinked(self) -> Sequence[CrmContactRecord]:
        """Return all owned contacts without a link."""

    def read_legacy_mapping(self) -> Mapping[str, int]:
        """Return source id → crm_id as the CRM's own Google module remembered it; the id is that of the person's CONTACT
        source. Empty where it never ran."""

    def read_records(self, crm_ids: Sequence[int]) -> Mapping[int, CrmContactRecord]:
        """Return the records as they are now; an id that is gone for good stands with `Presence.GONE` and no row."""

    def lock_records(self, crm_ids: Sequence[int]) -> Mapping[int, CrmContactRecord]:
        """The same, locked against change until the unit of work ends."""

    def find_accounts(self, names: Sequence[str]) -> Mapping[str, Account]:
        """Return the accounts of these names by `account_key`, whatever their case; of several the oldest."""

    def create_accounts(self, names: Sequence[str], now_utc: datetime) -> Mapping[str, Account]:
        """Insert accounts of these names, which nobody found, and return them by `account_key`; one for each key."""

    def create(self, rows: Sequence[ContactRow], now_utc: datetime) -> None:
        """Insert contacts under the reserved ids that the rows carry, with all the rows the CRM itself would write."""

    def update(self, writes: Sequence[ContactWrite], now_utc: datetime) -> None:
        """Update the named fields, what the CRM derives from them, and the modified stamp; nothing else changes."""

    def revive(self, rows: Sequence[ContactRow], now_utc: datetime) -> None:
        """Take contacts out of the CRM's bin, with these values."""

    def delete(self, crm_ids: Sequence[int], now_utc: datetime) -> None:
        """Put contacts into the CRM's bin. Potentials, tickets and orders keep pointing at them."""
