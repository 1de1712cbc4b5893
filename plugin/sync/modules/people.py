"""Google's contacts as the engine takes records: a person in an envelope with id, version and whether it is gone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from plugin.core.mapping.contact_mapping import ContactMapping
from plugin.core.mapping.google_event import Resource
from plugin.core.mapping.person_items import Person
from plugin.sync.people_ports import Contacts, is_deleted, version_of
from plugin.sync.ports import ChangePage, Outcome


def envelope(person: Person, google_id: str | None = None) -> Resource:
    """Return the person as a resource; `google_id` where it was asked for by another name than it bears now."""
    return {
        "id": google_id or person["resourceName"],
        "etag": version_of(person),
        "status": "cancelled" if is_deleted(person) else "confirmed",
        "person": person,
    }


class PersonRecords:
    """The `GoogleRecords` port over an account's contacts.

    A listing depends on the mapping and the label as well: with others, everybody is looked at again.
    """

    def __init__(self, contacts: Contacts, mapping: ContactMapping, group_id: str | None) -> None:
        self._contacts, self._mapping, self._group_id = contacts, mapping, group_id

    @property
    def max_batch(self) -> int:
        """See the port."""
        return self._contacts.max_batch

    @property
    def list_parameters(self) -> str:
        """See the port."""
        slots = sorted(slot.key for slot in self._mapping.slots)
        return json.dumps([self._contacts.list_parameters, slots, self._group_id])

    def fetch_changes(self, sync_token: str | None, page_token: str | None) -> ChangePage:
        """See the port."""
        page = self._contacts.fetch_changes(sync_token, page_token)
        resources = [envelope(person) for person in page.resources]
        return ChangePage(resources, page.page_token, page.sync_token)

    def fetch_records(self, google_ids: Sequence[str]) -> Sequence[Outcome]:
        """See the port."""
        return [_wrapped(outcome) for outcome in self._contacts.fetch_people(google_ids)]

    def write(self, operations: Sequence[Any]) -> Sequence[Outcome]:
        """See the port."""
        return [_wrapped(outcome) for outcome in self._contacts.write(operations)]


def _wrapped(outcome: Outcome) -> Outcome:
    if outcome.resource is None:
        return outcome
    return Outcome(outcome.google_id, envelope(outcome.resource, outcome.google_id or None))
