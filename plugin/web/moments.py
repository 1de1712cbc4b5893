"""Moments on the pages: how long ago, and in full as the user who asks reads them."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_timedelta
from flask import g
from flask_babel import get_locale, gettext

from plugin.core.when import When
from plugin.moments import moment_text, when_text
from plugin.web.asking import services

_JUST_NOW_S = 10


def relative_time(moment_utc: datetime) -> str:
    """Return how long ago it was: "5 minutes ago"."""
    age = services().clock() - moment_utc
    if age.total_seconds() < _JUST_NOW_S:
        return str(gettext("a moment ago"))
    return format_timedelta(-age, add_direction=True, locale=str(get_locale()))


def full_time(moment_utc: datetime) -> str:
    """Return date and time in the zone and the format that the user set in the CRM."""
    return moment_text(moment_utc, g.get("crm_user"), services().settings.crm_timezone)


def event_time(when: When) -> str:
    """Return when an event begins, the same way."""
    return when_text(when, g.get("crm_user"), services().settings.crm_timezone)
