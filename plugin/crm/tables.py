"""The CRM's tables: only the columns we use, and what a probe of the database at hand says about them.

Columns as measured on 8.0 (shared facts); releases from 6.4 on lack some of them, so what is optional is asked for, never
assumed from a version number. These tables are on a MetaData of their own: no migration of ours can ever name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from plugin.core.errors import SchemaError
from plugin.core.model import CrmLimits

metadata = sa.MetaData()


def _table(name: str, *, ints: str = "", texts: str = "", dates: str = "", moments: str = "") -> sa.Table:
    columns: list[sa.Column[Any]] = [sa.Column(column, sa.Integer) for column in ints.split()]
    columns += [sa.Column(column, sa.String) for column in texts.split()]
    columns += [sa.Column(column, sa.Date) for column in dates.split()]
    columns += [sa.Column(column, sa.DateTime) for column in moments.split()]
    return sa.Table(name, metadata, *columns)


entity = _table(
    "vtiger_crmentity",
    ints="crmid smcreatorid smownerid modifiedby version presence deleted smgroupid",
    texts="setype description source label",
    moments="createdtime modifiedtime",
)
activity = _table(
    "vtiger_activity",
    ints="activityid",
    texts=(
        "subject activitytype time_start time_end sendnotification duration_hours duration_minutes eventstatus location"
        " notime visibility recurringtype"
    ),
    dates="date_start due_date",
)
activity_cf = _table("vtiger_activitycf", ints="activityid")
owner_relation = _table("vtiger_salesmanactivityrel", ints="smid activityid")
reminder_popup = _table(
    "vtiger_activity_reminder_popup",
    ints="reminderid recordid status",
    texts="semodule time_start",
    dates="date_start",
)
reminder = _table("vtiger_activity_reminder", ints="activity_id reminder_time reminder_sent recurringid")
recurring_info = _table("vtiger_activity_recurring_info", ints="activityid recurrenceid")
recurring_rules = _table(
    "vtiger_recurringevents",
    ints="recurringid activityid recurringfreq",
    texts="recurringtype recurringinfo",
    dates="recurringdate recurringenddate",
)
user_field = _table("vtiger_crmentity_user_field", ints="recordid userid", texts="starred")
history = _table(
    "vtiger_modtracker_basic", ints="id crmid whodid status", texts="module", moments="changedon"
)
history_detail = _table("vtiger_modtracker_detail", ints="id", texts="fieldname prevalue postvalue")
history_tabs = _table("vtiger_modtracker_tabs", ints="tabid visible")
tab = _table("vtiger_tab", ints="tabid", texts="name")
contact = _table("vtiger_contactdetails", ints="contactid", texts="email otheremail secondaryemail")
contact_relation = _table("vtiger_cntactivityrel", ints="contactid activityid")
default_sharing = _table("vtiger_def_org_share", ints="tabid permission")
group_member = _table("vtiger_users2group", ints="groupid userid")
users = _table(
    "vtiger_users",
    ints="id deleted",
    texts="user_name is_admin status language time_zone date_format hour_format calendarsharedtype",
)
cron_task = _table(
    "vtiger_cron_task",
    ints="id frequency laststart lastend status sequence",
    texts="name handler_file module description",
)

# A record's version. Rows that were put in by SQL may have no date in it, which the driver hands over as text: the oldest that
# there is stands for it.
VERSION: sa.ColumnElement[Any] = sa.func.greatest(
    entity.c.modifiedtime, sa.literal_column("TIMESTAMP'1000-01-01 00:00:00'"), type_=sa.DateTime()
)

# For what is locked or written by its primary key: on a small table the server would rather read all of it, and lock all of it.
BY_KEY = "FORCE INDEX (PRIMARY)"

ENTITY_SEQUENCE = "vtiger_crmentity_seq"
HISTORY_SEQUENCE = "vtiger_modtracker_basic_seq"

# Without these there is no calendar to sync; the rest is optional in some release.
_REQUIRED = ("vtiger_crmentity", "vtiger_crmentity_seq", "vtiger_activity", "vtiger_activitycf",
             "vtiger_salesmanactivityrel", "vtiger_users", "vtiger_cron_task")  # fmt: skip
# Written together with ours in one transaction (design.md §6): a table without transactions would break that.
_TRANSACTIONAL = ("vtiger_crmentity", "vtiger_activity", "vtiger_activitycf", "vtiger_salesmanactivityrel")


@dataclass(frozen=True, slots=True)
class CrmSchema:
    """What the database at hand has: characters per text column, and whether it holds more than the BMP."""

    columns: Mapping[str, frozenset[str]]
    limits: CrmLimits = field(default_factory=CrmLimits)
    tracks_events: bool = False

    def has(self, table: sa.Table, column: str | None = None) -> bool:
        """Tell whether the table, or its column, exists here."""
        found = self.columns.get(table.name)
        return found is not None and (column is None or column in found)

    def only_existing(self, table: sa.Table, values: Mapping[str, object]) -> dict[str, object]:
        """Return the values whose columns exist in this release."""
        return {name: value for name, value in values.items() if self.has(table, name)}


def probe(engine: sa.Engine) -> CrmSchema:
    """Return what the CRM's database has; raises SchemaError with what is missing or unfit."""
    names = [*metadata.tables, ENTITY_SEQUENCE, HISTORY_SEQUENCE]
    with engine.connect() as connection:
        rows = connection.execute(_COLUMNS, {"names": names}).all()
        engines = {
            row.table_name: row.engine for row in connection.execute(_ENGINES, {"names": _TRANSACTIONAL})
        }
        columns: dict[str, set[str]] = {}
        for row in rows:
            columns.setdefault(row.table_name, set()).add(row.column_name)
        if missing := [name for name in _REQUIRED if name not in columns]:
            raise SchemaError(f"the database has no table {', '.join(missing)}: is it the CRM's?")
        if unfit := [name for name, kind in engines.items() if (kind or "").lower() != "innodb"]:
            raise SchemaError(
                f"{', '.join(unfit)} must be InnoDB: ALTER TABLE … ENGINE=InnoDB, after a backup"
            )
        # The CRM makes the sequence with its first entry: before that, there is no history to go on with.
        has_history = {"vtiger_modtracker_tabs", HISTORY_SEQUENCE} <= set(columns)
        tracks = has_history and _tracks_events(connection)
    details = {(row.table_name, row.column_name): row for row in rows}
    return CrmSchema({name: frozenset(found) for name, found in columns.items()}, _limits(details), tracks)


