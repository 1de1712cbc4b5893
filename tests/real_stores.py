"""One pair's units of work on a private MariaDB, and the CRM's own pages beside them: the real side of the store contracts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from demo.crm.activities import Activity, create_activity, delete_activity
from demo.crm.database import create_database
from demo.crm.records import Saving
from demo.crm.series import create_series
from demo.servers import MariaDb
from plugin.bootstrap.execution import MEMORY
from plugin.bootstrap.parts import engine_options
from plugin.bootstrap.transaction import SqlUnitOfWork
from plugin.core.crm_rules import CrmRule
from plugin.core.model import CrmLimits
from plugin.crm.events import UserEvents
from plugin.crm.records import reserve_ids
from plugin.crm.tables import ENTITY_SEQUENCE, probe
from plugin.state import locks, models
from plugin.state.store import PairState
from plugin.sync.memory_ports import Pair
from plugin.sync.ports import UnitOfWork
from tests.builders import NOW, USER_ID, a_pair, a_user

DATABASE = "crm_stores"
OF_THE_CRM = ("vtiger_activity", "vtiger_activitycf", "vtiger_activity_reminder", "vtiger_activity_reminder_popup",
              "vtiger_recurringevents", "vtiger_activity_recurring_info", "vtiger_salesmanactivityrel", "vtiger_seactivityrel",
              "vtiger_cntactivityrel", "vtiger_invitees", "vtiger_crmentity_user_field",
              "vtiger_modtracker_basic", "vtiger_modtracker_detail")  # fmt: skip
OURS = (models.links, models.inbox, models.series, models.intents, models.parked, models.journal, models.pairs,
        models.locks)  # fmt: skip

# Everything around an activity that an update of ours must leave as it is, by the column that names the activity.
SIDE_TABLES = {
    "vtiger_activitycf": "activityid",
    "vtiger_activity_reminder": "activity_id",
    "vtiger_recurringevents": "activityid",
    "vtiger_activity_recurring_info": "recurrenceid",
    "vtiger_salesmanactivityrel": "activityid",
    "vtiger_seactivityrel": "activityid",
    "vtiger_cntactivityrel": "activityid",
    "vtiger_invitees": "activityid",
}
MAPPED = {
    "vtiger_activity": {"subject", "date_start", "time_start", "due_date", "time_end", "location", "visibility",
                        "duration_hours", "duration_minutes"},
    "vtiger_crmentity": {"description", "label", "modifiedtime", "modifiedby", "deleted"},
}  # fmt: skip


class RealRig:
    """See tests/contract/crm_contract.py."""

    def __init__(self, mariadb: MariaDb) -> None:
        self.now = NOW
        url = mariadb.url(DATABASE)
        if not mariadb.execute(f"SHOW DATABASES LIKE '{DATABASE}'"):
            create_database(url)
            engine = sa.create_engine(url)
            models.links.metadata.create_all(engine, list(models.links.metadata.sorted_tables))
            engine.dispose()
        self.engine = sa.create_engine(url, **engine_options(url))
        self._empty()
        self.schema = probe(self.engine)
        self.limits: CrmLimits = self.schema.limits
        self.user = a_user()
        self.pair: Pair = a_pair()
        self.lock = locks.acquire(self.engine, self.pair.google_sub, "contract", 600)
        self.crm = RealCrmHands(self)

    def close(self) -> None:
        self.engine.dispose()

    def look_again(self) -> None:
        """Probe the CRM's tables anew, as a process does when it starts."""
        self.schema = probe(self.engine)

    def clock(self) -> datetime:
        return self.now

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    def limit_to(self, sync_from: date | None) -> None:
        self.pair = replace(self.pair, sync_from=sync_from)

    def unit_of_work(self) -> UnitOfWork:
        return SqlUnitOfWork(self.engine, self.lock, self._crm, self._state)

    def reserve_crm_ids(self, count: int) -> Sequence[int]:
        return self.reserve(ENTITY_SEQUENCE, count)

    def reserve(self, sequence: str, count: int) -> Sequence[int]:
        return reserve_ids(self.engine, sequence, count)

    def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(sa.text(sql), values).mappings()]

    def execute(self, sql: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(sql), values)

    def _crm(self, connection: sa.Connection) -> UserEvents:
        return UserEvents(
            connection, self.schema, MEMORY, pair=self.pair, user=self.user, crm_zone="UTC",
            now_utc=self.now, reserve=self.reserve,
        )  # fmt: skip

    def _state(self, connection: sa.Connection) -> PairState:
        # The pair as the last listing left it, which a run loads at its start.
        kept = connection.execute(sa.select(models.pairs.c.list_hash, models.pairs.c.is_listed)).one()
        pair = replace(self.pair, list_hash=kept.list_hash, is_listed=kept.is_listed)
        return PairState(connection, pair, run_id=1)

    def _empty(self) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
            for table in OF_THE_CRM:
                connection.exec_driver_sql(f"DELETE FROM {table}")
            connection.exec_driver_sql("DELETE FROM vtiger_crmentity WHERE setype = 'Calendar'")
            for ours in OURS:
                connection.execute(sa.delete(ours))
            connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 1")
            pair = a_pair()
            connection.execute(
                sa.insert(models.pairs).values(
                    pair_id=pair.pair_id,
                    account_id=1,
                    crm_user_id=USER_ID,
                    google_sub=pair.google_sub,
                    module=pair.module,
                    collection_id=pair.collection_id,
                    status="active",
                )
            )


