"""Alembic's environment: only our gsync_ tables, in the CRM's database, with a version table of our own."""

import logging

from alembic import context
from flask import current_app
from sqlalchemy.exc import OperationalError

from plugin.state.alembic_rules import VERSION_TABLE, is_ours

def is_worth_a_line(record):
    """Keep Alembic's talk about itself out of what a sysadmin reads."""
    return str(record.msg).startswith("Running")


def connect(engine):
    """Return a connection, or end with a sentence."""
    try:
        return engine.connect()
    except OperationalError as error:
        raise SystemExit(f"The database does not answer ({error.orig}): check GSYNC_DATABASE_URL") from None


def run() -> None:
    """Bring the database up to date."""
    logger = logging.getLogger("alembic.runtime.migration")
    if is_worth_a_line not in logger.filters:
        logger.addFilter(is_worth_a_line)
    database = current_app.extensions["migrate"].db
    with connect(database.engine) as connection:
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
