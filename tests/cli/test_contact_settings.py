"""`flask google settings --module Contacts` and `labels`; what a run of contacts says while its engine is missing."""

import json
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.installed import Installed
from tests.simulated_google import EMAIL

CONTACTS = ("--user", "lucia", "--module", "Contacts")


@pytest.fixture
def connected(installed: Installed) -> Installed:
    installed.connect_contacts()
    return installed


def told(command: Command, *arguments: str) -> dict[str, Any]:
    result = command("settings", *CONTACTS, "--json", *arguments)
    assert result.exit_code == 0, result.output
    values: dict[str, Any] = json.loads(result.stdout)
    return values


def test_settings_of_contacts_are_the_crms_own_until_something_is_chosen(
    connected: Installed, command: Command
) -> None:
    values = told(command)
    mapping = values.pop("mapping")
    assert values == {
        "label": "all",
        "direction": "11",
        "policy": "google",
        "creates_organizations": False,
        "is_own_mapping": False,
        "resting": [],
    }
    assert {"crm_field": "email", "kind": "email", "type": "home"} in mapping


def test_settings_of_contacts_change_and_are_shown(connected: Installed, command: Command) -> None:
    values = told(
        command,
        "--direction",
        "10",
        "--create-organizations",
        "--map",
        "email=email:work",
        "--map",
        "fax=phone:Nave",
    )
    assert (values["direction"], values["creates_organizations"]) == ("10", True)
    assert [row["type"] for row in values["mapping"]] == ["work", "Nave"]
    lines = command("settings", *CONTACTS).stdout.splitlines()
    assert "label                 All contacts" in lines
    assert "map                   fax=phone:Nave" in lines
    back = told(command, "--no-create-organizations", "--map", "default")
    assert (back["creates_organizations"], back["is_own_mapping"]) == (False, False)
    assert json.loads(command("settings", "--user", "lucia", "--json").stdout)["direction"] == "11"


def test_field_that_vanished_rests(connected: Installed, command: Command) -> None:
    told(command, "--map", "email=email:work", "--map", "fax=phone:Nave")
    connected.alter("UPDATE vtiger_field SET presence = 1 WHERE fieldname = 'fax'")
    try:
        values = told(command, "--policy", "crm")
        assert [row["crm_field"] for row in values["resting"]] == ["fax"]
        assert "no longer has the field" in command("settings", *CONTACTS).stderr
        assert told(command, "--map", "fax=phone:Nave")["mapping"] == []
    finally:
        connected.alter("UPDATE vtiger_field SET presence = 2 WHERE fieldname = 'fax'")


@pytest.mark.parametrize(
    "bad",
    [
        ("--map", "email"),
        ("--map", "email=soul:work"),
        ("--map", "nothing=email:work"),
        ("--map", "phone=email:work"),
        ("--calendar", "primary"),
        ("--from", "2026-01-01"),
    ],
)
def test_nonsense_is_refused(connected: Installed, command: Command, bad: tuple[str, str]) -> None:
    assert command("settings", *CONTACTS, *bad).exit_code == 2
    assert told(command)["is_own_mapping"] is False


def test_options_of_contacts_are_not_the_calendars(connected: Installed, command: Command) -> None:
    for option in (("--label", "all"), ("--create-organizations",), ("--map", "default")):
        assert command("settings", "--user", "lucia", *option).exit_code == 2


def test_label_is_listed_and_chosen(connected: Installed, command: Command) -> None:
    own = [
        connected.google.control("POST", "edit-group", {"email": EMAIL, "operation": "create", "label": name})
        for name in ("Vecinos", "club")
    ]
    listed = json.loads(command("labels", "--user", "lucia", "--json").stdout)
    assert [(label["group_id"], label["name"]) for label in listed] == [
        ("people/me", ""),
        (own[1]["resourceName"], "club"),
        (own[0]["resourceName"], "Vecinos"),
    ]
    assert command("labels", "--user", "lucia").stdout.startswith("* all  All contacts")
    wanted = own[0]["resourceName"]
    assert told(command, "--label", wanted, "--policy", "crm")["label"] == wanted
    assert told(command, "--label", "all")["policy"] == "crm"
    refused = command("settings", *CONTACTS, "--label", "contactGroups/none")
    assert (refused.exit_code, "not among those" in refused.stderr) == (1, True)


def test_contacts_are_planned_and_synced_by_command(connected: Installed, command: Command) -> None:
    planned = json.loads(command("sync", *CONTACTS, "--plan", "--json").stdout)
    ran = json.loads(command("sync", *CONTACTS, "--json").stdout)
    assert ran["status"] == "done"
    for side in ("crm", "google"):
        new = [
            change for change in planned["changes"] if change["side"] == side and change["action"] == "create"
        ]
        assert len(new) == ran[side]["created"]
    assert ran["google"]["created"] > 0
    assert command("held", *CONTACTS).exit_code == command("parked", *CONTACTS).exit_code == 0
