"""What people are told: one plain sentence for every code, outcome, phase and reason, in the reader's language.

English stands here, Spanish in plugin/web/translations. Each error says what to do next. A sentence never quotes a record or
an address.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from plugin import contact_sentences
from plugin.core.reconcile import Reason
from plugin.sync.views import CALENDAR, CONTACTS, ConnectOutcome, Progress, RunView, SettingsOutcome

_ERRORS: Mapping[str, LazyString] = {
    "unexpected": _("Something went wrong. Please try again; if it happens again, tell your administrator."),
    "config": _(
        "The synchronization with Google is not configured correctly. Please tell your administrator."
    ),
    "schema": _("The CRM's database is not as the synchronization needs it. Please tell your administrator."),
    "api_disabled": _(
        "The Google project of this CRM does not have the calendar service switched on. Please tell your administrator."
    ),
    "client_rejected": _(
        "Google does not accept the credentials of this CRM. Please tell your administrator."
    ),
    "mapping": _("A record could not be converted and was left as it is."),
    "rate_limited": _("Google asks us to slow down. Please try again in a few minutes; nothing was lost."),
    "long_pause": _(
        "Google takes no more requests from you for now, for an hour or longer. Nothing was lost; please try again later."
    ),
    "google_unexpected": _(
        "Google refused for a reason we do not know; nothing was lost. If it stays so, please tell your administrator."
    ),
    "unavailable": _(
        "The service does not answer at the moment. Please try again in a few minutes; nothing was lost."
    ),
    "changed_meanwhile": _(
        "A record was changed during the synchronization; it will be looked at again next time."
    ),
    "not_found": _("The record no longer exists."),
    "refused": _("Google did not accept a record; it was left as it is."),
    "sync_token_expired": _("Google wants everything to be listed again. Please synchronize once more."),
    "collection_lost": _(
        "The calendar no longer exists in Google or is no longer shared with you. Choose another one in the settings."
    ),
    "write_access_lost": _(
        "In Google you may now only read the calendar. In the settings, choose it again to read it, or choose another."
    ),
    "reconnect": _(
        "Google no longer accepts the permission you gave. Please click “Synchronize Now” and allow the access again."
    ),
    "missing_scope": _(
        "The permission to manage your calendars is missing. Please click “Synchronize Now”, tick every box and click “Allow”."
    ),
    "key_missing": _(
        "The CRM cannot read the permission you gave, because its own key is missing."
        " Please tell your administrator; nothing was lost."
    ),
    "lock_busy": _(
        "A synchronization with this Google account is already running. Please try again in a minute."
    ),
    "lock_lost": _("The synchronization was interrupted and will go on next time; nothing was lost."),
    "disconnected": _(
        "The synchronization was stopped, because it was removed or another calendar was chosen; what was done stays."
    ),
    "safety_stop": _(
        "Many deletions were found, so nothing was deleted. Please ask your administrator to review them."
    ),
    "foreign_install": _(
        "This CRM seems to be a copy or to have moved, so the synchronization is stopped. Your administrator has to confirm it."
    ),
    "crm_busy": _("The CRM is busy with another request of yours. Please wait a few seconds and try again."),
    "session_store": _("The CRM's sessions cannot be read. Please tell your administrator."),
    "session_broken": _("Your CRM session cannot be read. Please log out of the CRM and log in again."),
    "no_client": _(
        "The connection with Google is not set up yet. Your administrator has to register the Google credentials first."
    ),
    "database": _(
        "The database does not answer at the moment. Please try again in a few minutes; nothing was lost."
    ),
    "redis": _(
        "The queue of synchronizations does not answer. Please try again in a few minutes or tell your administrator."
    ),
    "worker": _("The service that synchronizes is not running. Please tell your administrator."),
    "sessions": _("The CRM's sessions cannot be read. Please tell your administrator."),
    # Said by the pages themselves.
    "login": _("Your CRM session has ended. Please log in again."),
    "illegal_request": _(
        "The request came from another site and was refused. Please open the page from within the CRM."
    ),
    "elsewhere": _(
        "This has another place now: the settings and the last synchronizations are under “Extensions > Google”, and contacts"
        " come with “Synchronize Now” in their list."
    ),
    "unknown_call": _("The synchronization with Google does not know this request. Please reload the page."),
    "unknown_module": _("Only Calendar and Contacts can be synchronized with Google."),
    "bad_settings": _("These settings cannot be understood. Please go back and choose again."),
    "post_only": _(
        "For your safety, this can only be started from its button. Please use the button in the CRM."
    ),
    "not_connected": _(
        "You are not connected with Google. Please click “Synchronize Now” and allow the access."
    ),
    "frozen": _("The synchronization of this user is stopped. Please tell your administrator."),
    "run_unknown": _("This synchronization is no longer known. Please reload the page."),
    "preview_unknown": _("This list of changes is no longer known. Please click “View changes” again."),
    "postponed": _("It was put off for a moment and goes on by itself; you can leave this page."),
    "in_background": _(
        "The synchronization has not finished yet and goes on in the background. Please reload in a minute."
    ),
    "too_large": _("The request is too large."),
    "admin_only": _("Only administrators can open this page."),
}

_OUTCOMES: Mapping[ConnectOutcome, LazyString] = {
    ConnectOutcome.CONNECTED: _("Connected with Google. The synchronization starts now."),
    ConnectOutcome.ALREADY: _("You were already connected with Google. The synchronization starts now."),
    ConnectOutcome.REFUSED: _(
        "You did not allow the access, so nothing was synchronized. To connect, click “Synchronize Now” and then “Allow”."
    ),
    ConnectOutcome.MISSING_SCOPE: _ERRORS["missing_scope"],
    ConnectOutcome.EXPIRED: _(
        "This permission request has expired or was already used. Please click “Synchronize Now” again."
    ),
    ConnectOutcome.FOREIGN: _(
        "This permission request was begun in another session. Please click “Synchronize Now” again in this one."
    ),
    ConnectOutcome.NO_REFRESH_TOKEN: _(
        "Google did not give a lasting permission. Please remove the CRM's access in your Google account and connect again."
    ),
    ConnectOutcome.TAKEN: _(
        "Another CRM user already synchronizes this Google calendar. Please connect with your own Google account."
    ),
    ConnectOutcome.OTHER_ACCOUNT: _(
        "You were connected with another Google account. Connect with that one, or remove the synchronization first."
    ),
    ConnectOutcome.NO_CLIENT: _ERRORS["no_client"],
    ConnectOutcome.FAILED: _(
        "Google did not answer as expected. Please click “Synchronize Now” again in a few minutes."
    ),
}

_SETTINGS: Mapping[SettingsOutcome, LazyString] = {
    SettingsOutcome.KEPT: _("Saved."),
    SettingsOutcome.TAKEN: _(
        "Another CRM user already synchronizes this Google calendar, so it can be synchronized from Google to the CRM only."
    ),
    SettingsOutcome.READ_ONLY: _(
        "In Google you may only read this calendar, so it can be synchronized from Google to the CRM only."
    ),
    SettingsOutcome.UNKNOWN: _(
        "This calendar is not among those that can be synchronized. Please choose one of the list."
    ),
}

_PHASES: Mapping[str, LazyString] = {
    "waiting": _("Waiting for its turn…"),
    "fetching": _("Reading the changes from Google…"),
    "comparing": _("Comparing the CRM with Google…"),
    "crm": _("Updating the CRM…"),
    "google": _("Updating Google…"),
}

_REASONS: Mapping[Reason, LazyString] = {
    Reason.NEW_IN_CRM: _("new in the CRM"),
    Reason.NEW_IN_GOOGLE: _("new in Google"),
    Reason.CHANGED: _("changed"),
    Reason.ECHO: _("nothing new"),
    Reason.DELETED_IN_CRM: _("deleted in the CRM"),
    Reason.DELETED_IN_GOOGLE: _("deleted in Google"),
    Reason.GONE_ON_BOTH: _("deleted on both sides"),
    Reason.EDIT_SURVIVES_CRM_DELETE: _("deleted in the CRM, but changed in Google since"),
    Reason.EDIT_SURVIVES_GOOGLE_DELETE: _("deleted in Google, but changed in the CRM since"),
    Reason.RESTORED_IN_CRM: _("restored in the CRM"),
    Reason.RESTORED_IN_GOOGLE: _("restored in Google"),
    Reason.LEFT_SET: _("no longer this user's"),
    Reason.IN_SERIES: _("part of a repeating event"),
    Reason.FOREIGN_MARKER: _("belongs to another connection"),
    Reason.LEFT_LABEL: _("no longer under the chosen label"),
    Reason.MERGED: _(
        "two synchronized contacts have become one in Google; merge them in the CRM, too, or delete one of them there"
    ),
    Reason.NAMELESS: _("has no name, e-mail, phone or address to call it by"),
    Reason.BEFORE_LIMIT: _("before the start date"),
    Reason.DECLINED: _("declined by the user"),
    Reason.ONE_WAY: _("against the chosen direction"),
    Reason.TRANSFERRED: _("taken over from a user who was deleted; it is synchronized once you save it"),
    Reason.READ_ONLY: _("made from an e-mail: Google does not let it be changed"),
    Reason.NEVER_SEEN: _("deleted before it was ever synchronized"),
}


def error_sentence(code: str, module: str = CALENDAR) -> str:
    """Return what to tell a person about this error; an unknown code gets the general sentence."""
    if module == CONTACTS and code in contact_sentences.ERRORS:
        return str(contact_sentences.ERRORS[code])
    return str(_ERRORS.get(code, _ERRORS["unexpected"]))


def unexpected_sentence(reference: str) -> str:
    """Return the general sentence with the reference under which the log has the cause."""
    named = gettext("Reference: %(reference)s", reference=reference)
    return f"{error_sentence('unexpected')} {named}"


def outcome_sentence(outcome: ConnectOutcome, module: str = CALENDAR) -> str:
    """Return how a visit to Google's consent page ended."""
    if module == CONTACTS and outcome in contact_sentences.OUTCOMES:
        return str(contact_sentences.OUTCOMES[outcome])
    return str(_OUTCOMES[outcome])


