"""Contacts for tests, valid by default, and the CRM's contact fields as 8.0 has them."""

from __future__ import annotations

from typing import Any

from plugin.core.contact import Address, Birthday, Contact, Slot, Value
from plugin.core.mapping.contact_mapping import ContactField, ContactMapping, FieldKind, Fields
from plugin.core.mapping.crm_contact import Account, ContactRow, CrmTerms, account_key

# name, table, column, kind, characters (0: no text); from shared measurements of 8.0
_FIELDS = """
salutationtype contactdetails    salutation     other 200
firstname      contactdetails    firstname      text   40
lastname       contactdetails    lastname       text   80
email          contactdetails    email          email 100
secondaryemail contactdetails    secondaryemail email 100
phone          contactdetails    phone          phone  50
mobile         contactdetails    mobile         phone  50
fax            contactdetails    fax            phone  50
title          contactdetails    title          text   50
department     contactdetails    department     text   30
homephone      contactsubdetails homephone      phone  50
birthday       contactsubdetails birthday       other   0
mailingstreet  contactaddress    mailingstreet  text  250
mailingpobox   contactaddress    mailingpobox   text   30
mailingcity    contactaddress    mailingcity    text   40
mailingstate   contactaddress    mailingstate   text   30
mailingzip     contactaddress    mailingzip     text   30
mailingcountry contactaddress    mailingcountry text   40
otherstreet    contactaddress    otherstreet    text  250
otherpobox     contactaddress    otherpobox     text   30
othercity      contactaddress    othercity      text   40
otherstate     contactaddress    otherstate     text   50
otherzip       contactaddress    otherzip       text   30
othercountry   contactaddress    othercountry   text   30
description    crmentity         description    text   16777215
account_id     account           accountname    other 100
cf_853         contactscf        cf_853         text   50
cf_855         contactscf        cf_855         url   255
"""
MAPPING = ContactMapping()


def contact_fields(*, without: tuple[str, ...] = (), has_only_bmp: bool = True) -> Fields:
    """Return what a probe of a CRM finds."""
    found = {}
    for line in _FIELDS.strip().splitlines():
        name, table, column, kind, chars = line.split()
        found[name] = ContactField(
            name, f"vtiger_{table}", column, name, FieldKind(kind), int(chars), 3 * int(chars), has_only_bmp
        )
    return {name: field for name, field in found.items() if name not in without}


def terms(*accounts: str, mapping: ContactMapping = MAPPING, **about: Any) -> CrmTerms:
    """Return what a CRM with these accounts can hold."""
    known = {account_key(name): Account(100 + number, name) for number, name in enumerate(accounts)}
    return CrmTerms(mapping, about.pop("fields", contact_fields()), known, **about)


def a_slot(crm_field: str, mapping: ContactMapping = MAPPING) -> Slot:
    """Return the slot of a CRM field."""
    slot = mapping.slot_of(crm_field)
    assert slot is not None
    return slot


def a_contact(mapping: ContactMapping = MAPPING, **values: Value) -> Contact:
    """Return a contact by CRM field names; Ana Ruiz unless said otherwise."""
    named: dict[str, Value] = {"firstname": "Ana", "lastname": "Ruiz", **values}
    return Contact({a_slot(name, mapping): value for name, value in named.items()})


def full_contact() -> Contact:
    """Return a contact with a value in every slot of the default mapping."""
    return a_contact(
        salutationtype="Dra.", title="Gerente", account_id="ACME", birthday=Birthday(3, 5, 1980),
        description="Viene los martes", email="ana@casa.example", secondaryemail="ana@acme.example",
        mobile="+34 600 000 001", phone="+34 910 000 002", homephone="+34 910 000 003",
        mailingaddress=Address("Sol 1, 2º", "Apdo. 3", "Úbeda", "Jaén", "23400", "España"),
        otheraddress=Address("Gran Vía 5", "", "Madrid", "Madrid", "28013", "España"),
    )  # fmt: skip


def a_contact_row(crm_id: int = 11, **values: Any) -> ContactRow:
    """Return Ana Ruiz' fields."""
    account = values.pop("account", None)
    named = {"firstname": "Ana", "lastname": "Ruiz", **values}
    return ContactRow(crm_id, {name: value for name, value in named.items() if value}, account)
