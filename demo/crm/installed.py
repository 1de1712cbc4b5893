"""The rows of a bare installation: sequences, modules, fields, links, picklists, planner, administrator."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from demo.crm.passwords import CRYPT_TYPE, hash_password
from demo.crm.rows import insert_row, insert_rows

ADMIN_ID = 1
ADMIN_PASSWORD = "admin-demo"

CONTACTS, ACCOUNTS, LEADS, CALENDAR, EVENTS = 4, 6, 7, 9, 16
TABS = [
    (2, "Potentials", 1),
    (CONTACTS, "Contacts", 1),
    (ACCOUNTS, "Accounts", 1),
    (LEADS, "Leads", 1),
    (8, "Documents", 1),
    (CALENDAR, "Calendar", 1),
    (EVENTS, "Events", 1),
    (29, "Users", 0),
    (40, "ModTracker", 0),
    (43, "WSAPP", 0),
    (45, "Google", 0),
]
# The ids of Events and Contacts are those of a standard installation; readers must look them up all the same.
WEBSERVICE_ENTITIES = [
    (9, "Calendar"),
    (11, "Accounts"),
    (12, "Contacts"),
    (13, "Potentials"),
    (18, "Events"),
    (19, "Users"),
]
EXTENSION = "index.php?module={}&view=Extension&extensionModule=Google&extensionView=Index"
MAP = "module=Google&view=Map&mode=showMap&viewtype=detail"
LINKS = [
    (CONTACTS, "LISTVIEWSIDEBARWIDGET", "Google Contacts", "module=Google&view=List&sourcemodule=Contacts"),
    (CALENDAR, "LISTVIEWSIDEBARWIDGET", "Google Calendar", "module=Google&view=List&sourcemodule=Calendar"),
    (CONTACTS, "DETAILVIEWSIDEBARWIDGET", "Google Map", MAP),
    (LEADS, "DETAILVIEWSIDEBARWIDGET", "Google Map", MAP),
    (ACCOUNTS, "DETAILVIEWSIDEBARWIDGET", "Google Map", MAP),
    (CONTACTS, "EXTENSIONLINK", "Google", EXTENSION.format("Contacts")),
    (CALENDAR, "EXTENSIONLINK", "Google", EXTENSION.format("Calendar")),
]
_WORKFLOW = "cron/modules/com_vtiger_workflow/com_vtiger_workflow.service"
_IMPORT = "cron/modules/Import/ScheduledImport.service"
_REPORTS = "cron/modules/Reports/ScheduleReports.service"
_INVOICE = "cron/modules/SalesOrder/RecurringInvoice.service"
CRON_TASKS = [
    (1, "Workflow", _WORKFLOW, 900, 1, "com_vtiger_workflow", "Workflow is 15 mins"),
    (2, "RecurringInvoice", _INVOICE, 43200, 1, "SalesOrder", "RecurringInvoice is 12 hours"),
    (3, "SendReminder", "cron/SendReminder.service", 900, 1, "Calendar", "SendReminder is 15 mins"),
    (5, "MailScanner", "cron/MailScanner.service", 900, 1, "Settings", "MailScanner is 15 mins"),
    (6, "Scheduled Import", _IMPORT, 900, 0, "Import", "MailScanner is 15 mins"),
    (7, "ScheduleReports", _REPORTS, 900, 1, "Reports", "ScheduleReports is 15 mins"),
]  # fmt: skip

# column, table, field name, label, uitype, typeofdata
EVENT_FIELDS = """
subject          activity   subject          Subject           2  V~M
smownerid        crmentity  assigned_user_id Assigned_To      53  V~M
date_start       activity   date_start       Start_Date_&_Time 6  DT~M~time_start
time_start       activity   time_start       Time_Start        2  T~M
due_date         activity   due_date         End_Date         23  D~M~OTH~GE~date_start~Start_Date_&_Time
time_end         activity   time_end         End_Time          2  T~M
recurringtype    activity   recurringtype    Recurrence       16  O~O
duration_hours   activity   duration_hours   Duration         63  T~O
duration_minutes activity   duration_minutes Duration_Minutes 16  O~O
eventstatus      activity   eventstatus      Status           15  V~M
sendnotification activity   sendnotification Send_Notification 56 C~O
activitytype     activity   activitytype     Activity_Type    15  V~M
location         activity   location         Location          1  V~O
createdtime      crmentity  createdtime      Created_Time     70  DT~O
modifiedtime     crmentity  modifiedtime     Modified_Time    70  DT~O
priority         activity   taskpriority     Priority         15  V~O
notime           activity   notime           No_Time          56  C~O
visibility       activity   visibility       Visibility       15  V~O
description      crmentity  description      Description      19  V~O
contactid        cntactivityrel contact_id   Contact_Name     57  I~O
crmid            seactivityrel parent_id     Related_To       66  I~O
reminder_time    activity_reminder reminder_time Send_Reminder 30 I~O
modifiedby       crmentity  modifiedby       Last_Modified_By 52  V~O
source           crmentity  source           Source            1  V~O
"""
TASK_FIELDS = """
subject     activity  subject          Subject            2  V~M
smownerid   crmentity assigned_user_id Assigned_To       53  V~M
date_start  activity  date_start       Start_Date_&_Time  6  DT~M~time_start
time_start  activity  time_start       Time_Start         2  T~O
due_date    activity  due_date         Due_Date          23  D~M~OTH~GE~date_start~Start_Date_&_Time
status      activity  taskstatus       Status            15  V~M
priority    activity  taskpriority     Priority          15  V~O
location    activity  location         Location           1  V~O
visibility  activity  visibility       Visibility        16  V~O
description crmentity description      Description       19  V~O
"""
CONTACT_FIELDS = """
salutation       contactdetails    salutationtype   Salutation       55 V~O
firstname        contactdetails    firstname        First_Name       55 V~O
contact_no       contactdetails    contact_no       Contact_Id        4 V~O
phone            contactdetails    phone            Office_Phone     11 V~O
lastname         contactdetails    lastname         Last_Name       255 V~M
mobile           contactdetails    mobile           Mobile           11 V~O
accountid        contactdetails    account_id       Account_Name     51 I~O
homephone        contactsubdetails homephone        Home_Phone       11 V~O
leadsource       contactsubdetails leadsource       Lead_Source      15 V~O
otherphone       contactsubdetails otherphone       Other_Phone      11 V~O
title            contactdetails    title            Title             1 V~O
fax              contactdetails    fax              Fax              11 V~O
department       contactdetails    department       Department        1 V~O
birthday         contactsubdetails birthday         Birthdate         5 D~O
email            contactdetails    email            Email            13 E~O
reportsto        contactdetails    contact_id       Reports_To       57 V~O
secondaryemail   contactdetails    secondaryemail   Secondary_Email  13 E~O
smownerid        crmentity         assigned_user_id Assigned_To      53 V~M
mailingstreet    contactaddress    mailingstreet    Mailing_Street   21 V~O
otherstreet      contactaddress    otherstreet      Other_Street     21 V~O
mailingcity      contactaddress    mailingcity      Mailing_City      1 V~O
othercity        contactaddress    othercity        Other_City        1 V~O
mailingstate     contactaddress    mailingstate     Mailing_State     1 V~O
otherstate       contactaddress    otherstate       Other_State       1 V~O
mailingzip       contactaddress    mailingzip       Mailing_Zip       1 V~O
otherzip         contactaddress    otherzip         Other_Zip         1 V~O
mailingcountry   contactaddress    mailingcountry   Mailing_Country   1 V~O
othercountry     contactaddress    othercountry     Other_Country     1 V~O
mailingpobox     contactaddress    mailingpobox     Mailing_Po_Box    1 V~O
otherpobox       contactaddress    otherpobox       Other_Po_Box      1 V~O
description      crmentity         description      Description      19 V~O
"""
# 66 makes the contact's e-mail field 80, the number measured; the others are free.
FIELDS = [(CONTACTS, 66, CONTACT_FIELDS), (CALENDAR, 250, TASK_FIELDS), (EVENTS, 270, EVENT_FIELDS)]
USER_DEFAULTS = {
    "status": "Active",
    "deleted": 0,
    "crypt_type": CRYPT_TYPE,
    "theme": "softed",
    "start_hour": "09:00",
    "end_hour": "18:00",
    "weekstart": 1,
    "dayoftheweek": "Monday",
    "callduration": "5",
    "othereventduration": "60",
    "defaulteventstatus": "Planned",
    "defaultactivitytype": "Meeting",
    "calendarsharedtype": "public",
    "reminder_interval": "15 Minutes",
    "hidecompletedevents": 0,
    "defaultcalendarview": "ListView",
}


def load_installed(connection: Connection) -> None:
    """Insert the rows that a new installation has before anybody works with it."""
    for sequence in ("vtiger_crmentity_seq", "vtiger_modtracker_basic_seq", "vtiger_wsapp_logs_basic_seq"):
        insert_row(connection, sequence, id=1)
    insert_row(connection, "vtiger_version", old_version="8.0.0", current_version="8.0.0")
    _load_modules(connection)
    _load_picklists(connection)
    tasks = [
        (*row[:6], sequence, f"Recommended frequency for {row[6]}")
        for sequence, row in ((row[0], row) for row in CRON_TASKS)
    ]
    columns = "id name handler_file frequency status module sequence description"
    insert_rows(connection, "vtiger_cron_task", columns, tasks)
    roles = [
        ("H1", "Organisation", "H1", 0),
        ("H2", "Dirección", "H1::H2", 1),
        ("H3", "Ventas", "H1::H2::H3", 2),
    ]
    insert_rows(connection, "vtiger_role", "roleid rolename parentrole depth", roles)
    insert_rows(connection, "vtiger_role2profile", "roleid profileid", [("H2", 1), ("H3", 2)])
    permissions = [(profile, tab_id, 0) for profile in (1, 2) for tab_id, _, _ in TABS]
    insert_rows(connection, "vtiger_profile2tab", "profileid tabid permissions", permissions)
    add_user(
        connection,
        ADMIN_ID,
        "admin",
        ADMIN_PASSWORD,
        role="H2",
        first_name="",
        last_name="Administrador",
        is_admin="on",
        email1="admin@empresa.example",
        language="es_es",
        time_zone="Europe/Madrid",
        date_format="dd-mm-yyyy",
        hour_format="24",
    )


def add_user(
    connection: Connection, user_id: int, name: str, password: str, *, role: str, **values: Any
) -> None:
    """Insert a user with the preferences that the CRM presets; `values` name columns of vtiger_users."""
    label = f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
    row = {**USER_DEFAULTS, "is_admin": "off", "userlabel": label, **values}
    entered = datetime(2020, 1, 7, 9, 0)  # noqa: DTZ001 - the CRM's columns are naive UTC
    insert_row(
        connection,
        "vtiger_users",
        id=user_id,
        user_name=name,
        user_password=hash_password(password),
        date_entered=entered,
        date_modified=entered,
        **row,
    )
    insert_row(connection, "vtiger_user2role", userid=user_id, roleid=role)


def _load_modules(connection: Connection) -> None:
    tabs = [(tab_id, name, 0, tab_id, name, 0, 0, entity) for tab_id, name, entity in TABS]
    insert_rows(
        connection,
        "vtiger_tab",
        "tabid name presence tabsequence tablabel customized ownedby isentitytype",
        tabs,
    )
    insert_rows(
        connection,
        "vtiger_modtracker_tabs",
        "tabid visible",
        [(tab_id, 1) for tab_id, _, entity in TABS if entity],
    )
    insert_rows(
        connection,
        "vtiger_def_org_share",
        "tabid permission editstatus",
        [(tab_id, 2, 0) for tab_id, _, entity in TABS if entity],
    )
    fields = []
    for tab_id, first_id, table in FIELDS:
        for offset, line in enumerate(table.strip().splitlines()):
            column, owner, name, label, uitype, typeofdata = line.split()
            where = (tab_id, first_id + offset, column, f"vtiger_{owner}")
            fields.append((*where, uitype, name, label.replace("_", " "), 1, 2, offset + 1, 1, typeofdata))
    columns = "tabid fieldid columnname tablename uitype fieldname fieldlabel readonly presence sequence"
    columns += " displaytype typeofdata"
    insert_rows(connection, "vtiger_field", columns, fields)
    entities = [
        (*row, "include/Webservices/VtigerModuleOperation.php", "VtigerModuleOperation", 1)
        for row in WEBSERVICE_ENTITIES
    ]
    insert_rows(connection, "vtiger_ws_entity", "id name handler_path handler_class ismodule", entities)
    links = [(number, *row, "", 0) for number, row in enumerate(LINKS, start=1)]
    insert_rows(
        connection, "vtiger_links", "linkid tabid linktype linklabel linkurl linkicon sequence", links
    )
    numbers = [
        (1, "Potentials", "POT", "1", "1", "1"),
        (2, "Contacts", "CON", "1", "1", "1"),
        (3, "Accounts", "ACC", "1", "1", "1"),
    ]
    insert_rows(connection, "vtiger_modentity_num", "num_id semodule prefix start_id cur_id active", numbers)


def _load_picklists(connection: Connection) -> None:
    lists = {
        "activitytype": ["Call", "Meeting", "Mobile Call"],
        "eventstatus": ["Planned", "Held", "Not Held"],
        "salutationtype": ["--None--", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."],
    }
    for name, values in lists.items():
        rows = [(value, 1, order, order) for order, value in enumerate(values, start=1)]
        insert_rows(connection, f"vtiger_{name}", f"{name} presence picklist_valueid sortorderid", rows)
    visibilities = [("Private", 0, 1), ("Public", 1, 1)]
    insert_rows(connection, "vtiger_visibility", "visibility sortorderid presence", visibilities)
