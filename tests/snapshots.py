"""What a run has touched in the CRM's tables: all of them, row by row, before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.installed import Installed

Row = tuple[tuple[str, Hashable], ...]
Tables = Mapping[str, tuple[tuple[str, ...], Counter[Row]]]


@dataclass
class TableChange:
    """`changed` maps the row's key to what each changed column held and holds; a table without a key has none."""

    added: list[dict[str, Any]] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)
    changed: dict[Any, dict[str, tuple[Any, Any]]] = field(default_factory=dict)


def snapshot(installed: Installed) -> Tables:
    """Return every row of every table of the CRM, with the tables' primary keys."""
    keys: dict[str, list[str]] = {}
    for row in installed.rows(_COLUMNS):
        names = keys.setdefault(row["name"], [])
        if row["col"]:
            names.append(row["col"])
    with installed.parts.engine.connect() as connection:
        return {
            table: (
                tuple(key),
                Counter(
                    tuple(row.items())
                    for row in connection.exec_driver_sql(f"SELECT * FROM `{table}`").mappings()
                ),
            )
            for table, key in keys.items()
        }


def differences(before: Tables, after: Tables) -> dict[str, TableChange]:
    """Return what differs, by table; a table that is as it was isn't named."""
    assert set(before) == set(after), "tables came or went"
    found = {
        table: _compare(key, rows, after[table][1])
        for table, (key, rows) in before.items()
        if rows != after[table][1]
    }
    assert all(change != TableChange() for change in found.values())
    return found


def _compare(key: tuple[str, ...], before: Counter[Row], after: Counter[Row]) -> TableChange:
    gone, come = [dict(row) for row in before - after], [dict(row) for row in after - before]
    if not key:
        return TableChange(added=come, removed=gone)
    change = TableChange()
    old_rows = {_key(key, row): row for row in gone}
    for row in come:
        old = old_rows.pop(_key(key, row), None)
        if old is None:
            change.added.append(row)
        else:
            change.changed[_key(key, row)] = {
                name: (old[name], row[name]) for name in row if old[name] != row[name]
            }
    change.removed = list(old_rows.values())
    return change


def _key(names: tuple[str, ...], row: Mapping[str, Any]) -> Any:
    values = tuple(row[name] for name in names)
    return values[0] if len(values) == 1 else values


_COLUMNS = """SELECT t.table_name AS name, k.column_name AS col FROM information_schema.tables t
    LEFT JOIN information_schema.key_column_usage k ON k.table_schema = t.table_schema
      AND k.table_name = t.table_name AND k.constraint_name = 'PRIMARY'
    WHERE t.table_schema = DATABASE() AND t.table_name LIKE 'vtiger\\_%'
    ORDER BY t.table_name, k.ordinal_position"""
