"""An event that Gmail made of a mail, on the CRM's real tables and the simulated Google."""

from __future__ import annotations

from tests.engine.test_first_sync import timed
from tests.installed import Installed


def test_event_of_a_mail_comes_in_and_nothing_goes_back(installed: Installed) -> None:
    installed.google.edit("insert", body=timed("Vuelo IB 3214", eventType="fromGmail"))
    assert installed.sync().crm.created == 1
    crm_id = installed.activities()["Vuelo IB 3214"]["activityid"]
    before = installed.events()

    installed.edit_activity(crm_id, subject="Vuelo a Bogotá")
    edited = installed.sync()
    installed.delete_activity(crm_id)
    deleted = installed.sync()

    assert edited.google.is_nothing and deleted.google.is_nothing
    assert (edited.parked, deleted.parked) == (1, 1)
    assert installed.events() == before
    calls = installed.google.calls()
    assert not [route for route in calls if "patch" in route or "delete" in route]
