"""What a worker process finds out before it forks for its first job."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from demo.servers import free_port
from plugin.bootstrap.database import engine_options
from plugin.jobs.forking import prepare_to_fork
from plugin.state import models
from plugin.sync.views import RunStatus
from tests.installed import Installed
from tests.snapshots import snapshot


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Let the garbage collector see again what is there now: this process isn't a worker's."""
    yield
    gc.unfreeze()


def our_rows(installed: Installed) -> dict[str, int]:
    tables = models.links.metadata.sorted_tables
    count = sa.select(sa.func.count())
    with installed.parts.engine.connect() as connection:
        return {t.name: connection.execute(count.select_from(t)).scalar_one() for t in tables}


def test_preparing_writes_nothing_and_leaves_no_connection_to_be_inherited(installed: Installed) -> None:
    installed.add_activity("Visita")
    installed.google.edit(
        "insert", body={"summary": "Call", "start": {"date": "2027-03-02"}, "end": {"date": "2027-03-03"}}
    )
    before = snapshot(installed), our_rows(installed)

    prepare_to_fork(installed.parts)

    pool = installed.parts.engine.pool
    assert isinstance(pool, sa.QueuePool)
    assert (pool.checkedin(), pool.checkedout()) == (0, 0)
    assert (snapshot(installed), our_rows(installed)) == before


def test_forks_do_not_collect_what_was_there_before_them(installed: Installed) -> None:
    prepare_to_fork(installed.parts)

    assert gc.get_freeze_count() > 10_000
    assert installed.sync().status is RunStatus.DONE


def test_database_that_is_away_is_left_to_the_jobs(installed: Installed) -> None:
    url = f"mysql+pymysql://root@127.0.0.1:{free_port()}/crm"
    nowhere = sa.create_engine(url, **engine_options(url))

    prepare_to_fork(replace(installed.parts, engine=nowhere))
