"""One execution of a run: the pair's lock and its heartbeat, Google's transport, and units of work. The `Run` port."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from plugin.bootstrap.engines import check_engine
from plugin.bootstrap.parts import Parts
from plugin.bootstrap.transaction import SqlUnitOfWork, translated
from plugin.core.errors import LockLostError, MissingClientError
from plugin.core.model import CrmLimits, Direction, Side
from plugin.crm import tables
from plugin.crm.events import MemoryTables, UserEvents
from plugin.crm.records import reserve_ids
from plugin.google import oauth
from plugin.google.calendar import GoogleCalendar
from plugin.google.transport import Transport
from plugin.state import locks, models
from plugin.state.store import PairState
from plugin.state.tokens import AccountTokens
from plugin.sync.memory_ports import Pair
from plugin.sync.ports import CrmUser
from plugin.sync.views import CALENDAR, CONTACTS, Progress

MEMORY = MemoryTables(models.links, models.parked, models.pairs)
# A watching page asks once a second; more often than this nobody sees.
REPORT_EVERY_S = 0.3
_APIS = {CALENDAR: ("calendar", "v3"), CONTACTS: ("people", "v1")}
log = logging.getLogger(__name__)

TellProgress = Callable[[Progress], None]


@dataclass
class Execution:
    """What `run_sync` is given."""

    parts: Parts
    lock: locks.Lock
    run_id: int
    pair: Pair
    user: CrmUser
    calendar: GoogleCalendar
    limits: CrmLimits
    crm_zone: str
    install_id: str
    batch_size: int
    horizon_days: int
    tell: TellProgress
    transport: Transport

    def unit_of_work(self) -> SqlUnitOfWork:
        """See the port."""
        return SqlUnitOfWork(self.parts.engine, self.lock, self._crm, self._state)

    def check_lock(self) -> None:
        """See the port."""
        try:
            locks.check(self.parts.engine, self.lock)
        except SQLAlchemyError as error:
            raise translated(error) from error

    def reserve_crm_ids(self, count: int) -> Sequence[int]:
        """See the port."""
        return self._reserve(tables.ENTITY_SEQUENCE, count)

    def now_utc(self) -> datetime:
        """See the port."""
        return self.parts.clock()

    def new_key(self) -> str:
        """See the port."""
        return secrets.token_hex(16)

    def report(self, phase: str, side: Side | None = None, done: int = 0, total: int = 0) -> None:
        """See the port."""
        del side  # the phase says it already
        self.tell(Progress(phase, done, total))

    def _reserve(self, sequence: str, count: int) -> Sequence[int]:
        try:
            return reserve_ids(self.parts.engine, sequence, count)
        except SQLAlchemyError as error:
            raise translated(error) from error

    def _crm(self, connection: sa.Connection) -> UserEvents:
        return UserEvents(
            connection,
            self.parts.schema,
            MEMORY,
            pair=self.pair,
            user=self.user,
            crm_zone=self.crm_zone,
            now_utc=self.now_utc(),
            reserve=self._reserve,
        )

    def _state(self, connection: sa.Connection) -> PairState:
        return PairState(connection, self.pair, self.run_id)


@contextmanager
def open_execution(
    parts: Parts, pair: Pair, user: CrmUser, run_id: int, tell: TellProgress
) -> Iterator[Execution]:
    """Hold the account's lock while the run goes on, and keep what Google renewed of its tokens.

    Raises LockBusyError, CredentialsRevokedError, MissingClientError, ForeignInstallError, SchemaError.
    """
    check_engine(pair.module)
    install_id = parts.install.check()
    limits = parts.schema.limits
    owner = f"run-{run_id}-{secrets.token_hex(8)}"
    lock = locks.acquire(parts.engine, pair.google_sub, owner, parts.timing.lock_ttl_s, pair.pair_id)
    beat = _Heartbeat(parts.engine, lock)
    try:
        known = parts.tokens.load(pair.account_id)
        transport = open_transport(parts, pair, known)
        try:
            yield Execution(
                parts=parts,
                lock=lock,
                run_id=run_id,
                pair=with_default_limit(parts, pair),
                user=user,
                calendar=_calendar(parts, pair, user, transport),
                limits=limits,
                crm_zone=parts.settings.crm_timezone,
                install_id=install_id,
                batch_size=parts.settings.batch_size,
                horizon_days=parts.settings.horizon_days,
                tell=_throttled(tell),
                transport=transport,
            )
        finally:
            tokens = transport.tokens
            if tokens is not None and tokens.access_token != known.access_token:
                parts.tokens.save_access_token(pair.account_id, tokens.access_token, tokens.expires_utc)
            transport.close()
    finally:
        beat.stop()
        locks.release(parts.engine, lock)


class _Heartbeat:
    """Renews the lock from a thread, so that a slow answer of Google's does not cost it."""

    def __init__(self, engine: sa.Engine, lock: locks.Lock) -> None:
        self._engine, self._lock = engine, lock
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{lock.lock_key}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stopped.wait(self._lock.ttl_s / 3):
            try:
                if not locks.renew(self._engine, self._lock):
                    log.warning("the lock was taken over")
                    return
            except (SQLAlchemyError, LockLostError):
                # Tried again at the next beat; if it stays so, the fence stops the run before it can write.
                log.warning("the lock could not be renewed", exc_info=True)


def open_transport(parts: Parts, pair: Pair, tokens: AccountTokens) -> Transport:
    """Return a transport for the pair's account, for the caller to close. Raises MissingClientError."""
    client = parts.oauth_client()
    if client is None:
        raise MissingClientError("no OAuth client is registered")
    endpoint = parts.settings.google_endpoint
    oauth_client = oauth.OAuthClient(*client, "", oauth.build_endpoints(endpoint))
    credentials = oauth.build_credentials(
        oauth_client, tokens.refresh_token, tokens.access_token, tokens.expires_utc
    )
    build_quota = parts.build_people_quota if pair.module == CONTACTS else parts.build_quota
    quota = build_quota(parts.redis, client[0], pair.google_sub)
    return Transport(credentials, *_APIS[pair.module], endpoint, quota=quota, sleep=parts.sleep)


def _calendar(parts: Parts, pair: Pair, user: CrmUser, transport: Transport) -> GoogleCalendar:
    limit = with_default_limit(parts, pair).sync_from
    midnight = (
        datetime.combine(limit, time_of_day(), ZoneInfo(user.time_zone)).astimezone(UTC) if limit else None
    )
    is_written = Direction(pair.direction) is not Direction.GOOGLE_TO_CRM
    return GoogleCalendar(transport, pair.collection_id, time_min_utc=midnight, is_written=is_written)


def with_default_limit(parts: Parts, pair: Pair) -> Pair:
    """Return the pair with the instance's start limit, if it has none of its own."""
    return pair if pair.sync_from else replace(pair, sync_from=parts.settings.sync_from)


def _throttled(tell: TellProgress) -> TellProgress:
    phase, told_at = "", 0.0

    def told(progress: Progress) -> None:
        nonlocal phase, told_at
        now = time.monotonic()
        if progress.phase != phase or now - told_at >= REPORT_EVERY_S:
            phase, told_at = progress.phase, now
            tell(progress)

    return told
