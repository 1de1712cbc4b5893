"""A Google account's contacts in memory, held to the same contract as the real adapter (tests/contract/people_contract.py).

As Google's: whoever asks for a person gets the truth, lists learn of writes later (`lists_lag`, until `catch_up`); every change
gives a new version; a create is never recognised as a repetition; an increment is the newest state of whatever changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from plugin.core.errors import (
    CollectionLostError,
    FencedError,
    NotFoundError,
    RefusedError,
    StoreError,
    SyncError,
    SyncTokenExpiredError,
    VersionMismatchError,
)
from plugin.sync.people_ports import (
    ABOUT_ITSELF,
    ContactGroup,
    Contacts,
    PersonCreate,
    PersonDelete,
    PersonOperation,
    PersonUpdate,
    version_of,
)
from plugin.sync.ports import ChangePage, Outcome
from tests.fakes.calendar import Fault
from tests.fakes.contact_book import MY_CONTACTS, ContactBook, groups_of, membership, shown

Json = dict[str, Any]

_SINGLETONS = ("names", "biographies", "birthdays", "genders")


class FakePeople(ContactBook, Contacts):
    """See the module. Switches are plain attributes; methods ending in `_as_user` are the user's own edits."""

    max_batch = 200

    def __init__(self, *, before_request: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.page_size = 1000
        self.parameters = "fake"
        self.before_request = before_request
        self.on_listed: Callable[[], None] | None = None
        self.before_write: Callable[[PersonOperation], None] | None = None
        self.after_write: Callable[[PersonOperation], None] | None = None
        self.operations: list[PersonOperation] = []
        self.writes = 0
        self.listings: list[tuple[str | None, str | None]] = []
        self._generation = 1
        self._pages: dict[str, tuple[list[Json], int, bool]] = {}
        self._faults: list[Fault] = []

    # --- the port ---

    @property
    def list_parameters(self) -> str:
        """What a listing asks for; set `parameters` to change it."""
        return self.parameters

    def fetch_changes(self, sync_token: str | None, page_token: str | None) -> ChangePage:
        """Return a page of what changed since `sync_token`, or of everybody. Raises SyncTokenExpiredError."""
        self.listings.append((sync_token, page_token))
        self._fail("list")
        position = self._position(sync_token)
        if page_token is None:
            found = self._since(position)
            page_token = self._new_page_token(found, 0, len(self._log), is_full=position is None)
        if page_token not in self._pages:
            raise StoreError("unknown page token")
        snapshot, start, is_full = self._pages[page_token]
        at, end = int(page_token.rpartition("-")[2]), start + self.page_size
        page = [shown(person, is_full=is_full) for person in snapshot[start:end]]
        if self.on_listed is not None:
            self.on_listed()
        if end < len(snapshot):
            return ChangePage(page, self._new_page_token(snapshot, end, at, is_full=is_full), None)
        return ChangePage(page, None, f"sync-{self._generation}-{at}")

    def fetch_people(self, google_ids: Sequence[str]) -> Sequence[Outcome]:
        """Return each person as it is now, an unknown or deleted one with NotFoundError; in order."""
        return [self._one(google_id, lambda i=google_id: self._get(i)) for google_id in google_ids]

    def write(self, operations: Sequence[PersonOperation]) -> Sequence[Outcome]:
        """Carry out at most `max_batch` operations on different people; one outcome each, in order."""
        if len(operations) > self.max_batch:
            raise ValueError("too many operations for one batch")
        ids = [operation.google_id for operation in operations if not isinstance(operation, PersonCreate)]
        if len(set(ids)) != len(ids):
            raise ValueError("two operations on one person in one batch")
        for operation in operations:
            if (
                isinstance(operation, PersonUpdate)
                and not operation.fields >= set(operation.body) - ABOUT_ITSELF
            ):
                raise ValueError("the body of an update holds fields that it doesn't name")
        if self.before_request is not None and operations:
            try:
                self.before_request()
            except SyncError as error:
                ids = [getattr(operation, "google_id", "") for operation in operations]
                return [Outcome(google_id, error=FencedError(error)) for google_id in ids]
        return [self._write_one(operation) for operation in operations]

    def fetch_groups(self) -> Sequence[ContactGroup]:
        """Return all labels of the account, Google's own included."""
        self._fail("groups")
        people = list(self.alive.values())
        return [
            ContactGroup(i, name, i == MY_CONTACTS, sum(i in groups_of(p) for p in people))
            for i, name in self.groups.items()
        ]

    def change_members(self, group_id: str, add: Sequence[str], remove: Sequence[str]) -> Sequence[Outcome]:
        """Put people under a label and take others away; outcomes without a person, first those of `add`."""
        self._fail("members")
        if group_id not in self.groups:
            raise CollectionLostError("the label is gone")
        if self.before_request is not None:
            self.before_request()
        joined = [self._one(i, lambda i=i: self._regroup(i, group_id, is_added=True)) for i in add]
        left = [self._one(i, lambda i=i: self._regroup(i, group_id, is_added=False)) for i in remove]
        return [*joined, *left]

    # --- what tests look at and turn ---

    def expire_sync_tokens(self) -> None:
        """Make every sync token given so far a dead one."""
        self._generation += 1

    def fail(self, kind: str, error: StoreError, *, is_after_commit: bool = False, times: int = 1) -> None:
        """Let the next calls of a kind (list, get, create, update, delete, groups, members) end in `error`."""
        self._faults.append(Fault(kind, error, is_after_commit, times))

    def stop_failing(self) -> None:
        """Forget the faults that have not struck yet."""
        self._faults.clear()

    # --- inside ---

    def _position(self, sync_token: str | None) -> int | None:
        if sync_token is None:
            return None
        _, generation, position = sync_token.split("-")
        if int(generation) != self._generation:
            raise SyncTokenExpiredError("the sync token is dead")
        return int(position)

    def _new_page_token(self, snapshot: list[Json], start: int, position: int, *, is_full: bool) -> str:
        page_token = f"page-{len(self._pages)}-{position}"
        self._pages[page_token] = (snapshot, start, is_full)
        return page_token

    def _one(self, google_id: str, act: Callable[[], Json | None]) -> Outcome:
        try:
            person = act()
        except StoreError as error:
            return Outcome(google_id, error=error)
        return Outcome(google_id or (person or {}).get("resourceName", ""), resource=person)

    def _write_one(self, operation: PersonOperation) -> Outcome:
        self.operations.append(operation)
        if self.before_write is not None:
            self.before_write(operation)
        google_id = "" if isinstance(operation, PersonCreate) else operation.google_id
        outcome = self._one(google_id, lambda: self._carry_out(operation))
        if self.after_write is not None:
            self.after_write(operation)
        return outcome

    def _carry_out(self, operation: PersonOperation) -> Json | None:
        match operation:
            case PersonCreate():
                kind, act = "create", self._create
            case PersonUpdate():
                kind, act = "update", self._update
            case PersonDelete():
                kind, act = "delete", self._delete
        self._fail(kind)
        person = act(operation)
        self._fail(kind, is_after_commit=True)
        return person

    def _get(self, google_id: str) -> Json:
        self._fail("get")
        return shown(self._living(google_id), is_full=True)

    def _create(self, operation: PersonCreate) -> Json:
        _check_singletons(operation.body)
        self.writes += 1
        return self.create_as_user(**operation.body)

    def _update(self, operation: PersonUpdate) -> Json:
        person = self._checked(operation)
        _check_singletons(operation.body)
        if "memberships" in operation.fields and not operation.body.get("memberships"):
            raise RefusedError("a contact must be in a group", "INVALID_ARGUMENT")
        self.writes += 1
        fields = {name: operation.body.get(name, []) for name in operation.fields}
        return self.edit_as_user(person["resourceName"], **fields)

    def _delete(self, operation: PersonDelete) -> None:
        try:
            person = self._checked(operation)
        except NotFoundError:
            return
        self.writes += 1
        self.delete_as_user(person["resourceName"])

    def _checked(self, operation: PersonUpdate | PersonDelete) -> Json:
        person = self._living(operation.google_id)
        if version_of(person) != operation.version:
            raise VersionMismatchError("the contact has another version")
        return person

    def _regroup(self, google_id: str, group_id: str, *, is_added: bool) -> None:
        person = self._living(google_id)
        groups = [group for group in groups_of(person) if group != group_id]
        if is_added:
            groups.append(group_id)
        if not groups:
            raise RefusedError("change members", "last contact group")
        self.writes += 1
        self.edit_as_user(person["resourceName"], memberships=[membership(group) for group in groups])

    def _fail(self, kind: str, *, is_after_commit: bool = False) -> None:
        for fault in self._faults:
            if fault.kind == kind and fault.is_after_commit == is_after_commit and fault.times > 0:
                fault.times -= 1
                raise fault.error


def _check_singletons(body: Any) -> None:
    if any(len(body.get(name, ())) > 1 for name in _SINGLETONS):
        raise RefusedError("more than one of what there is one of", "INVALID_ARGUMENT")
