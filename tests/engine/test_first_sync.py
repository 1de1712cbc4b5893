"""A new connection: what is on either side comes to the other, once."""

from typing import Any

from plugin.sync.views import RunStatus
from tests.installed import Installed


def timed(summary: str, day: str = "2027-03-02", **more: Any) -> dict[str, Any]:
    zone = "Europe/Madrid"
    return {
        "summary": summary,
        "start": {"dateTime": f"{day}T10:00:00+01:00", "timeZone": zone},
        "end": {"dateTime": f"{day}T11:30:00+01:00", "timeZone": zone},
        **more,
    }


def test_new_google_event_becomes_an_activity_with_its_times_in_utc(installed: Installed) -> None:
    installed.google.edit("insert", body=timed("Reunión", location="Sala 2", description="Con café"))

    run = installed.sync()

    assert (run.status, run.error_code) == (RunStatus.DONE, "")
    assert (run.crm.created, run.google.created) == (1, 0)
    activity = installed.activities()["Reunión"]
    assert (str(activity["date_start"]), activity["time_start"]) == ("2027-03-02", "09:00:00")
    assert (str(activity["due_date"]), activity["time_end"]) == ("2027-03-02", "10:30:00")
    assert (activity["location"], activity["description"]) == ("Sala 2", "Con café")
    assert (activity["activitytype"], activity["eventstatus"], activity["source"]) == (
        "Meeting",
        "Planned",
        "GOOGLE",
    )


def test_new_activity_becomes_a_google_event(installed: Installed) -> None:
    installed.add_activity("Visita", location="Cádiz", description="Llevar catálogo", visibility="Private")

    run = installed.sync()

    assert (run.status, run.error_code) == (RunStatus.DONE, "")
    assert (run.crm.created, run.google.created) == (0, 1)
    [event] = installed.events()
    assert (event["summary"], event["location"], event["description"]) == (
        "Visita",
        "Cádiz",
        "Llevar catálogo",
    )
    assert event["visibility"] == "private"


def test_second_run_does_nothing(installed: Installed) -> None:
    installed.google.edit("insert", body=timed("De Google"))
    installed.add_activity("Del CRM")
    installed.sync()

    runs = [installed.sync(), installed.sync()]

    assert all(run.crm.is_nothing and run.google.is_nothing for run in runs)
    assert set(installed.activities()) == {"De Google", "Del CRM"}
    assert [event["summary"] for event in installed.events()] == ["De Google", "Del CRM"]
