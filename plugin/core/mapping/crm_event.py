"""A CRM activity to and from `Event`.

Date and time columns hold one instant split in two, in the CRM's default zone (facts/crm_google_module.md §8.1).
What the columns can't hold is cut here, so that a strict server accepts it and a lax one changes nothing behind our back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plugin.core.errors import MappingError
from plugin.core.mapping.fitting import fit, fit_bytes
from plugin.core.model import CrmLimits, Event, Field, Visibility
from plugin.core.when import YEARS, Timed, WholeDays, instants, timed, when_from_instants

# What the CRM's own module writes for an event without a title (facts §4.2).
UNTITLED = "Google Event"

_VISIBILITY_OF_CRM = {"public": Visibility.PUBLIC, "private": Visibility.PRIVATE}
# `confidential` is Google's other word for private; anything laxer would show it to colleagues.
_CRM_OF_VISIBILITY = {
    Visibility.PUBLIC: "Public",
    Visibility.PRIVATE: "Private",
    Visibility.CONFIDENTIAL: "Private",
}


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """The mapped columns of an activity, as the CRM's tables hold them (times in the CRM's default zone)."""

    crm_id: int
    subject: str
    description: str
    location: str
    date_start: date
    time_start: str
    due_date: date | None
    time_end: str
    visibility: str


def event_from_row(row: ActivityRow, crm_zone: str, all_day_zone: str | None = None) -> Event:
    """Return the event that the row means; raises MappingError if a time can't be read."""
    start = _instant(row.crm_id, "time_start", row.date_start, row.time_start, crm_zone)
    end = start if row.due_date is None else _end(row, start, crm_zone)
    return Event(
        subject=row.subject,
        description=_with_plain_breaks(row.description),
        location=row.location,
        when=when_from_instants(timed(start, end), all_day_zone),
        visibility=_VISIBILITY_OF_CRM.get(row.visibility.lower(), Visibility.DEFAULT),
    )


def row_from_event(crm_id: int, event: Event, crm_zone: str, all_day_zone: str | None) -> ActivityRow:
    """Return the columns that say `event`; whole days stand on midnights of `all_day_zone` (else of the CRM's zone)."""
    span = instants(event.when, all_day_zone or crm_zone)
    start, end = (moment.astimezone(ZoneInfo(crm_zone)) for moment in (span.start_utc, span.end_utc))
    return ActivityRow(
        crm_id=crm_id,
        subject=event.subject,
        description=event.description,
        location=event.location,
        date_start=start.date(),
        time_start=start.strftime("%H:%M:%S"),
        due_date=end.date(),
        time_end=end.strftime("%H:%M:%S"),
        visibility=_CRM_OF_VISIBILITY.get(event.visibility, "all"),
    )


def duration(row: ActivityRow) -> tuple[str, str]:
    """Return whole hours and remaining minutes as the CRM stores them from 7.1 on (facts §8.3)."""
    if row.due_date is None or not row.time_end.strip():
        return "0", "0"
    start = datetime.combine(row.date_start, _time_of_day(row.time_start))
    end = datetime.combine(row.due_date, _time_of_day(row.time_end))
    hours, minutes = divmod(int((end - start) / timedelta(minutes=1)), 60)
    return str(hours), str(minutes)


def as_crm_holds(event: Event, limits: CrmLimits, default_visibility: Visibility) -> Event:
    """Return what is left of a Google event once it stands in the CRM's columns."""
    told = _as_crm_says(event)
    visibility = event.visibility
    if visibility is Visibility.DEFAULT:
        visibility = default_visibility
    elif visibility is Visibility.CONFIDENTIAL:
        visibility = Visibility.PRIVATE
    description = fit(told.description, has_only_bmp=limits.has_only_bmp)
    return replace(
        told,
        subject=fit(told.subject, has_only_bmp=limits.has_only_bmp, chars=limits.subject_chars),
        location=fit(told.location, has_only_bmp=limits.has_only_bmp, chars=limits.location_chars),
        description=fit_bytes(description, limits.description_bytes).rstrip(),
        when=_on_whole_seconds(event.when),
        visibility=visibility,
    )


def cut_fields(event: Event, limits: CrmLimits) -> frozenset[Field]:
    """Return the fields of a Google event, read as text, of which the CRM's columns hold less: too long, or with emoji."""
    told, held = _as_crm_says(event), as_crm_holds(event, limits, Visibility.PRIVATE)
    texts = (Field.SUBJECT, Field.LOCATION, Field.DESCRIPTION)
    return frozenset(f for f in texts if getattr(held, f.value) != getattr(told, f.value))


def _as_crm_says(event: Event) -> Event:
    # As the CRM's forms give it back when something else is edited there: it must not look like an edit, and go to Google.
    return replace(
        event,
        subject=event.subject.strip() or UNTITLED,
        location=", ".join(line.strip() for line in event.location.splitlines() if line.strip()),
        description=_with_plain_breaks(event.description).strip(),
    )


def _with_plain_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _on_whole_seconds(when: Timed | WholeDays) -> Timed | WholeDays:
    if isinstance(when, WholeDays):
        return when
    return Timed(when.start_utc.replace(microsecond=0), when.end_utc.replace(microsecond=0))


def _end(row: ActivityRow, start: datetime, crm_zone: str) -> datetime:
    # An empty end time is an activity without a length, not one that ended at midnight before it began.
    if row.due_date is None or not row.time_end.strip():
        return start
    return _instant(row.crm_id, "time_end", row.due_date, row.time_end, crm_zone)


def _instant(crm_id: int, field: str, day: date, text: str, crm_zone: str) -> datetime:
    try:
        moment = datetime.combine(day, _time_of_day(text), ZoneInfo(crm_zone)).astimezone(UTC)
        if moment.year not in YEARS:
            raise ValueError(day)
        return moment
    # TypeError: a date like 0000-00-00, which a lenient server stores, comes as text. OverflowError: before the year 1.
    except (ValueError, TypeError, OverflowError) as error:
        raise MappingError("crm", str(crm_id), field, f"not a time: {day} {text!r}") from error


def _time_of_day(text: str) -> time:
    # Imports and old releases also left hours of one digit.
    digits = text.strip() or "00:00"
    return time.fromisoformat(f"0{digits}" if digits[1:2] == ":" else digits)
