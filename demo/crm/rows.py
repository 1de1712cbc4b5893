"""Plain inserts and updates by column name: the stand-in speaks SQL to the tables, not to a model of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, text


def insert_row(connection: Connection, table: str, **values: Any) -> int:
    """Insert one row and return the auto-increment value, 0 where the table has none."""
    columns = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    result = connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({marks})"), values)
    return int(result.lastrowid or 0)


def insert_rows(connection: Connection, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert many rows in one statement; `columns` is a blank-separated list."""
    names = columns.split()
    values = [dict(zip(names, row, strict=True)) for row in rows]
    if values:
        marks = ", ".join(f":{name}" for name in names)
        connection.execute(text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"), values)


def update_row(connection: Connection, table: str, key: Mapping[str, Any], **values: Any) -> int:
    """Update the rows that have this key and return how many were found."""
    changes = ", ".join(f"{name} = :{name}" for name in values)
    where = " AND ".join(f"{name} = :key_{name}" for name in key)
    parameters = {**values, **{f"key_{name}": value for name, value in key.items()}}
    result = connection.execute(text(f"UPDATE {table} SET {changes} WHERE {where}"), parameters)
    return int(result.rowcount)


def delete_rows(connection: Connection, table: str, **key: Any) -> None:
    where = " AND ".join(f"{name} = :{name}" for name in key)
    connection.execute(text(f"DELETE FROM {table} WHERE {where}"), key)


def fetch_row(connection: Connection, sql: str, **parameters: Any) -> dict[str, Any] | None:
    row = connection.execute(text(sql), parameters).mappings().first()
    return dict(row) if row is not None else None


def fetch_rows(connection: Connection, sql: str, **parameters: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(text(sql), parameters).mappings()]
