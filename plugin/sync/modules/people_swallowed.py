"""People who are gone because the user put them into another one: that says nothing against their contact in the CRM.

The one that is left bears the keys of all whom we made. Who came from Google has no key; there it shows by what the other one
has got since (plugin/core/merged_people.py), and the key is put in as if it had been there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from plugin.core.contact_matching import Likeness, likeness_of_contact
from plugin.core.mapping.google_event import Resource
from plugin.core.mapping.person_likeness import likeness_of_person
from plugin.core.merged_people import LivingPeople, LivingPerson
from plugin.core.model import Link, LinkState, Side
from plugin.core.reconcile import Reason
from plugin.sync.listing import Listing
from plugin.sync.memory_ports import ParkedItem
from plugin.sync.modules.people_merged import is_merged, keys_in, move_links, with_more_keys
from plugin.sync.ports import Run, UnitOfWork


@dataclass(frozen=True, slots=True)
class _Seen:
    """Who is gone whose contact isn't, and who is there; `links` are those of all of them.

    `aside`: who was set aside as gone before; `over`: of them those whose contact is gone by now as well.
    """

    gone: Collection[str] = ()
    people: Mapping[str, Resource] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    aside: Collection[str] = ()
    over: Collection[str] = ()

    @property
    def living(self) -> list[LivingPerson]:
        """Return who may have taken somebody in."""
        return [
            LivingPerson(i, likeness_of_person(person["person"]), *_before(person, self.links.get(i)))
            for i, person in self.people.items()
            if i not in self.links or self.links[i].state is not LinkState.DEAD
        ]


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
        if not seen.gone and not seen.over:
            return listing
        living = seen.living
        heirs = _find_heirs(run, seen, living)
        people = {**seen.people, **_with_keys_of(run, seen, heirs)}
        followed = {i for i, of in heirs.items() if i not in seen.links and not is_merged(people[i])}
        move_links(run, uow, [(people[i], heirs[i][0]) for i in followed])
        moved = {link.google_id for i in followed for link in heirs[i]}
        swallowed = _who_waits(run, seen, people, living) - moved
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
    # Who is missing in a full listing was asked for, and waits there.
    lacking = set(uow.state.load_listed_google_ids()) - now.keys() if listing.is_full else set()
    waiting = {r["id"]: r for r in uow.state.load_inbox_of(sorted({*lacking, *parked}))}
    aside = {i for i in parked if i not in waiting or _is_gone(waiting[i])}
    known = waiting | now
    gone = {i for i, r in known.items() if _is_gone(r)} | (aside - known.keys())
    if not gone:
        return _Seen()
    people = {r["id"]: r for r in (*listed, *known.values()) if not _is_gone(r) and r["id"] not in gone}
    links = {link.google_id: link for link in uow.state.load_links(google_ids=sorted({*gone, *people}))}
    live = {i for i, link in links.items() if link.state is LinkState.LIVE}
    return _Seen(sorted(gone & live), people, links, aside, (gone & aside) - live)


def _who_waits(
    run: Run, seen: _Seen, people: Mapping[str, Resource], living: Sequence[LivingPerson]
) -> set[str]:
    """Return who is gone and whose contact waits for the user: once set aside, they stay so."""
    there = LivingPeople(living)
    keys = {key for person in people.values() if is_merged(person) for key in keys_in(run, person)}
    merged = {i for i in seen.gone if seen.links[i].link_key in keys or i in seen.aside}
    return merged | {i for i in seen.gone if there.may_have(_likeness(seen.links[i]))}


def _find_heirs(run: Run, seen: _Seen, living: Sequence[LivingPerson]) -> Mapping[str, Sequence[Link]]:
    """Return the links of those who are gone, by the id of the person that they seem to live on in.

    Not of those whose key says already in whom.
    """
    there = LivingPeople(living)
    keys = {one.google_id: keys_in(run, seen.people[one.google_id]) for one in living}
    known = {key for person in seen.people.values() if is_merged(person) for key in keys_in(run, person)}
    bearers = {key: google_id for google_id, found in keys.items() for key in found}
    to_find = [link for i in seen.gone if (link := seen.links[i]).link_key not in known]
    heirs: defaultdict[str, list[Link]] = defaultdict(list)
    for link in to_find:
        likely = bearers.get(link.link_key) or there.find_successor(_likeness(link))
        if likely is not None:
            heirs[likely].append(link)
    # Whoever is new, and one of them for certain, is made of several: then the name is another's.
    of_some = [replace(one, before=one.before or Likeness()) for one in living if one.google_id in heirs]
    made_of_some = LivingPeople(of_some)
    placed = {link.link_key for of in heirs.values() for link in of}
    for link in to_find:
        likely = made_of_some.find_successor(_likeness(link))
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
    run: Run, uow: UnitOfWork, seen: _Seen, moved: Collection[str], swallowed: Collection[str]
) -> None:
    # What waits of them, a note of the deletion or what they were before, would be read again with every change of the contact.
    waiting = uow.state.load_inbox_of(sorted({*moved, *swallowed}))
    uow.state.remove_inbox([(r["id"], r.get("etag", "")) for r in waiting])
    uow.state.unpark(Side.GOOGLE, sorted({*moved, *seen.over}))
    uow.state.park(
        [ParkedItem(Side.GOOGLE, i, "", Reason.MERGED.value) for i in sorted(swallowed)], run.now_utc()
    )


def _before(resource: Resource, link: Link | None) -> tuple[Likeness | None, bool]:
    return (_likeness(link), resource["etag"] != link.google_etag) if link is not None else (None, True)


def _likeness(link: Link) -> Likeness:
    return likeness_of_contact(link.google_half)


def _is_gone(resource: Resource) -> bool:
    return bool(resource.get("status") == "cancelled")
