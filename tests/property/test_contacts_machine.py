"""The same for contacts, where lists lag behind, creates can't be asked about and people change their resource name.

Every record carries a tag as its description, which nobody edits; job titles and mobile numbers get a new value with each edit.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from plugin.core.model import Side
from tests.builders import COLLEAGUE_ID
from tests.fakes.contact_world import ContactWorld, Person, mail
from tests.fakes.world import ALL_APPROVED
from tests.property.accidents import AccidentMachine
from tests.property.test_sync_machine import Content, SyncMachine


class ContactMachine(SyncMachine):
    """See the module."""

    kinds = ("list", "get", "create", "update", "delete")
    move_start_limit = None  # type: ignore[assignment]

    def __init__(self) -> None:
        AccidentMachine.__init__(self, ContactWorld(approved_deletions=ALL_APPROVED))
        self.world.google.max_batch = 3
        self.world.batch_size = 4
        self.world.lag = timedelta(minutes=5)
        self.world.google.lists_lag = True
        self.counter = 0
        self.agreed: dict[str, Content] = {}
        self.said: dict[str, set[str]] = {}
        self.colleague_s = self.world.crm.add(owner_id=COLLEAGUE_ID)
        marker = {"key": "gsync", "value": "install-of-a-copy:key9"}
        self.foreign_id = self.world.google.create_as_user(clientData=[marker])["resourceName"]
        self.foreign = self._foreign()

    # --- people ---

    @rule(side=st.sampled_from(Side))
    def create(self, side: Side) -> None:
        tag, title = f"tag {self._next()}", self._value("new")
        if side is Side.CRM:
            self._create_in_crm(tag, title)
        else:
            self._create_in_google(tag, title)
        self._note(tag, side, title)

    @rule()
    def create_on_both(self) -> None:
        """Somebody enters a person on both sides; lists know by the next sync."""
        tag, title = f"tag {self._next()}", self._value("new")
        self._create_in_crm(tag, title)
        self._create_in_google(tag, title)
        self.world.google.catch_up()
        self._note(tag, Side.CRM, title)
        self._note(tag, Side.GOOGLE, title)

    @rule(side=st.sampled_from(Side), data=st.data())
    def restore(self, side: Side, data: st.DataObject) -> None:
        if side is Side.CRM:
            found = self._restorable(side)
            if found:
                tag = data.draw(st.sampled_from(sorted(found)))
                self.world.crm.restore(found[tag])
                self._note(tag, side)

    @rule(data=st.data())
    def purge(self, data: st.DataObject) -> None:
        binned = [i for i, s in self.world.database.tables.contacts.items() if s.is_deleted]
        if binned:
            self.world.crm.purge(data.draw(st.sampled_from(binned)))

    @rule(data=st.data())
    def touch(self, data: st.DataObject) -> None:
        google = self._alive(Side.GOOGLE)
        if google:
            self.world.google.touch(google[data.draw(st.sampled_from(sorted(google)))])

    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        google = self._alive(Side.GOOGLE)
        if google:
            self.world.google.rename_as_google(google[data.draw(st.sampled_from(sorted(google)))])

    @rule()
    def sync_soon(self) -> None:
        self._run(self.world.run(), is_soon=True)

    # --- what must hold ---

    @invariant()
    def unmapped_parts_are_as_they_were(self) -> None:
        for crm_id, stored in self.world.database.tables.contacts.items():
            assert stored.unmapped.get("potential") in (None, crm_id)
        for person in self.world.google.alive.values():
            if nicknames := person.get("nicknames"):
                [nickname] = nicknames
                assert person["biographies"] == [{"value": nickname["value"], "contentType": "TEXT_PLAIN"}]
                assert mail(nickname["value"], "pager") in person["phoneNumbers"]

    # --- looking and doing ---

    def _create_in_crm(self, tag: str, title: str) -> None:
        self.world.crm.add(**self._names(tag), title=title, description=tag)

    def _create_in_google(self, tag: str, title: str) -> None:
        names = self._names(tag)
        self.world.google.create_as_user(
            names=[{"givenName": names["firstname"], "familyName": names["lastname"]}],
            emailAddresses=[mail(names["email"])],
            phoneNumbers=[mail(tag, "pager"), mail("910", "mobile")],
            organizations=[{"title": title}],
            biographies=[{"value": tag, "contentType": "TEXT_PLAIN"}],
            nicknames=[{"value": tag}],
        )

    def _names(self, tag: str) -> dict[str, str]:
        word = tag.replace(" ", "")
        return {"firstname": f"First{word}", "lastname": f"Last{word}", "email": f"{word}@a.example"}

    def _edit(self, side: Side, record: Any, tag: str, name: str) -> None:
        value = self._value(name)
        if side is Side.CRM:
            self.world.crm.edit(record, **{{"title": "title", "place": "mobile"}[name]: value})
        elif name == "title":
            self.world.google.edit_as_user(record, organizations=[{"title": value}])
        else:
            kept = [
                p for p in self.world.google.alive[record].get("phoneNumbers", ()) if p["type"] != "mobile"
            ]
            self.world.google.edit_as_user(record, phoneNumbers=[*kept, mail(value, "mobile")])
        self._note(tag, side, value)

    def _check_values(self, tag: str, now: dict[str, Content]) -> None:
        assert set(now.get(tag, ())) <= self.said[tag] | {"", "910"}

    def _tagged(self, side: Side) -> list[tuple[str, Any]]:
        if side is Side.CRM:
            found = self.world.crm.rows().items()
            return [(str(r.values["description"]), i) for i, r in found if "description" in r.values]
        return [(_tag(p), i) for i, p in self.world.google.alive.items() if _tag(p)]

    def _contents(self, side: Side) -> dict[str, Content]:
        if side is Side.CRM:
            values = [r.values for r in self.world.crm.rows().values() if "description" in r.values]
            return {str(v["description"]): (v.get("title", ""), v.get("mobile", "")) for v in values}
        return {_tag(p): (_title(p), _mobile(p)) for p in self.world.google.alive.values() if _tag(p)}

    def _restorable(self, side: Side) -> dict[str, Any]:
        tables, alive = self.world.database.tables, self._alive(Side.CRM) | self._alive(Side.GOOGLE)
        binned = {i: s.row.values.get("description") for i, s in tables.contacts.items() if s.is_deleted}
        ids = {link.crm_id for link in self.world.links}
        return {tag: i for i, tag in binned.items() if i in ids and tag not in alive}

    def _foreign(self) -> tuple[Any, ...]:
        stored = self.world.database.tables.contacts[self.colleague_s]
        return stored, self.world.google.resource(self.foreign_id)

    def _left_waiting(self) -> set[str]:
        return {self.foreign_id}


def _tag(person: Person) -> str:
    return str((person.get("biographies") or [{}])[0].get("value", ""))


def _title(person: Person) -> str:
    return str((person.get("organizations") or [{}])[0].get("title", ""))


def _mobile(person: Person) -> str:
    return next((p["value"] for p in person.get("phoneNumbers", ()) if p["type"] == "mobile"), "")


ContactMachine.TestCase.settings = settings(
    stateful_step_count=40,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestContactMachine = pytest.mark.filterwarnings("error")(ContactMachine.TestCase)
