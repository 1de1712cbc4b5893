"""Looks at every part the service needs, and says of each, in one line, whether it is well and what to do if not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import requests
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask_babel import gettext as _
from redis.exceptions import RedisError
from rq import Queue, Worker
from sqlalchemy.exc import SQLAlchemyError

from plugin.bootstrap import Parts
from plugin.core.errors import ForeignInstallError, SchemaError, SessionStoreError
from plugin.crm import planner
from plugin.google.oauth import is_reachable
from plugin.jobs.queue import queue_names
from plugin.state.alembic_rules import VERSION_TABLE
from plugin.state.rotation import lost_grants

MIGRATIONS = Path(__file__).parent / "state" / "migrations"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: its name, whether it is well, and a sentence."""

    part: str
    is_well: bool
    sentence: str


def examine(parts: Parts) -> Iterator[Finding]:
    """Yield a finding for each part; what depends on a part that is down is left out."""
    database = _database(parts)
    yield database
    if database.is_well:
        yield from (_looked_at(part, look, parts) for part, look in _NEED_DATABASE)
    redis = _redis(parts)
    yield redis
    if redis.is_well:
        yield _looked_at("worker", _worker, parts)
    yield _sessions(parts)
    yield _front(parts.settings.crm_url)
    yield _google(parts)


def _database(parts: Parts) -> Finding:
    try:
        with parts.engine.connect() as connection:
            version = connection.execute(sa.text("SELECT VERSION()")).scalar_one()
    except SQLAlchemyError as error:
        return Finding(
            "database",
            False,
            _("does not answer (%(cause)s): check GSYNC_DATABASE_URL", cause=_cause(error)),
        )
    return Finding("database", True, _("answers: %(version)s", version=version))


def _looked_at(part: str, look: Callable[[Parts], Finding], parts: Parts) -> Finding:
    try:
        return look(parts)
    except (SQLAlchemyError, RedisError) as error:
        # A part that is there but not as it should be: a missing table is told by its own finding.
        return Finding(part, False, _("can't be looked at (%(cause)s)", cause=_cause(error)))


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", error)).splitlines()[0]


def _tables(parts: Parts) -> Finding:
    try:
        schema = parts.schema
        parts.contact_fields()
    except SchemaError as error:
        return Finding("tables", False, str(error))
    with parts.engine.connect() as connection:
        has_ours = sa.inspect(connection).has_table(VERSION_TABLE)
        version = sa.table(VERSION_TABLE, sa.column("version_num"))
        current = connection.execute(sa.select(version.c.version_num)).scalar() if has_ours else None
    if current != newest_migration():
        return Finding("tables", False, _("ours are missing or old: run flask --app wsgi db upgrade"))
    return Finding(
        "tables", True, _("the CRM's (%(count)d looked at) and ours are there", count=len(schema.columns))
    )


