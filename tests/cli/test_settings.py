"""`flask google settings`: shows what a user chose, changes it, and says what can't be."""

import json

from tests.cli.conftest import Command
from tests.installed import Installed
from tests.simulated_google import EMAIL


def told(command: Command, *arguments: str) -> dict[str, str | None]:
    result = command("settings", "--user", "lucia", "--json", *arguments)
    assert result.exit_code == 0
    values: dict[str, str | None] = json.loads(result.stdout)
    return values


def test_settings_are_both_ways_and_google_s_until_something_is_chosen(command: Command) -> None:
    assert told(command) == {"calendar": EMAIL, "direction": "11", "policy": "google", "from": None}


def test_settings_change_one_by_one_and_are_shown(command: Command) -> None:
    assert told(command, "--direction", "10", "--from", "2026-01-31")["direction"] == "10"
    changed = command("settings", "--user", "lucia", "--policy", "newest")
    assert changed.stdout.split() == [
        *("calendar", EMAIL, "direction", "10"),
        *("policy", "newest", "from", "2026-01-31"),
    ]
    assert told(command, "--from", "none")["from"] is None


def test_settings_refuse_nonsense_and_strangers(command: Command) -> None:
    assert command("settings", "--user", "lucia", "--from", "tomorrow").exit_code == 2
    assert command("settings", "--user", "lucia", "--direction", "00").exit_code == 2
    assert command("settings", "--user", "admin").exit_code == 1


def test_only_one_user_writes_to_a_calendar_others_may_read_it(
    installed: Installed, command: Command
) -> None:
    told(command, "--direction", "10")
    installed.connect(user_id=1)

    refused = command("settings", "--user", "lucia", "--direction", "11")

    assert refused.exit_code == 1
    assert "Another CRM user already synchronizes this Google calendar" in refused.stderr
    assert told(command)["direction"] == "10"


def test_reader_that_connects_again_only_reads(installed: Installed, command: Command) -> None:
    told(command, "--direction", "10")
    installed.connect()
    [pair] = installed.rows("SELECT direction, two_way_key AS held FROM gsync_pairs")
    assert (pair["direction"], pair["held"]) == ("10", None)


def test_chosen_direction_holds_in_the_next_sync(installed: Installed, command: Command) -> None:
    told(command, "--direction", "10")
    installed.add_activity("Stays in the CRM")
    installed.sync()
    assert installed.events() == []
    assert json.loads(command("parked", "--user", "lucia", "--json").stdout) == []

    told(command, "--direction", "11")
    installed.sync()
    assert [event["summary"] for event in installed.events()] == ["Stays in the CRM"]


# --- the calendar ---


def test_calendars_are_listed_with_what_may_be_done_with_them(installed: Installed, command: Command) -> None:
    installed.google.add_calendar("team@group.example", "Team")
    installed.google.add_calendar("boss@group.example", "Boss", "boss@empresa.example", "reader")
    installed.google.add_calendar("busy@group.example", "Busy", "boss@empresa.example", "freeBusyReader")

    lines = command("calendars", "--user", "lucia").stdout.splitlines()
    listed = json.loads(command("calendars", "--user", "lucia", "--json").stdout)

    assert lines == [
        f"* {EMAIL}  {EMAIL}  (main calendar)",
        "  boss@group.example  Boss  (You may only read it: from Google to the CRM only.)",
        "  team@group.example  Team",
    ]
    assert [(c["calendar_id"], c["can_write"]) for c in listed][1:] == [
        ("boss@group.example", False),
        ("team@group.example", True),
    ]


def test_calendar_is_chosen_and_chosen_back(installed: Installed, command: Command) -> None:
    installed.google.add_calendar("team@group.example", "Team")
    told(command, "--direction", "01")
    chosen = told(command, "--calendar", "team@group.example", "--policy", "crm")
    assert (chosen["calendar"], chosen["direction"], chosen["policy"]) == ("team@group.example", "01", "crm")
    back = told(command, "--calendar", "primary")
    assert (back["calendar"], back["policy"]) == (EMAIL, "google")


def test_reader_s_calendar_is_never_written_to(installed: Installed, command: Command) -> None:
    installed.google.add_calendar("boss@group.example", "Boss", "boss@empresa.example", "reader")

    chosen = command("settings", "--user", "lucia", "--calendar", "boss@group.example")
    refused = command("settings", "--user", "lucia", "--direction", "11")

    assert (chosen.exit_code, refused.exit_code) == (0, 1)
    assert "In Google you may only read this calendar" in chosen.stderr
    assert "In Google you may only read this calendar" in refused.stderr
    assert told(command)["direction"] == "10"


def test_calendar_that_is_not_offered_is_refused(installed: Installed, command: Command) -> None:
    refused = command("settings", "--user", "lucia", "--calendar", "nobody@group.example", "--policy", "crm")
    assert (refused.exit_code, "not among those" in refused.stderr) == (1, True)
    assert told(command) == {"calendar": EMAIL, "direction": "11", "policy": "google", "from": None}