def _limits(details: Mapping[tuple[str, str], Any]) -> CrmLimits:
    subject = details["vtiger_activity", "subject"]
    location = details["vtiger_activity", "location"]
    description = details["vtiger_crmentity", "description"]
    charsets = {str(row.character_set_name) for row in (subject, location, description)}
    return CrmLimits(
        subject_chars=int(subject.character_maximum_length),
        location_chars=int(location.character_maximum_length),
        description_bytes=int(description.character_octet_length),
        has_only_bmp=charsets != {"utf8mb4"},
    )


def _tracks_events(connection: sa.Connection) -> bool:
    # Events have a tab of their own; its switch is the one that the CRM's settings page turns (facts §8.6).
    query = (
        sa.select(sa.func.max(history_tabs.c.visible))
        .join(tab, tab.c.tabid == history_tabs.c.tabid)
        .where(tab.c.name.in_(["Events", "Calendar"]))
    )
    return connection.execute(query).scalar_one_or_none() == 1


_COLUMNS = sa.text(
    "SELECT table_name AS table_name, column_name AS column_name, character_set_name AS character_set_name,"
    " character_maximum_length AS character_maximum_length, character_octet_length AS character_octet_length"
    " FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN :names"
).bindparams(sa.bindparam("names", expanding=True))
_ENGINES = sa.text(
    "SELECT table_name AS table_name, engine AS engine FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_name IN :names"
).bindparams(sa.bindparam("names", expanding=True))
