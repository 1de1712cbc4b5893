"""Edits and deletes on either side of what is already linked."""

from tests.engine.test_first_sync import timed
from tests.installed import Installed


def linked(installed: Installed) -> tuple[int, str]:
    """One event on both sides; return its ids."""
    installed.google.edit("insert", body=timed("Cita", description="<b>uno</b>"))
    installed.sync()
    installed.sync()
    [event] = installed.events()
    return installed.activities()["Cita"]["activityid"], event["id"]


def test_google_edit_reaches_the_crm(installed: Installed) -> None:
    _, google_id = linked(installed)
    installed.google.edit("patch", google_id, {"summary": "Cita nueva"})

    run = installed.sync()

    assert (run.crm.updated, run.google.updated) == (1, 0)
    assert set(installed.activities()) == {"Cita nueva"}
    assert installed.activities()["Cita nueva"]["label"] == "Cita nueva"


def test_crm_edit_reaches_google_and_leaves_the_rest_alone(installed: Installed) -> None:
    crm_id, google_id = linked(installed)
    installed.google.edit("patch", google_id, {"colorId": "5"})
    installed.edit_activity(crm_id, location="Otra sala")

    run = installed.sync()

    assert (run.crm.updated, run.google.updated) == (0, 1)
    [event] = installed.events()
    assert (event["location"], event["description"], event["colorId"]) == ("Otra sala", "<b>uno</b>", "5")


def test_different_fields_on_both_sides_both_win(installed: Installed) -> None:
    crm_id, google_id = linked(installed)
    installed.google.edit("patch", google_id, {"summary": "De Google"})
    installed.edit_activity(crm_id, location="Del CRM")

    run = installed.sync()
    quiet = installed.sync()

    assert (run.crm.updated, run.google.updated) == (1, 1)
    assert quiet.crm.is_nothing and quiet.google.is_nothing
    [event] = installed.events()
    assert (event["summary"], event["location"]) == ("De Google", "Del CRM")
    assert installed.activities()["De Google"]["location"] == "Del CRM"


def test_same_field_on_both_sides_google_wins_and_the_loser_is_kept(installed: Installed) -> None:
    crm_id, google_id = linked(installed)
    installed.google.edit("patch", google_id, {"location": "De Google"})
    installed.edit_activity(crm_id, location="Del CRM")

    installed.sync()

    assert installed.activities()["Cita"]["location"] == installed.events()[0]["location"] == "De Google"
    [line] = installed.rows("SELECT lost FROM gsync_journal WHERE lost IS NOT NULL AND lost <> 'null'")
    assert "Del CRM" in line["lost"]


def test_delete_in_google_reaches_the_crm_and_stays_deleted(installed: Installed) -> None:
    _, google_id = linked(installed)
    installed.google.edit("delete", google_id)

    run = installed.sync()
    quiet = installed.sync()

    assert run.crm.deleted == 1 and installed.activities() == {}
    assert quiet.crm.is_nothing and quiet.google.is_nothing
    assert [link["state"] for link in installed.links()] == ["dead"]


def test_delete_in_the_crm_reaches_google_and_stays_deleted(installed: Installed) -> None:
    crm_id, _ = linked(installed)
    installed.delete_activity(crm_id)

    run = installed.sync()
    quiet = [installed.sync(), installed.sync()]

    assert run.google.deleted == 1 and installed.events() == []
    assert all(r.crm.is_nothing and r.google.is_nothing for r in quiet)
    assert [link["state"] for link in installed.links()] == ["dead"]
    assert installed.google.control("GET", "outbox") in ([], {"mails": []}, {"outbox": []})


def test_edit_in_google_survives_a_delete_in_the_crm(installed: Installed) -> None:
    crm_id, google_id = linked(installed)
    installed.delete_activity(crm_id)
    installed.google.edit("patch", google_id, {"location": "Sigue en pie"})

    installed.sync()

    assert installed.activities()["Cita"]["location"] == "Sigue en pie"
    assert installed.activities()["Cita"]["activityid"] == crm_id


def test_edit_in_the_crm_survives_a_delete_in_google(installed: Installed) -> None:
    crm_id, google_id = linked(installed)
    installed.google.edit("delete", google_id)
    installed.edit_activity(crm_id, location="Sigue en pie")

    installed.sync()
    quiet = installed.sync()

    [event] = installed.events()
    assert event["location"] == "Sigue en pie" and event["id"] != google_id
    assert quiet.crm.is_nothing and quiet.google.is_nothing


def test_all_day_event_stays_all_day_after_an_edit_of_either_side(installed: Installed) -> None:
    body = {"summary": "Feria", "start": {"date": "2027-07-01"}, "end": {"date": "2027-07-03"}}
    google_id = installed.google.edit("insert", body=body)["id"]
    installed.sync()
    activity = installed.activities()["Feria"]
    assert (str(activity["date_start"]), activity["time_start"]) == ("2027-06-30", "22:00:00")
    assert (str(activity["due_date"]), activity["time_end"]) == ("2027-07-02", "22:00:00")

    installed.edit_activity(activity["activityid"], location="Sevilla")
    installed.sync()
    installed.google.edit(
        "patch", google_id, {"start": {"date": "2027-12-01"}, "end": {"date": "2027-12-02"}}
    )
    installed.sync()

    [event] = installed.events()
    assert (event["start"], event["end"]) == ({"date": "2027-12-01"}, {"date": "2027-12-02"})
    assert event["location"] == "Sevilla"
    activity = installed.activities()["Feria"]
    assert (str(activity["date_start"]), activity["time_start"]) == ("2027-11-30", "23:00:00")


def test_many_deletes_are_held_until_approved(installed: Installed) -> None:
    for number in range(12):
        installed.google.edit("insert", body=timed(f"Cita {number:02}"))
    installed.sync()
    for event in installed.events():
        installed.google.edit("delete", event["id"])
    installed.google.edit("insert", body=timed("Nueva"))

    held = installed.sync()
    assert held.held == 12 and held.crm.deleted == 0 and held.crm.created == 1
    assert installed.approve() == 12
    done = installed.sync()

    assert done.crm.deleted == 12 and done.held == 0
    assert set(installed.activities()) == {"Nueva"}
    [pair] = installed.rows("SELECT approved_deletions AS approved FROM gsync_pairs")
    assert pair["approved"] is None


def test_approval_that_comes_while_a_run_goes_on_is_kept(installed: Installed) -> None:
    pairs, first = installed.parts.pairs, installed.clock()
    pairs.approve_deletions(installed.pair_id, ["a"], first)
    installed.clock.advance(minutes=1)
    pairs.approve_deletions(installed.pair_id, ["b"], installed.clock())

    pairs.mark_synced(installed.pair_id, installed.clock(), first)

    loaded = pairs.load(installed.pair_id)
    assert loaded is not None and loaded[0].approved_deletions == {"a", "b"}
