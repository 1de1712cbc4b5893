"""Single contacts: reading, writing, masks, etags."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.simulator.conftest import CALENDAR_SCOPE, document
from tests.simulator.persons import create, edit, named, read, refusal, source, update


def test_a_new_contact_has_what_google_adds(people: Any) -> None:
    made = create(
        people,
        **named(" Ana ", "Pérez López"),
        phoneNumbers=[{"value": "612 345 678", "type": "mobile"}, {"value": "", "type": "work"}],
        emailAddresses=[{"value": "ana@fuera.example", "type": "work"}],
    )
    assert re.fullmatch(r"people/c\d+", made["resourceName"])
    assert source(made).keys() == {"type", "id", "etag", "updateTime"}
    [name] = made["names"]
    assert (name["givenName"], name["displayName"]) == ("Ana", "Ana Pérez López")
    assert name["metadata"] == {"primary": True, "source": {"type": "CONTACT", "id": source(made)["id"]}}
    [phone] = made["phoneNumbers"]
    assert (phone["canonicalForm"], phone["formattedType"]) == ("+34612345678", "Mobile")
    [membership] = made["memberships"]
    assert membership["contactGroupMembership"]["contactGroupResourceName"] == "contactGroups/myContacts"
    assert read(people, made["resourceName"]) == made


def test_the_same_contact_twice_is_two_contacts(people: Any) -> None:
    assert create(people)["resourceName"] != create(people)["resourceName"]


def test_only_the_fields_asked_for_are_told(people: Any) -> None:
    made = create(people)
    assert read(people, made["resourceName"], "names").keys() == {"resourceName", "etag", "names"}


def test_every_write_gives_new_etags(people: Any) -> None:
    made = create(people)
    changed = update(people, made, "names", **named("Eva"))
    assert changed["etag"] != made["etag"]
    assert source(changed)["etag"] != source(made)["etag"]
    assert source(changed)["id"] == source(made)["id"]


def test_masked_fields_are_replaced_whole_and_others_stay(people: Any) -> None:
    two = [{"value": "1111111"}, {"value": "2222222"}]
    made = create(people, **named(), phoneNumbers=two, emailAddresses=[{"value": "a@b.example"}])
    changed = update(people, made, "phoneNumbers,names", phoneNumbers=[{"value": "3333333"}])
    assert [phone["value"] for phone in changed["phoneNumbers"]] == ["3333333"]
    assert "names" not in changed
    assert [mail["value"] for mail in changed["emailAddresses"]] == ["a@b.example"]


def test_a_stale_etag_is_a_failed_precondition(people: Any, sim: Any) -> None:
    made = create(people)
    edit(sim, "update", made["resourceName"], **named("Eva"))
    with pytest.raises(HttpError) as error:
        update(people, made, "names", **named("Mía"))
    assert refusal(error) == (400, "FAILED_PRECONDITION", [])
    assert "Request person.etag is different" in error.value.reason
    assert read(people, made["resourceName"])["names"][0]["givenName"] == "Eva"


@pytest.mark.parametrize(("body", "outcome"), [("etag", 200), ("source without etag", 400), ("nothing", 400)])
def test_an_update_names_what_it_has_read(people: Any, body: str, outcome: int) -> None:
    made = create(people)
    said = {
        "etag": {"etag": made["etag"]},
        "source without etag": {"metadata": {"sources": [{"type": "CONTACT"}]}},
        "nothing": {},
    }[body]
    request = people.updateContact(
        resourceName=made["resourceName"], updatePersonFields="names", body=named("Eva") | said
    )
    if outcome == 200:
        assert request.execute()["names"][0]["givenName"] == "Eva"
        return
    with pytest.raises(HttpError) as error:
        request.execute()
    assert refusal(error)[:2] == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    "body",
    [
        named(biographies=[{"value": "a"}, {"value": "b"}]),
        named(birthdays=[{"text": "1"}, {"text": "2"}]),
        named(photos=[{"url": "x"}]),
        named(hairColour=[]),
        named(phoneNumbers=[{"number": "1"}]),
        named(phoneNumbers={"value": "1"}),
        named(memberships=[{"contactGroupMembership": {"contactGroupResourceName": "contactGroups/no"}}]),
    ],
    ids=["two biographies", "two birthdays", "photo", "unknown", "unknown inside", "no list", "no group"],
)
def test_what_no_contact_may_hold_is_refused(people: Any, sim: Any, body: dict[str, Any]) -> None:
    with pytest.raises(HttpError) as error:
        people.createContact(body=body).execute()
    assert refusal(error)[:2] == (400, "INVALID_ARGUMENT")
    assert sim.get("state")["contacts"]["lucia@empresa.example"]["people"] == []


@pytest.mark.parametrize(("mask", "word"), [("", "required"), ("names,shoeSize", "shoeSize")])
def test_a_mask_must_name_known_fields(people: Any, mask: str, word: str) -> None:
    made = create(people)
    with pytest.raises(HttpError) as error:
        read(people, made["resourceName"], mask)
    assert refusal(error)[:2] == (400, "INVALID_ARGUMENT")
    assert word in error.value.reason


def test_read_only_fields_are_no_update_mask(people: Any) -> None:
    made = create(people)
    with pytest.raises(HttpError) as error:
        update(people, made, "photos")
    assert error.value.status_code == 400


def test_a_contact_is_never_without_a_group(people: Any) -> None:
    made = create(people)
    with pytest.raises(HttpError) as error:
        update(people, made, "memberships")
    assert error.value.status_code == 400


def test_a_deleted_contact_is_gone(people: Any) -> None:
    made = create(people)
    assert people.deleteContact(resourceName=made["resourceName"]).execute() == {}
    for act in (
        lambda: read(people, made["resourceName"]),
        lambda: update(people, made, "names", **named()),
        lambda: people.deleteContact(resourceName=made["resourceName"]).execute(),
    ):
        with pytest.raises(HttpError) as error:
            act()
        assert refusal(error)[:2] == (404, "NOT_FOUND")


def test_a_renamed_contact_is_found_under_its_old_name(people: Any, sim: Any) -> None:
    made = create(people)
    renamed = sim.post("rename-person", email="lucia@empresa.example", resource_name=made["resourceName"])
    found = read(people, made["resourceName"])
    assert found["resourceName"] == renamed["resourceName"] != made["resourceName"]
    assert "previousResourceNames" not in found["metadata"]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"names": [{"unstructuredName": "Ana María Gil"}]}, ("givenName", "Ana María")),
        ({"names": [{"honorificPrefix": "Dra.", "familyName": "Gil"}]}, ("displayName", "Dra. Gil")),
        ({"names": [{"givenName": "A", "familyName": "B"}]}, ("displayNameLastFirst", "B, A")),
        ({"phoneNumbers": [{"value": "+49 30 1234567"}]}, ("canonicalForm", "+49301234567")),
        ({"phoneNumbers": [{"value": "1", "type": "Oficina"}]}, ("formattedType", "Oficina")),
        ({"addresses": [{"city": "León", "postalCode": "24001"}]}, ("formattedValue", "24001 León")),
        ({"addresses": [{"city": "León", "formattedValue": "x"}]}, ("formattedValue", "x")),
        ({"biographies": [{"value": "a\nb"}]}, ("contentType", "TEXT_PLAIN")),
        ({"birthdays": [{"date": {"month": 2, "day": 29}}]}, ("text", "2/29")),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value[0]),
)
def test_google_computes(people: Any, item: dict[str, Any], expected: tuple[str, str]) -> None:
    [field] = item
    made = people.createContact(body=item, personFields=field).execute()
    assert made[field][0][expected[0]] == expected[1]


def test_the_default_among_several_is_the_one_chosen(people: Any) -> None:
    chosen = {"value": "2222222", "metadata": {"sourcePrimary": True}}
    made = create(people, **named(), phoneNumbers=[{"value": "1111111"}, chosen])
    marks = [
        (phone["metadata"].get("primary"), phone["metadata"].get("sourcePrimary"))
        for phone in made["phoneNumbers"]
    ]
    assert marks == [(None, None), (True, True)]


def test_the_calendar_scope_opens_no_contacts(connect: Callable[..., Any], sim: Any) -> None:
    people = connect(scopes=(CALENDAR_SCOPE,), discovery=document("people.v1")).people()
    with pytest.raises(HttpError) as error:
        read(people, "people/c1")
    assert refusal(error) == (403, "PERMISSION_DENIED", ["ACCESS_TOKEN_SCOPE_INSUFFICIENT"])


def test_the_people_api_has_a_batch_endpoint_too(contacts: Any, people: Any) -> None:
    made, answers = create(people), []
    batch = contacts.new_batch_http_request(
        callback=lambda _id, answer, error: answers.append((answer, error))
    )
    for name in (made["resourceName"], "people/c0"):
        batch.add(people.get(resourceName=name, personFields="names"))
    batch.execute()
    assert answers[0][0]["resourceName"] == made["resourceName"]
    assert answers[1][1].status_code == 404
