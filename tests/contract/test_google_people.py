"""Google's adapter keeps the contract, facing the simulator over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plugin.core.errors import (
    FencedError,
    LockLostError,
    QuotaPauseError,
    RateLimitedError,
    SyncTokenExpiredError,
    UnavailableError,
)
from plugin.core.mapping.google_event import Resource
from plugin.core.mapping.google_person import PERSON_FIELDS
from plugin.google.people_writes import MOST_SINGLES
from plugin.sync.people_ports import Contacts, PersonCreate, PersonDelete, version_of
from tests.contract.people_contract import (
    PeopleReadingContract,
    changes_since,
    given_name,
    named,
    now,
    update,
)
from tests.contract.people_writing_contract import PeopleWritingContract
from tests.simulated_google import EMAIL, SimulatedGoogle

LAG_S = 300
DAY_S = 86_400


class SimulatedUser:
    """The owner of the simulated contacts."""

    def __init__(self, google: SimulatedGoogle) -> None:
        self.google = google
        self.contacts: Contacts = google.contacts()

    def create(self, **fields: Any) -> Resource:
        made: Resource = self.google.edit_person("create", body=fields)
        return made

    def edit(self, google_id: str, **fields: Any) -> Resource:
        made: Resource = self.google.edit_person("update", google_id, fields)
        return made

    def delete(self, google_id: str) -> None:
        self.google.edit_person("delete", google_id)

    def rename(self, google_id: str) -> str:
        made = self.google.control("POST", "rename-person", {"email": EMAIL, "resource_name": google_id})
        return str(made["resourceName"])

    def label(self, name: str) -> str:
        made = self.google.control("POST", "edit-group", {"email": EMAIL, "label": name})
        return str(made["resourceName"])

    def expire_sync_tokens(self) -> None:
        self.google.control("POST", "expire-sync-tokens")

    def set_page_size(self, size: int) -> None:
        self.google.switch(page_size_cap=size)

    def let_lists_lag(self) -> None:
        self.google.switch(people_delay_s=LAG_S)

    def let_lists_catch_up(self) -> None:
        self.google.control("POST", "clock", {"advance_s": LAG_S + 1})


class TestGoogleContacts(PeopleReadingContract, PeopleWritingContract):
    @pytest.fixture
    def user(self, google: SimulatedGoogle) -> SimulatedUser:
        return SimulatedUser(google)


class TestGoogleContactsWhereOneRefusesAll(PeopleWritingContract):
    """The same where one refused person makes Google refuse the batch, or not mind unknown names in a delete."""

    @pytest.fixture(params=["404", "ignore"])
    def user(self, google: SimulatedGoogle, request: pytest.FixtureRequest) -> SimulatedUser:
        google.switch(people_batch="whole", people_delete_missing=request.param)
        return SimulatedUser(google)


def people_of(google: SimulatedGoogle) -> list[Any]:
    people = google.control("GET", "state")["contacts"][EMAIL]["people"]
    return [person for person in people if "deleted" not in person["metadata"]]


def test_hundred_creates_and_hundred_updates_are_two_requests(google: SimulatedGoogle) -> None:
    people = [google.edit_person("create", body=named(f"N{number}")) for number in range(100)]
    transport = google.people_transport()

    google.contacts(transport).write(
        [*(update(person, named("Eva")) for person in people), *(PersonCreate(named("New")) for _ in people)]
    )

    assert (transport.usage.requests, transport.usage.quota_units) == (2, 24)
    costs = google.control("GET", "counters")["costs"]
    assert costs == {"critical_reads": 12, "critical_writes": 12, "daily_writes": 400}


def test_few_writes_go_one_by_one_because_a_batch_costs_more(google: SimulatedGoogle) -> None:
    google.contacts().write([PersonCreate(named(f"N{number}")) for number in range(MOST_SINGLES)])

    assert google.calls() == {"people.createContact": MOST_SINGLES}
    assert google.control("GET", "counters")["costs"]["daily_writes"] == MOST_SINGLES


def test_updates_of_different_fields_go_apart(google: SimulatedGoogle) -> None:
    people = [google.edit_person("create", body=named(f"N{number}")) for number in range(16)]
    phones = {"phoneNumbers": [{"value": "111"}]}
    bodies = [named("Eva") if number % 2 else phones for number in range(16)]

    outcomes = google.contacts().write(
        [update(person, body) for person, body in zip(people, bodies, strict=True)]
    )

    assert google.calls() == {"people.batchUpdateContacts": 2}
    assert [given_name(o.resource) for o in outcomes] == [f"N{n}" if n % 2 == 0 else "Eva" for n in range(16)]


def test_every_request_asks_for_the_same_fields_so_that_etags_agree(google: SimulatedGoogle) -> None:
    contacts = google.contacts()
    [outcome] = contacts.write([PersonCreate(named("Ana"))])
    found, _ = changes_since(contacts, None)

    assert outcome.resource == found[outcome.google_id] == now(contacts, outcome.google_id)
    assert json.loads(contacts.list_parameters)["personFields"] == PERSON_FIELDS


def test_sync_token_dies_seven_days_after_the_full_listing(google: SimulatedGoogle) -> None:
    _, sync_token = changes_since(google.contacts(), None)
    google.control("POST", "clock", {"advance_s": 4 * DAY_S})
    _, sync_token = changes_since(google.contacts(), sync_token)
    google.control("POST", "clock", {"advance_s": 4 * DAY_S})

    with pytest.raises(SyncTokenExpiredError):
        google.contacts().fetch_changes(sync_token, None)


@pytest.mark.parametrize("count", [1, MOST_SINGLES + 1])
def test_create_without_an_answer_is_in_doubt_and_not_sent_again(google: SimulatedGoogle, count: int) -> None:
    google.fault("*", reset="after")

    outcomes = google.contacts().write([PersonCreate(named(f"N{number}")) for number in range(count)])

    assert [type(outcome.error) for outcome in outcomes] == [UnavailableError] * count
    assert len(people_of(google)) == count


def test_lock_is_asked_before_each_write_and_nothing_is_sent_without_it(google: SimulatedGoogle) -> None:
    def lost() -> None:
        raise LockLostError

    person = google.edit_person("create", body=named("Ana"))
    contacts = google.contacts(before_request=lost)
    for operation in (
        PersonCreate(named("Eva")),
        update(person, named("Eva")),
        PersonDelete(person["resourceName"], version_of(person)),
    ):
        [outcome] = contacts.write([operation])
        assert isinstance(outcome.error, FencedError)

    assert [given_name(found) for found in people_of(google)] == ["Ana"]


def test_quota_that_is_used_up_for_now_sends_nothing(google: SimulatedGoogle) -> None:
    class UsedUp:
        def take(self, units: int) -> float:
            return 30.0 if units > 1 else 0.0

        def close(self, seconds: float) -> None:
            raise AssertionError(seconds)

    contacts = google.contacts(google.people_transport(quota=UsedUp()))

    [outcome] = contacts.write([PersonCreate(named("Ana"))])

    assert isinstance(outcome.error, QuotaPauseError)
    assert google.calls() == {}


def test_batch_refused_for_its_rate_is_nobodys_fault(google: SimulatedGoogle) -> None:
    google.switch(people_critical_writes=1)

    outcomes = google.contacts().write([PersonCreate(named(f"N{number}")) for number in range(10)])

    assert {type(outcome.error) for outcome in outcomes} == {RateLimitedError}
    assert people_of(google) == []


def test_page_of_two_hundred_former_and_unknown_names_is_one_request(google: SimulatedGoogle) -> None:
    transport = google.people_transport()

    google.contacts(transport).fetch_people([f"people/c99{number}" for number in range(200)])

    assert transport.usage.requests == 1
