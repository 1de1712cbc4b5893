"""What to do about one record, given what its link remembers and what each side reports.

Rule 1: all decisions are made here, from values alone; `apply` only carries them out.
Rule 2: `_LINKED` and `_UNLINKED` hold every case, with all the situations that lead there. A new situation is a row.
Rule 3: nothing destroys on doubt: a delete never beats an edit, and what isn't understood is parked, not dropped.
Keep in step: tests/core/test_reconcile.py walks through the tables; docs/reconcile.md is printed from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from plugin.core.merge import Fields, Merge, Translate, changed_fields, merge
from plugin.core.model import Content, CrmChange, GoogleChange, Link, LinkState, Policy, Presence, Side
from plugin.core.recurrence import Recurrence
from plugin.core.winner import winner_of


class Action(Enum):
    """What apply has to do: UPDATE writes the merge's fields on the sides that it names, SETTLE just remembers what both hold.
    IGNORE forgets the report. REVIVE_CRM brings the CRM record back from its bin, or makes it again if it is gone for good.
    CREATE_SERIES and LINK are decided for a CRM series as a whole (crm_series.py).
    """

    CREATE_CRM = "create in CRM"
    CREATE_GOOGLE = "create in Google"
    CREATE_SERIES = "create series in Google"
    REVIVE_CRM = "restore in CRM"
    UPDATE = "update"
    DELETE_CRM = "delete in CRM"
    DELETE_GOOGLE = "delete in Google"
    LINK = "link"
    SETTLE = "settle"
    BURY = "bury link"
    RELEASE = "release"
    PARK = "park"
    IGNORE = "ignore"


class Reason(Enum):
    """Why, in words that go into the journal and the preview."""

    NEW_IN_CRM = "new in the CRM"
    NEW_IN_GOOGLE = "new in Google"
    CHANGED = "changed"
    ECHO = "nothing new"
    DELETED_IN_CRM = "deleted in the CRM"
    DELETED_IN_GOOGLE = "deleted in Google"
    GONE_ON_BOTH = "deleted on both sides"
    EDIT_SURVIVES_CRM_DELETE = "deleted in the CRM, but changed in Google since"
    EDIT_SURVIVES_GOOGLE_DELETE = "deleted in Google, but changed in the CRM since"
    RESTORED_IN_CRM = "restored in the CRM"
    RESTORED_IN_GOOGLE = "restored in Google"
    LEFT_LABEL = "no longer under the chosen label"
    LEFT_SET = "no longer this user's activity"
    IN_SERIES = "part of a repeating event"
    MERGED = "two contacts in one"
    NAMELESS = "nothing to call it by"
    FOREIGN_MARKER = "belongs to another connection"
    BEFORE_LIMIT = "before the start date"
    DECLINED = "declined by the user"
    ONE_WAY = "against the chosen direction"
    TRANSFERRED = "taken over from a user who was deleted"
    READ_ONLY = "Google does not let it be changed"
    NEVER_SEEN = "deleted before it was ever synced"


@dataclass(frozen=True, slots=True)
class CrmSeriesDraft:
    """A series that the CRM made, as Google is to hold it: the CRM's name of it, and its activities by slot."""

    head_id: int
    recurrence: Recurrence
    crm_ids: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """One record's decision; `merged` is given for UPDATE, `series` for CREATE_SERIES, whose first activity is `crm`.

    `members`: what an UPDATE of a whole series stands for (series_edit.py); `lines`: that series' new ones, if any.
    """

    action: Action
    reason: Reason
    link: Link | None = None
    crm: CrmChange | None = None
    google: GoogleChange | None = None
    merged: Merge | None = None
    series: CrmSeriesDraft | None = None
    members: tuple[Decision, ...] = ()
    lines: tuple[str, ...] | None = None

    @property
    def lost(self) -> dict[Any, Any]:
        """The losing values of a conflict."""
        return self.merged.lost if self.merged else {}


@dataclass(frozen=True, slots=True)
class Rules:
    """What the decision depends on besides the record: the pair's settings and how each side says the other's values."""

    to_crm: Translate
    to_google: Translate
    policy: Policy = Policy.GOOGLE_WINS
    is_before_limit: Callable[[Content], bool] = lambda content: False
    is_skipped: Callable[[Content], bool] = lambda content: False
    changed: Callable[[Content, Content], Fields] = changed_fields
    merge: Callable[..., Merge] = merge


class Seen(Enum):
    """What a side reports of a record in this run."""

    NOTHING = "-"
    SAME = "as agreed"
    EDITED = "edited"
    GONE = "deleted"
    LEFT = "left the set"


_EDIT_BOTH = (Action.UPDATE, Reason.CHANGED)
_KEEP = (Action.SETTLE, Reason.ECHO)
_BURY = (Action.BURY, Reason.GONE_ON_BOTH)
_N, _S, _E, _G, _L = Seen.NOTHING, Seen.SAME, Seen.EDITED, Seen.GONE, Seen.LEFT

