"""The tables are those of the measured CRM, and the sample company holds what demo and tests rely on."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from demo.crm.database import DatabaseNotEmptyError, create_database, empty_tables

MEASURED = Path(__file__).parents[1] / "data" / "crm"
COLUMNS = """SELECT table_name, column_name, column_type, is_nullable, column_default, extra
             FROM information_schema.columns WHERE table_schema = DATABASE()
             ORDER BY table_name, ordinal_position"""
INDEXES = """SELECT table_name, index_name, non_unique,
                    GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR ' ')
             FROM information_schema.statistics WHERE table_schema = DATABASE()
             GROUP BY table_name, index_name, non_unique"""


def measured(name: str) -> dict[str, list[tuple[str, ...]]]:
    tables = defaultdict(list)
    with (MEASURED / name).open(newline="") as file:
        for row in csv.DictReader(file):
            row.pop("key", None)
            table, *rest = row.values()
            tables[table].append(tuple(rest))
    return tables


def test_columns_equal_the_measured_crm(connection: Connection) -> None:
    ours = defaultdict(list)
    for table, column, kind, nullable, default, extra in connection.execute(text(COLUMNS)):
        ours[table].append((column, kind, nullable, default or "", extra))
    for table, columns in measured("columns_8.0.csv").items():
        assert ours[table] == columns, table


def test_indexes_equal_the_measured_crm(connection: Connection) -> None:
    ours = defaultdict(set)
    for table, *index in connection.execute(text(INDEXES)):
        ours[table].add(tuple(str(part) for part in index))
    for table, indexes in measured("indexes_8.0.csv").items():
        assert ours[table] == set(indexes), table


def test_tables_are_innodb_and_three_byte_utf8(connection: Connection) -> None:
    sql = """SELECT DISTINCT engine, table_collation FROM information_schema.tables
             WHERE table_schema = DATABASE()"""
    assert connection.execute(text(sql)).all() == [("InnoDB", "utf8mb3_general_ci")]


def test_creating_over_existing_tables_is_refused(crm_database: str) -> None:
    with pytest.raises(DatabaseNotEmptyError):
        create_database(crm_database)


def test_empty_tables_leaves_a_bare_installation(engine: Engine) -> None:
    with engine.begin() as connection:
        empty_tables(connection)
    with engine.connect() as connection:
        users = connection.execute(text("SELECT user_name FROM vtiger_users")).scalars().all()
        assert users == ["admin"]
        assert connection.execute(text("SELECT COUNT(*) FROM vtiger_crmentity")).scalar_one() == 0
        assert connection.execute(text("SELECT id FROM vtiger_crmentity_seq")).scalar_one() == 1


def test_sample_holds_every_case(connection: Connection) -> None:
    def count(sql: str) -> int:
        return connection.execute(text(f"SELECT COUNT(*) FROM {sql}")).scalar_one()

    joined = "vtiger_activity a JOIN vtiger_crmentity e ON e.crmid = a.activityid WHERE"
    assert count("vtiger_contactdetails") == 10
    assert count("vtiger_account") == 3
    assert count(f"{joined} e.deleted = 1") == 1
    assert count(f"{joined} a.activitytype = 'Task'") == 2
    assert count(f"{joined} a.visibility = 'all'") == 1
    assert count(f"{joined} e.smownerid = 2") == 1
    assert count("vtiger_recurringevents") == count("vtiger_activity_recurring_info") == 10
    assert count("vtiger_cron_task") == 9
    assert count("vtiger_cron_task WHERE status = 1") == 4


def test_sample_whole_day_is_midnight_to_midnight_in_madrid(connection: Connection) -> None:
    sql = """SELECT date_start, time_start, due_date, time_end FROM vtiger_activity
             WHERE subject = 'Feria del aceite'"""
    row = connection.execute(text(sql)).one()
    assert [str(value) for value in row] == ["2026-12-01", "23:00:00", "2026-12-02", "23:00:00"]


def test_emoji_becomes_question_marks_as_in_the_crm(connection: Connection) -> None:
    sql = "UPDATE vtiger_activity SET subject = 'Fiesta 😀' WHERE subject = 'Feria del aceite'"
    connection.execute(text(sql))
    subjects = connection.execute(
        text("SELECT subject FROM vtiger_activity WHERE subject LIKE 'Fiesta%'")
    ).scalars()
    assert list(subjects) == ["Fiesta ????"]
