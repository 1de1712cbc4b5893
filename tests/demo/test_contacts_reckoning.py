"""The demo's own judge of contacts: it has to see what a wrong sync would leave."""

from dataclasses import replace

from demo.contacts_reckoning import AddressBooks, Person, crm_people, google_people, problems_of_contacts
from demo.visitor import Counts, Outcome

ANA = Person("Ana Ruiz", frozenset({"ana@x.example"}), frozenset({"600"}))
ANA_AT_GOOGLE = replace(ANA, phones=frozenset({"910"}))
ANA_AFTER = replace(ANA, phones=frozenset({"600", "910"}))
BLAS = Person("Blas Gil", frozenset(), frozenset({"1"}))
CLOE = Person("Cloe Paz", frozenset(), frozenset({"2"}))
BEFORE = AddressBooks([ANA, BLAS], [ANA_AT_GOOGLE, CLOE])
AFTER = AddressBooks([ANA_AFTER, BLAS, CLOE], [ANA_AFTER, BLAS, CLOE])
GOOD = Outcome(Counts(1, 1, 0, 0), Counts(1, 1, 0, 0), seconds=0.1)


def test_right_sync_has_no_problems() -> None:
    assert BEFORE.common == 1
    assert problems_of_contacts(BEFORE, GOOD, AFTER) == []


def test_wrong_count_missing_doubled_and_different_contacts_are_seen() -> None:
    assert problems_of_contacts(BEFORE, replace(GOOD, crm=Counts(2, 1, 0, 0)), AFTER)
    assert problems_of_contacts(BEFORE, replace(GOOD, google=Counts(1, 1, 1, 0)), AFTER)
    assert problems_of_contacts(BEFORE, GOOD, replace(AFTER, crm=[ANA_AFTER, BLAS]))
    assert problems_of_contacts(BEFORE, GOOD, replace(AFTER, google=[*AFTER.google, CLOE]))
    assert problems_of_contacts(BEFORE, GOOD, replace(AFTER, crm=[ANA, BLAS, CLOE]))


def test_both_sides_are_read_to_the_same_person() -> None:
    google = {
        "names": [{"givenName": "Ana", "familyName": "Ruiz"}],
        "emailAddresses": [{"value": "ana@x.example"}],
        "phoneNumbers": [{"value": "600"}],
    }
    row = ("Ana", "Ruiz", "ana@x.example", "", None, "600", "")
    assert crm_people([row]) == google_people([google]) == [ANA]


def test_name_that_the_crm_made_of_the_mailbox_is_none() -> None:
    row = ("", "ventas@x.example", "ventas@x.example", None, None, None, None)
    assert crm_people([row]) == google_people([{"emailAddresses": [{"value": "ventas@x.example"}]}])
