"""An installed plugin for tests: the CRM's tables and ours in a private MariaDB, the simulator for Google, a movable clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from cryptography.fernet import Fernet
from flask import Flask

from demo.crm.activities import Activity, create_activity, delete_activity, load_activity, update_activity
from demo.crm.records import Saving
from demo.servers import MariaDb
from plugin import create_app
from plugin.bootstrap import Parts, SqlReviews, choose_calendar
from plugin.config import Settings, read_settings
from plugin.google.oauth import SCOPES
from plugin.jobs.tasks import carry_out
from plugin.sync.account_ports import Collection, Grant
from plugin.sync.preview import list_digest
from plugin.sync.views import ALL_CONTACTS, CALENDAR, CONTACTS, MODULES, RunView, SettingsOutcome
from tests.databases import give_back, take_database, template_url
from tests.simulated_google import CLIENT, EMAIL, SimulatedGoogle

USER = 5  # lucia, Europe/Madrid
CRM_URL = "http://crm.example/"


class Clock:
    """Runs from where it is set; tests move it instead of sleeping."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


class Installed:
    """One CRM, one Google, and the plugin between them."""

    def __init__(
        self,
        app: Flask,
        google: SimulatedGoogle,
        clock: Clock,
        give_back: Callable[[], None] = lambda: None,
    ) -> None:
        self.app, self.google, self.clock = app, google, clock
        built: Parts = app.extensions["gsync_parts"]
        self.parts = Parts(built.settings, built.engine, clock, sleep=lambda _: None)
        self.pair_id = 0
        self._give_back, self._is_altered = give_back, False

    def close(self) -> None:
        """Close the connections; the database may be used again, unless its tables were altered."""
        if not self._is_altered:
            self._give_back()
        self.parts.engine.dispose()
        self.parts.redis.close()
        self.app.extensions["gsync_parts"].redis.close()

    # --- Google ---

    def connect_contacts(self, user_id: int = USER, email: str = EMAIL) -> int:
        """Connect the user's contacts; return the pair. `pair_id` stays the calendar's."""
        before = self.pair_id
        try:
            return self.connect(user_id, email, CONTACTS)
        finally:
            self.pair_id = before

    def connect(self, user_id: int = USER, email: str = EMAIL, module: str = CALENDAR) -> int:
        """Connect the user's calendar, as if the consent page had been clicked through; return the pair."""
        # As Google does, with what was allowed before.
        scopes = (
            {scope for name in MODULES for scope in SCOPES[name]} if module == CONTACTS else SCOPES[module]
        )
        tokens = self.google.tokens(sorted(scopes), email)
        collection = Collection(email, email) if module == CALENDAR else Collection(ALL_CONTACTS, email)
        grant = Grant(
            google_sub=f"sub-{email}",
            email=email,
            scopes=frozenset(tokens["scope"].split()),
            access_token=tokens["access_token"],
            expires_utc=datetime.now(UTC) + timedelta(seconds=tokens["expires_in"]),
            refresh_token=tokens["refresh_token"],
        )
        is_free = self.parts.grants.save_grant(user_id, module, grant, collection, self.clock())
        assert is_free
        pair_id = self.parts.pair_of(user_id, module)
        assert pair_id is not None
        self.pair_id = pair_id
        return pair_id

    def events(self, calendar_id: str = EMAIL, *, with_cancelled: bool = False) -> list[dict[str, Any]]:
        """Return a Google calendar's events, by title."""
        [calendar] = [
            calendar
            for calendar in self.google.control("GET", "state")["calendars"]
            if calendar["id"] == calendar_id
        ]
        found = [e for e in calendar["events"] if with_cancelled or e["status"] != "cancelled"]
        return sorted(found, key=lambda event: event.get("summary", ""))

    def choose(self, calendar_id: str, user_id: int = USER) -> SettingsOutcome:
        """Choose another calendar, as on the settings page."""
        pair_id = self.parts.pair_of(user_id)
        assert pair_id is not None
        outcome = choose_calendar(self.parts).choose(pair_id, calendar_id)
        if user_id == USER:
            self.pair_id = self.parts.pair_of(user_id) or pair_id
        return outcome

    # --- the CRM ---

    def saving(self, connection: sa.Connection, user_id: int = USER) -> Saving:
        zone = ZoneInfo(self.parts.settings.crm_timezone)
        return Saving(connection, user_id, self.clock().astimezone(zone).replace(tzinfo=None))

    def add_activity(self, subject: str, user_id: int = USER, **values: Any) -> int:
        """Create an activity as the CRM's pages do; tomorrow unless said otherwise, in the CRM's own zone."""
        start = (self.clock() + timedelta(days=1)).replace(tzinfo=None, minute=0, second=0)
        defaults = {"start_utc": start, "end_utc": start + timedelta(hours=1), "owner_id": user_id}
        with self.parts.engine.begin() as connection:
            return create_activity(
                self.saving(connection, user_id), Activity(subject, **{**defaults, **values})
            )

    def edit_activity(self, crm_id: int, user_id: int = USER, **values: Any) -> None:
        """Edit an activity as the CRM's pages do."""
        with self.parts.engine.begin() as connection:
            saving = self.saving(connection, user_id)
            update_activity(saving, crm_id, replace(load_activity(saving, crm_id), **values))

    def delete_activity(self, crm_id: int) -> None:
        """Delete an activity as the CRM's pages do."""
        with self.parts.engine.begin() as connection:
            delete_activity(self.saving(connection), crm_id, clean_series=True)

    def rows(self, sql: str, **values: Any) -> list[Mapping[str, Any]]:
        """Ask the database."""
        with self.parts.engine.connect() as connection:
            return [dict(row) for row in connection.execute(sa.text(sql), values).mappings()]

    def execute(self, sql: str, **values: Any) -> None:
        """Change the database."""
        with self.parts.engine.begin() as connection:
            connection.execute(sa.text(sql), values)

    def alter(self, *statements: str) -> None:
        """Alter the CRM's tables, as another release has them; they are read anew."""
        self._is_altered = True
        for statement in statements:
            self.execute(statement)
        vars(self.parts).pop("schema", None)

    def activities(self, user_id: int = USER) -> dict[str, Mapping[str, Any]]:
        """Return the user's living activities by subject."""
        found = self.rows(
            "SELECT a.*, e.description, e.modifiedtime, e.modifiedby, e.source, e.label FROM vtiger_activity a"
            " JOIN vtiger_crmentity e ON e.crmid = a.activityid"
            " WHERE e.deleted = 0 AND e.smownerid = :user_id ORDER BY a.activityid",
            user_id=user_id,
        )
        assert len({row["subject"] for row in found}) == len(found), "two activities of one subject"
        return {row["subject"]: row for row in found}

    # --- runs ---

    def sync(self, pair_id: int | None = None, *, after_minutes: float = 15) -> RunView:
        """Carry out one run, a quarter of an hour after the last thing that happened."""
        self.clock.advance(minutes=after_minutes)
        run, _ = self.parts.run_store.request(pair_id or self.pair_id, "manual", self.clock())
        carry_out(self.parts, run.run_id)
        done = self.parts.run_store.view(run.run_id)
        assert done is not None
        return done

    def approve(self, pair_id: int | None = None) -> int:
        """Approve the deletions that are held now, as the page does; return their number."""
        reviews = SqlReviews(self.parts)
        changes = reviews.held(pair_id or self.pair_id)
        assert reviews.approve(pair_id or self.pair_id, list_digest(changes)) is bool(changes)
        return len(changes)

    def links(self) -> list[Mapping[str, Any]]:
        """Return the pair's links."""
        return self.rows("SELECT * FROM gsync_links WHERE pair_id = :pair ORDER BY crm_id", pair=self.pair_id)


