"""What the page at /contacts shows: one account's contacts, perhaps one of them opened."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from urllib.parse import urlencode

from demo.google.model import Account
from demo.google.page_view import page_address
from demo.google.people_model import AddressBook, groups_of, is_deleted
from demo.google.wire import Json, Request
from demo.google.world import World

STARRED = "contactGroups/starred"


@dataclass
class ContactForm:
    """The contact that is open; an empty one for a new contact."""

    person: Json
    problem: str = ""

    @property
    def resource_name(self) -> str:
        return str(self.person.get("resourceName", ""))


@dataclass
class ContactsView:
    language: str
    hl: str
    account: Account
    accounts: list[Account]
    labels: list[Json]
    """Google's starred and the user's own."""
    counts: dict[str, int]
    label: str
    people: list[Json]
    lagging: int
    form: ContactForm | None = None
    page: str = field(default="/contacts")

    def address_of(self, page: str) -> str:
        """Another page, with the same account."""
        return page_address(page, self.account, self.hl)

    def address(self, **changes: str) -> str:
        """This page, otherwise."""
        query = {"account": self.account.email, "label": self.label, "hl": self.hl} | changes
        return "/contacts?" + urlencode({name: value for name, value in query.items() if value})

    def label_names(self, person: Json) -> list[str]:
        """What the person is labelled with."""
        mine = groups_of(person)
        return [label["name"] for label in self.labels if label["resourceName"] in mine]


def build_contacts_view(world: World, request: Request, language: str) -> ContactsView | None:
    """None in a world without accounts."""
    accounts = list(world.accounts.values())
    if not accounts:
        return None
    account = world.account_of(request.param("account")) or accounts[0]
    book = world.books[account.email]
    book.settle(world.clock.now())
    labels = _labels(book)
    label = request.param("label")
    people = [person for person in book.living() if not label or label in groups_of(person)]
    return ContactsView(
        language=language,
        hl=request.param("hl"),
        account=account,
        accounts=accounts,
        labels=labels,
        counts={found["resourceName"]: len(book.members(found["resourceName"])) for found in labels},
        label=label,
        people=sorted(people, key=_sort_key),
        lagging=len(book.pending),
        form=_form(book, request),
    )


def _labels(book: AddressBook) -> list[Json]:
    own = [
        group
        for group in book.groups
        if group["groupType"] == "USER_CONTACT_GROUP" and not group["metadata"].get("deleted")
    ]
    starred = book.groups.get(STARRED)
    return ([starred] if starred else []) + sorted(own, key=lambda group: str(group["name"]).lower())


def _form(book: AddressBook, request: Request) -> ContactForm | None:
    if request.param("new"):
        return ContactForm({})
    person = book.find(request.param("person"))
    return ContactForm(person) if person and not is_deleted(person) else None


def display_name(person: Json) -> str:
    """The name, or what else a person is known by."""
    for name, key in (("names", "displayName"), ("organizations", "name"), ("emailAddresses", "value")):
        found = first(person, name).get(key)
        if found:
            return str(found)
    return ""


def _sort_key(person: Json) -> str:
    """By first name, as Google Contacts does, whatever the accents; the "Mrs" before it doesn't count."""
    name = first(person, "names")
    spoken = f"{name.get('givenName', '')} {name.get('familyName', '')}".strip() or display_name(person)
    return unicodedata.normalize("NFD", spoken).encode("ascii", "ignore").decode().lower()


def first(person: Json, name: str) -> Json:
    """The first item of a field, or nothing."""
    items = person.get(name) or [{}]
    return dict(items[0])
