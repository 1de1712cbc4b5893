"""The parts of one process: settings, the one engine, Redis, and the adapters that need no run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import sqlalchemy as sa
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from plugin.bootstrap.clock import DatabaseClock
from plugin.bootstrap.timing import DEFAULT_TIMING, Timing
from plugin.config import Settings
from plugin.core.contact import Slot
from plugin.core.errors import SessionStoreError
from plugin.core.mapping.contact_mapping import Fields, ProblemCode, choice_from_crm_settings, problems_of
from plugin.crm.contact_tables import probe_contacts
from plugin.crm.legacy import read_field_mapping
from plugin.crm.session import CrmSessions, build_store
from plugin.crm.tables import CrmSchema, probe
from plugin.crm.users import CrmUsers
from plugin.extensions import connect_redis
from plugin.google.pacing import Quota
from plugin.google.quota import PEOPLE_LIMITS, RedisQuota
from plugin.google.sign_in import GoogleSignIn
from plugin.state.crypto import SecretBox
from plugin.state.grants import SqlGrants
from plugin.state.install import Install
from plugin.state.pairs import SqlPairs
from plugin.state.preferences import SqlPreferences
from plugin.state.runs import SqlRuns
from plugin.state.tokens import SqlTokens
from plugin.sync.accounts import ConnectAccounts
from plugin.sync.views import CALENDAR, MODULES


def redirect_uri(crm_url: str, module: str) -> str:
    """Return the redirect URI that the manual has an administrator register for the module, byte for byte."""
    query = f"module=Google&view=List&operation=sync&sourcemodule={module}&service=Google{module}"
    return f"{crm_url.rstrip('/')}/index.php?{query}"


def people_quota(redis: Redis, client_id: str, google_sub: str) -> Quota:
    """Return the quota of an account's contacts, which Google counts apart from its calendar."""
    return RedisQuota(redis, client_id, google_sub, PEOPLE_LIMITS, api="people")


@dataclass(frozen=True)
class Parts:
    """What a web process, a worker and the command line share. Nothing connects before it is used."""

    settings: Settings
    engine: sa.Engine
    clock: Callable[[], datetime]
    # Between two attempts at the same request of Google's; tests don't wait.
    sleep: Callable[[float], None] = time.sleep
    timing: Timing = DEFAULT_TIMING
    # Of an account under an OAuth client, both named by Google's ids.
    build_quota: Callable[[Redis, str, str], Quota] = RedisQuota
    build_people_quota: Callable[[Redis, str, str], Quota] = people_quota

    @cached_property
    def redis(self) -> Redis:
        """The Redis of RQ and of Google's quota."""
        return connect_redis(self.settings.redis_url)

    @cached_property
    def schema(self) -> CrmSchema:
        """What the CRM's database has; raises SchemaError."""
        return probe(self.engine)

    def contact_fields(self) -> Fields:
        """Return the CRM's contact fields as they are now: an administrator may have added one just for this."""
        return probe_contacts(self.engine).fields

    def crm_choice(self, user_id: int) -> Sequence[Slot] | None:
        """Return the field mapping that a user chose in the CRM's own window, without what never fitted; None without one."""
        with self.engine.connect() as connection:
            choice = choice_from_crm_settings(read_field_mapping(connection, user_id))
        if choice is None:
            return None
        problems = problems_of(choice, self.contact_fields())
        unfit = {p.slot for p in problems if p.code is not ProblemCode.UNKNOWN_FIELD}
        return [slot for slot in choice if slot not in unfit]

    @cached_property
    def secrets(self) -> SecretBox:
        """What encrypts tokens."""
        return SecretBox(self.settings.token_keys)

    @cached_property
    def install(self) -> Install:
        """Whose database this is."""
        return Install(self.engine, self.settings.crm_url, self.settings.app_key_hash, self.clock)

    @cached_property
    def tokens(self) -> SqlTokens:
        """Tokens of accounts, and the registered OAuth client."""
        return SqlTokens(self.engine, self.secrets)

    @cached_property
    def grants(self) -> SqlGrants:
        """Accounts and visits to the consent page."""
        return SqlGrants(self.engine, self.secrets)

    @cached_property
    def pairs(self) -> SqlPairs:
        """Pairs."""
        return SqlPairs(self.engine)

    @cached_property
    def preferences(self) -> SqlPreferences:
        """What users chose."""
        return SqlPreferences(self.engine)

    @cached_property
    def run_store(self) -> SqlRuns:
        """Run history."""
        return SqlRuns(self.engine)

    @cached_property
    def users(self) -> CrmUsers:
        """The CRM's users."""
        return CrmUsers(self.engine, self.settings.crm_timezone)

    @cached_property
    def sessions(self) -> CrmSessions:
        """The CRM's PHP sessions."""
        return CrmSessions(build_store(self.settings.crm_sessions), self.settings.crm_app_key)

    @cached_property
    def accounts(self) -> ConnectAccounts:
        """Connecting and disconnecting."""
        return ConnectAccounts(self.grants, self.sign_in, self.clock, self.crm_choice)

    def oauth_client(
        self, registered: Callable[[], tuple[str, str] | None] | None = None
    ) -> tuple[str, str] | None:
        """Return id and secret of the OAuth client: from the settings, else as registered by page or CLI.

        `registered`: for whoever has read that already.
        """
        settings = self.settings
        if settings.google_client_id and settings.google_client_secret:
            return settings.google_client_id, settings.google_client_secret
        return (registered or self.tokens.client)()

    def sign_in(self) -> GoogleSignIn | None:
        """Return Google's sign-in, or None if no OAuth client is registered."""
        client = self.oauth_client()
        if client is None:
            return None
        uris = {module: redirect_uri(self.settings.crm_url, module) for module in MODULES}
        return GoogleSignIn(*client, uris, self.settings.google_endpoint)

    def down(self) -> Sequence[str]:
        """Return the codes of what doesn't answer: database, redis, sessions."""
        down: list[str] = []
        try:
            with self.engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
        except SQLAlchemyError:
            down.append("database")
        try:
            self.redis.ping()
        except RedisError:
            down.append("redis")
        try:
            self.sessions.user_id("gsync-health-check")
        except SessionStoreError:
            down.append("sessions")
        return down

    def pair_of(self, user_id: int, module: str = CALENDAR) -> int | None:
        """Return the pair that the user's module uses now."""
        return self.pairs.pair_of_user(user_id, module)


def build_parts(settings: Settings, engine: sa.Engine, clock: Callable[[], datetime] | None = None) -> Parts:
    """Return the parts over this engine."""
    return Parts(settings, engine, clock or DatabaseClock(engine))
