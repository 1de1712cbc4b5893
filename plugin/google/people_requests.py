"""Requests about people: what is asked, what it costs, and what stands in the answers.

https://developers.google.com/people/api/rest/v1/people. Costs are in sixtieths of what one account may spend in a minute: 60
reads, or 30 writes, or 5 batches of writes. https://developers.google.com/people/v1/contacts names the costs, the Cloud console
the limits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plugin.core.errors import NotFoundError, StoreError, UnavailableError
from plugin.core.mapping.google_person import PERSON_FIELDS, markers_of
from plugin.core.model import Marker
from plugin.google.answers import Operation, error_from_part
from plugin.google.transport import Answer, Call
from plugin.sync.people_ports import PersonCreate, PersonDelete, PersonUpdate

SOURCES = ["READ_SOURCE_TYPE_CONTACT"]

MAX_FETCHED = 200
MAX_WRITTEN = 200
MAX_DELETED = 500
MAX_MEMBERS = 1000

READ_UNITS = 1
_WRITE_UNITS = 2
_BATCH_UNITS = 12
_BATCH_DELETE_UNITS = 20

# The same fields in every request: a person's etag depends on them.
_SINGLE = {"personFields": PERSON_FIELDS, "sources": SOURCES}
# With an empty readMask Google answers nothing at all, not even the id of a new contact.
_MANY = {"readMask": PERSON_FIELDS, "sources": SOURCES}


class PeopleRequests:
    """Builds calls from operations, and reads people out of the answers; `people` is the client library's resource."""

    def __init__(self, people: Any) -> None:
        self._people = people

    def fetch(self, google_ids: Sequence[str]) -> Call:
        """Return the call for at most `MAX_FETCHED` people."""
        request = self._people.getBatchGet(resourceNames=list(google_ids), **_SINGLE)
        return Call(Operation.FETCH_PEOPLE, request, READ_UNITS)

    def create(self, operation: PersonCreate) -> Call:
        """Return the call for one new contact."""
        request = self._people.createContact(body=dict(operation.body), **_SINGLE)
        return Call(Operation.CREATE_PERSON, request, _WRITE_UNITS)

    def create_many(self, operations: Sequence[PersonCreate]) -> Call:
        """Return the call for at most `MAX_WRITTEN` new contacts."""
        contacts = [{"contactPerson": dict(operation.body)} for operation in operations]
        request = self._people.batchCreateContacts(body={"contacts": contacts} | _MANY)
        return Call(Operation.CREATE_PERSON, request, _BATCH_UNITS)

    def update(self, operation: PersonUpdate) -> Call:
        """Return the call for one changed contact."""
        request = self._people.updateContact(
            resourceName=operation.google_id,
            updatePersonFields=_mask(operation),
            body=_versioned(operation),
            **_SINGLE,
        )
        return Call(Operation.UPDATE_PERSON, request, _WRITE_UNITS)

    def update_many(self, operations: Sequence[PersonUpdate]) -> Call:
        """Return the call for at most `MAX_WRITTEN` contacts whose operations name the same fields."""
        contacts = {operation.google_id: _versioned(operation) for operation in operations}
        body = {"contacts": contacts, "updateMask": _mask(operations[0])} | _MANY
        return Call(Operation.UPDATE_PERSON, self._people.batchUpdateContacts(body=body), _BATCH_UNITS)

    def delete(self, operation: PersonDelete) -> Call:
        """Return the call for one contact; Google doesn't ask which version it has."""
        request = self._people.deleteContact(resourceName=operation.google_id)
        return Call(Operation.DELETE_PERSON, request, _WRITE_UNITS)

    def delete_many(self, operations: Sequence[PersonDelete]) -> Call:
        """Return the call for at most `MAX_DELETED` contacts."""
        body = {"resourceNames": [operation.google_id for operation in operations]}
        request = self._people.batchDeleteContacts(body=body)
        return Call(Operation.DELETE_PERSON, request, _BATCH_DELETE_UNITS)

    def fetched(self, google_ids: Sequence[str], answer: Answer) -> list[Answer]:
        """Return what `fetch` found of each person, in order."""
        if isinstance(answer, NotFoundError):
            # what is said of the whole request isn't said of anybody: nobody was deleted
            return [UnavailableError("fetch people: not found as a whole")] * len(google_ids)
        if isinstance(answer, StoreError):
            return [answer] * len(google_ids)
        found = {part.get("requestedResourceName"): part for part in answer.get("responses", ())}
        return [_person(Operation.FETCH_PEOPLE, found.get(google_id)) for google_id in google_ids]

    def created(self, operations: Sequence[PersonCreate], answer: Mapping[str, Any]) -> list[Answer]:
        """Return what became of each create, in order."""
        parts = answer.get("createdPeople", ())
        if len(parts) != len(operations):
            # whose answer is missing can't be told, so each of them may exist or not
            return [UnavailableError("create: some answers are missing")] * len(operations)
        answers = [_person(Operation.CREATE_PERSON, part) for part in parts]
        keys = [markers_of(operation.body) for operation in operations]
        if all(_may_be_of(mine, found) for mine, found in zip(keys, answers, strict=True)):
            return answers
        # that answers stand in the order of their creates isn't documented; somebody else's would mix up two contacts
        by_key = {markers_of(found): found for found in answers if not isinstance(found, StoreError)}
        unknown = UnavailableError("create: no answer for this person")
        return [by_key.get(mine, unknown) if mine else unknown for mine in keys]

    def updated(self, operations: Sequence[PersonUpdate], answer: Mapping[str, Any]) -> list[Answer]:
        """Return what became of each update, in order."""
        parts = answer.get("updateResult", {})
        return [_person(Operation.UPDATE_PERSON, parts.get(operation.google_id)) for operation in operations]


def _person(operation: Operation, part: Mapping[str, Any] | None) -> Answer:
    status = (part or {}).get("status") or {}
    if status.get("code"):
        return error_from_part(operation, status)
    if part is None or not part.get("person"):
        return UnavailableError(f"{operation.value}: no answer for this person")
    return part["person"]


def _may_be_of(key: tuple[Marker, ...], answer: Answer) -> bool:
    return isinstance(answer, StoreError) or not key or markers_of(answer) in {(), key}


def _mask(operation: PersonUpdate) -> str:
    return ",".join(sorted(operation.fields))


def _versioned(operation: PersonUpdate) -> dict[str, Any]:
    """The body, with the version that it changes as Google wants to hear it (see `version_of`)."""
    source_id, _, etag = operation.version.partition(" ")
    fields = {name: items for name, items in operation.body.items() if name in operation.fields}
    return {**fields, "metadata": {"sources": [{"type": "CONTACT", "id": source_id, "etag": etag}]}}
