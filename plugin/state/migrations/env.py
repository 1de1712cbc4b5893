"""Alembic's environment: only our gsync_ tables, in the CRM's database, with a version table of our own."""

from alembic import context
from flask import current_app

VERSION_TABLE = "gsync_alembic_version"


def is_ours(name, type_, parent_names):
    """Keep Alembic's eyes off the CRM's tables."""
    if type_ == "table":
        return name.startswith("gsync_") and name != VERSION_TABLE
    return True


def run() -> None:
    """Bring the database up to date."""
    database = current_app.extensions["migrate"].db
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            version_table=VERSION_TABLE,
            include_name=is_ours,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
