"""The CRM's pop-ups and history after our writes: as its own save leaves them, and no more than was written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from demo.servers import MariaDb
from plugin.core.model import Field
from tests.contract.crm_contract import create, update
from tests.contract.test_real_stores import history
from tests.real_stores import RealRig

PAST, COMING = date(2027, 2, 1), date(2027, 3, 9)


@pytest.fixture
def rig(mariadb: MariaDb) -> Iterator[RealRig]:
    with_database = RealRig(mariadb)
    yield with_database
    with_database.close()


def popups(rig: RealRig, crm_id: int) -> list[tuple[object, ...]]:
    sql = "SELECT semodule, date_start, status FROM vtiger_activity_reminder_popup WHERE recordid = :id"
    return [tuple(row.values()) for row in rig.rows(sql, id=crm_id)]


def test_activity_moved_from_the_past_into_the_future_gets_a_popup(rig: RealRig) -> None:
    crm_id = create(rig, date_start=PAST, due_date=PAST)

    update(rig, crm_id, {Field.WHEN}, date_start=COMING, due_date=COMING)

    assert popups(rig, crm_id) == [("Events", COMING, 0)]


def test_both_popups_of_an_activity_follow_it(rig: RealRig) -> None:
    crm_id, other = create(rig), create(rig)
    before = popups(rig, other)
    # The CRM's drag makes a second one (facts/crm_repeats.md §7).
    rig.execute(
        "INSERT INTO vtiger_activity_reminder_popup (semodule, recordid, date_start, time_start, status)"
        " VALUES ('Calendar', :id, '2027-03-02', '09:00:00', 1)",
        id=crm_id,
    )

    update(rig, crm_id, {Field.WHEN}, date_start=COMING, due_date=COMING)

    assert popups(rig, crm_id) == [("Events", COMING, 0), ("Calendar", COMING, 0)]
    assert popups(rig, other) == before


def test_popup_that_was_seen_does_not_come_again_for_a_later_end(rig: RealRig) -> None:
    crm_id = create(rig)
    rig.execute("UPDATE vtiger_activity_reminder_popup SET status = 1 WHERE recordid = :id", id=crm_id)

    update(rig, crm_id, {Field.WHEN}, time_end="18:00:00")

    assert popups(rig, crm_id) == [("Events", date(2027, 3, 2), 1)]


def test_history_names_nothing_that_was_not_written(rig: RealRig) -> None:
    crm_id = rig.crm.add()
    rig.crm.edit(crm_id, time_start="09:00", visibility="")

    # As a decision about the title alone says the rest of the row.
    update(rig, crm_id, {Field.SUBJECT}, subject="Moved", time_start="09:00:00", visibility="all")

    assert history(rig, crm_id)[-1] == (0, {"subject": ("Meeting", "Moved"), "label": ("Meeting", "Moved")})


def test_history_tells_the_new_length(rig: RealRig) -> None:
    crm_id = create(rig)

    update(rig, crm_id, {Field.WHEN}, time_end="12:45:00")

    assert history(rig, crm_id)[-1] == (
        0,
        {
            "time_end": ("10:30:00", "12:45:00"),
            "duration_hours": ("1", "3"),
            "duration_minutes": ("30", "45"),
        },
    )
