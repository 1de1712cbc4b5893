"""First contact: contacts that exist on both sides before the first sync are linked, not doubled.

In this order, one to one: by our key, by the old module's memory, by e-mail, by full name with a phone or an organisation in
common. What could be several, or looks like the same person without proof (the same name and nothing else; one mailbox under
two names), isn't linked and isn't created on the other side: it is listed for the user to decide.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from plugin.core.contact import Birthday, Contact, Kind, Slot, Value, changed_slots, with_slots
from plugin.core.contact_merge import TranslateContact
from plugin.core.mapping.contact_mapping import FIRST_NAME, LAST_NAME, ORGANISATION
from plugin.core.mapping.crm_contact import NAMELESS, account_key
from plugin.core.mapping.person_items import likeness
from plugin.core.model import Side

# As many digits as tell two numbers apart with or without their country's code.
_PHONE_DIGITS = 9
Id = TypeVar("Id", int, str)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two records of one person have in common, in a form that can be compared."""

    name: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()

    def may_be(self, other: Likeness) -> bool:
        """Tell whether the names allow that it is the same person: no name, or one that says no more than the other.

        A family shares its name and often its mailbox, so each word of the shorter name has to be in the longer one, be it
        as an abbreviation.
        """
        shorter, longer = sorted((self.name, other.name), key=len)
        return all(any(a.startswith(b) or b.startswith(a) for b in longer) for a in shorter)


@dataclass(frozen=True, slots=True)
class Unlinked(Generic[Id]):
    """One record without a link, by its crm_id or google_id. `known_as`: keys that say for certain whose it is, the strongest
    first."""

    item_id: Id
    likeness: Likeness
    known_as: tuple[Hashable, ...] = ()


KeysOf = Callable[[Unlinked[Any]], Iterable[Hashable]]


