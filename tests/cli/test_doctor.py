"""The doctor: one line for each part, what to do about what isn't well, exit 1 if anything isn't."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from rq import Worker
from sqlalchemy import make_url
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from demo.servers import MariaDb
from plugin import create_app
from plugin.crm import planner
from plugin.jobs.queue import queue_names
from tests.cli.conftest import Command, connected_install
from tests.installed import Installed, settings_for
from tests.simulated_google import SimulatedGoogle

PARTS = [
    "database",
    "tables",
    "install",
    "client",
    "keys",
    "planner",
    "redis",
    "worker",
    "sessions",
    "nginx",
    "google",
]


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Front:
    """What stands at the CRM's address: the plugin's app, behind a CRM that keeps what begins with `kept`."""

    def __init__(self) -> None:
        self.app: Flask | None = None
        self.kept = "/nothing"
        self.server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.app is None or environ["PATH_INFO"].startswith(self.kept):
            return Response("Login required", 302)(environ, start_response)
        return self.app(environ, start_response)


class Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        pass


@pytest.fixture
def front() -> Iterator[Front]:
    front = Front()
    serving = threading.Thread(target=front.server.serve_forever)
    serving.start()
    yield front
    front.server.shutdown()
    serving.join()
    front.server.server_close()


@pytest.fixture
def installed(
    mariadb: MariaDb, redis_url: str, google: SimulatedGoogle, tmp_path: Path, front: Front
) -> Iterator[Installed]:
    """A connected user of a CRM whose address answers."""
    for installed in connected_install(mariadb, redis_url, google, tmp_path, GSYNC_CRM_URL=front.url):
        front.app = installed.app
        yield installed


@pytest.fixture
def well(installed: Installed) -> Iterator[Installed]:
    """An installation that lacks nothing, with a worker."""
    settings = installed.parts.settings
    planner.create(installed.parts.engine, settings.planner_task, settings.crm_root)
    worker = Worker(list(queue_names(installed.parts)), connection=installed.parts.redis)
    worker.register_birth()
    yield installed
    worker.register_death()


def findings(command: Command) -> dict[str, tuple[bool, str]]:
    told = command("doctor", "--json")
    found = {f["part"]: (f["ok"], f["message"]) for f in json.loads(told.stdout)}
    assert told.exit_code == (0 if all(is_well for is_well, _ in found.values()) else 1)
    return found


def only_problem(command: Command) -> tuple[str, str]:
    """Return the part that isn't well, and what is said of it; everything else is."""
    [(part, sentence)] = [(part, s) for part, (is_well, s) in findings(command).items() if not is_well]
    return part, sentence


@contextmanager
def with_settings(installed: Installed, **more: str) -> Iterator[Command]:
    """The same installation, but for these settings."""
    settings = installed.parts.settings
    given = {
        "GSYNC_CRM_URL": settings.crm_url,
        "GSYNC_REDIS_URL": settings.redis_url,
        "GSYNC_CRM_SESSIONS": settings.crm_sessions,
        "GSYNC_TOKEN_KEYS": settings.token_keys[0],
    }
    app = create_app(settings_for(settings.database_url, installed.google, **(given | more)))
    yield lambda *arguments: app.test_cli_runner().invoke(args=["google", *arguments])
    parts = app.extensions["gsync_parts"]
    parts.engine.dispose()
    parts.redis.close()


@pytest.mark.usefixtures("well")
def test_all_parts_are_well(command: Command) -> None:
    told = command("doctor")
    assert told.exit_code == 0
    assert [line.split()[:2] for line in told.stdout.splitlines()] == [["ok", part] for part in PARTS]


def test_database_down(well: Installed) -> None:
    with with_settings(well, GSYNC_DATABASE_URL="mysql+pymysql://crm:s3cr3t@127.0.0.1:1/crm") as command:
        found = findings(command)
    assert found["database"][0] is False
    assert "check GSYNC_DATABASE_URL" in found["database"][1]
    assert "s3cr3t" not in found["database"][1]
    assert list(found) == ["database", "redis", "worker", "sessions", "nginx", "google"]


