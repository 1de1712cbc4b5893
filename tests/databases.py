"""Databases with the CRM's tables and ours: made once per server, then copied, and refilled for each further test."""

from __future__ import annotations

import itertools

from flask_migrate import upgrade

from demo.crm.database import create_database
from demo.servers import MariaDb
from plugin import create_app
from plugin.config import Settings

TEMPLATE = "crm_template"
_names = itertools.count(1)
# By the server's port: the statements that make a copy's tables, and copies that nobody uses now.
_tables: dict[int, dict[str, str]] = {}
_free: dict[int, list[str]] = {}


def take_database(mariadb: MariaDb, settings: Settings) -> str:
    """Return the name of a database that holds users, no activities, and our empty tables.

    `settings` serve only to run our migrations, once per server.
    """
    if mariadb.port not in _tables:
        _tables[mariadb.port] = _build_template(mariadb, settings)
    free = _free.setdefault(mariadb.port, [])
    if free:
        name = free.pop()
        _refill(mariadb, name)
    else:
        name = f"crm_{next(_names)}"
        _copy(mariadb, name)
    return name


def give_back(mariadb: MariaDb, name: str) -> None:
    """Let others use the database; its tables must still be as they were, whatever is in them.

    A test that dropped one keeps what is left.
    """
    if _table_names(mariadb, name) == list(_tables[mariadb.port]):
        _free[mariadb.port].append(name)


def template_url(mariadb: MariaDb) -> str:
    """Return the URL of the database that all others are copies of."""
    return mariadb.url(TEMPLATE)


def _build_template(mariadb: MariaDb, settings: Settings) -> dict[str, str]:
    create_database(template_url(mariadb))
    app = create_app(settings)
    with app.app_context():
        upgrade()
    app.extensions["gsync_parts"].engine.dispose()
    mariadb.execute(
        "DELETE FROM vtiger_activity; DELETE FROM vtiger_crmentity WHERE setype = 'Calendar';"
        "DELETE FROM vtiger_activity_reminder_popup; DELETE FROM vtiger_activity_reminder;"
        "DELETE FROM vtiger_salesmanactivityrel; DELETE FROM vtiger_activity_recurring_info;"
        "DELETE FROM vtiger_activitycf; DELETE FROM vtiger_invitees; DELETE FROM vtiger_seactivityrel",
        database=TEMPLATE,
    )
    return {
        name: mariadb.execute(f"SHOW CREATE TABLE `{name}`", database=TEMPLATE)[0][1]
        for name in _table_names(mariadb, TEMPLATE)
    }


def _table_names(mariadb: MariaDb, database: str) -> list[str]:
    return [name for (name,) in mariadb.execute("SHOW TABLES", database=database)]


def _copy(mariadb: MariaDb, name: str) -> None:
    mariadb.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci")
    made = _tables[mariadb.port]
    fill = [f"INSERT INTO `{table}` SELECT * FROM `{TEMPLATE}`.`{table}`" for table in made]
    _without_keys(mariadb, name, [*made.values(), *fill])


def _refill(mariadb: MariaDb, name: str) -> None:
    statements = [
        statement
        for table in _tables[mariadb.port]
        for statement in (
            f"DELETE FROM `{table}`",
            f"INSERT INTO `{table}` SELECT * FROM `{TEMPLATE}`.`{table}`",
        )
    ]
    _without_keys(mariadb, name, ["START TRANSACTION", *statements])


def _without_keys(mariadb: MariaDb, name: str, statements: list[str]) -> None:
    mariadb.execute(";".join(["SET FOREIGN_KEY_CHECKS = 0", *statements]), database=name)
