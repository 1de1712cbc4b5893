"""People who are gone because the user put them into another one: that says nothing against their contact in the CRM.

The one that is left bears the keys of all whom we made. Who came from Google has no key; there it shows by what the other one
has got since (plugin/core/merged_people.py), and the key is put in as if it had been there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from plugin.core.contact_matching import Likeness, likeness_of_contact
from plugin.core.mapping.google_event import Resource
from plugin.core.mapping.person_likeness import likeness_of_person
from plugin.core.merged_people import ChangedPerson, find_successor
from plugin.core.model import Link, LinkState, Side
from plugin.core.reconcile import Reason
from plugin.sync.listing import Listing
from plugin.sync.memory_ports import ParkedItem
from plugin.sync.modules.people_merged import is_merged, keys_in, move_links, with_more_keys
from plugin.sync.ports import Run, UnitOfWork


@dataclass(frozen=True, slots=True)
class _Seen:
    """Who is gone, by id where Google's note of it is kept, and who is there; `links` are those of all of them."""

    gone: Mapping[str, Resource | None]
    people: Mapping[str, Resource]
    links: Mapping[str, Link]


def keep_swallowed(
    run: Run, listing: Listing, listed: Sequence[Resource], parked: Sequence[ParkedItem]
) -> Listing:
    """Return the listing without those who live on in another person; that one bears their contacts' keys now.

    Their contacts wait; or they go on with the other one, if that is new to the CRM. `listed`: people as the lists had them,
    among them those whom the listing leaves for later; `parked`: who is set aside as merged.
    """
    if not (listing.is_full or parked or any(_is_gone(r) for r in (*listed, *listing.resources))):
        return listing
    with run.unit_of_work() as uow:
        seen = _see(uow, listing, listed, {item.item_id for item in parked})
        if not seen.gone:
            return listing
        heirs = _find_heirs(run, seen)
        people = {**seen.people, **_with_keys_of(run, seen, heirs)}
        followed = {i for i, of in heirs.items() if i not in seen.links and not is_merged(people[i])}
        move_links(run, uow, [(people[i], heirs[i][0]) for i in followed])
        moved = {link.google_id for i in followed for link in heirs[i]}
        keys = {key for person in people.values() if is_merged(person) for key in keys_in(run, person)}
        swallowed = [i for i in seen.gone if i in seen.links and seen.links[i].link_key in keys]
        _set_aside(run, uow, seen, moved, swallowed)
        there = {r["id"] for r in listing.resources}
        uow.state.save_inbox([people[i] for i in heirs if i not in there], run.now_utc())
        uow.commit()
    over = {*moved, *swallowed}
    left = [people.get(r["id"], r) for r in listing.resources if r["id"] not in over]
    unanswered = [item for item in listing.unanswered if item.item_id not in over]
    return replace(listing, resources=left, unanswered=unanswered)


def _see(uow: UnitOfWork, listing: Listing, listed: Sequence[Resource], parked: Collection[str]) -> _Seen:
    # Whoever was written a moment ago is left for later. By then the other one may not be news any more.
    later = {item.item_id for item in listing.unanswered}
    notes = [r for r in listed if r["id"] in later and _is_gone(r)]
    now = {r["id"]: r for r in (*notes, *listing.resources)}
    lacking = uow.state.load_listed_google_ids() if listing.is_full else ()
    # Who is missing in a full listing was asked for, and waits there.
    unlisted = sorted({*lacking, *parked} - now.keys())
    waiting = {r["id"]: r for r in uow.state.load_inbox_of(unlisted)} if unlisted else {}
    gone: dict[str, Resource | None] = {i: r for i, r in (waiting | now).items() if _is_gone(r)}
    gone |= {i: None for i in parked if i not in now and i not in waiting}
    if not gone:
        return _Seen({}, {}, {})
    people = {r["id"]: r for r in (*listed, *waiting.values(), *now.values()) if not _is_gone(r)}
    people = {i: person for i, person in people.items() if i not in gone}
    links = {link.google_id: link for link in uow.state.load_links(google_ids=sorted({*gone, *people}))}
    return _Seen({i: r for i, r in gone.items() if i in links and _is_live(links[i])}, people, links)


def _find_heirs(run: Run, seen: _Seen) -> Mapping[str, Sequence[Link]]:
    """Return the links of those who are gone, by the id of the person that they seem to live on in.

    Not of those whose key says already in whom.
    """
    keys = {i: keys_in(run, person) for i, person in seen.people.items()}
    known = {key for found in keys.values() if len(found) > 1 for key in found}
    changed = {
        i: ChangedPerson(i, likeness_of_person(person["person"]), _before(seen.links.get(i)))
        for i, person in seen.people.items()
        if _has_changed(person, seen.links.get(i))
    }
    heirs: defaultdict[str, list[Link]] = defaultdict(list)
    to_find = [seen.links[i] for i in seen.gone if seen.links[i].link_key not in known]
    for link in to_find:
        bearer = next((i for i in changed if link.link_key in keys[i]), None)
        likely = bearer or find_successor(likeness_of_contact(link.google_half), changed.values())
        if likely is not None:
            heirs[likely].append(link)
    # Whoever is new, and one of them for certain, is made of several: then the name is another's.
    made_of_some = [replace(changed[i], before=changed[i].before or Likeness()) for i in heirs]
    placed = {link.link_key for of in heirs.values() for link in of}
    for link in to_find:
        likely = find_successor(likeness_of_contact(link.google_half), made_of_some)
        if likely is not None and link.link_key not in placed:
            heirs[likely].append(link)
    return heirs


def _with_keys_of(run: Run, seen: _Seen, heirs: Mapping[str, Sequence[Link]]) -> dict[str, Resource]:
    own = {i: [seen.links[i].link_key] if i in seen.links else [] for i in heirs}
    return {
        i: with_more_keys(run, seen.people[i], [*own[i], *(link.link_key for link in of)])
        for i, of in heirs.items()
    }


def _set_aside(
    run: Run, uow: UnitOfWork, seen: _Seen, moved: Collection[str], swallowed: Sequence[str]
) -> None:
    # A note of the deletion that stays would be read again with every change of the contact.
    notes = {i: r for i, r in seen.gone.items() if r is not None and i in {*moved, *swallowed}}
    uow.state.remove_inbox([(i, r.get("etag", "")) for i, r in notes.items()])
    uow.state.unpark(Side.GOOGLE, sorted(moved))
    uow.state.park([ParkedItem(Side.GOOGLE, i, "", Reason.MERGED.value) for i in swallowed], run.now_utc())


def _has_changed(resource: Resource, link: Link | None) -> bool:
    return link is None or (link.state is not LinkState.DEAD and resource["etag"] != link.google_etag)


def _before(link: Link | None) -> Likeness | None:
    return likeness_of_contact(link.google_half) if link is not None else None


def _is_live(link: Link) -> bool:
    return link.state is LinkState.LIVE


def _is_gone(resource: Resource) -> bool:
    return bool(resource.get("status") == "cancelled")
