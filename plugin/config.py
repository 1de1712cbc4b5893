"""Settings: every GSYNC_ variable, read and checked once, all problems reported together (design.md §6)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet

from plugin.config_checks import database_problem, read_env_file, split_url, why
from plugin.core.errors import ConfigError
from plugin.crm.installation import InstallationConfig, read_installation

PREFIX = "GSYNC_"
# What the manual's figure 13 shows; the CRM's own planner rows are 15 minutes as well.
DEFAULT_PLANNER_TASK = "SAI GoogleCalSync"


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """All settings, checked. Holds secrets: it has no repr, so that none ends in a log."""

    crm_url: str
    database_url: str
    crm_timezone: str
    crm_app_key: str
    crm_csrf_secret: str
    token_keys: tuple[str, ...]
    crm_root: Path | None = None
    crm_sessions: str = "file:///var/lib/php/sessions"
    redis_url: str = "redis://127.0.0.1:6379/0"
    google_client_id: str | None = None
    google_client_secret: str | None = None
    google_endpoint: str | None = None
    batch_size: int = 100
    sync_from: date | None = None
    horizon_days: int = 180
    history_days: int = 90
    planner_task: str = DEFAULT_PLANNER_TASK
    log_format: str = "text"

    @property
    def crm_path(self) -> str:
        """The path part of the CRM's URL, with a slash at both ends: `/` or `/crm/`."""
        return urlsplit(self.crm_url).path

    @property
    def app_key_hash(self) -> str:
        """A fingerprint of the CRM's application key, fit to be stored."""
        return hashlib.sha256(self.crm_app_key.encode()).hexdigest()

    @property
    def namespace(self) -> str:
        """What tells this CRM's names in Redis from another's; by what `gsync_install` knows it, on every machine the same."""
        return hashlib.sha256(f"{self.crm_url}\0{self.app_key_hash}".encode()).hexdigest()[:12]


def read_settings(environment: Mapping[str, str] | None = None, env_file: Path | None = None) -> Settings:
    """Return the settings from the environment, then `.env`, then the CRM's own config.

    Raises ConfigError with all problems, each with what to do.
    """
    given = os.environ if environment is None else environment
    named = given.get("GSYNC_ENV_FILE")
    path = env_file or Path(named or ".env")
    problems: list[str] = []
    from_file = read_env_file(path, problems, is_named=named is not None)
    merged = {
        k: v for k, v in {**from_file, **given}.items() if k.startswith(PREFIX) and k != "GSYNC_ENV_FILE"
    }
    return _Reader(merged, problems).settings()


def known_settings() -> frozenset[str]:
    """Return the names of all settings."""
    return frozenset(_KNOWN)


