"""Who is logged in to the CRM: its PHP sessions, in files or in Redis, and the csrf tokens that go with them.

PHP keeps an exclusive lock on a session for its whole request. A shared lock is asked for during two seconds; after that the
CRM is busy, which is not the same as logged out. Nothing is ever written. Measured: facts on PHP sessions and CSRF token of
vtiger 8.0; 6.4 and 7.1 keep the same keys.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import io
import os
import re
import stat
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import phpserialize
from redis import Redis
from redis.exceptions import RedisError

from plugin.core.errors import ConfigError, SessionBrokenError, SessionBusyError, SessionStoreError

COOKIE = "PHPSESSID"
LOCK_PATIENCE_S = 2.0
LOCK_PAUSE_S = 0.05
TOKEN_LIFETIME_S = 259_200  # 3 days: the CRM's config.security.php
REDIS_PREFIX = "PHPREDIS_SESSION:"

_SESSION_ID = re.compile(r"[A-Za-z0-9,-]{1,128}")
_SERIALIZED_ARRAY = re.compile(rb"a:\d+:\{")
_MAX_BYTES = 8 * 1024 * 1024
_WANTED = ("authenticated_user_id", "AUTHUSERID", "app_unique_key")


class SessionStore(Protocol):
    """Where PHP keeps sessions."""

    def load(self, session_id: str) -> bytes | None:
        """Return the session as PHP wrote it, or None. Raises SessionBusyError, SessionStoreError."""


class CrmSessions:
    """The CRM's sessions: tells who is logged in."""

    def __init__(self, store: SessionStore, app_key: str) -> None:
        self._store, self._app_key = store, app_key

    def user_id(self, session_id: str) -> int | None:
        """Return the logged-in CRM user's id, or None.

        Raises SessionBusyError, SessionStoreError, SessionBrokenError.
        """
        if not _SESSION_ID.fullmatch(session_id):
            return None
        data = self._store.load(session_id)
        if not data:
            return None
        values = parse_session(data)
        app_key = str(values.get("app_unique_key") or "")
        if not app_key or not hmac.compare_digest(app_key.encode(), self._app_key.encode()):
            return None
        user_id = str(values.get("AUTHUSERID") or values.get("authenticated_user_id") or "")
        return int(user_id) if user_id.isascii() and user_id.isdigit() and int(user_id) > 0 else None


@dataclass(frozen=True, slots=True)
class CsrfTokens:
    """csrf-magic's tokens: good for one session id, during three days."""

    secret: str

    def make_token(self, session_id: str, now_utc: datetime) -> str:
        """Return a token as the CRM's own pages carry it."""
        return self._token(session_id, str(int(now_utc.timestamp())))

    def is_valid_token(self, value: str, session_id: str, now_utc: datetime) -> bool:
        """Tell whether one of the `;`-separated tokens was made for this session and is not too old."""
        if not session_id:
            return False
        now_s = now_utc.timestamp()
        for token in value.split(";")[:10]:
            made = token.rpartition(",")[2]
            if not (made.isascii() and made.isdigit() and len(made) <= 12):
                continue
            if now_s <= int(made) + TOKEN_LIFETIME_S and hmac.compare_digest(
                token.encode(), self._token(session_id, made).encode()
            ):
                return True
        return False

    def _token(self, session_id: str, made: str) -> str:
        # SHA-1 is csrf-magic's choice; both sides have to make the same.
        digest = hashlib.sha1(f"{self.secret}{session_id}{made}".encode()).hexdigest()  # noqa: S324 - csrf-magic's own
        return f"sid:{digest},{made}"


