"""Everything together, on loopback: the CRM and its database, Google, the plugin with its workers, nginx in front.

    with temporary_folder() as folder, Stack(folder) as stack:
        ...  # stack.crm_url, stack.google_url, stack.flask("google", "doctor")

The plugin is configured as the manual has an administrator do it: the CRM's folder for what its config files say,
the OAuth client by `flask google credentials`.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import requests
from cryptography.fernet import Fernet

from demo.crm.database import create_database
from demo.servers import MariaDb, Nginx, PythonServer, Redis, Server, ServerError, free_port
from demo.servers.python import REPOSITORY
from demo.servers.workers import Workers

DATABASE = "crm"
CLIENT_ID, CLIENT_SECRET = "demo-client", "demo-secret"
# As the manual gives them to the administrator; Google compares them byte for byte.
REDIRECT_URI = "{}index.php?module=Google&view=List&operation=sync&sourcemodule={}&service=Google{}"

# For `/` and `/crm/` alike: the CRM's own lines of nginx/crm.conf, before the stand-in instead of PHP-FPM.
SERVER_BLOCK = """
server {{
    listen 127.0.0.1:{port};
    client_max_body_size 64m;
    set $gsync_plugin 127.0.0.1:{plugin};
    set $gsync_prefix "{prefix}";
    location =  {prefix}/             {{ js_content google_route.route; }}
    location =  {prefix}/index.php    {{ js_content google_route.route; }}
    location ^~ {prefix}/google-sync/ {{ js_content google_route.own; }}
    location @gsync_crm {{ proxy_pass http://127.0.0.1:{crm}; proxy_set_header Host $http_host; }}
    location /          {{ proxy_pass http://127.0.0.1:{crm}; proxy_set_header Host $http_host; }}
    include crm-google-sync/google_sync.conf;
}}
"""

Report = Callable[[str, str, float], None]


class Stack:
    """All servers of one installation. `report(part, address, seconds)` is told of each one that stands."""

    def __init__(
        self,
        folder: Path,
        path: str = "/",
        *,
        mariadb: MariaDb | None = None,
        database: str = DATABASE,
        report: Report | None = None,
    ) -> None:
        self.folder = folder
        self.prefix = path.rstrip("/")
        self._report = report or (lambda part, address, seconds: None)
        self._given_mariadb = mariadb
        self.mariadb = mariadb or MariaDb(folder / "mariadb")
        self.database = database
        self.redis = Redis(folder / "redis")
        ports = {name: free_port() for name in ("nginx", "crm", "plugin", "google")}
        self.crm_url = f"http://127.0.0.1:{ports['nginx']}{self.prefix}/"
        self.google_url = f"http://127.0.0.1:{ports['google']}"
        self.crm_root, self.sessions = folder / "crm-root", folder / "sessions"
        self.redirect_uris = [REDIRECT_URI.format(self.crm_url, m, m) for m in ("Calendar", "Contacts")]
        # What `flask`, gunicorn and the workers are started with; the settings stand in the file it names.
        self.settings_file = folder / "settings.env"
        self.environ = self._environ()
        self.google = self._build_google(ports["google"])
        self.crm = self._build_crm(ports["crm"])
        self.plugin = self._build_plugin(ports["plugin"])
        self.workers = Workers(folder / "workers", self.redis, environ=self.environ)
        blocks = SERVER_BLOCK.format(
            port=ports["nginx"], plugin=ports["plugin"], crm=ports["crm"], prefix=self.prefix
        )
        self.nginx = Nginx(folder / "nginx", blocks, port=ports["nginx"])
        self._running = ExitStack()

    @property
    def servers(self) -> list[Server]:
        return [self.mariadb, self.redis, self.google, self.crm, self.plugin, self.workers, self.nginx]

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            if self._given_mariadb is None:
                self._start(starting, self.mariadb, f"127.0.0.1:{self.mariadb.port}")
            create_database(self.mariadb.url(self.database))
            self._start(starting, self.redis, f"127.0.0.1:{self.redis.port}")
            self._start(starting, self.google, self.google_url)
            self._start(starting, self.crm, "")
            began = time.monotonic()
            self._prepare_plugin()
            self._report("tables", "", time.monotonic() - began)
            self._start(starting, self.plugin, "")
            self._start(starting, self.workers, "")
            self._start(starting, self.nginx, self.crm_url)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def flask(self, *arguments: str, language: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run `flask --app wsgi …` as an administrator of this installation would."""
        environ = {**os.environ, **self.environ}
        if language is not None:
            environ["LANG"] = language
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
            cwd=REPOSITORY,
            env={name: value for name, value in environ.items() if value is not None},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def control(self, method: str, name: str, body: object = None) -> Any:
        """Ask something of Google's simulator (`/_sim/…`)."""
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"{self.google_url}/_sim/{name}", json=body, timeout=10)
            answer.raise_for_status()
            return answer.json()

    def dead(self) -> Server | None:
        """Return a server that has ended by itself, if any."""
        return next((server for server in self.servers if not server.is_running()), None)

    # --- the parts ---

    def _environ(self) -> dict[str, str | None]:
        foreign = {name: None for name in os.environ if name.startswith("GSYNC_")}
        # A proxy of the machine has no business between these parts.
        direct = {"NO_PROXY": "*", "no_proxy": "*"}
        return {**foreign, "GSYNC_ENV_FILE": str(self.settings_file), **direct}

    def _write_settings(self) -> None:
        settings = {
            "GSYNC_CRM_ROOT": self.crm_root,
            "GSYNC_CRM_SESSIONS": self.sessions.as_uri(),
            "GSYNC_REDIS_URL": self.redis.url,
            "GSYNC_TOKEN_KEYS": Fernet.generate_key().decode(),
            "GSYNC_GOOGLE_ENDPOINT": self.google_url,
        }
        self.settings_file.touch(0o600)
        self.settings_file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    def _build_google(self, port: int) -> PythonServer:
        arguments = ["-m", "demo.google", "--port", str(port), "--client-id", CLIENT_ID]
        arguments += ["--client-secret", CLIENT_SECRET]
        for uri in self.redirect_uris:
            arguments += ["--redirect-uri", uri]
        return PythonServer(
            self.folder / "google", arguments, name="google", ready_url=f"{self.google_url}/_sim/health"
        )

    def _build_crm(self, port: int) -> PythonServer:
        options = {
            "--port": str(port),
            "--database-url": self.mariadb.url(self.database),
            "--sessions": str(self.sessions),
            "--site-url": self.crm_url,
            "--crm-root": str(self.crm_root),
        }
        arguments = ["-m", "demo.crm", *(part for option in options.items() for part in option)]
        return PythonServer(self.folder / "crm", arguments, name="crm", ready_line="CRM ready")

    def _build_plugin(self, port: int) -> PythonServer:
        address = f"127.0.0.1:{port}"
        # The control socket would be one for all gunicorns of the user, in their home.
        options = ["--bind", address, "--workers", "1", "--threads", "8", "--no-control-socket"]
        arguments = ["-m", "gunicorn", *options, "wsgi:app"]
        return PythonServer(
            self.folder / "plugin",
            arguments,
            name="plugin",
            ready_url=f"http://{address}{self.prefix}/google-sync/health/live",
            environ=self.environ,
        )

    def _start(self, starting: ExitStack, server: Server, address: str) -> None:
        began = time.monotonic()
        starting.enter_context(server)
        self._report(server.name, address, time.monotonic() - began)

    def _prepare_plugin(self) -> None:
        """Do the administrator's steps: settings, our tables, and the JSON file that Google's console gives."""
        self._write_settings()
        console_file = self.folder / "client_secret.json"
        client = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "redirect_uris": self.redirect_uris,
            "javascript_origins": [self.crm_url.removesuffix(f"{self.prefix}/")],
        }
        console_file.write_text(json.dumps({"web": client}))
        for step in (("db", "upgrade"), ("google", "credentials", str(console_file))):
            done = self.flask(*step)
            if done.returncode != 0:
                command = " ".join(("flask --app wsgi", *step))
                raise ServerError(f"`{command}` failed:\n{(done.stderr or done.stdout)[-2000:].strip()}")
