"""What it means to be `Contacts`, the second half: writes and labels. See people_contract.py."""

from __future__ import annotations

import pytest

from plugin.core.errors import (
    CollectionLostError,
    NotFoundError,
    RefusedError,
    VersionMismatchError,
)
from plugin.sync.people_ports import (
    Contacts,
    PersonCreate,
    PersonDelete,
    PersonOperation,
    PersonUpdate,
    version_of,
)
from tests.contract.people_contract import (
    MY_CONTACTS,
    NOBODY,
    ContactsUser,
    changes_since,
    error_of,
    given_name,
    named,
    now,
    update,
    values,
    write_one,
)


class PeopleWritingContract:
    """Every test is a promise that the use cases count on: what writes do."""

    @pytest.fixture
    def contacts(self, user: ContactsUser) -> Contacts:
        return user.contacts

    # --- creating ---

    def test_create_answers_what_google_holds_now(self, contacts: Contacts) -> None:
        key = [{"key": "gsync", "value": "k"}]

        outcome = write_one(contacts, PersonCreate(named("Ana", clientData=key)))

        assert outcome.resource is not None
        assert outcome.google_id == outcome.resource["resourceName"]
        assert outcome.resource["clientData"][0]["value"] == "k"
        assert version_of(outcome.resource) == version_of(now(contacts, outcome.google_id)) != ""

    def test_own_create_comes_back_with_the_version_of_the_answer(self, contacts: Contacts) -> None:
        _, sync_token = changes_since(contacts, None)
        outcome = write_one(contacts, PersonCreate(named("Ana")))

        found, _ = changes_since(contacts, sync_token)

        assert outcome.resource is not None
        assert version_of(found[outcome.google_id]) == version_of(outcome.resource)

    def test_create_is_never_taken_for_a_repetition(self, contacts: Contacts) -> None:
        operation = PersonCreate(named("Ana"))

        first, second = write_one(contacts, operation), write_one(contacts, operation)

        assert changes_since(contacts, None)[0].keys() == {first.google_id, second.google_id}
        assert first.google_id != second.google_id

    def test_create_that_makes_no_sense_is_refused_for_good(self, contacts: Contacts) -> None:
        twice = named("Ana", biographies=[{"value": "a"}, {"value": "b"}])

        outcome = write_one(contacts, PersonCreate(twice))

        assert (outcome.google_id, error_of(outcome)) == ("", RefusedError)
        assert changes_since(contacts, None)[0] == {}

    def test_create_puts_into_the_named_groups(self, contacts: Contacts, user: ContactsUser) -> None:
        label = user.label("Clientes")
        groups = [{"contactGroupMembership": {"contactGroupResourceName": i}} for i in (MY_CONTACTS, label)]

        outcome = write_one(contacts, PersonCreate(named("Ana", memberships=groups)))

        assert outcome.error is None
        assert {g.group_id: g.member_count for g in contacts.fetch_groups()}[label] == 1

    # --- updating ---

    def test_update_replaces_the_named_fields_only(self, contacts: Contacts, user: ContactsUser) -> None:
        phones, mails = [{"value": "111"}, {"value": "222"}], [{"value": "a@b.example"}]
        person = user.create(**named("Ana", phoneNumbers=phones, emailAddresses=mails))

        outcome = write_one(contacts, update(person, {"phoneNumbers": [{"value": "333"}]}))

        assert values(outcome.resource, "phoneNumbers") == ["333"]
        assert values(outcome.resource, "emailAddresses") == ["a@b.example"]
        assert given_name(outcome.resource) == "Ana"
        assert version_of(outcome.resource or {}) not in ("", version_of(person))

    def test_update_clears_what_it_names_and_leaves_out(self, contacts: Contacts, user: ContactsUser) -> None:
        person = user.create(**named("Ana", phoneNumbers=[{"value": "111"}]))

        outcome = write_one(contacts, update(person, named("Eva"), "phoneNumbers"))

        assert given_name(outcome.resource) == "Eva"
        assert values(outcome.resource, "phoneNumbers") == []

    def test_updates_one_after_another_go_by_the_version_of_the_answer(
        self, contacts: Contacts, user: ContactsUser
    ) -> None:
        outcome = write_one(contacts, update(user.create(**named("Ana")), named("Eva")))

        assert outcome.resource is not None
        assert write_one(contacts, update(outcome.resource, named("Lea"))).error is None

    @pytest.mark.parametrize("kind", ["update", "delete"])
    def test_write_over_somebody_elses_edit_is_refused(
        self, contacts: Contacts, user: ContactsUser, kind: str
    ) -> None:
        person = user.create(**named("Ana"))
        google_id = person["resourceName"]
        user.edit(google_id, **named("Ada"))
        deletion = PersonDelete(google_id, version_of(person))

        outcome = write_one(contacts, update(person, named("Eva")) if kind == "update" else deletion)

        assert (outcome.google_id, error_of(outcome)) == (google_id, VersionMismatchError)
        assert given_name(now(contacts, google_id)) == "Ada"

    @pytest.mark.parametrize("state", ["deleted by the user", "unknown"])
    def test_update_of_what_is_gone_says_so(self, contacts: Contacts, user: ContactsUser, state: str) -> None:
        operation = PersonUpdate(NOBODY, "1 #1", named("Eva"), frozenset({"names"}))
        if state != "unknown":
            person = user.create(**named("Ana"))
            user.delete(person["resourceName"])
            operation = update(person, named("Eva"))

        assert error_of(write_one(contacts, operation)) is NotFoundError

    # --- deleting ---

    def test_delete_removes(self, contacts: Contacts, user: ContactsUser) -> None:
        person = user.create(**named("Ana"))
        google_id = person["resourceName"]

        outcome = write_one(contacts, PersonDelete(google_id, version_of(person)))

        assert (outcome.google_id, outcome.resource, outcome.error) == (google_id, None, None)
        [gone] = contacts.fetch_people([google_id])
        assert error_of(gone) is NotFoundError

    @pytest.mark.parametrize("state", ["deleted by the user", "unknown"])
    def test_delete_of_what_is_gone_is_done(self, contacts: Contacts, user: ContactsUser, state: str) -> None:
        operation = PersonDelete(NOBODY, "1 #1")
        if state != "unknown":
            person = user.create(**named("Ana"))
            user.delete(person["resourceName"])
            operation = PersonDelete(person["resourceName"], version_of(person))

        assert write_one(contacts, operation).error is None

    # --- many at once ---

    def test_batch_answers_each_operation_in_order(self, contacts: Contacts, user: ContactsUser) -> None:
        fine, phoned, doomed = (user.create(**named(name)) for name in ("Ana", "Eva", "Lea"))

        outcomes = contacts.write(
            [
                PersonDelete(doomed["resourceName"], version_of(doomed)),
                update(phoned, {"phoneNumbers": [{"value": "111"}]}),
                PersonCreate(named("Nueva")),
                update(fine, named("Ada")),
            ]
        )

        assert [outcome.error for outcome in outcomes] == [None] * 4
        assert outcomes[0].resource is None
        assert values(outcomes[1].resource, "phoneNumbers") == ["111"]
        assert [given_name(outcomes[2].resource), given_name(outcomes[3].resource)] == ["Nueva", "Ada"]

    def test_full_batch_is_taken(self, contacts: Contacts) -> None:
        people = [PersonCreate(named(f"N{number}")) for number in range(contacts.max_batch)]

        outcomes = contacts.write(people)

        assert [given_name(outcome.resource) for outcome in outcomes] == [f"N{i}" for i in range(len(people))]
        assert len(changes_since(contacts, None)[0]) == contacts.max_batch

    def test_many_writes_spare_those_that_changed_or_went(
        self, contacts: Contacts, user: ContactsUser
    ) -> None:
        people = [user.create(**named(f"N{number}")) for number in range(12)]
        ids = [person["resourceName"] for person in people]
        user.edit(ids[3], **named("Ada"))
        user.delete(ids[5])

        updated = contacts.write([update(person, named("Eva")) for person in people])
        versions = {o.google_id: version_of(o.resource) for o in updated if o.resource}
        deleted = contacts.write([PersonDelete(i, versions.get(i, "1 #1")) for i in ids])

        refused = {outcome.google_id: error_of(outcome) for outcome in updated if outcome.error}
        assert refused == {ids[3]: VersionMismatchError, ids[5]: NotFoundError}
        assert [given_name(outcome.resource) for outcome in updated if outcome.resource] == ["Eva"] * 10
        assert [outcome.google_id for outcome in deleted if outcome.error] == [ids[3]]
        assert changes_since(contacts, None)[0].keys() == {ids[3]}

    def test_one_bad_create_leaves_the_others_alone(self, contacts: Contacts) -> None:
        twice = named("Bad", biographies=[{"value": "a"}, {"value": "b"}])
        bodies = [named(f"N{number}") if number != 7 else twice for number in range(12)]

        outcomes = contacts.write([PersonCreate(body) for body in bodies])

        assert [number for number, outcome in enumerate(outcomes) if outcome.error] == [7]
        assert error_of(outcomes[7]) is RefusedError
        assert len(changes_since(contacts, None)[0]) == 11

    def test_writing_nothing_asks_nothing(self, contacts: Contacts) -> None:
        assert list(contacts.write([])) == []

    def test_caller_mistakes_are_refused_before_anything_is_sent(
        self, contacts: Contacts, user: ContactsUser
    ) -> None:
        person = user.create(**named("Ana"))
        deletion = PersonDelete(person["resourceName"], version_of(person))
        unnamed = PersonUpdate(deletion.google_id, deletion.version, named("Eva"), frozenset({"urls"}))
        many: list[PersonOperation] = [PersonCreate(named("X"))] * (contacts.max_batch + 1)
        with pytest.raises(ValueError, match="two operations"):
            contacts.write([deletion, update(person, named("Eva"))])
        with pytest.raises(ValueError, match="name"):
            contacts.write([unnamed])
        with pytest.raises(ValueError, match="batch"):
            contacts.write(many)
        assert {i: given_name(p) for i, p in changes_since(contacts, None)[0].items()} == {
            deletion.google_id: "Ana"
        }

    # --- labels ---

    def test_groups_are_googles_own_and_the_users(self, contacts: Contacts, user: ContactsUser) -> None:
        label = user.label("Clientes")
        user.create(**named("Ana"))

        found = {group.group_id: group for group in contacts.fetch_groups()}

        assert (found[label].name, found[label].is_system, found[label].member_count) == (
            "Clientes",
            False,
            0,
        )
        assert (found[MY_CONTACTS].is_system, found[MY_CONTACTS].member_count) == (True, 1)

    def test_joining_and_leaving_a_label_gives_the_person_another_version(
        self, contacts: Contacts, user: ContactsUser
    ) -> None:
        label, person = user.label("Clientes"), user.create(**named("Ana"))
        google_id = person["resourceName"]

        [outcome] = contacts.change_members(label, [google_id], [])

        assert (outcome.google_id, outcome.resource, outcome.error) == (google_id, None, None)
        joined = now(contacts, google_id)
        assert len(joined["memberships"]) == 2
        assert version_of(joined) != version_of(person)
        contacts.change_members(label, [], [google_id])
        assert len(now(contacts, google_id)["memberships"]) == 1

    def test_who_is_gone_or_in_no_other_group_is_told(self, contacts: Contacts, user: ContactsUser) -> None:
        google_id = user.create(**named("Ana"))["resourceName"]

        unknown, last = contacts.change_members(MY_CONTACTS, [NOBODY], [google_id])

        assert (unknown.google_id, error_of(unknown)) == (NOBODY, NotFoundError)
        assert (last.google_id, error_of(last)) == (google_id, RefusedError)

    def test_label_that_is_gone_is_a_lost_collection(self, contacts: Contacts, user: ContactsUser) -> None:
        google_id = user.create(**named("Ana"))["resourceName"]

        with pytest.raises(CollectionLostError):
            contacts.change_members("contactGroups/gone", [google_id], [])
