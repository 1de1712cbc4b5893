"""Which records the CRM's delete-user transfer has moved: it gives all that a user owns to another one.

That is one UPDATE of vtiger_crmentity over all modules, without a new modifiedtime; the user is marked as deleted only seconds
later. A user who owns nothing any more is therefore taken for one who is being deleted: nothing may change in Google then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from plugin.core.model import Presence
from plugin.crm import tables as t
from plugin.sync.ports import CrmRecord


def find_transferred(
    connection: sa.Connection, links: sa.Table, pairs: sa.Table, user_id: int, records: Sequence[CrmRecord]
) -> frozenset[int]:
    """Return the ids of records that were moved away from the user, or to the user and not saved since."""
    left = [r.crm_id for r in records if r.presence is Presence.LEFT and not r.is_owned]
    new = [r.crm_id for r in records if r.presence is Presence.ALIVE and r.link_id is None]
    found: set[int] = set()
    if left and connection.execute(sa.select(_owned_by(sa.literal(user_id)))).scalar() is None:
        found |= set(left)
    if new:
        found |= set(connection.execute(_inherited(links, pairs, user_id, new)).scalars())
    return frozenset(found)


def _inherited(links: sa.Table, pairs: sa.Table, user_id: int, crm_ids: Sequence[int]) -> sa.Select[Any]:
    # Another user's link tells whose it was; its version, whether anybody has saved it since.
    is_gone = sa.or_(
        t.users.c.id.is_(None),
        t.users.c.deleted != 0,
        t.users.c.status != "Active",
        _owned_by(pairs.c.crm_user_id).is_(None),
    )
    return (
        sa.select(links.c.crm_id)
        .join(pairs, pairs.c.pair_id == links.c.pair_id)
        .outerjoin(t.users, t.users.c.id == pairs.c.crm_user_id)
        .join(t.entity, t.entity.c.crmid == links.c.crm_id)
        .where(
            links.c.crm_id.in_(crm_ids),
            pairs.c.crm_user_id != user_id,
            links.c.state != "dead",
            links.c.crm_version == t.VERSION,
            is_gone,
        )
    )


def _owned_by(user_id: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
    owned = t.entity.alias()
    # Comments keep their author. LIMIT keeps the server from listing all owners of the whole CRM first.
    return (
        sa.select(owned.c.crmid)
        .where(owned.c.smownerid == user_id, owned.c.setype != "ModComments")
        .limit(1)
        .correlate_except(owned)
        .scalar_subquery()
    )
