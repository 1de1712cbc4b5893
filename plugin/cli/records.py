"""How single records are told on the command line: a line, JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from plugin.core.when import When, WholeDays
from plugin.moments import moment_text, when_text
from plugin.record_sentences import cut_sentence_of, deed_sentence, hold_sentence, parked_reason, why_sentence
from plugin.sync.ports import CrmUser
from plugin.sync.views import ParkedView, PlannedChange


def change_line(change: PlannedChange, user: CrmUser, crm_zone: str) -> str:
    """Return what would be done to a record, in one line; times as the user reads them in the CRM."""
    when = when_text(change.when, user, crm_zone) if change.when else ""
    subject = change.subject or _("(no subject)")
    line = f"{deed_sentence(change.deed, change.side):<22} {when:<16}  {subject}"
    line += f"  ({why_sentence(change)})"
    if change.cut:
        line += f"  {cut_sentence_of(change.cut)}"
    return f"{line}  {_('waits for approval')}: {hold_sentence(change.hold)}" if change.hold.value else line


def change_json(change: PlannedChange) -> dict[str, Any]:
    """Return the same as programs read it."""
    return {
        "action": change.deed.value,
        "side": change.side.value,
        "reason": change.reason.name.lower(),
        "held": change.hold.value or None,
        "fields": list(change.fields),
        "overwritten": list(change.overwritten),
        "cut": list(change.cut),
        "subject": change.subject,
        **_when_json(change.when),
        "crm_id": change.crm_id,
        "google_id": change.google_id,
    }


def parked_line(record: ParkedView, user: CrmUser, crm_zone: str) -> str:
    """Return a record that is set aside, in one line."""

    def at(moment_utc: datetime | None) -> str:
        return moment_text(moment_utc, user, crm_zone) if moment_utc else _("when it changes")

    name = "CRM" if record.side.value == "crm" else "Google"
    when = when_text(record.when, user, crm_zone) if record.when else ""
    subject = record.subject or _("(no subject)")
    what = f"{name:<7}{when:<16}  {subject}  ({parked_reason(record.reason)})"
    # Texts inside an f-string aren't found by those who collect them for translation.
    times = _("since %(since)s, next try: %(next)s", since=at(record.since_utc), next=at(record.retry_at_utc))
    return f"{what}  {times}"


def parked_json(record: ParkedView) -> dict[str, Any]:
    """Return the same as programs read it."""
    return {
        "side": record.side.value,
        "id": record.item_id,
        "reason": record.reason,
        "attempts": record.attempts,
        "subject": record.subject,
        **_when_json(record.when),
        "since_utc": record.since_utc.isoformat(),
        "next_try_utc": record.retry_at_utc.isoformat() if record.retry_at_utc else None,
    }


def _when_json(when: When | None) -> dict[str, str | None]:
    if when is None:
        return {"start": None, "end": None}
    if isinstance(when, WholeDays):
        return {"start": when.start_date.isoformat(), "end": when.end_date.isoformat()}
    return {"start": when.start_utc.isoformat(), "end": when.end_utc.isoformat()}
