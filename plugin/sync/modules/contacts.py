"""Contacts: the CRM's contacts ⇄ people in Google."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from plugin.core.contact import Contact, Slot, changed_slots, with_slots
from plugin.core.contact_merge import TranslateContact, merge_contacts
from plugin.core.mapping.contact_mapping import (
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    ORGANISATION,
    ContactMapping,
)
from plugin.core.mapping.contact_mapping import Fields as CrmFields
from plugin.core.mapping.crm_contact import (
    CrmTerms,
    account_key,
    as_crm_holds,
    contact_from_row,
    is_skipped,
    row_from_contact,
    written_fields,
)
from plugin.core.mapping.google_event import Resource
from plugin.core.mapping.google_person import (
    as_google_holds,
    change_from_person,
    contact_from_person,
    new_contact_from_person,
)
from plugin.core.mapping.person_body import new_person, patch_person
from plugin.core.merge import Fields, Merge
from plugin.core.model import Content, Direction, GoogleChange, Link, Marker, Policy, Presence, Side
from plugin.core.one_way import policy_in
from plugin.core.reconcile import Action, Decision, Rules
from plugin.sync.contact_ports import CrmContacts
from plugin.sync.listing import Listing
from plugin.sync.memory_ports import Intent, LinkDraft
from plugin.sync.module import FirstContact, Terms
from plugin.sync.modules.people_asked import LAG
from plugin.sync.modules.people_contact import match_people
from plugin.sync.modules.people_listing import settle
from plugin.sync.people_ports import PersonCreate, PersonDelete, PersonUpdate
from plugin.sync.ports import CrmRecord, CrmWrite, Outcome, Run, UnitOfWork
from plugin.sync.series import SeriesReports

# Whoever is under a label of the user's is among their contacts, too; without this Google hides them.
MY_CONTACTS = "contactGroups/myContacts"


@dataclass(frozen=True, slots=True)
class ContactsModule:
    """The `Module` of Contacts, for one pair's field mapping; `group_id`: only who is under this label."""

    mapping: ContactMapping
    fields: CrmFields
    creates_accounts: bool = False
    group_id: str | None = None

    def terms(self, run: Run, uow: UnitOfWork, contents: Iterable[Content], *, is_writing: bool) -> Terms:
        """See the port: what an organisation's name means depends on the CRM's accounts."""
        crm = cast(CrmContacts, uow.crm)
        names = sorted({contact.text(ORGANISATION) for contact in contents} - {""})
        accounts = dict(crm.find_accounts(names)) if names else {}
        missing = [name for name in names if account_key(name) not in accounts]
        if is_writing and self.creates_accounts and missing:
            accounts |= crm.create_accounts(missing, run.now_utc())
        terms = CrmTerms(self.mapping, self.fields, accounts, self.creates_accounts)

        def row_of(crm_id: int, content: Contact, draft: LinkDraft, before: Any) -> object:
            del draft
            return row_from_contact(crm_id, content, terms, before)

        return Terms(self.rules(run, lambda contact: as_crm_holds(contact, terms)), row_of)

    def rules(self, run: Run, to_crm: TranslateContact) -> Rules:
        """Return the rules, given what the CRM holds of a contact."""
        return Rules(
            to_crm=to_crm,
            to_google=as_google_holds,
            policy=policy_in(Direction(run.pair.direction), Policy(run.pair.policy)),
            is_skipped=is_skipped,
            changed=changed_slots,
            merge=_merge,
        )

    def crm_content(self, run: Run, record: CrmRecord, link: Link | LinkDraft | None) -> Content | None:
        """See the port."""
        del run, link
        return contact_from_row(record.row, self.mapping) if record.row is not None else None

    def google_change(self, resource: Resource, link: Link | None) -> GoogleChange:
        """See the port. Who isn't under the pair's label has left it, and isn't deleted."""
        if resource.get("status") == "cancelled":
            return GoogleChange(resource["id"], Presence.GONE, resource.get("etag", ""), None)
        person = resource["person"]
        change = change_from_person(person, self.mapping, link.google_half if link else None)
        is_here = self.group_id is None or self.group_id in change.groups
        return GoogleChange(
            google_id=resource["id"],
            presence=Presence.ALIVE if is_here else Presence.LEFT,
            etag=resource["etag"],
            content=change.contact if link else new_contact_from_person(person, self.mapping),
            marker=change.markers[0] if change.markers else None,
            is_merged=change.is_merged,
            updated_utc=change.updated_utc,
        )

    def answer(self, resource: Resource, sent: Content) -> GoogleChange:
        """See the port: what was sent says which item of the person is whose."""
        contact = contact_from_person(resource["person"], self.mapping, sent)
        return GoogleChange(resource["id"], Presence.ALIVE, resource["etag"], contact)

    def with_fields(self, content: Content, source: Content, fields: Fields) -> Content:
        """See the port."""
        return with_slots(content, source, fields)

    def crm_write(self, row: Any, before: Any, fields: Fields) -> CrmWrite:
        """See the port."""
        return CrmWrite(row, before, written_fields(fields, self.mapping, self.fields))

    def cut(self, run: Run, decision: Decision) -> tuple[str, ...]:
        """See the port. What the CRM can't hold at all isn't written there, and so isn't cut."""
        google = decision.google
        if google is None or google.content is None:
            return ()
        held = as_crm_holds(google.content, CrmTerms(self.mapping, self.fields, {}, creates_accounts=True))
        written = set(self.mapping.slots) if decision.action in _WHOLE else set[Slot]()
        if decision.merged is not None:
            written = set(decision.merged.crm_fields)
        cut = {
            slot.crm_field
            for slot in written & google.content.values.keys() & held.values.keys()
            if held.values[slot] != google.content.values[slot]
        }
        return tuple(sorted(cut))

    def title(self, content: Content) -> str:
        """See the port."""
        name = f"{content.text(FIRST_NAME)} {content.text(LAST_NAME)}".strip()
        return name or str(content.text(EMAIL))

    def flagged(self, uow: UnitOfWork, records: Sequence[CrmRecord]) -> Sequence[CrmRecord]:
        """See the port: which came from a user that was deleted."""
        transferred = uow.crm.find_transferred(records)
        return [replace(r, is_transferred=r.crm_id in transferred) for r in records]

    def read_series(
        self, run: Run, uow: UnitOfWork, records: Sequence[CrmRecord], extra: int
    ) -> SeriesReports:
        """See the port. Nobody comes again and again."""
        del run, uow, records, extra
        return SeriesReports()

    def relate(self, run: Run, uow: UnitOfWork, decisions: Mapping[int, Decision]) -> None:
        """See the port."""

    def settle_listing(self, run: Run, listing: Listing) -> Listing:
        """See the port. Lists of people lag behind."""
        return settle(run, listing)

    def knows_new_ids(self) -> bool:
        """See the port. Google chooses a person's id."""
        return False

    def lag(self) -> timedelta:
        """See the port."""
        return LAG

    def matches_always(self) -> bool:
        """See the port: somebody new on both sides is the same person by their e-mail."""
        return True

    def keeps_out(self, run: Run) -> bool:
        """Tell whether a new contact of the CRM would get the label in Google, though it may be there without it."""
        return self.group_id is not None and Direction(run.pair.direction) is not Direction.GOOGLE_TO_CRM

    def lists_everything(self, run: Run) -> bool:
        """See the port: who is outside the label isn't remembered, and whoever is new in the CRM may be one of them."""
        if not self.keeps_out(run):
            return False
        with run.unit_of_work() as uow:
            return any(record.link_id is None for record in uow.crm.read_changes(_MANY))

    def present(self, run: Run, decisions: Sequence[Decision]) -> Mapping[str, Outcome]:
        """See the port: a field is written whole, so all that isn't mapped must be sent along as it is."""
        ids = sorted(
            {
                d.google.google_id if d.google is not None else d.link.google_id
                for d in decisions
                if d.action is Action.UPDATE and d.link is not None
            }
        )
        found: dict[str, Outcome] = {}
        for start in range(0, len(ids), run.google.max_batch):
            chunk = ids[start : start + run.google.max_batch]
            found |= zip(chunk, run.google.fetch_records(chunk), strict=True)
        return found

    def insert(self, run: Run, decision: Decision, intent: Intent) -> PersonCreate:
        """See the port: with our key, by which it is found again should the answer not come."""
        del decision
        groups = (MY_CONTACTS, self.group_id) if self.group_id else ()
        marker = Marker(run.install_id, intent.link_key)
        return PersonCreate(new_person(intent.crm_half, self.mapping, marker, groups))

    def patch(
        self,
        run: Run,
        decision: Decision,
        google_id: str,
        etag: str,
        draft: LinkDraft,
        resource: Resource | None,
    ) -> PersonUpdate:
        """See the port. A person that isn't as seen is refused for its version."""
        del run
        merged = decision.merged
        if merged is None or resource is None:
            raise ValueError("an update needs its merge and the whole person")
        person = resource["person"]
        half: Contact = draft.google_half
        if decision.google is not None and decision.google.content is not None:
            half = decision.google.content
        patch = patch_person(person, self.mapping, half, merged.google_content, merged.google_fields)
        return PersonUpdate(google_id, etag, patch.body, frozenset(patch.fields))

    def delete(self, google_id: str, etag: str) -> PersonDelete:
        """See the port."""
        return PersonDelete(google_id, etag)

    def match(self, run: Run, uow: UnitOfWork, *, is_full: bool) -> FirstContact:
        """See the port."""
        return match_people(run, uow, self, is_full=is_full)


# More than a CRM user has contacts: the new ones come last.
_MANY = 1_000_000
_WHOLE = {Action.CREATE_CRM, Action.REVIVE_CRM}


def _merge(
    *,
    crm_now: Contact,
    crm_half: Contact,
    google_now: Contact,
    google_half: Contact,
    winner: Side,
    to_crm: TranslateContact,
    to_google: TranslateContact,
) -> Merge:
    del to_google
    return merge_contacts(
        crm_now=crm_now,
        crm_half=crm_half,
        google_now=google_now,
        google_half=google_half,
        winner=winner,
        to_crm=to_crm,
    )
