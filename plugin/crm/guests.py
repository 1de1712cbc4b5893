"""Contacts of an activity: those among a Google event's guests are related to it, as the CRM's own module did (7.1+).

Only contacts that the user may see for certain: all of them, unless the CRM's sharing says that contacts are private; then
the user's own and those of the user's groups. What roles and sharing rules show beyond that is known to the CRM's PHP alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import insert

from plugin.crm import tables as t
from plugin.sync.ports import CrmUser

# vtiger_def_org_share: 0 to 2 are public, 3 is private.
PRIVATE = 3
# A contact's addresses; vtiger_emailslookup (7.0+) has them too, but only of contacts that PHP saved.
_ADDRESSES = ("email", "otheremail", "secondaryemail")


def relate_contacts(
    connection: sa.Connection, schema: t.CrmSchema, user: CrmUser, guests: Mapping[int, Collection[str]]
) -> None:
    """Relate activities (by id) to the contacts with these addresses (lower case): two statements, none removed.

    An address of several contacts stands for all of them, as in the CRM's own module.
    """
    wanted = sorted({address for addresses in guests.values() for address in addresses})
    if not wanted or not (schema.has(t.contact) and schema.has(t.contact_relation)):
        return
    found = _contacts(connection, schema, user, wanted)
    rows = [
        {"contactid": contact_id, "activityid": crm_id}
        for crm_id, addresses in sorted(guests.items())
        for contact_id in sorted({i for address in addresses for i in found.get(address, ())})
    ]
    if rows:
        # IGNORE: related already, or deleted for good since it was read.
        connection.execute(insert(t.contact_relation).prefix_with("IGNORE"), rows)


def _contacts(
    connection: sa.Connection, schema: t.CrmSchema, user: CrmUser, wanted: Collection[str]
) -> Mapping[str, set[int]]:
    columns = [t.contact.c[name] for name in _ADDRESSES if schema.has(t.contact, name)]
    query = (
        sa.select(t.contact.c.contactid, *columns)
        .join(t.entity, t.entity.c.crmid == t.contact.c.contactid)
        .where(t.entity.c.deleted == 0, sa.or_(*(column.in_(wanted) for column in columns)))
    )
    if not user.is_admin and schema.has(t.default_sharing):
        query = query.where(sa.or_(~_are_private(), t.entity.c.smownerid.in_(_owners(schema, user))))
    found: dict[str, set[int]] = {}
    for contact_id, *addresses in connection.execute(query):
        # The database compares by its collation; here "é" isn't "e".
        for address in _clean(addresses):
            found.setdefault(address, set()).add(contact_id)
    return found


def _are_private() -> sa.ColumnElement[bool]:
    return (
        sa.select(sa.literal(1))
        .join(t.tab, t.tab.c.tabid == t.default_sharing.c.tabid)
        .where(t.tab.c.name == "Contacts", t.default_sharing.c.permission == PRIVATE)
        .exists()
    )


def _owners(schema: t.CrmSchema, user: CrmUser) -> sa.SelectBase:
    own: sa.Select[Any] = sa.select(sa.literal(user.user_id))
    if not schema.has(t.group_member):
        return own
    groups = sa.select(t.group_member.c.groupid).where(t.group_member.c.userid == user.user_id)
    return sa.union_all(own, groups)


def _clean(addresses: Iterable[str | None]) -> Iterable[str]:
    return {address.strip().lower() for address in addresses if address}