# (what the CRM reports, what Google reports) of a live link.
_LINKED: dict[tuple[Seen, Seen], tuple[Action, Reason]] = {
    (_N, _N): _KEEP,
    (_N, _S): _KEEP,  # our own write coming back, or a change in what isn't mapped
    (_S, _N): _KEEP,  # our own write; a touched modifiedtime; a reminder changed
    (_S, _S): _KEEP,
    (_N, _E): _EDIT_BOTH,
    (_S, _E): _EDIT_BOTH,
    (_E, _N): _EDIT_BOTH,
    (_E, _S): _EDIT_BOTH,
    (_E, _E): _EDIT_BOTH,
    (_G, _N): (Action.DELETE_GOOGLE, Reason.DELETED_IN_CRM),
    (_G, _S): (Action.DELETE_GOOGLE, Reason.DELETED_IN_CRM),
    (_G, _E): (Action.REVIVE_CRM, Reason.EDIT_SURVIVES_CRM_DELETE),
    (_N, _G): (Action.DELETE_CRM, Reason.DELETED_IN_GOOGLE),
    (_S, _G): (Action.DELETE_CRM, Reason.DELETED_IN_GOOGLE),
    (_E, _G): (Action.CREATE_GOOGLE, Reason.EDIT_SURVIVES_GOOGLE_DELETE),
    (_G, _G): _BURY,
    (_L, _N): (Action.RELEASE, Reason.LEFT_SET),  # or DELETE_GOOGLE, see _left
    (_L, _S): (Action.RELEASE, Reason.LEFT_SET),
    (_L, _E): (Action.RELEASE, Reason.LEFT_SET),
    (_L, _G): (Action.BURY, Reason.LEFT_SET),
    (_N, _L): (Action.RELEASE, Reason.LEFT_LABEL),
    (_S, _L): (Action.RELEASE, Reason.LEFT_LABEL),
    (_E, _L): (Action.RELEASE, Reason.LEFT_LABEL),
    (_L, _L): (Action.RELEASE, Reason.LEFT_SET),
    (_G, _L): (Action.BURY, Reason.LEFT_LABEL),
}

# The same of a dead link: both records were deleted; whichever comes back brings its partner back.
_DEAD: dict[tuple[Seen, Seen], tuple[Action, Reason]] = {
    (_N, _S): (Action.REVIVE_CRM, Reason.RESTORED_IN_GOOGLE),
    (_N, _E): (Action.REVIVE_CRM, Reason.RESTORED_IN_GOOGLE),
    (_G, _S): (Action.REVIVE_CRM, Reason.RESTORED_IN_GOOGLE),
    (_G, _E): (Action.REVIVE_CRM, Reason.RESTORED_IN_GOOGLE),
    (_S, _N): (Action.CREATE_GOOGLE, Reason.RESTORED_IN_CRM),
    (_E, _N): (Action.CREATE_GOOGLE, Reason.RESTORED_IN_CRM),
    (_S, _G): (Action.CREATE_GOOGLE, Reason.RESTORED_IN_CRM),
    (_E, _G): (Action.CREATE_GOOGLE, Reason.RESTORED_IN_CRM),
    (_S, _S): _EDIT_BOTH,
    (_S, _E): _EDIT_BOTH,
    (_E, _S): _EDIT_BOTH,
    (_E, _E): _EDIT_BOTH,
    # Restored in Google while the record is somebody else's: should it come back, its event isn't made a second time.
    (_L, _S): (Action.RELEASE, Reason.LEFT_SET),
    (_L, _E): (Action.RELEASE, Reason.LEFT_SET),
}


Table = Mapping[tuple[Seen, Seen], tuple[Action, Reason]]


def decision_tables() -> Sequence[tuple[str, Table]]:
    """Return the tables with a title each, to be printed into the documentation."""
    return (("A live link", _LINKED), ("A dead link", _DEAD))


