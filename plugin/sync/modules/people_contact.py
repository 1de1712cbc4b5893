"""First contact of contacts: who is on both sides already is linked; who may be several people is left to the user.

Not only at the first sync: somebody whom a user entered on both sides meanwhile is one person as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from plugin.core.contact import Contact
from plugin.core.contact_matching import (
    Ambiguity,
    Doubt,
    Unlinked,
    first_halves,
    likeness_of_contact,
    match_by_label,
)
from plugin.core.mapping.crm_contact import contact_from_row
from plugin.core.mapping.google_event import Resource
from plugin.core.mapping.google_person import contact_beside
from plugin.core.mapping.person_items import Person
from plugin.core.mapping.person_likeness import likeness_of_person
from plugin.core.model import Presence, Side
from plugin.core.winner import winner_of
from plugin.sync.memory_ports import KEPT_OUT, LinkDraft, ParkedItem
from plugin.sync.module import FirstContact
from plugin.sync.ports import CrmRecord, Run, UnitOfWork

if TYPE_CHECKING:
    from plugin.sync.modules.contacts import ContactsModule


def match_people(run: Run, uow: UnitOfWork, module: ContactsModule, *, is_full: bool) -> FirstContact:
    """Return the links of people who are the same, who is in doubt, and who was and isn't any more."""
    records = uow.crm.read_unlinked()
    found = _match(run, uow, module, records)
    parked = uow.state.load_parked([*(doubt.value for doubt in Doubt), KEPT_OUT])
    before = {_key(item): item for item in parked}
    now = {_key(item): item for item in found.doubtful}
    return FirstContact(
        drafts=found.drafts,
        # Whoever is set aside already as what it is now stays so, with the time since when.
        doubtful=[item for key, item in now.items() if before.get(key) != item],
        over=[item for key, item in before.items() if key not in now],
        # Whoever is new can't be compared with people outside the label unless these were listed.
        compared=frozenset(
            (record.crm_id, record.version)
            for record in records
            if is_full or not module.keeps_out(run) or _waited(record, before)
        ),
    )


def _key(item: ParkedItem) -> tuple[Side, str]:
    return item.side, item.item_id


def _waited(record: CrmRecord, before: Mapping[tuple[Side, str], ParkedItem]) -> bool:
    item = before.get((Side.CRM, str(record.crm_id)))
    return item is not None and item.version == record.version


def _match(
    run: Run, uow: UnitOfWork, module: ContactsModule, unlinked_records: Sequence[CrmRecord]
) -> FirstContact:
    where = {r["id"]: (_presence(module, r), r) for r in uow.state.load_unlinked_inbox()}
    wanted = {Presence.ALIVE, Presence.LEFT} if module.keeps_out(run) else {Presence.ALIVE}
    people = {i: resource for i, (presence, resource) in where.items() if presence in wanted}
    busy = {crm_id for intent in uow.state.load_intents() for crm_id in intent.crm_ids}
    records = {r.crm_id: r for r in unlinked_records if r.crm_id not in busy and r.row is not None}
    if not people or not records:
        return FirstContact(())
    contacts = {i: contact_from_row(record.row, module.mapping) for i, record in records.items()}
    source_ids = {crm_id: source for source, crm_id in uow.crm.read_legacy_mapping().items()}
    unlinked = {i: _unlinked(i, resource["person"]) for i, resource in people.items()}
    found = match_by_label(
        [
            Unlinked(i, likeness_of_contact(contact), (source_ids[i],) if i in source_ids else ())
            for i, contact in contacts.items()
        ],
        inside=[person for i, person in unlinked.items() if where[i][0] is Presence.ALIVE],
        outside=[person for i, person in unlinked.items() if where[i][0] is Presence.LEFT],
    )
    couples = [(records[crm_id], contacts[crm_id], people[i]) for crm_id, i in found.couples.items()]
    return FirstContact(
        drafts=_drafts(run, uow, module, couples),
        doubtful=[item for doubt in found.ambiguous for item in _doubtful(doubt, records, people)],
    )


def _presence(module: ContactsModule, resource: Resource) -> Presence | None:
    """Return where the person stands; None for who bears a key of ours: that is another connection's."""
    change = module.google_change(resource, None)
    return change.presence if change.marker is None else None


def _unlinked(google_id: str, person: Person) -> Unlinked[str]:
    sources = person.get("metadata", {}).get("sources", ())
    known_as = tuple(str(s["id"]) for s in sources if s.get("type") == "CONTACT" and "id" in s)
    return Unlinked(google_id, likeness_of_person(person), known_as)


def _drafts(
    run: Run,
    uow: UnitOfWork,
    module: ContactsModule,
    couples: Sequence[tuple[CrmRecord, Contact, Resource]],
) -> list[LinkDraft]:
    googles = [contact_beside(resource["person"], module.mapping, crm) for _, crm, resource in couples]
    rules = module.terms(run, uow, googles, is_writing=False).rules
    drafts: list[LinkDraft] = []
    for (record, crm, resource), google in zip(couples, googles, strict=True):
        winner = winner_of(rules.policy, None, None)
        crm_half, google_half = first_halves(crm, google, winner=winner, to_crm=rules.to_crm)
        drafts.append(
            LinkDraft(
                link_key=run.new_key(),
                crm_id=record.crm_id,
                google_id=resource["id"],
                crm_version=record.version,
                google_etag=resource["etag"],
                crm_half=crm_half,
                google_half=google_half,
                # Deleting them in Google when the contact leaves the set would take what the CRM never made there.
                origin=Side.GOOGLE,
                is_settled=record.is_settled,
            )
        )
    return drafts


def _doubtful(
    doubt: Ambiguity, records: Mapping[int, CrmRecord], people: Mapping[str, Resource]
) -> list[ParkedItem]:
    reason = doubt.doubt.value
    of_crm = [ParkedItem(Side.CRM, str(i), records[i].version, reason) for i in doubt.crm_ids]
    if doubt.doubt is Doubt.OUTSIDE_LABEL:
        reason = KEPT_OUT
    return [*of_crm, *(ParkedItem(Side.GOOGLE, i, people[i]["etag"], reason) for i in doubt.google_ids)]
