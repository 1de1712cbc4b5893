"""Control of the simulated contacts under /_sim/: a user's edits, and what only Google does."""

from __future__ import annotations

from demo.google.groups_api import create_group
from demo.google.people_writer import PeopleWriter
from demo.google.wire import Json, Request
from demo.google.world import World


def edit_person(world: World, _request: Request, body: Json) -> Json:
    """{email, operation, resource_name?, body?}: create, update or delete as the user, no quota, no log, no etag.

    An update replaces the fields that the body names; an empty list clears one.
    """
    writer = PeopleWriter(world, world.accounts[body["email"]], privileged=True)
    operation, values = body["operation"], body.get("body", {})
    if operation == "create":
        return writer.create(values)
    if operation == "update":
        return writer.update(body["resource_name"], values, frozenset(values))
    if operation == "delete":
        writer.delete(body["resource_name"])
        return {}
    raise ValueError(f"unknown operation {operation!r}")


def edit_group(world: World, _request: Request, body: Json) -> Json:
    """{email, label} makes a label; {email, resource_name, add?, remove?} changes who is in it."""
    account = world.accounts[body["email"]]
    if "label" in body:
        return create_group(world, world.books[account.email], body["label"])
    writer = PeopleWriter(world, account, privileged=True)
    for name in body.get("add", ()):
        writer.join(name, body["resource_name"])
    for name in body.get("remove", ()):
        writer.leave(name, body["resource_name"])
    return {}


def rename_person(world: World, _request: Request, body: Json) -> Json:
    """{email, resource_name}: the person gets another resource name."""
    return world.books[body["email"]].rename(world, body["resource_name"])


def touch_person(world: World, _request: Request, body: Json) -> Json:
    """{email, resource_name}: a new etag, with nothing changed."""
    book = world.books[body["email"]]
    return book.put(world, book.people[body["resource_name"]])


CONTROLS = {
    ("POST", "edit-person"): edit_person,
    ("POST", "edit-group"): edit_group,
    ("POST", "rename-person"): rename_person,
    ("POST", "touch-person"): touch_person,
}
