"""Two-way sync of a vtiger-style CRM's calendar and contacts with Google, behind the CRM's own `module=Google` URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from plugin.bootstrap import Services
    from plugin.config import Settings


def create_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """Return the app: for these settings (else the environment's), or for ready-made services. Raises ConfigError."""
    # Imported here: whoever imports plugin.core must not get Flask and SQLAlchemy with it.
    from flask import Flask

    from plugin.cli import google_commands
    from plugin.config import read_settings
    from plugin.logs import configure_logging
    from plugin.web import register_web

    app = Flask("plugin", static_folder=None)
    if services is None:
        settings = settings or read_settings()
        services = _build_services(app, settings)
        app.cli.add_command(google_commands)
    configure_logging(services.settings.log_format)
    app.extensions["gsync"] = services
    register_web(app, services)
    return app


def _build_services(app: Flask, settings: Settings) -> Services:
    from pathlib import Path

    from plugin.bootstrap import Services, SqlReviews, build_parts, choose_calendar, choose_label
    from plugin.bootstrap.database import engine_options, with_quick_connections
    from plugin.extensions import db, migrate
    from plugin.jobs.previews import PreviewQueue
    from plugin.jobs.queue import RunQueue
    from plugin.state import models  # noqa: F401 - fills the metadata that migrations look at

    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database_url)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(Path(__file__).parent / "state" / "migrations"))
    with app.app_context():
        parts = build_parts(settings, with_quick_connections(db.engine))
    app.extensions["gsync_parts"] = parts
    return Services(
        settings=settings,
        sessions=parts.sessions,
        users=parts.users,
        accounts=parts.accounts,
        runs=RunQueue(parts),
        reviews=SqlReviews(parts),
        previews=PreviewQueue(parts),
        preferences=parts.preferences,
        calendars=choose_calendar(parts),
        labels=choose_label(parts),
        contact_fields=parts.contact_fields,
        clock=parts.clock,
        ready=parts.down,
        has_client=lambda: parts.oauth_client() is not None,
        redis=parts.redis,
    )
