"""The CRM's users, from the database row: the privileges file that PHP reads is only a copy of it (facts §11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from plugin.core.model import Visibility
from plugin.crm import tables as t
from plugin.sync.ports import CrmUser


class CrmUsers:
    """Looks users up."""

    def __init__(self, engine: sa.Engine, crm_zone: str) -> None:
        self._engine, self._crm_zone = engine, crm_zone

    def user(self, user_id: int) -> CrmUser | None:
        """Return the user, or None if there is no such row or it is deleted."""
        return self._one(t.users.c.id == user_id)

    def user_by_login(self, login: str) -> CrmUser | None:
        """Return the user with this login name; the active one, should a deleted one have had it before."""
        return self._one(t.users.c.user_name == login)

    def active_ids(self, user_ids: Sequence[int]) -> frozenset[int]:
        """Return which of these users may work in the CRM: active and not deleted."""
        query = sa.select(t.users.c.id).where(
            t.users.c.id.in_(user_ids), t.users.c.deleted == 0, t.users.c.status == "Active"
        )
        with self._engine.connect() as connection:
            return frozenset(connection.execute(query).scalars())

    def _one(self, where: sa.ColumnElement[bool]) -> CrmUser | None:
        query = sa.select(t.users).where(where, t.users.c.deleted == 0).order_by(t.users.c.status).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else self.user_from_row(row)

    def user_from_row(self, row: Any) -> CrmUser:
        """Return the user that the row holds."""
        return CrmUser(
            user_id=row.id,
            login=row.user_name or "",
            is_active=row.status == "Active",
            is_admin=row.is_admin == "on",
            language=row.language or "",
            time_zone=self._zone(row.time_zone),
            date_format=row.date_format or "dd-mm-yyyy",
            # Databases from before 6.1 say am/pm where later ones say 12.
            hour_format="24" if row.hour_format == "24" else "12",
            default_visibility=_default_visibility(row.calendarsharedtype),
        )

    def _zone(self, name: str | None) -> str:
        try:
            return ZoneInfo(name).key if name else self._crm_zone
        except (KeyError, ValueError, OSError):  # OSError: the name of a folder of zones
            return self._crm_zone


def _default_visibility(shared: str | None) -> Visibility:
    # A Google event that leaves its visibility to the calendar follows the user's calendar sharing (facts §4.2).
    return Visibility.PUBLIC if (shared or "").lower() in {"public", "selectedusers"} else Visibility.PRIVATE
