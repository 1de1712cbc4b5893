"""The CRM's look-up rows of contacts: e-mail → record (7.0+), phone number → record (with the telephone module).

All records of the CRM share these tables, and most saves write there. So what is there is read without a lock, and rows are
written by their whole key: a DELETE by contact would lock the table, or gaps in it, and the saves of others would wait.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from plugin.core.mapping.contact_mapping import ContactField, FieldKind
from plugin.crm import contact_tables as ct

# vtiger_emailslookup.value and vtiger_pbxmanager_phonelookup.fnumber.
_CHARS = 100

# A contact's id, and the field as the table names it.
_Key = tuple[int, Any]
_Columns = Mapping[str, str]


class Lookups:
    """Keeps both tables in step, in a fixed number of statements; a table that isn't there needs nothing."""

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
        self._write(
            ct.email_lookup, {self._schema.field_ids[f.name]: f.name for f in emails}, held, _of_email
        )
        self._write(ct.phone_lookup, {f.name: f.name for f in phones}, held, _of_phone)

    def forget_emails(self, crm_ids: Sequence[int]) -> None:
        """Remove the contacts' e-mails, as the CRM does with a deleted record."""
        if self._emails:
            self._delete(ct.email_lookup, self._there(ct.email_lookup, crm_ids))

    def _write(
        self,
        table: sa.TableClause,
        names: Mapping[Any, str],
        held: Mapping[int, Mapping[str, str]],
        columns_of: Callable[[str], _Columns],
    ) -> None:
        """Bring a table's rows of `held` contacts in step with what their fields hold, by the table's `names` of these."""
        if not names or not held:
            return
        wanted = {
            (crm_id, key): columns
            for crm_id, values in held.items()
            for key, name in names.items()
            if (columns := columns_of(values[name]))
        }
        there = {key: columns for key, columns in self._there(table, held).items() if key[1] in names}
        self._delete(table, there.keys() - wanted.keys())
        both = wanted.keys() & there.keys()
        self._update(table, {key: wanted[key] for key in sorted(both) if wanted[key] != there[key]})
        new = [
            {"crmid": crm_id, "setype": ct.MODULE, ct.LOOKUP_FIELDS[table.name]: key, **columns}
            for (crm_id, key), columns in wanted.items()
            if (crm_id, key) not in there
        ]
        if new:
            self._connection.execute(sa.insert(table), new)

    def _there(self, table: sa.TableClause, crm_ids: Collection[int]) -> Mapping[_Key, _Columns]:
        found = self._connection.execute(
            sa.select(table).where(table.c.crmid.in_(crm_ids), table.c.setype == ct.MODULE)
        )
        named = ct.LOOKUP_FIELDS[table.name]
        keys = {"crmid", "setype", named}
        return {
            (row["crmid"], row[named]): {name: value for name, value in row.items() if name not in keys}
            for row in found.mappings()
        }

    def _update(self, table: sa.TableClause, changed: Mapping[_Key, _Columns]) -> None:
        if not changed:
            return
        field = table.c[ct.LOOKUP_FIELDS[table.name]]
        values = {
            name: sa.case(
                *(
                    (sa.and_(table.c.crmid == i, field == key), row[name])
                    for (i, key), row in changed.items()
                ),
                else_=table.c[name],
            )
            for name in next(iter(changed.values()))
        }
        where = sa.or_(
            *(
                sa.and_(table.c.crmid.in_(ids), table.c.setype == ct.MODULE, field == key)
                for key, ids in _by_field(changed).items()
            )
        )
        self._connection.execute(
            sa.update(table).with_hint(self._by_key(table)).where(where).values(**values)
        )

    def _delete(self, table: sa.TableClause, keys: Collection[_Key]) -> None:
        if not keys:
            return
        # The server takes a hint only in a DELETE of several tables.
        named, found = ct.LOOKUP_FIELDS[table.name], list(_by_field(keys).items())
        where = " OR ".join(
            f"(setype = :module AND {named} = :key{n} AND crmid IN :ids{n})" for n in range(len(found))
        )
        query = sa.text(f"DELETE {table.name} FROM {table.name} {self._by_key(table)} WHERE {where}")
        query = query.bindparams(*(sa.bindparam(f"ids{n}", expanding=True) for n in range(len(found))))
        values = {f"key{n}": key for n, (key, _) in enumerate(found)}
        values |= {f"ids{n}": ids for n, (_, ids) in enumerate(found)}
        self._connection.execute(query, {"module": ct.MODULE, **values})

    def _by_key(self, table: sa.TableClause) -> str:
        # On a small table the server would rather read all of it, and lock all of it.
        name = self._schema.lookup_keys.get(table.name)
        return f"FORCE INDEX (`{name}`)" if name else ""

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


def _of_email(value: str) -> _Columns:
    return {"value": value[:_CHARS]} if value else {}


def _of_phone(value: str) -> _Columns:
    digits = "".join(sign for sign in value if sign.isdigit())[:_CHARS]
    return {"fnumber": digits, "rnumber": digits[::-1]} if digits else {}


def _by_field(keys: Iterable[_Key]) -> Mapping[Any, list[int]]:
    found: defaultdict[Any, list[int]] = defaultdict(list)
    for crm_id, key in sorted(keys):
        found[key].append(crm_id)
    return found


def _columns(fields: Sequence[ContactField], table: str) -> list[str]:
    return [field.column for field in fields if field.table == table]