def test_refused_password_is_told_with_what_to_check(well: Installed) -> None:
    url = make_url(well.parts.settings.database_url).set(username="crm", password="s3cr3t")
    with with_settings(well, GSYNC_DATABASE_URL=url.render_as_string(hide_password=False)) as command:
        told = command("history")
    assert told.exit_code == 1
    assert "database error 1045" in told.output
    assert "check GSYNC_DATABASE_URL" in told.output
    assert "s3cr3t" not in told.output


def test_our_tables_missing(well: Installed, command: Command) -> None:
    for table in ("gsync_alembic_version", "gsync_install", "gsync_oauth_client"):
        well.execute(f"DROP TABLE {table}")
    found = findings(command)
    for part in ("tables", "install"):
        assert found[part] == (False, found[part][1])
        assert "flask --app wsgi db upgrade" in found[part][1]


def test_crm_s_tables_missing(well: Installed, command: Command) -> None:
    well.execute("DROP TABLE vtiger_cron_task")
    found = findings(command)
    assert "vtiger_cron_task" in found["tables"][1]
    assert found["planner"][0] is False


@pytest.mark.parametrize("table", ["vtiger_activitycf", "vtiger_contactscf"])
def test_crm_s_table_without_transactions(
    well: Installed, command: Command, caplog: pytest.LogCaptureFixture, table: str
) -> None:
    """As an administrator of old may have made it."""
    keys = well.rows(
        "SELECT constraint_name AS name FROM information_schema.referential_constraints"
        f" WHERE constraint_schema = DATABASE() AND table_name = '{table}'"
    )
    well.alter(*(f"ALTER TABLE {table} DROP FOREIGN KEY {key['name']}" for key in keys))
    well.alter(f"ALTER TABLE {table} ENGINE=MyISAM")
    assert only_problem(command) == (
        "tables", f"{table} must be InnoDB: ALTER TABLE … ENGINE=InnoDB, after a backup",
    )  # fmt: skip
    run = command("sync", "--user", "lucia", "--module", "Calendar")
    assert (run.exit_code, "is not as the synchronization needs it" in run.output) == (
        (1, True) if table == "vtiger_activitycf" else (0, False)
    )
    assert ("google doctor says what to do" in run.output) == (run.exit_code == 1)
    assert (f"the run stopped: schema ({table} must be InnoDB" in caplog.text) == (run.exit_code == 1)


def test_copied_database(well: Installed, command: Command) -> None:
    well.parts.install.check()
    well.execute("UPDATE gsync_install SET site_url = 'http://production.example/'")
    part, sentence = only_problem(command)
    assert part == "install"
    assert "http://production.example/" in sentence
    assert "adopt --moved" in sentence


def test_no_client(well: Installed, command: Command) -> None:
    with with_settings(well, GSYNC_GOOGLE_CLIENT_ID="", GSYNC_GOOGLE_CLIENT_SECRET="") as without:
        assert only_problem(without) == (
            "client",
            "none is registered: run flask --app wsgi google credentials FILE",
        )
        well.parts.tokens.save_client("a", "b", well.clock())
        assert findings(without)["client"][0] is True
        well.execute("UPDATE gsync_oauth_client SET client_secret_encrypted = 'by a key that is gone'")
        part, sentence = only_problem(without)
        assert part == "client"
        assert "does not decrypt its secret: put the key that is missing back" in sentence


def test_key_that_is_missing(well: Installed, command: Command) -> None:
    well.execute("UPDATE gsync_accounts SET refresh_token_encrypted = 'by a key that is gone'")
    part, sentence = only_problem(command)
    assert part == "keys"
    assert "the grants of 1 users: put the key that is missing back" in sentence


def test_planner_without_the_crm_s_folder(well: Installed) -> None:
    well.execute("DELETE FROM vtiger_cron_task WHERE name = 'SAI GoogleCalSync'")
    with with_settings(well) as command:
        part, sentence = only_problem(command)
    assert part == "planner"
    assert "GSYNC_CRM_ROOT" in sentence