class _Reader:
    def __init__(self, given: Mapping[str, str], problems: list[str]) -> None:
        self.problems = problems
        self._is_root_broken = False
        self._given = {name: value.strip() for name, value in given.items() if value.strip()}
        self._read_secret_files()
        self._report_unknown()

    def settings(self) -> Settings:
        root = self._crm_root()
        crm = self._installation(root)
        url = self._crm_url(crm.site_url)
        settings = Settings(
            crm_url=url,
            database_url=self._database_url(crm.database_url),
            crm_timezone=self._zone(crm.default_timezone or "UTC"),
            crm_app_key=self._required(
                "CRM_APP_KEY", crm.app_key, "$application_unique_key of config.inc.php"
            ),
            crm_csrf_secret=self._required(
                "CRM_CSRF_SECRET", crm.csrf_secret, "$secret of config.csrf-secret.php"
            ),
            token_keys=self._token_keys(),
            crm_root=root,
            crm_sessions=self._url(
                "CRM_SESSIONS", "file:///var/lib/php/sessions", ("file", "redis", "rediss")
            ),
            redis_url=self._url("REDIS_URL", "redis://127.0.0.1:6379/0", ("redis", "rediss", "unix")),
            google_client_id=self._get("GOOGLE_CLIENT_ID"),
            google_client_secret=self._get("GOOGLE_CLIENT_SECRET"),
            google_endpoint=self._google_endpoint(),
            batch_size=self._number("BATCH_SIZE", 100, 1, 1000),
            sync_from=self._parsed("SYNC_FROM", date.fromisoformat, "a date like 2026-01-31"),
            horizon_days=self._number("HORIZON_DAYS", 180, 1, 3650),
            history_days=self._number("HISTORY_DAYS", 90, 1, 3650),
            planner_task=self._get("PLANNER_TASK") or DEFAULT_PLANNER_TASK,
            log_format=self._choice("LOG_FORMAT", "text", ("text", "json")),
        )
        if bool(settings.google_client_id) != bool(settings.google_client_secret):
            self.problems.append(
                "GSYNC_GOOGLE_CLIENT_ID and GSYNC_GOOGLE_CLIENT_SECRET: give both or neither"
            )
        if self.problems:
            raise ConfigError(self.problems)
        return settings

    # --- where a value comes from ---

    def _get(self, name: str) -> str | None:
        return self._given.get(PREFIX + name)

    def _read_secret_files(self) -> None:
        for variable in [
            n for n in self._given if n.endswith("_FILE") and n.removesuffix("_FILE") in _SECRETS
        ]:
            name, path = variable.removesuffix("_FILE"), Path(self._given.pop(variable))
            if name in self._given:
                self.problems.append(f"{name} and {variable}: give one of them, not both")
                continue
            try:
                self._given[name] = path.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                self.problems.append(f"{variable}: {path} can't be read ({why(error)})")

    def _report_unknown(self) -> None:
        for name in sorted(set(self._given) - _KNOWN):
            self.problems.append(f"{name}: there is no such setting")

    def _required(self, name: str, fallback: str | None, where: str) -> str:
        value = self._get(name) or fallback
        # Of a folder that can't be read it was said already, and all that it would have told is missing.
        if not value and not self._is_root_broken:
            self.problems.append(
                f"GSYNC_{name}: is missing; give it ({where}), or GSYNC_CRM_ROOT to read it from there"
            )
        return value or ""

    # --- what a value has to be ---

    def _crm_root(self) -> Path | None:
        value = self._get("CRM_ROOT")
        return Path(value) if value else None

    def _installation(self, root: Path | None) -> InstallationConfig:
        nothing = InstallationConfig(None, None, None, None, None)
        if root is None:
            return nothing
        try:
            return read_installation(root)
        except ConfigError as error:
            self.problems.extend(error.problems)
            self._is_root_broken = True
            return nothing

    def _crm_url(self, fallback: str | None) -> str:
        value = self._required("CRM_URL", fallback, "$site_URL of config.inc.php")
        if value and split_url(value)[:1] not in {("http",), ("https",)}:
            self.problems.append(
                "GSYNC_CRM_URL: give the CRM's address as a browser shows it, like https://crm.example/"
            )
        return value.rstrip("/") + "/"

    def _database_url(self, fallback: str | None) -> str:
        value = self._required("DATABASE_URL", fallback, "mysql+pymysql://user:password@host/database")
        if value and (problem := database_problem(value)):
            self.problems.append(f"GSYNC_DATABASE_URL: {problem}")
        return value

    def _zone(self, fallback: str) -> str:
        name = self._get("CRM_TIMEZONE") or fallback
        try:
            return ZoneInfo(name).key
        except (KeyError, ValueError, OSError):  # OSError: the name of a folder of zones
            self.problems.append(
                f"GSYNC_CRM_TIMEZONE: {name} is no time zone; give one like UTC or Europe/Madrid"
            )
            return "UTC"

    def _token_keys(self) -> tuple[str, ...]:
        keys = tuple(key.strip() for key in (self._get("TOKEN_KEYS") or "").split(",") if key.strip())
        how = "make one with: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
        if not keys:
            self.problems.append(f"GSYNC_TOKEN_KEYS: is missing; {how}")
        for position, key in enumerate(keys, start=1):
            try:
                Fernet(key)
            except ValueError:
                self.problems.append(f"GSYNC_TOKEN_KEYS: key {position} is no Fernet key; {how}")
        return keys

    def _google_endpoint(self) -> str | None:
        value = self._get("GOOGLE_ENDPOINT")
        if value and split_url(value)[:1] not in {("http",), ("https",)}:
            self.problems.append("GSYNC_GOOGLE_ENDPOINT: give one root URL, like http://127.0.0.1:8089")
        return value.rstrip("/") if value else None

    def _url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        value = self._get(name) or default
        if not any(value.startswith(f"{scheme}://") for scheme in schemes) or not split_url(value):
            self.problems.append(
                f"GSYNC_{name}: has to be a URL that begins with one of {', '.join(s + '://' for s in schemes)}"
            )
        return value

    def _number(self, name: str, default: int, low: int, high: int) -> int:
        value = self._get(name)
        if value is None:
            return default
        if value.isascii() and value.isdigit() and low <= int(value) <= high:
            return int(value)
        self.problems.append(f"GSYNC_{name}: has to be a number from {low} to {high}, not {value!r}")
        return default

    def _choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self._get(name) or default
        if value not in choices:
            self.problems.append(f"GSYNC_{name}: has to be one of {', '.join(choices)}, not {value!r}")
        return value

    def _parsed(self, name: str, parse: Callable[[str], date], what: str) -> date | None:
        value = self._get(name)
        if value is None:
            return None
        try:
            return parse(value)
        except ValueError:
            self.problems.append(f"GSYNC_{name}: has to be {what}, not {value!r}")
            return None


_NAMES = (
    "CRM_ROOT CRM_URL DATABASE_URL CRM_TIMEZONE CRM_APP_KEY CRM_CSRF_SECRET CRM_SESSIONS REDIS_URL TOKEN_KEYS",
    "GOOGLE_CLIENT_ID GOOGLE_CLIENT_SECRET GOOGLE_ENDPOINT",
    "BATCH_SIZE SYNC_FROM HORIZON_DAYS HISTORY_DAYS PLANNER_TASK LOG_FORMAT",
)
_KNOWN = {PREFIX + name for line in _NAMES for name in line.split()}
_SECRETS = {
    PREFIX + name
    for name in [
        "DATABASE_URL",
        "CRM_APP_KEY",
        "CRM_CSRF_SECRET",
        "TOKEN_KEYS",
        "GOOGLE_CLIENT_ID",
        "GOOGLE_CLIENT_SECRET",
        "REDIS_URL",
        "CRM_SESSIONS",
    ]
}
