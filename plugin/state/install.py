"""Whose database this is. A copy of it (a staging server, a moved CRM) must not write to people's calendars (design.md §5)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import insert

from plugin.core.errors import ForeignInstallError
from plugin.state import models as m
from plugin.state.rows import stored


class Install:
    """The row that ties our tables to one CRM: its address and a fingerprint of its application key."""

    def __init__(
        self, engine: sa.Engine, site_url: str, app_key_hash: str, now_utc: Callable[[], datetime]
    ) -> None:
        self._engine, self._now_utc = engine, now_utc
        self._site_url, self._app_key_hash = site_url, app_key_hash

    def check(self) -> str:
        """Return the install id, made at the first call; raises ForeignInstallError if this is another CRM's database."""
        with self._engine.connect() as connection:
            row = self._row(connection)
            if row is None:
                first = self._values(secrets.token_hex(8))
                connection.execute(insert(m.install).values(**first).prefix_with("IGNORE"))
                # This transaction has seen that there is no row; only a new one sees the row of whoever was first.
                connection.commit()
                row = self._row(connection)
        return self.id_from_row(row)

    def id_from_row(self, row: Any) -> str:
        """Return the install id that the row holds; raises ForeignInstallError if it is another CRM's, or none."""
        if row is None or row.site_url != self._site_url or row.app_key_hash != self._app_key_hash:
            raise ForeignInstallError(f"these tables belong to {row.site_url if row else 'another CRM'}")
        return str(row.install_id)

    def adopt_moved(self) -> None:
        """Take the database for the same CRM at another address: grants and links stay."""
        with self._engine.begin() as connection:
            row = self._row(connection)
            install_id = row.install_id if row else secrets.token_hex(8)
            self._save(connection, install_id)

    def adopt_copy(self) -> None:
        """Take the database for a copy: it gets its own id and drops its grants, so that nobody's calendar is touched."""
        with self._engine.begin() as connection:
            self._save(connection, secrets.token_hex(8))
            connection.execute(
                sa.update(m.accounts).values(
                    status="off",
                    refresh_token_encrypted=None,
                    access_token_encrypted=None,
                    access_expires_utc=None,
                )
            )
            connection.execute(sa.update(m.pairs).values(status="off", two_way_key=None))

    def _row(self, connection: sa.Connection) -> Any:
        return connection.execute(sa.select(m.install).where(m.install.c.install_row == 1)).one_or_none()

    def _save(self, connection: sa.Connection, install_id: str) -> None:
        values = self._values(install_id)
        connection.execute(insert(m.install).values(**values).on_duplicate_key_update(**values))

    def _values(self, install_id: str) -> dict[str, Any]:
        return {
            "install_row": 1,
            "install_id": install_id,
            "site_url": self._site_url,
            "app_key_hash": self._app_key_hash,
            "created_utc": stored(self._now_utc()),
        }
