"""What Flask is extended with. Nothing is opened at import: create_app() and bootstrap do that."""

from __future__ import annotations

from flask_babel import Babel
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from redis import Redis

db = SQLAlchemy()
migrate = Migrate()
babel = Babel()


def connect_redis(url: str, *, timeout_s: float = 5.0) -> Redis:
    """Return a client for this address; it connects with the first command."""
    return Redis.from_url(
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        health_check_interval=30,
        # Else each connection looks its library's version up on the disk, to tell Redis.
        driver_info=None,
    )
