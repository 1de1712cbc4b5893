"""Fixtures for all tests: private servers, one of each per test process; Hypothesis profiles."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from demo.servers import STRICT, MariaDb, Redis, temporary_folder

# No deadlines: what shares a machine with a database server is slow now and then.
settings.register_profile("dev", max_examples=50, deadline=None)
# CI judges a change, so it draws the same examples each time; new ones are looked for with "dev" and "hunt".
settings.register_profile("ci", max_examples=200, deadline=None, print_blob=True, derandomize=True)
settings.register_profile("hunt", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


# Each test process has its own database server, simulator and browser.
MOST_PROCESSES = 4


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """What `--numprocesses auto` means: a process per core; for chosen tests this one, which is there already."""
    is_choice = config.option.keyword or any(Path(name.split("::")[0]).is_file() for name in config.args)
    return 0 if is_choice else min(len(os.sched_getaffinity(0)), MOST_PROCESSES)


def pytest_configure() -> None:
    # The developer's own install and proxy are no business of the tests.
    for name in [name for name in os.environ if name.startswith("GSYNC_")]:
        del os.environ[name]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need servers or the browser by what they ask for."""
    for item in items:
        wanted = getattr(item, "fixturenames", ())
        if "server_folder" in wanted:
            item.add_marker(pytest.mark.real)
        if "browser" in wanted:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Where the servers of this run keep data and logs.

    Every fixture that starts a server asks for it, and that is what marks a test as `real`.
    """
    with temporary_folder("gsync-tests-") as folder:
        yield folder


@pytest.fixture(scope="session")
def mariadb(server_folder: Path) -> Iterator[MariaDb]:
    """The database server, with the SQL mode that the CRM asks for; test modules make their own databases."""
    with MariaDb(server_folder / "mariadb") as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_strict(mariadb: MariaDb) -> MariaDb:
    """The same server; connections made through this one run in MariaDB's own strict mode."""
    return mariadb.in_mode(STRICT)


@pytest.fixture(params=["lenient", "strict"])
def mariadb_each_mode(request: pytest.FixtureRequest, mariadb: MariaDb) -> MariaDb:
    """Runs the test twice, once per SQL mode."""
    return mariadb if request.param == "lenient" else mariadb.in_mode(STRICT)


@pytest.fixture(scope="session")
def redis_server(server_folder: Path) -> Iterator[Redis]:
    with Redis(server_folder / "redis") as server:
        yield server


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    """An emptied Redis."""
    redis_server.flush()
    return redis_server.url
