"""Contact groups: labels and who bears them."""

from __future__ import annotations

from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.simulator.persons import LUCIA, create, edit, named, names, pages, read, refusal

MINE = "contactGroups/myContacts"


@pytest.fixture
def groups(contacts: Any) -> Any:
    return contacts.contactGroups()


@pytest.fixture
def members(groups: Any) -> Any:
    return groups.members()


def label(groups: Any, name: str = "Clientes") -> str:
    made: str = groups.create(body={"contactGroup": {"name": name}}).execute()["resourceName"]
    return made


def modify(members: Any, group: str, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> Any:
    body = {"resourceNamesToAdd": list(add), "resourceNamesToRemove": list(remove)}
    return members.modify(resourceName=group, body=body).execute()


def bears(people: Any, person: str) -> list[str]:
    memberships = read(people, person)["memberships"]
    return [item["contactGroupMembership"]["contactGroupResourceName"] for item in memberships]


def test_the_list_holds_googles_own_and_the_users(groups: Any, people: Any) -> None:
    made = label(groups)
    create(people)
    found = {g["resourceName"]: g for g in groups.list().execute()["contactGroups"]}
    assert found[made]["name"] == "Clientes"
    assert found[made]["groupType"] == "USER_CONTACT_GROUP"
    assert found[MINE]["groupType"] == "SYSTEM_CONTACT_GROUP"
    assert (found[MINE]["memberCount"], found[made]["memberCount"]) == (1, 0)


def test_the_list_comes_in_pages_and_increments(groups: Any) -> None:
    first = groups.list(pageSize=5).execute()
    last = groups.list(pageSize=5, pageToken=first["nextPageToken"]).execute()
    assert (len(first["contactGroups"]), "nextSyncToken" in first) == (5, False)
    made = label(groups)
    groups.delete(resourceName=made).execute()
    [gone] = groups.list(syncToken=last["nextSyncToken"]).execute()["contactGroups"]
    assert (gone["resourceName"], gone["metadata"]["deleted"]) == (made, True)


def test_a_taken_name_is_refused(groups: Any) -> None:
    label(groups)
    with pytest.raises(HttpError) as error:
        label(groups, " clientes ")
    assert refusal(error)[:2] == (409, "ALREADY_EXISTS")


def test_a_label_is_renamed_and_deleted_but_not_googles_own(groups: Any) -> None:
    made = label(groups)
    body = {"contactGroup": {"name": "Socios"}}
    assert groups.update(resourceName=made, body=body).execute()["name"] == "Socios"
    groups.delete(resourceName=made).execute()
    with pytest.raises(HttpError) as error:
        groups.get(resourceName=made).execute()
    assert error.value.status_code == 404
    with pytest.raises(HttpError) as error:
        groups.delete(resourceName=MINE).execute()
    assert error.value.status_code == 400


def test_joining_and_leaving_changes_the_person(groups: Any, members: Any, people: Any) -> None:
    made, person = label(groups), create(people)
    token = pages(people)[-1]["nextSyncToken"]
    assert modify(members, made, add=(person["resourceName"],)) == {}
    assert bears(people, person["resourceName"]) == [MINE, made]
    assert names(*pages(people, syncToken=token)) == [person["resourceName"]]
    told = groups.get(resourceName=made, maxMembers=10).execute()
    assert (told["memberCount"], told["memberResourceNames"]) == (1, [person["resourceName"]])
    modify(members, made, remove=(person["resourceName"],))
    assert bears(people, person["resourceName"]) == [MINE]


def test_who_is_unknown_or_in_the_last_group_is_told(members: Any, people: Any) -> None:
    person = create(people)["resourceName"]
    assert modify(members, MINE, add=("people/c1",), remove=(person,)) == {
        "notFoundResourceNames": ["people/c1"],
        "canNotRemoveLastContactGroupResourceNames": [person],
    }
    assert bears(people, person) == [MINE]


@pytest.mark.parametrize(
    ("group", "count", "status"),
    [("contactGroups/friends", 1, 400), ("contactGroups/unknown", 1, 404), (MINE, 1001, 400)],
)
def test_members_that_can_not_be_modified(members: Any, group: str, count: int, status: int) -> None:
    with pytest.raises(HttpError) as error:
        modify(members, group, add=tuple(f"people/c{n}" for n in range(count)))
    assert error.value.status_code == status


@pytest.mark.parametrize("with_contacts", [False, True])
def test_deleting_a_label_spares_its_people_unless_told(
    groups: Any, sim: Any, people: Any, *, with_contacts: bool
) -> None:
    made = label(groups)
    only = [{"contactGroupMembership": {"contactGroupResourceName": made}}]
    person = edit(sim, "create", **named(), memberships=only)["resourceName"]
    groups.delete(resourceName=made, deleteContacts=with_contacts).execute()
    if not with_contacts:
        assert bears(people, person) == [MINE]
        return
    with pytest.raises(HttpError):
        read(people, person)


def test_labels_are_edited_from_outside_too(sim: Any, people: Any) -> None:
    person = create(people)["resourceName"]
    made = sim.post("edit-group", email=LUCIA, label="Socios")["resourceName"]
    sim.post("edit-group", email=LUCIA, resource_name=made, add=[person])
    assert bears(people, person) == [MINE, made]
    sim.post("edit-group", email=LUCIA, resource_name=made, remove=[person])
    assert bears(people, person) == [MINE]
