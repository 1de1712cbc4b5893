"""The kinds of columns that our tables share.

Times are UTC, but for `crm_version`, which repeats the CRM's own `modifiedtime` to be compared for equality. Google's ids
are ASCII (base32hex and `_`), up to 1,024 characters: as ascii_bin they fit an index and differ by letter case.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_ci",
}


def google_id_column(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """Return a column for the id of an event, a person or a series."""
    return sa.Column(name, mysql.VARCHAR(1024, charset="ascii", collation="ascii_bin"), nullable=nullable)


def key_column(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[Any]:
    """Return a column for a key, a hash or another word of a machine's."""
    return sa.Column(name, mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), nullable=nullable)


def moment_column(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    """Return a column for a moment, to the microsecond."""
    return sa.Column(name, mysql.DATETIME(fsp=6), nullable=nullable)


def id_column(name: str) -> sa.Column[Any]:
    """Return a column for the number that the database gives a row."""
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=True)
