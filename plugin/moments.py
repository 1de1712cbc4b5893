"""Moments as a CRM user reads them: in the zone and the format that they set in the CRM."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime
from flask_babel import get_locale

from plugin.core.when import When, WholeDays
from plugin.sync.ports import CrmUser

_DATE_FORMAT = re.compile(r"[dmy]{2,4}([-./][dmy]{2,4}){2}")


def moment_text(moment_utc: datetime, user: CrmUser | None, crm_zone: str) -> str:
    """Return date and time."""
    hours = "hh:mm a" if user and user.hour_format == "12" else "HH:mm"
    local = moment_utc.astimezone(_zone(user, crm_zone))
    return format_datetime(local, f"{_date_pattern(user)} {hours}", tzinfo=local.tzinfo, locale=_locale())


def when_text(when: When, user: CrmUser | None, crm_zone: str) -> str:
    """Return when an event begins; of whole days, the first and the last."""
    if not isinstance(when, WholeDays):
        return moment_text(when.start_utc, user, crm_zone)
    last = when.end_date - timedelta(days=1)
    first_text, last_text = _date_text(when.start_date, user), _date_text(last, user)
    return first_text if last <= when.start_date else f"{first_text} – {last_text}"


def _date_text(day: date, user: CrmUser | None) -> str:
    return format_date(day, _date_pattern(user), locale=_locale())


def _date_pattern(user: CrmUser | None) -> str:
    is_known = user is not None and _DATE_FORMAT.fullmatch(user.date_format)
    return (user.date_format if user and is_known else "yyyy-mm-dd").replace("mm", "MM")


def _locale() -> str:
    return str(get_locale())


def _zone(user: CrmUser | None, crm_zone: str) -> tzinfo:
    for name in (user.time_zone if user else "", crm_zone):
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return UTC
