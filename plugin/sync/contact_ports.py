"""What a sync of contacts needs of the CRM, as a Protocol: the counterpart of `CrmEvents`.

tests/contract holds each implementation, the fake included, to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from plugin.core.mapping.crm_contact import Account
from plugin.sync.ports import CrmRecords


class CrmContacts(CrmRecords, Protocol):
    """The CRM's contacts of one user, inside a unit of work, in the fields of the mapping in force."""

    def find_accounts(self, names: Sequence[str]) -> Mapping[str, Account]:
        """Return the accounts of these names by `account_key`, whatever their case; of several the oldest."""

    def create_accounts(self, names: Sequence[str], now_utc: datetime) -> Mapping[str, Account]:
        """Insert accounts of these names, which nobody found, and return them by `account_key`; one for each key."""
