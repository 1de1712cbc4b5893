"""The people behind FakeContacts: what there is, what lists know of it, and what their owner does to them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from plugin.core.errors import NotFoundError
from plugin.sync.people_ports import is_deleted

Json = dict[str, Any]

MY_CONTACTS = "contactGroups/myContacts"


class ContactBook:
    """Methods ending in `_as_user` are the user's own edits; each gives a new version."""

    def __init__(self) -> None:
        self.lists_lag = False
        self.clock: Callable[[], datetime] | None = None
        self.groups: dict[str, str] = {MY_CONTACTS: "myContacts"}
        self._people: dict[str, Json] = {}
        self._aliases: dict[str, str] = {}
        # what lists know, oldest change first (None: known under another id now), and what they will
        self._log: list[tuple[str, Json | None]] = []
        self._waiting: list[tuple[str, Json]] = []
        self._last = 0

    @property
    def alive(self) -> dict[str, Json]:
        """People that aren't deleted, by id."""
        return {i: copy.deepcopy(p) for i, p in self._people.items() if not is_deleted(p)}

    def resource(self, google_id: str) -> Json:
        """Return a person or the note of its deletion, whole."""
        return copy.deepcopy(self._people[google_id])

    def create_as_user(self, **fields: Any) -> Json:
        """Make a contact, as somebody does in Google's own pages; any field of a person will do."""
        google_id = f"people/c{self._last + 1}"
        source = {"type": "CONTACT", "id": f"{self._last + 1:x}"}
        person = {"resourceName": google_id, "metadata": {"sources": [source]}}
        return self._store(person | {"memberships": [membership(MY_CONTACTS)]} | _kept(fields))

    def edit_as_user(self, google_id: str, **fields: Any) -> Json:
        """Replace fields; an empty list removes one."""
        person = {name: value for name, value in self._people[google_id].items() if name not in fields}
        return self._store(person | _kept(fields))

    def delete_as_user(self, google_id: str) -> None:
        """Leave the note of a deletion."""
        person = self._people[google_id]
        self._store(
            {
                "resourceName": google_id,
                "metadata": {"sources": person["metadata"]["sources"], "deleted": True},
            }
        )

    def rename_as_google(self, google_id: str) -> str:
        """Give a person another id, as Google does when a profile links."""
        person = self._people.pop(google_id)
        renamed = f"people/c{self._last + 1}"
        self._aliases[google_id] = renamed
        self._log = [(i, None if i == google_id else p) for i, p in self._log]
        self._waiting = [(i, p) for i, p in self._waiting if i != google_id]
        former = [*person["metadata"].get("previousResourceNames", ()), google_id]
        metadata = person["metadata"] | {"previousResourceNames": former}
        self._store(person | {"resourceName": renamed, "metadata": metadata})
        return renamed

    def touch(self, google_id: str) -> Json:
        """Give a person a new version without changing anything that we read, as a new photo does."""
        return self._store(self._people[google_id])

    def catch_up(self, until: datetime | None = None) -> None:
        """Let lists learn of everything that was written (by then)."""
        waiting, self._waiting = self._waiting, []
        for google_id, person in waiting:
            [source] = person["metadata"]["sources"]
            is_old = until is None or datetime.fromisoformat(source["updateTime"]) <= until
            (self._log if is_old else self._waiting).append((google_id, person))

    # --- inside ---

    def _since(self, position: int | None) -> list[Json]:
        newest: dict[str, Json] = {}
        for google_id, person in self._log[position or 0 :]:
            newest.pop(google_id, None)
            if person is not None:
                newest[google_id] = person
        return [p for p in newest.values() if position is not None or not is_deleted(p)]

    def _living(self, google_id: str) -> Json:
        while google_id in self._aliases:
            google_id = self._aliases[google_id]
        person = self._people.get(google_id)
        if person is None or is_deleted(person):
            raise NotFoundError(f"no person {google_id}")
        return person

    def _store(self, person: Json) -> Json:
        self._last += 1
        [source] = person["metadata"]["sources"]
        source = source | {"etag": f"#{self._last}"}
        if self.clock is not None:
            source |= {"updateTime": self.clock().isoformat()}
        metadata = person["metadata"] | {"sources": [source]}
        stored = copy.deepcopy(person) | {"etag": f"%{self._last}", "metadata": metadata}
        self._people[stored["resourceName"]] = stored
        self._waiting.append((stored["resourceName"], stored))
        if not self.lists_lag:
            self.catch_up()
        return shown(stored, is_full=True)


def _kept(fields: Mapping[str, Any]) -> Json:
    return {name: copy.deepcopy(value) for name, value in fields.items() if value}


def shown(person: Json, *, is_full: bool) -> Json:
    """Former ids are told in increments only."""
    told = copy.deepcopy(person)
    if is_full:
        told["metadata"].pop("previousResourceNames", None)
    return told


def groups_of(person: Json) -> list[str]:
    items = person.get("memberships", ())
    return [item["contactGroupMembership"]["contactGroupResourceName"] for item in items]


def membership(group_id: str) -> Json:
    return {"contactGroupMembership": {"contactGroupResourceName": group_id}}
