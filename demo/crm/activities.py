"""Saving and deleting activities: every row that the CRM was measured to write, and no other."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
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

NO_REPEAT = (None, "", "--None--")
HISTORY_COLUMNS = """subject date_start time_start due_date time_end duration_hours duration_minutes
    eventstatus activitytype location visibility recurringtype"""


@dataclass(frozen=True)
class Activity:
    """One activity as its tables hold it; moments are naive UTC."""

    subject: str
    start_utc: datetime
    end_utc: datetime
    owner_id: int
    activity_type: str = "Meeting"
    status: str = "Planned"
    location: str = ""
    description: str = ""
    visibility: str = "Public"
    priority: str = ""
    recurring_type: str = "--None--"
    reminder_min: int = 0

    @property
    def is_task(self) -> bool:
        return self.activity_type == "Task"

    @property
    def module(self) -> str:
        """The name that the history and the pop-up use; vtiger_crmentity says Calendar for both."""
        return "Calendar" if self.is_task else "Events"


def create_activity(saving: Saving, activity: Activity, contact_ids: tuple[int, ...] = ()) -> int:
    crm_id = create_entity(saving, "Calendar", activity.subject, activity.owner_id, activity.description)
    insert_row(saving.connection, "vtiger_activity", activityid=crm_id, **_columns(activity))
    insert_row(saving.connection, "vtiger_activitycf", activityid=crm_id)
    for contact_id in contact_ids:
        insert_row(saving.connection, "vtiger_cntactivityrel", contactid=contact_id, activityid=crm_id)
    if not activity.is_task:
        _write_reminder(saving, crm_id, activity.reminder_min)
    # A past event gets no pop-up row when it is created.
    if activity.start_utc >= saving.now_utc:
        _write_popup(saving, crm_id, activity)
    _write_owner(saving, crm_id, activity.owner_id)
    values = _history_values(activity) | {
        "createdtime": saving.now_utc,
        "modifiedby": saving.user_id,
        "source": "CRM",
        "record_id": crm_id,
        "record_module": activity.module,
    }
    changes = {name: (None, value) for name, value in values.items()}
    write_history(saving, crm_id, activity.module, HISTORY_CREATED, changes)
    return crm_id


def update_activity(saving: Saving, crm_id: int, activity: Activity) -> None:
    """Save an edited activity: one event only, also where it belongs to a series."""
    before = load_activity(saving, crm_id)
    activity = replace(activity, recurring_type=before.recurring_type)
    update_row(saving.connection, "vtiger_activity", {"activityid": crm_id}, **_columns(activity))
    update_entity(saving, crm_id, activity.subject, activity.owner_id, activity.description)
    if not activity.is_task:
        _rewrite_reminder(saving, crm_id, activity.reminder_min)
    _write_popup(saving, crm_id, activity)
    delete_rows(saving.connection, "vtiger_salesmanactivityrel", activityid=crm_id, smid=before.owner_id)
    _write_owner(saving, crm_id, activity.owner_id)
    _rewrite_rule(saving, crm_id, activity)
    old, new = _history_values(before), _history_values(activity)
    write_history(
        saving, crm_id, activity.module, HISTORY_UPDATED, {name: (old[name], new[name]) for name in new}
    )


def delete_activity(saving: Saving, crm_id: int, *, clean_series: bool) -> None:
    """Soft-delete one activity.

    Without `clean_series` its row in vtiger_activity_recurring_info stays behind, as it does when the CRM's
    page doesn't say "only this one" (its Spanish pages never do).
    """
    delete_entity(saving, crm_id, load_activity(saving, crm_id).module)
    delete_rows(saving.connection, "vtiger_activity_reminder", activity_id=crm_id)
    delete_rows(saving.connection, "vtiger_recurringevents", activityid=crm_id)
    delete_rows(saving.connection, "vtiger_cntactivityrel", activityid=crm_id)
    if clean_series:
        delete_rows(saving.connection, "vtiger_activity_recurring_info", recurrenceid=crm_id)


def load_activity(saving: Saving, crm_id: int) -> Activity:
    """Return the activity as stored; LookupError when there is none, or it is deleted."""
    row = fetch_row(
        saving.connection,
        """SELECT a.*, e.smownerid, e.description, r.reminder_time FROM vtiger_activity a
           JOIN vtiger_crmentity e ON e.crmid = a.activityid AND e.deleted = 0
           LEFT JOIN vtiger_activity_reminder r ON r.activity_id = a.activityid
           WHERE a.activityid = :crm_id""",
        crm_id=crm_id,
    )
    if row is None:
        raise LookupError("The record you are trying to view has been deleted.")
    return activity_from_row(row)


def activity_from_row(row: dict[str, Any]) -> Activity:
    is_task = row["activitytype"] == "Task"
    start_utc = _moment(row["date_start"], row["time_start"])
    end_utc = _moment(
        row["due_date"] or row["date_start"], row["time_end"] or (row["time_start"] if is_task else "")
    )
    return Activity(
        subject=row["subject"] or "",
        start_utc=start_utc,
        end_utc=end_utc,
        owner_id=row["smownerid"],
        activity_type=row["activitytype"],
        status=(row["status"] if is_task else row["eventstatus"]) or "",
        location=row["location"] or "",
        description=row["description"] or "",
        visibility=row["visibility"],
        priority=row["priority"] or "",
        recurring_type=row["recurringtype"] or "",
        reminder_min=row.get("reminder_time") or 0,
    )


def _moment(day: Any, time_of_day: str | None) -> datetime:
    """Join a date and a time column; the CRM also has times without seconds and empty ones."""
    parts = [int(part) for part in (time_of_day or "").split(":") if part.isdigit()] + [0, 0, 0]
    return datetime.combine(day, time.min) + timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2])


def _columns(activity: Activity) -> dict[str, Any]:
    minutes = int((activity.end_utc - activity.start_utc).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return {
        "subject": activity.subject,
        "activitytype": activity.activity_type,
        "date_start": activity.start_utc.date(),
        "due_date": activity.end_utc.date(),
        "time_start": activity.start_utc.strftime("%H:%M:%S"),
        "time_end": "" if activity.is_task else activity.end_utc.strftime("%H:%M:%S"),
        "sendnotification": "0",
        "duration_hours": None if activity.is_task else str(hours if minutes >= 0 else -hours),
        "duration_minutes": None if activity.is_task else str(rest),
        "status": activity.status if activity.is_task else None,
        "eventstatus": "" if activity.is_task else activity.status,
        "priority": activity.priority,
        "location": activity.location,
        "notime": "0",
        "visibility": activity.visibility,
        "recurringtype": activity.recurring_type,
    }


def _history_values(activity: Activity) -> dict[str, Any]:
    columns = _columns(activity)
    values = {name: columns[name] for name in HISTORY_COLUMNS.split()}
    task = {"taskstatus": activity.status, "taskpriority": activity.priority} if activity.is_task else {}
    return {
        "label": activity.subject,
        "assigned_user_id": activity.owner_id,
        "description": activity.description,
        **values,
        **task,
    }


def _write_owner(saving: Saving, crm_id: int, owner_id: int) -> None:
    """Tie the owner to the activity; a group as owner gets no row."""
    is_user = fetch_row(
        saving.connection, "SELECT id FROM vtiger_users WHERE id = :owner_id", owner_id=owner_id
    )
    key = {"smid": owner_id, "activityid": crm_id}
    if is_user:
        delete_rows(saving.connection, "vtiger_salesmanactivityrel", **key)
        insert_row(saving.connection, "vtiger_salesmanactivityrel", **key)


def _write_reminder(saving: Saving, crm_id: int, minutes: int) -> None:
    values = {"activity_id": crm_id, "reminder_time": minutes, "reminder_sent": 0, "recurringid": 0}
    insert_row(saving.connection, "vtiger_activity_reminder", **values)


def _rewrite_reminder(saving: Saving, crm_id: int, minutes: int) -> None:
    """Measured: saving without a reminder deletes the row that exists, or inserts one of 0 minutes."""
    key = {"activity_id": crm_id}
    exists = fetch_row(
        saving.connection, "SELECT 1 FROM vtiger_activity_reminder WHERE activity_id = :id", id=crm_id
    )
    if exists and minutes:
        update_row(saving.connection, "vtiger_activity_reminder", key, reminder_time=minutes, reminder_sent=0)
    elif exists:
        delete_rows(saving.connection, "vtiger_activity_reminder", **key)
    else:
        _write_reminder(saving, crm_id, minutes)


def _write_popup(saving: Saving, crm_id: int, activity: Activity) -> None:
    key = {"semodule": activity.module, "recordid": crm_id}
    values = {
        "date_start": activity.start_utc.date(),
        "time_start": activity.start_utc.strftime("%H:%M:%S"),
        "status": 0 if activity.start_utc >= saving.now_utc else 1,
    }
    if not update_row(saving.connection, "vtiger_activity_reminder_popup", key, **values):
        insert_row(saving.connection, "vtiger_activity_reminder_popup", **key, **values)


def _rewrite_rule(saving: Saving, crm_id: int, activity: Activity) -> None:
    """An occurrence saved alone gets a new rule row that names its own date."""
    rule = fetch_row(
        saving.connection, "SELECT * FROM vtiger_recurringevents WHERE activityid = :id", id=crm_id
    )
    if rule is None or activity.recurring_type in NO_REPEAT:
        return
    delete_rows(saving.connection, "vtiger_recurringevents", activityid=crm_id)
    del rule["recurringid"]
    insert_row(
        saving.connection, "vtiger_recurringevents", **{**rule, "recurringdate": activity.start_utc.date()}
    )
