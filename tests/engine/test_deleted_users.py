"""An admin deletes a CRM user: all records go to a colleague, then the user is marked; nobody's Google changes."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.sync.views import RunStatus
from tests.engine.test_first_sync import timed
from tests.installed import USER, Installed
from tests.simulated_google import EMAIL

HEIR, HEIR_EMAIL = 6, "heredero@empresa.example"


class Firm:
    """Two connected users; the first has activities in Google and is about to be deleted."""

    def __init__(self, installed: Installed) -> None:
        self.installed = installed
        self.pair_of_leaver = installed.pair_id
        installed.google.control("POST", "account", {"email": HEIR_EMAIL})
        self.pair_of_heir = installed.connect(HEIR, HEIR_EMAIL)
        for number in range(3):
            installed.add_activity(f"Visita {number}")
        installed.google.edit("insert", body=timed("De Google"))
        self.sync()

    def sync(self) -> tuple[RunStatus, RunStatus]:
        """Sync the leaver, then the heir."""
        runs = [self.installed.sync(pair_id) for pair_id in (self.pair_of_leaver, self.pair_of_heir)]
        return runs[0].status, runs[1].status

    def transfer(self) -> None:
        self.installed.execute(
            "UPDATE vtiger_crmentity SET smownerid = :heir WHERE smownerid = :leaver AND setype <> 'ModComments'",
            heir=HEIR,
            leaver=USER,
        )

    def mark(self, column: str) -> None:
        sql = {
            "deleted": "UPDATE vtiger_users SET status = 'Inactive', deleted = 1 WHERE id = :id",
            "inactive": "UPDATE vtiger_users SET status = 'Inactive' WHERE id = :id",
        }
        self.installed.execute(sql[column], id=USER)

    def events(self, email: str) -> list[dict[str, Any]]:
        """Return all that an account's calendar holds, tombstones included."""
        calendars = self.installed.google.control("GET", "state")["calendars"]
        [calendar] = [c for c in calendars if c["id"] == email]
        return sorted(calendar["events"], key=lambda event: str(event["id"]))


@pytest.fixture
def firm(installed: Installed) -> Firm:
    return Firm(installed)


def test_transfer_and_deletion_change_nothing_in_anybody_s_google(firm: Firm) -> None:
    before = firm.events(EMAIL), firm.events(HEIR_EMAIL)
    assert len(before[0]) == 4
    firm.transfer()
    firm.mark("deleted")

    assert firm.sync() == (RunStatus.FAILED, RunStatus.DONE)
    firm.sync()

    assert (firm.events(EMAIL), firm.events(HEIR_EMAIL)) == before


def test_runs_between_transfer_and_deletion_change_nothing_either(firm: Firm) -> None:
    before = firm.events(EMAIL), firm.events(HEIR_EMAIL)
    firm.transfer()
    assert firm.sync() == (RunStatus.DONE, RunStatus.DONE)
    firm.mark("deleted")
    assert firm.sync() == (RunStatus.FAILED, RunStatus.DONE)

    assert (firm.events(EMAIL), firm.events(HEIR_EMAIL)) == before


def test_heir_gets_into_google_what_the_heir_saves(firm: Firm) -> None:
    firm.transfer()
    firm.mark("deleted")
    firm.sync()
    inherited = firm.installed.activities(HEIR)["Visita 1"]

    firm.installed.clock.advance(minutes=1)
    firm.installed.edit_activity(inherited["activityid"], owner_id=HEIR, location="Jaén")
    firm.sync()

    titles = [event.get("summary") for event in firm.events(HEIR_EMAIL)]
    assert [title for title in titles if str(title).startswith("Visita")] == ["Visita 1"]


@pytest.mark.parametrize("how", ["deleted", "inactive"])
def test_user_who_is_switched_off_is_frozen_before_anything_is_asked(firm: Firm, how: str) -> None:
    before = firm.events(EMAIL), firm.installed.activities()
    firm.installed.google.edit("insert", body=timed("Nueva"))
    firm.installed.google.control("DELETE", "log")
    firm.mark(how)

    run = firm.installed.sync(firm.pair_of_leaver)

    assert (run.status, run.error_code) == (RunStatus.FAILED, "frozen")
    assert firm.installed.google.calls() == {}
    assert len(firm.events(EMAIL)) == len(before[0]) + 1
    assert firm.installed.activities() == before[1]


def test_activity_that_only_changes_hands_moves_from_one_google_to_the_other(firm: Firm) -> None:
    firm.installed.execute(
        "UPDATE vtiger_crmentity SET smownerid = :heir WHERE label = 'Visita 1' AND deleted = 0", heir=HEIR
    )

    assert firm.sync() == (RunStatus.DONE, RunStatus.DONE)

    alive = [event.get("summary") for event in firm.events(EMAIL) if event["status"] != "cancelled"]
    assert "Visita 1" not in alive and "Visita 0" in alive
    assert "Visita 1" in [event.get("summary") for event in firm.events(HEIR_EMAIL)]


def test_transferred_activity_without_a_date_of_its_last_save_changes_nothing_either(firm: Firm) -> None:
    """Rows that were put in by SQL may have none; they were synchronized all the same."""
    firm.installed.execute(
        "UPDATE vtiger_crmentity SET modifiedtime = '0000-00-00 00:00:00' WHERE smownerid = :id AND setype = 'Calendar'",
        id=USER,
    )
    firm.sync()
    firm.sync()
    before = firm.events(EMAIL), firm.events(HEIR_EMAIL)
    firm.transfer()
    firm.mark("deleted")

    firm.sync()
    firm.sync()

    assert (firm.events(EMAIL), firm.events(HEIR_EMAIL)) == before
