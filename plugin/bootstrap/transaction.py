"""One fenced transaction over the CRM's tables and ours: the `UnitOfWork` port on one connection."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

import sqlalchemy as sa
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from plugin.core.errors import RefusedError, StoreError, UnavailableError
from plugin.state import locks
from plugin.state.contents import Contents, contents_columns, contents_from_row
from plugin.state.store import PairState
from plugin.sync.memory_ports import State
from plugin.sync.ports import CrmRecords

# NOT NULL without default, column doesn't fit, bad value; a trigger of some module that objects, a CHECK: the record's fault.
# The drivers give some of them as operational errors.
_RECORD_FAULTS = {1048, 1264, 1265, 1292, 1364, 1366, 1406, 1644, 3819, 4025}
# A row that changed since the transaction began (MariaDB from 11.6 on), a lock that wasn't free in time, a deadlock.
_BUSY = {1020, 1205, 1213}

# What only the administrator can mend, by the server's number; the number alone tells nobody what to do.
_WHO = ": the user or password is refused, check GSYNC_DATABASE_URL (else the CRM's config.inc.php)"
_WHERE = ": it can't be reached, check that it runs and GSYNC_DATABASE_URL (else the CRM's config.inc.php)"
_OURS = ": a table or column is missing; ours come with flask --app wsgi db upgrade"
_RIGHTS = ": its user lacks a right there"
_HINTS: dict[object, str] = {
    **dict.fromkeys((1044, 1045, 1049, 1130, 1698), _WHO),
    **dict.fromkeys((2003, 2005), _WHERE),
    **dict.fromkeys((1054, 1146), _OURS),
    **dict.fromkeys((1142, 1143), _RIGHTS),
}


class SqlUnitOfWork:
    """Opens with the lock's row locked; leaving it without `commit()` rolls back."""

    crm: CrmRecords
    state: State

    def __init__(
        self,
        engine: sa.Engine,
        lock: locks.Lock,
        pair_id: int,
        build_crm: Callable[[sa.Connection], CrmRecords],
        build_state: Callable[[sa.Connection, Contents], PairState],
    ) -> None:
        self._engine, self._lock, self._pair_id = engine, lock, pair_id
        self._build_crm, self._build_state = build_crm, build_state
        self._connection: sa.Connection | None = None

    def __enter__(self) -> SqlUnitOfWork:
        try:
            self._connection = self._engine.connect()
            row = locks.fence(self._connection, self._lock, contents_columns(self._pair_id))
        except SQLAlchemyError as error:
            self._close()
            raise translated(error) from error
        except BaseException:
            self._close()
            raise
        self.crm = self._build_crm(self._connection)
        self.state = self._build_state(self._connection, contents_from_row(row))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        if isinstance(error, SQLAlchemyError):
            raise translated(error) from error

    def commit(self) -> None:
        """Make everything done in it permanent, together."""
        if self._connection is None:
            raise RuntimeError("the unit of work is not open")
        self._connection.commit()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()  # rolls back what wasn't committed
            self._connection = None


def is_table_missing(error: SQLAlchemyError) -> bool:
    """Tell whether the database answers, but a table isn't there: ours, before the first migration."""
    return _number(error) in {1146, 1054}


def _number(error: SQLAlchemyError) -> object:
    return error.orig.args[0] if isinstance(error, DBAPIError) and error.orig and error.orig.args else None


def translated(error: SQLAlchemyError) -> StoreError:
    """Return what a database error means: a record that doesn't fit, or a database that doesn't answer."""
    number = _number(error)
    if isinstance(error, DataError | IntegrityError) or number in _RECORD_FAULTS:
        return RefusedError(
            f"the CRM's database refuses it (error {number})", reason=f"database error {number}"
        )
    if number in _BUSY:
        return DatabaseBusyError(f"database error {number}")
    return DatabaseDownError(f"database error {number}{_HINTS.get(number, '')}")


class DatabaseDownError(UnavailableError):
    """The CRM's database doesn't answer."""

    code = "database"


class DatabaseBusyError(DatabaseDownError):
    """Somebody else wrote at the same time, and the database gave up on us: it has to be done once more."""
