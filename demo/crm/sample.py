"""A small Spanish company with colleagues abroad: users, a group, their records, and the manual's planner.

Everything is invented. Dates are laid around `today`, so that a demo always has a past and a future.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from demo.crm.installed import ADMIN_PASSWORD, add_user
from demo.crm.records import Saving
from demo.crm.rows import delete_rows, insert_row, insert_rows, update_row
from demo.crm.sample_activities import load_activities
from demo.crm.sample_contacts import load_contacts

# Users and groups share one id space; a new installation uses 2 to 4 for its groups, so its first user is 5.
GROUP_ID, LUCIA_ID, MARCO_ID, HELEN_ID, RAMON_ID, NURIA_ID = 2, 5, 6, 7, 8, 9
GROUP_NAME = "Equipo comercial"

ZONES = {LUCIA_ID: "Europe/Madrid", MARCO_ID: "America/Bogota", HELEN_ID: "Pacific/Auckland"}
SPANISH = {"language": "es_es", "date_format": "dd-mm-yyyy", "hour_format": "24"}
ENGLISH = {"language": "en_us", "date_format": "yyyy-mm-dd", "hour_format": "12"}
# Name and password, documented and printed by the demo: these people exist nowhere else.
LOGINS = {name: f"{name}-demo" for name in ("lucia", "marco", "helen", "ramon", "nuria")} | {
    "admin": ADMIN_PASSWORD
}
USERS: list[tuple[int, str, str, str, dict[str, Any], dict[str, Any]]] = [
    (LUCIA_ID, "lucia", "Lucía", "Ejemplo", SPANISH, {}),
    (MARCO_ID, "marco", "Marco", "Muestra", SPANISH, {}),
    (HELEN_ID, "helen", "Helen", "Sample", ENGLISH, {}),
    (RAMON_ID, "ramon", "Ramón", "Prueba", SPANISH, {"status": "Inactive"}),
    (NURIA_ID, "nuria", "Nuria", "Prueba", SPANISH, {"status": "Inactive", "deleted": 1}),
]

# Figure 13 of the manual without its row 9, which the plugin adds: name, handler, seconds, status, last run.
QUARTER, HALF_DAY, DAY = 900, 43200, 86400
RECENT, LAST_YEAR = 300, 365 * DAY
PLANNER = [
    (1, "Advanced Reporting Scheduled reports", "cron/modules/ITS4YouReports.service", QUARTER, 1, RECENT),
    (2, "Workflow", "cron/modules/com_vtiger_workflow/com_vtiger_workflow.service", QUARTER, 1, RECENT),
    (3, "RecurringInvoice", "cron/modules/SalesOrder/RecurringInvoice.service", HALF_DAY, 1, RECENT),
    (4, "SendReminder", "cron/SendReminder.service", QUARTER, 1, RECENT),
    (5, "MailScanner", "cron/MailScanner.service", QUARTER, 0, LAST_YEAR),
    (6, "Scheduled Import", "cron/modules/Import/ScheduledImport.service", QUARTER, 0, LAST_YEAR),
    (7, "ScheduleReports", "cron/modules/Reports/ScheduleReports.service", QUARTER, 0, LAST_YEAR),
    (8, "EMAILMaker - Send emails", "modules/EMAILMaker/cron/SendEmails.service", QUARTER, 0, LAST_YEAR),
    (10, "EMAILMaker - Birthday email", "modules/EMAILMaker/cron/BirthdayEmails.service", DAY, 0, None),
]  # fmt: skip


def load_sample(connection: Connection, today: date | None = None) -> None:
    """Fill a bare installation with the sample company; `today` fixes the day around which its dates lie."""
    today = today or datetime.now(ZoneInfo("Europe/Madrid")).date()
    _load_users(connection)
    _load_planner(connection)
    # All of it was typed in ten days ago, early in the morning.
    typed_utc = datetime.combine(today - timedelta(days=10), time(6, 30))
    saving = Saving(connection, LUCIA_ID, typed_utc)
    contact_ids = load_contacts(saving, owners=(LUCIA_ID, MARCO_ID, HELEN_ID))
    load_activities(
        saving,
        today,
        zones={user_id: ZoneInfo(name) for user_id, name in ZONES.items()},
        owners=(LUCIA_ID, MARCO_ID, HELEN_ID, GROUP_ID),
        contact_ids=contact_ids,
    )


def _load_users(connection: Connection) -> None:
    for user_id, name, first_name, last_name, preferences, extra in USERS:
        add_user(
            connection,
            user_id,
            name,
            LOGINS[name],
            role="H3",
            first_name=first_name,
            last_name=last_name,
            email1=f"{name}@empresa.example",
            time_zone=ZONES.get(user_id, "Europe/Madrid"),
            **preferences,
            **extra,
        )
    insert_row(
        connection,
        "vtiger_groups",
        groupid=GROUP_ID,
        groupname=GROUP_NAME,
        description="Ventas de la empresa",
    )
    insert_rows(
        connection, "vtiger_users2group", "groupid userid", [(GROUP_ID, LUCIA_ID), (GROUP_ID, MARCO_ID)]
    )
    update_row(connection, "vtiger_users", {"id": HELEN_ID}, weekstart=0, dayoftheweek="Sunday")


def _load_planner(connection: Connection) -> None:
    now_s = int(datetime.now(UTC).timestamp())
    for sequence, name, handler_file, frequency, status, ago_s in PLANNER:
        delete_rows(connection, "vtiger_cron_task", name=name)
        last = None if ago_s is None else now_s - ago_s
        insert_row(
            connection,
            "vtiger_cron_task",
            name=name,
            handler_file=handler_file,
            frequency=frequency,
            laststart=last,
            lastend=last,
            status=status,
            module=name,
            sequence=sequence,
            description="",
        )
