"""Contacts on an installed plugin: the CRM's pages on one side, Google's on the other, runs of the contacts pair between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.crm.contacts import Contact, create_contact, delete_contact, load_contact, update_contact
from plugin.google.oauth import SCOPES
from plugin.sync.account_ports import Collection, Grant
from plugin.sync.views import ALL_CONTACTS, CALENDAR, CONTACTS, RunView
from tests.installed import USER, Installed
from tests.simulated_google import EMAIL

# One statement of the test's own about all that a contact is made of.
_WHOLE = """SELECT d.*, s.*, a.*, cf.*, cu.*, e.smownerid, e.description, e.deleted, acc.accountname
    FROM vtiger_contactdetails d JOIN vtiger_crmentity e ON e.crmid = d.contactid AND e.setype = 'Contacts'
    LEFT JOIN vtiger_contactsubdetails s ON s.contactsubscriptionid = d.contactid
    LEFT JOIN vtiger_contactaddress a ON a.contactaddressid = d.contactid
    LEFT JOIN vtiger_contactscf cf ON cf.contactid = d.contactid
    LEFT JOIN vtiger_customerdetails cu ON cu.customerid = d.contactid
    LEFT JOIN vtiger_account acc ON acc.accountid = d.accountid
    WHERE e.deleted = 0 AND e.smownerid = :user_id ORDER BY d.contactid"""


class ContactsInstalled:
    """A user's contacts on both sides. Google's own clock goes along with the plugin's."""

    def __init__(self, installed: Installed, user_id: int = USER, email: str = EMAIL) -> None:
        self.installed, self.google = installed, installed.google
        self.user_id, self.email = user_id, email
        # The sample contacts are somebody else's.
        installed.execute("UPDATE vtiger_crmentity SET smownerid = 1 WHERE setype = 'Contacts'")
        self.pair_id = self.connect()

    def connect(self) -> int:
        """Connect the user's contacts, as if the consent page had been clicked through."""
        # Google adds what the account was allowed before.
        scopes = sorted({*SCOPES[CONTACTS], *SCOPES[CALENDAR]})
        tokens = self.google.tokens(scopes, self.email)
        grant = Grant(
            google_sub=f"sub-{self.email}",
            email=self.email,
            scopes=frozenset(tokens["scope"].split()),
            access_token=tokens["access_token"],
            expires_utc=datetime.now(UTC) + timedelta(seconds=tokens["expires_in"]),
            refresh_token=tokens["refresh_token"],
        )
        parts = self.installed.parts
        collection = Collection(ALL_CONTACTS, self.email)
        assert parts.grants.save_grant(self.user_id, CONTACTS, grant, collection, self.installed.clock())
        pair_id = parts.pair_of(self.user_id, CONTACTS)
        assert pair_id is not None
        return pair_id

    def sync(self, *, after_minutes: float = 16) -> RunView:
        """Carry out one run; by default lists of people have caught up by then."""
        self.google.control("POST", "clock", {"advance_s": after_minutes * 60})
        return self.installed.sync(self.pair_id, after_minutes=after_minutes)

    def prefer(self, **chosen: Any) -> None:
        """Choose settings, as the settings window does."""
        preferences = self.installed.parts.preferences
        preferences.save(self.pair_id, replace(preferences.load(self.pair_id), **chosen))

    # --- Google ---

    def add_person(self, given: str = "", family: str = "", **fields: Any) -> str:
        """Create a person on Google's own page; return the resource name."""
        names = {"givenName": given, "familyName": family}
        body = {"names": [{k: v for k, v in names.items() if v}], **fields}
        return str(self.google.edit_person("create", body=body)["resourceName"])

    def edit_person(self, resource_name: str, **fields: Any) -> None:
        """Replace these fields of a person on Google's own page."""
        self.google.edit_person("update", resource_name, fields)

    def delete_person(self, resource_name: str) -> None:
        """Delete a person on Google's own page."""
        self.google.edit_person("delete", resource_name)

    def people(self) -> dict[str, dict[str, Any]]:
        """Return the living people by resource name."""
        book = self.google.control("GET", "state")["contacts"][self.email]["people"]
        return {p["resourceName"]: p for p in book if not p.get("metadata", {}).get("deleted")}

    def person(self, given: str, family: str = "") -> dict[str, Any]:
        """Return the one living person of that name."""
        [found] = [p for p in self.people().values() if _name_of(p) == f"{given} {family}".strip()]
        return found

    # --- the CRM ---

    def add_contact(self, lastname: str, firstname: str = "", **values: Any) -> int:
        """Create a contact as the CRM's pages do."""
        with self.installed.parts.engine.begin() as connection:
            saving = self.installed.saving(connection, self.user_id)
            return create_contact(saving, Contact(lastname, self.user_id, firstname, **values))

    def edit_contact(self, crm_id: int, **values: Any) -> None:
        """Edit a contact as the CRM's pages do."""
        with self.installed.parts.engine.begin() as connection:
            saving = self.installed.saving(connection, self.user_id)
            update_contact(saving, crm_id, replace(load_contact(saving, crm_id), **values))

    def delete_contact(self, crm_id: int) -> None:
        """Delete a contact as the CRM's pages do."""
        with self.installed.parts.engine.begin() as connection:
            delete_contact(self.installed.saving(connection, self.user_id), crm_id)

    def touch(self, crm_id: int) -> None:
        """Let the contact look edited now."""
        now = self.installed.clock().replace(tzinfo=None)
        self.installed.execute(
            "UPDATE vtiger_crmentity SET modifiedtime = :now WHERE crmid = :id", now=now, id=crm_id
        )

    def contacts(self) -> dict[str, Mapping[str, Any]]:
        """Return the user's living contacts by their full name."""
        found = self.installed.rows(_WHOLE, user_id=self.user_id)
        named = {f"{row['firstname'] or ''} {row['lastname']}".strip(): row for row in found}
        assert len(named) == len(found), "two contacts of one name"
        return named

    def links(self) -> list[Mapping[str, Any]]:
        """Return the pair's links."""
        return self.installed.rows(
            "SELECT * FROM gsync_links WHERE pair_id = :pair ORDER BY crm_id", pair=self.pair_id
        )

    def waiting(self) -> dict[str, int]:
        """Return how much waits in our tables."""
        tables = ("gsync_inbox", "gsync_intents", "gsync_parked")
        return {table: len(self.installed.rows(f"SELECT 1 FROM {table}")) for table in tables}


def _name_of(person: Mapping[str, Any]) -> str:
    [name] = person.get("names") or [{}]
    return f"{name.get('givenName', '')} {name.get('familyName', '')}".strip()
