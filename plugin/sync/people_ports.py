"""What a sync of contacts needs from Google, as a Protocol; tests/contract/people_contract.py holds each implementation to it.

Lists of people lag behind writes by minutes, deletions too: what a listing says is a hint, `fetch_people` and the answers of
`write` are the truth. Nothing prevents a second create of the same person, so every `PersonCreate` should carry a key in its
body by which the person is found again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from plugin.core.mapping.google_event import Resource
from plugin.core.mapping.person_items import version_of as version_of
from plugin.sync.ports import ChangePage, Outcome


def is_deleted(person: Resource) -> bool:
    """Tell whether a listed person is the note of a deletion."""
    return bool((person.get("metadata") or {}).get("deleted"))


ABOUT_ITSELF = frozenset({"resourceName", "etag", "metadata"})


@dataclass(frozen=True, slots=True)
class PersonCreate:
    """Create a contact; Google chooses its id."""

    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PersonUpdate:
    """Replace `fields` (`names`, `phoneNumbers`, …), each as a whole, if the contact still has this version.

    `body` holds all items that a field shall have from now on; a field that it leaves out is cleared. What it says about the
    person itself (`ABOUT_ITSELF`) isn't sent: `google_id` and `version` count.
    """

    google_id: str
    version: str
    body: Mapping[str, Any]
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class PersonDelete:
    """Delete, if the contact still has this version. A contact already gone counts as done."""

    google_id: str
    version: str


PersonOperation = PersonCreate | PersonUpdate | PersonDelete


@dataclass(frozen=True, slots=True)
class ContactGroup:
    """A label of the account; `is_system` for those that Google made (`contactGroups/myContacts`)."""

    group_id: str
    name: str
    is_system: bool
    member_count: int


class Contacts(Protocol):
    """The contacts of one Google account. One writer at a time: Google wants the writes of a user one after another."""

    @property
    def max_batch(self) -> int:
        """How many operations one `write` takes."""

    @property
    def list_parameters(self) -> str:
        """What a listing asks for, as a stable text: a sync token is only good for the same."""

    def fetch_changes(self, sync_token: str | None, page_token: str | None) -> ChangePage:
        """Return a page of what changed since `sync_token`, deletions included, or of everybody. Raises SyncTokenExpiredError.

        A sync token dies seven days after the full listing that it goes back to. In an increment a person may name
        `metadata.previousResourceNames`: it is the one formerly known by those.
        """

    def fetch_people(self, google_ids: Sequence[str]) -> Sequence[Outcome]:
        """Return each person as it is now, an unknown or deleted one with NotFoundError; in order.

        An outcome keeps the id asked for; the person's `resourceName` may be another one by now.
        """

    def write(self, operations: Sequence[PersonOperation]) -> Sequence[Outcome]:
        """Carry out at most `max_batch` operations on different people; one outcome each, in order.

        The outcome of a create has the new id, or none where it failed; after UnavailableError it may have been carried out.
        """

    def fetch_groups(self) -> Sequence[ContactGroup]:
        """Return all labels of the account, Google's own included."""

    def change_members(self, group_id: str, add: Sequence[str], remove: Sequence[str]) -> Sequence[Outcome]:
        """Put people under a label and take others away; outcomes without a person, first those of `add`.

        NotFoundError for who is gone, RefusedError for who would be left without any group. Raises CollectionLostError when
        the label is gone. It changes the versions of those people: fetch them before writing to them again.
        """
