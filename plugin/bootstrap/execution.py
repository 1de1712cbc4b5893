"""One execution of a run: the pair's lock and its heartbeat, Google's transport, and units of work. The `Run` port."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from plugin.bootstrap.modules import ModuleParts, parts_of
from plugin.bootstrap.parts import Parts
from plugin.bootstrap.transaction import SqlUnitOfWork, translated
from plugin.core.errors import LockLostError, MissingClientError
from plugin.core.model import CrmLimits, Side
from plugin.crm import tables
from plugin.crm.records import reserve_ids
from plugin.google import oauth
from plugin.google.transport import Transport
from plugin.state import locks
from plugin.state.contents import Contents
from plugin.state.run_rows import RunResult
from plugin.state.store import PairState
from plugin.state.tokens import AccountTokens
from plugin.state.turns import end_turn
from plugin.sync.memory_ports import Pair
from plugin.sync.module import Module
from plugin.sync.ports import CrmRecords, CrmUser, GoogleRecords
from plugin.sync.views import CALENDAR, CONTACTS, Progress

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
    google: GoogleRecords
    module_parts: ModuleParts
    limits: CrmLimits
    crm_zone: str
    install_id: str
    batch_size: int
    horizon_days: int
    tell: TellProgress
    transport: Transport
    # Given by whoever carried the run out, once it is done: it is written down as the lock is freed.
    result: RunResult | None = None
    # When the deletions were approved that this run has carried out, all of them.
    used_up_utc: datetime | None = None

    @property
    def module(self) -> Module:
        """See the port."""
        return self.module_parts.module

    def unit_of_work(self, *, is_memory_only: bool = False) -> SqlUnitOfWork:
        """See the port."""
        lock = replace(self.lock, pair_id=None) if is_memory_only else self.lock
        return SqlUnitOfWork(self.parts.engine, lock, self.pair.pair_id, self._crm, self._state)

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

    def _crm(self, connection: sa.Connection) -> CrmRecords:
        return self.module_parts.crm(connection, self.now_utc(), self._reserve)

    def _state(self, connection: sa.Connection, contents: Contents) -> PairState:
        return PairState(connection, self.pair, self.run_id, contents, self.module_parts.halves)


@dataclass(frozen=True, slots=True)
class Footing:
    """What an execution stands on, read from our tables and the CRM's."""

    pair: Pair
    user: CrmUser
    install_id: str
    tokens: AccountTokens
    client: tuple[str, str] | None


@contextmanager
def open_execution(parts: Parts, pair: Pair, user: CrmUser) -> Iterator[Execution]:
    """Hold the account's lock for something that is no run of its own.

    Raises LockBusyError, CredentialsRevokedError, MissingClientError, ForeignInstallError, SchemaError.
    """
    install_id = parts.install.check()
    owner = f"preview-{secrets.token_hex(8)}"
    lock = locks.acquire(parts.engine, pair.google_sub, owner, parts.timing.lock_ttl_s, pair.pair_id)

    def footing() -> Footing:
        client = parts.oauth_client()
        return Footing(pair, user, install_id, parts.tokens.load(pair.account_id), client)

    with execute(parts, lock, footing, lambda progress: None) as execution:
        yield execution


@contextmanager
def execute(
    parts: Parts,
    lock: locks.Lock,
    footing: Callable[[], Footing],
    tell: TellProgress,
    run_id: int = 0,
    attempt: int = 0,
) -> Iterator[Execution]:
    """Keep the lock alive while somebody works under it, keep what Google renewed of its tokens, and free the lock."""
    beat = _Heartbeat(parts.engine, lock)
    ended: Execution | None = None
    try:
        stands_on = footing()
        pair = with_default_limit(parts, stands_on.pair)
        module_parts = parts_of(parts, pair, stands_on.user)
        transport = open_transport(parts, pair, stands_on.tokens, stands_on.client)
        try:
            execution = Execution(
                parts=parts,
                lock=lock,
                run_id=run_id,
                pair=pair,
                user=stands_on.user,
                google=module_parts.google(transport, partial(_check_lock, parts.engine, lock)),
                module_parts=module_parts,
                limits=parts.schema.limits,
                crm_zone=parts.settings.crm_timezone,
                install_id=stands_on.install_id,
                batch_size=parts.settings.batch_size,
                horizon_days=parts.settings.horizon_days,
                tell=_throttled(tell),
                transport=transport,
            )
            yield execution
            ended = execution
        finally:
            keep_renewed(parts, pair, stands_on.tokens, transport)
            transport.close()
    finally:
        beat.stop()
        if ended is None or ended.result is None:
            locks.release(parts.engine, lock)
        else:
            _end(ended, ended.result, attempt)


def _check_lock(engine: sa.Engine, lock: locks.Lock) -> None:
    try:
        locks.check(engine, lock)
    except SQLAlchemyError as error:
        raise translated(error) from error


def _end(done: Execution, result: RunResult, attempt: int) -> None:
    parts, run_id, now_utc = done.parts, done.run_id, done.parts.clock()
    if not end_turn(parts.engine, done.lock, run_id, attempt, result, now_utc, done.used_up_utc):
        # Taken over after the last transaction: all is done, only the lock isn't ours to free any more.
        locks.release(parts.engine, done.lock)
        parts.pairs.mark_synced(done.pair.pair_id, now_utc, done.used_up_utc)
        parts.run_store.finish(run_id, result, now_utc, attempt)


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


def open_transport(
    parts: Parts,
    pair: Pair,
    tokens: AccountTokens,
    client: tuple[str, str] | None = None,
) -> Transport:
    """Return a transport for the pair's account, for the caller to close. Raises MissingClientError."""
    client = client or parts.oauth_client()
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


def keep_renewed(parts: Parts, pair: Pair, known: AccountTokens, transport: Transport) -> None:
    """Store the tokens that the transport has renewed, if it did."""
    tokens = transport.tokens
    if tokens is not None and tokens.access_token != known.access_token:
        renewed = AccountTokens(tokens.refresh_token, tokens.access_token, tokens.expires_utc)
        parts.tokens.save_renewed(pair, renewed)


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
