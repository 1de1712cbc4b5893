"""An account's contacts and labels: what there is, and, later, what lists know of it.

A write is there at once for whoever asks for the person; lists learn of it after the propagation delay. So there are two
books: `people`, the truth, and `listed`, a change log of what has become visible to lists.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from demo.google.clock import stamp
from demo.google.model import ChangeLog
from demo.google.wire import Json

if TYPE_CHECKING:
    from demo.google.world import World

MY_CONTACTS = "contactGroups/myContacts"
# https://developers.google.com/people/api/rest/v1/contactGroups: only the first two take members
SYSTEM_GROUPS = {
    "myContacts": "myContacts",
    "starred": "starred",
    "friends": "friends",
    "family": "family",
    "coworkers": "coworkers",
    "chatBuddies": "chatBuddies",
    "all": "all",
    "blocked": "blocked",
}
WRITABLE_SYSTEM_GROUPS = ("contactGroups/myContacts", "contactGroups/starred")


@dataclass(frozen=True)
class Pending:
    """A write on its way into the lists."""

    due: datetime
    number: int
    person: Json


@dataclass
class AddressBook:
    """People are never altered in place: a change puts a new object."""

    people: dict[str, Json] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    """Former resource names, and the one that holds now."""
    groups: ChangeLog = field(default_factory=ChangeLog)
    listed: ChangeLog = field(default_factory=ChangeLog)
    pending: list[Pending] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    """The last write of each person that lists know."""
    token_generation: int = 0
    last_number: int = 0

    def find(self, resource_name: str) -> Json | None:
        """The person, living or deleted, under any name it ever had."""
        return self.people.get(self.aliases.get(resource_name, resource_name))

    def living(self) -> list[Json]:
        return [person for person in self.people.values() if not is_deleted(person)]

    def put(self, world: World, person: Json) -> Json:
        """Keep a new state of a person under a new etag; lists see it when it is due."""
        now = world.clock.now()
        source = contact_source(person) | {"etag": f"#{secrets.token_urlsafe(8)}=", "updateTime": stamp(now)}
        stored = person | {"metadata": person["metadata"] | {"sources": [source]}}
        self.people[stored["resourceName"]] = stored
        self.last_number += 1
        self.pending.append(Pending(now + _delay(world), self.last_number, stored))
        self.settle(now)
        return stored

    def settle(self, now: datetime) -> None:
        """Let lists see what is due, in the order in which it became so."""
        due = sorted((p for p in self.pending if p.due <= now), key=lambda p: (p.due, p.number))
        self.pending = [p for p in self.pending if p.due > now]
        for write in due:
            name = write.person["resourceName"]
            # a later state that came first is not undone
            if write.number > self.numbers.get(name, 0):
                self.numbers[name] = write.number
                self.listed.put(name, write.person)

    def rename(self, world: World, old: str) -> Json:
        """Give a person another resource name, as Google does when a profile links; the old one still finds it."""
        person = self.people.pop(old)
        name = new_person_name()
        self.aliases = {alias: name if to == old else to for alias, to in self.aliases.items()} | {old: name}
        former = [*person["metadata"].get("previousResourceNames", []), old]
        metadata = person["metadata"] | {"previousResourceNames": former}
        self.listed.drop(old)
        self.numbers.pop(old, None)
        self.pending = [p for p in self.pending if p.person["resourceName"] != old]
        return self.put(world, person | {"resourceName": name, "metadata": metadata})

    def members(self, group: str) -> list[str]:
        return [person["resourceName"] for person in self.living() if group in groups_of(person)]

    def dump(self) -> Json:
        return {
            "people": list(self.people.values()),
            "groups": list(self.groups),
            "pending": len(self.pending),
        }


def _delay(world: World) -> timedelta:
    seconds = world.switches.people_delay_s
    if world.switches.people_delay_random:
        seconds = random.uniform(0, seconds)
    return timedelta(seconds=seconds)


def new_person_name() -> str:
    return f"people/c{secrets.randbelow(9 * 10**17) + 10**17}"


def contact_source(person: Json) -> Json:
    return next((s for s in person["metadata"]["sources"] if s["type"] == "CONTACT"), {})


def is_deleted(person: Json) -> bool:
    return bool(person["metadata"].get("deleted"))


def groups_of(person: Json) -> list[str]:
    return [
        item["contactGroupMembership"]["contactGroupResourceName"]
        for item in person.get("memberships", ())
        if "contactGroupMembership" in item
    ]


def build_book(world: World) -> AddressBook:
    """An empty book with Google's own groups."""
    book = AddressBook()
    for short, name in SYSTEM_GROUPS.items():
        book.groups.put(
            f"contactGroups/{short}",
            {
                "resourceName": f"contactGroups/{short}",
                "etag": f"sys{short}",
                "groupType": "SYSTEM_CONTACT_GROUP",
                "name": name,
                "formattedName": name,
                "metadata": {"updateTime": world.now_stamp()},
            },
        )
    return book
