"""What is measured: MariaDB, Redis and the simulator as processes of their own, the plugin's parts, a waiting RQ worker."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa
from cryptography.fernet import Fernet
from flask_migrate import upgrade
from rq import Worker

from demo.crm.database import create_database
from demo.servers import MariaDb, PythonServer, Redis, free_port
from plugin import create_app
from plugin.bootstrap import Parts
from plugin.config import read_settings
from plugin.google.oauth import SCOPES
from plugin.jobs.forking import ForkSafeWorker, prepare_to_fork
from plugin.jobs.queue import RunQueue, queue_names
from plugin.sync.account_ports import Collection, Grant
from plugin.sync.views import ALL_CONTACTS, CALENDAR, CONTACTS, RunView

USER = 5
EMAIL = "bench@empresa.example"
RESTING_PAGES = 100
CLIENT_ID, CLIENT_SECRET = "bench-client", "bench-secret"


class BenchGoogle:
    """The simulator, 100 ms per request and 2 ms per batch part, with one account."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self.control(
            "POST", "clients", {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uris": []}
        )

    def control(self, method: str, name: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask something of the control paths."""
        answer = self._session.request(method, f"{self.url}/_sim/{name}", json=body, timeout=120)
        answer.raise_for_status()
        return answer.json()

    def begin(self) -> None:
        """An empty account."""
        self.control("POST", "reset")
        self.control("POST", "account", {"email": EMAIL, "time_zone": "Europe/Madrid"})

    def edit(self, operation: str, event_id: str = "", body: Mapping[str, Any] | None = None) -> Any:
        """Do what a user does in Google's own pages."""
        asked = {"email": EMAIL, "operation": operation, "event_id": event_id, "body": body or {}}
        return self.control("POST", "edit", asked)

    def edit_person(
        self, operation: str, resource_name: str = "", body: Mapping[str, Any] | None = None
    ) -> Any:
        """Do what a user does with contacts in Google's own pages."""
        asked = {"operation": operation, "resource_name": resource_name, "body": body or {}}
        return self.control("POST", "edit-person", {"email": EMAIL, **asked})

    def forget_log(self) -> None:
        """Count from here."""
        self.control("DELETE", "log")

    def counters(self) -> dict[str, Any]:
        """Return what was asked since `forget_log`."""
        counted: dict[str, Any] = self.control("GET", "counters")
        return counted


class Installation:
    """One CRM user, connected; nothing synced yet."""

    _names = itertools.count(1)

    def __init__(self, folder: Path, mariadb: MariaDb, redis: Redis, google: BenchGoogle) -> None:
        self.folder, self.mariadb, self.google = folder, mariadb, google
        self.database = f"bench_{next(self._names)}"
        url = mariadb.url(self.database)
        create_database(url)
        app = create_app(read_settings(_environment(url, redis, google), env_file=Path("no-such-file")))
        with app.app_context():
            upgrade()
        self.parts: Parts = app.extensions["gsync_parts"]
        self.queue = RunQueue(self.parts)
        self.execute("DELETE FROM vtiger_activity")
        self.execute("DELETE FROM vtiger_crmentity WHERE setype IN ('Calendar', 'Contacts')")
        google.begin()
        self.pair_id = self._connect(CALENDAR, EMAIL)

    def use_contacts(self) -> None:
        """From here on, runs are those of the user's contacts."""
        self.pair_id = self._connect(CONTACTS, ALL_CONTACTS)

    def _connect(self, module: str, collection_id: str) -> int:
        scopes = SCOPES[module]
        tokens = self.google.control("POST", "token", {"email": EMAIL, "scopes": list(scopes)})
        expires = datetime.now(UTC) + timedelta(seconds=tokens["expires_in"])
        grant = Grant(
            google_sub=f"sub-{self.database}",
            email=EMAIL,
            scopes=frozenset(scopes),
            access_token=tokens["access_token"],
            expires_utc=expires,
            refresh_token=tokens["refresh_token"],
        )
        self.parts.grants.save_grant(USER, module, grant, Collection(collection_id, EMAIL), datetime.now(UTC))
        pair_id = self.parts.pair_of(USER, module)
        if pair_id is None:
            raise RuntimeError("the bench user could not be connected")
        return pair_id

    def execute(self, sql: str, rows: Iterable[Mapping[str, Any]] | None = None) -> None:
        """Change the database."""
        with self.parts.engine.begin() as connection:
            connection.execute(sa.text(sql), list(rows) if rows is not None else None)

    def scalar(self, sql: str) -> Any:
        """Ask the database for one value."""
        with self.parts.engine.connect() as connection:
            return connection.execute(sa.text(sql)).scalar()

    def let_rest(self) -> None:
        """Have the server write down what filling the tables left behind, so that it doesn't do so while a run is measured."""
        self.mariadb.execute("SET GLOBAL innodb_max_dirty_pages_pct = 0")
        dirty = "SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'"
        deadline = time.monotonic() + 60
        while int(self.mariadb.execute(dirty)[0][1]) > RESTING_PAGES and time.monotonic() < deadline:
            time.sleep(0.2)
        self.mariadb.execute("SET GLOBAL innodb_max_dirty_pages_pct = DEFAULT")

    # --- one run ---

    def start_query_log(self) -> Path:
        """Have the server write down every statement, and of no connection that is there already."""
        self.parts.engine.dispose()
        log = self.folder / f"{self.database}-{time.monotonic_ns()}.log"
        self.mariadb.execute(f"SET GLOBAL general_log_file = '{log}'; SET GLOBAL general_log = 1")
        return log

    def stop_query_log(self) -> int:
        """Stop writing; return the connection that did, which isn't the run's."""
        rows = self.mariadb.execute("SET GLOBAL general_log = 0; SELECT CONNECTION_ID()")
        return int(rows[0][0])

    def start_worker(self) -> int:
        """Start a worker that waits for one job; return its process."""
        self.parts.engine.dispose()
        process = os.fork()
        if process == 0:
            self._work()
        deadline = time.monotonic() + 20
        while not Worker.count(connection=self.parts.redis):
            if time.monotonic() > deadline:
                raise RuntimeError("the worker didn't start")
            time.sleep(0.02)
        time.sleep(0.3)
        return process

    def _work(self) -> None:
        code = 1
        try:
            prepare_to_fork(self.parts)
            ForkSafeWorker(list(queue_names(self.parts)), connection=self.parts.redis).work(
                max_jobs=1, logging_level="WARNING"
            )
            code = 0
        finally:
            os._exit(code)

    def request_run(self) -> RunView:
        """Ask for a run as the button does."""
        run = self.queue.request(self.pair_id, "manual")
        # What asks next is another connection than the one that asked for the run.
        self.parts.engine.dispose()
        return run

    def watch_until_ended(self, run_id: int, patience_s: float) -> int:
        """Wait for the end of a run; return the database connection that asked for it, which isn't the run's."""
        deadline = time.monotonic() + patience_s
        with self.parts.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            watcher = connection.execute(sa.text("SELECT CONNECTION_ID()")).scalar_one()
            ended = sa.text("SELECT finished_utc IS NOT NULL FROM gsync_runs WHERE run_id = :run_id")
            while not connection.execute(ended, {"run_id": run_id}).scalar_one():
                if time.monotonic() > deadline:
                    raise RuntimeError(f"run {run_id} did not end")
                time.sleep(0.005)
        return int(watcher)

    def run(self, run_id: int) -> RunView:
        """Return a run as it is now."""
        run = self.parts.run_store.view(run_id)
        if run is None:
            raise RuntimeError(f"run {run_id} is gone")
        return run


def _environment(url: str, redis: Redis, google: BenchGoogle) -> dict[str, str]:
    return {
        "GSYNC_CRM_URL": "http://crm.example/",
        "GSYNC_DATABASE_URL": url,
        "GSYNC_CRM_APP_KEY": "0" * 32,
        "GSYNC_CRM_CSRF_SECRET": "0" * 40,
        "GSYNC_TOKEN_KEYS": Fernet.generate_key().decode(),
        "GSYNC_GOOGLE_CLIENT_ID": CLIENT_ID,
        "GSYNC_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "GSYNC_GOOGLE_ENDPOINT": google.url,
        "GSYNC_REDIS_URL": redis.url,
    }


def google_server(folder: Path, latency_ms: int, part_latency_ms: int) -> tuple[PythonServer, str]:
    """Return the simulator as a process of its own, not started yet, and its address."""
    port = free_port()
    arguments = ["-m", "demo.google", "--port", str(port)]
    arguments += ["--latency-ms", str(latency_ms), "--part-latency-ms", str(part_latency_ms)]
    url = f"http://127.0.0.1:{port}"
    return PythonServer(folder, arguments, name="google", ready_url=f"{url}/_sim/health"), url
