"""Deletes and updates that lock their own rows and no others.

A statement that searches locks all that it looks at until its transaction ends: the gap behind the last row of a pair, and the
whole table wherever the server takes it for small. Runs of other users would wait, two of them for each other. So rows are
looked up first, without locking, and named by their keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

# Else the server reads all of a table of which a sixth is named.
_HINT = "FORCE INDEX (PRIMARY)"


def delete_found(
    connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool], limit: int | None = None
) -> int:
    """Delete the rows for which all of this is true, or so many of them; return how many were found."""
    [key] = table.primary_key
    found = connection.execute(sa.select(key).where(*where).limit(limit)).scalars().all()
    delete_by_key(connection, table, key, found)
    return len(found)


def delete_by_key(
    connection: sa.Connection, table: sa.Table, key: sa.Column[Any], keys: Sequence[Any]
) -> None:
    """Delete the rows with these keys."""
    if keys:
        # A DELETE takes no such hint; with a limit, the server goes by the key.
        by_dialect = {f"{name}_limit": len(keys) for name in ("mysql", "mariadb")}
        connection.execute(sa.delete(table).where(key.in_(keys)).with_dialect_options(**by_dialect))


def update_found(
    connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool], **values: Any
) -> None:
    """Update the rows for which all of this is true."""
    [key] = table.primary_key
    found = connection.execute(sa.select(key).where(*where)).scalars().all()
    if found:
        connection.execute(update_by_key(table, found).values(**values))


def update_by_key(table: sa.Table, keys: Any) -> sa.Update:
    """Return an update of the rows with these keys."""
    [key] = table.primary_key
    return sa.update(table).with_hint(_HINT).where(key.in_(keys))
