"""One installation of the stand-in: what the real CRM keeps in config.inc.php, and the files that hold it.

The plugin and the planner's runner read those files, so they have the real ones' names and shape.
"""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection, make_url

from demo.crm.rows import fetch_rows

CONFIG, CSRF_CONFIG = "config.inc.php", "config.csrf-secret.php"
MARK = "// written by the stand-in CRM of the demo"
DEFAULT_TIMEZONE, DEFAULT_LANGUAGE = "UTC", "es_es"


class ForeignConfigError(Exception):
    """The folder holds a configuration that the stand-in did not write: a real CRM is left alone."""


@dataclass(frozen=True)
class Installation:
    site_url: str
    database_url: str
    sessions: Path
    app_key: str
    csrf_secret: str
    root: Path | None = None
    # Says what `fastcgi_param HTTPS on` says to PHP; X-Forwarded-Proto is ignored, as it is there.
    tls_in_front: bool = False

    @property
    def path(self) -> str:
        """The path under which all pages live, with a slash at both ends."""
        return urlsplit(self.site_url).path.rstrip("/") + "/"


def prepare_installation(
    site_url: str,
    database_url: str,
    sessions: Path,
    *,
    root: Path | None = None,
    app_key: str | None = None,
    csrf_secret: str | None = None,
    tls_in_front: bool = False,
) -> Installation:
    """Return the installation, with its files written when `root` is given.

    Keys that are not given are those of the folder's last run, so that its sessions live on, or new ones.
    """
    site_url = site_url.rstrip("/") + "/"
    if root is not None:
        root = root.resolve()
        root.mkdir(parents=True, exist_ok=True)
        if (root / CONFIG).exists() and MARK not in (root / CONFIG).read_text("utf-8"):
            raise ForeignConfigError(f"{root / CONFIG} was not written by the stand-in; nothing was changed")
        app_key = app_key or read_setting(root / CONFIG, "application_unique_key")
        csrf_secret = csrf_secret or read_setting(root / CSRF_CONFIG, "secret")
    sessions.mkdir(parents=True, exist_ok=True)
    installation = Installation(
        site_url=site_url,
        database_url=database_url,
        sessions=sessions.resolve(),
        app_key=app_key or secrets.token_hex(16),
        csrf_secret=csrf_secret or secrets.token_hex(20),
        root=root,
        tls_in_front=tls_in_front,
    )
    if root is not None:
        _write_files(installation, root)
    return installation


def read_setting(path: Path, name: str) -> str | None:
    """Return a string that a PHP file assigns to `$name`, None where there is no such file or line."""
    if not path.exists():
        return None
    found = re.search(rf"^\${name}\s*=\s*'([^']*)'", path.read_text("utf-8"), re.MULTILINE)
    found = found or re.search(rf'\${name}\s*=\s*"([^"]*)"', path.read_text("utf-8"))
    return found.group(1) if found else None


def _write_files(installation: Installation, root: Path) -> None:
    database = make_url(installation.database_url)
    lines = [
        "<?php",
        MARK,
        f"$dbconfig['db_server'] = '{database.host}';",
        f"$dbconfig['db_port'] = ':{database.port or 3306}';",
        f"$dbconfig['db_username'] = '{_php(database.username)}';",
        f"$dbconfig['db_password'] = '{_php(database.password)}';",
        f"$dbconfig['db_name'] = '{_php(database.database)}';",
        "$dbconfig['db_type'] = 'mysqli';",
        "$dbconfig['db_status'] = 'true';",
        "$dbconfig['db_hostname'] = $dbconfig['db_server'].$dbconfig['db_port'];",
        "$dbconfigoption['persistent'] = true;",
        f"$site_URL = '{installation.site_url}';",
        f"$root_directory = '{root}/';",
        "$default_charset = 'UTF-8';",
        f"$default_language = '{DEFAULT_LANGUAGE}';",
        f"$default_timezone = '{DEFAULT_TIMEZONE}';",
        "$currency_name = 'Euro';",
        f"$application_unique_key = '{installation.app_key}';",
        "",
    ]
    (root / CONFIG).write_text("\n".join(lines), "utf-8")
    (root / CSRF_CONFIG).write_text(f'<?php $secret = "{installation.csrf_secret}";\n', "utf-8")
    for folder in ("cron/modules", "logs", "modules", "user_privileges"):
        (root / folder).mkdir(parents=True, exist_ok=True)


def _php(value: str | None) -> str:
    return (value or "").replace("\\", "\\\\").replace("'", "\\'")


def write_planner_files(connection: Connection, root: Path) -> None:
    """Put an empty handler file in place for every planner row; a missing one would end each planner run."""
    for row in fetch_rows(connection, "SELECT handler_file FROM vtiger_cron_task"):
        path = root / row["handler_file"]
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("<?php\n", "utf-8")
