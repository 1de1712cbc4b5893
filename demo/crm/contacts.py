"""Saving and deleting contacts: the contact's five tables, its number and its look-up rows."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from demo.crm.records import (
    HISTORY_CREATED,
    HISTORY_UPDATED,
    Saving,
    create_entity,
    delete_entity,
    update_entity,
    write_history,
)
from demo.crm.rows import delete_rows, fetch_row, insert_row, update_row

PHONE_FIELDS = ("phone", "mobile", "homephone")
EMAIL_FIELD_ID = 80


@dataclass(frozen=True)
class Contact:
    """The fields of a contact that the stand-in's form knows, named as their columns."""

    lastname: str
    owner_id: int
    firstname: str = ""
    salutation: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""
    homephone: str = ""
    title: str = ""
    accountid: int = 0
    birthday: date | None = None
    mailingstreet: str = ""
    mailingcity: str = ""
    mailingstate: str = ""
    mailingzip: str = ""
    mailingcountry: str = ""
    description: str = ""

    @property
    def label(self) -> str:
        return f"{self.firstname} {self.lastname}".strip()

    def pick(self, *names: str) -> dict[str, Any]:
        return {name: getattr(self, name) for name in names}


DETAILS = ("salutation", "firstname", "lastname", "email", "phone", "mobile", "title", "accountid")
ADDRESS = ("mailingstreet", "mailingcity", "mailingstate", "mailingzip", "mailingcountry")
SUBDETAILS = ("homephone", "birthday")


def create_contact(saving: Saving, contact: Contact) -> int:
    connection = saving.connection
    crm_id = create_entity(saving, "Contacts", contact.label, contact.owner_id, contact.description)
    number = next_record_number(saving, "Contacts")
    insert_row(
        connection, "vtiger_contactdetails", contactid=crm_id, contact_no=number, **contact.pick(*DETAILS)
    )
    insert_row(connection, "vtiger_contactaddress", contactaddressid=crm_id, **contact.pick(*ADDRESS))
    insert_row(
        connection, "vtiger_contactsubdetails", contactsubscriptionid=crm_id, **contact.pick(*SUBDETAILS)
    )
    insert_row(connection, "vtiger_contactscf", contactid=crm_id)
    insert_row(connection, "vtiger_customerdetails", customerid=crm_id, portal="0")
    _write_lookups(saving, crm_id, contact)
    changes = {name: (None, value) for name, value in _history_values(contact).items()}
    write_history(saving, crm_id, "Contacts", HISTORY_CREATED, changes)
    return crm_id


def update_contact(saving: Saving, crm_id: int, contact: Contact) -> None:
    connection = saving.connection
    old, new = _history_values(load_contact(saving, crm_id)), _history_values(contact)
    update_row(connection, "vtiger_contactdetails", {"contactid": crm_id}, **contact.pick(*DETAILS))
    update_row(connection, "vtiger_contactaddress", {"contactaddressid": crm_id}, **contact.pick(*ADDRESS))
    update_row(
        connection, "vtiger_contactsubdetails", {"contactsubscriptionid": crm_id}, **contact.pick(*SUBDETAILS)
    )
    update_entity(saving, crm_id, contact.label, contact.owner_id, contact.description)
    _write_lookups(saving, crm_id, contact)
    write_history(saving, crm_id, "Contacts", HISTORY_UPDATED, {name: (old[name], new[name]) for name in new})


def delete_contact(saving: Saving, crm_id: int) -> None:
    load_contact(saving, crm_id)
    delete_entity(saving, crm_id, "Contacts")
    delete_rows(saving.connection, "vtiger_portalinfo", id=crm_id)
    update_row(saving.connection, "vtiger_customerdetails", {"customerid": crm_id}, portal="0")
    update_row(saving.connection, "vtiger_potential", {"contact_id": crm_id}, contact_id=0)


def load_contact(saving: Saving, crm_id: int) -> Contact:
    """Return the contact as stored; LookupError when there is none, or it is deleted."""
    row = fetch_row(
        saving.connection,
        """SELECT d.*, a.*, s.*, e.smownerid AS owner_id, e.description FROM vtiger_contactdetails d
           JOIN vtiger_crmentity e ON e.crmid = d.contactid AND e.deleted = 0
           LEFT JOIN vtiger_contactaddress a ON a.contactaddressid = d.contactid
           LEFT JOIN vtiger_contactsubdetails s ON s.contactsubscriptionid = d.contactid
           WHERE d.contactid = :crm_id""",
        crm_id=crm_id,
    )
    if row is None:
        raise LookupError("The record you are trying to view has been deleted.")
    return Contact(
        **{name: row[name] if row[name] is not None else default for name, default in _DEFAULTS.items()}
    )


_DEFAULTS = asdict(Contact(lastname="", owner_id=0))


def next_record_number(saving: Saving, module: str) -> str:
    """Take the module's next number and keep the leading zeros of the counter."""
    row = fetch_row(
        saving.connection,
        """SELECT num_id, prefix, cur_id FROM vtiger_modentity_num
           WHERE semodule = :module AND active = 1 FOR UPDATE""",
        module=module,
    )
    if row is None:
        raise LookupError(f"no numbering for {module}")
    following = str(int(row["cur_id"]) + 1).zfill(len(row["cur_id"]))
    update_row(saving.connection, "vtiger_modentity_num", {"num_id": row["num_id"]}, cur_id=following)
    return f"{row['prefix']}{row['cur_id']}"


def _write_lookups(saving: Saving, crm_id: int, contact: Contact) -> None:
    key = {"crmid": crm_id, "setype": "Contacts"}
    delete_rows(saving.connection, "vtiger_emailslookup", **key)
    delete_rows(saving.connection, "vtiger_pbxmanager_phonelookup", **key)
    if contact.email:
        insert_row(
            saving.connection, "vtiger_emailslookup", **key, value=contact.email, fieldid=EMAIL_FIELD_ID
        )
    for field in PHONE_FIELDS:
        digits = "".join(sign for sign in getattr(contact, field) if sign.isdigit())
        if digits:
            values = {"fnumber": digits, "rnumber": digits[::-1], "fieldname": field}
            insert_row(saving.connection, "vtiger_pbxmanager_phonelookup", **key, **values)


def _history_values(contact: Contact) -> dict[str, Any]:
    values = contact.pick(*DETAILS, *ADDRESS, *SUBDETAILS, "description")
    return {**values, "label": contact.label, "assigned_user_id": contact.owner_id}
