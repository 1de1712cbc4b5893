"""The start limit with the simulated Google, whose full listings are narrowed by it and whose increments are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.engine.test_first_sync import timed
from tests.installed import Installed

LIMIT, BEFORE, AFTER = date(2027, 3, 1), "2027-02-20", "2027-03-02"


@pytest.fixture
def limited(installed: Installed) -> Installed:
    limit_to(installed, LIMIT)
    return installed


def limit_to(installed: Installed, limit: date | None) -> None:
    store = installed.parts.preferences
    assert store.save(installed.pair_id, replace(store.load(installed.pair_id), sync_from=limit))


def at(day: str) -> dict[str, Any]:
    return {name: value for name, value in timed("", day).items() if name != "summary"}


def hours(day: str) -> dict[str, datetime]:
    start = datetime.fromisoformat(f"{day}T09:00:00")
    return {"start_utc": start, "end_utc": start + timedelta(minutes=90)}


def is_still(installed: Installed) -> bool:
    runs = [installed.sync()]
    installed.google.control("POST", "expire-sync-tokens")
    runs += [installed.sync(), installed.sync()]
    return all(run.crm.is_nothing and run.google.is_nothing for run in runs)


def test_records_that_cross_the_limit_on_either_side_are_one_and_stay_linked(limited: Installed) -> None:
    google_id = limited.google.edit("insert", body=timed("De Google", BEFORE))["id"]
    crm_id = limited.add_activity("Del CRM", **hours(BEFORE))
    limited.sync()
    assert limited.links() == []

    limited.google.edit("patch", google_id, at(AFTER))
    limited.edit_activity(crm_id, **hours(AFTER))
    run = limited.sync()
    assert (run.crm.created, run.google.created) == (1, 1)
    assert is_still(limited)

    limited.google.edit("patch", google_id, at(BEFORE))
    limited.clock.advance(minutes=1)
    limited.edit_activity(crm_id, **hours(BEFORE))
    run = limited.sync()
    assert (run.crm.updated, run.google.updated) == (1, 1)
    assert is_still(limited)
    assert {link["state"] for link in limited.links()} == {"live"}
    assert len(limited.events()) == len(limited.activities()) == 2


@pytest.mark.parametrize(
    "limit", [date(2028, 1, 1), date(2027, 1, 1), None], ids=["later", "earlier", "none"]
)
def test_limit_that_is_moved_keeps_every_link(limited: Installed, limit: date | None) -> None:
    limited.google.edit("insert", body=timed("De Google", AFTER))
    limited.add_activity("Del CRM", **hours(AFTER))
    limited.sync()

    limit_to(limited, limit)

    assert is_still(limited)
    limit_to(limited, LIMIT)
    assert is_still(limited)
    assert {link["state"] for link in limited.links()} == {"live"}
    assert len(limited.links()) == len(limited.events()) == len(limited.activities()) == 2
