"""What two CRM users do who give activities to each other, in words that a test can draw from.

Every record carries a tag in its description, which nobody edits; titles and places get a new value with each edit. What was
ever touched, and where, is noted by tag.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.builders import COLLEAGUE_ID, USER_ID, timed_body
from tests.fakes.two_worlds import TwoWorlds, UserWorld
from tests.property.approving import GUESTS, ApprovingMachine

USERS = st.sampled_from((USER_ID, COLLEAGUE_ID))
# An activity: ("crm", its id). An event: ("google", whose calendar, its id).
Record = tuple[Any, ...]
# Stands for a record that was touched, where the users' roles were changed.
ROLES: Record = ("roles",)


class TwoUsers(ApprovingMachine):
    """See the module."""

    world: UserWorld

    def __init__(self) -> None:
        self.worlds = TwoWorlds(is_shared=False)
        super().__init__(self.worlds.by_user[USER_ID])
        self._set_up()

    @initialize(is_shared=st.booleans())
    def begin(self, *, is_shared: bool) -> None:
        self.worlds = TwoWorlds(is_shared=is_shared)
        self.world = self.worlds.by_user[USER_ID]
        self._set_up()

    def _set_up(self) -> None:
        self.counter = 0
        # What people left of each record that they touched since both sides last agreed, by tag.
        self.touched: dict[str, dict[Record, Any]] = {}
        self.assigned: set[str] = set()
        # By tag, what people ever touched it on or by: "crm", "google", "roles", "transfer", "moved".
        self.sides: dict[str, set[str]] = {}
        # Agreed when their owner was about to be deleted, and not touched since.
        self.frozen: set[str] = set()
        self.approved_of: dict[int, set[tuple[str | None, bool]]] = {
            USER_ID: self.approved,
            COLLEAGUE_ID: set(),
        }
        for world in self.worlds.by_user.values():
            world.google.max_batch, world.batch_size = 3, 8
            world.change_pair(approved_deletions=frozenset())

    # --- people in the CRM ---

    @rule(owner_id=USERS, number=st.integers(1, 3))
    def create_in_crm(self, owner_id: int, number: int) -> None:
        for _ in range(number):
            tag = f"tag {self._next()}"
            crm_id = self.world.crm.add(self._value("new"), description=tag, owner_id=owner_id)
            self._note(tag, ("crm", crm_id))

    @rule(data=st.data(), name=st.sampled_from(("subject", "location")))
    def edit_in_crm(self, data: st.DataObject, name: str) -> None:
        if found := self._draw(data, self._activities()):
            self.world.crm.edit(found, **{name: self._value(name)})
            self._note(self.world.crm.row(found).description, ("crm", found))

    @rule(data=st.data())
    def delete_in_crm(self, data: st.DataObject) -> None:
        if found := self._draw(data, self._activities()):
            self.world.crm.delete(found)
            self._note(self.world.crm.row(found).description, ("crm", found))

    @rule(data=st.data())
    def restore_in_crm(self, data: st.DataObject) -> None:
        alive = {self.world.crm.row(i).description for i in self._activities()} | self._tags_in_google()
        if found := self._draw(data, [i for i in self._binned() if self._tag(i) not in alive]):
            self.world.crm.restore(found)
            self._note(self._tag(found), ("crm", found))

    @rule(data=st.data(), owner_id=USERS, runs=st.lists(USERS, max_size=3))
    def hand_over(self, data: st.DataObject, owner_id: int, runs: list[int]) -> None:
        if found := self._draw(data, self._activities()):
            self._assign(found, owner_id)
        for user_id in runs:
            self.turn_to(user_id)
            self._run(self.world.run())

    @rule(owner_id=USERS)
    def transfer_all(self, owner_id: int) -> None:
        """The other user is about to be deleted; `agree` says that it was a mistake."""
        [other_id] = {USER_ID, COLLEAGUE_ID} - {owner_id}
        for crm_id in self._activities():
            if self.world.crm.stored(crm_id).owner_id == other_id:
                tag = self._tag(crm_id)
                is_agreed = tag not in self.touched
                self._assign(crm_id, owner_id)
                self.sides[tag].add("transfer")
                self.frozen |= {tag} if is_agreed else set()
        self.worlds.empty(frozenset({other_id}))

    # --- people in Google ---

    @rule(user_id=USERS)
    def create_in_google(self, user_id: int) -> None:
        tag, google_id = f"tag {self._next()}", f"google{self.counter}"
        google = self.worlds.by_user[user_id].google
        google.insert_as_user(
            google_id, summary=self._value("new"), description=tag, colorId=tag, **timed_body()
        )
        self._note(tag, ("google", USER_ID if self.worlds.is_shared else user_id, google_id))

    @rule(data=st.data(), name=st.sampled_from(("summary", "location")))
    def edit_in_google(self, data: st.DataObject, name: str) -> None:
        if found := self._draw(data, self._events_of_all()):
            self._edit_in_google(found, **{name: self._value(name)})

    @rule(data=st.data())
    def delete_in_google(self, data: st.DataObject) -> None:
        if found := self._draw(data, self._events_of_all()):
            self._edit_in_google(found, status="cancelled")

    @rule(data=st.data())
    def restore_in_google(self, data: st.DataObject) -> None:
        if found := self._draw(data, self._restorable()):
            self._edit_in_google(found, status="confirmed")

    @rule(data=st.data())
    def move_to_other_calendar(self, data: st.DataObject) -> None:
        """As Google does it: the same event, marker and all, is there, and cancelled here."""
        found = self._draw(data, self._events_of_all())
        if found is None or self.worlds.is_shared:
            return
        [other_id] = {USER_ID, COLLEAGUE_ID} - {found[1]}
        event = self._resource(found)
        self.worlds.by_user[other_id].google.insert_as_user(found[2], **event)
        self._note(event["description"], ("google", other_id, found[2]))
        self._edit_in_google(found, status="cancelled")
        self.sides[event["description"]].add("moved")

    @rule(data=st.data(), are_there=st.booleans())
    def invite(self, data: st.DataObject, *, are_there: bool) -> None:
        if found := self._draw(data, self._events_of_all()):
            world = self.worlds.by_user[found[1]]
            if are_there:
                world.google.edit_as_user(found[2], attendees=GUESTS)
            else:
                world.google.edit_as_user(found[2], attendees=None)
            tag = self._content(found)[0]
            self.sides.setdefault(tag, set()).add("google")
            self.frozen.discard(tag)

    # --- looking and doing ---

    @rule(user_id=USERS)
    def turn_to(self, user_id: int) -> None:
        """Let the accidents befall this user's runs."""
        self.approved_of[self.world.user.user_id] = self.approved
        self.world = self.worlds.by_user[user_id]
        self.approved = self.approved_of[user_id]

    def _note(self, tag: str, record: Record) -> None:
        self.touched.setdefault(tag, {})[record] = self._content(record)
        self.sides.setdefault(tag, set()).add(record[0])
        self.frozen.discard(tag)

    def _assign(self, crm_id: int, owner_id: int) -> None:
        self.world.crm.assign(crm_id, owner_id)
        self.assigned.add(self._tag(crm_id))
        self._note(self._tag(crm_id), ("crm", crm_id))

    def _frozen(self) -> dict[Record, Any]:
        """Return what there is in Google of activities whose user is being deleted."""
        found = {record: self._content(record) for record in self._events_of_all()}
        return {record: content for record, content in found.items() if content[0] in self.frozen}

    def _next(self) -> int:
        self.counter += 1
        return self.counter

    def _value(self, name: str) -> str:
        return f"{name} {self._next()}"

    def _draw(self, data: st.DataObject, found: list[Any]) -> Any:
        return data.draw(st.sampled_from(sorted(found))) if found else None

    def _edit_in_google(self, record: Record, **fields: Any) -> None:
        event = self.worlds.by_user[record[1]].google.edit_as_user(record[2], **fields)
        self._note(event["description"], record)

    def _stored(self) -> dict[int, Any]:
        return self.world.database.tables.activities

    def _tag(self, crm_id: int) -> str:
        return str(self.world.crm.row(crm_id).description)

    def _activities(self) -> list[int]:
        return [i for i, stored in self._stored().items() if not stored.is_deleted]

    def _binned(self) -> list[int]:
        links = {link.crm_id for world in self.worlds.by_user.values() for link in world.links}
        return [i for i, stored in self._stored().items() if stored.is_deleted and i in links]

    def _calendars(self) -> list[int]:
        return [USER_ID] if self.worlds.is_shared else [USER_ID, COLLEAGUE_ID]

    def _events_of_all(self) -> list[Record]:
        return [("google", u, i) for u in self._calendars() for i in self.worlds.by_user[u].google.alive]

    def _tags_in_google(self) -> set[str]:
        return {self._content(record)[0] for record in self._events_of_all()}

    def _restorable(self) -> list[Record]:
        """Return deleted events that nothing stands in for."""
        there = self._tags_in_google() | {self._tag(i) for i in self._activities()}
        links = [link.google_id for world in self.worlds.by_user.values() for link in world.links]
        found = [("google", u, i) for u in self._calendars() for i in self.worlds.by_user[u].google.cancelled]
        return [r for r in found if r[2] in links and self._resource(r)["description"] not in there]

    def _resource(self, record: Record) -> Any:
        return self.worlds.by_user[record[1]].google.resource(record[2])

    def _content(self, record: Record) -> Any:
        """Return tag, title, place and whose it is; what is deleted has only its tag."""
        if record[0] == "crm":
            stored = self._stored()[record[1]]
            if stored.is_deleted:
                return (stored.row.description,)
            return stored.row.description, stored.row.subject, stored.row.location, stored.owner_id
        event = self._resource(record)
        if event["status"] == "cancelled":
            return (event["description"],)
        return event["description"], event["summary"], event.get("location", ""), record[1]