def settings_sentence(outcome: SettingsOutcome, module: str = CALENDAR) -> str:
    """Return what became of settings that were chosen."""
    if module == CONTACTS and outcome in contact_sentences.SETTINGS:
        return str(contact_sentences.SETTINGS[outcome])
    return str(_SETTINGS[outcome])


def phase_sentence(progress: Progress | None) -> str:
    """Return what a run is doing; without a report it waits."""
    return str(_PHASES.get(progress.phase if progress else "waiting", _PHASES["waiting"]))


def steps_sentence(progress: Progress | None) -> str:
    """Return how many records a run has behind it, or nothing."""
    if progress is None or not (progress.done or progress.total):
        return ""
    if progress.total:
        return str(gettext("%(done)s of %(total)s", done=progress.done, total=progress.total))
    return str(ngettext("%(num)d record", "%(num)d records", progress.done))


def reason_sentence(reason: Reason) -> str:
    """Return why a record was decided as it was."""
    return str(_REASONS[reason])


def held_sentence(run: RunView) -> str:
    """Return how many deletions wait for approval, or nothing."""
    if not run.held:
        return ""
    text: str = ngettext(
        "%(num)d deletion waits for approval and was not carried out.",
        "%(num)d deletions wait for approval and were not carried out.",
        run.held,
    )
    return text


def parked_sentence(run: RunView) -> str:
    """Return how many records are set aside, or nothing."""
    if not run.parked:
        return ""
    text: str = ngettext(
        "%(num)d record was set aside and left as it is; the list of records set aside says why.",
        "%(num)d records were set aside and left as they are; the list of records set aside says why.",
        run.parked,
    )
    return text


def cut_sentence(run: RunView) -> str:
    """Return how many records the CRM couldn't hold wholly, or nothing."""
    if not run.cut:
        return ""
    text: str = ngettext(
        "%(num)d record did not fit wholly into the CRM: long texts were cut and emoji replaced; in Google it is whole.",
        "%(num)d records did not fit wholly into the CRM: long texts were cut and emoji replaced; in Google they are whole.",
        run.cut,
    )
    return text


def known_codes() -> frozenset[str]:
    """Return every code that has a sentence of its own."""
    return frozenset(_ERRORS)
