"""What is on both sides before the first sync is linked, not doubled."""

from datetime import datetime

from tests.engine.test_first_sync import timed
from tests.installed import Installed

START, END = datetime(2027, 3, 2, 9), datetime(2027, 3, 2, 10, 30)  # what timed() says, in UTC


def test_same_title_and_times_are_one_event(installed: Installed) -> None:
    installed.google.edit("insert", body=timed("Comité", location="Sala 2"))
    installed.add_activity("Comité", start_utc=START, end_utc=END, description="Orden del día")

    installed.sync()
    quiet = installed.sync()

    assert quiet.crm.is_nothing and quiet.google.is_nothing
    activity, [event] = installed.activities()["Comité"], installed.events()
    assert (activity["location"], activity["description"]) == ("Sala 2", "Orden del día")
    assert (event["location"], event["description"]) == ("Sala 2", "Orden del día")


def test_all_day_event_matches_the_activity_over_the_same_days(installed: Installed) -> None:
    body = {"summary": "Feria", "start": {"date": "2027-07-01"}, "end": {"date": "2027-07-02"}}
    installed.google.edit("insert", body=body)
    installed.add_activity("Feria", start_utc=datetime(2027, 6, 30, 22), end_utc=datetime(2027, 7, 1, 22))

    installed.sync()

    assert len(installed.links()) == 1
    [event] = installed.events()
    assert event["start"] == {"date": "2027-07-01"}


def test_two_of_one_title_and_time_are_paired_one_to_one(installed: Installed) -> None:
    for _ in range(3):
        installed.google.edit("insert", body=timed("Llamada"))
    for _ in range(2):
        installed.add_activity("Llamada", start_utc=START, end_utc=END)

    run = installed.sync()

    assert (run.crm.created, run.google.created) == (1, 0)
    assert len(installed.events()) == 3


def test_old_module_s_memory_links_what_was_renamed_and_moved_since(installed: Installed) -> None:
    google_id = installed.google.edit("insert", body=timed("Nombre nuevo"))["id"]
    crm_id = installed.add_activity("Nombre viejo")
    installed.execute(
        "INSERT INTO vtiger_wsapp (name, appkey, type) VALUES ('Google_vtigerSyncHandler', 'key1', 'user')"
    )
    installed.execute(
        "INSERT INTO vtiger_wsapp_sync_state (name, stateencodedvalues, userid) VALUES ('Vtiger_GoogleCalendar', :v, 5)",
        v='{"synctrackerid":"key1","synctoken":1,"more":false}',
    )
    for server_id, client_id in ((f"18x{crm_id}", google_id), ("18x1", "")):
        installed.execute(
            "INSERT INTO vtiger_wsapp_recordmapping (serverid, clientid, appid)"
            " SELECT :server, :client, appid FROM vtiger_wsapp WHERE appkey = 'key1'",
            server=server_id,
            client=client_id,
        )

    installed.sync()

    assert set(installed.activities()) == {"Nombre nuevo"}
    assert installed.activities()["Nombre nuevo"]["activityid"] == crm_id
    assert len(installed.events()) == 1


def test_disconnecting_and_reconnecting_three_times_doubles_nothing(installed: Installed) -> None:
    installed.google.edit("insert", body=timed("De Google"))
    crm_id = installed.add_activity("Del CRM")
    installed.sync()
    for number in range(3):
        installed.parts.grants.disconnect(5, "Calendar")
        [event] = [e for e in installed.events() if e["summary"].startswith("De Google")]
        installed.google.edit("patch", event["id"], {"summary": f"De Google {number}"})
        installed.edit_activity(crm_id, location=f"Sala {number}")
        installed.connect()
        installed.sync()

    assert set(installed.activities()) == {"De Google 2", "Del CRM"}
    assert [e["summary"] for e in installed.events()] == ["De Google 2", "Del CRM"]
    assert installed.events()[1]["location"] == "Sala 2"


def test_what_was_written_by_hand_on_both_sides_while_disconnected_is_one_event(installed: Installed) -> None:
    installed.google.edit("insert", body=timed("De siempre"))
    installed.sync()
    installed.parts.grants.disconnect(5, "Calendar")
    installed.google.edit("insert", body=timed("Comité"))
    installed.add_activity("Comité", start_utc=START, end_utc=END)
    installed.connect()

    run = installed.sync()

    assert run.crm.is_nothing and run.google.is_nothing
    assert len(installed.events()) == len(installed.activities()) == len(installed.links()) == 2


def test_earlier_start_limit_lets_old_records_in_without_doubling(installed: Installed) -> None:
    installed.execute("UPDATE gsync_pairs SET sync_from = '2027-04-01'")
    installed.google.edit("insert", body=timed("Antigua"))
    installed.add_activity("Antigua", start_utc=START, end_utc=END)
    installed.sync()
    assert installed.links() == []

    installed.execute("UPDATE gsync_pairs SET sync_from = '2027-01-01'")
    run = installed.sync()

    assert run.crm.is_nothing and run.google.is_nothing
    assert len(installed.links()) == len(installed.events()) == len(installed.activities()) == 1
