"""What goes wrong becomes one plain sentence in the caller's form, and a line in the log under the same reference."""

from __future__ import annotations

import logging
import secrets

from flask import Blueprint, Response, g, request
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from plugin.core.errors import SyncError
from plugin.sentences import unexpected_sentence
from plugin.web import answers
from plugin.web.call import Call, read_call

log = logging.getLogger(__name__)


def add_to(blueprint: Blueprint) -> None:
    """Answer for every error raised in the blueprint."""
    blueprint.register_error_handler(SyncError, _tell_known)
    blueprint.register_error_handler(SQLAlchemyError, _tell_database)
    blueprint.register_error_handler(RedisError, _tell_redis)
    blueprint.register_error_handler(HTTPException, _tell_http)
    blueprint.register_error_handler(Exception, _tell_unexpected)


def _tell_known(error: SyncError) -> Response:
    log.warning("%s answered with a sentence: %s", _endpoint(), error, exc_info=error.__cause__)
    return answers.sentence(_call(), error.code)


def _tell_database(error: SQLAlchemyError) -> Response:
    log.error("%s: the database failed", _endpoint(), exc_info=error)
    return answers.sentence(_call(), "database")


def _tell_redis(error: RedisError) -> Response:
    log.error("%s: Redis failed", _endpoint(), exc_info=error)
    return answers.sentence(_call(), "redis")


def _tell_http(error: HTTPException) -> Response | HTTPException:
    if "/google-sync/" in request.path or (error.code or 500) < 400:
        return error
    code = "too_large" if isinstance(error, RequestEntityTooLarge) else "unknown_call"
    return answers.sentence(_call(), code)


def _tell_unexpected(error: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.error("%s failed, reference %s", _endpoint(), reference, exc_info=error)
    return answers.sentence(_call(), "unexpected", unexpected_sentence(reference))


def _call() -> Call:
    """Return the call; if its body could not be read, what the query says."""
    call: Call | None = g.get("call")
    return call or read_call(request, with_body=False)


def _endpoint() -> str:
    return request.endpoint or "unknown"
