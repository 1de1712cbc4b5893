"""What people are told where contacts ask for other words than activities; the rest is in sentences.py."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from plugin.core.contact import Kind, Slot
from plugin.core.mapping.contact_mapping import Fields, Problem, ProblemCode
from plugin.sync.views import ALL_CONTACTS, ConnectionView, ConnectOutcome, OfferedLabel, SettingsOutcome

ERRORS: Mapping[str, LazyString] = {
    "api_disabled": _(
        "The Google project of this CRM does not have the contacts service (People API) switched on."
        " Please tell your administrator."
    ),
    "collection_lost": _("The label no longer exists in Google. Choose another one in the settings."),
    "missing_scope": _(
        "The permission to manage your contacts is missing."
        " Please click “Synchronize Now”, tick every box and click “Allow”."
    ),
    "disconnected": _(
        "The synchronization was stopped, because it was removed or set up anew; what was done stays."
    ),
}

OUTCOMES: Mapping[ConnectOutcome, LazyString] = {
    ConnectOutcome.MISSING_SCOPE: ERRORS["missing_scope"],
    ConnectOutcome.TAKEN: _(
        "Another CRM user already synchronizes these Google contacts. Please connect with your own Google account."
    ),
}

SETTINGS: Mapping[SettingsOutcome, LazyString] = {
    SettingsOutcome.TAKEN: _(
        "Another CRM user already synchronizes contacts of this Google account, and one contact may have several labels,"
        " so they can be synchronized from Google to the CRM only."
    ),
    SettingsOutcome.UNKNOWN: _(
        "This label is not among those of your Google account. Please choose one of the list."
    ),
}

_PROBLEMS: Mapping[ProblemCode, LazyString] = {
    ProblemCode.UNKNOWN_FIELD: _("The CRM has no such field."),
    ProblemCode.WRONG_KIND: _("A field of this kind does not fit there."),
    ProblemCode.NO_TYPE: _("Choose a type, or write a label."),
    ProblemCode.FIELD_TWICE: _("The field is already in use."),
    ProblemCode.PLACE_TWICE: _("Another field already stands there in Google."),
}

_KINDS: Mapping[Kind, LazyString] = {
    Kind.EMAIL: _("E-mail"),
    Kind.PHONE: _("Phone"),
    Kind.ADDRESS: _("Address"),
    Kind.URL: _("Website"),
    Kind.CUSTOM: _("Custom field"),
}
# Google's own types as the CRM's settings window offered them, but for what a user labels.
TYPES: Mapping[Kind, Mapping[str, LazyString]] = {
    Kind.EMAIL: {"home": _("home"), "work": _("work")},
    Kind.PHONE: {
        "mobile": _("mobile"),
        "work": _("work"),
        "home": _("home"),
        "main": _("main"),
        "workFax": _("work fax"),
        "homeFax": _("home fax"),
        "pager": _("pager"),
    },
    Kind.ADDRESS: {"home": _("home"), "work": _("work")},
    Kind.URL: {
        "profile": _("profile"),
        "blog": _("blog"),
        "homePage": _("home page"),
        "work": _("work"),
    },
    Kind.CUSTOM: {},
}
# The CRM's labels are English words that its own pages translate.
_FIELDS: Mapping[str, LazyString] = {
    "salutationtype": _("Salutation"),
    "firstname": _("First name"),
    "lastname": _("Last name"),
    "title": _("Job title"),
    "account_id": _("Organization"),
    "birthday": _("Birthday"),
    "email": _("Primary e-mail"),
    "secondaryemail": _("Secondary e-mail"),
    "mobile": _("Mobile phone"),
    "phone": _("Office phone"),
    "homephone": _("Home phone"),
    "otherphone": _("Other phone"),
    "assistantphone": _("Assistant's phone"),
    "fax": _("Fax"),
    "department": _("Department"),
    "assistant": _("Assistant"),
    "mailingaddress": _("Mailing address"),
    "otheraddress": _("Other address"),
}


def kind_name(kind: Kind) -> str:
    """Return what a kind of item of a Google contact is called."""
    return str(_KINDS[kind])


def place_name(slot: Slot) -> str:
    """Return where a slot stands in a Google contact: "Phone: work"."""
    known = TYPES.get(slot.kind, {}).get(slot.type)
    type_ = str(known or slot.type)
    return f"{kind_name(slot.kind)}: {type_}" if type_ else kind_name(slot.kind)


def field_name(crm_field: str, fields: Fields) -> str:
    """Return what a CRM field is called; one that the CRM no longer has, by its own name."""
    if crm_field in _FIELDS:
        return str(_FIELDS[crm_field])
    known = fields.get(crm_field)
    return known.label or crm_field if known else crm_field


def problem_sentence(problem: Problem, fields: Fields) -> str:
    """Return what is wrong with a row of a field mapping."""
    return f"{field_name(problem.slot.crm_field, fields)} – {place_name(problem.slot)}: {_PROBLEMS[problem.code]}"


def resting_sentence(slot: Slot) -> str:
    """Return that a mapped field has vanished from the CRM."""
    text: str = gettext(
        "The CRM no longer has the field “%(field)s” (%(place)s). Its row is kept, and rests until the field is there again.",
        field=slot.crm_field,
        place=place_name(slot),
    )
    return text


def label_name(chosen: ConnectionView | OfferedLabel) -> str:
    """Return what of Google's contacts is synchronized: all, or a label."""
    if isinstance(chosen, OfferedLabel):
        collection_id, name = chosen.group_id, chosen.name
    else:
        collection_id, name = chosen.collection_id, chosen.collection_name
    return gettext("All contacts") if collection_id == ALL_CONTACTS else name
