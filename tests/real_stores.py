"""One pair's units of work on a private MariaDB, and the CRM's own pages beside them: the real side of the store contracts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from demo.crm.activities import Activity, create_activity, delete_activity
from demo.crm.contacts import Contact, create_contact, delete_contact
from demo.crm.database import create_database
from demo.crm.records import Saving
from demo.crm.series import create_series
from demo.servers import MariaDb
from plugin.bootstrap.database import engine_options, with_quick_connections
from plugin.bootstrap.modules import MEMORY
from plugin.bootstrap.transaction import SqlUnitOfWork
from plugin.core.crm_rules import CrmRule
from plugin.core.model import CrmLimits
from plugin.crm.events import UserEvents
from plugin.crm.records import reserve_ids
from plugin.crm.tables import ENTITY_SEQUENCE, probe
from plugin.state import locks, models
from plugin.state.contents import Contents
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

    database = DATABASE

    def __init__(self, mariadb: MariaDb) -> None:
        self.now = NOW
        url = mariadb.url(self.database)
        if not mariadb.execute(f"SHOW DATABASES LIKE '{self.database}'"):
            create_database(url)
            engine = sa.create_engine(url)
            models.links.metadata.create_all(engine, list(models.links.metadata.sorted_tables))
            engine.dispose()
        self.engine = with_quick_connections(sa.create_engine(url, **engine_options(url)))
        self._empty()
        self.schema = probe(self.engine)
        self.limits: CrmLimits = self.schema.limits
        self.user = a_user()
        self.pair: Pair = a_pair()
        self.lock = locks.acquire(self.engine, self.pair.google_sub, "contract", 600)
        self.crm = RealCrmHands(self)

    def close(self) -> None:
        self.crm.give_back()
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

    def link_elsewhere(self, crm_id: int) -> None:
        pair = {"account_id": 1, "crm_user_id": USER_ID, "google_sub": self.pair.google_sub}
        resting = pair | {"pair_id": 99, "module": self.pair.module, "collection_id": "other"}
        half = {"subject": "", "when": None}
        row = {"pair_id": 99, "link_key": f"k{crm_id}", "crm_id": crm_id, "google_id": f"g{crm_id}"}
        row |= {"google_etag": "", "origin": "crm", "state": "live", "is_settled": True, "has_guests": False}
        with self.engine.begin() as connection:
            insert = sa.insert(models.pairs).prefix_with("IGNORE")
            connection.execute(insert.values(**resting, status="off"))
            connection.execute(sa.insert(models.links).values(**row, crm_half=half, google_half=half))

    def unit_of_work(self) -> UnitOfWork:
        return SqlUnitOfWork(self.engine, self.lock, self.pair.pair_id, self._crm, self._state)

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

    def _state(self, connection: sa.Connection, contents: Contents) -> PairState:
        # The pair as the last listing left it, which a run loads at its start.
        own = models.pairs.c.pair_id == self.pair.pair_id
        kept = connection.execute(
            sa.select(models.pairs.c.list_hash, models.pairs.c.is_listed).where(own)
        ).one()
        pair = replace(self.pair, list_hash=kept.list_hash, is_listed=kept.is_listed)
        return PairState(connection, pair, run_id=1, contents=contents)

    def _empty(self) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
            for table in OF_THE_CRM:
                connection.exec_driver_sql(f"DELETE FROM {table}")
            connection.exec_driver_sql("DELETE FROM vtiger_crmentity WHERE setype = 'Calendar'")
            connection.exec_driver_sql("UPDATE vtiger_def_org_share SET permission = 2")
            connection.exec_driver_sql("DELETE FROM vtiger_contactdetails WHERE lastname = 'Invitado'")
            connection.exec_driver_sql("DELETE FROM vtiger_crmentity WHERE label = 'Invitado'")
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
        self._moved: dict[int, list[int]] = {}

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

    def transfer(self, owner_id: int, new_owner_id: int) -> None:
        found = self._rig.rows("SELECT crmid FROM vtiger_crmentity WHERE smownerid = :id", id=owner_id)
        self._moved[owner_id] = [row["crmid"] for row in found]
        self._rig.execute(
            "UPDATE vtiger_crmentity SET smownerid = :new WHERE smownerid = :old AND setype <> 'ModComments'",
            new=new_owner_id,
            old=owner_id,
        )

    def give_back(self) -> None:
        """Undo transfers: the sample company is used again."""
        for owner_id, crm_ids in self._moved.items():
            for crm_id in crm_ids:
                self.assign(crm_id, owner_id)

    def link_elsewhere(self, crm_id: int, user_id: int) -> None:
        about = {"pair_id": 900 + user_id, "crm_user_id": user_id, "crm_id": crm_id}
        self._rig.execute(
            "INSERT IGNORE INTO gsync_pairs (pair_id, account_id, crm_user_id, google_sub, module, collection_id, status)"
            " VALUES (:pair_id, :pair_id, :crm_user_id, 'other', 'Calendar', 'other', 'active')",
            **about,
        )
        self._rig.execute(
            "INSERT INTO gsync_links (pair_id, link_key, crm_id, google_id, crm_version, google_etag, crm_half,"
            " google_half, origin, state, is_settled, has_guests)"
            " SELECT :pair_id, 'key', crmid, CONCAT('other', crmid), modifiedtime, '', '{}', '{}', 'crm', 'live', 1, 0"
            " FROM vtiger_crmentity WHERE crmid = :crm_id",
            **about,
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

    def add_contact(self, email: str, *, owner_id: int = USER_ID, secondary_email: str = "") -> int:
        with self._rig.engine.begin() as connection:
            contact_id = create_contact(self._saving(connection), Contact("Invitado", owner_id, email=email))
        sql = "UPDATE vtiger_contactdetails SET secondaryemail = :email WHERE contactid = :id"
        self._rig.execute(sql, email=secondary_email, id=contact_id)
        return contact_id

    def delete_contact(self, contact_id: int) -> None:
        with self._rig.engine.begin() as connection:
            delete_contact(self._saving(connection), contact_id)

    def contacts_of(self, crm_id: int) -> list[int]:
        rows = self._rig.rows("SELECT * FROM vtiger_cntactivityrel WHERE activityid = :id", id=crm_id)
        return sorted(row["contactid"] for row in rows)

    def take_off(self, crm_id: int, contact_id: int) -> None:
        sql = "DELETE FROM vtiger_cntactivityrel WHERE activityid = :id AND contactid = :contact"
        self._rig.execute(sql, id=crm_id, contact=contact_id)
        self._stamp(crm_id)

    def keep_contacts_private(self) -> None:
        self._rig.execute(
            "UPDATE vtiger_def_org_share SET permission = 3"
            " WHERE tabid = (SELECT tabid FROM vtiger_tab WHERE name = 'Contacts')"
        )

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
