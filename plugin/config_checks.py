"""What settings are checked against. No answer quotes a value: it may be a secret, or a part of one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError


def read_env_file(path: Path, problems: list[str], *, is_named: bool) -> Mapping[str, str]:
    """Return what the file says; one that was asked for by name has to be there."""
    if not path.exists() or path.is_dir():
        if is_named:
            problems.append(f"GSYNC_ENV_FILE: there is no file {path}")
        return {}
    try:
        # As it stands: a password may hold a "${".
        return {k: v for k, v in dotenv_values(path, interpolate=False).items() if v is not None}
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path} can't be read ({why(error)})")
        return {}


def why(error: OSError | UnicodeDecodeError) -> str:
    """Return why a file can't be read."""
    # What a file that isn't text holds may be a secret: it isn't quoted.
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else "it is no UTF-8 text"


def split_url(url: str) -> tuple[str, str] | tuple[()]:
    """Return scheme and host of a URL, nothing if it isn't one: a port that is no number, brackets that don't close."""
    try:
        split = urlsplit(url)
        _ = split.port
    except ValueError:
        return ()
    is_local = split.scheme in {"file", "unix"}
    return (split.scheme, split.netloc) if split.hostname or (is_local and split.path) else ()


def database_problem(url: str) -> str:
    """Return what is wrong with the URL, never a part of it: a password may be cut in odd places."""
    try:
        parsed = make_url(url)
        is_mysql = parsed.get_backend_name() in {"mysql", "mariadb"}
    except (ArgumentError, ValueError):
        is_mysql = False
    if not is_mysql:
        return (
            "is not the URL of a MySQL or MariaDB, like mysql+pymysql://user:password@host/database"
            " (in user and password, write / as %2F, @ as %40, : as %3A)"
        )
    if not parsed.database:
        return "names no database: mysql+pymysql://user:password@host/database"
    try:
        parsed.get_dialect().import_dbapi()
    except (ImportError, NoSuchModuleError):
        return f"the driver of {parsed.drivername} is not installed; mysql+pymysql:// always is"
    return ""
