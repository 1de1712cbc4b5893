"""The pages: one blueprint that answers the CRM's Google URLs under site_URL's path, and our own under google-sync/."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Flask
from flask_babel import get_locale

from plugin import contact_sentences, record_sentences
from plugin.bootstrap import Services
from plugin.extensions import babel
from plugin.web import admin, answers, asking, faults, health, languages, moments, routes, statics

# A POST body of the CRM's Google dialogs is some kB; the proxy sends us nothing larger than its buffer.
MAX_BODY_BYTES = 1024 * 1024
FOLDER = Path(__file__).parent


def register_web(app: Flask, services: Services) -> None:
    """Put the blueprint, the languages and the answers to errors into the app."""
    prefix = urlsplit(services.settings.crm_url).path.rstrip("/")
    blueprint = Blueprint(
        "google_sync",
        __name__,
        url_prefix=prefix or None,
        template_folder="templates",
        static_folder="static",
        static_url_path="/google-sync/static",
    )
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY_BYTES
    app.config.setdefault("SYNC_WAIT_S", 20.0)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = statics.MAX_AGE_S
    babel.init_app(
        app,
        default_translation_directories=str(FOLDER / "translations"),
        locale_selector=languages.locale_of_request,
    )
    blueprint.before_request(asking.forget)
    routes.add_to(blueprint)
    admin.add_to(blueprint)
    health.add_to(blueprint)
    faults.add_to(blueprint)
    blueprint.after_request(answers.add_headers)
    app.register_blueprint(blueprint)
    app.jinja_env.globals["get_locale"] = get_locale
    app.jinja_env.globals["records"] = record_sentences
    app.jinja_env.globals["contact_words"] = contact_sentences
    app.jinja_env.globals["static_url"] = statics.StaticUrls(FOLDER / "static", prefix).url
    app.jinja_env.filters["relative_time"] = moments.relative_time
    app.jinja_env.filters["full_time"] = moments.full_time
    app.jinja_env.filters["event_time"] = moments.event_time
