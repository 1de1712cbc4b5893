"""Brings Google's changes into the inbox: every page, or nothing.

Inbox and sync token commit together. A token is only good for the listing it came from, so it is kept with a hash of what
was asked and what for; another hash (a moved start limit, another direction, a new release) means a full listing, as does a
token that Google forgot.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from plugin.core.errors import NotFoundError, Scope, SyncTokenExpiredError
from plugin.core.mapping.google_event import Resource
from plugin.core.model import Side
from plugin.core.series import split_instance_id
from plugin.core.series_parts import as_asked_for
from plugin.sync.memory_ports import LAGGING, ParkedItem
from plugin.sync.ports import Outcome, Run, UnitOfWork

# Raised when a release understands more of Google's answers than the one before: everything is listed once more.
STATE_VERSION = 3
# What an answer about a missing event carries in the inbox: the death of which token made us ask.
_ASKED = "gsyncAsked"

# Why an event is set aside that Google would not tell about, and how long until it is asked for again.
UNANSWERED = "unanswered"
ASK_AGAIN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Listing:
    """What Google reported, not in the inbox yet, and the token to go on from; `is_full`: everything, not only changes.

    `unanswered`: what Google refused to tell of those that a full listing lacked; `answered`: who waited to be asked about
    again, and was. `begun_utc`: what was written before is in it, unless lists lag behind.
    """

    resources: Sequence[Resource]
    sync_token: str
    list_hash: str
    is_full: bool
    unanswered: Sequence[ParkedItem] = ()
    begun_utc: datetime | None = None
    answered: Sequence[str] = ()


def fetch_listing(run: Run) -> Listing:
    """Return what changed in Google since the last run, or everything; the caller keeps it."""
    list_hash, begun_utc = _list_hash(run), run.now_utc()
    sync_token = run.pair.sync_token if run.pair.list_hash == list_hash else None
    if sync_token is not None and run.module.lists_everything(run):
        sync_token = None
    try:
        resources, next_token = _all_pages(run, sync_token)
    except SyncTokenExpiredError:
        if sync_token is None:
            raise
        sync_token = None
        resources, next_token = _all_pages(run, None)
    # After token loss absence means nothing by itself: what isn't in the list is asked for (design.md §5).
    unanswered: list[ParkedItem] = []
    if sync_token is None and run.pair.is_listed:
        unanswered = _ask_for_missing(run, resources, list_hash)
    return Listing(resources, next_token, list_hash, sync_token is None, unanswered, begun_utc)


def keep_listing(run: Run, uow: UnitOfWork, listing: Listing) -> None:
    """Put a listing into the inbox, and its token with it, inside an open unit of work."""
    uow.state.save_listing(
        listing.resources,
        sync_token=listing.sync_token,
        list_hash=listing.list_hash,
        is_full=listing.is_full,
        now_utc=run.now_utc(),
    )
    uow.state.unpark(Side.GOOGLE, listing.answered)
    uow.state.park(listing.unanswered, run.now_utc())


def take_in(run: Run, listing: Listing) -> None:
    """Put a listing into the inbox, and ask again for events that Google wouldn't tell about, where it is time to."""
    with run.unit_of_work() as uow:
        keep_listing(run, uow, listing)
        waiting = uow.state.load_due_google_ids((UNANSWERED, LAGGING), run.now_utc())
        uow.commit()
    if waiting:
        _ask_again(run, waiting)


def fetch_into_inbox(run: Run, google_ids: Sequence[str]) -> None:
    """Put these events' present state into the inbox: for those that weren't what we took them for.

    What Google tells of an occurrence that only a rule makes holds for that version of the rule, since it won't be listed again
    when the series changes.
    """
    found = _fetch_one_by_one(run, google_ids)
    if not found:
        return
    series_ids = {split[0] for r in found if (split := split_instance_id(r["id"]))}
    with run.unit_of_work() as uow:
        known = uow.state.load_series_of(google_ids=sorted(series_ids)) if series_ids else ()
        kept = {one.google_id: one for one in known}
        uow.state.save_inbox([as_asked_for(resource, kept) for resource in found], run.now_utc())
        uow.commit()


