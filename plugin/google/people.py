"""The contacts of a Google account, as the port `Contacts` wants them.

https://developers.google.com/people/api/rest/v1/people and .../v1/contacts. Google asks for the writes of one user one after
another, so nothing here goes through the batch endpoint.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from plugin.core.errors import FencedError, NotFoundError, RefusedError, StoreError, UnavailableError
from plugin.core.mapping.google_person import PERSON_FIELDS
from plugin.google.answers import Operation
from plugin.google.people_requests import (
    MAX_FETCHED,
    MAX_MEMBERS,
    MAX_WRITTEN,
    READ_UNITS,
    SOURCES,
    PeopleRequests,
)
from plugin.google.people_writes import PeopleWrites
from plugin.google.transport import Answer, Call, Transport
from plugin.sync.people_ports import (
    ABOUT_ITSELF,
    ContactGroup,
    PersonCreate,
    PersonDelete,
    PersonOperation,
    PersonUpdate,
)
from plugin.sync.ports import ChangePage, Outcome

# numbers of operations, and how they are sent
_Group = tuple[list[int], Callable[[list[Any]], Sequence[Answer]]]

PAGE_SIZE = 1000  # the largest that connections.list knows

# Profile data of people who have a Google account stays out. A sync token holds for these and no others.
_LISTING: dict[str, Any] = {
    "personFields": PERSON_FIELDS,
    "pageSize": PAGE_SIZE,
    "sources": SOURCES,
    "requestSyncToken": True,
}


class GoogleContacts:
    """The contacts of the account that the transport belongs to; the transport must be one for `people` `v1`."""

    max_batch = MAX_WRITTEN

    def __init__(self, transport: Transport, *, before_request: Callable[[], None] | None = None) -> None:
        self._transport = transport
        self._connections = transport.service.people().connections()
        self._groups = transport.service.contactGroups()
        self._members = self._groups.members()
        self._requests = PeopleRequests(transport.service.people())
        self._before_request = before_request
        self._writes = PeopleWrites(transport, self._requests, self.fetch_people, before_request)

    @property
    def list_parameters(self) -> str:
        """What a listing asks for, as a stable text: a sync token is only good for the same."""
        return json.dumps(_LISTING, sort_keys=True)

    def fetch_changes(self, sync_token: str | None, page_token: str | None) -> ChangePage:
        """Return a page of what changed since `sync_token`, or of everybody. Raises SyncTokenExpiredError."""
        operation, asked = Operation.LIST_PEOPLE, dict(_LISTING)
        if sync_token is not None:
            operation = Operation.LIST_PEOPLE_CHANGES
            asked["syncToken"] = sync_token  # on each page, next to the page token
        if page_token is not None:
            asked["pageToken"] = page_token
        request = self._connections.list(resourceName="people/me", **asked)
        answer = self._transport.fetch(Call(operation, request, READ_UNITS))
        page = ChangePage(
            answer.get("connections", ()), answer.get("nextPageToken"), answer.get("nextSyncToken")
        )
        if (page.page_token is None) == (page.sync_token is None):
            # one of the two says whether the listing is complete; without it nothing may be concluded
            raise UnavailableError(f"{operation.value}: the answer doesn't say whether it is complete")
        return page

    def fetch_people(self, google_ids: Sequence[str]) -> Sequence[Outcome]:
        """Return each person as it is now, an unknown or deleted one with NotFoundError; in order."""
        outcomes: list[Outcome] = []
        for start in range(0, len(google_ids), MAX_FETCHED):
            chunk = google_ids[start : start + MAX_FETCHED]
            [answer] = self._transport.run([self._requests.fetch(chunk)])
            found = self._requests.fetched(chunk, answer)
            outcomes += [_outcome(google_id, person) for google_id, person in zip(chunk, found, strict=True)]
        return outcomes

    def write(self, operations: Sequence[PersonOperation]) -> Sequence[Outcome]:
        """Carry out at most `max_batch` operations on different people; one outcome each, in order."""
        _check(operations)
        answers: dict[int, Outcome] = {}
        for numbers, send in self._in_groups(operations):
            sent = send([operations[number] for number in numbers])
            for number, answer in zip(numbers, sent, strict=True):
                answers[number] = _outcome(getattr(operations[number], "google_id", ""), answer)
        return [answers[number] for number in range(len(operations))]

    def _in_groups(self, operations: Sequence[PersonOperation]) -> list[_Group]:
        """What can go together: creates, updates of the same fields, deletes; with how each is sent."""
        creates: list[int] = []
        deletes: list[int] = []
        updates: dict[frozenset[str], list[int]] = {}
        for number, operation in enumerate(operations):
            match operation:
                case PersonCreate():
                    creates.append(number)
                case PersonUpdate():
                    updates.setdefault(operation.fields, []).append(number)
                case PersonDelete():
                    deletes.append(number)
        groups: list[_Group] = [(creates, self._writes.create)]
        groups += [(some, self._writes.update) for some in updates.values()]
        groups.append((deletes, self._writes.delete))
        return [(numbers, send) for numbers, send in groups if numbers]

    def fetch_groups(self) -> Sequence[ContactGroup]:
        """Return all labels of the account, Google's own included."""
        found: list[ContactGroup] = []
        page_token = None
        while True:
            paging: dict[str, str] = {} if page_token is None else {"pageToken": page_token}
            request = self._groups.list(pageSize=1000, groupFields="name,groupType,memberCount", **paging)
            answer = self._transport.fetch(Call(Operation.LIST_GROUPS, request, READ_UNITS))
            found += [_group(group) for group in answer.get("contactGroups", ())]
            page_token = answer.get("nextPageToken")
            if page_token is None:
                return found

    def change_members(self, group_id: str, add: Sequence[str], remove: Sequence[str]) -> Sequence[Outcome]:
        """Put people under a label and take others away; outcomes without a person, first those of `add`."""
        named = [*(("Add", i) for i in add), *(("Remove", i) for i in remove)]
        refused: dict[str, StoreError] = {}
        for start in range(0, len(named), MAX_MEMBERS):
            chunk = named[start : start + MAX_MEMBERS]
            body = {
                f"resourceNamesTo{verb}": [i for v, i in chunk if v == verb] for verb in ("Add", "Remove")
            }
            request = self._members.modify(resourceName=group_id, body=body)
            call = Call(Operation.CHANGE_MEMBERS, request, 2 * READ_UNITS)
            [answer] = self._transport.run([call], self._before_request)
            if isinstance(answer, FencedError):
                raise answer.reason
            if isinstance(answer, StoreError):
                raise answer
            for google_id in answer.get("notFoundResourceNames", ()):
                refused[google_id] = NotFoundError("change members: no such person")
            for google_id in answer.get("canNotRemoveLastContactGroupResourceNames", ()):
                refused[google_id] = RefusedError("change members", "last contact group")
        return [Outcome(google_id, error=refused.get(google_id)) for _, google_id in named]


def _check(operations: Sequence[PersonOperation]) -> None:
    if len(operations) > MAX_WRITTEN:
        raise ValueError(f"{len(operations)} operations in one batch, {MAX_WRITTEN} are allowed")
    ids = [operation.google_id for operation in operations if not isinstance(operation, PersonCreate)]
    if len(set(ids)) != len(ids):
        raise ValueError("two operations on one person in one batch")
    for operation in operations:
        if isinstance(operation, PersonUpdate) and not operation.fields >= set(operation.body) - ABOUT_ITSELF:
            raise ValueError("the body of an update holds fields that it doesn't name")


def _outcome(google_id: str, answer: Answer) -> Outcome:
    if isinstance(answer, StoreError):
        return Outcome(google_id, error=answer)
    return Outcome(google_id or (answer or {}).get("resourceName", ""), resource=answer or None)


def _group(group: dict[str, Any]) -> ContactGroup:
    return ContactGroup(
        group_id=group["resourceName"],
        name=group.get("name", ""),
        is_system=group.get("groupType") == "SYSTEM_CONTACT_GROUP",
        member_count=int(group.get("memberCount", 0)),
    )
