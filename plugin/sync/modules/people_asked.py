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
# Of so many e-mails and phones it is looked up whose they were: many more of one run are no merges.
MOST_SAID = 200


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


def with_alike(run: Run, listing: Listing, links: Mapping[str, Link]) -> Listing:
    """Return the listing with whoever else is asked about because of it: two of whom one may have been put into the other.

    Somebody has got the e-mail or phone of another one, who may be gone without the lists telling yet; later nothing would say
    where that one went. Or somebody is gone whose e-mail or phone another one had before, who need not have changed by it.
    """
    listed = {r["id"]: r for r in listing.resources}
    # Listed all over again, who has no link is nobody new.
    about = [r for i, r in listed.items() if i in links or not listing.is_full]
    said = {text for resource in about for text in _said(resource, links.get(resource["id"]))}
    if not run.pair.is_listed or not 0 < len(said) <= MOST_SAID:
        return listing
    with run.unit_of_work() as uow:
        found = uow.state.load_links(said_in_google=sorted(said))
    alike = {link.google_id: link for link in found if link.state is LinkState.LIVE}
    present, _ = ask(
        run, sorted(i for i in alike if i not in listed or _is_as_before(listed[i], links.get(i)))
    )
    sure = {r["id"]: r for r in present if not _was_just_written(run, r, alike[r["id"]])}
    return replace(listing, resources=list((listed | sure).values()))


def _was_just_written(run: Run, resource: Resource, link: Link) -> bool:
    # Told otherwise than we wrote it, it may be what it was before.
    is_recent = link.pushed_utc is not None and run.now_utc() - link.pushed_utc < LAG
    return is_recent and resource["etag"] != link.google_etag


def _said(resource: Resource, link: Link | None) -> set[str]:
    """Return what may be another one's as well: what is new in a person, and all of one that is gone."""
    half: Contact = link.google_half if link is not None else Contact()
    known = {*half.texts(Kind.EMAIL), *half.texts(Kind.PHONE)}
    if resource["status"] == "cancelled":
        texts = known if link is not None and link.state is LinkState.LIVE else set()
    elif _is_as_before(resource, link):
        texts = set()
    else:
        kinds = (Kind.EMAIL, Kind.PHONE)
        texts = {str(item.get("value", "")) for kind in kinds for item in items_of(resource["person"], kind)}
        texts -= known
    return {text for text in texts if is_proof(text)}


def _is_as_before(resource: Resource, link: Link | None) -> bool:
    return link is not None and bool(resource["etag"] == link.google_etag)