def settings_for(database_url: str, google: SimulatedGoogle, **more: str) -> Settings:
    """Return settings as an administrator would give them."""
    given = {
        "GSYNC_CRM_URL": CRM_URL,
        "GSYNC_DATABASE_URL": database_url,
        "GSYNC_CRM_APP_KEY": "0123456789abcdef0123456789abcdef",
        "GSYNC_CRM_CSRF_SECRET": "0" * 40,
        "GSYNC_TOKEN_KEYS": Fernet.generate_key().decode(),
        "GSYNC_GOOGLE_CLIENT_ID": CLIENT.client_id,
        "GSYNC_GOOGLE_CLIENT_SECRET": CLIENT.client_secret,
        "GSYNC_GOOGLE_ENDPOINT": google.url,
        # Nothing listens there: what needs Redis asks for the real one.
        "GSYNC_REDIS_URL": "redis://127.0.0.1:1/0",
    }
    return read_settings({**given, **more}, env_file=Path("no-such-file"))


def install(mariadb: MariaDb, google: SimulatedGoogle, **more: str) -> Installed:
    """Return a fresh installation in a database of its own, with users and no activities; `close()` ends it."""
    name = take_database(mariadb, settings_for(template_url(mariadb), google))
    app = create_app(settings_for(mariadb.url(name), google, **more))
    return Installed(app, google, Clock(), give_back=lambda: give_back(mariadb, name))
