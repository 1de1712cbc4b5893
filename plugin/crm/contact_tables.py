"""The CRM's contact tables, and what a probe of the database at hand says about its contact fields.

Which columns there are is asked of the CRM's own field table: administrators add fields (cf_…) and hide others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from plugin.core.errors import SchemaError
from plugin.core.mapping.contact_mapping import SALUTATION, ContactField, FieldKind, Fields
from plugin.core.mapping.crm_contact import NOTHING_CHOSEN
from plugin.crm import tables as t

MODULE = "Contacts"

# Each sub-table with the column that names its contact; the CRM writes a row in all of them (facts §8.3).
KEYS: Mapping[str, str] = {
    "vtiger_contactdetails": "contactid",
    "vtiger_contactaddress": "contactaddressid",
    "vtiger_contactsubdetails": "contactsubscriptionid",
    "vtiger_contactscf": "contactid",
    "vtiger_customerdetails": "customerid",
}
DETAILS, ADDRESS, SUBDETAILS, CUSTOM, CUSTOMER = KEYS
account = sa.table("vtiger_account", sa.column("accountid", sa.Integer), sa.column("accountname", sa.String))
numbers = sa.table(
    "vtiger_modentity_num",
    *(sa.column(name, sa.String) for name in ("num_id", "semodule", "prefix", "cur_id", "active")),
)
email_lookup = sa.table(
    "vtiger_emailslookup", *(sa.column(name) for name in ("crmid", "setype", "value", "fieldid"))
)
phone_lookup = sa.table(
    "vtiger_pbxmanager_phonelookup",
    *(sa.column(name) for name in ("crmid", "setype", "fnumber", "rnumber", "fieldname")),
)
# The column of each look-up table that tells the field.
LOOKUP_FIELDS: Mapping[str, str] = {email_lookup.name: "fieldid", phone_lookup.name: "fieldname"}
_field = sa.table(
    "vtiger_field",
    *(
        sa.column(n)
        for n in ("fieldid", "tabid", "columnname", "tablename", "uitype", "fieldname", "fieldlabel")
    ),
    sa.column("presence", sa.Integer),
)

_REQUIRED = (t.entity.name, *KEYS, account.name, numbers.name, _field.name)
_PICKLIST = "vtiger_salutationtype"
_OPTIONAL = (_PICKLIST, email_lookup.name, phone_lookup.name, t.user_field.name, t.history.name, "vtiger_accountbillads",
             "vtiger_accountshipads", "vtiger_accountscf")  # fmt: skip
_KINDS = {"13": FieldKind.EMAIL, "104": FieldKind.EMAIL, "11": FieldKind.PHONE, "17": FieldKind.URL}
# Free text; picklists, references, check boxes and owners hold words or numbers that only the CRM may choose.
_TEXTS = frozenset({"1", "2", "19", "20", "21", "22", "24", "55", "85", "255"})
# The CRM shows a field with these; 1 is a field that an administrator has hidden.
_SHOWN = (0, 2)


@dataclass(frozen=True, slots=True)
class ContactSchema:
    """What the database at hand has for contacts. `fields` are those that users see, by name; `field_ids` their ids.

    `tracked`: the modules among contacts and accounts whose history is on; `lookup_keys`: the unique index by which a row of a
    look-up table is found.
    """

    columns: Mapping[str, frozenset[str]]
    fields: Fields
    field_ids: Mapping[str, int] = field(default_factory=dict)
    tracked: frozenset[str] = frozenset()
    lookup_keys: Mapping[str, str] = field(default_factory=dict)

    def has(self, table: str) -> bool:
        """Tell whether the table exists here."""
        return table in self.columns

    def named(self, kind: FieldKind) -> list[ContactField]:
        """Return the fields of one kind."""
        return [field for field in self.fields.values() if field.kind is kind]

    def only_existing(self, table: str, values: Mapping[str, object]) -> dict[str, object]:
        """Return the values whose columns exist in this release."""
        return {name: value for name, value in values.items() if name in self.columns.get(table, ())}


def probe_contacts(engine: sa.Engine) -> ContactSchema:
    """Return what the CRM's database has; raises SchemaError with what is missing or unfit."""
    names = [*_REQUIRED, *_OPTIONAL]
    with engine.connect() as connection:
        details = connection.execute(_COLUMNS, {"names": names}).all()
        columns: dict[str, set[str]] = {}
        for row in details:
            columns.setdefault(row.table_name, set()).add(row.column_name)
        _refuse_unfit(connection, columns)
        shown = connection.execute(_SHOWN_FIELDS).all()
        salutations = _salutations(connection) if _PICKLIST in columns else ()
        tracked = connection.execute(_TRACKED).scalars().all() if t.history.name in columns else ()
        indexes = connection.execute(_UNIQUE_INDEXES, {"names": list(LOOKUP_FIELDS)}).all()
    by_column = {(row.table_name, row.column_name): row for row in details}
    known = [row for row in shown if (row.tablename, row.columnname) in by_column and _is_contact_s(row)]
    return ContactSchema(
        columns={name: frozenset(found) for name, found in columns.items()},
        fields={row.fieldname: _contact_field(row, by_column, salutations) for row in known},
        field_ids={row.fieldname: int(row.fieldid) for row in known},
        tracked=frozenset(tracked),
        lookup_keys=_lookup_keys(indexes),
    )


