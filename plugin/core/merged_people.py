"""Who was put into whom: of people that a user merges in Google one is left, with the e-mails and phones of all.

Nothing says so of people who bear no key of ours: one is deleted, another one changes. Taken for a delete, it would cost the
CRM a contact that nobody wanted gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from plugin.core.contact_matching import Likeness

# A shorter one is an extension, and says little about who it is.
_PROVING_DIGITS = 7


@dataclass(frozen=True, slots=True)
class LivingPerson:
    """Somebody who is there; `before` is what was last agreed of them, None of whom the CRM doesn't have."""

    google_id: str
    now: Likeness
    before: Likeness | None = None
    has_changed: bool = True


class LivingPeople:
    """Who is there, by what tells people apart: thousands may be gone at once, and thousands be there."""

    def __init__(self, people: Iterable[LivingPerson]) -> None:
        self._by_proof: defaultdict[str, list[LivingPerson]] = defaultdict(list)
        self._by_name: defaultdict[frozenset[str], list[LivingPerson]] = defaultdict(list)
        for person in people:
            self._by_name[person.now.name].append(person)
            for proof in _proofs(person.now):
                self._by_proof[proof].append(person)

    def find_successor(self, gone: Likeness) -> str | None:
        """Return the id of the person that most likely took in the one who is gone; None if nothing speaks for anybody.

        What they got since tells most: an e-mail or phone of the other's. Else one that both had, under names that may be one
        person's; a whole family has it otherwise. Last the same full name, of two contacts that the CRM has both.
        """
        namesakes = self._by_name.get(gone.name, []) if gone.name else []
        weights = {person.google_id: _weight(gone, person) for person in [*self._sharing(gone), *namesakes]}
        best = max(weights, key=lambda google_id: weights[google_id], default=None)
        return best if best is not None and weights[best] else None

    def may_have(self, gone: Likeness) -> bool:
        """Tell whether somebody new to the CRM has an e-mail or phone of the one who is gone, be it under another name.

        Of a family, or a merge that kept the other name: too little to go on with that one, too much to call it a delete.
        """
        return any(person.before is None for person in self._sharing(gone))

    def _sharing(self, gone: Likeness) -> list[LivingPerson]:
        return [person for proof in sorted(_proofs(gone)) for person in self._by_proof.get(proof, ())]


def is_proof(text: str) -> bool:
    """Tell whether an e-mail or phone says enough about whose it is."""
    return "@" in text or sum(sign.isdigit() for sign in text) >= _PROVING_DIGITS


def _weight(gone: Likeness, person: LivingPerson) -> int:
    common = _proofs(gone) & _proofs(person.now)
    may_be = gone.may_be(person.now)
    if person.before is None:
        return 2 if common and may_be else 0
    if common - _proofs(person.before):
        return 3
    is_namesake = person.has_changed and gone.name and gone.name == person.now.name
    return 2 if common and may_be else 1 if is_namesake else 0


def _proofs(likeness: Likeness) -> frozenset[str]:
    return likeness.emails | {phone for phone in likeness.phones if len(phone) >= _PROVING_DIGITS}
