"""Moments as the CRM user reads them: how long ago, and the full date in their zone and format."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_datetime, format_timedelta
from flask import g
from flask_babel import get_locale, gettext

from plugin.sync.ports import CrmUser
from plugin.web.asking import services

_JUST_NOW_S = 10
_DATE_FORMAT = re.compile(r"[dmy]{2,4}([-./][dmy]{2,4}){2}")


def relative_time(moment_utc: datetime) -> str:
    """Return how long ago it was: "5 minutes ago"."""
    age = services().clock() - moment_utc
    if age.total_seconds() < _JUST_NOW_S:
        return str(gettext("a moment ago"))
    return format_timedelta(-age, add_direction=True, locale=str(get_locale()))


def full_time(moment_utc: datetime) -> str:
    """Return date and time in the zone and the format that the user set in the CRM."""
    user: CrmUser | None = g.get("crm_user")
    date_format = user.date_format if user and _DATE_FORMAT.fullmatch(user.date_format) else "yyyy-mm-dd"
    hours = "hh:mm a" if user and user.hour_format == "12" else "HH:mm"
    pattern = f"{date_format.replace('mm', 'MM')} {hours}"
    local = moment_utc.astimezone(_zone(user))
    return format_datetime(local, pattern, tzinfo=local.tzinfo, locale=str(get_locale()))


def _zone(user: CrmUser | None) -> tzinfo:
    for name in (user.time_zone if user else "", services().settings.crm_timezone):
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return UTC