def test_planner_not_created_yet(well: Installed, command: Command) -> None:
    well.execute("DELETE FROM vtiger_cron_task WHERE name = 'SAI GoogleCalSync'")
    assert only_problem(command)[1].endswith("start the worker once")


def test_planner_whose_file_can_t_be_written(installed: Installed, command: Command) -> None:
    installed.execute("DELETE FROM vtiger_cron_task WHERE name = 'SAI GoogleCalSync'")
    root = installed.parts.settings.crm_root
    assert root is not None
    (root / "cron/modules/GoogleSync").write_text("in the way")
    found = findings(command)
    assert "GoogleCalSync.service can't be written" in found["planner"][1]


def test_planner_whose_file_is_missing(well: Installed, command: Command) -> None:
    root = well.parts.settings.crm_root
    assert root is not None
    (root / planner.HANDLER_FILE).unlink()
    part, sentence = only_problem(command)
    assert part == "planner"
    assert "is missing, which ends every run of the CRM's cron" in sentence


def test_enabled_planner_tells_its_frequency(well: Installed, command: Command) -> None:
    well.execute("UPDATE vtiger_cron_task SET status = 1 WHERE name = 'SAI GoogleCalSync'")
    assert findings(command)["planner"] == (True, "task “SAI GoogleCalSync” is enabled, every 15 minutes")


def test_redis_down(well: Installed) -> None:
    with with_settings(well, GSYNC_REDIS_URL="redis://127.0.0.1:1/0") as command:
        found = findings(command)
    assert found["redis"][0] is False
    assert "check GSYNC_REDIS_URL" in found["redis"][1]
    assert "worker" not in found


def test_no_worker(well: Installed, command: Command) -> None:
    well.parts.redis.flushall()
    assert only_problem(command) == (
        "worker",
        "none is running: start crm-google-sync-worker (python worker.py)",
    )


def test_workers_of_other_programs_and_other_crms_do_not_count(
    installed: Installed, command: Command
) -> None:
    strangers = [
        Worker([name], connection=installed.parts.redis) for name in ("default", "gsync-elsewhere-manual")
    ]
    for stranger in strangers:
        stranger.register_birth()
    try:
        assert findings(command)["worker"][0] is False
    finally:
        for stranger in strangers:
            stranger.register_death()


def test_worker_that_was_killed_does_not_count(well: Installed, command: Command) -> None:
    [key] = well.parts.redis.smembers("rq:workers")
    well.parts.redis.delete(key)
    assert only_problem(command)[0] == "worker"


def test_session_store_down(well: Installed, tmp_path: Path) -> None:
    with with_settings(well, GSYNC_CRM_SESSIONS=f"file://{tmp_path}/none") as command:
        part, sentence = next((p, s) for p, (is_well, s) in findings(command).items() if p == "sessions")
    assert (part, "GSYNC_CRM_SESSIONS" in sentence) == ("sessions", True)


def test_google_out_of_reach(well: Installed) -> None:
    with with_settings(well, GSYNC_GOOGLE_ENDPOINT="http://127.0.0.1:1") as command:
        assert "can't be reached" in findings(command)["google"][1]


@pytest.mark.usefixtures("well")
def test_nginx_that_leaves_the_box_to_the_crm(command: Command, front: Front) -> None:
    front.kept = "/index.php"
    part, sentence = only_problem(command)
    assert (part, "the head of google_sync.conf" in sentence) == ("nginx", True)


@pytest.mark.usefixtures("well")
def test_web_service_not_started(command: Command, front: Front) -> None:
    front.kept = "/"
    part, sentence = only_problem(command)
    assert (part, "start crm-google-sync-web" in sentence) == ("nginx", True)


def test_crm_s_address_out_of_reach(well: Installed) -> None:
    with with_settings(well, GSYNC_CRM_URL="http://127.0.0.1:1/") as command:
        assert "can't be reached from this machine" in findings(command)["nginx"][1]
