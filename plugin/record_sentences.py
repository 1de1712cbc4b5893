"""What people are told about single records: what would be done to one, and why it waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from plugin import contact_sentences
from plugin.core.contact_matching import Doubt
from plugin.core.model import Side
from plugin.core.reconcile import Reason
from plugin.sentences import reason_sentence
from plugin.sync.views import Deed, Hold, PlannedChange

_DEEDS: Mapping[tuple[Deed, Side], LazyString] = {
    (Deed.CREATE, Side.CRM): _("Add to the CRM"),
    (Deed.CREATE, Side.GOOGLE): _("Add to Google"),
    (Deed.UPDATE, Side.CRM): _("Change in the CRM"),
    (Deed.UPDATE, Side.GOOGLE): _("Change in Google"),
    (Deed.UPDATE_SERIES, Side.GOOGLE): _("Change the whole series in Google"),
    (Deed.END_SERIES, Side.GOOGLE): _("End the series in Google, with what is still to come"),
    (Deed.DELETE, Side.CRM): _("Delete from the CRM"),
    (Deed.DELETE, Side.GOOGLE): _("Delete from Google"),
    (Deed.RESTORE, Side.CRM): _("Restore in the CRM"),
    (Deed.RESTORE, Side.GOOGLE): _("Restore in Google"),
    (Deed.SET_ASIDE, Side.CRM): _("Set aside the CRM's record"),
    (Deed.SET_ASIDE, Side.GOOGLE): _("Set aside Google's record"),
    (Deed.RELEASE, Side.CRM): _("Synchronize no longer"),
    (Deed.RELEASE, Side.GOOGLE): _("Synchronize no longer"),
}

_HOLDS: Mapping[Hold, LazyString] = {
    Hold.BRAKE: _("many deletions at once"),
    Hold.GUESTS: _("the event has guests; deleting it cancels it for them"),
}

# Those of contacts are named in contact_sentences.py.
_FIELDS: Mapping[str, LazyString] = {
    "subject": _("subject"),
    "description": _("description"),
    "location": _("location"),
    "when": _("date and time"),
    "visibility": _("visibility"),
}

_PARKED: Mapping[str, LazyString] = {
    "unreadable": _("a value of it, or the way it repeats, cannot be read"),
    "refused": _("one side does not accept it"),
    "unanswered": _("Google will be asked once more what it is now"),
    Doubt.SEVERAL.value: _(
        "several contacts of one of the sides may be this person; merge them there, or delete those that are too many"
    ),
    Doubt.OTHER_NAME.value: _(
        "on the other side somebody of another name has the same e-mail;"
        " if it is the same person, give both the same name, else another e-mail"
    ),
    Doubt.NAME_ONLY.value: _(
        "on the other side somebody has the same name, and nothing else in common;"
        " if it is the same person, give both the same e-mail, else tell their names apart"
    ),
    Doubt.OUTSIDE_LABEL.value: _(
        "is in Google already, without the chosen label; it is synchronized once you give it the label there"
    ),
}


def deed_sentence(deed: Deed, side: Side) -> str:
    """Return what would be done."""
    return str(_DEEDS[deed, side])


def why_sentence(change: PlannedChange) -> str:
    """Return why, and of an update in which fields; what somebody changed there and loses is said."""
    text = reason_sentence(change.reason)
    if change.fields:
        text = f"{text} ({_names(change.fields)})"
    if change.overwritten:
        lost = gettext(
            "changed on both sides, and overwritten here: %(fields)s", fields=_names(change.overwritten)
        )
        text = f"{text}; {lost}"
    return text


def hold_sentence(hold: Hold) -> str:
    """Return why a deletion waits, or nothing."""
    return str(_HOLDS.get(hold, ""))


def cut_sentence_of(fields: Sequence[str]) -> str:
    """Return which fields of a record the CRM would not hold wholly, or nothing."""
    text: str = (
        gettext("does not fit wholly into the CRM: %(fields)s", fields=_names(fields)) if fields else ""
    )
    return text


def parked_reason(code: str) -> str:
    """Return why a record is set aside."""
    if code in _PARKED:
        return str(_PARKED[code])
    known = {reason.value: reason for reason in Reason}
    return reason_sentence(known[code]) if code in known else str(_PARKED["refused"])


def _names(fields: Sequence[str]) -> str:
    return ", ".join(str(_FIELDS.get(name) or contact_sentences.field_name(name, {})) for name in fields)
