"""Guests who are contacts, on the CRM's real tables and the simulated Google."""

from __future__ import annotations

import logging

import pytest

from tests.engine.test_first_sync import timed
from tests.installed import Installed

PILAR, BLAS = "pilar@olivares.example", "blas@bisiesto.example"


def related(installed: Installed) -> list[str]:
    crm_id = installed.activities()["Visita"]["activityid"]
    found = installed.rows(
        "SELECT email FROM vtiger_cntactivityrel JOIN vtiger_contactdetails USING (contactid)"
        " WHERE activityid = :id ORDER BY email",
        id=crm_id,
    )
    return [row["email"] for row in found]


def guests(*addresses: str) -> dict[str, object]:
    return {"attendees": [{"email": address} for address in addresses]}


def test_guests_become_contacts_of_the_activity_and_nobody_is_invited(
    installed: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    invited = installed.rows("SELECT * FROM vtiger_invitees")
    google_id = installed.google.edit("insert", body=timed("Visita") | guests(PILAR))["id"]

    assert installed.sync().crm.created == 1
    assert related(installed) == [PILAR]

    modified = installed.rows("SELECT MAX(modifiedtime) AS at FROM vtiger_crmentity")
    installed.google.edit("patch", google_id, guests(BLAS, "nobody@else.example"))
    run = installed.sync()

    assert (run.crm.updated, run.google.updated) == (0, 0)
    assert related(installed) == [BLAS, PILAR]
    assert installed.rows("SELECT MAX(modifiedtime) AS at FROM vtiger_crmentity") == modified
    assert installed.rows("SELECT * FROM vtiger_invitees") == invited
    ours = [r for r in caplog.records if r.name.startswith("plugin")]
    assert not [r for r in ours if PILAR in r.getMessage() or BLAS in r.getMessage()]
