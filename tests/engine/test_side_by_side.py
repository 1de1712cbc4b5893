"""Many users' runs at once: they wait for each other's rows, but none is given up because of another."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from demo.servers import MariaDb
from plugin.jobs.tasks import carry_out
from plugin.sync.views import RunView
from tests.engine.test_first_sync import timed
from tests.installed import Installed, install
from tests.simulated_google import SimulatedGoogle

USERS = 5
ROUNDS = 4


ODD = {"summary": "Rara", "start": {"date": "9999-12-30"}, "end": {"date": "9999-12-31"}}


@pytest.fixture
def crowd(mariadb: MariaDb, google: SimulatedGoogle) -> Iterator[tuple[Installed, dict[str, int]]]:
    """Several connected users, and the pair of each by e-mail."""
    installed = install(mariadb, google)
    pairs: dict[str, int] = {}
    for number in range(USERS):
        user_id, email = 100 + number, f"user{number}@empresa.example"
        installed.execute(
            "INSERT INTO vtiger_users (id, user_name, status, deleted, is_admin, time_zone)"
            " VALUES (:id, :name, 'Active', 0, 'off', 'Europe/Madrid')",
            id=user_id,
            name=f"user{number}",
        )
        google.control("POST", "account", {"email": email, "time_zone": "Europe/Madrid"})
        pairs[email] = installed.connect(user_id, email)
    yield installed, pairs
    installed.close()


def sync_all(installed: Installed, pairs: dict[str, int]) -> list[RunView]:
    installed.clock.advance(minutes=15)
    store = installed.parts.run_store
    runs = [store.request(pair_id, "manual", installed.clock())[0].run_id for pair_id in pairs.values()]
    threads = [threading.Thread(target=carry_out, args=(installed.parts, run_id)) for run_id in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [view for run_id in runs if (view := store.view(run_id)) is not None]


def change_much(installed: Installed, number: int, user: int, email: str) -> None:
    """Let one user do all that a run has to deal with, on both sides."""
    google, mine = installed.google, {"email": email, "calendar": email}
    for one in range(8):
        google.edit("insert", body=timed(f"G{number}.{one}"), **mine)
        installed.add_activity(f"C{number}.{one}", 100 + user)
    google.edit("insert", body=ODD, **mine)
    weekly = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"]}
    google.edit("insert", body=timed(f"S{number}") | weekly, **mine)
    for event in installed.events(email):
        if event["summary"] == f"S{number - 1}":
            google.edit("patch", event["id"], {"location": "Sevilla"}, **mine)
        if event["summary"] in {f"G{number - 1}.0", f"C{number - 1}.0"}:
            google.edit("delete", event["id"], **mine)
        if event["summary"] in {f"G{number - 1}.1", f"C{number - 1}.1"}:
            google.edit("patch", event["id"], {"location": "Sevilla"}, **mine)
    found = installed.rows(
        "SELECT a.activityid, a.subject FROM vtiger_activity a JOIN vtiger_crmentity e ON e.crmid = a.activityid"
        " WHERE e.deleted = 0 AND e.smownerid = :user_id",
        user_id=100 + user,
    )
    for row in found:
        if row["subject"] in {f"G{number - 1}.2", f"C{number - 1}.2"}:
            installed.edit_activity(row["activityid"], 100 + user, location="Cádiz")
        if row["subject"] in {f"G{number - 1}.3", f"C{number - 1}.3"}:
            installed.delete_activity(row["activityid"])


def test_runs_of_many_users_at_once_all_get_to_their_end(crowd: tuple[Installed, dict[str, int]]) -> None:
    installed, pairs = crowd
    for number in range(ROUNDS):
        for user, email in enumerate(pairs):
            change_much(installed, number, user, email)

        runs = sync_all(installed, pairs)

        assert {(run.status.value, run.error_code) for run in runs} == {("done", "")}
