"""batchGet, batchCreateContacts, batchUpdateContacts, batchDeleteContacts."""

from __future__ import annotations

from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.simulator.persons import create, edit, named, read, refusal, source

MASK = "names,metadata"


def create_many(people: Any, bodies: list[dict[str, Any]], mask: str = MASK) -> Any:
    contacts = [{"contactPerson": body} for body in bodies]
    body = {"contacts": contacts} | ({"readMask": mask} if mask else {})
    return people.batchCreateContacts(body=body).execute()


def update_many(people: Any, *persons: dict[str, Any], mask: str = MASK, **fields: Any) -> Any:
    contacts = {p["resourceName"]: {"metadata": {"sources": [source(p)]}, **fields} for p in persons}
    body = {"contacts": contacts, "updateMask": "names"} | ({"readMask": mask} if mask else {})
    return people.batchUpdateContacts(body=body).execute()


def codes(answers: Any) -> list[tuple[int, int]]:
    return [(answer["httpStatusCode"], answer["status"].get("code", 0)) for answer in answers]


def stored(sim: Any) -> list[Any]:
    people = sim.get("state")["contacts"]["lucia@empresa.example"]["people"]
    return [person for person in people if "deleted" not in person["metadata"]]


def test_batch_get_answers_each_name_in_order(people: Any) -> None:
    made = create(people)
    request = people.getBatchGet(resourceNames=["people/c1", made["resourceName"]], personFields="names")
    unknown, found = request.execute()["responses"]
    assert (unknown["requestedResourceName"], unknown["status"]["code"]) == ("people/c1", 5)
    assert "person" not in unknown
    assert found["person"]["resourceName"] == found["requestedResourceName"] == made["resourceName"]


def test_two_hundred_names_do_not_fit_an_address(people: Any) -> None:
    made = create(people)["resourceName"]
    wanted = [made, *(f"people/c{number}" for number in range(199))]
    answers = people.getBatchGet(resourceNames=wanted, personFields="names").execute()["responses"]
    assert [answer["requestedResourceName"] for answer in answers] == wanted


def test_batch_get_of_a_renamed_contact_tells_both_names(people: Any, sim: Any) -> None:
    old = create(people)["resourceName"]
    new = sim.post("rename-person", email="lucia@empresa.example", resource_name=old)["resourceName"]
    [answer] = people.getBatchGet(resourceNames=[old], personFields="names").execute()["responses"]
    assert (answer["requestedResourceName"], answer["person"]["resourceName"]) == (old, new)


@pytest.mark.parametrize("kind", ["get", "create", "update", "delete"])
@pytest.mark.parametrize("count", [0, "one too many"])
def test_batches_have_limits(people: Any, sim: Any, kind: str, count: Any) -> None:
    most = 500 if kind == "delete" else 200
    names = [f"people/c{number}" for number in range(0 if count == 0 else most + 1)]
    requests = {
        "get": people.getBatchGet(resourceNames=names or ["people/c1"] * 201, personFields="names"),
        "create": people.batchCreateContacts(
            body={"contacts": [{"contactPerson": named()} for _ in names], "readMask": MASK}
        ),
        "update": people.batchUpdateContacts(
            body={"contacts": {name: named() for name in names}, "updateMask": "names", "readMask": MASK}
        ),
        "delete": people.batchDeleteContacts(body={"resourceNames": names}),
    }
    with pytest.raises(HttpError) as error:
        requests[kind].execute()
    assert refusal(error)[:2] == (400, "INVALID_ARGUMENT")
    assert stored(sim) == []


def test_batch_create_answers_each_in_order(people: Any, sim: Any) -> None:
    answer = create_many(people, [named("Ana"), named(hairColour=[]), named("Eva")])
    assert codes(answer["createdPeople"]) == [(200, 0), (400, 3), (200, 0)]
    assert [a["person"]["names"][0]["givenName"] for a in answer["createdPeople"] if "person" in a] == [
        "Ana",
        "Eva",
    ]
    assert len(stored(sim)) == 2


def test_without_a_read_mask_nothing_is_told_but_all_is_done(people: Any, sim: Any) -> None:
    assert create_many(people, [named()], mask="") == {}
    [person] = stored(sim)
    assert update_many(people, person, mask="", **named("Eva")) == {}
    assert stored(sim)[0]["names"][0]["givenName"] == "Eva"


def test_batch_update_tells_each_persons_fate(people: Any, sim: Any) -> None:
    fine, stale, gone = (create(people) for _ in range(3))
    edit(sim, "update", stale["resourceName"], **named("Otra"))
    edit(sim, "delete", gone["resourceName"])
    result = update_many(people, fine, stale, gone, **named("Eva"))["updateResult"]
    names = [person["resourceName"] for person in (fine, stale, gone)]
    assert codes(result[name] for name in names) == [(200, 0), (400, 9), (404, 5)]
    assert read(people, names[0])["names"][0]["givenName"] == "Eva"
    assert read(people, names[1])["names"][0]["givenName"] == "Otra"


def test_one_stale_etag_refuses_the_whole_batch_where_switched(people: Any, sim: Any) -> None:
    sim.post("switches", people_batch="whole")
    fine, stale = create(people), create(people)
    edit(sim, "update", stale["resourceName"], **named("Otra"))
    with pytest.raises(HttpError) as error:
        update_many(people, fine, stale, **named("Eva"))
    assert refusal(error)[:2] == (400, "FAILED_PRECONDITION")
    assert read(people, fine["resourceName"]) == fine
    with pytest.raises(HttpError):
        create_many(people, [named(), named(hairColour=[])])
    assert len(stored(sim)) == 2


@pytest.mark.parametrize("switch", ["404", "ignore"])
def test_batch_delete_with_an_unknown_name(people: Any, sim: Any, switch: str) -> None:
    sim.post("switches", people_delete_missing=switch)
    doomed = [create(people)["resourceName"] for _ in range(2)]
    request = people.batchDeleteContacts(body={"resourceNames": [*doomed, "people/c1"]})
    if switch == "ignore":
        assert request.execute() == {}
        assert stored(sim) == []
        return
    with pytest.raises(HttpError) as error:
        request.execute()
    assert refusal(error)[:2] == (404, "NOT_FOUND")
    assert len(stored(sim)) == 2
