"""The CRM's tables as other releases have them, and the CRM's own writes going on beside a run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime

import pytest

from demo.crm.activities import Activity, create_activity
from demo.crm.records import Saving
from demo.servers import MariaDb
from plugin.sync.views import RunStatus
from tests.engine.test_first_sync import timed
from tests.installed import USER, Installed, install
from tests.simulated_google import SimulatedGoogle

# What 6.4 lacks of 8.0 (facts §9), as far as a sync could stumble over it.
AS_IN_6_4 = (
    "DROP TABLE vtiger_crmentity_user_field",
    "DROP TABLE vtiger_activity_recurring_info",
    "DROP TABLE vtiger_emailslookup",
    "ALTER TABLE vtiger_crmentity DROP COLUMN smgroupid, DROP COLUMN source, DROP COLUMN label,"
    " MODIFY description TEXT",
    "ALTER TABLE vtiger_activity MODIFY subject VARCHAR(100) NOT NULL, DROP COLUMN tags",
)


@pytest.fixture
def as_in_6_4(mariadb_each_mode: MariaDb, google: SimulatedGoogle) -> Iterator[Installed]:
    """A connected user of an old CRM, in both SQL modes."""
    installed = install(mariadb_each_mode, google)
    installed.alter(*AS_IN_6_4)
    installed.connect()
    yield installed
    installed.close()


def rows(installed: Installed, columns: str) -> list[tuple[object, ...]]:
    sql = f"""SELECT {columns} FROM vtiger_activity a JOIN vtiger_crmentity e ON e.crmid = a.activityid
              ORDER BY a.activityid"""
    return [tuple(row.values()) for row in installed.rows(sql)]


def test_old_release_takes_in_creates_edits_and_deletes(as_in_6_4: Installed) -> None:
    google_id = as_in_6_4.google.edit("insert", body=timed("Reunión"))["id"]
    first = as_in_6_4.sync()
    as_in_6_4.google.edit("patch", google_id, {"summary": "Cita", "description": "Larga"})
    second = as_in_6_4.sync()
    assert rows(as_in_6_4, "subject, description, deleted") == [("Cita", "Larga", 0)]
    as_in_6_4.google.edit("delete", google_id)
    third = as_in_6_4.sync()

    assert (first.crm.created, second.crm.updated, third.crm.deleted) == (1, 1, 1)
    assert rows(as_in_6_4, "deleted") == [(1,)]


def test_old_release_s_edit_reaches_google(as_in_6_4: Installed) -> None:
    as_in_6_4.google.edit("insert", body=timed("Reunión"))
    as_in_6_4.sync()
    as_in_6_4.execute("UPDATE vtiger_activity SET location = 'Sala 3'")
    as_in_6_4.execute("UPDATE vtiger_crmentity SET modifiedtime = modifiedtime + INTERVAL 1 MINUTE")

    run = as_in_6_4.sync()

    assert run.google.updated == 1 and as_in_6_4.events()[0]["location"] == "Sala 3"


def test_title_longer_than_the_old_column_is_cut_there_and_whole_in_google(as_in_6_4: Installed) -> None:
    title = "Ñ" * 150
    as_in_6_4.google.edit("insert", body=timed(title))
    assert as_in_6_4.sync().cut == 1
    [noted] = as_in_6_4.rows("SELECT cut FROM gsync_journal")
    assert json.loads(noted["cut"]) == ["subject"]
    as_in_6_4.execute("UPDATE vtiger_activity SET location = 'Sala 3'")
    as_in_6_4.execute("UPDATE vtiger_crmentity SET modifiedtime = modifiedtime + INTERVAL 1 MINUTE")

    run = as_in_6_4.sync()

    assert rows(as_in_6_4, "subject") == [("Ñ" * 100,)]
    assert run.google.updated == 1
    assert [(e["summary"], e["location"]) for e in as_in_6_4.events()] == [(title, "Sala 3")]


def test_crm_that_has_no_history_yet_is_synchronized_without(installed: Installed) -> None:
    """The CRM makes the table with its first entry."""
    installed.alter("DROP TABLE vtiger_modtracker_basic_seq")
    installed.google.edit("insert", body=timed("Reunión"))

    run = installed.sync()

    assert (run.status, run.crm.created) == (RunStatus.DONE, 1)


def test_custom_fields_of_an_updated_activity_stay(installed: Installed) -> None:
    installed.alter(
        "ALTER TABLE vtiger_activitycf ADD COLUMN cf_851 VARCHAR(50) NOT NULL DEFAULT 'de fábrica'"
    )
    google_id = installed.google.edit("insert", body=timed("Reunión"))["id"]
    installed.sync()
    installed.execute("UPDATE vtiger_activitycf SET cf_851 = 'Sí'")

    installed.google.edit("patch", google_id, {"summary": "Otra"})
    installed.sync()

    assert [row["cf_851"] for row in installed.rows("SELECT cf_851 FROM vtiger_activitycf")] == ["Sí"]


# What modules of the CRM's ecosystem add: it only works in the CRM's own SQL mode.
WITHOUT_DEFAULT = (
    "ALTER TABLE vtiger_crmentity ADD COLUMN branch INT NOT NULL",
    "ALTER TABLE vtiger_activity ADD COLUMN cf_900 VARCHAR(50) NOT NULL, ADD COLUMN cf_901 DATE NOT NULL",
    "ALTER TABLE vtiger_activitycf ADD COLUMN cf_902 DECIMAL(10, 2) NOT NULL, ADD COLUMN cf_903 TEXT NOT NULL",
    "ALTER TABLE vtiger_salesmanactivityrel ADD COLUMN since DATETIME NOT NULL",
    "ALTER TABLE vtiger_activity_reminder_popup ADD COLUMN channel VARCHAR(20) NOT NULL",
    "ALTER TABLE vtiger_modtracker_basic ADD COLUMN address VARCHAR(40) NOT NULL",
    "ALTER TABLE vtiger_recurringevents ADD COLUMN branch INT NOT NULL",
)


@pytest.fixture
def with_columns(mariadb_each_mode: MariaDb, google: SimulatedGoogle) -> Iterator[Installed]:
    """A CRM whose tables have columns without a default value, in both SQL modes."""
    installed = install(mariadb_each_mode, google)
    installed.alter(*WITHOUT_DEFAULT)
    installed.connect()
    yield installed
    installed.close()


def test_columns_without_a_default_keep_nobody_from_synchronizing(
    with_columns: Installed, mariadb_each_mode: MariaDb, mariadb: MariaDb
) -> None:
    google = with_columns.google
    alone = google.edit("insert", body=timed("Reunión"))["id"]
    google.edit("insert", body=timed("Serie") | {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]})
    first = with_columns.sync()
    if mariadb_each_mode is not mariadb:
        # An administrator's own init_command has the last word; then the database refuses each of them.
        assert (first.status, first.crm.created, first.parked) == (RunStatus.DONE, 0, 3)
        return
    google.edit("patch", alone, timed("Cita", "2027-03-03"))
    second = with_columns.sync()
    google.edit("delete", alone)
    third = with_columns.sync()

    assert (first.crm.created, second.crm.updated, third.crm.deleted) == (3, 1, 1)
    assert rows(with_columns, "subject, deleted, branch, cf_900") == [
        ("Cita", 1, 0, ""), ("Serie", 0, 0, ""), ("Serie", 0, 0, ""),
    ]  # fmt: skip


@pytest.mark.parametrize("mode", ["utf8mb4 everywhere", "only the history is utf8mb3"])
def test_emoji_stay_where_the_crm_s_tables_can_hold_them(
    mariadb: MariaDb, google: SimulatedGoogle, mode: str
) -> None:
    installed = install(mariadb, google)
    tables = ["vtiger_crmentity", "vtiger_activity", "vtiger_modtracker_detail"]
    for table in tables if mode == "utf8mb4 everywhere" else tables[:2]:
        installed.alter(
            "SET FOREIGN_KEY_CHECKS = 0",
            f"ALTER TABLE {table} CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
        )
    installed.connect()
    google_id = google.edit("insert", body=timed("Cena 🎂") | {"description": "Trae 🎁"})["id"]
    first = installed.sync()
    google.edit("patch", google_id, {"location": "Casa 🏠"})
    second = installed.sync()

    assert (first.crm.created, second.crm.updated, first.cut + second.cut) == (1, 1, 0)
    assert rows(installed, "subject, description, location") == [("Cena 🎂", "Trae 🎁", "Casa 🏠")]
    assert installed.events()[0]["summary"] == "Cena 🎂"
    installed.close()


def test_crm_without_innodb_is_refused_before_anything_is_written(installed: Installed) -> None:
    installed.alter("ALTER TABLE vtiger_activitycf ENGINE = MyISAM")
    installed.google.edit("insert", body=timed("Reunión"))

    run = installed.sync()

    assert (run.status, run.error_code) == (RunStatus.FAILED, "schema")
    assert installed.activities() == {}


class BusyCrm(threading.Thread):
    """Colleagues who go on saving activities through the CRM's pages."""

    def __init__(self, installed: Installed) -> None:
        super().__init__()
        self._installed = installed
        self._ended = threading.Event()
        self.saved: list[int] = []

    def run(self) -> None:
        start, end = datetime(2027, 4, 1, 9), datetime(2027, 4, 1, 10)
        while not self._ended.is_set():
            activity = Activity(f"Del CRM {len(self.saved)}", start, end, owner_id=6)
            with self._installed.parts.engine.begin() as connection:
                now = self._installed.clock().replace(tzinfo=None)
                self.saved.append(create_activity(Saving(connection, 6, now), activity))

    def end(self) -> None:
        self._ended.set()
        self.join()


def test_ids_never_collide_with_what_the_crm_creates_meanwhile(installed: Installed) -> None:
    for number in range(100):
        installed.google.edit("insert", body=timed(f"De Google {number}"))
    crm = BusyCrm(installed)
    crm.start()
    try:
        run = installed.sync()
    finally:
        crm.end()

    assert (run.status, run.crm.created, run.crm.skipped) == (RunStatus.DONE, 100, 0)
    ours = {row["activityid"] for row in installed.activities(USER).values()}
    assert len(ours) == 100 and len(crm.saved) > 1 and ours.isdisjoint(crm.saved)
    assert len(installed.activities(6)) == len(crm.saved)
    history = installed.rows("SELECT id FROM vtiger_modtracker_basic WHERE status = 2 AND module = 'Events'")
    assert len(history) >= 100 + len(crm.saved)
    for sequence, used in (
        ("vtiger_crmentity_seq", "SELECT MAX(crmid) AS id FROM vtiger_crmentity"),
        ("vtiger_modtracker_basic_seq", "SELECT MAX(id) AS id FROM vtiger_modtracker_basic"),
    ):
        assert installed.rows(f"SELECT id FROM {sequence}") == installed.rows(used)
