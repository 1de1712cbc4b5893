"""Asking Google for people: whoever asks gets the truth, where lists tell it minutes later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from plugin.core.contact import Contact, Kind
from plugin.core.errors import NotFoundError, Scope
from plugin.core.mapping.google_event import Resource
from plugin.core.mapping.person_items import items_of
from plugin.core.merged_people import is_proof
from plugin.core.model import Link, LinkState, Side
from plugin.sync.listing import UNANSWERED, Listing
from plugin.sync.memory_ports import ParkedItem
from plugin.sync.ports import Run

# So long after a write of ours, what Google tells may still be from before it.
LAG = timedelta(minutes=15)
# Of so many e-mails and phones it is asked whose they were; more come in when everybody is listed anew.
MOST_SAID = 500


def ask(run: Run, google_ids: Sequence[str]) -> tuple[list[Resource], list[ParkedItem]]:
    """Return these people as they are now, and whom Google refuses to tell of."""
    found: list[Resource] = []
    refused: list[ParkedItem] = []
    for start in range(0, len(google_ids), run.google.max_batch):
        chunk = google_ids[start : start + run.google.max_batch]
        for google_id, outcome in zip(chunk, run.google.fetch_records(chunk), strict=True):
            if outcome.resource is not None:
                found.append(outcome.resource)
            elif isinstance(outcome.error, NotFoundError):
                found.append({"id": google_id, "status": "cancelled", "etag": ""})
            elif outcome.error is not None and outcome.error.scope is not Scope.ITEM:
                raise outcome.error
            else:
                retry_at, why = run.now_utc() + LAG, str(outcome.error)
                refused.append(ParkedItem(Side.GOOGLE, google_id, "", UNANSWERED, retry_at, why))
    return found, refused


def with_who_went(run: Run, listing: Listing, links: Mapping[str, Link]) -> Listing:
    """Return the listing with who is gone, of those whose e-mail or phone somebody in it has got since.

    They may have been put into that one, and lists may tell of the edit now and of the delete in a later run: then
    nothing would say any more where they went.
    """
    listed = {r["id"]: r for r in listing.resources}
    said = {text for i, r in listed.items() for text in _got(r, links.get(i))}
    if not run.pair.is_listed or not 0 < len(said) <= MOST_SAID:
        return listing
    with run.unit_of_work() as uow:
        found = uow.state.load_links(said_in_google=sorted(said))
    alike = [link.google_id for link in found if link.state is LinkState.LIVE]
    present, _ = ask(run, [i for i in alike if i not in listed or _is_as_before(listed[i], links.get(i))])
    gone = [r for r in present if r["status"] == "cancelled"]
    left = [r for i, r in listed.items() if i not in {r["id"] for r in gone}]
    return replace(listing, resources=[*left, *gone])


def _got(resource: Resource, link: Link | None) -> set[str]:
    if resource["status"] == "cancelled" or (link is not None and _is_as_before(resource, link)):
        return set()
    half: Contact = link.google_half if link is not None else Contact()
    said = {
        str(item.get("value", ""))
        for kind in (Kind.EMAIL, Kind.PHONE)
        for item in items_of(resource["person"], kind)
    }
    return {text for text in said - {*half.texts(Kind.EMAIL), *half.texts(Kind.PHONE)} if is_proof(text)}


def _is_as_before(resource: Resource, link: Link | None) -> bool:
    return link is not None and bool(resource["etag"] == link.google_etag)
