"""The user's own choice of which CRM field stands for which place in a Google contact."""

from __future__ import annotations

import json

import pytest

from plugin.core.contact import Kind, Slot
from plugin.core.mapping.contact_mapping import (
    DEFAULT_CHOICE,
    FIXED_SLOTS,
    ContactMapping,
    ProblemCode,
    choice_from_crm_settings,
    choice_from_json,
    in_force,
    json_from_choice,
    problems_of,
    slot_from_crm_setting,
)
from tests.contact_builders import contact_fields

FAX, SITE = Slot("fax", Kind.PHONE, "workFax"), Slot("cf_855", Kind.URL, "homePage")
NICKNAME = Slot("cf_853", Kind.CUSTOM, "Apodo")


def test_default_table_is_a_valid_choice() -> None:
    assert problems_of(DEFAULT_CHOICE, contact_fields()) == []
    assert in_force(None, contact_fields()) == (ContactMapping(), ())


def test_other_places_custom_fields_and_own_labels_can_be_chosen() -> None:
    choice = (Slot("email", Kind.EMAIL, "work"), Slot("phone", Kind.PHONE, "Centralita"), FAX, SITE, NICKNAME)

    assert problems_of(choice, contact_fields()) == []
    assert in_force(choice, contact_fields())[0].slots == FIXED_SLOTS + choice


@pytest.mark.parametrize(
    ("choice", "codes"),
    [
        ([Slot("cf_999", Kind.CUSTOM, "Apodo")], [ProblemCode.UNKNOWN_FIELD]),
        ([Slot("phone", Kind.EMAIL, "work")], [ProblemCode.WRONG_KIND]),
        ([Slot("cf_853", Kind.PHONE, "work")], [ProblemCode.WRONG_KIND]),
        ([Slot("mailingaddress", Kind.CUSTOM, "Casa")], [ProblemCode.WRONG_KIND]),
        ([Slot("email", Kind.ADDRESS, "home")], [ProblemCode.WRONG_KIND]),
        ([Slot("email", Kind.NAME, "middleName")], [ProblemCode.WRONG_KIND]),
        ([Slot("email", Kind.EMAIL, " ")], [ProblemCode.NO_TYPE]),
        ([FAX, Slot("fax", Kind.PHONE, "homeFax")], [ProblemCode.FIELD_TWICE]),
        ([Slot("lastname", Kind.CUSTOM, "Apellido")], [ProblemCode.FIELD_TWICE]),
        (
            [Slot("mailingaddress", Kind.ADDRESS, "home"), Slot("mailingcity", Kind.CUSTOM, "Ciudad")],
            [ProblemCode.FIELD_TWICE],
        ),
        (
            [Slot("email", Kind.EMAIL, "Trabajo"), Slot("secondaryemail", Kind.EMAIL, "trabajo")],
            [ProblemCode.PLACE_TWICE],
        ),
    ],
)
def test_wrong_choice_is_told_row_by_row(choice: list[Slot], codes: list[ProblemCode]) -> None:
    assert [(p.code, p.slot) for p in problems_of(choice, contact_fields())] == [
        (code, choice[-1]) for code in codes
    ]


def test_field_that_vanished_rests_until_it_is_back() -> None:
    choice = (FAX, NICKNAME)

    mapping, resting = in_force(choice, contact_fields(without=("cf_853",)))

    assert (mapping.slots, resting) == ((*FIXED_SLOTS, FAX), (NICKNAME,))
    assert in_force(choice, contact_fields())[1] == ()


def test_address_without_its_street_rests() -> None:
    _, resting = in_force(None, contact_fields(without=("otherstreet",)))

    assert [slot.crm_field for slot in resting] == ["otheraddress"]


def test_choice_comes_back_from_json() -> None:
    choice = (FAX, SITE, NICKNAME)

    assert choice_from_json(json.loads(json.dumps(json_from_choice(choice)))) == choice


@pytest.mark.parametrize(
    ("row", "slot"),
    [
        (("email", "gd:email", "home", ""), Slot("email", Kind.EMAIL, "home")),
        (("fax", "gd:phoneNumber", "work_fax", ""), FAX),
        (("phone", "gd:phoneNumber", "custom", " Centralita "), Slot("phone", Kind.PHONE, "Centralita")),
        (("mailingaddress", "gd:structuredPostalAddress", "home", ""), DEFAULT_CHOICE[5]),
        (("cf_855", "gContact:website", "home-page", ""), SITE),
        (("cf_853", "gContact:userDefinedField", "", "Apodo"), NICKNAME),
        (("firstname", "gd:givenName", "", ""), None),
        (("cf_857", "gContact:event", "anniversary", ""), None),
    ],
)
def test_settings_of_the_crm_s_own_module_are_understood(row: tuple[str, ...], slot: Slot | None) -> None:
    assert slot_from_crm_setting(*row) == slot


def test_user_s_choice_in_the_crm_s_own_window_is_taken_over() -> None:
    rows = [
        ("email", "gd:email", "custom", "Personal"),
        ("fax", "gd:phoneNumber", "work_fax", ""),
        ("firstname", "gd:givenName", "", ""),
    ]

    choice = choice_from_crm_settings(rows)

    assert choice == (Slot("email", Kind.EMAIL, "Personal"), *DEFAULT_CHOICE[1:], FAX)
    assert problems_of(choice, contact_fields()) == []
    assert choice_from_crm_settings([]) is None
