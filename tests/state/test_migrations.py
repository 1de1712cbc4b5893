"""Migrations: they make what the models say, name no table but ours, and go down and up again."""

import re
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from plugin.extensions import db
from plugin.state.alembic_rules import VERSION_TABLE, is_ours
from tests.installed import Installed

VERSIONS = Path(__file__).parents[2] / "plugin/state/migrations/versions"


def tables(installed: Installed) -> dict[str, str]:
    """Return every table with its definition, but for counters."""
    found = {}
    with installed.parts.engine.connect() as connection:
        for (name,) in connection.exec_driver_sql("SHOW TABLES").all():
            [row] = connection.exec_driver_sql(f"SHOW CREATE TABLE `{name}`").all()
            found[name] = re.sub(r" AUTO_INCREMENT=\d+", "", row[1])
    return found


def crm_only(found: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in found.items() if not name.startswith("gsync_")}


def checksums(installed: Installed) -> dict[str, object]:
    with installed.parts.engine.connect() as connection:
        names = ", ".join(f"`{name}`" for name in crm_only(tables(installed)))
        return {row[0]: row[1] for row in connection.exec_driver_sql(f"CHECKSUM TABLE {names}")}


def test_models_are_what_the_migrations_make(installed: Installed) -> None:
    with installed.parts.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"version_table": VERSION_TABLE, "include_name": is_ours, "compare_type": True},
        )
        assert compare_metadata(context, db.metadata) == []


def test_no_migration_names_another_table(installed: Installed) -> None:
    others = {*crm_only(tables(installed)), "vtiger_"}
    named = {path.name: set(re.findall(r"\w+", path.read_text())) for path in VERSIONS.glob("*.py")}
    assert "gsync_links" in set().union(*named.values())
    for name, words in named.items():
        assert not {word for word in words if word in others or word.startswith("vtiger_")}, name
    assert all(table.startswith("gsync_") for table in db.metadata.tables)


def test_our_tables_have_no_keys_into_the_crm_s(installed: Installed) -> None:
    with installed.parts.engine.connect() as connection:
        inspector = sa.inspect(connection)
        ours = [name for name in inspector.get_table_names() if name.startswith("gsync_")]
        assert all(inspector.get_foreign_keys(name) == [] for name in ours)
        assert {inspector.get_table_options(name)["mysql_engine"] for name in ours} == {"InnoDB"}


def test_down_and_up_again_leaves_the_crm_s_tables_as_they_were(installed: Installed) -> None:
    definitions, rows = tables(installed), checksums(installed)
    with installed.app.app_context():
        downgrade(revision="base")
        assert {name for name in tables(installed) if name.startswith("gsync_")} == {VERSION_TABLE}
        upgrade()
        upgrade()
    assert tables(installed) == definitions
    assert checksums(installed) == rows


def test_upgrade_keeps_what_was_remembered_before(installed: Installed) -> None:
    definitions = tables(installed)
    entry = {
        "pair_id": 1,
        "run_id": 1,
        "action": "delete in CRM",
        "reason": "deleted in Google",
        "side": "crm",
    }
    with installed.app.app_context():
        downgrade(revision="0001")
        with installed.parts.engine.begin() as connection:
            connection.execute(
                sa.text(
                    "INSERT INTO gsync_journal (pair_id, run_id, at_utc, action, reason, side)"
                    " VALUES (:pair_id, :run_id, UTC_TIMESTAMP(6), :action, :reason, :side)"
                ),
                entry,
            )
        upgrade()
    assert tables(installed).keys() == definitions.keys()
    [row] = installed.rows("SELECT action, is_approved FROM gsync_journal")
    assert (row["action"], row["is_approved"]) == ("delete in CRM", 0)