def contact_table(name: str, *columns: str) -> sa.TableClause:
    """Return a contact table with its key and these columns, for a statement."""
    return sa.table(name, *(sa.column(column) for column in dict.fromkeys((KEYS[name], *columns))))


def _refuse_unfit(connection: sa.Connection, columns: Mapping[str, Any]) -> None:
    if missing := [name for name in _REQUIRED if name not in columns]:
        raise SchemaError(f"the database has no table {', '.join(missing)}: is it the CRM's?")
    engines = connection.execute(_ENGINES, {"names": list(KEYS)})
    if unfit := [row.table_name for row in engines if (row.engine or "").lower() != "innodb"]:
        raise SchemaError(f"{', '.join(unfit)} must be InnoDB: ALTER TABLE … ENGINE=InnoDB, after a backup")


def _lookup_keys(columns: Sequence[Any]) -> dict[str, str]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in columns:
        found.setdefault((row.table_name, row.index_name), []).append(row.column_name)
    return {
        table: index
        for (table, index), names in found.items()
        if names == ["crmid", "setype", LOOKUP_FIELDS[table]]
    }


def _is_contact_s(row: Any) -> bool:
    # Of what all records share, owner and stamps are no field to be mapped; the note is.
    return bool(row.tablename != t.entity.name or row.columnname == "description")


def _salutations(connection: sa.Connection) -> tuple[str, ...]:
    column: sa.ColumnClause[str] = sa.column(SALUTATION)
    found = connection.execute(sa.select(column).select_from(sa.table(_PICKLIST))).scalars()
    return tuple(value for value in found if value and value != NOTHING_CHOSEN)


def _contact_field(
    row: Any, details: Mapping[tuple[str, str], Any], salutations: tuple[str, ...]
) -> ContactField:
    # An account is shown by its name, and that is what is mapped.
    is_account = (row.tablename, row.columnname) == (DETAILS, "accountid")
    column = details[(account.name, "accountname") if is_account else (row.tablename, row.columnname)]
    is_text = column.character_set_name is not None
    kind = _KINDS.get(str(row.uitype), FieldKind.TEXT if str(row.uitype) in _TEXTS else FieldKind.OTHER)
    return ContactField(
        name=row.fieldname,
        table=row.tablename,
        column=row.columnname,
        label=row.fieldlabel or row.fieldname,
        kind=kind if is_text else FieldKind.OTHER,
        chars=int(column.character_maximum_length) if is_text else 0,
        octets=int(column.character_octet_length) if is_text else 0,
        has_only_bmp=column.character_set_name != "utf8mb4",
        choices=salutations if row.fieldname == SALUTATION else (),
    )


_COLUMNS = sa.text(
    "SELECT table_name AS table_name, column_name AS column_name, character_set_name AS character_set_name,"
    " character_maximum_length AS character_maximum_length, character_octet_length AS character_octet_length"
    " FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN :names"
).bindparams(sa.bindparam("names", expanding=True))
_ENGINES = sa.text(
    "SELECT table_name AS table_name, engine AS engine FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_name IN :names"
).bindparams(sa.bindparam("names", expanding=True))
_UNIQUE_INDEXES = sa.text(
    "SELECT table_name AS table_name, index_name AS index_name, column_name AS column_name"
    " FROM information_schema.statistics WHERE table_schema = DATABASE() AND non_unique = 0 AND table_name IN :names"
    " ORDER BY table_name, index_name, seq_in_index"
).bindparams(sa.bindparam("names", expanding=True))
_SHOWN_FIELDS = (
    sa.select(_field)
    .join(t.tab, t.tab.c.tabid == _field.c.tabid)
    .where(
        t.tab.c.name == MODULE,
        _field.c.presence.in_(_SHOWN),
        _field.c.tablename.in_([t.entity.name, *KEYS]),
    )
    .order_by(_field.c.fieldid)
)
_TRACKED = (
    sa.select(t.tab.c.name)
    .join(t.history_tabs, t.tab.c.tabid == t.history_tabs.c.tabid)
    .where(t.tab.c.name.in_([MODULE, "Accounts"]), t.history_tabs.c.visible == 1)
)
