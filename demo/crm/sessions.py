"""PHP's session files: `key|serialized;` in sess_<id>, locked for as long as the request lasts."""

import fcntl
import io
import os
import re
import secrets
import time
from pathlib import Path
from typing import Any

import phpserialize

COOKIE = "PHPSESSID"
INFO = "__HTTP_Session2_Info"
STARTED, CONTINUED = 1, 2
ID_SHAPE = re.compile(r"[a-zA-Z0-9,-]{1,128}")
# The alphabet and the length that Debian's php.ini gives to ids made by PHP itself.
PHP_ID_SIGNS, PHP_ID_LENGTH = "0123456789abcdefghijklmnopqrstuv", 26


class Session:
    """The session of one request. Other requests of the same browser wait until `close`."""

    def __init__(self, folder: Path, session_id: str) -> None:
        self.folder, self.session_id = folder, session_id
        self._file = _open_locked(folder / f"sess_{session_id}")
        self.data = decode_session(_read(self._file))
        self.data[INFO] = CONTINUED if self.data else STARTED

    def regenerate(self) -> None:
        """Go on under a new id of PHP's own shape and remove the old file."""
        os.unlink(self.folder / f"sess_{self.session_id}")  # noqa: PTH108 - next to os.open
        os.close(self._file)
        self.session_id = "".join(secrets.choice(PHP_ID_SIGNS) for _ in range(PHP_ID_LENGTH))
        self._file = _open_locked(self.folder / f"sess_{self.session_id}")

    def destroy(self) -> None:
        """Forget everything; the empty file stays, as after a logout in the CRM."""
        self.data = {}

    def close(self) -> None:
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, encode_session(self.data), 0)
        os.close(self._file)


def open_session(folder: Path, cookie: str | None) -> Session:
    """Open the session that the cookie names, or a new anonymous one.

    Like PHP without strict mode it accepts an id that it never gave out.
    """
    return Session(folder, cookie if cookie and ID_SHAPE.fullmatch(cookie) else new_anonymous_id())


def new_anonymous_id() -> str:
    """Return an id as the CRM makes it for a visitor: 7 or 8 random hex signs, then the time."""
    microseconds = time.time_ns() // 1000
    seconds, rest = divmod(microseconds, 1_000_000)
    return f"{secrets.randbelow(2**31 - 2**24) + 2**24:x}{seconds:08x}{rest:05x}"


def encode_session(data: dict[str, Any]) -> bytes:
    return b"".join(key.encode() + b"|" + phpserialize.dumps(value) for key, value in data.items())


def decode_session(content: bytes) -> dict[str, Any]:
    """Read the values by their own lengths: SQL text in them holds quotes, bars and semicolons."""
    stream = io.BytesIO(content)
    data: dict[str, Any] = {}
    while stream.tell() < len(content):
        bar = content.index(b"|", stream.tell())
        key = content[stream.tell() : bar].decode()
        stream.seek(bar + 1)
        data[key] = phpserialize.load(stream, decode_strings=True)
    return data


def _open_locked(path: Path) -> int:
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        # A login may have removed the file while this request waited for it.
        if path.exists() and path.stat().st_ino == os.fstat(file).st_ino:
            return file
        os.close(file)


def _read(file: int) -> bytes:
    return os.pread(file, os.fstat(file).st_size, 0)
