"""A run that only looks: the `Run` port on one transaction that is never committed."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from plugin.bootstrap.execution import open_execution, with_default_limit
from plugin.bootstrap.modules import ModuleParts, parts_of
from plugin.bootstrap.parts import Parts
from plugin.bootstrap.transaction import translated
from plugin.core.model import CrmLimits, Side
from plugin.state.store import PairState
from plugin.sync.memory_ports import Pair
from plugin.sync.module import Module
from plugin.sync.ports import ChangePage, CrmRecords, CrmUser, GoogleRecords, Outcome


class LookedOnlyError(RuntimeError):
    """Something wanted to write, or to ask Google, where only looking is allowed: a fault of ours."""


class _Part:
    """What the run takes for a unit of work: all share one transaction, and commit means nothing."""

    def __init__(self, crm: CrmRecords, state: PairState) -> None:
        self.crm, self.state = crm, state

    def __enter__(self) -> _Part:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def commit(self) -> None:
        """Change nothing: what was written is seen until the transaction is rolled back."""


class ReadOnlyRecords:
    """A collection that refuses to be written to; without one behind it, to be asked as well."""

    def __init__(self, google: GoogleRecords | None = None) -> None:
        self._google = google

    @property
    def max_batch(self) -> int:
        """See the port."""
        return self._asked().max_batch

    @property
    def list_parameters(self) -> str:
        """See the port."""
        return self._asked().list_parameters

    def fetch_changes(self, sync_token: str | None, page_token: str | None) -> ChangePage:
        """See the port."""
        return self._asked().fetch_changes(sync_token, page_token)

    def fetch_records(self, google_ids: Sequence[str]) -> Sequence[Outcome]:
        """See the port."""
        return self._asked().fetch_records(google_ids)

    def write(self, operations: Sequence[Any]) -> Sequence[Outcome]:
        """Refuse."""
        raise LookedOnlyError(f"{len(operations)} writes to Google were refused")

    def _asked(self) -> GoogleRecords:
        if self._google is None:
            raise LookedOnlyError("Google is not asked here")
        return self._google


@dataclass
class Rehearsal:
    """What `plan_run` and a preview are given."""

    parts: Parts
    pair: Pair
    user: CrmUser
    google: ReadOnlyRecords
    module_parts: ModuleParts
    connection: sa.Connection
    install_id: str
    limits: CrmLimits

    @property
    def module(self) -> Module:
        """See the port."""
        return self.module_parts.module

    @property
    def crm_zone(self) -> str:
        """See the port."""
        return self.parts.settings.crm_timezone

    @property
    def batch_size(self) -> int:
        """See the port."""
        return self.parts.settings.batch_size

    @property
    def horizon_days(self) -> int:
        """See the port."""
        return self.parts.settings.horizon_days

    def unit_of_work(self, *, is_memory_only: bool = False) -> _Part:
        """See the port."""
        del is_memory_only
        crm = self.module_parts.crm(self.connection, self.now_utc(), self._refuse_ids)
        return _Part(crm, PairState(self.connection, self.pair, 0, halves=self.module_parts.halves))

    def reserve_crm_ids(self, count: int) -> Sequence[int]:
        """Refuse."""
        return self._refuse_ids("", count)

    def now_utc(self) -> datetime:
        """See the port."""
        return self.parts.clock()

    def new_key(self) -> str:
        """See the port."""
        return secrets.token_hex(16)

    def report(self, phase: str, side: Side | None = None, done: int = 0, total: int = 0) -> None:
        """Tell nobody."""

    def _refuse_ids(self, sequence: str, count: int) -> Sequence[int]:
        raise LookedOnlyError(f"{count} ids of the CRM were refused")


@contextmanager
def open_preview(parts: Parts, pair: Pair, user: CrmUser) -> Iterator[Rehearsal]:
    """Hold the account's lock as a run does, so that none goes on meanwhile, and look at Google as well.

    Raises what `open_execution` raises.
    """
    with (
        open_execution(parts, pair, user) as execution,
        open_rehearsal(parts, pair, user, execution.google) as rehearsal,
    ):
        yield rehearsal


@contextmanager
def open_rehearsal(
    parts: Parts, pair: Pair, user: CrmUser, google: GoogleRecords | None = None
) -> Iterator[Rehearsal]:
    """Look at what is there as of now, and roll back; without a calendar Google isn't asked.

    Raises ForeignInstallError, SchemaError, DatabaseDownError.
    """
    # Our own memory may be looked at in a copy of the database too; Google is asked by the one install only.
    install_id = parts.install.check() if google is not None else ""
    limits, limited = parts.schema.limits, with_default_limit(parts, pair)
    try:
        with parts.engine.connect() as connection:
            yield Rehearsal(
                parts=parts,
                pair=limited,
                user=user,
                google=ReadOnlyRecords(google),
                module_parts=parts_of(parts, limited, user),
                connection=connection,
                install_id=install_id,
                limits=limits,
            )
    except SQLAlchemyError as error:
        raise translated(error) from error
