"""What the CRM's own PHP config files say, read as text: nothing of them is ever executed.

`config.inc.php` holds `$dbconfig[...]`, `$site_URL`, `$default_timezone`, `$application_unique_key`;
`config.csrf-secret.php` holds `$secret` (facts/crm_measured.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from plugin.core.errors import ConfigError

_STRING = r"""(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")"""
_COMMENT = r"/\*.*?\*/|(?://|\#)[^\n]*"
# Comments are part of the pattern: whatever looks like one inside a string (a password, a URL) is the string's.
_TOKEN = re.compile(
    rf"{_COMMENT}|\$(\w+)(?:\[\s*['\"](\w+)['\"]\s*\])?\s*=\s*(?:{_STRING}|(\d+))\s*;|{_STRING}", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class InstallationConfig:
    """The values that our settings can take from the CRM's files; None where a file doesn't say."""

    site_url: str | None
    database_url: str | None
    default_timezone: str | None
    app_key: str | None
    csrf_secret: str | None


def read_installation(root: Path) -> InstallationConfig:
    """Return what the config files under `root` say; raises ConfigError if they can't be read."""
    problems: list[str] = []
    main = _read(root / "config.inc.php", problems)
    # Written at the CRM's first page view; without it the setting has to be given.
    secret_file = root / "config.csrf-secret.php"
    secret = _read(secret_file, problems) if secret_file.exists() else ""
    if problems:
        raise ConfigError(problems)
    values = _assignments(main)
    return InstallationConfig(
        site_url=values.get("site_URL"),
        database_url=_database_url(values),
        default_timezone=values.get("default_timezone"),
        app_key=values.get("application_unique_key"),
        csrf_secret=_assignments(secret).get("secret"),
    )


def _read(path: Path, problems: list[str]) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        problems.append(
            f"GSYNC_CRM_ROOT: {path} can't be read ({error.strerror}); give the CRM's folder, and the right to read it"
        )
        return ""


def _assignments(php: str) -> Mapping[str, str]:
    values: dict[str, str] = {}
    for match in _TOKEN.finditer(php):
        name, key, single, double, number = match.groups()[:5]
        if name is None:
            continue
        if single is not None:
            text = re.sub(r"\\(['\\])", r"\1", single)
        elif double is not None:
            text = re.sub(r'\\(["\\$])', r"\1", double)
        else:
            text = number
        values[f"{name}.{key}" if key else name] = text
    return values


def _database_url(values: Mapping[str, str]) -> str | None:
    needed = [values.get(f"dbconfig.{key}") for key in ("db_server", "db_username", "db_name")]
    if not all(needed):
        return None
    server, user, name = (str(value) for value in needed)
    password = values.get("dbconfig.db_password", "")
    # db_port is written with its colon (":3306"); some installations put the port behind the server instead.
    port = values.get("dbconfig.db_port", "").lstrip(":")
    host = server if ":" in server or not port else f"{server}:{port}"
    return f"mysql+pymysql://{quote(user, safe='')}:{quote(password, safe='')}@{host}/{quote(name, safe='')}?charset=utf8mb4"
