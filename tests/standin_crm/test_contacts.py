"""Saving a contact fills its five tables, takes a number and keeps the look-up rows."""

from sqlalchemy import Connection, text

from tests.standin_crm.browser import Browser, json_of

TYPED = {
    "module": "Contacts",
    "action": "SaveAjax",
    "firstname": "Pepe",
    "lastname": "Prueba",
    "email": "pepe@prueba.example",
    "phone": "+34 910 000 001",
    "birthday": "29-02-2000",
    "mailingstreet": "Calle 1\r\nPiso 2",
}


def one(connection: Connection, sql: str, crm_id: int) -> tuple[object, ...]:
    connection.rollback()
    return tuple(connection.execute(text(sql), {"id": crm_id}).one())


def test_created_contact_has_all_its_rows(lucia: Browser, connection: Connection) -> None:
    crm_id = json_of(lucia.send(TYPED))["result"]["_recordId"]
    sql = """SELECT d.contact_no, d.accountid, e.label, e.setype, a.mailingstreet, CAST(s.birthday AS CHAR),
                    c.portal
             FROM vtiger_contactdetails d JOIN vtiger_crmentity e ON e.crmid = d.contactid
             JOIN vtiger_contactaddress a ON a.contactaddressid = d.contactid
             JOIN vtiger_contactsubdetails s ON s.contactsubscriptionid = d.contactid
             JOIN vtiger_contactscf f ON f.contactid = d.contactid
             JOIN vtiger_customerdetails c ON c.customerid = d.contactid WHERE d.contactid = :id"""
    expected = ("CON11", 0, "Pepe Prueba", "Contacts", "Calle 1\nPiso 2", "2000-02-29", "0")
    assert one(connection, sql, crm_id) == expected
    sql = "SELECT value, fieldid FROM vtiger_emailslookup WHERE crmid = :id"
    assert one(connection, sql, crm_id) == ("pepe@prueba.example", 80)
    sql = "SELECT fnumber, rnumber, fieldname FROM vtiger_pbxmanager_phonelookup WHERE crmid = :id"
    assert one(connection, sql, crm_id) == ("34910000001", "10000001943", "phone")


def test_edited_contact_keeps_what_was_not_sent(lucia: Browser, connection: Connection) -> None:
    crm_id = json_of(lucia.send(TYPED))["result"]["_recordId"]
    lucia.send({"module": "Contacts", "action": "SaveAjax", "record": crm_id, "lastname": "Otro"})
    sql = """SELECT e.label, d.email, CAST(s.birthday AS CHAR) FROM vtiger_contactdetails d
             JOIN vtiger_crmentity e ON e.crmid = d.contactid
             JOIN vtiger_contactsubdetails s ON s.contactsubscriptionid = d.contactid
             WHERE d.contactid = :id"""
    assert one(connection, sql, crm_id) == ("Pepe Otro", "pepe@prueba.example", "2000-02-29")


def test_deleted_contact_is_flagged_and_not_looked_up(lucia: Browser, connection: Connection) -> None:
    crm_id = json_of(lucia.send(TYPED))["result"]["_recordId"]
    lucia.send({"module": "Contacts", "action": "DeleteAjax", "record": crm_id})
    assert one(connection, "SELECT deleted FROM vtiger_crmentity WHERE crmid = :id", crm_id) == (1,)
    assert one(connection, "SELECT COUNT(*) FROM vtiger_emailslookup WHERE crmid = :id", crm_id) == (0,)
    assert "Prueba" not in lucia.open("module=Contacts&view=List").text