def newest_migration() -> str | None:
    """Return the revision that `flask db upgrade` goes to."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


def _install(parts: Parts) -> Finding:
    try:
        parts.install.check()
    except ForeignInstallError as error:
        how = _("run flask --app wsgi google adopt --moved, or --copy if this is a copy")
        return Finding("install", False, f"{error}: {how}")
    except SQLAlchemyError:
        return Finding("install", False, _("not known yet: run flask --app wsgi db upgrade"))
    return Finding("install", True, _("these tables belong to %(url)s", url=parts.settings.crm_url))


def _client(parts: Parts) -> Finding:
    try:
        is_known = parts.oauth_client() is not None
    except SQLAlchemyError:
        is_known = False
    if not is_known:
        return Finding("client", False, _without_client(parts))
    return Finding("client", True, _("a Google OAuth client is registered"))


def _without_client(parts: Parts) -> str:
    try:
        is_locked = parts.tokens.has_locked_client()
    except SQLAlchemyError:
        is_locked = False
    if is_locked:
        text: str = _(
            "one is registered, but GSYNC_TOKEN_KEYS does not decrypt its secret: put the key that is missing back,"
            " or register it again: flask --app wsgi google credentials FILE"
        )
    else:
        text = _("none is registered: run flask --app wsgi google credentials FILE")
    return text


def _keys(parts: Parts) -> Finding:
    lost = len(lost_grants(parts.engine, parts.secrets))
    if lost:
        how = _(
            "put the key that is missing back, behind the first; if it is lost, flask --app wsgi google rotate --drop-lost"
        )
        sentence = _(
            "GSYNC_TOKEN_KEYS does not decrypt the grants of %(count)d users: %(how)s", count=lost, how=how
        )
        return Finding("keys", False, sentence)
    return Finding("keys", True, _("GSYNC_TOKEN_KEYS decrypts every grant"))


def _planner(parts: Parts) -> Finding:
    task = parts.settings.planner_task
    with parts.engine.connect() as connection:
        row = planner.read(connection, task)
    if row is None:
        return Finding("planner", False, _without_row(task, parts.settings.crm_root))
    root = parts.settings.crm_root
    if root is not None and not (root / row.handler_file).is_file():
        where = root / row.handler_file
        return Finding(
            "planner",
            False,
            _(
                "%(file)s is missing, which ends every run of the CRM's cron: create it, it may be empty",
                file=where,
            ),
        )
    if row.status == planner.DISABLED:
        return Finding(
            "planner",
            True,
            _("task “%(task)s” is there, disabled: an administrator enables it in the CRM", task=task),
        )
    return Finding(
        "planner",
        True,
        _("task “%(task)s” is enabled, every %(minutes)d minutes", task=task, minutes=row.frequency // 60),
    )


def _without_row(task: str, root: Path | None) -> str:
    if root is None:
        text: str = _("has no task “%(task)s”: give GSYNC_CRM_ROOT, then restart the worker", task=task)
    elif not planner.can_have_handler(root):
        text = _(
            "has no task “%(task)s”, because %(file)s can't be written: create that file, it may be empty,"
            " then restart the worker",
            task=task,
            file=root / planner.HANDLER_FILE,
        )
    else:
        text = _("has no task “%(task)s” yet: start the worker once", task=task)
    return text


def _redis(parts: Parts) -> Finding:
    try:
        parts.redis.ping()
    except RedisError as error:
        return Finding(
            "redis",
            False,
            _("does not answer (%(cause)s): check GSYNC_REDIS_URL", cause=type(error).__name__),
        )
    return Finding("redis", True, _("answers"))


def _worker(parts: Parts) -> Finding:
    # Redis may serve other programs' workers, and those of other CRMs.
    queues = [Queue(name, connection=parts.redis) for name in queue_names(parts)]
    count = len({worker.name for queue in queues for worker in Worker.all(queue=queue)})
    if not count:
        how = _("none is running: start crm-google-sync-worker (python worker.py)")
        return Finding("worker", False, how)
    return Finding("worker", True, _("%(count)d running", count=count))


def _sessions(parts: Parts) -> Finding:
    try:
        parts.sessions.user_id("gsync-doctor")
    except SessionStoreError as error:
        return Finding(
            "sessions",
            False,
            _("%(cause)s: check GSYNC_CRM_SESSIONS and the right to read there", cause=error),
        )
    return Finding("sessions", True, _("the CRM's sessions can be read"))


def _front(crm_url: str) -> Finding:
    """Ask at the CRM's address, as a browser that isn't logged in would: nginx has to pass it on, and we to answer."""
    box = {"module": "Google", "view": "List", "sourcemodule": "Calendar"}
    try:
        own = _fetched(f"{crm_url}google-sync/health/live").strip()
        routed = _fetched(f"{crm_url}index.php", box)
    except requests.RequestException as error:
        sentence = _(
            "%(url)s can't be reached from this machine (%(cause)s): check nginx, the name and the certificate",
            url=crm_url,
            cause=type(error).__name__,
        )
        return Finding("nginx", False, sentence)
    if own != "ok":
        sentence = _(
            "the service does not answer at %(url)s: start crm-google-sync-web, include google_sync.conf in nginx",
            url=f"{crm_url}google-sync/",
        )
        return Finding("nginx", False, sentence)
    if "google-sync/static/" not in routed:
        how = _("write the location lines at the head of google_sync.conf into the server block")
        return Finding("nginx", False, _("the CRM still answers module=Google itself: %(how)s", how=how))
    return Finding("nginx", True, _("the CRM's Google requests come to the service"))


def _fetched(url: str, query: dict[str, str] | None = None) -> str:
    return requests.get(url, query, timeout=5.0, allow_redirects=False).text


def _google(parts: Parts) -> Finding:
    if is_reachable(parts.settings.google_endpoint):
        return Finding("google", True, _("answers"))
    return Finding(
        "google", False, _("can't be reached: check the network and the firewall, or GSYNC_GOOGLE_ENDPOINT")
    )


_NEED_DATABASE: tuple[tuple[str, Callable[[Parts], Finding]], ...] = (
    ("tables", _tables),
    ("install", _install),
    ("client", _client),
    ("keys", _keys),
    ("planner", _planner),
)
