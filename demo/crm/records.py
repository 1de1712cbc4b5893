"""What saving any record does, whatever its module: ids, vtiger_crmentity, the per-user row, the history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from demo.crm.rows import delete_rows, fetch_row, insert_row, insert_rows, update_row

HISTORY_UPDATED, HISTORY_DELETED, HISTORY_CREATED = 0, 1, 2


@dataclass(frozen=True)
class Saving:
    """One save by one user at one moment; `now_utc` is naive, as the CRM's columns are."""

    connection: Connection
    user_id: int
    now_utc: datetime


def next_id(connection: Connection, sequence: str = "vtiger_crmentity_seq") -> int:
    """Take the next id by the statement the CRM uses, so that several writers never get the same one."""
    connection.execute(text(f"UPDATE {sequence} SET id = LAST_INSERT_ID(id + 1)"))
    return int(connection.execute(text("SELECT LAST_INSERT_ID()")).scalar_one())


def create_entity(saving: Saving, setype: str, label: str, owner_id: int, description: str = "") -> int:
    """Insert the vtiger_crmentity row of a new record and return its id."""
    crm_id = next_id(saving.connection)
    insert_row(
        saving.connection,
        "vtiger_crmentity",
        crmid=crm_id,
        smcreatorid=saving.user_id,
        smownerid=owner_id,
        modifiedby=saving.user_id,
        setype=setype,
        description=description,
        createdtime=saving.now_utc,
        modifiedtime=saving.now_utc,
        smgroupid=0,
        source="CRM",
        label=label,
    )
    insert_row(
        saving.connection, "vtiger_crmentity_user_field", recordid=crm_id, userid=saving.user_id, starred="0"
    )
    return crm_id


def update_entity(saving: Saving, crm_id: int, label: str, owner_id: int, description: str) -> None:
    update_row(
        saving.connection,
        "vtiger_crmentity",
        {"crmid": crm_id},
        smownerid=owner_id,
        smgroupid=0,
        modifiedby=saving.user_id,
        modifiedtime=saving.now_utc,
        description=description,
        label=label,
    )


def delete_entity(saving: Saving, crm_id: int, module: str) -> None:
    """Soft-delete a record; the history entry comes first, as in the CRM."""
    write_history(saving, crm_id, module, HISTORY_DELETED, {})
    update_row(
        saving.connection,
        "vtiger_crmentity",
        {"crmid": crm_id},
        deleted=1,
        modifiedby=saving.user_id,
        modifiedtime=saving.now_utc,
    )
    delete_rows(saving.connection, "vtiger_emailslookup", crmid=crm_id)


def write_history(
    saving: Saving, crm_id: int, module: str, status: int, changes: Mapping[str, tuple[Any, Any]]
) -> None:
    """Write the ModTracker rows of one save, if the module's history is switched on."""
    watched = fetch_row(
        saving.connection,
        """SELECT m.visible FROM vtiger_modtracker_tabs m
           JOIN vtiger_tab t ON t.tabid = m.tabid WHERE t.name = :module""",
        module=module,
    )
    if not watched or not watched["visible"]:
        return
    entry = next_id(saving.connection, "vtiger_modtracker_basic_seq")
    insert_row(
        saving.connection,
        "vtiger_modtracker_basic",
        id=entry,
        crmid=crm_id,
        module=module,
        whodid=saving.user_id,
        changedon=saving.now_utc,
        status=status,
    )
    details = [
        (entry, field, _text(old), _text(new))
        for field, (old, new) in changes.items()
        if _text(old) != _text(new)
    ]
    insert_rows(saving.connection, "vtiger_modtracker_detail", "id fieldname prevalue postvalue", details)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
