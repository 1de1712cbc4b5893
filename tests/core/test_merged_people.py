"""Who was put into whom."""

from __future__ import annotations

import pytest

from plugin.core.contact_matching import Likeness, likeness_of
from plugin.core.merged_people import LivingPeople, LivingPerson

ANA = likeness_of("Ana Ruiz", ["ana@casa.example"], ["+34 600 000 001"], [])
NOBODY = Likeness()


def about(name: str = "", *, email: str = "", phone: str = "") -> Likeness:
    return likeness_of(name, [email], [phone], [])


def successor(gone: Likeness, people: list[LivingPerson]) -> str | None:
    return LivingPeople(people).find_successor(gone)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        pytest.param(about("Luz Gil", email="ANA@casa.example"), about("Luz Gil"), id="has got the e-mail"),
        pytest.param(about("Luz Gil", phone="600000001"), about("Luz Gil"), id="has got the phone"),
        pytest.param(
            about("Ana", email="ana@casa.example"), about("Ana", email="ana@casa.example"), id="had it"
        ),
        pytest.param(about("Ana Ruiz"), about("Ana Ruiz"), id="same full name"),
        pytest.param(about("A Ruiz", email="ana@casa.example"), None, id="new, same mailbox"),
    ],
)
def test_person_that_took_somebody_in_is_found(now: Likeness, before: Likeness | None) -> None:
    assert (
        successor(ANA, [LivingPerson("other", NOBODY, NOBODY), LivingPerson("heir", now, before)]) == "heir"
    )


@pytest.mark.parametrize(
    ("now", "before"),
    [
        pytest.param(about("Luz Gil"), about("Luz"), id="nothing in common"),
        pytest.param(
            about("Luz Ruiz", phone="600000001"), about("Luz Ruiz", phone="600000001"), id="a family"
        ),
        pytest.param(about("Luz Gil", email="ana@casa.example"), None, id="new, of another name"),
        pytest.param(about("Ana Ruiz"), None, id="new, the name alone"),
    ],
)
def test_person_with_too_little_in_common_is_nobody_s_heir(now: Likeness, before: Likeness | None) -> None:
    assert successor(ANA, [LivingPerson("other", now, before)]) is None


def test_extension_proves_nothing() -> None:
    gone = about("Ana Ruiz", phone="910")

    assert successor(gone, [LivingPerson("other", about("Luz", phone="910"), about("Luz"))]) is None


def test_nobody_is_the_heir_of_who_has_nothing() -> None:
    assert successor(NOBODY, [LivingPerson("other", NOBODY, NOBODY)]) is None


def test_who_has_got_the_e_mail_is_preferred_to_a_namesake() -> None:
    namesake = LivingPerson("namesake", about("Ana Ruiz"), about("Ana Ruiz"))
    heir = LivingPerson("heir", about("Luz", email="ana@casa.example"), about("Luz"))

    assert successor(ANA, [namesake, heir]) == "heir"


def test_who_may_live_on_in_somebody_new_is_in_doubt() -> None:
    new = about("Luz Gil", email="ana@casa.example")

    assert LivingPeople([LivingPerson("new", new)]).may_have(ANA)
    assert not LivingPeople([LivingPerson("known", new, new)]).may_have(ANA)


def test_who_has_not_changed_needs_more_than_the_name() -> None:
    namesake = LivingPerson("other", about("Ana Ruiz"), about("Ana Ruiz"), has_changed=False)
    double = about("Ana Ruiz", email="ana@casa.example")

    assert successor(ANA, [namesake]) is None
    assert successor(ANA, [namesake, LivingPerson("double", double, double, has_changed=False)]) == "double"