def _list_hash(run: Run) -> str:
    limit = run.pair.sync_from.isoformat() if run.pair.sync_from else None
    asked = json.dumps([STATE_VERSION, run.google.list_parameters, limit, run.pair.direction])
    return hashlib.sha256(asked.encode()).hexdigest()


def _all_pages(run: Run, sync_token: str | None) -> tuple[list[Resource], str]:
    resources: list[Resource] = []
    page_token: str | None = None
    while True:
        page = run.google.fetch_changes(sync_token, page_token)
        resources.extend(page.resources)
        run.report("fetching", Side.GOOGLE, len(resources))
        if page.page_token is None:
            # A last page without a token would make every later run a full listing: better to hear of it.
            if page.sync_token is None:
                raise SyncTokenExpiredError("the last page of a listing carried no sync token")
            return resources, page.sync_token
        page_token = page.page_token


def _ask_for_missing(run: Run, listed: Sequence[Resource], list_hash: str) -> list[ParkedItem]:
    """Put linked events that a full list lacks into the inbox; return those that Google refuses to tell about.

    Batch by batch: Google's quota may end the attempt between two, and the next one goes on where this one stopped.
    """
    occasion = hashlib.sha256(f"{run.pair.sync_token} {list_hash}".encode()).hexdigest()
    seen = {resource["id"] for resource in listed}
    with run.unit_of_work() as uow:
        # Whose id may change is asked for though the link rests: under another id it would come in as new.
        expected = uow.state.load_listed_google_ids(with_resting=not run.module.knows_new_ids())
        missing = [google_id for google_id in expected if google_id not in seen]
        waiting = uow.state.load_inbox_of(missing)
    asked = {resource["id"] for resource in waiting if resource.get(_ASKED) == occasion}
    missing = [google_id for google_id in missing if google_id not in asked]
    unanswered: list[ParkedItem] = []
    for start in range(0, len(missing), run.google.max_batch):
        found, refused = _ask(run, missing[start : start + run.google.max_batch])
        _keep(run, [{**resource, _ASKED: occasion} for resource in found])
        unanswered += refused
    return unanswered


def _keep(run: Run, resources: Sequence[Resource]) -> None:
    if resources:
        with run.unit_of_work() as uow:
            uow.state.save_inbox(resources, run.now_utc())
            uow.commit()


def _ask(run: Run, google_ids: Sequence[str]) -> tuple[list[Resource], list[ParkedItem]]:
    """Return the present state of these events, and what Google refuses to tell.

    That stays a question: later listings bring only what changes, so it would never come up again.
    """
    refusals: list[Outcome] = []
    found = _fetch_one_by_one(run, google_ids, refusals)
    retry_at = run.now_utc() + ASK_AGAIN_AFTER
    return found, [
        ParkedItem(Side.GOOGLE, refusal.google_id, "", UNANSWERED, retry_at, str(refusal.error))
        for refusal in refusals
    ]


def _ask_again(run: Run, google_ids: Sequence[str]) -> None:
    found, unanswered = _ask(run, google_ids)
    with run.unit_of_work() as uow:
        uow.state.save_inbox(found, run.now_utc())
        uow.state.park(unanswered, run.now_utc())
        uow.commit()


def _fetch_one_by_one(
    run: Run, google_ids: Sequence[str], refusals: list[Outcome] | None = None
) -> list[Resource]:
    found: list[Resource] = []
    for start in range(0, len(google_ids), run.google.max_batch):
        for outcome in run.google.fetch_records(google_ids[start : start + run.google.max_batch]):
            if outcome.resource is not None:
                found.append(outcome.resource)
            elif isinstance(outcome.error, NotFoundError):
                found.append({"id": outcome.google_id, "status": "cancelled", "etag": ""})
            elif outcome.error is not None and outcome.error.scope is not Scope.ITEM:
                raise outcome.error
            elif refusals is not None:
                refusals.append(outcome)
    return found
