"""connections.list: pages, sync tokens, their seven days, and lists that lag behind writes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.simulator.conftest import CONTACTS_SCOPE, document
from tests.simulator.persons import LUCIA, create, edit, named, names, pages, refusal

DAY_S = 86_400


@pytest.fixture
def later(sim: Any, connect: Callable[..., Any]) -> Callable[[float], Any]:
    """Move the clock; the API in the hands of somebody whose access token still lives then."""

    def later(seconds: float) -> Any:
        sim.post("clock", advance_s=seconds)
        return connect(scopes=(CONTACTS_SCOPE,), discovery=document("people.v1")).people()

    return later


def full(people: Any, **query: Any) -> str:
    token: str = pages(people, **query)[-1]["nextSyncToken"]
    return token


def test_pages_hold_everyone_once_and_the_last_has_the_sync_token(people: Any, sim: Any) -> None:
    made = [edit(sim, "create", **named(f"N{number}"))["resourceName"] for number in range(5)]
    found = pages(people, pageSize=2)
    assert [len(page["connections"]) for page in found] == [2, 2, 1]
    assert sorted(names(*found)) == sorted(made)
    assert ["nextSyncToken" in page for page in found] == [False, False, True]
    assert found[0]["totalItems"] == 5


def test_a_sync_token_comes_only_where_asked_for(people: Any) -> None:
    assert "nextSyncToken" not in pages(people, requestSyncToken=False)[-1]


@pytest.mark.parametrize("size", [-1, 1001])
def test_page_sizes_have_limits(people: Any, size: int) -> None:
    with pytest.raises(HttpError) as error:
        pages(people, pageSize=size)
    assert refusal(error)[:2] == (400, "INVALID_ARGUMENT")


def test_an_increment_has_the_last_state_of_what_changed_and_who_was_deleted(people: Any, sim: Any) -> None:
    one, two, _ = (edit(sim, "create", **named(f"N{n}"))["resourceName"] for n in range(3))
    token = full(people)
    edit(sim, "update", one, **named("Uno"))
    edit(sim, "update", one, **named("Ein"))
    edit(sim, "delete", two)
    [page] = pages(people, syncToken=token)
    changed, deleted = page["connections"]
    assert (changed["resourceName"], changed["names"][0]["givenName"]) == (one, "Ein")
    assert (deleted["resourceName"], deleted["metadata"]["deleted"]) == (two, True)
    assert "names" not in deleted
    assert names(*pages(people, syncToken=page["nextSyncToken"])) == []
    assert two not in names(*pages(people))


def test_increments_are_paged_and_changes_meanwhile_come_next(people: Any, sim: Any) -> None:
    token = full(people, pageSize=2)
    made = [edit(sim, "create", **named(f"N{number}"))["resourceName"] for number in range(3)]
    query = {"resourceName": "people/me", "personFields": "names,metadata", "requestSyncToken": True}
    query |= {"syncToken": token, "pageSize": 2}
    first = people.connections().list(**query).execute()
    edit(sim, "update", made[2], **named("Cambiado"))
    second = people.connections().list(pageToken=first["nextPageToken"], **query).execute()
    assert second["connections"][0]["names"][0]["givenName"] == "N2"
    assert names(*pages(people, syncToken=second["nextSyncToken"], pageSize=2)) == [made[2]]


def test_a_changed_resource_name_comes_with_the_former_ones(people: Any, sim: Any) -> None:
    old = create(people)["resourceName"]
    token = full(people)
    middle = sim.post("rename-person", email=LUCIA, resource_name=old)["resourceName"]
    new = sim.post("rename-person", email=LUCIA, resource_name=middle)["resourceName"]
    [page] = pages(people, syncToken=token)
    [person] = page["connections"]
    assert person["resourceName"] == new
    assert person["metadata"]["previousResourceNames"] == [old, middle]
    [person] = pages(people)[0]["connections"]
    assert "previousResourceNames" not in person["metadata"]


@pytest.mark.parametrize(
    "query", [{"personFields": "names"}, {"sources": "READ_SOURCE_TYPE_CONTACT"}, {"pageSize": 7}]
)
def test_other_parameters_than_at_first_are_refused(people: Any, query: dict[str, Any]) -> None:
    token = full(people)
    with pytest.raises(HttpError) as error:
        pages(people, syncToken=token, **query)
    assert refusal(error)[:2] == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("status", ["400", "410"])
def test_a_token_lives_seven_days_from_the_full_sync(
    people: Any, sim: Any, later: Callable[[float], Any], status: str
) -> None:
    sim.post("switches", people_expired_status=status)
    token = full(people)
    token = full(later(4 * DAY_S), syncToken=token)
    people = later(4 * DAY_S)
    with pytest.raises(HttpError) as error:
        pages(people, syncToken=token)
    assert refusal(error) == (int(status), "FAILED_PRECONDITION", ["EXPIRED_SYNC_TOKEN"])
    assert error.value.reason.startswith("Sync token is expired")
    assert names(*pages(people, syncToken=full(people))) == []


@pytest.mark.parametrize("body", [{}, {"email": LUCIA}])
def test_tokens_can_be_made_to_expire(people: Any, sim: Any, body: dict[str, str]) -> None:
    token = full(people)
    sim.post("expire-sync-tokens", **body)
    with pytest.raises(HttpError) as error:
        pages(people, syncToken=token)
    assert refusal(error)[2] == ["EXPIRED_SYNC_TOKEN"]


def test_garbage_is_no_expired_token(people: Any) -> None:
    with pytest.raises(HttpError) as error:
        pages(people, syncToken="garbage")
    assert refusal(error) == (400, "INVALID_ARGUMENT", [])


def test_lists_lag_behind_writes_and_single_people_do_not(
    people: Any, sim: Any, later: Callable[[float], Any]
) -> None:
    token = full(people)
    sim.post("switches", people_delay_s=300)
    made = create(people)["resourceName"]
    assert people.get(resourceName=made, personFields="names").execute()["resourceName"] == made
    assert names(*pages(people), *pages(people, syncToken=token)) == []
    people = later(301)
    assert names(*pages(people, syncToken=token)) == [made]


def test_a_delete_too_comes_late(people: Any, sim: Any, later: Callable[[float], Any]) -> None:
    made = create(people)["resourceName"]
    sim.post("switches", people_delay_s=300)
    edit(sim, "delete", made)
    assert names(*pages(people)) == [made]
    assert names(*pages(later(301))) == []


def test_single_people_lag_too_where_switched(people: Any, sim: Any) -> None:
    sim.post("switches", people_delay_s=300, people_delay_gets=True)
    made = create(people)["resourceName"]
    with pytest.raises(HttpError) as error:
        people.get(resourceName=made, personFields="names").execute()
    assert error.value.status_code == 404


def test_out_of_order_no_write_is_lost_and_no_older_state_wins(
    people: Any, sim: Any, later: Callable[[float], Any]
) -> None:
    token = full(people)
    sim.post("switches", people_delay_s=300, people_delay_random=True)
    made = [edit(sim, "create", **named(f"N{number}"))["resourceName"] for number in range(8)]
    for number, name in enumerate(made):
        edit(sim, "update", name, **named(f"M{number}"))
    seen: dict[str, str] = {}
    for _ in range(5):
        people = later(61)
        found = pages(people, syncToken=token)
        token = found[-1]["nextSyncToken"]
        seen |= {
            p["resourceName"]: p["names"][0]["givenName"]
            for page in found
            for p in page.get("connections", ())
        }
    assert seen == {name: f"M{number}" for number, name in enumerate(made)}


def test_a_mirror_kept_by_increments_equals_the_full_list(
    people: Any, sim: Any, later: Callable[[float], Any]
) -> None:
    chance = random.Random(7)
    sim.post("switches", page_size_cap=3, people_delay_s=240, people_delay_random=True)
    mirror: dict[str, Any] = {}
    living: list[str] = []
    token = full(people)

    def keep(found: list[Any]) -> str:
        for person in (person for page in found for person in page.get("connections", ())):
            for former in person["metadata"].pop("previousResourceNames", ()):
                mirror.pop(former, None)
            mirror[person["resourceName"]] = person
        return str(found[-1]["nextSyncToken"])

    for step in range(60):
        kind = chance.choice(["create", "update", "delete", "rename", "sync"])
        name = chance.choice(living) if living else ""
        if kind == "create":
            living.append(edit(sim, "create", **named(f"N{step}"))["resourceName"])
        elif kind == "sync":
            people = later(30)
            token = keep(pages(people, syncToken=token))
        elif kind == "rename" and name:
            renamed = sim.post("rename-person", email=LUCIA, resource_name=name)["resourceName"]
            living[living.index(name)] = renamed
        elif name:
            edit(sim, kind, name, **(named(f"M{step}") if kind == "update" else {}))
            if kind == "delete":
                living.remove(name)
    people = later(241)
    keep(pages(people, syncToken=token))
    whole = {person["resourceName"]: person for page in pages(people) for person in page["connections"]}
    kept = {name: person for name, person in mirror.items() if "deleted" not in person["metadata"]}
    assert kept == whole
    assert sorted(whole) == sorted(living)


def test_the_first_page_of_a_full_sync_has_a_quota_of_its_own(
    people: Any, sim: Any, later: Callable[[float], Any]
) -> None:
    sim.post("switches", people_full_syncs=1)
    token = full(people)
    with pytest.raises(HttpError) as error:
        pages(people)
    assert refusal(error) == (429, "RESOURCE_EXHAUSTED", ["RATE_LIMIT_EXCEEDED"])
    pages(people, syncToken=token)
    pages(later(61))
