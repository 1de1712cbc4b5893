"""People API v1: contacts.

https://developers.google.com/people/api/rest/v1/people
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from demo.google.people_errors import PlatformError, invalid_argument, missing
from demo.google.people_fields import read_mask, update_mask
from demo.google.people_listing import is_first_page_of_full_sync, list_connections
from demo.google.people_model import AddressBook, is_deleted
from demo.google.people_quota import BATCH_WRITE, DELETE, DELETE_MANY, READ, WRITE, charge_full_sync
from demo.google.people_writer import PeopleWriter, render_person
from demo.google.routing import Route, scopes
from demo.google.wire import Call, Json, Reply

READ_SCOPES = scopes("contacts contacts.readonly")
WRITE_SCOPES = scopes("contacts")
MOST_WRITTEN, MOST_DELETED, MOST_FETCHED = 200, 500, 200


def book_of(call: Call) -> AddressBook:
    return call.world.books[call.account.email]


def connections_list(call: Call) -> Reply:
    if call.args["person"] != "me":
        raise invalid_argument("Resource name must be people/me.", "resourceName")
    if is_first_page_of_full_sync(call):
        charge_full_sync(call.world, call.account.email)
    return Reply(list_connections(call, book_of(call)))


def people_get(call: Call) -> Reply:
    fields = read_mask(call.one("personFields"), "personFields")
    return Reply(render_person(_found(call, f"people/{call.args['person']}"), fields))


def people_batch_get(call: Call) -> Reply:
    fields = read_mask(call.one("personFields"), "personFields")
    names = call.many("resourceNames")
    _limit(names, MOST_FETCHED, "resourceNames")
    return Reply({"responses": [_answer(name, lambda n=name: _found(call, n), fields) for name in names]})


def people_create(call: Call) -> Reply:
    fields = read_mask(call.one("personFields") or "metadata", "personFields")
    return Reply(render_person(_writer(call).create(call.body), fields))


def people_update(call: Call) -> Reply:
    replaced = update_mask(call.one("updatePersonFields"), "updatePersonFields")
    text = call.one("personFields") or ",".join([*replaced, "metadata"])
    fields = read_mask(text, "personFields")
    name = f"people/{call.args['person']}"
    return Reply(render_person(_writer(call).update(name, call.body, replaced), fields))


def people_delete(call: Call) -> Reply:
    _writer(call).delete(f"people/{call.args['person']}")
    return Reply({})


def batch_create(call: Call) -> Reply:
    _only(call.body, {"contacts", "readMask", "sources"})
    contacts = call.body.get("contacts") or []
    _limit(contacts, MOST_WRITTEN, "contacts")
    bodies = [contact.get("contactPerson") or {} for contact in contacts]
    writer = _writer(call)
    made = _each(call, [("", lambda body=body: writer.create(body)) for body in bodies])
    return Reply({"createdPeople": made} if made else {})


def batch_update(call: Call) -> Reply:
    _only(call.body, {"contacts", "updateMask", "readMask", "sources"})
    contacts = call.body.get("contacts") or {}
    _limit(list(contacts), MOST_WRITTEN, "contacts")
    replaced = update_mask(call.body.get("updateMask"), "updateMask")
    writer = _writer(call)
    acts = [(n, lambda n=n, body=body: writer.update(n, body, replaced)) for n, body in contacts.items()]
    made = _each(call, acts)
    return Reply({"updateResult": dict(zip(contacts, made, strict=True))} if made else {})


def batch_delete(call: Call) -> Reply:
    _only(call.body, {"resourceNames"})
    names = call.body.get("resourceNames") or []
    _limit(names, MOST_DELETED, "resourceNames")
    living = [name for name in names if _is_living(book_of(call), name)]
    if len(living) < len(names) and call.world.switches.people_delete_missing == "404":
        raise missing()
    for name in living:
        _writer(call).delete(name)
    return Reply({})


def _writer(call: Call) -> PeopleWriter:
    return PeopleWriter(call.world, call.account)


def _is_living(book: AddressBook, name: str) -> bool:
    person = book.find(name)
    return person is not None and not is_deleted(person)


def _found(call: Call, name: str) -> Json:
    book = book_of(call)
    person = book.find(name)
    if person and call.world.switches.people_delay_gets:
        book.settle(call.world.clock.now())
        person = book.listed.get(person["resourceName"])
    if person is None or is_deleted(person):
        raise missing(name)
    return person


def _each(call: Call, acts: Sequence[tuple[str, Callable[[], Json]]]) -> list[Json]:
    """One PersonResponse for each act, in order; nothing without a readMask. Switched so, one refusal stops all."""
    text = call.body.get("readMask")
    fields = read_mask(text, "readMask") if text else frozenset()
    if call.world.switches.people_batch == "whole":
        _all_or_nothing(call, acts)
    answers = [_answer(name, act, fields) for name, act in acts]
    return answers if text else []


def _all_or_nothing(call: Call, acts: Sequence[tuple[str, Callable[[], Json]]]) -> None:
    """Raise what the first refused act would raise, with everything as it was; else leave everything as it was too."""
    book = book_of(call)
    before = (dict(book.people), list(book.pending), book.last_number, book.listed.copy(), dict(book.numbers))
    try:
        for _, act in acts:
            act()
    finally:
        book.people, book.pending, book.last_number, book.listed, book.numbers = before


def _answer(name: str, act: Callable[[], Json], fields: frozenset[str]) -> Json:
    asked = {"requestedResourceName": name} if name else {}
    try:
        person = act()
    except PlatformError as error:
        return asked | {"httpStatusCode": error.status, "status": error.rpc_status()}
    told = {"httpStatusCode": 200, "status": {}, "person": render_person(person, fields)}
    return {"requestedResourceName": person["resourceName"]} | asked | told


def _limit(items: Sequence[Any], most: int, field: str) -> None:
    if not items:
        raise invalid_argument(f"{field} must not be empty.", field)
    if len(items) > most:
        raise invalid_argument(f"At most {most} {field} are allowed, got {len(items)}.", field)
    if field == "resourceNames" and not all(str(name).startswith("people/") for name in items):
        raise invalid_argument("Resource names look like people/c123.", field)


def _only(body: Json, known: set[str]) -> None:
    unknown = next((name for name in body if name not in known), None)
    if unknown:
        raise invalid_argument(f'Invalid JSON payload received. Unknown name "{unknown}": Cannot find field.')


_PERSON = "/v1/people/{person}"
# Custom verbs first: `{person}` would take them too.
ROUTES = [
    Route("people.getBatchGet", "GET", "/v1/people:batchGet", READ_SCOPES, people_batch_get, costs=READ),
    Route(
        "people.createContact", "POST", "/v1/people:createContact", WRITE_SCOPES, people_create, costs=WRITE
    ),
    Route(
        "people.batchCreateContacts",
        "POST",
        "/v1/people:batchCreateContacts",
        WRITE_SCOPES,
        batch_create,
        costs=BATCH_WRITE,
    ),
    Route(
        "people.batchUpdateContacts",
        "POST",
        "/v1/people:batchUpdateContacts",
        WRITE_SCOPES,
        batch_update,
        costs=BATCH_WRITE,
    ),
    Route(
        "people.batchDeleteContacts",
        "POST",
        "/v1/people:batchDeleteContacts",
        WRITE_SCOPES,
        batch_delete,
        costs=DELETE_MANY,
    ),
    Route(
        "people.updateContact", "PATCH", _PERSON + ":updateContact", WRITE_SCOPES, people_update, costs=WRITE
    ),
    Route(
        "people.deleteContact",
        "DELETE",
        _PERSON + ":deleteContact",
        WRITE_SCOPES,
        people_delete,
        costs=DELETE,
    ),
    Route("connections.list", "GET", _PERSON + "/connections", READ_SCOPES, connections_list, costs=READ),
    Route("people.get", "GET", _PERSON, READ_SCOPES, people_get, costs=READ),
]
