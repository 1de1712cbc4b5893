"""Bodies of contacts and short ways to write them, for the tests of the People API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from googleapiclient.errors import HttpError

LUCIA = "lucia@empresa.example"
FIELDS = "names,emailAddresses,phoneNumbers,memberships,metadata"


def named(given: str = "Ana", family: str = "Pérez", **more: Any) -> dict[str, Any]:
    return {"names": [{"givenName": given, "familyName": family}], **more}


def create(people: Any, **body: Any) -> dict[str, Any]:
    return dict(people.createContact(body=body or named(), personFields=FIELDS).execute())


def source(person: dict[str, Any]) -> dict[str, Any]:
    [found] = [s for s in person["metadata"]["sources"] if s["type"] == "CONTACT"]
    return dict(found)


def read(people: Any, name: str, fields: str = FIELDS) -> dict[str, Any]:
    return dict(people.get(resourceName=name, personFields=fields).execute())


def update(people: Any, person: dict[str, Any], mask: str, **body: Any) -> dict[str, Any]:
    """As somebody who read `person`."""
    request = people.updateContact(
        resourceName=person["resourceName"],
        updatePersonFields=mask,
        personFields=FIELDS,
        body={"metadata": {"sources": [source(person)]}, **body},
    )
    return dict(request.execute())


def edit(sim: Any, operation: str, resource_name: str = "", **body: Any) -> Any:
    return sim.post(
        "edit-person", email=LUCIA, operation=operation, resource_name=resource_name, body=body or {}
    )


def pages(people: Any, **query: Any) -> list[Any]:
    connections, found = people.connections(), []
    query = {"personFields": "names,metadata", "requestSyncToken": True} | query
    request = connections.list(resourceName="people/me", **query)
    while request is not None:
        found.append(request.execute())
        request = connections.list_next(request, found[-1])
    return found


def names(*pages: Any) -> list[str]:
    return [person["resourceName"] for page in pages for person in page.get("connections", ())]


def refusal(error: pytest.ExceptionInfo[HttpError]) -> tuple[int, str, list[str]]:
    """Code, status word and the reasons of the details."""
    told = json.loads(error.value.content)["error"]
    return told["code"], told["status"], [d["reason"] for d in told.get("details", ()) if "reason" in d]
