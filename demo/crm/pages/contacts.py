"""Contacts: list, form, and what its buttons do."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Response

from demo.crm.contacts import Contact, create_contact, delete_contact, load_contact, update_contact
from demo.crm.local_time import date_pattern, parse_date
from demo.crm.pages.forms import Field, fetch_page, owner_field, picklist, sidebar_links
from demo.crm.rows import fetch_rows
from demo.crm.turn import NotPermittedError, Turn, json_result, redirect

LISTED = """SELECT d.contactid, d.contact_no, d.firstname, d.lastname, d.email, d.phone, d.mobile,
       a.accountname, e.smownerid,
       COALESCE(NULLIF(TRIM(CONCAT(COALESCE(u.first_name, ''), ' ', COALESCE(u.last_name, ''))), ''),
                g.groupname) AS owner
FROM vtiger_contactdetails d
JOIN vtiger_crmentity e ON e.crmid = d.contactid AND e.deleted = 0 AND e.setype = 'Contacts'
LEFT JOIN vtiger_account a ON a.accountid = d.accountid
LEFT JOIN vtiger_users u ON u.id = e.smownerid
LEFT JOIN vtiger_groups g ON g.groupid = e.smownerid
WHERE 1 = 1"""
SALUTATIONS = ("", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof.")
# The form's name, which is the contact's attribute too, and the key of its label.
TEXT_FIELDS = {
    "firstname": "firstname",
    "lastname": "lastname",
    "title": "title",
    "email": "email",
    "phone": "phone",
    "mobile": "mobile",
    "homephone": "homephone",
    "mailingcity": "city",
    "mailingstate": "state",
    "mailingzip": "zip",
    "mailingcountry": "country",
}
LONG_FIELDS = {"mailingstreet": "street", "description": "description"}


def show_list(turn: Turn) -> Response:
    sql = LISTED
    if turn.parameter("viewname") == "mine":
        mine = ",".join(str(number) for number in (turn.user.user_id, *turn.user.group_ids))
        sql += f" AND e.smownerid IN ({mine})"
    page = fetch_page(turn, sql, "d.lastname, d.firstname, d.contactid")
    view = "mine" if turn.parameter("viewname") == "mine" else "all"
    return turn.page("contact_list.html", page=page, view=view, **sidebar_links(turn, "Contacts"))


def show_form(turn: Turn) -> Response:
    contact = Contact(lastname="", owner_id=turn.user.user_id)
    if turn.record_id is not None:
        contact = load_contact(turn.saving, turn.record_id)
    return turn.page(
        "form.html", module="Contacts", fields=_fields(turn, contact), repeats=False, back="Contacts"
    )


def save(turn: Turn) -> Response:
    _save(turn)
    return redirect("index.php?module=Contacts&view=List")


def save_ajax(turn: Turn) -> Response:
    if turn.parameter("field"):
        turn.parameters[turn.parameter("field")] = turn.parameter("value")
    crm_id = _save(turn)
    contact = load_contact(turn.saving, crm_id)
    values = {
        field.name: {"value": field.value, "display_value": field.value} for field in _fields(turn, contact)
    }
    return json_result({**values, "_recordLabel": contact.label, "_recordId": crm_id})


def delete(turn: Turn) -> Response:
    if turn.request.method != "POST" or turn.record_id is None:
        raise NotPermittedError
    delete_contact(turn.saving, turn.record_id)
    return json_result({"module": "Contacts", "deletedRecords": [turn.record_id]})


def _save(turn: Turn) -> int:
    if turn.request.method != "POST":
        raise NotPermittedError
    saving = turn.saving
    before = load_contact(saving, turn.record_id) if turn.record_id is not None else None
    base = before or Contact(lastname="", owner_id=turn.user.user_id)
    typed: dict[str, Any] = {
        name: turn.parameter(name, getattr(base, name)).replace("\r\n", "\n")
        for name in (*TEXT_FIELDS, *LONG_FIELDS)
    }
    contact = replace(
        base,
        **typed,
        salutation=turn.parameter("salutationtype", base.salutation),
        accountid=int(turn.parameter("account_id", str(base.accountid)) or 0),
        owner_id=int(turn.parameter("assigned_user_id", str(base.owner_id))),
        birthday=_typed_birthday(turn, base.birthday),
    )
    if not contact.lastname:
        raise ValueError(turn.texts.lastname)
    if turn.record_id is None:
        return create_contact(saving, contact)
    update_contact(saving, turn.record_id, contact)
    return turn.record_id


def _typed_birthday(turn: Turn, before: date | None) -> date | None:
    if "birthday" not in turn.parameters:
        return before
    typed = turn.parameter("birthday")
    return parse_date(typed, turn.user.date_format) if typed else None


def _fields(turn: Turn, contact: Contact) -> list[Field]:
    t = turn.texts
    accounts = fetch_rows(
        turn.connection,
        """SELECT accountid, accountname FROM vtiger_account
           JOIN vtiger_crmentity ON crmid = accountid AND deleted = 0 ORDER BY accountname""",
    )
    options = (("0", ""), *((str(row["accountid"]), row["accountname"]) for row in accounts))
    birthday = contact.birthday.strftime(date_pattern(turn.user.date_format)) if contact.birthday else ""
    plain = [
        Field(name, getattr(t, key), getattr(contact, name), required=name == "lastname")
        for name, key in TEXT_FIELDS.items()
    ]
    long = [
        Field(name, getattr(t, key), getattr(contact, name), "textarea") for name, key in LONG_FIELDS.items()
    ]
    salutations = picklist(turn, SALUTATIONS, contact.salutation)
    return [
        Field("salutationtype", t.salutation, contact.salutation, "select", salutations),
        *plain,
        Field("account_id", t.account, str(contact.accountid), "select", options),
        Field("birthday", t.birthday, birthday),
        owner_field(turn, contact.owner_id),
        *long,
    ]