class RealCrmHands:
    """What the CRM's pages write, by the stand-in's measured code and, where a test is exact, by SQL."""

    def __init__(self, rig: RealRig) -> None:
        self._rig = rig

    def add(self, subject: str = "Meeting", *, owner_id: int = USER_ID, **columns: Any) -> int:
        about = {name: columns.pop(name) for name in ("recurring_type", "activity_type") if name in columns}
        start = datetime(2027, 3, 2, 9)
        activity = Activity(
            subject, start, start + timedelta(minutes=90), owner_id, description=columns.pop("description", ""),
            location=columns.pop("location", ""), reminder_min=15, **about,
        )  # fmt: skip
        assert not columns
        with self._rig.engine.begin() as connection:
            crm_id = create_activity(self._saving(connection), activity, self._a_contact(connection))
        values = {"id": crm_id}
        self._rig.execute("INSERT INTO vtiger_seactivityrel (crmid, activityid) VALUES (1, :id)", **values)
        self._rig.execute("INSERT INTO vtiger_invitees VALUES (:id, 6, 'sent')", **values)
        return crm_id

    def add_series(self, rule: CrmRule, days: Sequence[str], subject: str = "Meeting") -> list[int]:
        start = datetime.fromisoformat(f"{days[0]}T09:00")
        head = Activity(subject, start, start + timedelta(minutes=90), USER_ID, reminder_min=15)
        on = [date.fromisoformat(day) for day in days]
        with self._rig.engine.begin() as connection:
            return create_series(
                self._saving(connection), head, on, frequency=rule.interval, rule=rule.detail
            )

    def put_into_series(self, crm_id: int, head_id: int) -> None:
        sql = "INSERT INTO vtiger_activity_recurring_info (activityid, recurrenceid) VALUES (:head, :id)"
        self._rig.execute(sql, head=head_id, id=crm_id)

    def repeat(self, crm_id: int) -> tuple[int | None, CrmRule | None, str]:
        sql = """SELECT i.activityid, r.recurringtype AS kind, r.recurringfreq, r.recurringinfo, a.recurringtype
                 FROM vtiger_activity a LEFT JOIN vtiger_activity_recurring_info i ON i.recurrenceid = a.activityid
                 LEFT JOIN vtiger_recurringevents r ON r.activityid = a.activityid WHERE a.activityid = :id"""
        [row] = self._rig.rows(sql, id=crm_id)
        rule = CrmRule(row["kind"], row["recurringfreq"], row["recurringinfo"]) if row["kind"] else None
        return row["activityid"], rule, row["recurringtype"] or "--None--"

    def has_reminder(self, crm_id: int) -> bool:
        sql = "SELECT 1 FROM vtiger_activity_reminder WHERE activity_id = :id"
        return bool(self._rig.rows(sql, id=crm_id))

    def edit(self, crm_id: int, **columns: Any) -> None:
        names = {"activity_type": "activitytype", "recurring_type": "recurringtype"}
        for name, value in columns.items():
            sql = f"UPDATE vtiger_activity SET {names.get(name, name)} = :value WHERE activityid = :id"
            self._rig.execute(sql, value=value, id=crm_id)
        self._stamp(crm_id)

    def assign(self, crm_id: int, owner_id: int) -> None:
        self._rig.execute(
            "UPDATE vtiger_crmentity SET smownerid = :owner WHERE crmid = :id", owner=owner_id, id=crm_id
        )

    def delete(self, crm_id: int) -> None:
        with self._rig.engine.begin() as connection:
            delete_activity(self._saving(connection), crm_id, clean_series=False)

    def restore(self, crm_id: int) -> None:
        self._rig.execute("UPDATE vtiger_crmentity SET deleted = 0 WHERE crmid = :id", id=crm_id)
        self._stamp(crm_id)

    def purge(self, crm_id: int) -> None:
        self._rig.execute("DELETE FROM vtiger_crmentity WHERE crmid = :id", id=crm_id)

    def unmapped(self, crm_id: int) -> Mapping[str, Any]:
        """Return every row of the side tables, and the columns of the main ones that no update of ours may touch."""
        found: dict[str, Any] = {
            table: self._rig.rows(f"SELECT * FROM {table} WHERE {column} = :id", id=crm_id)
            for table, column in SIDE_TABLES.items()
        }
        keys = {"vtiger_activity": "activityid", "vtiger_crmentity": "crmid"}
        for table, mapped in MAPPED.items():
            [row] = self._rig.rows(f"SELECT * FROM {table} WHERE {keys[table]} = :id", id=crm_id)
            found[table] = {name: value for name, value in row.items() if name not in mapped}
        return found

    def _stamp(self, crm_id: int) -> None:
        now = self._rig.now.replace(tzinfo=None, microsecond=0)
        self._rig.execute(
            "UPDATE vtiger_crmentity SET modifiedtime = :now WHERE crmid = :id", now=now, id=crm_id
        )

    def _saving(self, connection: sa.Connection) -> Saving:
        return Saving(connection, USER_ID, self._rig.now.replace(tzinfo=None, microsecond=0))

    def _a_contact(self, connection: sa.Connection) -> tuple[int, ...]:
        found = connection.execute(sa.text("SELECT contactid FROM vtiger_contactdetails LIMIT 1"))
        return tuple(found.scalars())
