"""What has to be known before a listing of people is taken in: lists lag behind writes by minutes, deletions too.

https://developers.google.com/people/v1/contacts: "writes may have a propagation delay of several minutes for sync requests".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from plugin.core.errors import NotFoundError, Scope
from plugin.core.mapping.google_event import Resource
from plugin.core.mapping.google_person import as_google_holds, markers_of
from plugin.core.model import Link, Side
from plugin.sync.drafts import draft_of, draft_of_intent
from plugin.sync.listing import UNANSWERED, Listing
from plugin.sync.memory_ports import Intent, LinkDraft, ParkedItem
from plugin.sync.ports import Run, UnitOfWork

# So long after a write of ours, what Google tells may still be from before it.
LAG = timedelta(minutes=15)


def settle(run: Run, listing: Listing) -> Listing:
    """Return the listing with the present state of whoever differs from their link.

    Remembers new names of people, and links those whose create had no answer: they bear our key.
    """
    with run.unit_of_work() as uow:
        links = _renamed(uow, listing.resources)
        links |= _found(run, uow, listing.resources)
        uow.commit()
    return _with_present(run, listing, links)


def _renamed(uow: UnitOfWork, resources: Sequence[Resource]) -> dict[str, Link]:
    """Return the links of whoever is listed, by id; those of people with a new resource name follow it."""
    before = {old: r["id"] for r in resources for old in _previous_ids(r)}
    ids = sorted({r["id"] for r in resources} | before.keys())
    links = {link.google_id: link for link in uow.state.load_links(google_ids=ids)}
    moved: list[LinkDraft] = []
    for old, new in before.items():
        if old in links and new not in links:
            link = replace(links.pop(old), google_id=new)
            links[new] = link
            moved.append(replace(draft_of(link), state=link.state))
    uow.state.save_links(moved)
    return links


def _found(run: Run, uow: UnitOfWork, resources: Sequence[Resource]) -> dict[str, Link]:
    """Link people that bear the key of a create without an answer; forget creates that certainly never arrived."""
    intents = {i.link_key: i for i in uow.state.load_intents() if i.is_create}
    if not intents:
        return {}
    found: dict[str, tuple[Intent, Resource]] = {}
    for resource in resources:
        for marker in markers_of(resource.get("person", {})):
            if marker.install_id == run.install_id and marker.link_key in intents:
                found.setdefault(marker.link_key, (intents[marker.link_key], resource))
    crm_ids = [intent.crm_id for intent, _ in found.values()]
    existing = {link.link_id: link for link in uow.state.load_links(crm_ids=crm_ids)}
    drafts = []
    for intent, resource in found.values():
        draft = draft_of_intent(
            run, intent, as_google_holds(intent.crm_half), existing.get(intent.existing_link_id or 0)
        )
        drafts.append(replace(draft, google_id=resource["id"], google_etag=resource["etag"]))
    uow.state.save_links(drafts)
    is_over = {key for key, i in intents.items() if run.now_utc() - i.noted_utc >= LAG}
    uow.state.remove_intents([i.google_id for key, i in intents.items() if key in found or key in is_over])
    ids = [resource["id"] for _, resource in found.values()]
    return {link.google_id: link for link in uow.state.load_links(google_ids=ids)}


def _with_present(run: Run, listing: Listing, links: Mapping[str, Link]) -> Listing:
    now = run.now_utc()
    kept: list[Resource] = []
    to_ask: list[str] = []
    later: list[ParkedItem] = []
    for resource in listing.resources:
        link = links.get(resource["id"])
        if link is None or (resource["etag"] == link.google_etag and resource["status"] != "cancelled"):
            kept.append(resource)
        elif link.pushed_utc is not None and now - link.pushed_utc < LAG:
            retry_at = link.pushed_utc + LAG
            later.append(
                ParkedItem(Side.GOOGLE, resource["id"], "", UNANSWERED, retry_at, "lists lag behind")
            )
        else:
            to_ask.append(resource["id"])
    for start in range(0, len(to_ask), run.google.max_batch):
        chunk = to_ask[start : start + run.google.max_batch]
        for google_id, outcome in zip(chunk, run.google.fetch_records(chunk), strict=True):
            if outcome.resource is not None:
                kept.append(outcome.resource)
            elif isinstance(outcome.error, NotFoundError):
                kept.append({"id": google_id, "status": "cancelled", "etag": ""})
            elif outcome.error is not None and outcome.error.scope is not Scope.ITEM:
                raise outcome.error
            else:
                later.append(
                    ParkedItem(Side.GOOGLE, google_id, "", UNANSWERED, now + LAG, str(outcome.error))
                )
    return replace(listing, resources=kept, unanswered=[*listing.unanswered, *later])


def _previous_ids(resource: Resource) -> Sequence[str]:
    metadata = resource.get("person", {}).get("metadata", {})
    return [str(name) for name in metadata.get("previousResourceNames", ())]
