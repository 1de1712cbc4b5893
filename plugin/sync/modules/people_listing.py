"""What has to be known before a listing of people is taken in: lists lag behind writes by minutes, deletions too.

https://developers.google.com/people/v1/contacts: "writes may have a propagation delay of several minutes for sync requests".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from plugin.core.mapping.google_event import Resource
from plugin.core.mapping.google_person import as_google_holds, markers_of
from plugin.core.model import Link, LinkState, Side
from plugin.core.reconcile import Reason
from plugin.sync.drafts import draft_of, draft_of_intent
from plugin.sync.listing import UNANSWERED, Listing
from plugin.sync.memory_ports import LAGGING, Intent, LinkDraft, ParkedItem
from plugin.sync.modules.people_asked import LAG, ask, with_alike
from plugin.sync.modules.people_merged import end_merges, with_own_keys
from plugin.sync.modules.people_swallowed import keep_swallowed
from plugin.sync.ports import Run, UnitOfWork


def settle(run: Run, listing: Listing) -> Listing:
    """Return the listing with the present state of whoever differs from their link.

    Remembers new names of people, and links those whose create had no answer: they bear our key.
    """
    with run.unit_of_work() as uow:
        before = {old: r["id"] for r in listing.resources for old in _previous_ids(r)}
        lacking = _lacking(uow, listing)
        before |= _moved_unseen(uow, listing, lacking)
        links = _renamed(uow, listing.resources, before)
        links |= _found(run, uow, listing, set(links))
        merged = [i for i in uow.state.load_parked([Reason.MERGED.value]) if i.side is Side.GOOGLE]
        gone = [r["id"] for r in lacking if r["status"] == "cancelled"]
        is_anyone_lost = any(link.state is LinkState.LIVE for link in uow.state.load_links(google_ids=gone))
        uow.commit()
    listed = with_own_keys(run, listing, links)
    present = with_alike(run, _with_present(run, listed, links, is_anyone_lost=is_anyone_lost), links)
    present = with_own_keys(run, present, links)
    return end_merges(run, keep_swallowed(run, present, listed.resources, merged), merged)


def _lacking(uow: UnitOfWork, listing: Listing) -> Sequence[Resource]:
    """Return what is known of the linked people whom a full listing lacked: they were asked for, and wait."""
    if not listing.is_full:
        return ()
    listed = {r["id"] for r in listing.resources}
    expected = uow.state.load_listed_google_ids(with_resting=True)
    return uow.state.load_inbox_of([i for i in expected if i not in listed])


def _moved_unseen(uow: UnitOfWork, listing: Listing, lacking: Sequence[Resource]) -> dict[str, str]:
    """Return new resource names by the old one, of people whom a full listing, which tells no former names, seemed to lack.

    They were asked for by the old name and wait under it; the listing has them under the new one.
    """
    if not listing.is_full:
        return {}
    listed = {r["id"] for r in listing.resources}
    moved = [r for r in lacking if _name_of(r) in listed]
    # Nobody's yet, and not there any more: deleted, or listed under another name now.
    lost = [r for r in uow.state.load_unlinked_inbox() if r["id"] not in listed]
    uow.state.remove_inbox([(r["id"], r["etag"]) for r in (*moved, *lost)])
    return {r["id"]: _name_of(r) for r in moved}


def _renamed(uow: UnitOfWork, resources: Sequence[Resource], before: Mapping[str, str]) -> dict[str, Link]:
    """Return the links of whoever is listed, by id; those of people with a new resource name follow it."""
    # What waits under the old name would be somebody else's, and so would an answer to what was to be asked of it.
    uow.state.remove_inbox([(r["id"], r["etag"]) for r in uow.state.load_inbox_of(sorted(before))])
    uow.state.unpark(Side.GOOGLE, sorted(before))
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


def _found(run: Run, uow: UnitOfWork, listing: Listing, taken: set[str]) -> dict[str, Link]:
    """Link people that bear the key of a create without an answer; forget creates that certainly never arrived.

    Whoever is `taken` already was merged with the new one by the user: then it counts as one that never arrived.
    """
    intents = {i.link_key: i for i in uow.state.load_intents() if i.is_create}
    if not intents:
        return {}
    found: dict[str, tuple[Intent, Resource]] = {}
    for resource in listing.resources:
        for marker in markers_of(resource.get("person", {})):
            is_ours = marker.install_id == run.install_id and marker.link_key in intents
            if is_ours and marker.link_key not in found and resource["id"] not in taken:
                found[marker.link_key] = (intents[marker.link_key], resource)
                taken.add(resource["id"])
    crm_ids = [intent.crm_id for intent, _ in found.values()]
    existing = {link.link_id: link for link in uow.state.load_links(crm_ids=crm_ids)}
    drafts = []
    for intent, resource in found.values():
        draft = draft_of_intent(
            run, intent, as_google_holds(intent.crm_half), existing.get(intent.existing_link_id or 0)
        )
        drafts.append(replace(draft, google_id=resource["id"], google_etag=resource["etag"]))
    uow.state.save_links(drafts)
    begun_utc = listing.begun_utc or run.now_utc()
    is_over = {key for key, i in intents.items() if begun_utc - i.noted_utc >= LAG}
    uow.state.remove_intents([i.google_id for key, i in intents.items() if key in found or key in is_over])
    ids = [resource["id"] for _, resource in found.values()]
    return {link.google_id: link for link in uow.state.load_links(google_ids=ids)}


def _with_present(run: Run, listing: Listing, links: Mapping[str, Link], *, is_anyone_lost: bool) -> Listing:
    now = run.now_utc()
    kept: list[Resource] = []
    later: list[ParkedItem] = []
    due = _due(run, listing)
    to_ask = [*due]
    for resource in listing.resources:
        link = links.get(resource["id"])
        # Lacking in a full listing, and gone by now, somebody may still be listed under the name that they had last.
        if link is None and is_anyone_lost and resource["status"] != "cancelled":
            to_ask.append(resource["id"])
        elif link is None or _is_as_known(resource, link):
            kept.append(resource)
        elif link.pushed_utc is not None and now - link.pushed_utc < LAG:
            retry_at = link.pushed_utc + LAG
            later.append(ParkedItem(Side.GOOGLE, resource["id"], "", LAGGING, retry_at))
        else:
            to_ask.append(resource["id"])
    present, refused = ask(run, to_ask)
    return replace(
        listing,
        resources=[*kept, *present],
        unanswered=[*listing.unanswered, *later, *refused],
        answered=[r["id"] for r in present if r["id"] in due],
    )


def _due(run: Run, listing: Listing) -> Sequence[str]:
    """Return who was set aside until now to be asked about: what is told of them is seen together with the listing."""
    if not run.pair.has_questions:
        return []
    with run.unit_of_work() as uow:
        due = uow.state.load_due_google_ids((UNANSWERED, LAGGING), run.now_utc())
    listed = {r["id"] for r in listing.resources}
    return [google_id for google_id in due if google_id not in listed]


def _is_as_known(resource: Resource, link: Link) -> bool:
    is_gone = bool(resource["status"] == "cancelled")
    if link.state is LinkState.DEAD:
        return is_gone  # listed alive, it may be what it was before we deleted it
    return not is_gone and bool(resource["etag"] == link.google_etag)


def _name_of(resource: Resource) -> str:
    return str(resource.get("person", {}).get("resourceName", ""))


def _previous_ids(resource: Resource) -> Sequence[str]:
    metadata = resource.get("person", {}).get("metadata", {})
    return [str(name) for name in metadata.get("previousResourceNames", ())]
