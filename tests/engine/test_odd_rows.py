"""Rows of the CRM that its own pages would not write: one of them never keeps the others from being synchronized."""

from __future__ import annotations

import pytest

from plugin.sync.views import RunStatus
from tests.engine.test_first_sync import timed
from tests.engine.test_thirteen_faults import is_quiet
from tests.installed import Installed


def spoil(installed: Installed, sql: str) -> int:
    """Put an activity into the CRM by SQL, beside one that is as it should be."""
    installed.add_activity("Visita")
    crm_id = installed.add_activity("Rara")
    installed.execute(f"UPDATE {sql} = :id", id=crm_id)
    return crm_id


def test_activity_without_a_date_of_its_last_save_is_synchronized(installed: Installed) -> None:
    crm_id = spoil(installed, "vtiger_crmentity SET modifiedtime = '0000-00-00 00:00:00' WHERE crmid")

    run = installed.sync()

    assert (run.status, run.google.created) == (RunStatus.DONE, 2)
    assert is_quiet(installed.sync()) and is_quiet(installed.sync())
    installed.edit_activity(crm_id, location="Sevilla")
    assert installed.sync().google.updated == 1
    assert installed.events()[0]["location"] == "Sevilla"


@pytest.mark.parametrize(
    "columns",
    [
        "date_start = '9999-12-31', time_start = '23:30:00', due_date = '9999-12-31', time_end = '23:59:00'",
        "due_date = '9999-12-31', time_end = '23:59:00'",
        "date_start = '0001-01-01'",
        "date_start = '0000-00-00'",
        "time_start = 'pronto'",
    ],
    ids=["for ever", "ends never", "long ago", "zero", "no time"],
)
def test_activity_at_no_time_of_the_calendar_is_set_aside(installed: Installed, columns: str) -> None:
    spoil(installed, f"vtiger_activity SET {columns} WHERE activityid")

    run = installed.sync()

    assert (run.status, run.google.created, run.parked) == (RunStatus.DONE, 1, 1)
    assert is_quiet(installed.sync())


@pytest.mark.parametrize(
    ("start", "end"), [("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31")], ids=["first", "last"]
)
def test_event_at_the_calendar_s_edge_is_set_aside(installed: Installed, start: str, end: str) -> None:
    installed.google.edit("insert", body=timed("Reunión"))
    body = {"summary": "Rara", "start": {"date": start}, "end": {"date": end}}
    installed.google.edit("insert", body=body)

    run = installed.sync()

    assert (run.status, run.crm.created, run.parked) == (RunStatus.DONE, 1, 1)
    assert is_quiet(installed.sync())
