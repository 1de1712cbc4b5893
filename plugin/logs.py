"""Logging: who (ids only) and which run in every line; secrets and personal data never.

What a line is about is kept in context variables, set where a request or a run begins. The last filter before the output
rewrites whatever looks like a token, an address or a statement's parameters, in messages and in tracebacks.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

_run_id: ContextVar[int | None] = ContextVar("run_id", default=None)
_user_id: ContextVar[int | None] = ContextVar("user_id", default=None)

_REDACTIONS = (
    (re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+"), "<address>"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 <secret>"),
    (
        re.compile(r"\bya29\.[\w.-]+|\b1//[\w-]{10,}|\b4/[\w-]{20,}|\bGOCSPX-[\w-]+|\bgAAAAA[\w=-]{20,}"),
        "<secret>",
    ),
    (re.compile(r"\bsid:[0-9a-f]{40},\d+"), "<secret>"),
    (
        re.compile(
            r"(?i)(\b(?:code|state|access_token|refresh_token|id_token|client_secret|code_verifier|password|passwd|pwd"
            r"|PHPSESSID|__vtrftk|authorization|cookie)[\"']?\s*[=:]\s*[\"']?)[^\s&\"',;)}]+"
        ),
        r"\1<secret>",
    ),
    (re.compile(r"(\w+://[^\s:/@]+:)[^\s@]+@"), r"\1<secret>@"),
    # SQLAlchemy quotes what it sent: subjects, names, tokens.
    (re.compile(r"\[parameters:.*?\](?=\n|$)", re.DOTALL), "[parameters: <left out>]"),
)


@contextmanager
def about(*, run_id: int | None = None, user_id: int | None = None) -> Iterator[None]:
    """Write these ids into every line logged inside."""
    run_token = _run_id.set(run_id if run_id is not None else _run_id.get())
    user_token = _user_id.set(user_id if user_id is not None else _user_id.get())
    try:
        yield
    finally:
        _run_id.reset(run_token)
        _user_id.reset(user_token)


def set_user(user_id: int | None) -> None:
    """Write this user's id into the lines of the rest of this request."""
    _user_id.set(user_id)


def redact(text: str) -> str:
    """Return the text without what looks like a secret or an address."""
    for pattern, replacement in _REDACTIONS:
        text = pattern.sub(replacement, text)
    return text


class TextFormatter(logging.Formatter):
    """One line for people: moment, level, logger, ids, message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(ids)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, redacted."""
        record.ids = "".join(f" {name}={value}" for name, value in _ids().items())
        return redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object in a line, for collectors."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, redacted."""
        line: dict[str, object] = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            **_ids(),
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class RedactingHandler(logging.StreamHandler[TextIO]):
    """The output that configure_logging sets up."""


def configure_logging(log_format: str = "text", stream: TextIO | None = None) -> None:
    """Send everything to `stream` (standard error), through the redaction; a second call replaces the first."""
    handler = RedactingHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [other for other in root.handlers if not isinstance(other, RedactingHandler)] + [
        handler
    ]
    root.setLevel(logging.INFO)
    # These log addresses with their queries, or whole requests.
    for name in (
        "urllib3",
        "googleapiclient",
        "requests_oauthlib",
        "oauthlib",
        "google.auth",
        "google_auth_httplib2",
        "httplib2",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)


def _ids() -> dict[str, int]:
    ids = {"run": _run_id.get(), "user": _user_id.get()}
    return {name: value for name, value in ids.items() if value is not None}
