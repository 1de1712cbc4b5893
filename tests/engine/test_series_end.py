"""A series whose end is deleted in the CRM, with the CRM's own dialog, on real parts."""

from __future__ import annotations

import pytest

from demo.crm.series import Reach, delete_series
from demo.servers import MariaDb
from tests.engine.test_first_sync import timed
from tests.engine.test_series import in_the_crm, install_in_march, occurrences, settle
from tests.installed import Installed
from tests.simulated_google import SimulatedGoogle


@pytest.fixture
def course(mariadb: MariaDb, google: SimulatedGoogle) -> Installed:
    """A connected user with an endless weekly series on both sides."""
    installed = install_in_march(mariadb, google)
    installed.google.edit("insert", body=timed("Curso", recurrence=["RRULE:FREQ=WEEKLY"]))
    settle(installed)
    return installed


@pytest.mark.parametrize(
    ("reach", "left", "rule"),
    [
        (Reach.FUTURE, 3, ["RRULE:FREQ=WEEKLY;UNTIL=20270323T085959Z"]),
        (Reach.ALL, 0, None),
        (Reach.CURRENT, 26, ["RRULE:FREQ=WEEKLY"]),
    ],
)
def test_delete_with_the_crm_s_dialog_reaches_google_s_rule(
    course: Installed, reach: Reach, left: int, rule: list[str] | None
) -> None:
    ids = [row["activityid"] for row in occurrences(course)]
    in_the_crm(course, delete_series, ids[3], reach)
    settle(course)
    assert len(occurrences(course)) == left
    events = [event for event in course.events() if event.get("recurrence")]
    assert [event["recurrence"] for event in events] == ([rule] if rule else [])
    course.close()