def reconcile(
    link: Link | None, crm: CrmChange | None, google: GoogleChange | None, rules: Rules
) -> Decision:
    """Return what to do about one record; at least one of the three is given."""
    if link is None:
        action, reason = _unlinked(crm, google, rules)
        return Decision(action, reason, None, crm, google)
    if link.state is LinkState.RELEASED and (crm is None or crm.presence is not Presence.ALIVE):
        return Decision(_released(link, google, rules), Reason.LEFT_SET, link, crm, google)
    if google is not None and google.is_merged:
        return Decision(Action.PARK, Reason.MERGED, link, crm, google)
    is_unlabelled = link.state is LinkState.UNLABELLED
    is_gone = crm is not None and crm.presence is not Presence.ALIVE
    if is_unlabelled and (google is None or google.presence is not Presence.ALIVE):
        # Until the label is back each side goes its own way, deletes included.
        action = Action.BURY if is_gone else Action.PARK if google is None else Action.IGNORE
        return Decision(action, Reason.LEFT_LABEL, link, crm, google)
    seen = (_seen_in_crm(link, crm, rules), _seen_in_google(link, google, rules))
    if link.state is LinkState.DEAD or (is_unlabelled and is_gone):
        # What isn't in the table is the tombstone of our own delete, or nothing at all: the link stays dead.
        action, reason = _DEAD.get(seen, (Action.IGNORE, Reason.GONE_ON_BOTH))
    else:
        action, reason = _LINKED[seen]
        if action is Action.RELEASE and seen[0] is Seen.LEFT and seen[1] not in {Seen.EDITED, Seen.LEFT}:
            action = _left(link, crm, google)
    return _finish(Decision(action, reason, link, crm, google), rules)


def _unlinked(crm: CrmChange | None, google: GoogleChange | None, rules: Rules) -> tuple[Action, Reason]:
    if google is not None:
        return _unlinked_google(google, rules)
    if crm is None or crm.content is None or crm.presence is not Presence.ALIVE:
        return Action.IGNORE, Reason.NEVER_SEEN
    if rules.is_before_limit(crm.content):
        return Action.IGNORE, Reason.BEFORE_LIMIT
    if crm.is_transferred:
        # Years of somebody else's appointments: they come once their new owner saves them.
        return Action.PARK, Reason.TRANSFERRED
    return Action.CREATE_GOOGLE, Reason.NEW_IN_CRM


def _unlinked_google(google: GoogleChange, rules: Rules) -> tuple[Action, Reason]:
    if google.content is None or google.presence is not Presence.ALIVE:
        return Action.IGNORE, Reason.NEVER_SEEN
    if google.marker is not None and not google.is_merged:
        # Made by us for another pair, or by a copy of this install: taking it for a new event would double it.
        return Action.PARK, Reason.FOREIGN_MARKER
    if google.is_merged:
        return Action.PARK, Reason.MERGED
    if rules.is_skipped(google.content):
        return Action.IGNORE, Reason.NAMELESS
    if google.is_declined:
        return Action.IGNORE, Reason.DECLINED
    if rules.is_before_limit(google.content):
        return Action.IGNORE, Reason.BEFORE_LIMIT
    return Action.CREATE_CRM, Reason.NEW_IN_GOOGLE


def _released(link: Link, google: GoogleChange | None, rules: Rules) -> Action:
    # Should the record come back to this user, it meets what became of its event: an edit waits in the inbox, a deleted event
    # is made again.
    seen = _seen_in_google(link, google, rules)
    return {Seen.EDITED: Action.PARK, Seen.GONE: Action.BURY}.get(seen, Action.IGNORE)


def _left(link: Link, crm: CrmChange | None, google: GoogleChange | None) -> Action:
    if crm is not None and crm.is_transferred:
        return Action.RELEASE
    # Only what the CRM made, and nobody else is invited to, goes from the old owner's calendar.
    guests = google.has_guests if google is not None else link.has_guests
    return Action.DELETE_GOOGLE if link.origin is Side.CRM and not guests else Action.RELEASE


def _seen_in_crm(link: Link, crm: CrmChange | None, rules: Rules) -> Seen:
    if crm is None:
        return Seen.NOTHING
    if crm.presence is Presence.LEFT:
        return Seen.LEFT
    if crm.presence is Presence.GONE or crm.content is None:
        return Seen.GONE
    return Seen.EDITED if rules.changed(crm.content, link.crm_half) else Seen.SAME


def _seen_in_google(link: Link, google: GoogleChange | None, rules: Rules) -> Seen:
    if google is None:
        return Seen.NOTHING
    if google.presence is Presence.LEFT:
        return Seen.LEFT
    if google.presence is not Presence.ALIVE or google.content is None:
        return Seen.GONE
    return Seen.EDITED if rules.changed(google.content, link.google_half) else Seen.SAME


def _finish(decision: Decision, rules: Rules) -> Decision:
    link = decision.link
    if decision.action is not Action.UPDATE or link is None:
        return decision
    merged = rules.merge(
        crm_now=_now(decision.crm, link.crm_half),
        crm_half=link.crm_half,
        google_now=_now(decision.google, link.google_half),
        google_half=link.google_half,
        winner=winner_of(rules.policy, decision.crm, decision.google),
        to_crm=rules.to_crm,
        to_google=rules.to_google,
    )
    if not merged.crm_fields and not merged.google_fields:
        return Decision(Action.SETTLE, Reason.ECHO, link, decision.crm, decision.google)
    return Decision(Action.UPDATE, decision.reason, link, decision.crm, decision.google, merged)


def _now(change: CrmChange | GoogleChange | None, half: Content) -> Content:
    return half if change is None or change.content is None else change.content
