"""Two-way sync of a vtiger-style CRM's calendar and contacts with Google, behind the CRM's own `module=Google` URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from plugin.bootstrap import Services, WebSettings


def create_app(settings: WebSettings | None = None, services: Services | None = None) -> Flask:
    """Return the app for these services. Raises ConfigError."""
    # Imported here: whoever imports plugin.core must not get Flask and SQLAlchemy with it.
    from flask import Flask

    from plugin.core.errors import ConfigError
    from plugin.logs import configure_logging
    from plugin.web import register_web

    if services is None:
        raise ConfigError(["no services given"])
    configure_logging((settings or services.settings).log_format)
    app = Flask("plugin", static_folder=None)
    app.extensions["gsync"] = services
    register_web(app, services)
    return app
