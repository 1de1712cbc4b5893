"""The CRM's look-up rows of contacts: e-mail → record (7.0+), phone number → record (with the telephone module).

They are written anew from what the contact's columns hold, a fixed number of statements for any number of contacts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from plugin.core.mapping.contact_mapping import ContactField, FieldKind
from plugin.crm import contact_tables as ct

# vtiger_emailslookup.value and vtiger_pbxmanager_phonelookup.fnumber.
_CHARS = 100


class Lookups:
    """Keeps both tables in step; a table that isn't there needs nothing."""

    def __init__(self, connection: sa.Connection, schema: ct.ContactSchema) -> None:
        self._connection, self._schema = connection, schema
        self._emails = schema.named(FieldKind.EMAIL) if schema.has(ct.email_lookup.name) else []
        self._phones = schema.named(FieldKind.PHONE) if schema.has(ct.phone_lookup.name) else []

    def write(self, crm_ids: Sequence[int], changed: frozenset[str] | None) -> None:
        """Write the rows of these contacts' e-mails and phones; of `changed` fields only, where they are given."""
        emails = [f for f in self._emails if changed is None or f.name in changed]
        phones = [f for f in self._phones if changed is None or f.name in changed]
        if not emails and not phones:
            return
        held = self._held(crm_ids, [*emails, *phones])
        self._write_emails(crm_ids, emails, held)
        self._write_phones(crm_ids, phones, held)

    def forget_emails(self, crm_ids: Sequence[int]) -> None:
        """Remove the contacts' e-mails, as the CRM does with a deleted record."""
        if self._emails:
            self._connection.execute(self._of(ct.email_lookup, crm_ids))

    def _write_emails(
        self, crm_ids: Sequence[int], fields: Sequence[ContactField], held: Mapping[int, Any]
    ) -> None:
        if not fields:
            return
        ids = {field.name: self._schema.field_ids[field.name] for field in fields}
        where = ct.email_lookup.c.fieldid.in_(ids.values())
        self._connection.execute(self._of(ct.email_lookup, crm_ids).where(where))
        rows = [
            {"crmid": crm_id, "setype": ct.MODULE, "value": value[:_CHARS], "fieldid": field_id}
            for crm_id, values in held.items()
            for name, field_id in ids.items()
            if (value := values[name])
        ]
        if rows:
            self._connection.execute(sa.insert(ct.email_lookup), rows)

    def _write_phones(
        self, crm_ids: Sequence[int], fields: Sequence[ContactField], held: Mapping[int, Any]
    ) -> None:
        if not fields:
            return
        where = ct.phone_lookup.c.fieldname.in_([field.name for field in fields])
        self._connection.execute(self._of(ct.phone_lookup, crm_ids).where(where))
        rows = [
            {"crmid": crm_id, "setype": ct.MODULE, "fnumber": digits, "rnumber": digits[::-1], "fieldname": field.name}
            for crm_id, values in held.items()
            for field in fields
            if (digits := "".join(sign for sign in values[field.name] if sign.isdigit())[:_CHARS])
        ]  # fmt: skip
        if rows:
            self._connection.execute(sa.insert(ct.phone_lookup), rows)

    def _held(self, crm_ids: Sequence[int], fields: Sequence[ContactField]) -> dict[int, dict[str, str]]:
        details = ct.contact_table(ct.DETAILS, *_columns(fields, ct.DETAILS))
        tables = {ct.DETAILS: details}
        source: Any = details
        for name in dict.fromkeys(field.table for field in fields if field.table != ct.DETAILS):
            tables[name] = ct.contact_table(name, *_columns(fields, name))
            source = source.outerjoin(tables[name], tables[name].c[ct.KEYS[name]] == details.c.contactid)
        columns = [tables[field.table].c[field.column].label(f"f_{field.name}") for field in fields]
        query = sa.select(details.c.contactid, *columns).select_from(source)
        found = self._connection.execute(query.where(details.c.contactid.in_(crm_ids)))
        return {
            row.contactid: {field.name: getattr(row, f"f_{field.name}") or "" for field in fields}
            for row in found
        }

    @staticmethod
    def _of(table: sa.TableClause, crm_ids: Sequence[int]) -> sa.Delete:
        return sa.delete(table).where(table.c.crmid.in_(crm_ids), table.c.setype == ct.MODULE)


def _columns(fields: Sequence[ContactField], table: str) -> list[str]:
    return [field.column for field in fields if field.table == table]
