"""Repeating events as the CRM stores them: complete copies, a rule row for each, and rows that tie them.

Edits and deletes of "this / future / all" as measured (facts of an 8.0.0): they walk the tied rows and stop at the first whose
event is deleted.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import Enum

from demo.crm.activities import Activity, create_activity, delete_activity, load_activity, update_activity
from demo.crm.records import Saving
from demo.crm.rows import fetch_row, fetch_rows, insert_row, update_row


class Reach(Enum):
    """The CRM's `recurringEditMode`: which events of a series an edit or a delete is for."""

    CURRENT = "current"
    FUTURE = "future"
    ALL = "all"


def create_series(
    saving: Saving, head: Activity, days: Sequence[date], *, frequency: int, rule: str
) -> list[int]:
    """Create one event per day and return their ids; the first day must be the head's own (UTC) day.

    The UTC time of day is copied, so the wall-clock time moves with summer time: measured, and left so.
    """
    recurring_type = rule.partition("::")[0]
    length = head.end_utc - head.start_utc
    crm_ids: list[int] = []
    for day in days:
        start_utc = datetime.combine(day, head.start_utc.time())
        copy = replace(head, start_utc=start_utc, end_utc=start_utc + length, recurring_type=recurring_type)
        crm_id = create_activity(saving, copy)
        crm_ids.append(crm_id)
        said = {"recurringtype": recurring_type, "recurringfreq": frequency, "recurringinfo": rule}
        # Every row names the head's day, not the occurrence's.
        _tie(saving, crm_ids[0], crm_id, **said, recurringdate=days[0], recurringenddate=days[-1])
    for crm_id in crm_ids[1:]:
        key = {"recordid": crm_id, "semodule": "Events"}
        update_row(saving.connection, "vtiger_activity_reminder_popup", key, semodule="Calendar")
    return crm_ids


def tied_events(saving: Saving, crm_id: int, reach: Reach = Reach.ALL) -> list[int]:
    """Return the events that an edit of this one is for, in order of time: also what was deleted and left its row behind."""
    rows = fetch_rows(
        saving.connection,
        """SELECT i.recurrenceid FROM vtiger_activity_recurring_info i
           JOIN vtiger_activity a ON a.activityid = i.recurrenceid
           WHERE i.activityid IN
             (SELECT activityid FROM vtiger_activity_recurring_info WHERE recurrenceid = :crm_id)
           ORDER BY a.date_start, a.time_start, a.activityid""",
        crm_id=crm_id,
    )
    tied = [row["recurrenceid"] for row in rows]
    match reach:
        case Reach.CURRENT:
            return [crm_id]
        case Reach.FUTURE:
            return tied[tied.index(crm_id) :] if crm_id in tied else []
        case Reach.ALL:
            return tied


def edit_series(saving: Saving, crm_id: int, edit: Callable[[Activity], Activity], reach: Reach) -> None:
    """Save an event of a series; only what `edit` changes is copied to the others, each keeps its own date.

    Raises LookupError half way, where a tied event is deleted.
    """
    # "All" of events that nothing ties is an edit of this one.
    crm_ids = tied_events(saving, crm_id, reach) or [crm_id]
    first = load_activity(saving, crm_ids[0] if reach is Reach.ALL else crm_id)
    for tied_id in crm_ids:
        update_activity(saving, tied_id, edit(load_activity(saving, tied_id)))
        key = {"activityid": tied_id}
        update_row(saving.connection, "vtiger_recurringevents", key, recurringdate=first.start_utc.date())


def delete_series(saving: Saving, crm_id: int, reach: Reach) -> None:
    """Delete an event of a series, and those that the user meant too; raises LookupError half way as `edit_series`."""
    for tied_id in tied_events(saving, crm_id, reach):
        delete_activity(saving, tied_id, clean_series=True)


def extend_series(saving: Saving, crm_id: int, days: Sequence[date]) -> list[int]:
    """Move the limit of "all" to the last of these days and create an event on each; return their ids."""
    tied = tied_events(saving, crm_id)
    last = load_activity(saving, tied[-1])
    rule = fetch_row(
        saving.connection, "SELECT * FROM vtiger_recurringevents WHERE activityid = :id", id=tied[-1]
    )
    head = fetch_row(
        saving.connection,
        "SELECT activityid FROM vtiger_activity_recurring_info WHERE recurrenceid = :id",
        id=crm_id,
    )
    if rule is None or head is None:
        raise LookupError("no series")
    edit_series(saving, crm_id, lambda activity: activity, Reach.ALL)
    for tied_id in tied:
        update_row(
            saving.connection, "vtiger_recurringevents", {"activityid": tied_id}, recurringenddate=days[-1]
        )
    said = {name: rule[name] for name in ("recurringtype", "recurringfreq", "recurringinfo", "recurringdate")}
    new_ids: list[int] = []
    for day in days:
        start_utc = datetime.combine(day, last.start_utc.time())
        copy = replace(last, start_utc=start_utc, end_utc=start_utc + (last.end_utc - last.start_utc))
        new_ids.append(create_activity(saving, copy))
        _tie(saving, head["activityid"], new_ids[-1], **said, recurringenddate=days[-1])
    return new_ids


def _tie(saving: Saving, head_id: int, crm_id: int, **rule: object) -> None:
    insert_row(saving.connection, "vtiger_activity_recurring_info", activityid=head_id, recurrenceid=crm_id)
    insert_row(saving.connection, "vtiger_recurringevents", activityid=crm_id, **rule)