class Doubt(Enum):
    """Why records that may be the same person aren't linked."""

    SEVERAL = "several_may_be_it"
    OTHER_NAME = "same_mailbox_other_name"
    NAME_ONLY = "same_name_only"
    OUTSIDE_LABEL = "outside_the_label"


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Records of both sides between which the user has to choose."""

    doubt: Doubt
    crm_ids: tuple[int, ...]
    google_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """The couples crm_id ⇄ google_id, and what is left to the user."""

    couples: Mapping[int, str]
    ambiguous: tuple[Ambiguity, ...]


def likeness_of(
    name: str, emails: Iterable[str], phones: Iterable[str], organisations: Iterable[str]
) -> Likeness:
    """Return the likeness of a record by its values; what the CRM writes for lack of a name is no name."""
    addresses = frozenset(email.strip().casefold() for email in emails) - {""}
    is_named = name.strip() and name.strip() != NAMELESS and name.strip().casefold() not in addresses
    return Likeness(
        name=frozenset(_plain(name).split()) if is_named else frozenset(),
        emails=addresses,
        phones=frozenset(_digits(phone) for phone in phones) - {""},
        organisations=frozenset(account_key(organisation) for organisation in organisations) - {""},
    )


def likeness_of_contact(contact: Contact) -> Likeness:
    """Return the likeness of a CRM contact."""
    first, last = contact.text(FIRST_NAME), contact.text(LAST_NAME)
    return likeness_of(
        # Made up from the first name, the last one says nothing more.
        last if first == last else f"{first} {last}",
        contact.texts(Kind.EMAIL),
        contact.texts(Kind.PHONE),
        [contact.text(ORGANISATION)],
    )


def match_contacts(crms: Sequence[Unlinked[int]], googles: Sequence[Unlinked[str]]) -> Matching:
    """Return who is who among unlinked records."""
    matcher = _Matcher(crms, googles)
    matcher.link_known()
    matcher.link(lambda record: record.likeness.emails, by_name=True)
    matcher.link(_names_with_proof, by_name=False)
    matcher.doubt_names()
    return Matching(matcher.couples, tuple(matcher.ambiguous))


def match_by_label(
    crms: Sequence[Unlinked[int]], inside: Sequence[Unlinked[str]], outside: Sequence[Unlinked[str]]
) -> Matching:
    """Return who is who among unlinked records, where people outside the chosen label are left alone.

    A CRM contact who is one of them waits: linked, it would bring into the CRM what the user kept out of it by the label;
    created, it would be twice in Google.
    """
    found = match_contacts(crms, inside)
    settled = {*found.couples, *(crm_id for doubt in found.ambiguous for crm_id in doubt.crm_ids)}
    beside = match_contacts([crm for crm in crms if crm.item_id not in settled], outside)
    kept_out = [Ambiguity(Doubt.OUTSIDE_LABEL, (i,), (google_id,)) for i, google_id in beside.couples.items()]
    return Matching(found.couples, (*found.ambiguous, *beside.ambiguous, *kept_out))


def first_halves(
    crm: Contact, google: Contact, *, winner: Side, to_crm: TranslateContact
) -> tuple[Contact, Contact]:
    """Return the CRM's and Google's half for a new couple: what differs is then synced as if one side had changed it.

    Nothing is wiped out by its absence on the other side; of two different values the winner's stands, unless the CRM can't
    hold it. Values that differ in their writing only stay as they are.
    """
    as_crm = to_crm(google)
    crm_half, google_half = crm, google
    for slot in changed_slots(crm, google):
        mine, theirs = crm.values.get(slot), google.values.get(slot)
        made_up = to_crm(with_slots(crm, Contact(), {slot})).values.get(slot)
        if (
            _is_alike(slot, mine, theirs)
            or mine == as_crm.values.get(slot)
            or (theirs is None and mine == made_up)
        ):
            continue
        if mine is not None and (theirs is None or _lacks_year(mine, theirs)):
            crm_half = with_slots(crm_half, Contact(), {slot})
        elif slot in as_crm.values and (mine is None or winner is Side.GOOGLE):
            google_half = with_slots(google_half, crm, {slot})
        elif slot in as_crm.values:
            crm_half = with_slots(crm_half, as_crm, {slot})
    return crm_half, google_half


class _Matcher:
    """Couples are taken out of both sides as they are found; what is in doubt once is not tried again."""

    def __init__(self, crms: Sequence[Unlinked[int]], googles: Sequence[Unlinked[str]]) -> None:
        self._crms = {record.item_id: record for record in crms}
        self._googles = {record.item_id: record for record in googles}
        self.couples: dict[int, str] = {}
        self.ambiguous: list[Ambiguity] = []

    def link_known(self) -> None:
        """Link by keys that are certain. Two Google contacts with one key: the first; the other is looked at by its values."""
        by_key = {key: crm for crm in self._crms.values() for key in crm.known_as}
        for google in list(self._googles.values()):
            found = (by_key[key] for key in google.known_as if key in by_key)
            crm = next((crm for crm in found if crm.item_id in self._crms), None)
            if crm is not None:
                self._couple(crm, google)

    def link(self, keys_of: KeysOf, *, by_name: bool) -> None:
        """Link records that have a key in common with one another and with nobody else."""
        for crms, googles in self._groups(keys_of):
            # Families and firms share a mailbox: the name tells them apart.
            for crm in crms if by_name and len(crms) + len(googles) > 2 else ():
                same = [g for g in googles if g.likeness.name == crm.likeness.name != frozenset()]
                namesakes = [c for c in crms if c.likeness.name == crm.likeness.name]
                if len(same) == 1 and len(namesakes) == 1:
                    self._couple(crm, same[0])
            left_crms = [crm for crm in crms if crm.item_id in self._crms]
            left_googles = [google for google in googles if google.item_id in self._googles]
            if not left_crms or not left_googles:
                continue
            if len(left_crms) > 1 or len(left_googles) > 1:
                self._doubt(Doubt.SEVERAL, left_crms, left_googles)
            elif not left_crms[0].likeness.may_be(left_googles[0].likeness):
                self._doubt(Doubt.OTHER_NAME, left_crms, left_googles)
            else:
                self._couple(left_crms[0], left_googles[0])

    def doubt_names(self) -> None:
        """Leave to the user what bears the same full name on both sides, and nothing else that would prove it."""
        for crms, googles in self._groups(
            lambda record: [record.likeness.name] if record.likeness.name else []
        ):
            self._doubt(Doubt.NAME_ONLY, crms, googles)

    def _groups(self, keys_of: KeysOf) -> list[tuple[list[Unlinked[int]], list[Unlinked[str]]]]:
        """Return the records of both sides that hang together by common keys, each group once."""
        holders: dict[Hashable, list[tuple[bool, Unlinked[Any]]]] = defaultdict(list)
        records: list[tuple[bool, Unlinked[Any]]] = [(True, crm) for crm in self._crms.values()]
        records += [(False, google) for google in self._googles.values()]
        for side, record in records:
            for key in keys_of(record):
                holders[key].append((side, record))
        groups, seen = [], set[tuple[bool, Hashable]]()
        for start in records:
            group: list[tuple[bool, Unlinked[Any]]] = []
            waiting = [start]
            while waiting:
                side, record = waiting.pop()
                if (side, record.item_id) not in seen:
                    seen.add((side, record.item_id))
                    group.append((side, record))
                    waiting += [other for key in keys_of(record) for other in holders[key]]
            crms = [record for is_crm, record in group if is_crm]
            googles = [record for is_crm, record in group if not is_crm]
            if crms and googles:
                groups.append((crms, googles))
        return groups

    def _couple(self, crm: Unlinked[int], google: Unlinked[str]) -> None:
        self.couples[crm.item_id] = google.item_id
        del self._crms[crm.item_id], self._googles[google.item_id]

    def _doubt(self, doubt: Doubt, crms: Sequence[Unlinked[int]], googles: Sequence[Unlinked[str]]) -> None:
        crm_ids = tuple(sorted(crm.item_id for crm in crms))
        google_ids = tuple(sorted(google.item_id for google in googles))
        self.ambiguous.append(Ambiguity(doubt, crm_ids, google_ids))
        for crm_id in crm_ids:
            del self._crms[crm_id]
        for google_id in google_ids:
            del self._googles[google_id]


def _names_with_proof(record: Unlinked[Any]) -> list[Hashable]:
    about = record.likeness
    return [(about.name, proof) for proof in about.phones | about.organisations] if about.name else []


def _is_alike(slot: Slot, mine: Value | None, theirs: Value | None) -> bool:
    is_text = slot.kind in {Kind.EMAIL, Kind.PHONE, Kind.ADDRESS, Kind.URL}
    return is_text and None not in (mine, theirs) and likeness(mine, slot.kind) == likeness(theirs, slot.kind)


def _lacks_year(mine: Value, theirs: Value) -> bool:
    is_both = isinstance(mine, Birthday) and isinstance(theirs, Birthday)
    return is_both and theirs == Birthday(mine.month, mine.day)  # type: ignore[union-attr]


def _plain(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else " " for c in bare.casefold())


def _digits(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdigit())[-_PHONE_DIGITS:]
