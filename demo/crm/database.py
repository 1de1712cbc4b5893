"""Creates the CRM's database: tables, what a fresh installation holds, and the sample company.

`create_database` is for the demo and for test sessions, `empty_tables` for the moment between two tests.
"""

from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

from demo.crm.installed import load_installed
from demo.crm.sample import load_sample

SCHEMA_FILES = Path(__file__).parent / "schema"
# As the CRM connects. PyMySQL would read all the machine's CA certificates each time to ask for TLS (30 ms).
WITHOUT_TLS = {"ssl_disabled": True}


class DatabaseNotEmptyError(Exception):
    """The database named by the URL already has tables; it might be somebody's CRM."""


def open_engine(url: str) -> Engine:
    """Return an engine whose connections are set up as the CRM sets up its own.

    Character set utf8 (three bytes) turns an emoji into `????`, and without strict mode a too long
    value is cut silently: both belong to what the plugin must live with.
    """
    engine = create_engine(url, pool_pre_ping=True, connect_args=WITHOUT_TLS)

    @event.listens_for(engine, "connect")
    def set_up(dbapi_connection: object, _record: object) -> None:
        with dbapi_connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("SET NAMES utf8")
            cursor.execute("SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION'")

    return engine


def create_database(url: str, sample: bool = True, today: date | None = None) -> None:
    """Create the database of `url` with the CRM's tables and rows; `sample=False` leaves a bare installation.

    Raises DatabaseNotEmptyError rather than touch a database that has tables.
    """
    target = make_url(url)
    server = create_engine(target.set(database="information_schema"), connect_args=WITHOUT_TLS)
    with server.begin() as connection:
        charset = "CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci"
        connection.execute(text(f"CREATE DATABASE IF NOT EXISTS `{target.database}` {charset}"))
    server.dispose()
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            if _table_names(connection):
                raise DatabaseNotEmptyError(f"database {target.database} already has tables")
            load_schema(connection)
            load_installed(connection)
            if sample:
                load_sample(connection, today)
    finally:
        engine.dispose()


def load_schema(connection: Connection) -> None:
    """Create the CRM's tables in the connection's (empty) database."""
    for statement in schema_statements():
        connection.exec_driver_sql(statement)


def schema_statements() -> list[str]:
    """Return the CREATE TABLE statements in an order that satisfies their foreign keys."""
    statements = []
    for path in sorted(SCHEMA_FILES.glob("*.sql")):
        lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("--")]
        statements += [part.strip() for part in "\n".join(lines).split(";\n") if part.strip(" ;\n")]
    return statements


def empty_tables(connection: Connection) -> None:
    """Take every CRM table back to a bare installation, as `create_database(sample=False)` left it.

    Deletes instead of truncating: on tables this small that is some 50 times faster. The caller commits.
    Tables that are not the CRM's are left alone.
    """
    connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
    for table in _table_names(connection):
        if table.startswith("vtiger_"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 1")
    load_installed(connection)


def copy_tables(connection: Connection, template: str) -> None:
    """Make every CRM table equal to its twin in another database of the same server: the fastest reset."""
    connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
    for table in _table_names(connection):
        if table.startswith("vtiger_"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
            connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM `{template}`.{table}")
    connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 1")


def _table_names(connection: Connection) -> list[str]:
    return [name for (name,) in connection.exec_driver_sql("SHOW TABLES").all()]
