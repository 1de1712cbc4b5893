"""Two contacts of ours that the user made one person in Google: they wait, until the CRM has at most one of them as well.

Which of two contacts such a person goes on with is the user's to say, in the CRM: by deleting one, or merging them there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from plugin.core.contact import Contact, with_slots
from plugin.core.mapping.google_event import Resource
from plugin.core.mapping.google_person import MARKER_KEY, marker_datum, markers_of
from plugin.core.model import Link, LinkState, Marker, Presence, Side
from plugin.core.reconcile import Action, Reason
from plugin.sync.drafts import draft_of
from plugin.sync.listing import Listing
from plugin.sync.memory_ports import JournalEntry, LinkDraft, ParkedItem
from plugin.sync.ports import Run, UnitOfWork


@dataclass(frozen=True, slots=True)
class _Ended:
    """A person that is one contact's from here on, and the links of the others."""

    resource: Resource
    kept: Link
    others: Sequence[Link]


def with_own_keys(run: Run, listing: Listing, links: Mapping[str, Link]) -> Listing:
    """Return the listing with the key of its own link in whoever bears that of another contact of ours.

    Who came from Google, or was linked there, has none: then a merge with one that we made shows by a single key.
    """
    resources = [_with_own_key(run, r, links.get(r["id"])) for r in listing.resources]
    return replace(listing, resources=resources)


def end_merges(run: Run, listing: Listing, parked: Sequence[ParkedItem]) -> Listing:
    """Return the listing, its people without the keys of contacts that the CRM no longer has; see to those set aside as well.

    `parked`: what is set aside as merged.
    """
    is_listed = any(is_merged(resource) for resource in listing.resources)
    if not is_listed and not parked:
        return listing
    listed = {resource["id"]: resource for resource in listing.resources}
    with run.unit_of_work() as uow:
        waiting = uow.state.load_inbox_of([i.item_id for i in parked if i.item_id not in listed])
        merged = [resource for resource in (*listed.values(), *waiting) if is_merged(resource)]
        ended = _ended(run, uow, merged)
        _remember(run, uow, ended)
        now = {one.resource["id"]: _with_keys(run, one.resource, [one.kept.link_key]) for one in ended}
        uow.state.save_inbox([r for i, r in now.items() if i not in listed], run.now_utc())
        uow.commit()
    return replace(listing, resources=[now.get(i, resource) for i, resource in listed.items()])


def _with_own_key(run: Run, resource: Resource, link: Link | None) -> Resource:
    keys = keys_in(run, resource)
    if link is None or link.state is LinkState.DEAD or not keys or link.link_key in keys:
        return resource
    return _with_keys(run, resource, [*keys, link.link_key])


def keys_in(run: Run, resource: Resource) -> list[str]:
    """Return the keys of this install's contacts in a person."""
    return [m.link_key for m in markers_of(resource.get("person", {})) if m.install_id == run.install_id]


def with_more_keys(run: Run, resource: Resource, keys: Iterable[str]) -> Resource:
    """Return the person with these keys beside those that it bears."""
    return _with_keys(run, resource, list(dict.fromkeys([*keys_in(run, resource), *keys])))


def _with_keys(run: Run, resource: Resource, keys: Sequence[str]) -> Resource:
    person = resource["person"]
    others = [datum for datum in person.get("clientData", ()) if datum.get("key") != MARKER_KEY]
    ours = [marker_datum(Marker(run.install_id, key)) for key in keys]
    return {**resource, "person": {**person, "clientData": [*others, *ours]}}


def is_merged(resource: Resource) -> bool:
    """Tell whether a person bears the keys of several contacts."""
    return len(markers_of(resource.get("person", {}))) > 1


def _ended(run: Run, uow: UnitOfWork, merged: Sequence[Resource]) -> list[_Ended]:
    keys_of = {resource["id"]: keys_in(run, resource) for resource in merged}
    keys = sorted({key for found in keys_of.values() for key in found})
    links = {link.link_key: link for link in uow.state.load_links(link_keys=keys)}
    living = _living(uow, links)
    ended: list[_Ended] = []
    for resource in merged:
        of_person = [links[key] for key in keys_of[resource["id"]] if key in links]
        alive = [link for link in of_person if link.link_key in living]
        # With none left, it is still known whose person it is: deleted there, or brought back for what changed in Google.
        candidates = alive or [link for link in of_person if link.google_id == resource["id"]]
        if len(candidates) == 1:
            [kept] = candidates
            ended.append(_Ended(resource, kept, [link for link in of_person if link is not kept]))
    return ended


def _living(uow: UnitOfWork, links: Mapping[str, Link]) -> set[str]:
    """Return the keys of links whose contact the CRM still has."""
    records = uow.crm.read_records([link.crm_id for link in links.values()])
    return {
        key
        for key, link in links.items()
        if link.state is not LinkState.DEAD and records[link.crm_id].presence is Presence.ALIVE
    }


def _remember(run: Run, uow: UnitOfWork, ended: Sequence[_Ended]) -> None:
    # First those that give the person up: no two links have one.
    uow.state.save_links([_buried(run, one.resource, link) for one in ended for link in one.others])
    move_links(
        run, uow, [(one.resource, one.kept) for one in ended if one.kept.google_id != one.resource["id"]]
    )
    uow.state.add_journal(
        [
            JournalEntry(
                Action.BURY.value, Reason.MERGED.value, "memory", link.crm_id, str(one.resource["id"])
            )
            for one in ended
            for link in one.others
        ],
        run.now_utc(),
    )
    known = {link.google_id for one in ended for link in (one.kept, *one.others)}
    uow.state.unpark(Side.GOOGLE, sorted({*known, *(str(one.resource["id"]) for one in ended)}))


def _buried(run: Run, resource: Resource, link: Link) -> LinkDraft:
    # Restored in the CRM, it gets a person of its own; its old key stays behind in this one, and so names nobody any more.
    key = run.new_key()
    google_id = key if link.google_id == resource["id"] else link.google_id
    return replace(draft_of(link), link_key=key, google_id=google_id, state=LinkState.DEAD)


def move_links(run: Run, uow: UnitOfWork, moved: Iterable[tuple[Resource, Link]]) -> None:
    """Let links go over to another person. What that one lacks was never theirs to drop: it is news of the CRM's."""
    uow.state.save_links([_moved(run, resource, link) for resource, link in moved])


def _moved(run: Run, resource: Resource, link: Link) -> LinkDraft:
    content = run.module.google_change(resource, link).content or Contact()
    lacking = link.google_half.values.keys() - content.values.keys()
    return replace(
        draft_of(link),
        google_id=resource["id"],
        google_etag="",
        state=link.state,
        crm_half=with_slots(link.crm_half, Contact(), lacking),
        google_half=with_slots(link.google_half, Contact(), lacking),
        is_settled=False,
    )
