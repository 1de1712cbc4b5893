"""What it means to be `CrmContacts`: one suite for the fake and for the adapter on MariaDB, in both SQL modes.

A subclass gives the fixture `rig`: see contacts_rig.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from plugin.core.mapping.crm_contact import CrmTerms, account_key, as_crm_holds, row_from_contact
from plugin.core.model import LinkState, Presence, Side
from plugin.sync.memory_ports import ParkedItem
from plugin.sync.ports import CrmWrite
from tests.builders import COLLEAGUE_ID
from tests.contact_builders import a_contact, a_contact_row
from tests.contract.contacts_rig import ContactsRig, changes, create, delete, full_row, link, record, update
from tests.person_strategies import MAPPING


class ContactsContract:
    """Every test is a promise that the use cases count on."""

    # --- reading ---

    def test_new_contact_is_reported_with_its_fields(self, rig: ContactsRig) -> None:
        crm_id = rig.crm.add(
            email="ana@x.example", mailingcity="Úbeda", birthday=date(1980, 2, 29), cf_853="Anita"
        )

        found = changes(rig)[crm_id]

        expected = a_contact_row(
            crm_id, email="ana@x.example", mailingcity="Úbeda", birthday=date(1980, 2, 29), cf_853="Anita"
        )
        assert found.row == expected
        assert (found.presence, found.link_id, found.is_owned) == (Presence.ALIVE, None, True)

    def test_other_people_s_and_deleted_ones_are_none_of_ours(self, rig: ContactsRig) -> None:
        rig.crm.add(owner_id=COLLEAGUE_ID)
        rig.crm.add_account("ACME")
        rig.crm.delete(rig.crm.add())

        assert changes(rig) == {}

    def test_linked_contact_is_quiet_until_it_changes(self, rig: ContactsRig) -> None:
        crm_id = rig.crm.add()
        rig.wait(seconds=60)
        link(rig, crm_id)
        assert changes(rig) == {}

        rig.crm.edit(crm_id, firstname="Eva")

        found = changes(rig)[crm_id]
        assert found.link_id is not None
        assert found.row is not None and found.row.values["firstname"] == "Eva"

    def test_record_is_settled_some_seconds_after_it_was_saved(self, rig: ContactsRig) -> None:
        crm_id = rig.crm.add()
        rig.wait(seconds=5)
        assert not record(rig, crm_id).is_settled

        rig.wait(seconds=1)
        assert record(rig, crm_id).is_settled

    def test_unsettled_link_is_read_again_though_its_version_is_the_same(self, rig: ContactsRig) -> None:
        crm_id = rig.crm.add()
        link(rig, crm_id, is_settled=False)

        assert list(changes(rig)) == [crm_id]

    @pytest.mark.parametrize("state", [LinkState.DEAD, LinkState.RELEASED])
    def test_living_contact_of_a_resting_link_is_reported(self, rig: ContactsRig, state: LinkState) -> None:
        crm_id = rig.crm.add()
        link(rig, crm_id, state=state)

        assert list(changes(rig)) == [crm_id]

    @pytest.mark.parametrize("how", ["delete", "purge", "assign"])
    def test_linked_contact_that_left_the_set_is_reported(self, rig: ContactsRig, how: str) -> None:
        crm_id = rig.crm.add()
        rig.wait(seconds=60)
        link(rig, crm_id)
        {
            "delete": lambda: rig.crm.delete(crm_id),
            "purge": lambda: rig.crm.purge(crm_id),
            "assign": lambda: rig.crm.assign(crm_id, COLLEAGUE_ID),
        }[how]()

        found = changes(rig)[crm_id]

        assert found.presence is (Presence.LEFT if how == "assign" else Presence.GONE)
        assert (found.row is None) is (how == "purge")
        assert found.is_owned is (how != "assign")
        assert found.link_id is not None

    def test_what_a_colleague_deletes_had_left_before(self, rig: ContactsRig) -> None:
        crm_id = rig.crm.add()
        link(rig, crm_id)
        rig.crm.assign(crm_id, COLLEAGUE_ID)
        rig.crm.delete(crm_id)

        assert changes(rig)[crm_id].presence is Presence.LEFT

    @pytest.mark.parametrize("state", [LinkState.DEAD, LinkState.RELEASED])
    def test_resting_link_whose_contact_is_gone_is_quiet(self, rig: ContactsRig, state: LinkState) -> None:
        crm_id = rig.crm.add()
        link(rig, crm_id, state=state)
        rig.crm.delete(crm_id)

        assert changes(rig) == {}

    def test_limit_caps_what_is_read_but_never_what_left(self, rig: ContactsRig) -> None:
        ids = [rig.crm.add(firstname=f"Ana {number}") for number in range(4)]
        gone = rig.crm.add(firstname="Gone")
        link(rig, gone)
        rig.crm.delete(gone)

        assert list(changes(rig, limit=2)) == [*ids[:2], gone]

    def test_parked_contact_is_left_out_until_it_changes(self, rig: ContactsRig) -> None:
        crm_id = rig.crm.add()
        self._park(rig, crm_id, None)
        assert changes(rig) == {}

        rig.wait(seconds=1)
        rig.crm.edit(crm_id, firstname="Eva")
        assert list(changes(rig)) == [crm_id]

    def test_parked_contact_is_read_again_when_it_is_due(self, rig: ContactsRig) -> None:
        crm_id = rig.crm.add()
        self._park(rig, crm_id, rig.clock() + timedelta(hours=1))
        assert changes(rig) == {}

        rig.wait(hours=1)
        assert list(changes(rig)) == [crm_id]

    @pytest.mark.parametrize("how", ["delete", "purge"])
    def test_parked_contact_that_is_gone_is_not_reported(self, rig: ContactsRig, how: str) -> None:
        crm_id = rig.crm.add()
        link(rig, crm_id)
        rig.crm.delete(crm_id)
        if how == "purge":
            rig.crm.purge(crm_id)
        assert list(changes(rig)) == [crm_id]
        self._park(rig, crm_id, None)

        assert changes(rig) == {}

    def test_all_unlinked_contacts_are_read_for_the_first_contact(self, rig: ContactsRig) -> None:
        linked, first, second = (rig.crm.add(firstname=name) for name in ("Linked", "First", "Second"))
        link(rig, linked)
        self._park(rig, second, None)
        rig.crm.add(owner_id=COLLEAGUE_ID)

        with rig.unit_of_work() as uow:
            assert [r.crm_id for r in uow.crm.read_unlinked()] == [first, second]
            assert uow.crm.read_legacy_mapping() == {}

    @pytest.mark.parametrize("method", ["read_records", "lock_records"])
    def test_records_are_read_whoever_they_belong_to(self, rig: ContactsRig, method: str) -> None:
        mine, theirs, gone = rig.crm.add(), rig.crm.add(owner_id=COLLEAGUE_ID), rig.crm.add()
        rig.crm.purge(gone)

        with rig.unit_of_work() as uow:
            found = getattr(uow.crm, method)([mine, theirs, gone])
            assert getattr(uow.crm, method)([]) == {}

        assert {i: r.presence for i, r in found.items()} == {
            mine: Presence.ALIVE, theirs: Presence.LEFT, gone: Presence.GONE,
        }  # fmt: skip
        assert found[gone].row is None

    def test_moment_of_the_last_save_is_an_instant(self, rig: ContactsRig) -> None:
        assert record(rig, rig.crm.add()).modified_utc == rig.clock().replace(microsecond=0)

    # --- organisations ---

    def test_account_is_found_by_its_name_whatever_the_case_and_the_oldest_counts(
        self, rig: ContactsRig
    ) -> None:
        acme, _, beta = (rig.crm.add_account(name) for name in ("Ácme S.L.", "ÁCME s.l.", "Beta"))
        rig.crm.delete_account(beta)

        with rig.unit_of_work() as uow:
            found = uow.crm.find_accounts([" ácme  s.L.", "BETA", "Nobody", ""])
            assert uow.crm.find_accounts([]) == {}

        assert found == {account_key("ácme s.l."): acme}

    def test_deleted_account_is_no_organisation(self, rig: ContactsRig) -> None:
        acme = rig.crm.add_account("ACME")
        crm_id = create(rig, account_id="ACME", account=acme)
        assert record(rig, crm_id).row == a_contact_row(crm_id, account_id="ACME", account=acme)

        rig.crm.delete_account(acme)

        assert record(rig, crm_id).row == a_contact_row(crm_id)

    def test_missing_accounts_are_made_one_for_each_name(self, rig: ContactsRig) -> None:
        with rig.unit_of_work() as uow:
            made = uow.crm.create_accounts(["ACME", "acme ", "Beta", ""], rig.clock())
            assert uow.crm.create_accounts([], rig.clock()) == {}
            assert uow.crm.find_accounts(["acme", "beta"]) == made
            uow.commit()

        assert [account.name for account in made.values()] == ["ACME", "Beta"]
        assert made.keys() == {account_key("ACME"), account_key("Beta")}

    # --- writing ---

    def test_created_contact_reads_as_it_was_written(self, rig: ContactsRig) -> None:
        [crm_id] = rig.reserve_crm_ids(1)
        row = full_row(rig, crm_id)
        with rig.unit_of_work() as uow:
            uow.crm.create([row], rig.clock())
            uow.commit()

        found = record(rig, crm_id)
        assert (found.row, found.presence, found.is_owned) == (row, Presence.ALIVE, True)

    @pytest.mark.parametrize(
        "values",
        [
            {"lastname": "Gil"},
            {"email": "eva@x.example"},
            {"mailingcity": "Jaén", "mailingstreet": "Sol 1\nBajo"},
            {"birthday": date(1992, 2, 29)},
            {"description": "Viene los martes"},
            {"cf_853": "Anita"},
            {"homephone": "600", "mobile": "601"},
        ],
        ids=lambda values: "+".join(values),
    )
    def test_update_writes_the_named_fields_and_nothing_else(
        self, rig: ContactsRig, values: dict[str, Any]
    ) -> None:
        crm_id, other = rig.crm.add(mobile="1", title="Gerente"), rig.crm.add(firstname="Other")
        unmapped, untouched = rig.crm.unmapped(crm_id), record(rig, other)

        update(rig, crm_id, **values)

        assert record(rig, crm_id).row == a_contact_row(
            crm_id, **{"mobile": "1", "title": "Gerente", **values}
        )
        assert rig.crm.unmapped(crm_id) == unmapped
        assert record(rig, other).row == untouched.row

    def test_emptied_fields_are_empty(self, rig: ContactsRig) -> None:
        acme = rig.crm.add_account("ACME")
        crm_id = create(rig, mobile="1", birthday=date(1980, 1, 1), account_id="ACME", account=acme)

        update(rig, crm_id, mobile="", birthday="", account_id="")

        assert record(rig, crm_id).row == a_contact_row(crm_id)

    def test_organisation_is_written(self, rig: ContactsRig) -> None:
        acme, crm_id = rig.crm.add_account("ACME"), rig.crm.add()

        update(rig, crm_id, account=acme, account_id="ACME")

        assert record(rig, crm_id).row == a_contact_row(crm_id, account_id="ACME", account=acme)

    def test_many_updates_each_get_their_own_values(self, rig: ContactsRig) -> None:
        ids = [rig.crm.add(firstname=f"Ana {number}") for number in range(3)]
        with rig.unit_of_work() as uow:
            before = {i: r.row for i, r in uow.crm.lock_records(ids).items() if r.row}
            changed = [{"firstname": "Eva"}, {"mailingcity": "Jaén"}]
            uow.crm.update(
                [
                    CrmWrite(
                        replace(before[i], values={**before[i].values, **values}),
                        before[i],
                        frozenset(values),
                    )
                    for i, values in zip(ids, changed, strict=False)
                ],
                rig.clock(),
            )
            uow.commit()

        rows = [record(rig, crm_id).row for crm_id in ids]
        assert [(r.values["firstname"], r.values.get("mailingcity")) for r in rows if r] == [
            ("Eva", None), ("Ana 1", "Jaén"), ("Ana 2", None),
        ]  # fmt: skip

    def test_write_moves_the_version(self, rig: ContactsRig) -> None:
        crm_id = rig.crm.add()
        before = record(rig, crm_id).version
        rig.wait(seconds=10)

        update(rig, crm_id, title="Gerente")

        assert record(rig, crm_id).version > before

    def test_deleted_contact_is_in_the_bin_and_whole(self, rig: ContactsRig) -> None:
        crm_id = rig.crm.add()
        unmapped = rig.crm.unmapped(crm_id)

        delete(rig, crm_id)

        found = record(rig, crm_id)
        assert (found.presence, found.row) == (Presence.GONE, a_contact_row(crm_id))
        assert rig.crm.unmapped(crm_id) == unmapped

    def test_revived_contact_lives_with_its_new_values(self, rig: ContactsRig) -> None:
        crm_id = rig.crm.add(mobile="1")
        delete(rig, crm_id)
        unmapped = rig.crm.unmapped(crm_id)
        row = a_contact_row(crm_id, firstname="Eva", email="eva@x.example")
        with rig.unit_of_work() as uow:
            uow.crm.revive([row], rig.clock())
            uow.commit()

        found = record(rig, crm_id)
        assert (found.presence, found.row) == (Presence.ALIVE, row)
        assert rig.crm.unmapped(crm_id) == unmapped

    def test_writing_nothing_writes_nothing(self, rig: ContactsRig) -> None:
        crm_id = rig.crm.add()
        before = record(rig, crm_id)
        rig.wait(seconds=60)
        with rig.unit_of_work() as uow:
            uow.crm.create([], rig.clock())
            uow.crm.update([], rig.clock())
            uow.crm.revive([], rig.clock())
            uow.crm.delete([], rig.clock())
            uow.commit()

        assert replace(record(rig, crm_id), is_settled=before.is_settled) == before

    def test_what_is_not_committed_never_was(self, rig: ContactsRig) -> None:
        crm_id = rig.crm.add()
        [new] = rig.reserve_crm_ids(1)
        with rig.unit_of_work() as uow:
            uow.crm.create([a_contact_row(new)], rig.clock())
            uow.crm.delete([crm_id], rig.clock())

        assert record(rig, new).presence is Presence.GONE
        assert record(rig, crm_id).presence is Presence.ALIVE

    @pytest.mark.parametrize("name", ["x" * 300, "🎉 Ana", "ñ" * 80], ids=["long", "emoji", "full"])
    def test_what_was_made_to_fit_is_held_as_it_is(self, rig: ContactsRig, name: str) -> None:
        terms = CrmTerms(MAPPING, rig.fields)
        contact = as_crm_holds(a_contact(firstname=name, lastname=name, title=name, description=name), terms)
        [crm_id] = rig.reserve_crm_ids(1)
        row = row_from_contact(crm_id, contact, terms)
        with rig.unit_of_work() as uow:
            uow.crm.create([row], rig.clock())
            uow.commit()

        assert record(rig, crm_id).row == row

    def _park(self, rig: ContactsRig, crm_id: int, retry_at_utc: datetime | None) -> None:
        item = ParkedItem(Side.CRM, str(crm_id), record(rig, crm_id).version, "why", retry_at_utc)
        with rig.unit_of_work() as uow:
            uow.state.park([item], rig.clock())
            uow.commit()
