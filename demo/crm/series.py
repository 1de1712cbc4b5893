"""Repeating events as the CRM stores them: complete copies, a rule row for each, and rows that tie them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from demo.crm.activities import Activity, create_activity
from demo.crm.records import Saving
from demo.crm.rows import insert_row, update_row


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
        insert_row(
            saving.connection, "vtiger_activity_recurring_info", activityid=crm_ids[0], recurrenceid=crm_id
        )
        insert_row(
            saving.connection,
            "vtiger_recurringevents",
            activityid=crm_id,
            # Every row names the head's day, not the occurrence's.
            recurringdate=days[0],
            recurringtype=recurring_type,
            recurringfreq=frequency,
            recurringinfo=rule,
            recurringenddate=days[-1],
        )
    for crm_id in crm_ids[1:]:
        key = {"recordid": crm_id, "semodule": "Events"}
        update_row(saving.connection, "vtiger_activity_reminder_popup", key, semodule="Calendar")
    return crm_ids