def build_store(url: str, *, redis: Callable[[str], Redis] | None = None) -> SessionStore:
    """Return the store that `file:///folder` or `redis://host/db[?prefix=…]` names. Raises ConfigError."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path:
        return FileStore(Path(unquote(parts.path)))
    if parts.scheme in ("redis", "rediss", "unix"):
        prefix = parse_qs(parts.query).get("prefix", [REDIS_PREFIX])[-1]
        connect = redis or (
            lambda address: Redis.from_url(address, socket_timeout=5, socket_connect_timeout=5)
        )
        return RedisStore(connect(url.partition("?")[0]), prefix)
    raise ConfigError(
        [f"sessions: {parts.scheme or 'no'}:// is not known; give file:///folder or redis://host/db"]
    )


class FileStore:
    """PHP's `files` handler: sess_<id> in one folder, under flock."""

    def __init__(self, folder: Path, patience_s: float = LOCK_PATIENCE_S) -> None:
        self._folder, self._patience_s = folder, patience_s

    def load(self, session_id: str) -> bytes | None:
        """Return the file's content once PHP lets go of it, or None."""
        try:
            number = os.open(self._folder / f"sess_{session_id}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError as error:
            if self._folder.is_dir():
                return None
            raise SessionStoreError(f"no session folder {self._folder}") from error
        except OSError as error:
            raise SessionStoreError(f"can't open a session in {self._folder}: {error.strerror}") from error
        try:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise SessionStoreError(f"a session in {self._folder} is no plain file")
            _wait_for(lambda: _try_lock(number), self._patience_s)
            return os.read(number, min(os.fstat(number).st_size, _MAX_BYTES))
        except OSError as error:
            raise SessionStoreError(f"can't read a session in {self._folder}: {error.strerror}") from error
        finally:
            os.close(number)


class RedisStore:
    """phpredis' handler; while its locking is on, <key>_LOCK stands for as long as PHP's request lasts."""

    def __init__(self, redis: Redis, prefix: str = REDIS_PREFIX, patience_s: float = LOCK_PATIENCE_S) -> None:
        self._redis, self._prefix, self._patience_s = redis, prefix, patience_s

    def load(self, session_id: str) -> bytes | None:
        """Return the value once PHP lets go of it, or None."""
        key = f"{self._prefix}{session_id}"
        try:
            _wait_for(lambda: not self._redis.exists(f"{key}_LOCK"), self._patience_s)
            value: Any = self._redis.get(key)
        except RedisError as error:
            raise SessionStoreError("the Redis of the CRM's sessions does not answer") from error
        return value.encode() if isinstance(value, str) else value


def parse_session(data: bytes) -> Mapping[str, Any]:
    """Return what tells who is logged in, from PHP's `php` or `php_serialize` format. Raises SessionBrokenError.

    Values are read by their own lengths: SQL text among them holds bars, quotes and semicolons. Reading stops when all that
    is wanted was seen, so that what comes after needn't be understood.
    """
    stream = io.BytesIO(data)
    try:
        if _SERIALIZED_ARRAY.match(data):
            return {
                _text(key): _text(value)
                for key, value in _load_value(stream).items()
                if _text(key) in _WANTED
            }
        values: dict[str, Any] = {}
        while stream.tell() < len(data) and len(values) < len(_WANTED):
            end = data.index(b"|", stream.tell())
            key = _text(data[stream.tell() : end])
            stream.seek(end + 1)
            value = _load_value(stream)
            if key in _WANTED:
                values[key] = _text(value)
        return values
    except (ValueError, TypeError, AttributeError, MemoryError, OverflowError, RecursionError) as error:
        # The error's own text may quote the session.
        raise SessionBrokenError(f"a session can't be parsed near byte {stream.tell()}") from error


def _load_value(stream: io.BytesIO) -> Any:
    return phpserialize.load(stream, object_hook=lambda _name, members: members, array_hook=_to_dict)


def _to_dict(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    return dict(pairs)


def _text(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _try_lock(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for(is_free: Callable[[], bool], patience_s: float) -> None:
    give_up = time.monotonic() + patience_s
    while not is_free():
        if time.monotonic() >= give_up:
            raise SessionBusyError("the CRM holds the session")
        time.sleep(LOCK_PAUSE_S)
